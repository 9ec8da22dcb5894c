"""Cumulative distribution of improvement by arm: which share improved by at least so much, for every "so much"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compassion_trials.figures.theme import INK, WIDTH, ArmStyle, new_figure, printable, themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Curve:
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
def cumulative_change(curves: Sequence[Curve], axis: str, lines: Sequence[tuple[float, str]]) -> Figure:
    """Draw the share of participants who improved by at least x, a falling step line per arm.

    Parameters
    ----------
    curves : sequence of Curve
        At least one, each with values.
    axis : str
        Name of the improvement with its unit.
    lines : sequence of (float, str)
        Thresholds to mark, such as reliable change, with their names.
    """
    figure = new_figure(WIDTH, 3.7)
    axes = figure.add_axes((0.095, 0.145, 0.885, 0.70))
    values = np.concatenate([curve.improvement for curve in curves])
    pad = 0.05 * max(float(np.ptp(values)), 1e-9)
    low, high = float(values.min()) - pad, float(values.max()) + pad
    for curve in curves:
        x = np.sort(curve.improvement)
        share = 100 * (1 - np.arange(len(x) + 1) / len(x))
        edges = np.concatenate([[low], x, [high]])
        label = f"{printable(curve.label)} (n = {len(x)})"
        style = curve.style
        axes.step(edges, np.append(share, 0.0), where="post", color=style.colour, ls=style.line, label=label)
    axes.axvline(0, color=INK, lw=0.8)
    for at, name in lines:
        if low < at < high:
            axes.axvline(at, color=INK, lw=0.8, ls=(0, (4, 2)))
            axes.text(at, 101.5, printable(name), fontsize=7.5, ha="center", va="bottom")
    axes.set(xlim=(low, high), ylim=(0, 100), xlabel=printable(axis))
    axes.set_ylabel("Participants who improved at least so much (%)")
    axes.grid(axis="y", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    figure.legend(loc="upper left", bbox_to_anchor=(0.085, 1.0), ncols=min(len(curves), 2), columnspacing=1.4)
    return figure
