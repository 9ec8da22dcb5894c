"""Love plot: standardized differences of the arms at baseline, a row per variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    WIDTH,
    new_figure,
    shorten,
    themed,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW: Final = 15.0
STUB: Final = 190.0
SIZE: Final = 8.0
SMALL: Final = 0.1
"""Difference up to which groups count as balanced (Austin, 2009)."""

MARKERS: Final = (("o", "#0072B2"), ("s", "#D55E00"), ("^", "#007A5E"), ("D", "#9A4C7F"), ("v", INK), ("P", FAINT))


@dataclass(frozen=True, slots=True)
class Difference:
    """One variable.

    Attributes
    ----------
    label : str
    values : tuple of float
        Standardized mean difference for each pair of arms; NaN where there is none.
    """

    label: str
    values: tuple[float, ...]


@themed
def love_plot(rows: Sequence[Difference], pairs: Sequence[str]) -> Figure:
    """Draw differences at baseline.

    Parameters
    ----------
    rows : sequence of Difference
        At least one.
    pairs : sequence of str
        Names of the pairs of arms, up to six.

    Returns
    -------
    matplotlib.figure.Figure
    """
    heights = [ROW + (len(wrap(row.label, STUB - 10, SIZE)) - 1) * 10 for row in rows]
    top = 16.0 * (len(pairs) if len(pairs) > 1 else 0) + 14
    height = top + sum(heights) + 44
    across = WIDTH * POINTS
    figure = new_figure(WIDTH, height / POINTS)
    axes = figure.add_axes((STUB / across, 40 / height, (across - STUB - 14) / across, sum(heights) / height))
    reach = max([abs(v) for row in rows for v in row.values if v == v] + [0.3]) * 1.12
    axes.set(xlim=(-reach, reach), ylim=(sum(heights), 0))
    axes.axvspan(-SMALL, SMALL, color="#eeeeee", lw=0)
    axes.axvline(0, color=INK, lw=0.8)
    y = 0.0
    for row, tall in zip(rows, heights, strict=True):
        _draw_row(axes, row, y + tall / 2, STUB)
        y += tall
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Standardized mean difference at baseline", fontsize=8.5)
    _legend(figure, pairs, height)
    return figure


def _draw_row(axes: Axes, row: Difference, y: float, stub: float) -> None:
    """Name, line to zero, markers."""
    from matplotlib.transforms import blended_transform_factory

    from compassion_trials.figures.parts.theme import frame_size

    across, _ = frame_size(axes)
    place = blended_transform_factory(axes.transAxes, axes.transData)
    lines = wrap(row.label, stub - 10, SIZE)
    for i, line in enumerate(lines):
        shift = (i - (len(lines) - 1) / 2) * 10
        axes.text(-(stub - 4) / across, y + shift, line, transform=place, fontsize=SIZE, va="center_baseline")
    axes.axhline(y, color="#dddddd", lw=0.6, zorder=1)
    for (marker, colour), value in zip(MARKERS, row.values, strict=False):
        if value == value:
            axes.plot([value], [y], marker=marker, color=colour, ms=5.5, mec=PAPER, mew=0.5, ls="none", zorder=3)


def _legend(figure: Figure, pairs: Sequence[str], height: float) -> None:
    """Pairs of arms above the frame, one per line; none for a single pair."""
    from matplotlib.lines import Line2D

    if len(pairs) < 2:
        return
    across = WIDTH * POINTS
    for i, (pair, (marker, colour)) in enumerate(zip(pairs, MARKERS, strict=False)):
        y = 1 - (10 + 16 * i) / height
        figure.add_artist(Line2D([10 / across], [y], marker=marker, color=colour, ms=5.5, mec=PAPER, ls="none"))
        label = shorten(pair, across - 130, SIZE)
        figure.text(20 / across, y, label, fontsize=SIZE, va="center_baseline")
