"""Trajectories: means with confidence intervals over real time, one line per arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from compassion_trials.figures.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    RULE,
    WIDTH,
    ArmStyle,
    new_figure,
    printable,
    shorten,
    text_width,
    themed,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DODGE: Final = 6.5
"""Distance of neighbouring arms in points."""

ZOOM: Final = 0.4
"""Below this share of the scale the axis shows a part of it, and a strip shows which part."""

TICK: Final = 7.5
"""Size of the small text below an axis."""

LEAD: Final = 11.5
"""Distance of its lines in points."""

HANDLE: Final = 30.0
"""Length of a line in the legend in points."""

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArmLine:
    """Means of one arm, one value per visit; NaN where there is none.

    Attributes
    ----------
    label : str
    style : ArmStyle
    mean, lower, upper : tuple of float
        Mean and limits of its confidence interval, shape (visits,).
    n : tuple of float
        Participants observed, shape (visits,).
    observed : tuple of float
        Observed means, drawn faintly; empty when ``mean`` is the observed mean.
    """

    label: str
    style: ArmStyle
    mean: Values
    lower: Values
    upper: Values
    n: Values
    observed: Values = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One outcome.

    Attributes
    ----------
    title : str
        Name of the outcome.
    unit : str
    scale : tuple of float
        Possible scores.
    better : {"higher", "lower", "neither"}
    weeks : tuple of float
        Weeks since baseline, shape (visits,).
    visits : tuple of str
        Labels.
    arms : tuple of ArmLine
    """

    title: str
    unit: str
    scale: tuple[float, float]
    better: str
    weeks: Values
    visits: tuple[str, ...]
    arms: tuple[ArmLine, ...]


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
    legend = _legend_rows(panels[0].arms)
    rows = -(-len(panels) // columns)
    above, below = (0.3 if columns == 1 else 0.42), 0.36 + 0.16 * (len(panels[0].arms) + 2)
    top = 0.22 + 0.18 * max(len(legend) - 1, 0)
    height = top + rows * (above + plot + below)
    figure = new_figure(WIDTH, height)
    left, right = (0.98 if columns == 1 else 0.84), 0.2
    for i, panel in enumerate(panels):
        row, column = divmod(i, columns)
        bottom = height - top - row * (above + plot + below) - above - plot
        wide = WIDTH / columns
        frame = (column * wide + left, bottom, wide - left - right, plot)
        axes = figure.add_axes(tuple(v / (WIDTH, height)[k % 2] for k, v in enumerate(frame)))  # type: ignore[arg-type]
        _draw_panel(axes, panel)
    _draw_legend(figure, legend, height)
    return figure


def _draw_panel(axes: Axes, panel: Panel) -> None:
    """Lines, axis and the counts below."""
    span = max(panel.weeks[-1] - panel.weeks[0], 1.0)
    nearest = min((b - a for a, b in pairwise(panel.weeks)), default=span)
    wanted = DODGE * 1.12 * span / (axes.get_position().width * WIDTH * POINTS)
    step = max(min(wanted, 0.8 * nearest / len(panel.arms)), 0.4 * wanted)
    for i, arm in enumerate(panel.arms):
        shift = (i - (len(panel.arms) - 1) / 2) * step
        _draw_arm(axes, arm, [week + shift for week in panel.weeks])
    axes.set_xlim(panel.weeks[0] - 0.06 * span, panel.weeks[-1] + 0.06 * span)
    _scale_axis(axes, panel)
    _time_axis(axes, panel)


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
    direction = {"higher": "higher = better", "lower": "lower = better"}.get(panel.better, "")
    label = f"{printable(panel.unit)} (range {_number(low)} to {_number(high)})"
    height = axes.get_position().height * axes.figure.get_figheight() * POINTS
    lines = [shorten(label, height * 1.15, 8), *([direction] if direction else [])]
    axes.set_ylabel("\n".join(lines), fontsize=8, linespacing=1.25)
    title = wrap(panel.title, axes.get_position().width * axes.figure.get_figwidth() * POINTS + 10, 8.5, bold=True)
    shown = [*title[:1], title[1] + "…"] if len(title) > 2 else title
    axes.set_title("\n".join(shown), fontsize=8.5, fontweight="bold", loc="left", pad=5, linespacing=1.15)
    if not whole:
        _strip(axes, panel.scale)


def _strip(axes: Axes, scale: tuple[float, float]) -> None:
    """A strip at the right edge: the whole scale, its visible part dark."""
    from matplotlib.patches import Rectangle

    low, high = scale
    bottom, top = (min(max((y - low) / (high - low), 0), 1) for y in axes.get_ylim())
    width = 4 / (axes.get_position().width * axes.figure.get_figwidth() * POINTS)
    for start, tall, colour in ((0, 1, "#e2e2e2"), (bottom, top - bottom, "#8a8a8a")):
        axes.add_patch(
            Rectangle(
                (1.01, start), width, tall, transform=axes.transAxes, facecolor=colour, edgecolor="none", clip_on=False
            )
        )


def _time_axis(axes: Axes, panel: Panel) -> None:
    """Visit names, weeks and n per arm, moved apart where visits lie close in time."""
    axes.set_xticks(panel.weeks, [""] * len(panel.weeks))
    axes.tick_params(axis="x", length=3)
    position, figure = axes.get_position(), axes.figure
    across = position.width * figure.get_figwidth() * POINTS  # type: ignore[union-attr]
    down = position.height * figure.get_figheight() * POINTS  # type: ignore[union-attr]
    left, right = axes.get_xlim()
    ticks = [(week - left) / (right - left) * across for week in panel.weeks]
    names = visit_names(panel.visits, (across + 30) / len(ticks) - 5)
    weeks = [_number(week) for week in panel.weeks]
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


def _legend_rows(arms: tuple[ArmLine, ...]) -> list[list[tuple[ArmLine, float]]]:
    """Arms and their places in points from the left, in as many rows as their names need; none for one arm."""
    rows: list[list[tuple[ArmLine, float]]] = [[]] if len(arms) > 1 else []
    x = 8.0
    for arm in arms if len(arms) > 1 else ():
        width = HANDLE + 8 + text_width(shorten(arm.label, 300, 8.5), 8.5) + 16
        if rows[-1] and x + width > WIDTH * POINTS - 100:  # the corner belongs to SYNTHETIC
            rows.append([])
            x = 8.0
        rows[-1].append((arm, x))
        x += width
    return rows


def _draw_legend(figure: Figure, rows: list[list[tuple[ArmLine, float]]], height: float) -> None:
    """Names of the arms above all panels."""
    from matplotlib.lines import Line2D

    for i, row in enumerate(rows):
        y = 1 - (0.1 + 0.18 * i) / height
        for arm, x in row:
            places = [(x + shift) / (WIDTH * POINTS) for shift in (0, HANDLE / 2, HANDLE)]
            style = arm.style
            figure.add_artist(
                Line2D(
                    places,
                    [y] * 3,
                    color=style.colour,
                    ls=style.line,
                    marker=style.marker,
                    markevery=[1],
                    mec=PAPER,
                    mew=0.6,
                )
            )
            figure.text(
                places[2] + 8 / (WIDTH * POINTS), y, shorten(arm.label, 300, 8.5), va="center_baseline", fontsize=8.5
            )


def _number(value: float) -> str:
    """A number of a scale without needless decimals."""
    return f"{value:g}".replace("-", "\u2212")


def _count(n: float) -> str:
    """n, or nothing."""
    return f"{n:.0f}" if n == n else ""
