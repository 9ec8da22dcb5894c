"""Evidence across trials: forest plot with weights, pooled effect and prediction interval; funnel plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.figures.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    RULE,
    WIDTH,
    new_figure,
    printable,
    shorten,
    themed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW: Final = 14.0
STUB: Final = 188.0
"""Width of names in points."""
NUMBERS: Final = 104.0
"""Width of the printed numbers in points."""
SIZE: Final = 7.8
OWN: Final = "#D55E00"
POOLED_COLOUR: Final = "#0072B2"
FOOT: Final = 52.0
"""Height below the rows: axis, its name, what the sides mean."""


@dataclass(frozen=True, slots=True)
class Row:
    """One effect; positive = benefit.

    Attributes
    ----------
    label, detail : str
        Trial, and its outcome in smaller print.
    estimate, lower, upper : float
    weight : float
        Percent; decides the size of the square. NaN for a trial that is not pooled.
    own : bool
        A trial of ours, drawn beside the evidence.
    """

    label: str
    detail: str
    estimate: float
    lower: float
    upper: float
    weight: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A pooled effect.

    Attributes
    ----------
    label : str
    estimate, lower, upper : float
    prediction : tuple of float or None
        Limits for a new trial.
    """

    label: str
    estimate: float
    lower: float
    upper: float
    prediction: tuple[float, float] | None


@themed
def evidence_forest(
    rows: Sequence[Row], summary: Summary | None, references: dict[str, float], axis: str, left: str, right: str
) -> Figure:
    """Draw trials, the pooled effect as a diamond with its prediction interval, and reference lines.

    Parameters
    ----------
    rows : sequence of Row
        At least one; those of our own trials last.
    summary : Summary or None
    references : dict of str to float
        Pooled effects of other meta-analyses, each a dashed line with its name above.
    axis, left, right : str
        Name of the axis; what its two sides mean.
    """
    published, own = [r for r in rows if not r.own], [r for r in rows if r.own]
    lines = len(rows) + (2 if own else 0) + (2 if summary else 0) + 1
    head = 10 + 11 * len(references)
    plot = ROW * lines
    height = head + plot + FOOT
    figure = new_figure(WIDTH, height / POINTS)
    across = WIDTH * POINTS
    axes = figure.add_axes((STUB / across, FOOT / height, (across - STUB - NUMBERS) / across, plot / height))
    axes.set_ylim(plot, 0)
    _limits(axes, rows, summary, references)
    axes.axvline(0, color=INK, lw=0.8)
    _references(axes, references)
    y = ROW * 0.8
    for row in published:
        _draw(axes, row, y)
        y += ROW
    if summary:
        _draw_summary(axes, summary, y + ROW * 0.3)
        y += ROW * 2
    if own:
        _text(axes, "Our trials (not pooled)", -STUB + 4, y + ROW * 0.4, bold=True)
        y += ROW * 1.4
        for row in own:
            _draw(axes, row, y)
            y += ROW
    _decorate(axes, axis, left, right, plot)
    return figure


@themed
def funnel(
    estimates: Sequence[float], errors: Sequence[float], centre: float, filled: Sequence[tuple[float, float]], axis: str
) -> Figure:
    """Draw effects against their standard errors, the 95% region of the pooled effect, and filled-in effects.

    Parameters
    ----------
    estimates, errors : sequence of float
        Effects and standard errors.
    centre : float
        Pooled effect.
    filled : sequence of (float, float)
        Effects and standard errors that trim and fill added.
    axis : str
    """
    figure = new_figure(WIDTH * 0.78, 3.5)
    axes = figure.add_axes((0.12, 0.15, 0.84, 0.8))
    top = 1.08 * max([*errors, *(se for _, se in filled)])
    axes.fill([centre, centre - 1.96 * top, centre + 1.96 * top], [0, top, top], color="#eef3f8", zorder=0)
    for side in (-1, 1):
        axes.plot([centre, centre + side * 1.96 * top], [0, top], color=RULE, lw=0.9, ls=(0, (4, 3)))
    axes.axvline(centre, color=POOLED_COLOUR, lw=1.2)
    axes.axvline(0, color=INK, lw=0.8)
    axes.scatter(estimates, errors, s=26, color=INK, zorder=3, linewidths=0.5, edgecolors=PAPER, label="Trials")
    if filled:
        axes.scatter(
            *zip(*filled, strict=True),
            s=26,
            facecolors=PAPER,
            edgecolors=OWN,
            zorder=3,
            label="Filled in by trim and fill",
        )
        axes.legend(loc="upper left", fontsize=SIZE, handletextpad=0.2, borderpad=0.2)
    axes.set_ylim(top, 0)
    reach = 1.06 * max(abs(np.array([*estimates, *(e for e, _ in filled)]) - centre).max(), 1.96 * top)
    axes.set_xlim(centre - reach, centre + reach)
    axes.set_xlabel(axis)
    axes.set_ylabel("Standard error")
    return figure


def _limits(axes: Axes, rows: Sequence[Row], summary: Summary | None, references: dict[str, float]) -> None:
    """A range that holds all points and most intervals; longer intervals end in an arrow."""
    ends = [(r.lower, r.upper) for r in rows] + ([(summary.lower, summary.upper)] if summary else [])
    ends += [summary.prediction] if summary and summary.prediction else []
    points = [r.estimate for r in rows] + list(references.values())
    low = max(min(e[0] for e in ends), min(points) - 1.2)
    high = min(max(e[1] for e in ends), max(points) + 1.2)
    low, high = min(low, -0.4), max(high, 0.4)
    pad = 0.04 * (high - low)
    axes.set_xlim(low - pad, high + pad)


def _references(axes: Axes, references: dict[str, float]) -> None:
    """Dashed lines with names above the plot."""
    low, high = axes.get_xlim()
    for i, (name, value) in enumerate(sorted(references.items(), key=lambda item: item[1])):
        axes.axvline(
            value, color="#007A5E", lw=1.0, ls=((0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1, 2)))[i % 3], zorder=1
        )
        side = "left" if value < (low + high) / 2 else "right"
        axes.annotate(
            printable(f"{name}: {fixed(value)}"),
            (value, 0),
            xytext=(3 if side == "left" else -3, 7 + 11 * i),
            xycoords="data",
            textcoords="offset points",
            fontsize=7,
            color="#006b52",
            ha=side,
            va="center_baseline",
            annotation_clip=False,
        )
        axes.plot([value, value], [0, -(7 + 11 * i)], color="#007A5E", lw=0.5, clip_on=False)


def _draw(axes: Axes, row: Row, y: float) -> None:
    """Name, outcome, interval, square by weight, numbers."""
    colour = OWN if row.own else INK
    low, high = axes.get_xlim()
    axes.plot([max(row.lower, low), min(row.upper, high)], [y, y], color=colour, lw=1.1, solid_capstyle="butt")
    for end, beyond, mark in ((low, row.lower < low, "<"), (high, row.upper > high, ">")):
        if beyond:
            axes.plot([end], [y], marker=mark, ms=4, color=colour, clip_on=False)
    size = 5.0 if row.own else 2.6 + 1.5 * min(max(row.weight, 0.2), 14) ** 0.5
    axes.plot([row.estimate], [y], marker="D" if row.own else "s", ms=size, color=colour, mec=PAPER, mew=0.4)
    name = shorten(row.label, STUB - 10, SIZE)
    _text(axes, name, -STUB + 8, y)
    room = STUB - 18 - _width(name)
    if row.detail and room > 30:
        _text(axes, shorten(row.detail, room, SIZE - 1), -STUB + 13 + _width(name), y, size=SIZE - 1, colour=FAINT)
    _text(axes, f"{fixed(row.estimate)} {interval(row.lower, row.upper)}", NUMBERS - 4, y, right=True)


def _draw_summary(axes: Axes, summary: Summary, y: float) -> None:
    """The diamond, and below it the prediction interval."""
    half = ROW * 0.36
    axes.fill(
        [summary.lower, summary.estimate, summary.upper, summary.estimate],
        [y, y - half, y, y + half],
        color=POOLED_COLOUR,
    )
    _text(axes, summary.label, -STUB + 4, y, bold=True)
    _text(
        axes,
        f"{fixed(summary.estimate)} {interval(summary.lower, summary.upper)}",
        NUMBERS - 4,
        y,
        bold=True,
        right=True,
    )
    if summary.prediction:
        below = y + ROW
        low, high = axes.get_xlim()
        lower, upper = summary.prediction
        axes.plot(
            [max(lower, low), min(upper, high)],
            [below, below],
            color=POOLED_COLOUR,
            lw=2.4,
            alpha=0.45,
            solid_capstyle="butt",
        )
        _text(axes, "95% prediction interval", -STUB + 8, below)
        _text(axes, interval(lower, upper), NUMBERS - 4, below, right=True)


def _width(words: str) -> float:
    """Width of a name in points."""
    from compassion_trials.figures.theme import text_width

    return text_width(words, SIZE)


def _text(
    axes: Axes,
    words: str,
    x: float,
    y: float,
    *,
    bold: bool = False,
    right: bool = False,
    size: float = SIZE,
    colour: str = INK,
) -> None:
    """Text at a distance in points from the frame's left (or right) edge."""
    across = axes.get_position().width * WIDTH * POINTS
    axes.text(
        (1 + x / across) if right else x / across,
        y,
        printable(words),
        transform=axes.get_yaxis_transform(),
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=colour,
        ha="right" if right else "left",
        va="center_baseline",
        clip_on=False,
    )


def _decorate(axes: Axes, axis: str, left: str, right: str, plot: float) -> None:
    """Axis, its name, and what the two sides mean."""
    from matplotlib.transforms import blended_transform_factory

    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.grid(axis="x", color="#ececec", lw=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=7)
    axes.set_xlabel(axis, fontsize=SIZE, labelpad=16)
    low, high = axes.get_xlim()
    zero = -low / (high - low)
    below = blended_transform_factory(axes.transAxes, axes.transData)
    for words, x, side in ((f"← {left}", zero - 0.015, "right"), (f"{right} →", zero + 0.015, "left")):
        axes.text(
            x,
            plot + 23,
            printable(words),
            transform=below,
            fontsize=7.2,
            color=FAINT,
            ha=side,
            va="center_baseline",
            clip_on=False,
        )
