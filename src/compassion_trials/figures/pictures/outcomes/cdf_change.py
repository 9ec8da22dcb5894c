"""Cumulative distribution of improvement by arm: which share improved by at least so much, for every "so much"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compassion_trials.figures.parts.legend import ROW, LegendEntry, draw_legend, legend_rows
from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    WIDTH,
    ArmStyle,
    frame_size,
    new_figure,
    printable,
    text_width,
    themed,
)
from compassion_trials.figures.parts.timeaxis import spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class CumulativeCurve:
    """Improvement of one arm.

    Attributes
    ----------
    label : str
    style : ArmStyle
    improvement : ndarray, shape (n,)
        Positive is better.
    """

    label: str
    style: ArmStyle
    improvement: NDArray[np.float64]


@themed
def cumulative_change(curves: Sequence[CumulativeCurve], axis: str, lines: Sequence[tuple[float, str]]) -> Figure:
    """Draw the share of participants who improved by at least x, a falling step line per arm.

    Parameters
    ----------
    curves : sequence of CumulativeCurve
        At least one, each with values.
    axis : str
        Name of the improvement with its unit.
    lines : sequence of (float, str)
        Thresholds to mark, such as reliable change, with their names.
    """
    legend = legend_rows(
        [LegendEntry(f"{c.label} (n\u00a0=\u00a0{len(c.improvement)})", c.style) for c in curves], one=True
    )
    above = 0.42 + ROW * (len(legend) - 1)
    height = above + 2.6 + 0.54
    figure = new_figure(WIDTH, height)
    axes = figure.add_axes((0.095, 0.54 / height, 0.885, 2.6 / height))
    values = np.concatenate([curve.improvement for curve in curves])
    pad = 0.05 * max(float(np.ptp(values)), 1e-9)
    low, high = float(values.min()) - pad, float(values.max()) + pad
    for curve in curves:
        x = np.sort(curve.improvement)
        share = 100 * (1 - np.arange(len(x) + 1) / len(x))
        edges = np.concatenate([[low], x, [high]])
        axes.step(edges, np.append(share, 0.0), where="post", color=curve.style.colour, ls=curve.style.line)
    axes.axvline(0, color=INK, lw=0.8)
    axes.set(xlim=(low, high), ylim=(0, 100), xlabel=printable(axis))
    axes.set_ylabel("Participants who improved at least so much (%)")
    axes.grid(axis="y", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    _mark(axes, sorted((at, name) for at, name in lines if low < at < high))
    draw_legend(figure, legend, height, markers=False)
    return figure


def _mark(axes: Axes, lines: list[tuple[float, str]]) -> None:
    """Thresholds with their names above the frame, moved apart where they are near each other."""
    across, down = frame_size(axes)
    low, high = axes.get_xlim()
    ticks = [(at - low) / (high - low) * across for at, _ in lines]
    places = spread(ticks, [text_width(name, 7.5) + 8 for _, name in lines], -20, across + 8) if lines else []
    for (at, name), tick, place in zip(lines, ticks, places, strict=True):
        axes.axvline(at, color=INK, lw=0.8, ls=(0, (4, 2)))
        ends = [tick / across, place / across], [1.0, 1 + 5 / down]
        axes.plot(*ends, transform=axes.transAxes, color=FAINT, lw=0.6, clip_on=False)
        x, y = place / across, 1 + 7 / down
        axes.text(x, y, printable(name), transform=axes.transAxes, fontsize=7.5, ha="center", va="bottom")
