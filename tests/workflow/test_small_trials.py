"""Trials with a corner that once gave a wrong number or word: from raw file to results, each made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from compassion_trials.cli import main

STAGES = ("ingest", "score", "describe", "fit", "effects")
VISITS = ("pre", "post", "fu")
IMPUTED = {"imputations": 10}

Run = Callable[[pd.DataFrame, dict[str, Any]], pd.DataFrame]


@pytest.fixture
def analysed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a trial to its results in a folder of its own."""

    def run(data: pd.DataFrame, plan: dict[str, Any]) -> pd.DataFrame:
        folder = tmp_path / "config" / "studies" / "small"
        raw = tmp_path / "data" / "small" / "raw"
        folder.mkdir(parents=True)
        raw.mkdir(parents=True)
        data.to_csv(raw / "people.csv", index=False)
        (folder / "study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        assert [main([stage, "small"]) for stage in STAGES] == [0] * len(STAGES)
        return pd.read_csv(tmp_path / "results/small/effects/results.csv", keep_default_na=False)

    return run


def people(n: int, seed: int = 4, *outcomes: str) -> pd.DataFrame:
    """`n` people of two arms with totals at three visits."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"id": [f"P{i:02}" for i in range(n)], "arm": np.where(np.arange(n) % 2, "wait", "act")})
    for name in outcomes or ("dep",):
        level = rng.normal(30, 6, n)
        for t, visit in enumerate(VISITS):
            table[f"{name}_{visit}"] = np.round(level + rng.normal(0, 4, n) - 2 * t * (table["arm"] == "act"))
    return table


def plan(*outcomes: str, **parts: Any) -> dict[str, Any]:
    """A plan for `people`."""
    return {
        "title": "Small",
        "design": {
            "type": "randomized",
            "arms": {"act": "ACT", "wait": "Wait-list"},
            "control": "wait",
            "visits": {"pre": 0, "post": 8, "fu": 20},
            **parts.pop("design", {}),
        },
        "data": [{"file": "people.csv", "id": "id", "arm": "arm", **parts.pop("data", {})}],
        "measures": {
            name: {"total": f"{name}_{{visit}}", "name": name.title(), "range": [0, 63], "better": "lower"}
            | ({"role": "primary"} if k == 0 else {})
            | parts.get("measure", {}).get(name, {})
            for k, name in enumerate(outcomes or ("dep",))
        },
        **{key: value for key, value in parts.items() if key != "measure"},
    }


def numbers(rows: pd.DataFrame, **keys: str) -> dict[str, float]:
    """Statistics of the rows with these keys."""
    for key, value in keys.items():
        rows = rows[rows[key] == value]
    return {str(s): float(v) for s, v in zip(rows["statistic"], rows["value"], strict=True) if str(v)}


def test_an_outcome_at_one_visit_is_analysed_with_its_groups(analysed: Run) -> None:
    data = people(48, 4, "dep", "pain")
    data["course"] = np.where(data["arm"] == "act", "G" + (np.arange(48) // 2 % 6).astype("str").astype("object"), "")
    data = data.drop(columns=["pain_pre", "pain_post"])
    visits = {"pain": {"visits": ["fu"]}}
    rows = analysed(
        data,
        plan(
            "dep",
            "pain",
            design={"clusters": {"course": {"arms": ["act"], "label": "Course"}}},
            data={"clusters": {"course": "course"}},
            measure=visits,
        ),
    )
    found = numbers(rows, analysis="secondary", outcome="pain.total", term="difference: act - wait")
    assert found["df"] <= 6 - 1  # six courses; people taken as independent would have 46


def test_an_outcome_without_an_estimate_counts_in_its_family(analysed: Run) -> None:
    data = people(40, 5, "dep", "anx", "joy")
    data["joy_fu"] = np.where(data["arm"] == "act", np.nan, data["joy_fu"])
    data["joy_post"] = np.nan
    families = {"all": {"outcomes": ["dep.total", "anx.total", "joy.total"], "correction": "bonferroni"}}
    rows = analysed(data, plan("dep", "anx", "joy", analysis={"families": families}))
    term = "difference: act - wait"
    for outcome, analysis in (("dep.total", "primary"), ("anx.total", "secondary")):
        found = numbers(rows, outcome=outcome, analysis=analysis, term=term, visit="fu")
        assert found["p_adjusted"] == pytest.approx(min(1.0, 3 * found["p"]), rel=1e-9)


def test_a_shift_of_nothing_is_zero(analysed: Run) -> None:
    data = people(40, 6)
    data.loc[data.index % 5 == 0, "dep_fu"] = np.nan
    rows = analysed(data, plan(analysis={"sensitivity": [{"tipping_point": IMPUTED}]}))
    delta = rows.loc[rows["statistic"] == "delta", "value"].astype(float).abs()
    assert len(delta)
    assert not ((delta > 0) & (delta < 1e-9)).any()
    assert not rows["level"].str.contains("e-1").any()


def test_a_visit_that_nobody_saw_stops_no_other(analysed: Run) -> None:
    data = people(40, 7).assign(dep_fu=np.nan)
    data.loc[data.index % 6 == 0, "dep_post"] = np.nan
    sensitivity = [{"multiple_imputation": IMPUTED}, {"jump_to_reference": IMPUTED}, "completers"]
    primary = {"contrast": {"visit": "post", "between": ["act", "wait"]}}
    rows = analysed(data, plan(analysis={"primary": primary, "sensitivity": sensitivity}))
    mine = rows[(rows["analysis"] == "sensitivity") & (rows["statistic"] == "estimate")]
    assert set(mine["visit"]) == {"post"}
    assert set(mine["model"]) >= {"multiple_imputation", "jump_to_reference", "completers"}


def test_a_handful_of_people_gives_what_it_can(analysed: Run) -> None:
    data = people(8, 8)
    data.loc[[0, 1, 3], "dep_fu"] = np.nan
    rows = analysed(data, plan(analysis={"sensitivity": [{"jump_to_reference": IMPUTED}]}))
    values = pd.to_numeric(rows["value"], errors="coerce")
    assert not np.isinf(values).any()
    p = rows[(rows["statistic"] == "p") & (rows["value"] != "")]["value"].astype(float)
    assert p.between(0, 1).all()
    assert numbers(rows, analysis="primary", term="difference: act - wait", visit="fu")["se"] > 0
