"""Correlation matrix: the lower triangle as shaded cells with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from compassion_trials.core.numbers import bounded
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

STUB: Final = 190.0
"""Greatest width of the names in points."""

ROOM: Final = 30.0
"""Space above the cells in points."""

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
    width = WIDTH * POINTS
    stub = min(max(text_width(f"{i + 1}. {name}", SIZE) for i, name in enumerate(names)) + 14, STUB)
    cell = min((width - stub - 10) / (count - 1), 58.0)
    labels = [wrap(f"{i + 1}. {name}", stub - 6, SIZE)[:2] for i, name in enumerate(names)]
    tall = min(max(cell * 0.5, 22.0 if any(len(lines) > 1 for lines in labels) else 17.0), 26.0)
    height = ROOM + tall * count + 4
    figure = new_figure(width / POINTS, height / POINTS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    for i, lines in enumerate(labels):
        y = height - ROOM - (i + 1) * tall
        for k, line in enumerate(lines):
            middle = y + tall / 2 - (k - (len(lines) - 1) / 2) * 10
            axes.text(4, middle, line, fontsize=SIZE, va="center_baseline")
        for j in range(i):
            _cell(axes, stub + j * cell, y, cell, tall, values.get((i, j), float("nan")))
    for j in range(count - 1):
        axes.text(stub + (j + 0.5) * cell, height - ROOM + 5, f"{j + 1}", fontsize=SIZE, ha="center", va="bottom")
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
    axes.text(
        x + wide / 2,
        y + tall / 2,
        bounded(value) if known else "—",
        fontsize=SIZE,
        ha="center",
        va="center_baseline",
        color=colour,
    )
