"""Forest plot: standardized effects over outcomes, oriented so that right means benefit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.figures.parts.effectaxis import SIZE, beside, effect_axis
from compassion_trials.figures.parts.theme import INK, POINTS, WIDTH, new_figure, themed, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW: Final = 17.0
"""Height of a row in points."""

STUB: Final = 168.0
"""Width of the outcome names in points."""

NUMBERS: Final = 104.0
"""Width of the printed numbers in points."""


@dataclass(frozen=True, slots=True)
class ForestEffect:
    """One standardized effect; positive values mean benefit.

    Attributes
    ----------
    outcome : str
    estimate, lower, upper : float
        Effect and limits of its confidence interval in standard deviations, already oriented.
    primary : bool
        Drawn filled and bold.
    """

    outcome: str
    estimate: float
    lower: float
    upper: float
    primary: bool = False


@dataclass(frozen=True, slots=True)
class ForestSection:
    """Effects of one comparison or one visit.

    Attributes
    ----------
    heading : str
    effects : tuple of ForestEffect
    """

    heading: str
    effects: tuple[ForestEffect, ...]


@themed
def forest(sections: Sequence[ForestSection], axis: str, left: str, right: str) -> Figure:
    """Draw standardized effects with their confidence intervals, a row each.

    Parameters
    ----------
    sections : sequence of ForestSection
        At least one, with at least one effect.
    axis : str
        Name of the effect size, such as ``Hedges g (95% CI)``.
    left, right : str
        What the two sides of zero mean, such as ``favours wait-list`` and ``favours ACT``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = _lay_out(sections)
    plot = rows[-1][1] + ROW
    height = plot + 24 + 46
    figure = new_figure(WIDTH, height / POINTS)
    across = WIDTH * POINTS
    frame = (STUB / across, 46 / height, (across - STUB - NUMBERS) / across, plot / height)
    axes = figure.add_axes(frame)
    axes.set_ylim(plot, 0)
    _limits(axes, [effect for section in sections for effect in section.effects])
    axes.axvline(0, color=INK, lw=0.8)
    for content, y in rows:
        if isinstance(content, str):
            beside(axes, content, -STUB + 4, y, bold=True, cover=True)
        else:
            _draw_effect(axes, content, y)
    effect_axis(axes, axis, left, right, plot)
    return figure


def _lay_out(sections: Sequence[ForestSection]) -> list[tuple[ForestEffect | str, float]]:
    """Headings and effects with their distance from the top in points."""
    rows: list[tuple[ForestEffect | str, float]] = []
    y = ROW * 0.6
    for i, section in enumerate(sections):
        if section.heading:
            y += ROW * 0.35 if i else 0
            lines = wrap(section.heading, WIDTH * POINTS - 8, SIZE, bold=True)
            for line in lines:
                rows.append((line, y))
                y += ROW * 0.85
            y += ROW * 0.1
        for effect in section.effects:
            tall = max(len(wrap(effect.outcome, STUB - 22, SIZE, bold=effect.primary)), 1)
            rows.append((effect, y + (tall - 1) * 5))
            y += ROW + (tall - 1) * 10
    return rows


def _limits(axes: Axes, effects: list[ForestEffect]) -> None:
    """A range that holds all intervals and zero, symmetric when that costs little."""
    lowest, highest = min(e.lower for e in effects), max(e.upper for e in effects)
    reach = max(abs(lowest), abs(highest), 0.5) * 1.06
    axes.set_xlim(
        max(-reach, min(lowest, -0.45 * reach) - 0.05 * reach), min(reach, max(highest, 0.45 * reach) + 0.05 * reach)
    )


def _draw_effect(axes: Axes, effect: ForestEffect, y: float) -> None:
    """Name, interval, estimate, printed numbers."""
    colour = "#0072B2" if effect.primary else INK
    axes.plot(
        [effect.lower, effect.upper], [y, y], color=colour, lw=2.0 if effect.primary else 1.2, solid_capstyle="butt"
    )
    axes.plot(
        [effect.estimate],
        [y],
        marker="D" if effect.primary else "s",
        ms=6 if effect.primary else 5,
        color=colour,
        mec="white",
        mew=0.5,
    )
    lines = wrap(effect.outcome, STUB - 22, SIZE, bold=effect.primary)
    for i, line in enumerate(lines):
        beside(axes, line, -STUB + 14, y + (i - (len(lines) - 1) / 2) * 10, bold=effect.primary)
    numbers = f"{fixed(effect.estimate)} {interval(effect.lower, effect.upper)}"
    beside(axes, numbers, NUMBERS - 4, y, bold=effect.primary, right=True)
