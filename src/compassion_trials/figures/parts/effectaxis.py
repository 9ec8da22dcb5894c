"""What the forest plots share: text beside the frame, and the axis of effects with what its two sides mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compassion_trials.figures.parts.names import statistic_text
from compassion_trials.figures.parts.theme import FAINT, INK, PAPER, frame_size, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = 8.0
"""Size of the text in points."""


def beside(
    axes: Axes,
    words: str,
    x: float,
    y: float,
    *,
    bold: bool = False,
    right: bool = False,
    cover: bool = False,
    size: float = SIZE,
    colour: str = INK,
) -> None:
    """Text at a distance in points from the frame's left edge, or ending so far right of its right edge.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    words : str
        The n of ``n = 12`` and the p of ``p = .04`` become italic.
    x : float
        Points.
    y : float
        Height of the row in data coordinates.
    bold : bool
    right : bool
        From the right edge instead.
    cover : bool
        Hide the lines below.
    size : float
    colour : str
    """
    across, _ = frame_size(axes)
    statistic_text(
        axes,
        ((1 + x / across) if right else x / across, y),
        words,
        size,
        coords=axes.get_yaxis_transform(),
        side="right" if right else "left",
        bold=bold,
        colour=colour,
        cover=PAPER if cover else None,
    )


def effect_axis(axes: Axes, name: str, left: str, right: str, bottom: float) -> None:
    """Grid and axis of effects with their name, and what the two sides of zero mean.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    name : str
    left, right : str
        Meaning of negative and of positive values.
    bottom : float
        Lower edge of the frame in data coordinates that are points.
    """
    from matplotlib.transforms import blended_transform_factory

    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.grid(axis="x", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=7)
    axes.set_xlabel(printable(name), fontsize=SIZE, labelpad=14)
    low, high = axes.get_xlim()
    zero = -low / (high - low)
    below = blended_transform_factory(axes.transAxes, axes.transData)
    for words, x, side in ((f"← {left}", zero - 0.02, "right"), (f"{right} →", zero + 0.02, "left")):
        axes.text(
            x,
            bottom + 21,
            printable(words),
            transform=below,
            fontsize=7.5,
            color=FAINT,
            ha=side,
            va="center_baseline",
            clip_on=False,
        )
