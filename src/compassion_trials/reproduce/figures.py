"""Forest and funnel plots of the evidence across trials."""

from __future__ import annotations

import math
from pathlib import Path

from compassion_trials.figures.evidence import Row, Summary, evidence_forest, funnel
from compassion_trials.figures.save import save
from compassion_trials.figures.theme import POINTS
from compassion_trials.published.evidence import Evidence
from compassion_trials.report.model import Figure

FOLDER = "figures"
QUANTILE = 1.959963984540054
FUNNEL_FROM = 5
"""Effects from which a funnel plot says something."""


def draw(found: Evidence, root: Path) -> list[Figure]:
    """Draw one field.

    Parameters
    ----------
    found : Evidence
    root : Path
        Folder of the ledger; figures go to its folder ``figures``.

    Returns
    -------
    list of Figure
        For the page.
    """
    figures = [_forest(found, root)]
    if found.pooled is not None and found.pooled.k >= FUNNEL_FROM:
        figures.append(_funnel(found, root))
    return figures


def _forest(found: Evidence, root: Path) -> Figure:
    """The forest plot of a field."""
    weights = list(found.pooled.weights) if found.pooled is not None else [math.nan] * len(found.evidence)
    rows = []
    for effect, weight in [*zip(found.evidence, weights, strict=True), *((e, math.nan) for e in found.own)]:
        half = QUANTILE * math.sqrt(effect.variance)
        rows.append(
            Row(
                effect.trial,
                effect.outcome,
                effect.estimate,
                effect.estimate - half,
                effect.estimate + half,
                4.0 if math.isnan(weight) else float(weight),
                effect.own,
            )
        )
    summary = None
    if found.pooled is not None:
        estimate, lower, upper = found.headline
        prediction = found.pooled.prediction("metafor")
        name = "Three-level pooled effect" if found.dependent is not None else "Pooled effect"
        summary = Summary(
            name, estimate, lower, upper, (prediction.lower, prediction.upper) if found.pooled.k > 2 else None
        )
    figure = evidence_forest(
        rows, summary, found.references, "Hedges g (95% CI)", "favours comparison", "favours treatment"
    )
    synthetic = any(e.synthetic for e in found.own)
    if synthetic:
        size = figure.get_size_inches() * POINTS
        figure.text(
            1 - 4 / size[0],
            1 - 4 / size[1],
            "INCLUDES SYNTHETIC DATA",
            ha="right",
            va="top",
            fontsize=7,
            fontweight="bold",
            color="#B00020",
        )
    stem = f"{FOLDER}/forest.{found.field}"
    save(figure, root / stem)
    note = (
        "Squares are trials, their size the weight; orange diamonds are trials analysed with "
        "this project, which are not pooled."
    )
    if summary is not None:
        note += (
            " The blue diamond is the pooled effect, the bar below it the 95% prediction interval "
            "(metafor’s convention)."
        )
    if found.references:
        note += " Dashed lines are pooled effects printed by other meta-analyses."
    if synthetic:
        note += " Trials marked SYNTHETIC are simulated and say nothing about any real trial."
    alt = f"Forest plot of {len(rows)} effects on {found.label}"
    alt += (
        f"; pooled effect {summary.estimate:.2f}, 95% CI {summary.lower:.2f} to {summary.upper:.2f}."
        if summary
        else "."
    )
    width, height = (float(x) for x in figure.get_size_inches())
    return Figure(
        f"forest.{found.field}", f"Trials on {found.label.capitalize()}", note, alt, stem, width, height, "evidence"
    )


def _funnel(found: Evidence, root: Path) -> Figure:
    """The funnel plot of a field."""
    assert found.pooled is not None
    assert found.filled is not None
    fill = found.filled
    k = found.pooled.k
    added = [(float(y), math.sqrt(v)) for y, v in zip(fill.y[k:], fill.v[k:], strict=True)]
    figure = funnel(
        [e.estimate for e in found.evidence],
        [math.sqrt(e.variance) for e in found.evidence],
        float(found.pooled.b[0]),
        added,
        "Hedges g",
    )
    stem = f"{FOLDER}/funnel.{found.field}"
    save(figure, root / stem)
    note = "The shaded region holds 95% of trials if all estimate the pooled effect and differ by sampling alone."
    alt = f"Funnel plot of {k} effects on {found.label}; {len(added)} filled in by trim and fill."
    width, height = (float(x) for x in figure.get_size_inches())
    return Figure(
        f"funnel.{found.field}",
        f"Small-Study Effects on {found.label.capitalize()}",
        note,
        alt,
        stem,
        width,
        height,
        "evidence",
    )
