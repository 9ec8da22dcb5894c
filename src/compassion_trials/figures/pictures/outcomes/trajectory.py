"""Trajectories: means with confidence intervals over real time, one line per arm."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from compassion_trials.figures.parts.legend import draw_legend, legend_rows
from compassion_trials.figures.parts.panel import ArmLine, Panel
from compassion_trials.figures.parts.scoreaxis import score_label
from compassion_trials.figures.parts.theme import (
    PAPER,
    POINTS,
    WIDTH,
    frame_size,
    new_figure,
    themed,
    wrap,
)
from compassion_trials.figures.parts.timeaxis import time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DODGE: Final = 6.5
"""Distance of neighbouring arms in points."""

ZOOM: Final = 0.4
"""Below this share of the scale the axis shows a part of it, and a strip shows which part."""


@themed
def trajectory(panel: Panel) -> Figure:
    """One outcome over the full width, with visit names and n below the axis."""
    return _grid([panel], columns=1, plot=2.9)


@themed
def trajectories(panels: Sequence[Panel]) -> Figure:
    """Up to six outcomes side by side in small panels.

    Parameters
    ----------
    panels : sequence of Panel
        One to six, all with the same arms.
    """
    return _grid(list(panels), columns=min(2, len(panels)), plot=1.6)


def _grid(panels: list[Panel], columns: int, plot: float) -> Figure:
    """Panels on a grid, one legend above; ``plot`` is the height of a panel's frame in inches."""
    legend = legend_rows(panels[0].arms)
    rows = -(-len(panels) // columns)
    left, right = (0.98 if columns == 1 else 0.84), 0.2
    titles = [_title(panel.title, (WIDTH / columns - left - right) * POINTS + 10) for panel in panels]
    above, below = 0.18 + 0.13 * max(len(title) for title in titles), 0.36 + 0.16 * (len(panels[0].arms) + 2)
    top = 0.22 + 0.18 * max(len(legend) - 1, 0)
    height = top + rows * (above + plot + below)
    figure = new_figure(WIDTH, height)
    for i, (panel, title) in enumerate(zip(panels, titles, strict=True)):
        row, column = divmod(i, columns)
        bottom = height - top - row * (above + plot + below) - above - plot
        wide = WIDTH / columns
        frame = (column * wide + left, bottom, wide - left - right, plot)
        x, y, w, h = frame
        axes = figure.add_axes((x / WIDTH, y / height, w / WIDTH, h / height))
        _draw_panel(axes, panel)
        axes.set_title("\n".join(title), fontsize=8.5, fontweight="bold", loc="left", pad=5, linespacing=1.15)
    draw_legend(figure, legend, height)
    return figure


def _title(title: str, width: float) -> list[str]:
    """A title in at most two lines."""
    lines = wrap(title, width, 8.5, bold=True)
    return [lines[0], lines[1] + "…"] if len(lines) > 2 else lines


def _draw_panel(axes: Axes, panel: Panel) -> None:
    """Lines, axis and the counts below."""
    span = max(panel.weeks[-1] - panel.weeks[0], 1.0)
    nearest = min((b - a for a, b in pairwise(panel.weeks)), default=span)
    wanted = DODGE * 1.12 * span / frame_size(axes)[0]
    step = max(min(wanted, 0.8 * nearest / len(panel.arms)), 0.4 * wanted)
    for i, arm in enumerate(panel.arms):
        shift = (i - (len(panel.arms) - 1) / 2) * step
        _draw_arm(axes, arm, [week + shift for week in panel.weeks])
    axes.set_xlim(panel.weeks[0] - 0.06 * span, panel.weeks[-1] + 0.06 * span)
    _scale_axis(axes, panel)
    time_axis(axes, panel)


def _draw_arm(axes: Axes, arm: ArmLine, x: list[float]) -> None:
    """One arm: interval, mean, faint observed mean."""
    style = arm.style
    shown = [i for i, mean in enumerate(arm.mean) if mean == mean]
    xs, means = [x[i] for i in shown], [arm.mean[i] for i in shown]
    bars = [i for i in shown if arm.lower[i] == arm.lower[i] and arm.upper[i] == arm.upper[i]]
    if arm.observed:
        axes.plot(
            x,
            arm.observed,
            color=style.colour,
            alpha=0.45,
            lw=0.8,
            ls=":",
            marker=style.marker,
            ms=4,
            mfc=PAPER,
            zorder=2,
        )
    axes.vlines(
        [x[i] for i in bars],
        [arm.lower[i] for i in bars],
        [arm.upper[i] for i in bars],
        color=style.colour,
        lw=1.3,
        zorder=3,
    )
    axes.plot(xs, means, color=style.colour, ls=style.line, marker=style.marker, mec=PAPER, mew=0.6, zorder=4)


def _scale_axis(axes: Axes, panel: Panel) -> None:
    """The score axis: whole scale, or a part of it with a strip that shows which part."""
    low, high = panel.scale
    values = [v for arm in panel.arms for v in (*arm.lower, *arm.upper, *arm.mean, *arm.observed) if v == v]
    least, most = (min(values), max(values)) if values else (low, high)
    margin = 0.12 * max(most - least, 0.02 * (high - low))
    whole = (most - least) >= ZOOM * (high - low)
    pad = 0.02 * (high - low)
    bottom = low - pad if whole else max(low - pad, least - margin)
    top = high + pad if whole else min(high + pad, most + margin)
    axes.set_ylim(min(bottom, least), max(top, most))
    axes.grid(axis="y", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=6)
    score_label(axes, panel.unit, panel.scale, panel.better)
    if not whole:
        _strip(axes, panel.scale)


def _strip(axes: Axes, scale: tuple[float, float]) -> None:
    """A strip at the right edge: the whole scale, its visible part dark."""
    from matplotlib.patches import Rectangle

    low, high = scale
    bottom, top = (min(max((y - low) / (high - low), 0), 1) for y in axes.get_ylim())
    width = 4 / frame_size(axes)[0]
    for start, tall, colour in ((0, 1, "#e2e2e2"), (bottom, top - bottom, "#8a8a8a")):
        axes.add_patch(
            Rectangle(
                (1.01, start), width, tall, transform=axes.transAxes, facecolor=colour, edgecolor="none", clip_on=False
            )
        )
