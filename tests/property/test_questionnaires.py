"""What must hold for every questionnaire and variant, whatever the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compassion_trials.core.columns import RESPONSES
from compassion_trials.instruments.attainable import attainable
from compassion_trials.instruments.library import load_instruments
from compassion_trials.instruments.model import Instrument
from compassion_trials.scoring.answers import answers_of
from compassion_trials.scoring.kernels import reverse
from compassion_trials.scoring.questionnaire import item_points, score_questionnaire
from compassion_trials.study.plan.measures import Coding, Measure

ALL = [one for one in load_instruments(None).values() if one.enabled]
SCORED = [one.with_variant(name) for one in ALL for name in (None, *one.variants)]
NAMES = [f"{one.id}-{name}" for one in ALL for name in ("own", *one.variants)]
EVERY = pytest.mark.parametrize("one", SCORED, ids=NAMES)
OWN = pytest.mark.parametrize("one", ALL, ids=[one.id for one in ALL])
"""What happens to answers before scoring does not depend on the variant."""
PEOPLE = 3
EXACT = {"rel": 1e-12, "abs": 1e-12}
"""Sums of a few whole numbers, multiplied once."""

seeds = st.integers(0, 2**32 - 1)


def drawn(one: Instrument, seed: int, people: int = PEOPLE) -> np.ndarray:
    """Complete answers of some people."""
    low, high = one.response.min, one.response.max
    return np.random.default_rng(seed).integers(low, high, (people, one.items), endpoint=True).astype(float)


def long(values: np.ndarray, order: np.ndarray | None = None) -> pd.DataFrame:
    """Answers as ingest gives them, the raw item k standing for item ``order[k]``."""
    people, items = values.shape
    numbers = np.arange(1, items + 1) if order is None else order
    rows = [
        (f"p{person}", "arm", "pre", "m", int(numbers[k]), values[person, k], "")
        for person in range(people)
        for k in range(items)
    ]
    return pd.DataFrame(rows, columns=list(RESPONSES))


def totals(one: Instrument, values: np.ndarray) -> dict[str, np.ndarray]:
    return {key: scored.score for key, scored in score_questionnaire(one, values).items()}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for key, score in one.items():
        assert score == pytest.approx(other[key], nan_ok=True, **EXACT), key


@EVERY
@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_reversing_twice_is_nothing(one, seed):
    values = drawn(one, seed)
    low, high = one.response.min, one.response.max
    assert (reverse(reverse(values, low, high), low, high) == values).all()
    for scale in one.scales.values():  # an item reversed by the key and again by the file counts as it was
        if scale.reverse and not scale.recode:
            plain = scale.model_copy(update={"reverse": ()})
            turned = values.copy()
            columns = [item - 1 for item in scale.reverse]
            turned[:, columns] = reverse(turned[:, columns], low, high)
            assert (item_points(one, scale, turned) == item_points(one, plain, values)).all()


@OWN
@settings(max_examples=2, deadline=None)
@given(seed=seeds)
def test_items_in_another_order_give_the_same_scores(one, seed):
    values = drawn(one, seed)
    order = np.random.default_rng(seed).permutation(one.items) + 1
    measure = Measure(instrument=one.id, item_order=tuple(int(item) for item in order))
    moved = answers_of(long(values[:, order - 1], order), "m", measure, one)
    plain = answers_of(long(values), "m", Measure(instrument=one.id), one)
    same(totals(one, moved.values), totals(one, plain.values))


@OWN
@settings(max_examples=2, deadline=None)
@given(seed=seeds, by=st.integers(-3, 3))
def test_answers_coded_from_another_number_give_the_same_scores(one, seed, by):
    values = drawn(one, seed)
    coding = Coding(min=one.response.min + by, max=one.response.max + by)
    shifted = answers_of(long(values + by), "m", Measure(instrument=one.id, coding=coding), one)
    plain = answers_of(long(values), "m", Measure(instrument=one.id), one)
    same(totals(one, shifted.values), totals(one, plain.values))


@EVERY
@settings(max_examples=1, deadline=None)
@given(seed=seeds)
def test_prorating_at_each_number_of_missing_items(one, seed):
    random = np.random.default_rng(seed)
    full = drawn(one, seed, 1)
    for key, scale in one.scales.items():
        if scale.composite:
            continue
        points = dict(zip(scale.items, item_points(one, scale, full)[0], strict=True))
        for gone in range(len(scale.items) + 1):
            holes = random.choice(scale.items, gone, replace=False)
            values = full.copy()
            values[0, [item - 1 for item in holes]] = np.nan
            score = score_questionnaire(one, values)[key].score[0]
            kept = [point for item, point in points.items() if item not in holes]
            if len(kept) < one.min_answered(key):
                assert np.isnan(score)
                continue
            mean = float(np.mean(kept))
            raw = mean if scale.method == "mean" else mean * len(scale.items)
            if scale.lookup:
                raw = scale.lookup[round(raw)]
            assert score == pytest.approx(raw * scale.factor + scale.offset, **EXACT)


@EVERY
def test_the_ends_of_the_range_are_reached_by_answers(one):
    choices = np.arange(one.response.min, one.response.max + 1, dtype=float)
    for key, scale in one.scales.items():
        ends = []
        for best in (np.argmin, np.argmax):
            values = np.full((1, one.items), choices[0])
            for item in one.items_of(key):
                tried = np.repeat(values, len(choices), axis=0)
                tried[:, item - 1] = choices
                values = tried[[best(score_questionnaire(one, tried)[key].score)]]
            ends.append(score_questionnaire(one, values)[key].score[0])
        assert ends == pytest.approx(scale.range, **EXACT), key
        assert attainable(one, key) == pytest.approx(scale.range, **EXACT)


@EVERY
@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_composites_are_made_of_their_parts(one, seed):
    scored = totals(one, drawn(one, seed))
    for key, scale in one.scales.items():
        assert (scored[key] >= scale.range[0] - EXACT["abs"]).all()
        assert (scored[key] <= scale.range[1] + EXACT["abs"]).all()
        if scale.composite:
            ends = {part: one.scales[part].range for part in scale.of}
            parts = [sum(ends[p]) - scored[p] if p in scale.reverse_of else scored[p] for p in scale.of]
            whole = sum(parts) / (len(parts) if scale.method == "mean" else 1)
            assert scored[key] == pytest.approx(whole * scale.factor + scale.offset, **EXACT)


def subscales(one: Instrument) -> tuple[str, ...]:
    """Item scales that share out the items of the total, each item in one of them and turned as in the total."""
    total = one.scales.get("total")
    if total is None or total.composite or total.method != "sum" or total.lookup or total.recode:
        return ()
    parts = [key for key, scale in one.scales.items() if key != "total" and not scale.composite and not scale.recode]
    alike = [
        key
        for key in parts
        if set(one.scales[key].reverse) == set(total.reverse) & set(one.scales[key].items)
        and (one.scales[key].method, one.scales[key].factor) == (total.method, total.factor)
    ]
    members = [item for key in alike for item in one.scales[key].items]
    return tuple(alike) if sorted(members) == sorted(total.items) else ()


SHARED_OUT = [(one, name) for one, name in zip(SCORED, NAMES, strict=True) if subscales(one)]


@pytest.mark.parametrize("one", [one for one, _ in SHARED_OUT], ids=[name for _, name in SHARED_OUT])
@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_subscales_that_share_out_the_items_add_up_to_the_total(one, seed):
    scored = totals(one, drawn(one, seed))
    assert scored["total"] == pytest.approx(sum(scored[key] for key in subscales(one)), **EXACT)


def test_some_questionnaires_are_shared_out():
    assert {"mhc_sf-own", "socs_s-own", "ptq-own"} <= {name for _, name in SHARED_OUT}
