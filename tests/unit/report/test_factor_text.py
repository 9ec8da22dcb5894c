"""Sentences on factor structure and invariance: what they conclude for means, and why nothing was done."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit import made_trial

from compassion_trials.core.columns import results_table
from compassion_trials.core.results import Results
from compassion_trials.core.rows import rows, word
from compassion_trials.instruments.library import load_instruments
from compassion_trials.report.model import Paragraph, words
from compassion_trials.report.sections.factor_text import factor_section
from compassion_trials.report.source import Source
from compassion_trials.study.context import Context
from compassion_trials.study.layout import Study
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.text import AuthorText
from compassion_trials.tables.builders.outcomes import factors, invariance
from compassion_trials.tables.material import Material
from compassion_trials.tables.text import plain

FIT = {"chi2": 410.2, "df": 299, "p": 0.0004, "cfi": 0.951, "tli": 0.947, "rmsea": 0.041, "srmr": 0.05}
KEYS = {"study": "made", "outcome": "scs.total", "convergence": "converged", "n": 240}


def said(found: list[dict[str, object]]) -> str:
    """Paragraphs of the section as plain text."""
    measures = {"scs": {"instrument": "scs", "role": "primary"}}
    plan = made_trial.plan(measures=measures, data={"items": "{instrument}_{visit}_{item}"}, analysis={"factors": {}})
    instruments = load_instruments(None)
    known = outcomes(plan, instruments)
    context = Context(Study("made", Path(), Path("study.yaml")), plan, instruments, known)
    material = Material(plan=plan, outcomes=known, results=Results(results_table(found)))
    tables = (*factors.build(material), *invariance.build(material))
    section = factor_section(Source(context, material, tables, (), AuthorText()))
    numbers = {("table", table.name): i + 1 for i, table in enumerate(tables)}
    return " ".join(words(block.content, numbers) for block in section.blocks if isinstance(block, Paragraph))


def structure() -> list[dict[str, object]]:
    """One factor, and a bifactor model with omega."""
    keys = KEYS | {"analysis": "factors", "visit": "pre"}
    omega = {"omega": 0.95, "omega_lower": 0.93, "omega_upper": 0.96, "omega_h": 0.86, "omega_h_lower": 0.83}
    found = rows(keys | {"model": "one"}, FIT)
    found += rows(keys | {"model": "bifactor"}, FIT | {"cfi": 0.99} | omega | {"omega_h_upper": 0.88})
    for model, levels in (("one", ("total",)), ("bifactor", ("total", "isolation", "mindfulness"))):
        for level in levels:
            found += rows(keys | {"model": model, "term": "item 1", "level": level}, {"loading": 0.6})
    return found


def levels(changes: dict[str, tuple[float, float]]) -> list[dict[str, object]]:
    """Invariance over visits with these changes of CFI and p."""
    keys = KEYS | {"analysis": "invariance", "visit": "fu", "term": "visits", "model": "subscales"}
    found = rows(keys | {"level": "configural"}, FIT)
    for level, (change, p) in changes.items():
        more = {"difference": 12.3, "difference_df": 9, "difference_p": p, "cfi_change": change}
        found += rows(keys | {"level": level}, FIT | more)
    return found


HELD = {"thresholds": (0.0, 0.4), "loadings": (-0.002, 0.3), "intercepts": (-0.001, 0.2)}


def test_structure():
    text = said(structure())
    assert "CFI was .951 for one factor and .990 for the bifactor model." in text
    assert "omega total was .95" in text
    assert "omega hierarchical .86" in text


def test_all_levels_hold():
    text = said(levels(HELD))
    assert "equal loadings changed CFI by −.002" in text
    assert "means of the scale can be compared over visits." in text


@pytest.mark.parametrize(
    ("level", "consequence"),
    [
        ("thresholds", "how answers are chosen"),
        ("loadings", "not on one scale"),
        ("intercepts", "not only a difference"),
    ],
)
def test_the_first_level_that_fails_says_what_it_means(level, consequence):
    text = said(levels(HELD | {level: (-0.02, 0.001)}))
    assert f"Equal {level} are not tenable" in text
    assert consequence in text
    assert "can be compared" not in text


def test_a_test_that_disagrees_is_told():
    text = said(levels(HELD | {"intercepts": (-0.004, 0.001)}))
    assert "can be compared over visits; the tests" in text
    assert "reject equal intercepts" in text


def test_too_few_people():
    keys = KEYS | {"visit": "pre", "n": 73}
    why = "73 people answered every item, and 200 are needed"
    text = said([
        word(keys | {"analysis": "factors"}, "not_done", why),
        word(keys | {"analysis": "invariance", "term": "visits", "visit": "fu"}, "not_done", why),
    ])  # fmt: skip
    assert f"were not fitted: {why}; alpha and omega total of one factor" in text
    assert f"over visits was not examined: {why}." in text


def test_a_model_that_did_not_come_out_well_is_marked():
    found = structure()
    for row in found:
        if row["model"] == "bifactor":
            row["convergence"] = "improper: a unique variance or a correlation of factors is out of range"
    material_notes = said(found)
    assert material_notes
    table = factors.build(_material(found))[0]
    assert plain(table.notes.specific[0][1]).startswith("Improper: a unique variance")


def _material(found: list[dict[str, object]]) -> Material:
    """Results alone, of a made plan."""
    plan = made_trial.plan(
        measures={"scs": {"instrument": "scs", "role": "primary"}}, data={"items": "{instrument}_{visit}_{item}"}
    )
    known = outcomes(plan, load_instruments(None))
    return Material(plan=plan, outcomes=known, results=Results(results_table(found)))
