"""Garnæs et al. 2019 (doi:10.1136/bmjopen-2018-028252): the paper's ANCOVAs to the printed digits; items as ticked."""

from __future__ import annotations

import pandas as pd
import pytest

TENTH = 0.0500001
"""A number printed with one decimal is within half a unit of it."""

HUNDREDTH = 0.0050001
"""A number printed with two decimals is within half a unit of its second decimal."""


@pytest.fixture(scope="module")
def garnaes(analysed):
    return analysed("garnaes_pgwbi")


def test_baseline_as_printed(garnaes):
    here = garnaes.scores.query("measure == 'pgwbi_stored' and visit == 'pre'")["score"].dropna()
    assert len(here) == 82
    assert here.mean() == pytest.approx(76.4, abs=TENTH)
    assert here.std() == pytest.approx(12.6, abs=TENTH)


@pytest.mark.parametrize(
    ("analysis", "visit", "printed", "p", "n"),
    [
        ("paper_post", "post", {"exercise": (76.6, 72.2, 81.0), "control": (74.0, 69.4, 78.5)}, 0.42, 54),
        ("paper_postpartum", "pp", {"exercise": (85.4, 81.9, 88.8), "control": (84.6, 80.8, 88.4)}, 0.77, 47),
    ],
)
def test_adjusted_means_as_printed(garnaes, analysis, visit, printed, p, n):
    keys = {"analysis": analysis, "model": "ancova", "outcome": "pgwbi_stored.total", "visit": visit}
    for arm, numbers in printed.items():
        for statistic, number in zip(("estimate", "lower", "upper"), numbers, strict=True):
            found = garnaes.number(**keys, term="mean", arm=arm, statistic=statistic)
            assert found == pytest.approx(number, abs=TENTH), (arm, statistic)
    contrast = keys | {"term": "difference: exercise - control"}
    assert garnaes.number(**contrast, statistic="p") == pytest.approx(p, abs=HUNDREDTH)
    assert garnaes.number(**contrast, statistic="df") == n - (3 if visit == "post" else 4)


def test_epds_t_test_as_printed(garnaes):
    keys = {"analysis": "paper_epds", "model": "ancova", "outcome": "epds_stored.total", "visit": "pp"}
    assert garnaes.number(**keys, term="mean", arm="exercise", statistic="estimate") == pytest.approx(
        2.96, abs=HUNDREDTH
    )
    assert garnaes.number(**keys, term="mean", arm="control", statistic="estimate") == pytest.approx(
        3.48, abs=HUNDREDTH
    )
    contrast = keys | {"term": "difference: exercise - control"}
    assert garnaes.number(**contrast, statistic="p") == pytest.approx(0.55, abs=HUNDREDTH)
    assert garnaes.number(**contrast, statistic="df") == 55


def test_totals_from_items_as_ticked_against_the_stored_ones(garnaes):
    """Equal but for the rows in which the file's stored item score is not the recode of its stored answer."""
    both = garnaes.scores.merge(garnaes.stored, on=["participant", "visit", "measure", "scale"])
    whole = both[(both["scale"] == "total") & (both["n_missing"] == 0)].dropna(subset=["value"])
    pgwbi = whole[whole["measure"] == "pgwbi"]
    assert pgwbi.groupby("visit").size().to_dict() == {"pre": 82, "post": 59, "pp": 57}
    differing = pgwbi[(pgwbi["score"] - pgwbi["value"]).abs() > 1e-9]
    assert differing.groupby("visit").size().to_dict() == {"pre": 10, "post": 4, "pp": 1}
    assert (differing["score"] - differing["value"]).abs().max() == 2
    found = garnaes.findings("score")
    named = found[found["code"] == "stored_total_differs"]
    assert set(named.loc[named["column"] == "pgwbi.total", "value"]) == {"10 at pre", "4 at post", "1 at pp"}
    assert set(named.loc[named["column"] == "epds.total", "value"]) == {"2 at pp"}


def test_norwegian_names_and_labels_survive(garnaes):
    pre = garnaes.responses[(garnaes.responses["measure"] == "pgwbi") & (garnaes.responses["visit"] == "pre")]
    assert pre["item"].nunique() == 22
    answers = pd.to_numeric(pre["value"]).dropna()
    assert answers.between(1, 6).all()


def test_all_participants_have_an_arm(garnaes):
    assert garnaes.participants["arm"].value_counts().to_dict() == {"exercise": 46, "control": 45}
