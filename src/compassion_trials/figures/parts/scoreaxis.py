"""The score axis of figures that show single scores: the possible range, its unit, and which way is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compassion_trials.figures.parts.theme import frame_size, printable, shorten, text_width
from compassion_trials.figures.parts.timeaxis import number

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
    score_label(axes, unit, scale, better)


def score_label(axes: Axes, unit: str, scale: tuple[float, float], better: str) -> None:
    """Unit, possible range and which way is better, in as many lines as the axis needs.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    unit : str
    scale : tuple of float
    better : {"higher", "lower", "neither"}
    """
    room = frame_size(axes)[1] * 1.15
    span = f"range {number(scale[0])} to {number(scale[1])}"
    whole = f"{printable(unit)} ({span})"
    fits = text_width(whole, 8) <= room
    lines = [whole] if fits else [shorten(unit, room, 7), span]
    lines += [f"{better} = better"] if better in ("higher", "lower") else []
    axes.set_ylabel("\n".join(lines), fontsize=8 if fits else 7, linespacing=1.25)
