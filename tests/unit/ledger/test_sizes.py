"""Definitions of the fixed list against the kernels and against worked numbers."""

from __future__ import annotations

import pytest

from compassion_trials.effects.sizes.between import (
    cohens_d,
    d_pooled_n,
    d_root_mean_square,
    hedges_g,
)
from compassion_trials.effects.sizes.size import Summary
from compassion_trials.ledger.reading.cells import Cell
from compassion_trials.ledger.reading.printed import printed
from compassion_trials.ledger.sizes import ArmPair, between, standard_errors, within

EXACT = 1e-12
"""The same kernel at the same values."""


def cell(n, mean, sd) -> Cell:
    m, s = printed(str(mean)), printed(str(sd))
    return Cell(n, m, s.range, s, None, None, None)


def by_name(candidates):
    return {c.definition: c.found for c in candidates}


def test_between_arms_as_the_kernels():
    found = by_name(between(ArmPair(cell(26, "18.5", "4.9"), cell(30, "14.1", "3.6"))))
    a, b = Summary(18.5, 4.9, 26), Summary(14.1, 3.6, 30)
    for name, kernel in (
        ("cohen_d", cohens_d),
        ("hedges_g", hedges_g),
        ("d_pooled_n", d_pooled_n),
        ("d_root_mean_square", d_root_mean_square),
    ):
        assert found[name].value == pytest.approx(kernel(a, b).estimate, abs=EXACT)
        assert found[name].lower < found[name].value < found[name].upper
    assert found["glass_delta"].value == pytest.approx(4.4 / 3.6, abs=EXACT)
    assert found["hedges_g_approximate"].value == pytest.approx(
        (1 - 3 / (4 * 56 - 9)) * found["cohen_d"].value, abs=EXACT
    )


def test_pre_post_control_counts_from_before():
    """Gain difference over the pooled SD before, with Morris' (2008) correction."""
    pair = ArmPair(
        cell(20, "38.5", "11.6"), cell(20, "19.9", "12.4"), cell(20, "30.6", "15.0"), cell(20, "23.5", "13.8")
    )
    pooled = ((15.0**2 + 13.8**2) / 2) ** 0.5
    gain = (38.5 - 30.6) - (19.9 - 23.5)
    found = by_name(between(pair))
    assert found["d_ppc2_uncorrected"].value == pytest.approx(gain / pooled, abs=EXACT)
    assert found["d_ppc2"].value == pytest.approx((1 - 3 / (4 * 38 - 1)) * gain / pooled, abs=EXACT)


def test_gains_need_both_arms_before():
    after, before = (
        (cell(20, "38.5", "11.6"), cell(20, "19.9", "12.4")),
        (cell(20, "30.6", "15.0"), cell(20, "23.5", "13.8")),
    )
    assert ArmPair(*after, *before).before == ArmPair(*before)
    for lacking in ((None, before[1]), (before[0], None), (None, None)):
        pair = ArmPair(*after, *lacking)
        assert pair.before is None
        assert not {name for name in by_name(between(pair)) if name.startswith("d_ppc")}


def test_without_n_only_what_needs_none():
    names = set(by_name(between(ArmPair(cell(None, "3.1", "1.0"), cell(None, "2.6", "0.7")))))
    assert names == {"d_root_mean_square", "glass_delta", "glass_delta_treated"}


def test_an_unknown_correlation_is_a_range():
    candidates = {c.definition: c for c in within(cell(20, "3.5", "0.8"), cell(20, "3.0", "0.8"))}
    z = candidates["d_z"]
    assert z.open
    assert z.found.lower < 0.5 / (0.8 * (2 - 2 * 0.6) ** 0.5) < z.found.upper
    assert not candidates["d_av"].open


def test_standard_errors_of_g():
    found = by_name(standard_errors(ArmPair(cell(16, "24.5", "12.2"), cell(23, "16.8", "11.8"))))
    d = cohens_d(Summary(24.5, 12.2, 16), Summary(16.8, 11.8, 23)).estimate
    assert found["se_uncorrected_d"].value == pytest.approx((39 / (16 * 23) + d * d / 78) ** 0.5, abs=EXACT)
