"""k-anonymity and small cells."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from compassion_trials.deliver.coarsen import BLANK, class_sizes, coarsen
from compassion_trials.deliver.suppression import suppressed

CODES = hnp.arrays(np.int64, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.integers(0, 3))
K = 5
COUNTS = hnp.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.integers(0, 12))


@given(CODES, st.integers(2, 6))
@settings(max_examples=200, deadline=None)
def test_everybody_has_company_where_the_arm_is_large_enough(codes: np.ndarray, k: int) -> None:
    shared = coarsen(codes, k)
    arms = class_sizes(codes[:, :1])
    assert (class_sizes(shared)[arms >= k] >= k).all()
    assert (shared[:, 0] == codes[:, 0]).all()
    assert ((shared == codes) | (shared == BLANK)).all()


def test_who_has_company_already_keeps_everything() -> None:
    codes = np.array([[0, 1]] * 5 + [[0, 2]] * 5)
    assert (coarsen(codes, 5) == codes).all()


def test_a_single_person_is_blanked_with_company() -> None:
    codes = np.array([[0, 1]] * 6 + [[0, 2]] * 5 + [[0, 3]])
    shared = coarsen(codes, 5)
    assert shared[-1, 1] == BLANK
    assert (shared[:6, 1] == 1).all()  # the smallest class, not the largest, joins the single person
    assert (shared[6:, 1] == BLANK).all()


def test_nobody_at_all() -> None:
    assert coarsen(np.zeros((0, 2), dtype=np.int64), 5).shape == (0, 2)


@given(COUNTS)
@settings(max_examples=200, deadline=None)
def test_no_hidden_cell_stands_alone(counts: np.ndarray) -> None:
    hidden = suppressed(counts, K)
    assert hidden[(counts > 0) & (counts < K)].all()
    for axis in (0, 1):
        if counts.shape[axis] > 1:
            assert not (hidden.sum(axis=axis) == 1).any()


def test_nothing_is_hidden_without_need() -> None:
    assert not suppressed(np.array([[0, 5], [20, 7]]), K).any()


def test_the_smallest_neighbour_is_hidden_too() -> None:
    counts = np.array([[2, 30, 9], [8, 40, 50]])
    assert suppressed(counts, K).tolist() == [[True, False, True], [True, False, True]]
