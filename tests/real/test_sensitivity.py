"""Sensitivity and moderation on two more real trials: LOCF as the paper's file holds it, moderation by drug."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

EXACT = 1e-9


def test_strom_locf_equals_regression_on_the_totals_the_paper_carried_forward(analysed):
    trial = analysed("strom2013")
    scores = trial.scores[trial.scores["measure"] == "bdi_locf"]
    wide = scores.pivot(index=["participant", "arm"], columns="visit", values="score").reset_index()
    wide = wide[wide["pre"].notna() & wide["post"].notna()]
    x = np.column_stack([np.ones(len(wide)), wide["arm"] == "activity", wide["pre"]]).astype(float)
    coefficients = np.linalg.lstsq(x, wide["post"].to_numpy(float), rcond=None)[0]
    keys = {"analysis": "sensitivity", "model": "locf", "visit": "post", "term": "difference: activity - waitlist"}
    assert trial.number(statistic="estimate", **keys) == pytest.approx(coefficients[1], rel=EXACT)
    assert trial.rows(statistic="estimate", **keys)["n"].iloc[0] == len(wide)


def test_btheb_moderation_by_drug_is_the_difference_of_its_simple_effects(analysed):
    trial = analysed("btheb")
    mine = {"analysis": "moderation", "model": "drug", "visit": "m8"}
    effect = {
        level: trial.number(term="difference: btheb - tau", level=level, statistic="estimate", **mine)
        for level in ("no", "yes")
    }
    slope = trial.number(term="interaction: btheb - tau", level="yes", statistic="estimate", **mine)
    assert slope == pytest.approx(effect["yes"] - effect["no"], rel=EXACT)
    counts = trial.rows(analysis="moderation", model="drug", term="moderator", statistic="n")
    assert pd.to_numeric(counts["value"]).sum() == 97  # three of the hundred were never seen after baseline
    assert set(trial.rows(**mine)["prespecified"]) == {"no"}
