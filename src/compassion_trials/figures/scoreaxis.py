"""The score axis of figures that show single scores: the possible range, its unit, and which way is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compassion_trials.figures.theme import frame_size, printable, shorten
from compassion_trials.figures.timeaxis import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIGHT = 0.5
"""Share of the scale below which the axis shows the part that holds scores."""


def score_axis(axes: Axes, unit: str, scale: tuple[float, float], better: str, values: Sequence[float]) -> None:
    """Limits, grid and label of a vertical score axis.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    unit : str
    scale : tuple of float
        Possible scores.
    better : {"higher", "lower", "neither"}
    values : sequence of float
        What is drawn.
    """
    low, high = scale
    least, most = min(values), max(values)
    if most - least >= TIGHT * (high - low):
        least, most = min(low, least), max(high, most)
    pad = 0.05 * (most - least or 1.0)
    axes.set_ylim(least - pad, most + pad)
    axes.grid(axis="y", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=6)
    label = f"{printable(unit)} (range {number(low)} to {number(high)})"
    direction = {"higher": "higher = better", "lower": "lower = better"}.get(better)
    lines = [shorten(label, frame_size(axes)[1] * 1.15, 8), *([direction] if direction else [])]
    axes.set_ylabel("\n".join(lines), fontsize=8, linespacing=1.25)
