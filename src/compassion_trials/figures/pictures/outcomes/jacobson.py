"""Jacobson plot: each participant before against after, with the band of unreliable change and the cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    POINTS,
    WIDTH,
    new_figure,
    printable,
    themed,
    wrap,
)
from compassion_trials.figures.pictures.outcomes.responders import LOOKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Array = NDArray[np.float64]

MARKERS: Final = {"recovered": "o", "improved": "^", "unchanged": "s", "deteriorated": "X"}
"""Marker of each category; fills as in the stacked bars."""
NARROWEST: Final = 340.0
"""Least width of the figure in points: room for the legend and the mark of synthetic data."""
JITTER: Final = 0.004
"""Largest shift of a point, as a share of the axis, so that equal scores do not cover each other."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """One arm.

    Attributes
    ----------
    label : str
    before, after : ndarray, shape (n,)
    category : tuple of str
        Of each participant.
    """

    label: str
    before: Array
    after: Array
    category: tuple[str, ...]


@themed
def jacobson_plot(
    arms: Sequence[Scatter], outcome: str, visits: tuple[str, str], criterion: float, cut: float | None, better: str
) -> Figure:
    """Draw one panel per arm, all on the same square axes.

    Parameters
    ----------
    arms : sequence of Scatter
        At least one.
    outcome : str
        Name and unit, for the axes.
    visits : (str, str)
        Before and after.
    criterion : float
        Smallest reliable change.
    cut : float or None
        Cut-off between people with and without the problem.
    better : {"higher", "lower"}
    """
    columns = 2 if len(arms) in (2, 4) else min(len(arms), 3)
    rows = -(-len(arms) // columns)
    side = (WIDTH * POINTS - 46 - 14 * (columns - 1) - 6) / columns
    side = min(side, 205.0 if rows == 1 else 170.0)
    width = max(46 + columns * side + 14 * (columns - 1) + 6, NARROWEST)
    below = 0.0 if rows == 1 else 34.0
    height = 24 + rows * (side + 26) + (rows - 1) * below + 34
    figure = new_figure(width / POINTS, height / POINTS)
    values = np.concatenate([np.concatenate([arm.before, arm.after]) for arm in arms])
    edge = max(0.04 * float(np.ptp(values)), 1e-9)
    limits = (float(values.min()) - edge, float(values.max()) + edge)
    for i, arm in enumerate(arms):
        row, column = divmod(i, columns)
        left = 46 + column * (side + 14)
        top = 24 + row * (side + 26 + below) + 22
        frame = (left / width, 1 - (top + side) / height, side / width, side / height)
        axes = figure.add_axes(frame)
        _panel(axes, arm, limits, criterion, cut, better, side)
        axes.tick_params(labelleft=column == 0)
        axes.set_xlabel(printable(visits[0]))
        if column == 0:
            axes.set_ylabel(printable(f"{outcome}: {visits[1]}"))
    _legend(figure, arms, better)
    return figure


def _panel(
    axes: Axes, arm: Scatter, limits: tuple[float, float], criterion: float, cut: float | None, better: str, side: float
) -> None:
    """Band, cut-off and points of one arm."""
    ends = np.array(limits)
    axes.fill_between(ends, ends - criterion, ends + criterion, color="#ececec", lw=0, zorder=0)
    axes.plot(ends, ends, color=FAINT, lw=0.8, zorder=1)
    if cut is not None:
        axes.axhline(cut, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
        axes.axvline(cut, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
    shift = np.random.default_rng(1).uniform(-JITTER, JITTER, (2, len(arm.before))) * np.ptp(ends)
    category = np.array(arm.category)
    for level, marker in MARKERS.items():
        here = category == level
        if here.any():
            x, y = arm.before[here] + shift[0, here], arm.after[here] + shift[1, here]
            fill = LOOKS[level][0]
            axes.scatter(x, y, s=26, marker=marker, facecolor=fill, edgecolor="#3a3a3a", lw=0.6, zorder=3)
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    axes.locator_params(nbins=5)
    lines = wrap(arm.label, side, 9.0)[:2]
    axes.set_title("\n".join(lines), fontsize=9.0, pad=4)


def _legend(figure: Figure, arms: Sequence[Scatter], better: str) -> None:
    """Markers that occur."""
    from matplotlib.lines import Line2D

    present = {level for arm in arms for level in arm.category}
    handles = [
        Line2D([], [], ls="", marker=m, mfc=LOOKS[level][0], mec="#3a3a3a", mew=0.6, ms=6, label=level.capitalize())
        for level, m in MARKERS.items()
        if level in present
    ]
    figure.legend(handles=handles, loc="upper left", ncols=4, bbox_to_anchor=(0.0, 1.0), columnspacing=1.2)
