"""Forest and funnel plots of the evidence across trials."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compassion_trials.figures.parts.save import save_all
from compassion_trials.ledger.evidence.evidence import Evidence
from compassion_trials.ledger.evidence.trial_effect import TrialEffect
from compassion_trials.ledger.page.plots import EvidenceRow, PooledRow, evidence_forest, funnel
from compassion_trials.report.model import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

FOLDER = "figures"
QUANTILE = 1.959963984540054
FUNNEL_FROM = 5
"""Effects from which a funnel plot says something."""

PLAIN_WEIGHT = 4.0
"""Percent that decides the size of a square where nothing is pooled."""


def draw_all(fields: Sequence[Evidence], root: Path) -> list[Figure]:
    """Draw every field.

    Parameters
    ----------
    fields : sequence of Evidence
    root : Path
        Folder of the ledger; figures go to its folder ``figures``.

    Returns
    -------
    list of Figure
        For the page.
    """
    for old in (root / FOLDER).glob("f*.*.*"):  # of fields that are gone
        old.unlink()
    drawn = [pair for found in fields for pair in _draw(found)]
    save_all([(drawing, root / figure.stem) for drawing, figure in drawn])
    return [figure for _, figure in drawn]


def _draw(found: Evidence) -> Iterator[tuple[Drawing, Figure]]:
    """The figures of one field."""
    yield _forest(found)
    if found.pooled is not None and found.pooled.k >= FUNNEL_FROM:
        yield _funnel(found)


def _forest(found: Evidence) -> tuple[Drawing, Figure]:
    """The forest plot of a field."""
    summary = _summary(found)
    drawing = evidence_forest(
        _rows(found), summary, found.references, "Hedges g (95% CI)", "favours comparison", "favours treatment"
    )
    alt = f"Forest plot of {len(found.effects)} effects on {found.label}"
    if summary is not None:
        alt += f"; pooled effect {summary.estimate:.2f}, 95% CI {summary.lower:.2f} to {summary.upper:.2f}"
    title = f"Trials on {found.label.capitalize()}"
    return drawing, _figure(drawing, f"forest.{found.field}", title, _forest_note(found), f"{alt}.")


def _rows(found: Evidence) -> list[EvidenceRow]:
    """Published trials with their weights, then our own."""
    weights = found.pooled.weights if found.pooled is not None else [PLAIN_WEIGHT] * len(found.evidence)
    pairs = [*zip(found.evidence, weights, strict=True), *((e, PLAIN_WEIGHT) for e in found.own)]
    return [_row(effect, float(weight)) for effect, weight in pairs]


def _row(effect: TrialEffect, weight: float) -> EvidenceRow:
    """One effect with its 95% limits."""
    half = QUANTILE * math.sqrt(effect.variance)
    return EvidenceRow(
        label=effect.trial,
        detail=effect.outcome,
        estimate=effect.estimate,
        lower=effect.estimate - half,
        upper=effect.estimate + half,
        weight=weight,
        own=effect.own,
    )


def _summary(found: Evidence) -> PooledRow | None:
    """The diamond."""
    if found.pooled is None:
        return None
    prediction = found.prediction
    name = "Three-level pooled effect" if found.dependent is not None else "Pooled effect"
    return PooledRow(name, *found.headline, (prediction.lower, prediction.upper))


def _forest_note(found: Evidence) -> str:
    """What the marks mean."""
    parts = ["Squares are published trials" + (", their size the weight." if found.pooled is not None else ".")]
    if found.own:
        parts.append("Orange diamonds are trials analysed with this project, which are not pooled.")
    if found.pooled is not None:
        parts.append("The blue diamond is the pooled effect, the bar below it the 95% prediction interval, as metafor.")
    if found.references:
        parts.append("Dashed lines are pooled effects printed by other meta-analyses.")
    return " ".join(parts)


def _funnel(found: Evidence) -> tuple[Drawing, Figure]:
    """The funnel plot of a field."""
    fit, fill = found.pooled, found.filled
    assert fit is not None
    assert fill is not None
    added = [(float(y), math.sqrt(v)) for y, v in zip(fill.y[fit.k :], fill.v[fit.k :], strict=True)]
    estimates, errors = [e.estimate for e in found.evidence], [math.sqrt(e.variance) for e in found.evidence]
    drawing = funnel(estimates, errors, float(fit.b[0]), added, "Hedges g")
    note = "The shaded region holds 95% of trials if all estimate the pooled effect and differ by sampling alone."
    alt = f"Funnel plot of {fit.k} effects on {found.label}; {len(added)} filled in by trim and fill."
    title = f"Small-Study Effects on {found.label.capitalize()}"
    return drawing, _figure(drawing, f"funnel.{found.field}", title, note, alt)


def _figure(drawing: Drawing, name: str, title: str, note: str, alt: str) -> Figure:
    """A figure of the page."""
    width, height = (float(x) for x in drawing.get_size_inches())
    return Figure(
        name=name,
        title=title,
        note=note,
        alt=alt,
        stem=f"{FOLDER}/{name}",
        width=width,
        height=height,
        category="evidence",
    )
