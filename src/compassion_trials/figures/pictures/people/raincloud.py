"""Raincloud plot: distribution, quartiles and single scores by arm and visit (Allen et al., 2019).

Source: Allen, Poggiali, Whitaker, Marshall & Kievit (2019), doi:10.12688/wellcomeopenres.15191.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compassion_trials.figures.parts.legend import ROW, draw_legend, legend_rows
from compassion_trials.figures.parts.scoreaxis import score_axis
from compassion_trials.figures.parts.theme import (
    INK,
    PAPER,
    POINTS,
    WIDTH,
    new_figure,
    themed,
    wrap,
)

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from compassion_trials.figures.pictures.people.people import ArmPeople, PeopleScores

GRID: Final = 160
"""Points of a density."""

LEAST: Final = 3
"""Different scores that a density needs."""


@themed
def raincloud(people: PeopleScores) -> Figure:
    """Draw density, box and scores of each arm at each visit.

    Parameters
    ----------
    people : PeopleScores
        One to four arms.

    Returns
    -------
    matplotlib.figure.Figure
    """
    left, right, below, plot = 0.84, 0.15, 0.42, 2.7
    legend = legend_rows(people.arms)
    height = plot + below + 0.24 + ROW * max(len(legend) - 1, 0)
    figure = new_figure(WIDTH, height)
    axes = figure.add_axes((left / WIDTH, below / height, (WIDTH - left - right) / WIDTH, plot / height))
    values = [v for arm in people.arms for v in arm.scores.ravel().tolist() if v == v]
    score_axis(axes, people.unit, people.scale, people.better, values)
    room = 0.86 / len(people.arms)
    for j in range(len(people.visits)):
        for i, arm in enumerate(people.arms):
            column = arm.scores[:, j]
            _draw_cloud(axes, arm, column[column == column], j + (i - (len(people.arms) - 1) / 2) * room, room)
    axes.set_xlim(-0.5, len(people.visits) - 0.5)
    axes.set_xticks(range(len(people.visits)), [_name(visit, len(people.visits)) for visit in people.visits])
    axes.tick_params(axis="x", length=0, labelsize=8)
    draw_legend(figure, legend, height, lines=False)
    return figure


def density(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gaussian kernel density within the range of the scores, highest point 1.

    Parameters
    ----------
    values : ndarray
        Scores, shape (n,), not all the same.

    Returns
    -------
    grid, height : ndarray
        Shape (160,). The bandwidth is Silverman's (1986), 0.9 min(sd, IQR / 1.34) n^(-1/5).
    """
    import numpy as np

    spread = np.std(values, ddof=1)
    quartiles = np.subtract(*np.percentile(values, [75, 25])) / 1.34
    width = 0.9 * (min(spread, quartiles) if quartiles > 0 else spread) * len(values) ** -0.2
    grid = np.linspace(values.min(), values.max(), GRID)
    height = np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2).sum(axis=1)
    return grid, height / height.max()


def _draw_cloud(axes: Axes, arm: ArmPeople, values: NDArray[np.float64], x: float, room: float) -> None:
    """Points left, box in the middle, density right."""
    import numpy as np

    if not len(values):
        return
    colour = arm.style.colour
    if len(set(values.tolist())) >= LEAST:
        grid, height = density(values)
        axes.fill_betweenx(grid, x + 0.06 * room, x + (0.06 + 0.4 * height) * room, facecolor=colour, alpha=0.35, lw=0)
        axes.plot(x + (0.06 + 0.4 * height) * room, grid, color=colour, lw=0.9)
    low, middle, high = np.percentile(values, [25, 50, 75])
    reach = 1.5 * (high - low)
    ends = values[values >= low - reach].min(), values[values <= high + reach].max()
    axes.plot([x, x], ends, color=colour, lw=1.0, zorder=3)
    axes.bar(x, high - low, 0.09 * room, bottom=low, facecolor=PAPER, edgecolor=colour, lw=1.1, zorder=4)
    axes.plot([x - 0.045 * room, x + 0.045 * room], [middle, middle], color=INK, lw=1.6, zorder=5)
    drift = np.empty(len(values))
    drift[np.argsort(values, kind="stable")] = (np.arange(1, len(values) + 1) * 0.618033988749895) % 1
    axes.plot(
        x - (0.1 + 0.32 * drift) * room,
        values,
        ls="",
        marker=arm.style.marker,
        ms=2.6,
        color=colour,
        alpha=0.55,
        mew=0,
        zorder=2,
    )


def _name(visit: str, count: int) -> str:
    """A visit below the axis, in at most two lines."""
    lines = wrap(visit, 5.4 * POINTS / count, 8)
    return "\n".join(lines[:2])
