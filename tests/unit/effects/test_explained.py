"""Shares of variance of an F test, by hand and by SciPy's noncentral F."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betainc, gammaln
from scipy.stats import ncf

from compassion_trials.effects.sizes.explained import noncentral_f_limits, partial_eta_squared, partial_omega_squared

EXACT = 1e-12
TAIL = 1e-10
"""Tail of a limit: the noncentral F of SciPy holds 1e-12 here."""
QUANTILE = 1e-7
"""SciPy's noncentral F against the one of scipy.special, at the limits found."""


def test_shares_by_hand():
    """F(2, 57) = 4: eta squared 8 / 65, omega squared 6 / 66; an F below 1 explains nothing."""
    assert partial_eta_squared(4.0, 2, 57).estimate == pytest.approx(8 / 65, abs=EXACT)
    assert partial_omega_squared(4.0, 2, 57).estimate == pytest.approx(6 / 66, abs=EXACT)
    assert partial_omega_squared(0.8, 2, 57).estimate == 0.0


@pytest.mark.parametrize(
    ("f", "df_num", "df_den", "alpha"), [(4.0, 2, 57, 0.05), (30.0, 1, 20, 0.1), (300.0, 5, 400, 0.05)]
)
def test_limits_are_the_noncentralities_that_leave_half_of_alpha_beyond(f, df_num, df_den, alpha):
    low, high = noncentral_f_limits(f, df_num, df_den, alpha)
    assert ncf.cdf(f, df_num, df_den, low) == pytest.approx(1 - alpha / 2, abs=QUANTILE)
    assert ncf.cdf(f, df_num, df_den, high) == pytest.approx(alpha / 2, abs=QUANTILE)
    share = partial_eta_squared(f, df_num, df_den, alpha)
    assert (share.lower, share.upper) == pytest.approx((low / (low + df_den), high / (high + df_den)), rel=EXACT)


def test_omega_has_the_limits_of_the_f_that_gives_it_as_eta():
    share = partial_omega_squared(6.0, 2, 57)
    omega = 10 / 70
    f = omega / (1 - omega) * 57 / 2
    assert partial_eta_squared(f, 2, 57).estimate == pytest.approx(omega, abs=EXACT)
    low, high = noncentral_f_limits(f, 2, 57)
    assert (share.lower, share.upper) == pytest.approx((low / (low + 57), high / (high + 57)), rel=EXACT)


def test_a_small_f_has_limits_of_zero():
    assert noncentral_f_limits(0.0, 2, 57) == (0.0, 0.0)
    assert noncentral_f_limits(0.01, 2, 57) == (0.0, 0.0)  # below the 2.5 % quantile of the central F
    low, high = noncentral_f_limits(1.0, 2, 57)
    assert low == 0.0
    assert high > 0


def _f_tail(f, df_num, df_den, ncp):
    """P(F <= f) as the Poisson mean of incomplete beta functions (Johnson, Kotz & Balakrishnan, 1995, ch. 30)."""
    j = np.arange(20_000)
    mass = np.exp(-ncp / 2 + j * np.log(ncp / 2) - gammaln(j + 1))
    return float((mass * betainc(df_num / 2 + j, df_den / 2, df_num * f / (df_num * f + df_den))).sum())


@pytest.mark.parametrize("f", [12.0, 50.0, 200.0, 1000.0])
@pytest.mark.parametrize(("df_num", "df_den"), [(1, 5), (2, 57), (6, 600)])
def test_limits_hold_their_word_for_any_f_of_a_trial(f, df_num, df_den):
    low, high = noncentral_f_limits(f, df_num, df_den)
    assert _f_tail(f, df_num, df_den, low) == pytest.approx(0.975, abs=TAIL)
    assert _f_tail(f, df_num, df_den, high) == pytest.approx(0.025, abs=TAIL)
