"""Missing data: share of participants without a score, by outcome, arm and visit, as shaded cells with numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from compassion_trials.core.numbers import fixed
from compassion_trials.figures.parts.names import name_lines, widest_part
from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    WIDTH,
    new_figure,
    printable,
    text_width,
    themed,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STUB: Final = 132.0
"""Width of the outcome names in points."""

SIZE: Final = 8.0
LEAD: Final = 10.0
DARK: Final = "#08306b"
"""Colour of a cell in which all are missing."""


@dataclass(frozen=True, slots=True)
class MissingRow:
    """One outcome.

    Attributes
    ----------
    outcome : str
    percent : tuple of tuple of float
        Share missing in percent, shape (arms, visits); NaN where it was not planned.
    """

    outcome: str
    percent: tuple[tuple[float, ...], ...]


@themed
def missing_map(rows: Sequence[MissingRow], arms: Sequence[str], visits: Sequence[str]) -> Figure:
    """Draw the share missing: a row per outcome, a block of columns per arm, a column per visit.

    Parameters
    ----------
    rows : sequence of MissingRow
    arms, visits : sequence of str
        Labels.
    """
    gap = 8.0
    cell = (WIDTH * POINTS - STUB - gap * len(arms)) / (len(arms) * len(visits))
    cell = min(cell, 74.0)
    heads = [wrap(arm, cell * len(visits) - 2, SIZE, bold=True)[:3] for arm in arms]
    upright = not all(_fits(visit, cell - 2) for visit in visits)
    names = [[printable(visit)] if upright else name_lines(visit, cell - 2, 7.5) for visit in visits]
    visit_room = _visit_room(names, upright)
    top = 14 + max(len(head) for head in heads) * LEAD + 4 + visit_room
    tall = [max(len(wrap(row.outcome, STUB - 8, SIZE)) * LEAD + 6, 18.0) for row in rows]
    axes = _canvas(top + sum(tall) + 4)
    lefts = [STUB + i * (cell * len(visits) + gap) for i in range(len(arms))]
    for head, left in zip(heads, lefts, strict=True):
        _draw_head(axes, head, names, left, cell, top - visit_room, visit_room, upright)
    y = top
    for row, height in zip(rows, tall, strict=True):
        _draw_row(axes, row, lefts, cell, y, height)
        y += height
    return cast("Figure", axes.figure)


def _fits(visit: str, width: float) -> bool:
    """Whether a visit's name goes into two lines, parted at spaces and hyphens only."""
    return widest_part(visit, 7.5) <= width and len(name_lines(visit, width, 7.5)) <= 2


def _canvas(height: float) -> Axes:
    """Axes over the whole figure in points, y from the top."""
    figure = new_figure(WIDTH, height / POINTS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH * POINTS), ylim=(height, 0))
    axes.axis("off")
    return axes


def _visit_room(names: list[list[str]], upright: bool) -> float:
    """Height of the visit names in points."""
    return max(text_width(n[0], 7.5) for n in names) + 6 if upright else max(len(n) for n in names) * LEAD + 4


def _draw_head(
    axes: Axes, head: list[str], names: list[list[str]], left: float, cell: float, y: float, room: float, upright: bool
) -> None:
    """Arm above its visits."""
    middle = left + cell * len(names) / 2
    for i, line in enumerate(head):
        axes.text(
            middle,
            y - 8 - (len(head) - 1 - i) * LEAD,
            line,
            fontsize=SIZE,
            fontweight="bold",
            ha="center",
            va="center_baseline",
        )
    for i, name in enumerate(names):
        x = left + (i + 0.5) * cell
        if upright:
            axes.text(x, y + room - 4, name[0], fontsize=7.5, rotation=90, ha="center", va="bottom")
            continue
        for j, line in enumerate(name):
            axes.text(x, y + 6 + j * LEAD, line, fontsize=7.5, ha="center", va="center_baseline")


def _draw_row(axes: Axes, row: MissingRow, lefts: list[float], cell: float, y: float, height: float) -> None:
    """Name and cells of an outcome."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("missing", [PAPER, "#c6dbef", "#4292c6", DARK])
    lines = wrap(row.outcome, STUB - 8, SIZE)
    for i, line in enumerate(lines):
        axes.text(4, y + height / 2 + (i - (len(lines) - 1) / 2) * LEAD, line, fontsize=SIZE, va="center_baseline")
    for left, percents in zip(lefts, row.percent, strict=True):
        for i, percent in enumerate(percents):
            known = percent == percent
            share = percent / 100 if known else 0.0
            x = left + i * cell
            axes.add_patch(Rectangle((x, y), cell, height, facecolor=shades(share), edgecolor="#c9c9c9", lw=0.6))
            axes.text(
                x + cell / 2,
                y + height / 2,
                _shown(percent, cell),
                fontsize=7.5 if cell > 26 else 6.5,
                ha="center",
                va="center_baseline",
                color=FAINT if not known else (PAPER if share > 0.75 else INK),
            )


def _shown(percent: float, cell: float) -> str:
    """Percent with one decimal where there is room; a dash where nothing was planned."""
    return "–" if percent != percent else fixed(percent, 1 if cell > 26 else 0)
