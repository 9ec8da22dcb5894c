"""Sentences in APA style from the rows of a contrast; the wording follows the design."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf, isnan
from typing import Final

from compassion_trials.core.numbers import NBSP, bounded, degrees, fixed, interval, p_phrase
from compassion_trials.figures.lookup import EFFECT_SIZES, Lookup
from compassion_trials.report.model import Inline, line
from compassion_trials.tables.text import Text, rich, text

SYMBOLS: Final = {
    "model_g": rich("*g*"),
    "hedges_g": rich("*g*"),
    "g_av": rich("*g*~av~"),
    "d_av": rich("*d*~av~"),
    "d_z": rich("*d*~z~"),
    "d_ppc2": rich("*d*~ppc2~"),
}
"""Symbols of the effect sizes."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A contrast or a change with its inference; NaN for what was not computed.

    Attributes
    ----------
    value, lower, upper : float
        In units of the outcome.
    t, df, p : float
    size : str or None
        Name of the effect size.
    sizes : tuple of float
        Effect size and its limits.
    n : float
    """

    value: float
    lower: float
    upper: float
    t: float
    df: float
    p: float
    size: str | None
    sizes: tuple[float, float, float]
    n: float


def find(results: Lookup, analysis: str, outcome: str, term: str, visit: str, arm: str = "") -> Estimate | None:
    """Read one contrast; None when there is no estimate."""
    keys = {"analysis": analysis, "outcome": outcome, "term": term, "visit": visit, "arm": arm}
    value, lower, upper, t, df, p, n = (
        results.value(name, **keys) for name in ("estimate", "lower", "upper", "t", "df", "p", "n")
    )
    if isnan(value):
        return None
    size = results.effect_size(EFFECT_SIZES, **keys)
    sizes = (
        tuple(results.value(f"{size}{end}", **keys) for end in ("", "_lower", "_upper"))
        if size
        else (float("nan"),) * 3
    )
    return Estimate(value, lower, upper, t, df, p, size, sizes, n)  # type: ignore[arg-type]


def statistics(found: Estimate, level: str, unit: str = "", *, decimals: int = 2, tests: bool = True) -> Inline:
    """Estimate, interval, test, effect size: "0.45 points, 95% CI [0.1, 0.8], t(58) = 2.6, p = .01, g = 0.6 [0, 1.2]".

    Parameters
    ----------
    found : Estimate
    level : str
        Such as ``95%``.
    unit : str
        Printed after the estimate.
    decimals : int
        Of the estimate and its limits.
    tests : bool
        Whether t and p are printed; a pilot study prints intervals only.
    """
    parts: list[Text] = [text(fixed(found.value, decimals) + (f" {unit}" if unit else ""))]
    if not isnan(found.lower + found.upper):
        parts.append(text(f"{level}{NBSP}CI{NBSP}{interval(found.lower, found.upper, decimals)}"))
    if tests and not isnan(found.t + found.df):
        name = rich("*z*") if isinf(found.df) else text(rich("*t*"), f"({degrees(found.df)})")
        parts.append(text(name, f"{NBSP}={NBSP}{fixed(found.t)}"))
    if tests and not isnan(found.p):
        parts.append(text(rich("*p*"), f"{NBSP}{p_phrase(found.p)}"))
    if found.size is not None:
        shown = f"{NBSP}={NBSP}{fixed(found.sizes[0])} {interval(found.sizes[1], found.sizes[2])}"
        parts.append(text(SYMBOLS[found.size], shown))
    return line(*(piece for i, part in enumerate(parts) for piece in ((", ", part) if i else (part,))))


def f_test(results: Lookup, **keys: str) -> Inline:
    """An F test as "F(1, 46) = 5.20, p = .027, partial eta squared = .10"; empty when there is none."""
    f, df_num, df_den, p, eta = (
        results.value(name, **keys) for name in ("F", "df_num", "df_den", "p", "partial_eta_squared")
    )
    if isnan(f):
        return ()
    head = text(
        rich("*F*"),
        f"({degrees(df_num)},{NBSP}{degrees(df_den)}){NBSP}={NBSP}{fixed(f)}, ",
        rich("*p*"),
        f"{NBSP}{p_phrase(p)}",
    )
    tail = "" if isnan(eta) else text(", ", rich("η^2^~p~"), f"{NBSP}={NBSP}{bounded(eta)}")
    return line(head, tail)
