"""Numbers as text after APA 7 (Publication Manual, 7th ed., 6.32-6.52). The only place where results are rounded.

Rounding is half away from zero of the shortest decimal form (0.125 -> 0.13), as a reader with pencil and SPSS do it.
A missing number is an em dash; minus is U+2212; spaces inside a number are non-breaking.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

MINUS: Final = "\u2212"
NBSP: Final = "\u00a0"
DASH: Final = "\u2014"
"""What stands for a number that does not exist."""
INFINITY: Final = "\u221e"

_WORDS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SCIENTIFIC_FROM: Final = 1e9
"""Size from which digits before the point tell nobody anything."""
_SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_P_SLACK: Final = 1e-9
"""How far a p value may lie outside [0, 1] through floating-point error."""


def fixed(value: float | None, decimals: int = 2) -> str:
    """A number with a leading zero: M, SD, t, F, d, g, b, ratios.

    Parameters
    ----------
    value : float or None
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        ``"12.30"``, ``"−0.50"``, ``"1,234.00"``; never ``"−0.00"``; an em dash for None and NaN; ``"∞"`` for infinity;
        ``"1.20 × 10⁹"`` for what only a failed estimate can be.
    """
    if _is_missing(value):
        return DASH
    assert value is not None
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    if abs(value) >= _SCIENTIFIC_FROM:
        return _scientific(value, decimals)
    rounded = _round(value, decimals)
    digits = f"{abs(rounded):,.{decimals}f}"
    return MINUS + digits if rounded < 0 else digits


def bounded(value: float | None, decimals: int = 2) -> str:
    """A number that cannot exceed 1 in size, without leading zero: r, alpha, omega, ICC, R², eta², proportions.

    A value beyond 1 (alpha can fall below -1) keeps its digits.
    """
    shown = fixed(value, decimals)
    return shown.replace("0.", ".", 1) if shown.lstrip(MINUS).startswith("0.") else shown


def p_value(p: float | None, decimals: int = 3) -> str:
    """A p value for a table: exact, without leading zero.

    Parameters
    ----------
    p : float or None
        In [0, 1].
    decimals : int
        2 or 3.

    Returns
    -------
    str
        ``".034"``; ``"< .001"`` below (``"< .01"`` with two decimals); ``"> .99"`` where rounding would give 1.

    Raises
    ------
    ValueError
        Outside [0, 1] by more than floating-point error.
    """
    if _is_missing(p):
        return DASH
    assert p is not None
    if not -_P_SLACK <= p <= 1 + _P_SLACK:
        raise ValueError(f"p must lie in [0, 1]; found {p!r}")
    smallest = 10.0**-decimals
    if p < smallest:
        return f"<{NBSP}{bounded(smallest, decimals)}"
    if _round(p, decimals) >= 1:
        return f">{NBSP}.99"
    return bounded(p, decimals)


def p_phrase(p: float | None, decimals: int = 3) -> str:
    """What follows the symbol *p* in a sentence: ``"= .034"``, ``"< .001"``, ``"> .99"``, with non-breaking spaces."""
    shown = p_value(p, decimals)
    return shown if shown[0] in "<>" else f"={NBSP}{shown}"


def interval(
    lower: float | None, upper: float | None, decimals: int = 2, style: Callable[[float | None, int], str] = fixed
) -> str:
    """A confidence interval: ``"[−0.12, 0.45]"``.

    Parameters
    ----------
    lower, upper : float or None
        The limits; when both are missing an em dash stands for the interval.
    decimals : int
    style : callable
        `fixed` or `bounded`.
    """
    if _is_missing(lower) and _is_missing(upper):
        return DASH
    return f"[{style(lower, decimals)},{NBSP}{style(upper, decimals)}]"


def mean_sd(mean: float | None, sd: float | None, decimals: int = 2) -> str:
    """``"12.34 (5.67)"``; an em dash when there is no mean."""
    return DASH if _is_missing(mean) else f"{fixed(mean, decimals)}{NBSP}({fixed(sd, decimals)})"


def percent(value: float | None, *, sign: bool = True) -> str:
    """A percentage (0 to 100) with one decimal: ``"33.3%"``."""
    shown = fixed(value, 1)
    return shown + "%" if sign and shown != DASH else shown


def count(n: float | None) -> str:
    """A whole number, with commas from 1,000.

    Raises
    ------
    ValueError
        The number is not whole.
    """
    if _is_missing(n):
        return DASH
    assert n is not None
    if not math.isclose(n, round(n), abs_tol=1e-9):
        raise ValueError(f"a count must be a whole number; found {n!r}")
    whole = round(n)
    return f"{MINUS if whole < 0 else ''}{abs(whole):,}"


def n_percent(n: float | None, share: float | None) -> str:
    """``"12 (33.3%)"``; the share is left out when missing."""
    return count(n) if _is_missing(n) or _is_missing(share) else f"{count(n)}{NBSP}({percent(share)})"


def degrees(df: float | None, decimals: int = 1) -> str:
    """Degrees of freedom: whole ones without decimals, estimated ones with; never with commas."""
    if _is_missing(df) or math.isinf(df or 0):
        return fixed(df)
    assert df is not None
    whole = math.isclose(df, round(df), abs_tol=1e-6)
    return fixed(df, 0 if whole else decimals).replace(",", "")


def degrees_column(values: Iterable[float | None], decimals: int = 1) -> list[str]:
    """Degrees of freedom of one column: all with decimals as soon as one needs them."""
    kept = list(values)
    whole = all(_is_missing(v) or math.isinf(v or 0) or math.isclose(v or 0, round(v or 0), abs_tol=1e-6) for v in kept)
    return [fixed(v, 0 if whole else decimals).replace(",", "") for v in kept]


def words(n: int) -> str:
    """A count in running text: words for zero to nine, figures from 10."""
    return _WORDS[n] if 0 <= n < len(_WORDS) else count(n)


STYLES: Final[dict[str, Callable[[float | None], str]]] = {
    **dict.fromkeys(("p", "p_adjusted"), p_value),
    **dict.fromkeys(("r", "alpha", "omega", "icc", "r_squared", "partial_eta_squared", "proportion"), bounded),
    **dict.fromkeys(("n", "n_items", "n_expected", "n_missing", "n_dropped", "n_observations"), count),
    **dict.fromkeys(("df", "df_num", "df_den"), degrees),
    "percent": percent,
}
"""How each statistic of the results table is written; all others by `fixed` with two decimals."""


def statistic(name: str, value: float | None) -> str:
    """A value of the results table as text, by the name of its statistic.

    Parameters
    ----------
    name : str
        Value of the column ``statistic``; limits such as ``alpha_lower`` are written like ``alpha``.
    value : float or None
    """
    stem = name.removesuffix("_lower").removesuffix("_upper")
    return STYLES.get(stem, fixed)(value)


def _is_missing(value: float | None) -> bool:
    """Whether there is no number."""
    return value is None or math.isnan(value)


def _round(value: float, decimals: int) -> Decimal:
    """Half away from zero, of the shortest decimal form; negative zero becomes zero."""
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def _scientific(value: float, decimals: int) -> str:
    """``1.20 × 10⁹``."""
    digits, exponent = f"{abs(value):.{decimals}e}".split("e")
    power = str(int(exponent)).translate(_SUPERSCRIPTS)
    return f"{MINUS if value < 0 else ''}{digits}{NBSP}×{NBSP}10{power}"
