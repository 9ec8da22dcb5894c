"""Spaghetti plot: one thin line per participant over real time, the observed mean of the arm on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compassion_trials.figures.parts.names import statistic_text
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
from compassion_trials.figures.parts.timeaxis import spread, week_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from compassion_trials.figures.pictures.people.people import ArmPeople, PeopleScores

LEFT: Final = 0.84
"""Room for the score axis in inches."""

HEIGHT: Final = 2.5
"""Height of the frame in inches."""


@themed
def spaghetti(people: PeopleScores) -> Figure:
    """Draw the course of every participant, arms side by side.

    Parameters
    ----------
    people : PeopleScores
        One to four arms.

    Returns
    -------
    matplotlib.figure.Figure
    """
    count = len(people.arms)
    gap, right, below = 0.22, 0.15, 0.55
    wide = (WIDTH - LEFT - right - gap * (count - 1)) / count
    titles = [wrap(_heading(arm), wide * POINTS, 8.5, bold=True)[:3] for arm in people.arms]
    above = 0.22 + 0.14 * max(len(title) for title in titles)
    height = above + HEIGHT + below
    figure = new_figure(WIDTH, height)
    values = [v for arm in people.arms for v in arm.scores.ravel().tolist() if v == v]
    for i, (arm, title) in enumerate(zip(people.arms, titles, strict=True)):
        left = LEFT + i * (wide + gap)
        axes = figure.add_axes((left / WIDTH, below / height, wide / WIDTH, HEIGHT / height))
        _draw_arm(axes, people, arm)
        score_axis(axes, people.unit, people.scale, people.better, values)
        if i:
            axes.set_ylabel("")
            axes.tick_params(axis="y", labelleft=False)
        _weeks(axes, people)
        top = 1 + 9 / (HEIGHT * POINTS)
        for k, line in enumerate(reversed(title)):
            place = (0, top + k * 10.5 / (HEIGHT * POINTS))
            statistic_text(axes, place, line, 8.5, coords=axes.transAxes, bold=True)
    return figure


def _heading(arm: ArmPeople) -> str:
    """Arm and its participants with a score."""
    import numpy as np

    return f"{arm.label} (n\u00a0=\u00a0{int(np.isfinite(arm.scores).any(axis=1).sum())})"


def _draw_arm(axes: Axes, people: PeopleScores, arm: ArmPeople) -> None:
    """Lines of participants, mean of the arm."""
    import numpy as np

    x = np.array(people.weeks)
    for line in arm.scores:
        seen = np.isfinite(line)
        alone = seen.sum() == 1
        axes.plot(
            x[seen], line[seen], color=arm.style.colour, alpha=0.28, lw=0.7, marker="." if alone else "", ms=3, zorder=2
        )
    with np.errstate(invalid="ignore"):
        counts = np.isfinite(arm.scores).sum(axis=0)
        means = np.nansum(arm.scores, axis=0) / np.where(counts, counts, np.nan)
    shown = counts > 0
    axes.plot(x[shown], means[shown], color=PAPER, lw=4.2, zorder=3)
    axes.plot(x[shown], means[shown], color=INK, lw=2.0, marker=arm.style.marker, ms=6, mec=PAPER, mew=0.7, zorder=4)


def _weeks(axes: Axes, people: PeopleScores) -> None:
    """Ticks at the weeks of the visits, labels moved apart."""
    from compassion_trials.figures.parts.theme import frame_size, text_width

    span = max(people.weeks[-1] - people.weeks[0], 1.0)
    axes.set_xlim(people.weeks[0] - 0.05 * span, people.weeks[-1] + 0.05 * span)
    axes.set_xticks(people.weeks, [""] * len(people.weeks))
    across, down = frame_size(axes)
    ticks = [(week - people.weeks[0] + 0.05 * span) / (1.1 * span) * across for week in people.weeks]
    labels = [week_number(week) for week in people.weeks]
    places = spread(ticks, [text_width(label, 8) + 5 for label in labels], -6, across + 6)
    for place, label in zip(places, labels, strict=True):
        axes.text(
            place / across, -12 / down, label, transform=axes.transAxes, ha="center", va="center_baseline", fontsize=8
        )
    axes.set_xlabel("Weeks since baseline", fontsize=8, labelpad=13)
