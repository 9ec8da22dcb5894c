"""Reliability of every scale made of items, at every visit and over all arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.internal_consistency import cronbach_alpha, omega_total
from compassion_trials.scoring.answers import Answers, answers_of
from compassion_trials.scoring.questionnaire import aligned_items
from compassion_trials.study.outcomes import Outcome
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    from compassion_trials.instruments.model import Instrument

SMALL = 30
"""Below this many participants an alpha or omega is noted as imprecise."""


def reliability_rows(trial: Trial, responses: pd.DataFrame) -> list[Row]:
    """Cronbach's alpha with limits and omega total by outcome and visit; stored totals have none.

    Parameters
    ----------
    trial : Trial
    responses : DataFrame
        `core.columns.RESPONSES`.
    """
    plan, instruments = trial.context.plan, trial.context.instruments
    found: list[Row] = []
    for key, measure in plan.measures.items():
        if measure.instrument is None or not (responses["measure"] == key).any():
            continue
        instrument = instruments[measure.instrument].with_variant(measure.variant)
        answers = answers_of(responses, key, measure, instrument)
        for outcome in trial.context.outcomes.values():
            if outcome.measure == key:
                found += _scale(trial, outcome, instrument, answers)
    return found


def _scale(trial: Trial, outcome: Outcome, instrument: Instrument, answers: Answers) -> list[Row]:
    """One scale at all its visits."""
    found: list[Row] = []
    for visit in outcome.visits:
        items = aligned_items(instrument, outcome.scale, answers.at(visit))
        complete = items[~np.isnan(items).any(axis=1)]
        keys = {"analysis": "reliability", "outcome": outcome.key, "visit": visit, "n": len(complete)}
        found += _numbers(trial.keys | keys, complete, trial.alpha)
    return found


def _numbers(keys: dict[str, object], complete: Array, alpha: float) -> list[Row]:
    """Alpha and omega of complete rows, with a note where they are to be read with care."""
    n, k = complete.shape
    found = cronbach_alpha(pd.DataFrame(complete), alpha)
    if found is None:
        return []
    omega = omega_total(complete)
    notes = []
    if omega is not None and not omega[1]:
        notes.append("omega from an improper one-factor solution")
    if omega is None and k >= 3:
        notes.append("no omega: an item does not vary")
    if n < SMALL:
        notes.append(f"imprecise, n = {n}")
    statistics = {"alpha": found.alpha, "alpha_lower": found.lower, "alpha_upper": found.upper, "n": n, "n_items": k}
    return rows(keys | {"note": "; ".join(notes)}, statistics | {"omega": omega[0] if omega else None})
