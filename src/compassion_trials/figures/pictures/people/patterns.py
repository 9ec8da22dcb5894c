"""Patterns of missing scores: which visits participants have, how many of each arm, and whether they came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from compassion_trials.core.numbers import DASH
from compassion_trials.figures.parts.names import name_lines, widest_part
from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    RULE,
    WIDTH,
    new_figure,
    printable,
    shorten,
    text_width,
    themed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW: Final = 17.0
STUB: Final = 76.0
SIZE: Final = 8.0
SEEN: Final = "#4a7fb0"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Participants with scores at the same visits.

    Attributes
    ----------
    seen : tuple of bool
        Whether there is a score, by visit.
    counts : tuple of int
        Participants by arm.
    """

    seen: tuple[bool, ...]
    counts: tuple[int, ...]

    @property
    def kind(self) -> str:
        """``Complete``, ``Monotone`` (nothing after the first missing visit), ``Intermittent``, ``Never``."""
        if all(self.seen):
            return "Complete"
        if not any(self.seen):
            return "No score"
        first = self.seen.index(False)
        return "Intermittent" if any(self.seen[first:]) else "Monotone"


@themed
def missing_patterns(patterns: Sequence[Pattern], visits: Sequence[str], arms: Sequence[str]) -> Figure:
    """Draw patterns, most frequent first: filled where scored, open where missing; numbers by arm at the right.

    Parameters
    ----------
    patterns : sequence of Pattern
    visits, arms : sequence of str
        Labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    across = WIDTH * POINTS
    wanted = [widest_part(arm, SIZE, bold=True) + 10 for arm in arms]
    column = min(max(*wanted, 44.0), (across - STUB) * 0.6 / len(arms))
    cell = min((across - STUB - 14 - column * len(arms)) / len(visits), 92.0)
    upright = any(widest_part(visit, SIZE, bold=True) > cell - 4 for visit in visits)
    heads = [[printable(visit)] if upright else name_lines(visit, cell - 4, SIZE, bold=True)[:4] for visit in visits]
    sides = [name_lines(arm, column - 6, SIZE, bold=True)[:4] for arm in arms]
    above = max(text_width(visit, SIZE, bold=True) for visit in visits) if upright else 0.0
    top = 14 + max(10.0 * max(len(lines) for lines in (*heads, *sides)) + 8, above)
    height = top + ROW * len(patterns) + 6
    figure = new_figure(WIDTH, height / POINTS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, across), ylim=(height, 0))
    axes.axis("off")
    begin = STUB + cell * len(visits) + 14
    _heads(axes, heads, STUB, cell, top, upright=upright)
    _heads(axes, sides, begin, column, top)
    for i, pattern in enumerate(patterns):
        _draw(axes, pattern, top + (i + 0.5) * ROW, cell, begin, column)
    return figure


def _heads(axes: Axes, names: list[list[str]], left: float, wide: float, y: float, *, upright: bool = False) -> None:
    """Heads of columns above ``y``, upright where their words are too wide."""
    style: dict[str, Any] = {"fontsize": SIZE, "fontweight": "bold", "ha": "center"}
    for i, lines in enumerate(names):
        x = left + (i + 0.5) * wide
        if upright:
            axes.text(x, y - 3, lines[0], rotation=90, va="bottom", **style)
            continue
        for k, line in enumerate(lines):
            axes.text(x, y - 7 - 10 * (len(lines) - 1 - k), line, va="center_baseline", **style)


def _draw(axes: Axes, pattern: Pattern, y: float, cell: float, begin: float, column: float) -> None:
    """One pattern."""
    from matplotlib.patches import Rectangle

    axes.text(4, y, shorten(pattern.kind, STUB - 8, SIZE), fontsize=SIZE, va="center_baseline")
    for j, seen in enumerate(pattern.seen):
        x = STUB + j * cell
        face = SEEN if seen else PAPER
        axes.add_patch(Rectangle((x + 2, y - ROW / 2 + 2), cell - 4, ROW - 4, facecolor=face, edgecolor=RULE, lw=0.8))
        if not seen:
            axes.text(x + cell / 2, y, DASH, fontsize=SIZE, ha="center", va="center_baseline", color=FAINT)
    for j, n in enumerate(pattern.counts):
        axes.text(begin + (j + 0.5) * column, y, f"{n}", fontsize=SIZE, ha="center", va="center_baseline", color=INK)
