"""What sentences and checklists say of what ran: limits that ignore groups, names of visits, analyses that failed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.report.small_study import plan

from compassion_trials.core.columns import results_table
from compassion_trials.core.numbers import NBSP
from compassion_trials.core.results import Results
from compassion_trials.report.checklists.checklist import ReportContents, answer, library
from compassion_trials.report.cite import cited
from compassion_trials.report.sections.contrasts import find, statistics
from compassion_trials.study.plan.design import Design
from compassion_trials.study.text import AuthorText
from compassion_trials.tables.text import Run


def said(df_method: str, size: str) -> str:
    """The sentence of one change with an effect size."""
    keys = {"study": "s", "analysis": "primary", "outcome": "scs.total", "term": "change", "arm": "act", "visit": "fu"}
    numbers = {"estimate": 0.5, "lower": 0.1, "upper": 0.9, "t": 4.0, "df": 3.0, "p": 0.03}
    rows = [keys | {"statistic": name, "value": value, "df_method": df_method} for name, value in numbers.items()]
    sizes = {size: 0.84, f"{size}_lower": 0.39, f"{size}_upper": 1.27}
    rows += [keys | {"statistic": name, "value": value} for name, value in sizes.items()]
    found = find(Results(results_table(rows)), "primary", "scs.total", "change", "fu", "act")
    assert found is not None
    return "".join(run.text for run in statistics(found, cited("95%")) if isinstance(run, Run) or hasattr(run, "text"))


@pytest.mark.parametrize(
    ("df_method", "size", "limits"),
    [("Bell-McCaffrey", "d_av", False), ("n - 1", "d_av", True), ("Bell-McCaffrey", "model_g", True)],
)
def test_limits_that_take_people_as_independent_stand_in_no_sentence_of_a_clustered_trial(df_method, size, limits):
    text = said(df_method, size)
    assert "0.84" in text
    assert ("0.39" in text) == limits
    assert f"95%{NBSP}CI" in text


def test_visits_after_at_are_nouns():
    visits = {"pre": 0, "post": {"week": 8, "label": "2-month follow-up"}, "fu": {"week": 20, "label": "After"}}
    design = Design.model_validate({"type": "single_arm", "arms": {"a": "A"}, "visits": visits})
    assert design.visit_at("post") == "2-month follow-up"
    assert design.visit_at("fu") == "the assessment After"
    assert design.visit_at("pre", "fu") == "the assessments pre and After"


def test_an_analysis_that_was_planned_and_gave_nothing_fills_no_item():
    """A further analysis without a number is missing; with one the item is filled."""
    planned = plan()
    analysis = planned.analysis.model_copy(update={"additional": {"anc": planned.analysis.primary}})
    base = ReportContents(planned.model_copy(update={"analysis": analysis}), AuthorText(), frozenset(), {}, {})
    (checklist,) = [found for name, found in library().items() if name == "consort2025"]

    def status(contents: ReportContents) -> str:
        return next(found.status for found in answer(checklist, contents) if found.item.id == "C25-28")

    assert status(base) == "missing"
    assert status(replace(base, analyses=frozenset({"further"}))) == "filled"
