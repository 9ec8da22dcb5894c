"""The tipping-point figure: the difference as imputed values are moved by delta."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed
from compassion_trials.core.results import Results, arms_of
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.parts.theme import FAINT, INK, POINTS, new_figure, themed, wrap
from compassion_trials.figures.pictures.mechanism.mechanism import (
    asked_terms,
    by_statistic,
    level_of,
    stem,
    versus,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from compassion_trials.study.context import Context


@dataclass(frozen=True, slots=True)
class TippingCurve:
    """A difference over delta.

    Attributes
    ----------
    delta, estimate, lower, upper : tuple of float
    tip : float or None
        Where the conclusion changes.
    x, y : str
        Names of the axes.
    """

    delta: tuple[float, ...]
    estimate: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    tip: float | None
    x: str
    y: str


def drawn(context: Context, results: Results) -> Iterator[Drawn]:
    """One figure per outcome and contrast of interest."""
    for key in results.distinct("outcome", analysis="sensitivity", model="tipping_point"):
        for term in asked_terms(context, results, "sensitivity", key):
            curve = _curve(context, results, key, term)
            if curve is None:
                continue
            outcome, level = context.outcomes[key], level_of(context)
            treated = context.plan.design.arms[(arms_of(term) or ("", ""))[0]]
            said = "No shift within the width of the scale changes the conclusion."
            if curve.tip is not None:
                said = f"The conclusion changes at a shift of {fixed(curve.tip)} {outcome.unit}."
            note = (
                f"{outcome.label}, {versus(context, term)}: pooled difference with {level} confidence band when "
                f"imputed values of {treated} are moved by delta; delta 0 is missing at random. {said}"
            )
            first, last = (f"{fixed(curve.estimate[i])} at {fixed(curve.delta[i])}" for i in (0, -1))
            ends = f"from {first} to {last}"
            alt = f"Line of the difference over delta, {ends}. {said}"
            title = f"Tipping Point: {outcome.label}, {versus(context, term)}"
            name = f"tipping.{stem(key, term.partition(': ')[2])}"
            yield Drawn(
                name=name,
                title=title,
                note=note,
                alt=alt,
                category="sensitivity",
                analyses=("sensitivity",),
                figure=draw(curve),
            )


def _curve(context: Context, results: Results, key: str, term: str) -> TippingCurve | None:
    """The curve of one contrast; None when nothing was imputed."""
    rows = results.rows(analysis="sensitivity", model="tipping_point", outcome=key, term=term)
    points = [by_statistic(mine) for level, mine in rows.groupby("level", sort=False) if str(level).startswith("delta")]
    if not points:
        return None
    points.sort(key=lambda point: point["delta"])
    tip = by_statistic(rows[rows["level"] == ""]).get("tipping_point")
    delta, estimate, lower, upper = (
        tuple(point[name] for point in points) for name in ("delta", "estimate", "lower", "upper")
    )
    outcome = context.outcomes[key]
    treated = context.plan.design.arms[(arms_of(term) or ("", ""))[0]]
    x = f"Shift of the imputed values of {treated} ({outcome.unit})"
    y = f"{outcome.short}, difference ({outcome.unit})"
    return TippingCurve(delta=delta, estimate=estimate, lower=lower, upper=upper, tip=tip, x=x, y=y)


@themed
def draw(curve: TippingCurve) -> Figure:
    """Draw the line, its band, zero and the tipping point."""
    lines = wrap(curve.x, 4.2 * POINTS, 8.5)
    height = 3.05 + 0.15 * len(lines)
    figure = new_figure(5.0, height)
    below = 0.36 + 0.15 * len(lines)
    axes = figure.add_axes((0.13, below / height, 0.84, 1 - (below + 0.36) / height))
    axes.axhline(0, color=INK, lw=0.8)
    axes.axvline(0, color=FAINT, lw=0.7, ls=(0, (2, 2)))
    axes.fill_between(curve.delta, curve.lower, curve.upper, color="#0072B2", alpha=0.16, lw=0)
    axes.plot(curve.delta, curve.estimate, color="#0072B2", lw=1.8)
    axes.set_xlim(curve.delta[0], curve.delta[-1])
    if curve.tip is not None:
        axes.axvline(curve.tip, color="#D55E00", lw=1.2)
        right = curve.tip < (curve.delta[0] + curve.delta[-1]) / 2
        axes.annotate(
            f"tipping point {fixed(curve.tip)}",
            (curve.tip, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4 if right else -4, 4),
            textcoords="offset points",
            ha="left" if right else "right",
            va="bottom",
            fontsize=8,
            color="#A33F00",
        )
    axes.set_xlabel("\n".join(lines))
    axes.set_ylabel(curve.y)
    return figure
