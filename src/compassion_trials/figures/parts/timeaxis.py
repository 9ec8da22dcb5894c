"""The time axis of a trajectory: visits at their real time, with names, weeks and n below, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from compassion_trials.figures.parts.panel import ArmLine, Panel
from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    RULE,
    frame_size,
    printable,
    text_width,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICK: Final = 7.5
"""Size of the text in points."""

LEAD: Final = 11.5
"""Distance of its lines in points."""


def time_axis(axes: Axes, panel: Panel) -> None:
    """Visit names, weeks and n per arm, moved apart where visits lie close in time."""
    axes.set_xticks(panel.weeks, [""] * len(panel.weeks))
    axes.tick_params(axis="x", length=3)
    across, down = frame_size(axes)
    left, right = axes.get_xlim()
    ticks = [(week - left) / (right - left) * across for week in panel.weeks]
    names = visit_names(panel.visits, (across + 30) / len(ticks) - 5)
    weeks = [week_number(week) for week in panel.weeks]
    widths = [
        max(*(text_width(w, TICK) for w in (*name, week)), 14.0) + 5 for name, week in zip(names, weeks, strict=True)
    ]
    places = spread(ticks, widths, -18.0, across + 14)
    rows: list[tuple[list[str], str, str | ArmLine]] = []
    for i in range(max(len(name) for name in names)):
        rows.append(([name[i] if i < len(name) else "" for name in names], INK, ""))
    rows.append((weeks, FAINT, "Week"))
    rows += [([_count(n) for n in arm.n], arm.style.colour, arm) for arm in panel.arms]
    for tick, place in zip(ticks, places, strict=True):
        axes.plot(
            [tick / across, place / across],
            [-3 / down, -8 / down],
            transform=axes.transAxes,
            color=RULE,
            lw=0.6,
            clip_on=False,
        )
    for i, (texts, colour, head) in enumerate(rows):
        y = (-15 - i * LEAD) / down
        for place, shown in zip(places, texts, strict=True):
            axes.text(
                place / across,
                y,
                shown,
                transform=axes.transAxes,
                ha="center",
                va="center_baseline",
                fontsize=TICK,
                color=colour,
            )
        _row_head(axes, head, y, across, min(places[0] - widths[0] / 2, 0) - 4)


def visit_names(visits: Sequence[str], width: float) -> list[list[str]]:
    """Visit names in at most two lines each; none at all (the weeks stand below) where one would have to be cut.

    Parameters
    ----------
    visits : sequence of str
    width : float
        Room per name in points.
    """
    names = [wrap(name, width, TICK) for name in visits]
    torn = any(
        "".join(lines) != "".join(printable(name).split(" ")) and " ".join(lines) != printable(name)
        for lines, name in zip(names, visits, strict=True)
    )
    return [[] for _ in visits] if torn or any(len(lines) > 2 for lines in names) else names


def _row_head(axes: Axes, head: str | ArmLine, y: float, across: float, x: float) -> None:
    """Name of a row below the axis: a word, or an arm's marker and n."""
    word = head if isinstance(head, str) else "n"
    style = "italic" if word == "n" else "normal"
    axes.text(
        x / across,
        y,
        word,
        transform=axes.transAxes,
        ha="right",
        va="center_baseline",
        fontsize=TICK,
        color=FAINT,
        fontstyle=style,
    )
    if not isinstance(head, str):
        axes.plot(
            [(x - 13) / across],
            [y + 0.5 / across],
            marker=head.style.marker,
            ms=4.5,
            color=head.style.colour,
            transform=axes.transAxes,
            clip_on=False,
            ls="none",
        )


def spread(places: Sequence[float], widths: Sequence[float], left: float, right: float) -> list[float]:
    """Move labels apart until none overlaps, as little as needed and in order.

    Parameters
    ----------
    places : sequence of float
        Wanted centres, increasing.
    widths : sequence of float
        Widths of the labels.
    left, right : float
        Edges that labels should stay within when there is room.

    Returns
    -------
    list of float
        Centres; neighbours are at least half the sum of their widths apart.
    """
    offsets = [0.0]
    for i in range(1, len(places)):
        offsets.append(offsets[-1] + _apart(widths, i - 1, i))
    blocks: list[tuple[float, int]] = []  # mean and size: pool adjacent violators of place minus offset
    for place, offset in zip(places, offsets, strict=True):
        blocks.append((place - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (late, m), (early, k) = blocks.pop(), blocks.pop()
            blocks.append(((early * k + late * m) / (k + m), k + m))
    flat = [mean for mean, size in blocks for _ in range(size)]
    return _inside([start + offset for start, offset in zip(flat, offsets, strict=True)], widths, left, right)


def _inside(places: list[float], widths: Sequence[float], left: float, right: float) -> list[float]:
    """Push labels in from the edges, keeping distances."""
    for i in range(len(places)):
        floor = left + widths[i] / 2 if i == 0 else places[i - 1] + _apart(widths, i - 1, i)
        places[i] = max(places[i], floor)
    for i in reversed(range(len(places))):
        last = i == len(places) - 1
        ceiling = right - widths[i] / 2 if last else places[i + 1] - _apart(widths, i, i + 1)
        places[i] = min(places[i], ceiling)
    return places


def _apart(widths: Sequence[float], i: int, j: int) -> float:
    """Least distance of two neighbours."""
    return (widths[i] + widths[j]) / 2


def number(value: float) -> str:
    """A number of a scale without needless decimals."""
    return f"{round(value, 2):g}".replace("-", "\u2212")


def week_number(week: float) -> str:
    """Weeks since baseline with at most one decimal."""
    return number(round(week, 1))


def _count(n: float) -> str:
    """n, or nothing."""
    return f"{n:.0f}" if n == n else ""
