"""Where the numbers of a sentence come from: each printed number carries its source, which a test follows."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.core.printable import printable
from compassion_trials.report.model import Cited
from compassion_trials.tables.text import Style

if TYPE_CHECKING:
    from compassion_trials.core.results import Results
    from compassion_trials.study.context import Context

Shown = Callable[[float | None], str]
"""How a number is written, from `core.numbers`."""


def cited(text: str, *sources: str, style: Style = "plain") -> Cited:
    """A piece of text with its sources.

    Parameters
    ----------
    text : str
    *sources : str
        ``row:12`` is row 12 of the results table; ``plan:analysis.alpha`` a key of the plan; ``record:fit`` what a
        stage wrote about itself; ``text:background`` what the authors wrote; ``reference:...`` a citation; ``file:...``
        a file of the study; ``software:...`` a version.
    style : {"plain", "italic", "bold", "superscript", "subscript"}
    """
    return Cited(printable(text), tuple(source for source in sources if source), style)


def row(results: Results, statistic: str, **keys: str) -> str:
    """Source of a number of the results table; empty when there is none."""
    place = results.place(statistic, **keys)
    return f"row:{place}" if place is not None else ""


def number(results: Results, statistic: str, style: Shown = fixed, **keys: str) -> Cited:
    """A number of the results table as text with its source.

    Parameters
    ----------
    results : Results
    statistic : str
    style : callable
        From `core.numbers`.
    **keys : str
        analysis, outcome, arm, term, level, visit.
    """
    return cited(style(results.value(statistic, **keys)), row(results, statistic, **keys))


def limits(
    results: Results, lower: str, upper: str, style: Callable[[float | None, int], str] = fixed, **keys: str
) -> Cited:
    """A confidence interval of the results table with the sources of both ends; an empty text when it has none."""
    low, high = (results.value(name, **keys) for name in (lower, upper))
    if isnan(low + high):
        return cited("")
    return cited(interval(low, high, style=style), row(results, lower, **keys), row(results, upper, **keys))


def level(context: Context) -> Cited:
    """Coverage of the intervals, such as ``95%``."""
    return cited(f"{100 * (1 - context.plan.analysis.alpha):.4g}%", "plan:analysis.alpha")
