"""The legend of arms above a figure, in as many rows as their names need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from compassion_trials.figures.parts.names import statistic_text
from compassion_trials.figures.parts.theme import (
    PAPER,
    POINTS,
    WIDTH,
    ArmStyle,
    shorten,
    text_width,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HANDLE: Final = 30.0
"""Length of a line in points."""

ROW: Final = 0.18
"""Height of a row in inches."""


class Named(Protocol):
    """An arm with its name and style."""

    @property
    def label(self) -> str:
        """Name of the arm."""
        ...

    @property
    def style(self) -> ArmStyle:
        """How it is drawn."""
        ...


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A name with its style, for figures whose arms have more to say than their names."""

    label: str
    style: ArmStyle


Rows = list[list[tuple[Named, float]]]
"""Arms with their places in points from the left, by row."""


def legend_rows(arms: Sequence[Named], *, one: bool = False) -> Rows:
    """Arms on rows; none for one arm unless asked. The upper right corner stays free for the mark of synthetic data."""
    shown = arms if one or len(arms) > 1 else ()
    rows: Rows = [[]] if shown else []
    x = 8.0
    for arm in shown:
        width = HANDLE + 8 + text_width(shorten(arm.label, 300, 8.5), 8.5) + 16
        if rows[-1] and x + width > WIDTH * POINTS - 100:
            rows.append([])
            x = 8.0
        rows[-1].append((arm, x))
        x += width
    return rows


def draw_legend(figure: Figure, rows: Rows, height: float, *, lines: bool = True, markers: bool = True) -> None:
    """Draw markers (with their lines) and names.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    rows : Rows
        From `legend_rows`.
    height : float
        Of the figure, in inches.
    lines : bool
        Whether the arms are drawn as lines.
    markers : bool
        Whether they have markers.
    """
    from matplotlib.lines import Line2D

    if not rows:
        return
    axes = figure.axes[0]
    for i, row in enumerate(rows):
        y = 1 - (0.1 + ROW * i) / height
        for arm, x in row:
            places = [(x + shift) / (WIDTH * POINTS) for shift in (0, HANDLE / 2, HANDLE)]
            style = arm.style
            figure.add_artist(
                Line2D(
                    places,
                    [y] * 3,
                    color=style.colour,
                    ls=style.line if lines else "none",
                    marker=style.marker if markers else "",
                    markevery=[1],
                    mec=PAPER,
                    mew=0.6,
                )
            )
            name = places[2] + (8 if lines else -4) / (WIDTH * POINTS)
            label = shorten(arm.label, 300, 8.5)
            statistic_text(axes, (name, y), label, 8.5, coords="figure fraction")
