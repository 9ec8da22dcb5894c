"""A new questionnaire and a new trial need YAML only: no line of Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compassion_trials.cli import main

QUESTIONNAIRE = """
id: kindness10
short: KS-10
name: Kindness Scale
citation: Author, A. (2020). The Kindness Scale. Journal, 1, 1-10.
items: 10
response: {min: 1, max: 5, anchors: 1 never ... 5 always}
scales:
  give: {label: Giving, items: [1, 2, 3, 4, 5], method: mean, range: [1, 5], better: higher}
  receive: {label: Receiving, items: [6, 7, 8, 9, 10], reverse: [7, 9], method: mean, range: [1, 5], better: higher}
  total: {label: Kindness, of: [give, receive], method: mean, range: [1, 5], better: higher}
"""

PLAN = """
title: A kindness course against wait-list
design:
  type: randomized
  arms: {course: Kindness course, waitlist: Wait-list}
  control: waitlist
  visits: {pre: 0, post: 8}
data:
  - file: survey.csv
    id: id
    arm: {column: group, values: {1: course, 2: waitlist}}
    items: "{instrument}_{visit}_{item}"
    baseline: {age: Age}
measures:
  ks: {instrument: kindness10, role: primary}
analysis:
  additional: {ancova_post: {model: ancova, visits: [post]}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with one questionnaire, one plan and one raw file, run to its report."""
    root = tmp_path_factory.mktemp("project")
    for name, text in {
        "config/instruments/kindness10.yaml": QUESTIONNAIRE,
        "config/studies/kindness/study.yaml": PLAN,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    raw = root / "data" / "kindness" / "raw"
    raw.mkdir(parents=True)
    answers().to_csv(raw / "survey.csv", index=False)
    assert main(["run", str(root / "config" / "studies" / "kindness" / "study.yaml")]) == 0
    return root


def answers() -> pd.DataFrame:
    """Forty people, two visits, ten items."""
    rng = np.random.default_rng(5)
    person = rng.normal(0, 0.8, size=(40, 1, 1)) + np.array([0.0, 0.3])[None, :, None]
    raw = np.clip(np.rint(3 + person + rng.normal(0, 0.8, size=(40, 2, 10))), 1, 5)
    raw[:, :, [6, 8]] = 6 - raw[:, :, [6, 8]]
    columns = [f"ks_{visit}_{item}" for visit in ("pre", "post") for item in range(1, 11)]
    frame = pd.DataFrame(raw.reshape(40, 20).astype(int), columns=columns)
    frame.insert(0, "id", range(1, 41))
    frame.insert(1, "group", [1 + i % 2 for i in range(40)])
    frame.insert(2, "Age", rng.integers(20, 60, 40))
    return frame


def test_the_scores_follow_the_new_key(project: Path) -> None:
    scores = pd.read_parquet(project / "results" / "kindness" / "data" / "scores.parquet")
    raw = answers()
    give = raw[[f"ks_post_{i}" for i in range(1, 6)]].mean(axis=1)
    receive = raw[[f"ks_post_{i}" for i in (6, 8, 10)]].sum(axis=1) + (6 - raw[["ks_post_7", "ks_post_9"]]).sum(axis=1)
    expected = (give + receive / 5) / 2
    mine = scores[(scores["scale"] == "total") & (scores["visit"] == "post")].set_index("participant")["score"]
    np.testing.assert_allclose(mine.loc[[str(i) for i in raw["id"]]].to_numpy(), expected.to_numpy(), rtol=1e-12)


def test_the_report_is_there_in_three_formats(project: Path) -> None:
    folder = project / "results" / "kindness" / "report"
    for name in ("report.html", "report.docx", "report.pdf"):
        assert (folder / name).stat().st_size > 10_000
    assert "Kindness (KS-10 total)" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_primary_result_is_in_the_results_table(project: Path) -> None:
    results = pd.read_parquet(project / "results" / "kindness" / "effects" / "results.parquet")
    row = results[(results["analysis"] == "primary") & (results["term"] == "difference: course - waitlist")]
    assert {"estimate", "se", "df", "p", "lower", "upper"} <= set(row.loc[row["visit"] == "post", "statistic"])
