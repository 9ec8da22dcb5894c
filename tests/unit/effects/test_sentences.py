"""Which sentences the rows of a results table ask for."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.effects.groups.clustered_risk import NOTE
from compassion_trials.effects.groups.few_clusters import NO_LIMITS
from compassion_trials.effects.sentences import sentences
from compassion_trials.trial.trial import read_trial

NEWCOMBE, GROUPS, GEE = "Newcombe's (1998)", "Where people met in therapy groups", "generalized estimating equations"


@pytest.mark.parametrize(
    ("note", "level", "wanted"),
    [
        ("Newcombe's limits of the difference", "", {NEWCOMBE}),
        (NOTE, "", {GROUPS}),
        (NO_LIMITS, "", {GROUPS}),
        ("", "gee", {GEE}),
    ],
)
def test_how_responders_were_compared(tmp_path, note, level, wanted):
    trial = read_trial(made_trial.trial(tmp_path, n=3))
    row = {"analysis": "change", "statistic": "risk_difference", "note": note, "level": level,
           "term": "responders: act - waitlist"}  # fmt: skip
    said = " ".join(sentences(trial, pd.DataFrame([row])))
    assert "reliable change index" in said
    assert {words for words in (NEWCOMBE, GROUPS, GEE) if words in said} == wanted
