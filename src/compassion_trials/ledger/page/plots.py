"""Evidence across trials: forest plot with weights, pooled effect and prediction interval; funnel plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.figures.parts.effectaxis import SIZE, beside, effect_axis
from compassion_trials.figures.parts.theme import (
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
STUB: Final = 202.0
"""Width of names in points."""
NUMBERS: Final = 104.0
"""Width of the printed numbers in points."""
OWN: Final = "#D55E00"
POOLED_COLOUR: Final = "#0072B2"
REFERENCE: Final = "#007A5E"
_DASHES: Final = ((0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1, 2)))
FOOT: Final = 52.0
"""Height below the rows: axis, its name, what the sides mean."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
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
class PooledRow:
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
    rows: Sequence[EvidenceRow],
    summary: PooledRow | None,
    references: dict[str, float],
    axis: str,
    left: str,
    right: str,
) -> Figure:
    """Draw trials, the pooled effect as a diamond with its prediction interval, and reference lines.

    Parameters
    ----------
    rows : sequence of EvidenceRow
        At least one; those of our own trials last.
    summary : PooledRow or None
    references : dict of str to float
        Pooled effects of other meta-analyses, each a dashed line with its name above.
    axis, left, right : str
        Name of the axis; what its two sides mean.
    """
    published, own = [r for r in rows if not r.own], [r for r in rows if r.own]
    lines = len(rows) + (2 if own else 0) + (2 if summary else 0) + 1
    head = 15 + 11 * len(references)
    plot = ROW * lines
    height = head + plot + FOOT
    figure = new_figure(WIDTH, height / POINTS)
    across = WIDTH * POINTS
    axes = figure.add_axes((STUB / across, FOOT / height, (across - STUB - NUMBERS) / across, plot / height))
    axes.set_ylim(plot, 0)
    _limits(axes, rows, summary, references)
    axes.axvline(0, color=INK, lw=0.8)
    _references(axes, references)
    places = [ROW * (0.8 + i) for i in range(len(published))]
    y = ROW * (0.8 + len(published))
    if summary:
        _draw_summary(axes, summary, y + ROW * 0.3)
        y += ROW * 2
    if own:
        beside(axes, "Our trials (not pooled)", -STUB + 4, y + ROW * 0.4, bold=True)
        y += ROW * 1.4
        places += [y + ROW * i for i in range(len(own))]
    _draw(axes, [*published, *own], places)
    effect_axis(axes, axis, left, right, plot)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=5, steps=(1, 2, 5, 10))
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
            [estimate for estimate, _ in filled],
            [error for _, error in filled],
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


def _limits(axes: Axes, rows: Sequence[EvidenceRow], summary: PooledRow | None, references: dict[str, float]) -> None:
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
    """Dashed lines with names above the plot: the smaller half to the left of their lines, the others to the right.

    A name stands higher than those of the lines that it reaches over, so that no line crosses a name.
    """
    ordered = sorted(references.items(), key=lambda item: item[1])
    left, right = ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :][::-1]
    for side in (left, right):
        for i, (name, value) in enumerate(side):
            height = 7 + 11 * (i + (len(left) if side is right and left else 0))
            style = _DASHES[ordered.index((name, value)) % len(_DASHES)]
            axes.axvline(value, color=REFERENCE, lw=1.0, ls=style, zorder=1)
            axes.plot([value, value], [0, -height], color=REFERENCE, lw=0.5, clip_on=False)
            axes.annotate(
                printable(f"{name}: {fixed(value)}"),
                (value, 0),
                xytext=(-3 if side is left else 3, height),
                textcoords="offset points",
                fontsize=7,
                color="#006b52",
                ha="right" if side is left else "left",
                va="center_baseline",
                annotation_clip=False,
            )


def _draw(axes: Axes, rows: Sequence[EvidenceRow], places: Sequence[float]) -> None:
    """Intervals, squares by weight, names and numbers; one artist for all marks of a kind."""
    low, high = axes.get_xlim()
    colours = [OWN if row.own else INK for row in rows]
    starts, ends = [max(row.lower, low) for row in rows], [min(row.upper, high) for row in rows]
    axes.hlines(places, starts, ends, colors=colours, lw=1.1)
    _arrows(axes, "<", low, [(y, c) for r, y, c in zip(rows, places, colours, strict=True) if r.lower < low])
    _arrows(axes, ">", high, [(y, c) for r, y, c in zip(rows, places, colours, strict=True) if r.upper > high])
    for marker, own in (("s", False), ("D", True)):
        drawn = [(row, y) for row, y in zip(rows, places, strict=True) if row.own == own]
        axes.scatter(
            [row.estimate for row, _ in drawn],
            [y for _, y in drawn],
            s=[(5.0 if own else 2.6 + 1.5 * min(max(row.weight, 0.2), 14) ** 0.5) ** 2 for row, _ in drawn],
            marker=marker,
            color=OWN if own else INK,
            edgecolors=PAPER,
            linewidths=0.4,
            zorder=3,
        )
    for row, y in zip(rows, places, strict=True):
        _label(axes, row, y)


def _arrows(axes: Axes, marker: str, end: float, beyond: Sequence[tuple[float, str]]) -> None:
    """Ends of intervals that go on beyond the axis."""
    if beyond:
        axes.scatter(
            [end] * len(beyond),
            [y for y, _ in beyond],
            s=16,
            marker=marker,
            c=[colour for _, colour in beyond],
            clip_on=False,
            zorder=3,
        )


def _label(axes: Axes, row: EvidenceRow, y: float) -> None:
    """Name, outcome and numbers of one effect."""
    name = shorten(row.label, STUB - 10, SIZE)
    beside(axes, name, -STUB + 8, y)
    room = STUB - 18 - _width(name)
    if row.detail and room > 30:
        beside(axes, shorten(row.detail, room, SIZE - 1), -STUB + 13 + _width(name), y, size=SIZE - 1, colour=FAINT)
    beside(axes, f"{fixed(row.estimate)} {interval(row.lower, row.upper)}", NUMBERS - 4, y, right=True)


def _draw_summary(axes: Axes, summary: PooledRow, y: float) -> None:
    """The diamond, and below it the prediction interval."""
    half = ROW * 0.36
    axes.fill(
        [summary.lower, summary.estimate, summary.upper, summary.estimate],
        [y, y - half, y, y + half],
        color=POOLED_COLOUR,
    )
    beside(axes, summary.label, -STUB + 4, y, bold=True)
    beside(
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
        beside(axes, "95% prediction interval", -STUB + 8, below)
        beside(axes, interval(lower, upper), NUMBERS - 4, below, right=True)


def _width(words: str) -> float:
    """Width of a name in points."""
    from compassion_trials.figures.parts.theme import text_width

    return text_width(words, SIZE)
