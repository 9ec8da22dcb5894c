"""The moderation figure: the difference between arms over a numeric moderator, with the Johnson-Neyman bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed, p_phrase
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.parts.from_results import name_of
from compassion_trials.figures.parts.names import statistic_text
from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    POINTS,
    WIDTH,
    new_figure,
    themed,
    wrap,
)
from compassion_trials.figures.pictures.mechanism.mechanism import (
    asked_terms,
    by_statistic,
    level_of,
    moderator_name,
    stem,
    versus,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from compassion_trials.study.context import Context

COLUMNS = 2
"""Small panels side by side."""


@dataclass(frozen=True, slots=True)
class ModeratorPanel:
    """One outcome and contrast over the moderator.

    Attributes
    ----------
    title, unit : str
    at, estimate, lower, upper : tuple of float
    bounds : tuple of float
        Johnson-Neyman bounds within the observed values.
    region : str
        Where the difference is significant, in one word.
    p : float
        Of the interaction.
    visit : str
        At which the arms differ and the interaction is tested.
    """

    title: str
    unit: str
    at: tuple[float, ...]
    estimate: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    bounds: tuple[float, ...]
    region: str
    p: float
    visit: str


def drawn(context: Context, results: Results) -> Iterator[Drawn]:
    """One figure per numeric moderator."""
    for moderator in results.distinct("model", analysis="moderation"):
        panels = _panels(context, results, moderator)
        if not panels:
            continue
        name, level = moderator_name(context, moderator), level_of(context)
        visits = " or ".join(dict.fromkeys(panel.visit for panel in panels))
        note = (
            f"Estimated difference between arms at {visits} over {name}, with {level} confidence band, "
            "between the 5th and 95th percentile of the participants; shaded in orange where the difference is "
            "significant (Johnson-Neyman). The p value is that of the interaction."
        )
        alt = " ".join(
            f"{p.title}: difference {fixed(p.estimate[0])} at {fixed(p.at[0])} and {fixed(p.estimate[-1])} at "
            f"{fixed(p.at[-1])} at {p.visit}, interaction p {p_phrase(p.p)}."
            for p in panels
        )
        yield Drawn(
            name=f"moderation.{stem(moderator)}",
            title=f"Moderation by {name}",
            note=note,
            alt=alt,
            category="moderation",
            analyses=("moderation",),
            figure=draw(panels, name),
        )


def _panels(context: Context, results: Results, moderator: str) -> list[ModeratorPanel]:
    """Panels of all outcomes and contrasts of interest."""
    found = []
    for key in results.distinct("outcome", analysis="moderation", model=moderator):
        terms = asked_terms(context, results, "moderation", key)
        rows = results.rows(analysis="moderation", model=moderator, outcome=key)
        for term in terms:
            between = term.partition(": ")[2]
            curve = rows[rows["term"] == f"curve: {between}"]
            points = [by_statistic(mine) for _, mine in curve.groupby("level", sort=True)]
            if not points:
                continue
            region = rows[rows["term"] == f"johnson_neyman: {between}"]
            value = by_statistic(region)
            tested = rows[(rows["term"] == "interaction") & (rows["visit"] != "")]
            title = name_of(context.outcomes[key]) + (f", {versus(context, term)}" if len(terms) > 1 else "")
            at, estimate, lower, upper = (
                tuple(point[s] for point in points) for s in ("at", "estimate", "lower", "upper")
            )
            word = region.loc[region["statistic"] == "region", "text"].iloc[0]
            unit = f"Difference ({context.outcomes[key].unit})"
            found.append(
                ModeratorPanel(
                    title=title,
                    unit=unit,
                    at=at,
                    estimate=estimate,
                    lower=lower,
                    upper=upper,
                    bounds=tuple(value[s] for s in ("bound_1", "bound_2") if s in value),
                    region=str(word),
                    p=by_statistic(tested)["p"],
                    visit=context.plan.design.visit_label(tested["visit"].iloc[0]),
                )
            )
    return found


@themed
def draw(panels: list[ModeratorPanel], name: str) -> Figure:
    """Draw the panels, two in a row."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    width = WIDTH if columns > 1 else 4.6
    left, right, bottom, plot = 0.62, 0.14, 0.5, 1.9
    titles = [wrap(panel.title, (width / columns - left - right) * POINTS, 8.5, bold=True)[:3] for panel in panels]
    top = 0.3 + 0.14 * max(len(title) for title in titles)
    height = rows * (bottom + top + plot)
    figure = new_figure(width, height)
    for i, panel in enumerate(panels):
        row, column = divmod(i, columns)
        wide = width / columns
        frame = (column * wide + left, height - (row + 1) * (bottom + top + plot) + bottom, wide - left - right, plot)
        x, y, w, h = frame
        axes = figure.add_axes((x / width, y / height, w / width, h / height))
        _draw_panel(axes, panel, name)
        axes.set_title("\n".join(titles[i]), fontsize=8.5, fontweight="bold", loc="left", pad=5)
    return figure


def _draw_panel(axes: Axes, panel: ModeratorPanel, name: str) -> None:
    """Line, band, region, test."""
    axes.axhline(0, color=INK, lw=0.8)
    axes.fill_between(panel.at, panel.lower, panel.upper, color="#0072B2", alpha=0.16, lw=0)
    axes.plot(panel.at, panel.estimate, color="#0072B2", lw=1.8)
    low, high = panel.at[0], panel.at[-1]
    axes.set_xlim(low, high)
    for start, end in _significant(panel, low, high):
        axes.axvspan(start, end, color="#E69F00", alpha=0.13, lw=0, zorder=0)
    for bound in panel.bounds:
        if low < bound < high:
            axes.axvline(bound, color="#A33F00", lw=1.0, ls=(0, (3, 2)))
    said = f"interaction p {p_phrase(panel.p)}"
    statistic_text(axes, (0.98, 0.06), said, 7.5, coords=axes.transAxes, side="right", colour=FAINT)
    axes.set_xlabel(name)
    axes.set_ylabel(panel.unit)


def _significant(panel: ModeratorPanel, low: float, high: float) -> list[tuple[float, float]]:
    """Stretches of the axis where the difference is significant."""
    if panel.region in ("everywhere", "nowhere"):
        return [(low, high)] if panel.region == "everywhere" else []
    first, last = panel.bounds[0], panel.bounds[-1]
    stretches = {
        "above": [(first, high)],
        "below": [(low, first)],
        "between": [(first, last)],
        "outside": [(low, first), (last, high)],
    }[panel.region]
    return [(max(a, low), min(b, high)) for a, b in stretches if max(a, low) < min(b, high)]
