"""Correlation matrix: the lower triangle as shaded cells with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from compassion_trials.core.numbers import bounded
from compassion_trials.figures.theme import INK, PAPER, POINTS, WIDTH, new_figure, shorten, text_width, themed, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STUB: Final = 150.0
SIZE: Final = 8.0


@themed
def correlation_matrix(names: Sequence[str], values: Mapping[tuple[int, int], float]) -> Figure:
    """Draw correlations.

    Parameters
    ----------
    names : sequence of str
        Outcomes, three or more.
    values : mapping of (int, int) to float
        Correlation of a later with an earlier outcome, by their positions.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(names)
    cell = min((WIDTH * POINTS - STUB - 10) / (count - 1), 58.0)
    tall = min(cell, 30.0)
    head = max(min(text_width(name, SIZE), 84.0) for name in names[:-1]) + 8
    upright = any(text_width(name, SIZE) > cell - 4 for name in names[:-1])
    room = head if upright else 16.0
    height = room + tall * (count - 1) + 6
    width = WIDTH * POINTS
    figure = new_figure(WIDTH, height / POINTS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    for j, name in enumerate(names[:-1]):
        x = STUB + (j + 0.5) * cell
        foot = height - room + 4 - j * tall
        rotation = 90 if upright else 0
        axes.text(x, foot, shorten(name, 84 if upright else cell, SIZE), fontsize=SIZE, rotation=rotation, ha="center", va="bottom")
    for i in range(1, count):
        y = height - room - i * tall
        lines = wrap(names[i], STUB - 10, SIZE)[:2]
        for k, line in enumerate(lines):
            axes.text(4, y + tall / 2 - (k - (len(lines) - 1) / 2) * 10, line, fontsize=SIZE, va="center_baseline")
        for j in range(i):
            _cell(axes, STUB + j * cell, y, cell, tall, values.get((i, j), float("nan")))
    return figure


def _cell(axes: Axes, x: float, y: float, wide: float, tall: float, value: float) -> None:
    """One correlation: blue above zero, orange below, the number inside."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("r", ["#b34700", "#f3d9c6", PAPER, "#cfe1f2", "#08519c"])
    known = value == value
    face = shades((value + 1) / 2) if known else PAPER
    axes.add_patch(Rectangle((x, y), wide, tall, facecolor=face, edgecolor=PAPER, lw=1.2))
    colour = PAPER if known and abs(value) > 0.72 else INK
    axes.text(x + wide / 2, y + tall / 2, bounded(value) if known else "—", fontsize=SIZE, ha="center", va="center_baseline", color=colour)
