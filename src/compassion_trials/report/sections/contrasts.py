"""Sentences in APA style from the rows of a contrast; the wording follows the design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isinf, isnan
from typing import Final

from compassion_trials.core.numbers import NBSP, bounded, degrees, fixed, interval, p_phrase
from compassion_trials.core.results import EFFECT_SIZES, Results
from compassion_trials.report.cite import cited, number, row
from compassion_trials.report.model import Cited, Inline, line
from compassion_trials.tables.text import rich

SYMBOLS: Final = {
    "model_g": rich("*g*"),
    "hedges_g": rich("*g*"),
    "g_av": rich("*g*~av~"),
    "d_av": rich("*d*~av~"),
    "d_z": rich("*d*~z~"),
    "d_ppc2": rich("*d*~ppc2~"),
}
"""Symbols of the effect sizes."""


ROBUST: Final = "Bell-McCaffrey"
"""Degrees of freedom of estimates whose standard errors know therapy groups."""


@dataclass(frozen=True, slots=True)
class ReportedEstimate:
    """A contrast or a change with its inference; NaN for what was not computed.

    Attributes
    ----------
    value, lower, upper : float
        In units of the outcome.
    t, df, p : float
    size : str or None
        Name of the effect size.
    sizes : tuple of float
        Effect size and its limits; without limits where people met in groups and these do not know it.
    n : float
    sources : mapping of str to str
        Row of the results table by statistic, such as ``row:12``.
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
    sources: Mapping[str, str] = field(default_factory=dict)


def find(
    results: Results, analysis: str, outcome: str, term: str, visit: str, arm: str = ""
) -> ReportedEstimate | None:
    """Read one contrast; None when there is no estimate."""
    keys = {"analysis": analysis, "outcome": outcome, "term": term, "visit": visit, "arm": arm}
    names = ("estimate", "lower", "upper", "t", "df", "p", "n")
    value, lower, upper, t, df, p, n = (results.value(name, **keys) for name in names)
    if isnan(value):
        return None
    size = results.effect_size(EFFECT_SIZES, **keys)
    ends = tuple(f"{size}{end}" for end in ("", "_lower", "_upper")) if size else ()
    g, g_lower, g_upper = [results.value(name, **keys) for name in ends] or [float("nan")] * 3
    place = results.place("estimate", **keys)
    if place and results.table["df_method"].iat[place - 1] == ROBUST and size != "model_g":
        g_lower = g_upper = float("nan")  # they take people as independent, which the estimate does not
    return ReportedEstimate(
        value=value,
        lower=lower,
        upper=upper,
        t=t,
        df=df,
        p=p,
        size=size,
        sizes=(g, g_lower, g_upper),
        n=n,
        sources={name: row(results, name, **keys) for name in (*names, *ends)},
    )


def statistics(
    found: ReportedEstimate, level: Cited, unit: str = "", *, decimals: int = 2, tests: bool = True
) -> Inline:
    """Estimate, interval, test, effect size: "0.45 points, 95% CI [0.1, 0.8], t(58) = 2.6, p = .01, g = 0.6 [0, 1.2]".

    Parameters
    ----------
    found : ReportedEstimate
    level : Cited
        Such as ``95%``.
    unit : str
        Printed after the estimate.
    decimals : int
        Of the estimate and its limits.
    tests : bool
        Whether t and p are printed; a pilot study prints intervals only.
    """
    source = found.sources.get
    value = cited(fixed(found.value, decimals), source("estimate", ""))
    parts: list[Inline] = [line(value, f" {unit}" if unit else "")]
    if not isnan(found.lower + found.upper):
        shown = interval(found.lower, found.upper, decimals)
        parts.append(line(level, f"{NBSP}CI{NBSP}", cited(shown, source("lower", ""), source("upper", ""))))
    if tests and not isnan(found.t + found.df):
        parts.append(line(*_test(found)))
    if tests and not isnan(found.p):
        parts.append(line(rich("*p*"), NBSP, cited(p_phrase(found.p), source("p", ""))))
    if found.size is not None:
        parts.append(line(*_size(found)))
    return line(*(piece for i, part in enumerate(parts) for piece in ((", ", part) if i else (part,))))


def _test(found: ReportedEstimate) -> Inline:
    """t with its degrees of freedom, z when they are infinite."""
    df = () if isinf(found.df) else line("(", cited(degrees(found.df), found.sources.get("df", "")), ")")
    value = cited(fixed(found.t), found.sources.get("t", ""))
    return line(rich("*z*") if isinf(found.df) else rich("*t*"), df, f"{NBSP}={NBSP}", value)


def _size(found: ReportedEstimate) -> Inline:
    """Effect size with its interval."""
    size = found.size or ""
    value = cited(fixed(found.sizes[0]), found.sources.get(size, ""))
    head = line(SYMBOLS[size], f"{NBSP}={NBSP}", value)
    if isnan(found.sizes[1] + found.sizes[2]):
        return head
    ends = (found.sources.get(f"{size}_lower", ""), found.sources.get(f"{size}_upper", ""))
    return line(head, " ", cited(interval(found.sizes[1], found.sizes[2]), *ends))


def f_test(results: Results, **keys: str) -> Inline:
    """An F test as "F(1, 46) = 5.20, p = .027, partial eta squared = .10"; empty when there is none."""
    if isnan(results.value("F", **keys)):
        return ()
    f, df_num, df_den, p, eta = (
        number(results, name, style, **keys)
        for name, style in (
            ("F", fixed), ("df_num", degrees), ("df_den", degrees), ("p", p_phrase), ("partial_eta_squared", bounded)
        )
    )  # fmt: skip
    head = line(rich("*F*"), "(", df_num, f",{NBSP}", df_den, f"){NBSP}={NBSP}", f, ", ", rich("*p*"), NBSP, p)
    return line(head, ", ", rich("η^2^~p~"), f"{NBSP}={NBSP}", eta) if eta.sources else head
