"""Tests recomputed from print: p from a statistic and its df, t and F from means and SDs, df from n, limits from t."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, sqrt

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr, stdtrit

from compassion_trials.ledger.ledger_line import Candidate
from compassion_trials.ledger.reading.cells import Cell
from compassion_trials.ledger.reading.printed import Printed, Range, corners, exactly
from compassion_trials.ledger.sizes import UNKNOWN_R, ArmPair

SHARED_COVARIATE = Range(-0.05, 0.05, 0.0)
"""Range given to the correlation of two arms' adjusted means, which share the estimated slope of the covariate."""

NORMAL = Range(1.959963984540054, 2.1, 1.959963984540054)
"""Quantile of an interval whose df is not printed: normal, or t with 20 or more df."""

Numbers = Mapping[str, Printed]


def p_of_f(f: Range, df: float, df2: float) -> Range:
    """Upper tail of F."""
    return corners(lambda x: float(fdtrc(df, df2, max(x, 0.0))), f)


def p_of_t(t: Range, df: float) -> Range:
    """Two-sided p of t; of z for infinite df."""
    size = Range(0.0, max(-t.lower, t.upper), abs(t.value)) if t.lower < 0 < t.upper else t
    return corners(lambda x: 2 * float(stdtr(df, -abs(x)) if df != inf else ndtr(-abs(x))), size)


def p_values(numbers: Numbers, participants: int | None) -> Iterator[Candidate]:
    """p from the printed statistic."""
    df = numbers["df"].value if "df" in numbers else None
    df2 = numbers["df2"].value if "df2" in numbers else None
    if "F" in numbers and df and df2:
        yield Candidate(
            "p_from_f", f"upper tail of F({df:g}, {df2:g})", p_of_f(numbers["F"].range, df, df2), decisive=True
        )
    if "t" in numbers and df:
        yield Candidate("p_from_t", f"two-sided tail of t({df:g})", p_of_t(numbers["t"].range, df), decisive=True)
    elif "t" in numbers:
        yield from _p_without_df(numbers["t"].range, participants)
    if "chi2" in numbers and df:
        found = corners(lambda x: float(chdtrc(df, x)), numbers["chi2"].range)
        yield Candidate("p_from_chi2", f"upper tail of chi-squared({df:g})", found, decisive=True)
    if "F" not in numbers and "t" not in numbers:
        for estimate, lower, upper in (("estimate", "lower", "upper"), ("d", "d_lower", "d_upper")):
            if {estimate, lower, upper} <= set(numbers):
                parts = [numbers[name].range for name in (estimate, lower, upper)]
                z = corners(lambda e, low, high: e / ((high - low) / (2 * NORMAL.lower)), *parts)
                yield Candidate("p_from_limits", "normal test of estimate / ((upper − lower) / 3.92)", p_of_t(z, inf))


def _p_without_df(t: Range, participants: int | None) -> Iterator[Candidate]:
    """p of a t whose df is not printed: from half the participants to the normal distribution."""
    smallest = max(participants / 2, 5) if participants else 20
    ends = [p_of_t(t, df) for df in (smallest, inf)]
    middle = p_of_t(t, participants - 2 if participants else inf).value
    found = Range(min(e.lower for e in ends), max(e.upper for e in ends), middle)
    yield Candidate(
        "p_from_t_any_df", f"two-sided tail of t with {smallest:g} or more df (not printed)", found, True, True
    )


def adjusted_contrast_p(pair: ArmPair, df: int) -> Iterator[Candidate]:
    """p of the difference of two adjusted means from their printed limits."""
    limits = [limit.range for cell in (pair.a, pair.b) for limit in (cell.lower, cell.upper) if limit is not None]
    if len(limits) < 4:
        return
    quantile = float(stdtrit(df, 0.975))

    def t(x: float, y: float, low1: float, high1: float, low2: float, high2: float, r: float) -> float:
        s1, s2 = (high1 - low1) / (2 * quantile), (high2 - low2) / (2 * quantile)
        return (x - y) / sqrt(s1 * s1 + s2 * s2 - 2 * r * s1 * s2)

    means = (pair.a.mean.range, pair.b.mean.range)
    plain = corners(t, *means, *limits, exactly(0.0))
    text = f"t({df}) of the difference of two adjusted means, SEs from their limits"
    yield Candidate("p_adjusted_independent", text + ", taken as independent", p_of_t(plain, df))
    shared = corners(t, *means, *limits, SHARED_COVARIATE)
    reach = SHARED_COVARIATE.upper
    yield Candidate("p_adjusted_shared", f"{text}, correlated within ±{reach:g}", p_of_t(shared, df), True)


def two_sample_t(pair: ArmPair) -> Iterator[Candidate]:
    """t of two means at one visit."""
    if pair.a.sd is None or pair.b.sd is None or not pair.counted:
        return
    n1, n2 = pair.a.n or 0, pair.b.n or 0
    ranges = (pair.a.mean.range, pair.b.mean.range, pair.a.sd, pair.b.sd)

    def student(x: float, y: float, s: float, u: float) -> float:
        pooled = ((n1 - 1) * s * s + (n2 - 1) * u * u) / (n1 + n2 - 2)
        return (x - y) / sqrt(pooled * (1 / n1 + 1 / n2))

    def welch(x: float, y: float, s: float, u: float) -> float:
        return (x - y) / sqrt(s * s / n1 + u * u / n2)

    yield Candidate("t_student", "(M1 − M2) / (pooled SD √(1/n1 + 1/n2))", corners(student, *ranges))
    yield Candidate("t_welch", "(M1 − M2) / √(SD1²/n1 + SD2²/n2)", corners(welch, *ranges))


def one_way_f(group: Sequence[Cell]) -> tuple[Range, int, int] | None:
    """F of several means with its df; None where an n or SD is not printed."""
    if len(group) < 2 or any(cell.n is None or cell.sd is None for cell in group):
        return None
    n = np.array([cell.n for cell in group], float)
    k, total = len(group), int(n.sum())

    def f(*values: float) -> float:
        m, s = np.array(values[:k]), np.array(values[k:])
        between = float((n * (m - (n * m).sum() / total) ** 2).sum()) / (k - 1)
        return between / float(((n - 1) * s**2).sum() / (total - k))

    ranges = [cell.mean.range for cell in group] + [cell.sd for cell in group if cell.sd is not None]
    return corners(f, *ranges), k - 1, total - k


def ancova_f(pair: ArmPair) -> Iterator[Candidate]:
    """F of two adjusted means, for every within-arm correlation with the covariate from 0 to .95.

    Adjusted difference ``D - b D0`` with ``b = r S / S0``, residual variance ``S² (1 - r²) (N - 2) / (N - 3)``; S and
    S0 are pooled SDs after and before (Huitema 2011, doi:10.1002/9781118067475, ch. 6).
    """
    before = pair.before
    if before is None or not (pair.spread and pair.counted and before.spread and before.counted):
        return
    n1, n2 = pair.a.n or 0, pair.b.n or 0
    if (before.a.n, before.b.n) != (n1, n2):
        return
    r = np.linspace(0, 0.95, 96)
    found = [_ancova(values, n1, n2, r) for values in _corner_values(pair, before)]
    middle = _ancova(_middle(pair, before), n1, n2, r)
    f = Range(float(min(x.min() for x in found)), float(max(x.max() for x in found)), float(np.median(middle)))
    text = "F of the adjusted difference, any within-arm r of the two visits from 0 to .95"
    yield Candidate("f_ancova", text, f, True, True)


def _corner_values(pair: ArmPair, before: ArmPair) -> Iterator[tuple[float, ...]]:
    """Corners of means (as differences) and SDs of two visits."""
    from itertools import product

    ranges = [c.mean.range for c in (pair.a, pair.b, before.a, before.b)]
    after, first = (_difference(ranges[0], ranges[1]), _difference(ranges[2], ranges[3]))
    sds = [c.sd for c in (pair.a, pair.b, before.a, before.b) if c.sd is not None]
    yield from product(*((x.lower, x.upper) for x in (after, first, *sds)))


def _middle(pair: ArmPair, before: ArmPair) -> tuple[float, ...]:
    """Values as printed."""
    sds = [c.sd.value for c in (pair.a, pair.b, before.a, before.b) if c.sd is not None]
    return (pair.a.mean.value - pair.b.mean.value, before.a.mean.value - before.b.mean.value, *sds)


def _ancova(values: tuple[float, ...], n1: int, n2: int, r: np.ndarray) -> np.ndarray:
    """F by correlation."""
    after, first, s1, s2, u1, u2 = values
    n = n1 + n2
    s2_after = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n - 2)
    s2_before = ((n1 - 1) * u1**2 + (n2 - 1) * u2**2) / (n - 2)
    adjusted = after - r * sqrt(s2_after / s2_before) * first
    residual = s2_after * (1 - r**2) * (n - 2) / (n - 3)
    return adjusted**2 / (residual * (1 / n1 + 1 / n2 + first**2 / ((n - 2) * s2_before)))


def _difference(a: Range, b: Range) -> Range:
    return Range(a.lower - b.upper, a.upper - b.lower, a.value - b.value)


def interaction_f(pair: ArmPair) -> Iterator[Candidate]:
    """F of arm by time with two times, for a range of pre-post correlations."""
    before = pair.before
    if before is None or not (pair.spread and pair.counted and before.spread):
        return
    n1, n2 = pair.a.n or 0, pair.b.n or 0
    cells = (pair.a, pair.b, before.a, before.b)
    r = pair.a.r or UNKNOWN_R

    def f(x: float, y: float, x0: float, y0: float, s: float, u: float, s0: float, u0: float, c: float) -> float:
        v1, v2 = s * s + s0 * s0 - 2 * c * s * s0, u * u + u0 * u0 - 2 * c * u * u0
        pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)
        return ((x - x0) - (y - y0)) ** 2 / (pooled * (1 / n1 + 1 / n2))

    found = corners(f, *(c.mean.range for c in cells), *(c.sd for c in cells if c.sd is not None), r)
    low = 0.0 if _changes_meet(cells) else found.lower
    text = f"F of the difference in change, r from {r.lower:g} to {r.upper:g}"
    yield Candidate("f_interaction", text, Range(low, found.upper, found.value), pair.a.r is None, True)


def _changes_meet(cells: tuple[Cell, ...]) -> bool:
    """Whether the two changes may be equal within rounding, so that F may be 0."""
    a, b, a0, b0 = (c.mean.range for c in cells)
    return (a.lower - a0.upper) - (b.upper - b0.lower) <= 0 <= (a.upper - a0.lower) - (b.lower - b0.upper)


def estimates(pair: ArmPair) -> Iterator[Candidate]:
    """Difference at the visit, and difference in change."""
    ranges = (pair.a.mean.range, pair.b.mean.range)
    if pair.a0 is not None and pair.b0 is not None:
        found = corners(lambda x, y, x0, y0: (x - x0) - (y - y0), *ranges, pair.a0.mean.range, pair.b0.mean.range)
        yield Candidate("difference_in_change", "(M1 − M1 before) − (M2 − M2 before)", found)
    yield Candidate("difference", "M1 − M2", corners(lambda x, y: x - y, *ranges))


def t_from_limits(numbers: Numbers) -> Iterator[Candidate]:
    """t from an estimate and its limits."""
    if {"estimate", "lower", "upper"} <= set(numbers):
        parts = [numbers[name].range for name in ("estimate", "lower", "upper")]
        found = corners(lambda e, low, high, q: e / ((high - low) / (2 * q)), *parts, NORMAL)
        yield Candidate("t_from_limits", "estimate / ((upper − lower) / 2q), q from 1.96 to 2.10", found, True, True)


def limits_from_t(name: str, numbers: Numbers) -> Iterator[Candidate]:
    """A limit of an estimate from its t."""
    if "estimate" in numbers and "t" in numbers and numbers["t"].value:
        sign, ranges = _sign(name), (numbers["estimate"].range, numbers["t"].range, NORMAL)
        found = corners(lambda e, t, q: e + sign * q * abs(e / t), *ranges)
        yield Candidate("limits_from_t", "estimate ∓ q |estimate / t|, q from 1.96 to 2.10", found, True, True)


def limits_from_n(name: str, numbers: Numbers, ns: tuple[int, int] | None) -> Iterator[Candidate]:
    """A limit of d from n."""
    if "d" in numbers and ns is not None:
        sign, (n1, n2) = _sign(name), ns
        found = corners(
            lambda d: d + sign * NORMAL.lower * sqrt((n1 + n2) / (n1 * n2) + d * d / (2 * (n1 + n2))),
            numbers["d"].range,
        )
        yield Candidate("limits_normal", "d ∓ 1.96 √((n1 + n2)/(n1 n2) + d²/(2(n1 + n2)))", found)


def mirrored_limit(name: str, numbers: Numbers) -> Iterator[Candidate]:
    """A limit of an estimate or of d as the mirror of the other limit."""
    stem, _, end = name.rpartition("_")
    middle = stem or "estimate"
    other = name.removesuffix(end) + ("upper" if end == "lower" else "lower")
    if middle in numbers and other in numbers:
        found = corners(lambda e, x: 2 * e - x, numbers[middle].range, numbers[other].range)
        yield Candidate("mirror_of_other_limit", "2 × estimate − the other limit (a symmetric interval)", found)


def _sign(name: str) -> int:
    """On which side of the estimate a limit stands."""
    return -1 if name.endswith("lower") else 1


def from_test(numbers: Numbers, ns: tuple[int, int] | None, printed_d: Printed) -> Iterator[Candidate]:
    """Standardized differences from a printed t or F of two arms, with the sign of the printed difference."""
    sign = -1.0 if printed_d.value < 0 else 1.0
    df = numbers.get("df2") if "F" in numbers else numbers.get("df")
    if "t" in numbers:
        t = numbers["t"].range
        t = -t if t.value * sign < 0 else t
    elif "F" in numbers and "df" in numbers and numbers["df"].value == 1:
        t = corners(lambda f: sign * sqrt(max(f, 0.0)), numbers["F"].range)
    else:
        return
    if ns is not None:
        n1, n2 = ns
        yield Candidate("d_from_t", "t √(1/n1 + 1/n2)", corners(lambda x: x * sqrt(1 / n1 + 1 / n2), t))
    if df is not None:
        yield Candidate("d_from_t_df", "2t / √df", corners(lambda x: 2 * x / sqrt(df.value), t))
        yield Candidate(
            "d_from_t_equal_arms",
            "2t / √(df + 2), arms of equal size",
            corners(lambda x: 2 * x / sqrt(df.value + 2), t),
        )


def eta_squared(numbers: Numbers) -> Iterator[Candidate]:
    """Partial eta squared from F."""
    if {"F", "df", "df2"} <= set(numbers):
        df, df2 = numbers["df"].value, numbers["df2"].value
        found = corners(lambda f: f * df / (f * df + df2), numbers["F"].range)
        yield Candidate("eta_squared", "F df1 / (F df1 + df2)", found, decisive=True)


def df_arms(arms: int) -> Iterator[Candidate]:
    """Numerator df of an F between arms."""
    if arms > 1:
        yield Candidate("df_arms", "arms compared − 1", exactly(float(arms - 1)), decisive=True)


def df_from_n(ns: Sequence[int | None], covariates: int, formula: str) -> Iterator[Candidate]:
    """df of the residual: participants less one for each arm and covariate."""
    known = [n for n in ns if n is not None]
    if known and len(known) == len(ns):
        n = sum(known)
        found = exactly(float(n - len(known) - covariates))
        yield Candidate("df_from_n", f"{formula}, N = {n}", found, decisive=True)
