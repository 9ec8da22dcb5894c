"""The fixed list of definitions of a standardized difference, each applied to printed means, SDs and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

from compassion_trials.effects.sizes.between import d_pooled_n, pooled_sd
from compassion_trials.effects.sizes.size import Summary, small_sample_factor
from compassion_trials.ledger.evidence.measures import standardized
from compassion_trials.ledger.ledger_line import Candidate
from compassion_trials.ledger.reading.cells import Cell
from compassion_trials.ledger.reading.printed import Range, corners

UNKNOWN_R = Range(0.2, 0.9, 0.6)
"""Range given to a pre-post correlation that is not printed."""


@dataclass(frozen=True, slots=True)
class ArmPair:
    """Two arms at a visit, and at the visit from which change counts.

    Attributes
    ----------
    a, b : Cell
        The arm and the arm compared with, at the visit.
    a0, b0 : Cell or None
        The same at the earlier visit.
    """

    a: Cell
    b: Cell
    a0: Cell | None = None
    b0: Cell | None = None

    @property
    def counted(self) -> bool:
        """Whether both n are printed and allow an SD."""
        return bool(self.a.n and self.b.n and min(self.a.n, self.b.n) > 1)

    @property
    def spread(self) -> bool:
        """Whether both SDs are known."""
        return self.a.sd is not None and self.b.sd is not None

    @property
    def before(self) -> ArmPair | None:
        """The two arms at the earlier visit."""
        return ArmPair(self.a0, self.b0) if self.a0 is not None and self.b0 is not None else None


def approximate_factor(n: int) -> float:
    """Approximation ``J = 1 - 3 / (4 N - 9)`` (Hedges 1981), N = n1 + n2."""
    return 1 - 3 / (4 * n - 9)


def between(pair: ArmPair) -> Iterator[Candidate]:
    """Every definition that the printed numbers allow, in the order of the list."""
    if pair.spread and pair.counted:
        n = (pair.a.n or 0) + (pair.b.n or 0)
        for name, formula, function in _COUNTED:
            yield Candidate(name, formula, _at_visit(pair, _with_n(function, n)))
    if pair.a.sd is not None and pair.b.sd is not None:
        for name, formula, divisor in _UNCOUNTED:
            ranges = (pair.a.mean.range, pair.b.mean.range, pair.a.sd, pair.b.sd)
            yield Candidate(name, formula, corners(over(divisor), *ranges))
    yield from _change(pair)


def _at_visit(pair: ArmPair, function: Callable[[Summary, Summary], float]) -> Range:
    """A function of the two summaries over the ranges of means and SDs."""
    assert pair.a.sd is not None
    assert pair.b.sd is not None

    def at(x: float, y: float, s: float, t: float) -> float:
        return function(pair.a.summary(x, s), pair.b.summary(y, t))

    return corners(at, pair.a.mean.range, pair.b.mean.range, pair.a.sd, pair.b.sd)


def _plain(a: Summary, b: Summary) -> float:
    return (a.mean - b.mean) / pooled_sd((a, b))[0]


def over(divisor: Callable[[float, float], float]) -> Callable[[float, float, float, float], float]:
    """A difference of two means over a divisor made of their SDs, as a function of the means and SDs."""
    return lambda x, y, s, t: (x - y) / divisor(s, t)


def _with_n(function: Callable[[Summary, Summary, int], float], n: int) -> Callable[[Summary, Summary], float]:
    """A definition for one number of participants."""
    return lambda a, b: function(a, b, n)


def _of_d(function: Callable[[float], float]) -> Callable[[Summary, Summary], float]:
    """A function of Cohen's d as one of two summaries."""
    return lambda a, b: function(_plain(a, b))


_COUNTED: tuple[tuple[str, str, Callable[[Summary, Summary, int], float]], ...] = (
    ("cohen_d", "(M1 − M2) / pooled SD, divisor n1 + n2 − 2", lambda a, b, n: _plain(a, b)),
    ("hedges_g", "Cohen's d × exact J(n1 + n2 − 2)", lambda a, b, n: small_sample_factor(n - 2) * _plain(a, b)),
    ("hedges_g_approximate", "Cohen's d × (1 − 3 / (4N − 9))", lambda a, b, n: approximate_factor(n) * _plain(a, b)),
    ("d_pooled_n", "(M1 − M2) / pooled SD, divisor n1 + n2", lambda a, b, n: d_pooled_n(a, b).estimate),
)
"""Definitions that need n at the visit."""

_UNCOUNTED: tuple[tuple[str, str, Callable[[float, float], float]], ...] = (
    ("d_root_mean_square", "(M1 − M2) / √((SD1² + SD2²) / 2)", lambda s, t: sqrt((s * s + t * t) / 2)),
    ("glass_delta", "(M1 − M2) / SD of the comparison arm", lambda s, t: t),
    ("glass_delta_treated", "(M1 − M2) / SD of the first arm", lambda s, t: s),
)
"""Definitions that need no n."""


def _change(pair: ArmPair) -> Iterator[Candidate]:
    """Definitions that count from the earlier visit."""
    before = pair.before
    if before is None or before.a.sd is None or before.b.sd is None:
        return
    first = (before.a.sd, before.b.sd)
    yield from _by_first_sd(pair, before, first)
    yield _over(pair, "d_change_rms_before", "difference in change / √((SD1² + SD2²) / 2) before", _rms, *first)
    if pair.a.sd is None or pair.b.sd is None:
        return
    now = (pair.a.sd, pair.b.sd)
    yield _over(pair, "d_change_rms_after", "difference in change / √((SD1² + SD2²) / 2) after", _rms, *now)
    text = "difference in change / root mean square of all four SDs"
    yield _over(pair, "d_change_rms_all", text, _rms, *first, *now)
    yield _difference_of_d(pair, before, (*first, *now))
    yield _by_sd_of_change(pair, (*first, *now))


def _over(
    pair: ArmPair, name: str, formula: str, divisor: Callable[..., float], *ranges: Range, open_: bool = False
) -> Candidate:
    """Difference in change over a function of some ranges."""
    assert pair.before is not None
    means = [cell.mean.range for cell in (pair.a, pair.b, pair.before.a, pair.before.b)]
    found = corners(lambda x, y, x0, y0, *rest: ((x - x0) - (y - y0)) / divisor(*rest), *means, *ranges)
    return Candidate(name, formula, found, open_)


def _rms(*sds: float) -> float:
    """Root mean square."""
    return sqrt(sum(sd * sd for sd in sds) / len(sds))


def _by_first_sd(pair: ArmPair, before: ArmPair, first: tuple[Range, Range]) -> Iterator[Candidate]:
    """Over the pooled SD before, with and without the correction for small samples (Morris 2008)."""
    if not before.counted:
        return
    n1, n2 = before.a.n or 0, before.b.n or 0
    correction = 1 - 3 / (4 * (n1 + n2 - 2) - 1)

    def pooled(s: float, t: float) -> float:
        return pooled_sd((Summary(0, s, n1), Summary(0, t, n2)))[0]

    def corrected(s: float, t: float) -> float:
        return pooled(s, t) / correction

    text = "difference in change / pooled SD before"
    yield _over(pair, "d_ppc2", f"{text} × (1 − 3 / (4(N − 2) − 1)), Morris (2008)", corrected, *first)
    yield _over(pair, "d_ppc2_uncorrected", text, pooled, *first)


def _difference_of_d(pair: ArmPair, before: ArmPair, sds: tuple[Range, ...]) -> Candidate:
    """d after less d before."""
    means = [cell.mean.range for cell in (pair.a, pair.b, before.a, before.b)]

    def difference(x: float, y: float, x0: float, y0: float, s: float, t: float, u: float, w: float) -> float:
        return (x - y) / _rms(u, w) - (x0 - y0) / _rms(s, t)

    text = "d after − d before, each over √((SD1² + SD2²) / 2)"
    return Candidate("d_after_minus_d_before", text, corners(difference, *means, *sds))


def _by_sd_of_change(pair: ArmPair, sds: tuple[Range, ...]) -> Candidate:
    """Over the SD of the change, with a range of correlations where none is printed."""
    unknown = pair.a.r is None or pair.b.r is None
    text = "difference in change / SD of the change"
    if unknown:
        text += f", r from {UNKNOWN_R.lower:g} to {UNKNOWN_R.upper:g}"
    r = (pair.a.r or UNKNOWN_R, pair.b.r or UNKNOWN_R)
    return _over(pair, "d_change_sd", text, _change_sd, *sds, *r, open_=unknown)


def _change_sd(s: float, t: float, u: float, w: float, r1: float, r2: float) -> float:
    """Root mean square of two SDs of change."""
    return sqrt((s * s + u * u - 2 * r1 * s * u + t * t + w * w - 2 * r2 * t * w) / 2)


def within(after: Cell, before: Cell) -> Iterator[Candidate]:
    """Standardized change within one arm."""
    if before.sd is None or after.sd is None:
        return
    means = (after.mean.range, before.mean.range)
    rest = (after.sd, before.sd)
    divisors: tuple[tuple[str, str, Callable[[float, float], float]], ...] = (
        ("d_before", "change / SD before", lambda u, s: s),
        ("d_av", "change / √((SD1² + SD2²) / 2)", lambda u, s: sqrt((s * s + u * u) / 2)),
        ("d_after", "change / SD after", lambda u, s: u),
    )
    for name, formula, divisor in divisors:
        yield Candidate(name, formula, corners(over(divisor), *means, *rest))
    r = after.r or UNKNOWN_R
    found = corners(lambda x, x0, u, s, c: (x - x0) / sqrt(s * s + u * u - 2 * c * s * u), *means, *rest, r)
    yield Candidate("d_z", f"change / SD of the change, r from {r.lower:g} to {r.upper:g}", found, after.r is None)


def standard_errors(pair: ArmPair) -> Iterator[Candidate]:
    """Standard errors of g that are in use."""
    if not (pair.spread and pair.counted):
        return
    n1, n2 = pair.a.n or 0, pair.b.n or 0
    n = n1 + n2
    j, k = small_sample_factor(n - 2), (n1 + n2) / (n1 * n2)
    versions: tuple[tuple[str, str, Callable[[float], float]], ...] = (
        (
            "se_uncorrected_d",
            "√((n1 + n2)/(n1 n2) + d²/(2(n1 + n2))), d without J",
            lambda d: sqrt(k + d * d / (2 * n)),
        ),
        ("se_corrected", "√((n1 + n2)/(n1 n2) + d²/(2(n1 + n2))) × J", lambda d: j * sqrt(k + d * d / (2 * n))),
        ("se_df", "√((n1 + n2)/(n1 n2) + d²/(2(n1 + n2 − 2)))", lambda d: sqrt(k + d * d / (2 * (n - 2)))),
    )
    yield Candidate(
        "se_hedges", "√(1/n1 + 1/n2 + g²/(2(n1 + n2)))", _at_visit(pair, lambda a, b: standardized(a, b).se)
    )
    for name, formula, function in versions:
        yield Candidate(name, formula, _at_visit(pair, _of_d(function)))
