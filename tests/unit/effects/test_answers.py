"""One question from the plan to corrected p values: outcomes of other visits, gates, an explicit secondary analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.effects.outcomes.families import family_rows
from compassion_trials.fit.analyses import jobs
from compassion_trials.fit.stage import run as fit
from compassion_trials.trial.trial import read_trial


def adjusted(folder: Path, early: list[str], analysis: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Rows of the families of a trial, those of its models, and what was found wanting."""
    named = {key: made_trial.TOTAL | {"name": key} for key in ("anx", "pss", "aaq")}
    named["anx"] |= {"visits": early}
    measures = {"dep": made_trial.TOTAL | {"name": "Depression", "role": "primary"}, **named}
    context = made_trial.trial(folder, measures=measures, analysis=analysis)
    fit(context)
    models, trial = read_table(context.results.models), read_trial(context)
    rows, findings = family_rows(trial, models, jobs(context))
    table = pd.DataFrame(rows)
    return table[table["analysis"] == "families"], models, [finding.code for finding in findings]


def p_of(models: pd.DataFrame, outcome: str, visit: str) -> float:
    """Raw p of the comparison of an outcome at a visit."""
    keys = {"outcome": outcome, "visit": visit, "term": "difference: act - waitlist", "statistic": "p"}
    found = models[
        (models[list(keys)] == pd.Series(keys)).all(axis=1) & models["analysis"].isin(["primary", "secondary"])
    ]
    return float(found["value"].item())


def of(families: pd.DataFrame, outcome: str) -> tuple[str, float]:
    """Visit and adjusted p of an outcome."""
    row = families[(families["outcome"] == outcome) & (families["statistic"] == "p_adjusted")].squeeze()
    return str(row["visit"]), float(row["value"])


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """A family with an outcome that was not planned at the visit of the primary comparison, and one behind it."""
    analysis = {
        "primary": {"contrast": {"visit": "fu", "between": ["act", "waitlist"]}, "covariance": "cs"},
        "families": {
            "mood": {"outcomes": ["pss.total", "anx.total"]},
            "flex": {"outcomes": ["aaq.total"], "after": "mood"},
        },
    }
    return adjusted(tmp_path_factory.mktemp("gate"), ["pre", "post"], analysis)


def test_an_outcome_of_an_earlier_visit_is_tested_there(gate):
    families, models, findings = gate
    assert findings == []
    early, late = p_of(models, "anx.total", "post"), p_of(models, "pss.total", "fu")
    small, large = sorted((early, late))
    expected = {small: min(2 * small, 1), large: max(2 * small, large)}
    assert of(families, "anx.total") == ("post", expected[early])
    assert of(families, "pss.total") == ("fu", expected[late])


def test_a_gate_is_not_closed_by_the_visit_of_one_outcome(gate):
    families, models, _ = gate
    mood = max(of(families, key)[1] for key in ("anx.total", "pss.total"))
    assert of(families, "aaq.total") == ("fu", max(mood, p_of(models, "aaq.total", "fu")))


def test_a_family_of_outcomes_of_an_earlier_visit_does_not_vanish(tmp_path):
    analysis = {"primary": {"covariance": "cs"}, "families": {"f": {"outcomes": ["anx.total"]}}}
    families, models, findings = adjusted(tmp_path, ["pre", "post"], analysis)
    assert findings == []
    assert of(families, "anx.total") == ("post", p_of(models, "anx.total", "post"))


def test_naming_the_model_of_the_secondary_analysis_does_not_move_its_visit(tmp_path):
    analysis = {
        "primary": {"contrast": {"visit": "post"}, "covariance": "cs"},
        "secondary": {"model": "clda", "covariance": "cs"},
        "families": {"f": {"outcomes": ["anx.total", "pss.total"], "after": "primary"}},
    }
    families, models, _ = adjusted(tmp_path, ["pre", "post", "fu"], analysis)
    assert set(families["visit"]) == {"post"}
    raw = sorted(p_of(models, key, "post") for key in ("anx.total", "pss.total"))
    holm = {raw[0]: min(2 * raw[0], 1), raw[1]: max(2 * raw[0], raw[1])}
    gate = p_of(models, "dep.total", "post")
    for key in ("anx.total", "pss.total"):
        assert of(families, key)[1] == max(gate, holm[p_of(models, key, "post")])
