"""Laws of scoring that hold for every questionnaire, variant and pattern of missing answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.kernels import reverse, shift
from compassion_trials.scoring.questionnaire import score_questionnaire

ALL = {key: i for key, i in load_instruments(None).items() if i.enabled}
CASES = [(key, variant) for key, instrument in ALL.items() for variant in (None, *instrument.variants)]
ROUNDING = 1e-9
"""Prorated scores carry floating-point error."""


def random_answers(instrument, seed, share_missing):
    rng = np.random.default_rng(seed)
    values = rng.integers(instrument.response.min, instrument.response.max + 1, (20, instrument.items)).astype(float)
    values[rng.random(values.shape) < share_missing] = np.nan
    return values


@pytest.mark.parametrize(("name", "variant"), CASES, ids=[f"{n}-{v or 'plain'}" for n, v in CASES])
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.0, 0.1, 0.4]))
def test_scores_lie_within_their_range(name, variant, seed, share):
    instrument = ALL[name].with_variant(variant)
    for key, scored in score_questionnaire(instrument, random_answers(instrument, seed, share)).items():
        low, high = instrument.scales[key].range
        score = scored.score[np.isfinite(scored.score)]
        assert ((score >= low - ROUNDING) & (score <= high + ROUNDING)).all()
        assert share > 0 or np.isfinite(scored.score).all()


@pytest.mark.parametrize("name", ALL)
def test_the_ends_of_every_range_are_reached(name):
    """Reversed items at one end and the others at the other give the lowest and the highest item score."""
    instrument = ALL[name]
    low, high = instrument.response.min, instrument.response.max
    for key, scale in instrument.scales.items():
        if scale.composite:
            continue
        up = np.full(instrument.items, float(high))
        up[[item - 1 for item in scale.reverse]] = low
        for answers, expected in ((up, scale.range[1]), (low + high - up, scale.range[0])):
            assert score_questionnaire(instrument, answers[None, :])[key].score[0] == pytest.approx(expected)


@given(st.lists(st.integers(0, 10), min_size=1), st.integers(-5, 5))
def test_reversal_twice_and_shift_back_change_nothing(values, low):
    answers = np.array(values, dtype=float) + low
    np.testing.assert_array_equal(reverse(reverse(answers, low, low + 10), low, low + 10), answers)
    np.testing.assert_array_equal(shift(shift(answers, low, 0), 0, low), answers)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_better_answer_never_gives_a_worse_total(seed):
    """Moving one item up by one moves a sum by its sign."""
    instrument = ALL["pss10"]
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4, (1, 10)).astype(float)
    item = int(rng.integers(1, 11))
    more = values.copy()
    more[0, item - 1] += 1
    change = (
        score_questionnaire(instrument, more)["total"].score - score_questionnaire(instrument, values)["total"].score
    )
    assert change[0] == (-1 if item in instrument.scales["total"].reverse else 1)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.sets(st.integers(0, 8), max_size=2))
def test_a_prorated_sum_is_the_mean_of_the_answered_items_times_their_number(seed, missing):
    values = np.random.default_rng(seed).integers(0, 4, (1, 9)).astype(float)
    values[0, list(missing)] = np.nan
    got = score_questionnaire(ALL["phq9"], values)["total"]
    assert got.score[0] == pytest.approx(9 * np.nanmean(values))
    assert got.prorated[0] == bool(missing)
