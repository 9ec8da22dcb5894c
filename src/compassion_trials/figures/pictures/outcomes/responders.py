"""Who recovered, improved, stayed and got worse: stacked bars by arm and visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from compassion_trials.core.numbers import count, percent
from compassion_trials.figures.parts.names import statistic_text
from compassion_trials.figures.parts.theme import (
    INK,
    PAPER,
    POINTS,
    WIDTH,
    new_figure,
    text_width,
    themed,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STUB: Final = 150.0
"""Width of the arm names in points."""
BAR: Final = 15.0
LEAD: Final = 10.0
SIZE: Final = 8.0
RIGHT: Final = 40.0
"""Room for the number of participants in points."""

LOOKS: Final = {
    "recovered": ("#08519c", PAPER, ""),
    "improved": ("#9ecae1", INK, ""),
    "unchanged": ("#e3e3e3", INK, ""),
    "deteriorated": ("#e6772e", INK, "////"),
}
"""Fill, colour of the number, hatch: four steps of grey, so that no reader depends on colour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One arm at one visit.

    Attributes
    ----------
    label : str
    n : int
        Participants with both scores.
    counts : tuple of int
        In each category, best first.
    """

    label: str
    n: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Bars below one heading: an outcome at a visit.

    Attributes
    ----------
    heading : str
    bars : tuple of Bar
    """

    heading: str
    bars: tuple[Bar, ...]


@themed
def stacked_bars(blocks: Sequence[BarGroup], levels: Sequence[str]) -> Figure:
    """Draw percentages of participants in each category of change.

    Parameters
    ----------
    blocks : sequence of BarGroup
        At least one.
    levels : sequence of str
        Categories, keys of `LOOKS`, in the order of `Bar.counts`.
    """
    tall = [[max(BAR, LEAD * len(wrap(bar.label, STUB - 12, SIZE))) + 4 for bar in block.bars] for block in blocks]
    heads = [wrap(block.heading, WIDTH * POINTS - 12, SIZE, bold=True) for block in blocks]
    height = 26 + sum(len(h) * LEAD + 8 + sum(t) + 6 for h, t in zip(heads, tall, strict=True)) + 22
    figure = new_figure(WIDTH, height / POINTS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH * POINTS), ylim=(height, 0))
    axes.axis("off")
    _legend(axes, levels)
    y = 28.0
    for block, head, rows in zip(blocks, heads, tall, strict=True):
        for line in head:
            axes.text(4, y + 4, line, fontsize=SIZE, fontweight="bold", va="center_baseline")
            y += LEAD
        y += 3
        for bar, room in zip(block.bars, rows, strict=True):
            _bar(axes, bar, levels, y + room / 2)
            y += room
        y += 11
    _axis(axes, y - 4)
    return figure


def _legend(axes: Axes, levels: Sequence[str]) -> None:
    """Categories with their fills."""
    from matplotlib.patches import Rectangle

    x = 4.0
    for level in levels:
        fill, _, hatch = LOOKS[level]
        axes.add_patch(Rectangle((x, 6), 11, 9, facecolor=fill, hatch=hatch, edgecolor="#6b6b6b", lw=0.5))
        axes.text(x + 15, 11, level.capitalize(), fontsize=SIZE, va="center_baseline")
        x += 15 + text_width(level.capitalize(), SIZE) + 14


def _bar(axes: Axes, bar: Bar, levels: Sequence[str], y: float) -> None:
    """Name, segments with their counts, and the number of participants."""
    from matplotlib.patches import Rectangle

    lines = wrap(bar.label, STUB - 12, SIZE)
    for i, line in enumerate(lines):
        axes.text(12, y + (i - (len(lines) - 1) / 2) * LEAD, line, fontsize=SIZE, va="center_baseline")
    x, across = STUB, WIDTH * POINTS - STUB - RIGHT
    for level, k in zip(levels, bar.counts, strict=True):
        fill, ink, hatch = LOOKS[level]
        width = across * k / bar.n if bar.n else 0.0
        look: dict[str, Any] = {"facecolor": fill, "hatch": hatch, "edgecolor": "#6b6b6b", "lw": 0.5}
        axes.add_patch(Rectangle((x, y - BAR / 2), width, BAR, **look))
        words = percent(100 * k / bar.n) if bar.n else ""
        words = words if text_width(words, 7.0) < width - 4 else count(k)
        if k and text_width(words, 7.0) < width - 2:
            box = {"facecolor": fill, "edgecolor": "none", "pad": 0.8} if hatch else None
            axes.text(x + width / 2, y, words, fontsize=7.0, color=ink, ha="center", va="center_baseline", bbox=box)
        x += width
    statistic_text(axes, (WIDTH * POINTS - RIGHT + 5, y), f"n = {count(bar.n)}", 7.5)


def _axis(axes: Axes, y: float) -> None:
    """Percent below the bars."""
    across = WIDTH * POINTS - STUB - RIGHT
    axes.plot([STUB, STUB + across], [y, y], color="#8a8a8a", lw=0.6)
    for share in range(0, 101, 25):
        x = STUB + across * share / 100
        axes.plot([x, x], [y, y + 3], color="#8a8a8a", lw=0.6)
        axes.text(x, y + 10, f"{share}%", fontsize=7.5, ha="center", va="center_baseline")
