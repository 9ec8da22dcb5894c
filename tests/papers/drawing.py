"""Parts of which layouts are drawn: heads, cells, and records put together by line."""

from __future__ import annotations

from collections.abc import Iterable

from tests.papers.records import DrawnCell, Record

SHOWN = {
    "mean": "M",
    "sd": "SD",
    "se": "SE",
    "lower": "95% CI lower",
    "upper": "95% CI upper",
    "estimate": "Mean difference",
    "df": "df1",
    "df2": "df2",
    "chi2": "χ2",
    "d": "Cohen’s d",
    "d_lower": "d, lower limit",
    "d_upper": "d, upper limit",
    "g": "Hedges’ g",
    "g_se": "SE of g",
    "eta2": "ηp2",
}
"""How a statistic is headed; others by their name."""


def heads(*texts: str) -> list[DrawnCell]:
    """A row of heads."""
    return [DrawnCell(text, head=True) for text in texts]


def cells(*texts: str) -> list[DrawnCell]:
    """A row of cells."""
    return [DrawnCell(text) for text in texts]


def used(records: Iterable[Record], attribute: str) -> list[str]:
    """Values of an attribute in order, once each."""
    return list(dict.fromkeys(getattr(r, attribute) for r in records))


def by_line(records: Iterable[Record]) -> dict[tuple[str, ...], dict[str, Record]]:
    """Records of one outcome, arm and visit together, by statistic."""
    found: dict[tuple[str, ...], dict[str, Record]] = {}
    for r in records:
        found.setdefault((r.measure, r.arm, r.versus, r.visit, r.first), {})[r.statistic] = r
    return found


def digits(line: dict[str, Record], statistic: str) -> str:
    """Digits of a statistic; a dash without it."""
    return line[statistic].printed if statistic in line else "–"
