"""A sentence that prints a p says its visit where the plan has more than one after the baseline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.report.small_study import make, plan, rows

from compassion_trials.core.columns import results_table
from compassion_trials.core.results import Results
from compassion_trials.report.model import words as plain
from compassion_trials.report.sections.change_text import family_text, responder_text
from compassion_trials.report.sections.mechanism_text import mechanism_sections
from compassion_trials.report.sections.results_text import joint_sentence
from compassion_trials.report.source import Source
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.text import AuthorText
from compassion_trials.tables.material import gather
from compassion_trials.tables.spec import TableSpec

FAMILY = {"families": {"distress": {"outcomes": ["scs.total", "bdi.total"]}}}
TERM = "difference: act - wait"


def changed(analysis: dict[str, Any], visits: tuple[str, ...] = ("pre", "post", "fu")) -> StudyPlan:
    """The small plan with parts of its analysis replaced."""
    content = plan().model_dump()
    content["analysis"] |= analysis
    content["design"]["visits"] = {key: content["design"]["visits"][key] for key in visits}
    return StudyPlan.model_validate(content)


def source(folder: Path, study_plan: StudyPlan, more: list[dict[str, object]]) -> Source:
    """A report's source with more rows of results."""
    context = make(folder, study_plan)
    table = results_table([*rows(plan()), *more])
    shown = TableSpec("moderation", (), (), (), category="moderation")
    return Source(context, replace(gather(context), results=Results(table)), (shown,), (), AuthorText())


def family(**visits: str) -> list[dict[str, object]]:
    """Adjusted p of outcomes at visits."""
    keys = {"study": "small", "analysis": "families", "level": "distress", "term": TERM, "statistic": "p_adjusted"}
    return [{**keys, "outcome": f"{key}.total", "visit": visit, "value": 0.02} for key, visit in visits.items()]


def said(content: object) -> str:
    return plain(content, {("table", "moderation"): 1}).replace("\u00a0", " ")  # type: ignore[arg-type]


def test_a_family_of_one_visit_names_it_once(tmp_path):
    text = said(family_text(source(tmp_path, changed(FAMILY), family(scs="fu", bdi="fu"))))
    assert "the p values at 1-month follow-up were: SCS, p = .020; BDI, p = .020." in text


def test_a_family_of_several_visits_names_that_of_each_outcome(tmp_path):
    text = said(family_text(source(tmp_path, changed(FAMILY), family(scs="fu", bdi="post"))))
    assert "the p values were: SCS at 1-month follow-up, p = .020; BDI at Post-treatment, p = .020." in text


def test_where_there_is_one_visit_nothing_is_added(tmp_path):
    text = said(family_text(source(tmp_path, changed(FAMILY, ("pre", "fu")), family(scs="fu", bdi="fu"))))
    assert "the p values were: SCS, p = .020; BDI, p = .020." in text


@pytest.mark.parametrize(
    ("visits", "shown"), [(("post", "fu"), " (Post-treatment and 1-month follow-up)"), (("fu",), "")]
)
def test_the_joint_test_names_its_visits(tmp_path, visits, shown):
    keys = {"study": "small", "analysis": "primary", "outcome": "scs.total", "model": "clda", "population": "all"}
    joint = {"F": 3.2, "df_num": 2.0, "df_den": 38.0, "p": 0.05}
    more = [{**keys, "term": "joint: arm:visit", "statistic": name, "value": value} for name, value in joint.items()]
    more += [{**keys, "term": TERM, "visit": v, "statistic": "p", "value": 0.1} for v in visits if v != "fu"]
    made = source(tmp_path, plan(), more)
    text = said(joint_sentence(made.words, made.context.outcomes["scs.total"], "primary"))
    assert text.startswith(f"The joint test of all arm-by-visit differences{shown} was F(2, 38) = 3.20")


@pytest.mark.parametrize(
    ("visits", "shown"),
    [
        (("fu", "fu"), ("arm by moderator at 1-month follow-up: ", "on SCS, F")),
        (("fu", "post"), ("arm by moderator: ", "on SCS at 1-month follow-up, F", "on BDI at Post-treatment, F")),
    ],
)
def test_tests_of_moderators_name_their_visits(tmp_path, visits, shown):
    keys = {"study": "small", "analysis": "moderation", "model": "age", "term": "interaction", "prespecified": "yes"}
    test = {"F": 0.63, "df_num": 1.0, "df_den": 58.0, "p": 0.43}
    more = [
        {**keys, "outcome": f"{key}.total", "visit": visit, "statistic": name, "value": value}
        for key, visit in zip(("scs", "bdi"), visits, strict=True)
        for name, value in test.items()
    ]
    parts = mechanism_sections(source(tmp_path, plan(), more))[2].blocks
    text = said(parts[0].content)
    assert all(words in text for words in shown)


def test_responders_are_those_of_the_visit_that_has_a_rule(tmp_path):
    """The answer is at follow-up; the plan judges change after treatment only."""
    keys = {"study": "small", "analysis": "change", "outcome": "scs.total", "term": "responders", "visit": "post"}
    more = [
        {**keys, "arm": arm, "statistic": name, "value": value, "n": 19.0}
        for arm in ("act", "wait")
        for name, value in (("n", 9.0), ("percent", 47.4))
    ]
    text = said(responder_text(source(tmp_path, plan(), more)))
    assert text.startswith("At Post-treatment, responders in Self-Compassion Scale were 9 of 19")
