"""Analysis sets: who is analysed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.core.limits import reaches
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import AnalysisSet
from compassion_trials.trial.trial import Trial
from compassion_trials.trial.words import words


def members(trial: Trial, name: str, outcome: Outcome) -> NDArray[np.bool_]:
    """Which participants belong to an analysis set.

    Parameters
    ----------
    trial : Trial
    name : str
        ``all`` or a name of the plan's ``analysis_sets``.
    outcome : Outcome
        Decides where the set asks for complete visits.

    Returns
    -------
    ndarray of bool, shape (n_participants,)
        In the order of `trial.participants`. Every rule of a set must hold.
    """
    everyone = np.ones(len(trial.participants), bool)
    if name == "all":
        return everyone
    rule = trial.context.plan.analysis_sets[name]
    for visit in rule.complete_visits:
        everyone &= ~np.isnan(trial.score(outcome, visit))
    return everyone & _column(trial, rule)


def _column(trial: Trial, rule: AnalysisSet) -> NDArray[np.bool_]:
    """Who has the right value in the column of the rule; a missing value does not belong."""
    belongs = np.ones(len(trial.participants), bool)
    if rule.column is None:
        return belongs
    if rule.column not in trial.participants:
        raise ModelError(f"the data do not hold {rule.column}, which decides the analysis set")
    values = trial.participants[rule.column]
    if rule.equals:
        belongs &= words(values).isin(list(rule.equals)).to_numpy()
    if rule.at_least is not None:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
        belongs &= reaches(numbers, rule.at_least)
    exempt = ~trial.participants["arm"].isin(list(rule.arms)).to_numpy() if rule.arms else ~np.ones(len(belongs), bool)
    return belongs | exempt


def label(trial: Trial, name: str) -> str:
    """The set in words, for sentences."""
    if name != "all":
        return trial.context.plan.analysis_sets[name].label or name.replace("_", " ")
    randomized = trial.context.plan.design.type == "randomized"
    return "all randomized participants" if randomized else "all participants"
