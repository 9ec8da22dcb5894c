"""Our scores against plain arithmetic written from the sources, on random complete answers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.instruments.by_hand import BY_HAND

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.questionnaire import score_questionnaire

ALL = load_instruments(None)
PEOPLE = 40
EXACT = 1e-12
"""Means of a few whole numbers, added in another order."""


@pytest.mark.parametrize("name", BY_HAND)
def test_scores_are_those_of_the_source_text(name):
    one = ALL[name]
    assert one.enabled
    random = np.random.default_rng(sum(map(ord, name)))
    answers = random.integers(one.response.min, one.response.max, (PEOPLE, one.items), endpoint=True).astype(float)
    ours = score_questionnaire(one, answers)
    for person, row in enumerate(answers):
        for scale, expected in BY_HAND[name](dict(enumerate(row.tolist(), start=1))).items():
            assert ours[scale].score[person] == pytest.approx(expected, rel=EXACT, abs=EXACT), scale


@pytest.mark.parametrize("name", BY_HAND)
def test_the_text_speaks_of_every_analysed_scale(name):
    one = ALL[name]
    given = set(BY_HAND[name](dict.fromkeys(range(1, one.items + 1), float(one.response.min))))
    assert set(one.default_scales) <= given


def test_there_are_enough_of_them():
    assert len(BY_HAND) >= 20


def test_the_three_codings_of_the_hads_agree_on_the_same_person():
    """One person's ticks, stored as points, by printed position, and by how far the statement holds."""
    one = ALL["hads"]
    points = np.random.default_rng(14).integers(0, 3, (PEOPLE, 14), endpoint=True).astype(float)
    worst_first, well_worded = [1, 3, 5, 6, 8, 10, 11, 13], [2, 4, 6, 7, 12, 14]
    expected = {key: scored.score for key, scored in score_questionnaire(one, points).items()}
    for variant, items in (("printed_order", worst_first), ("wording_coded", well_worded)):
        stored = points.copy()
        stored[:, [item - 1 for item in items]] = 3 - stored[:, [item - 1 for item in items]]
        for key, scored in score_questionnaire(one.with_variant(variant), stored).items():
            assert scored.score == pytest.approx(expected[key]), (variant, key)
