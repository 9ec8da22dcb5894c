"""Result rows of factor models and of measurement invariance, for the questionnaires that the plan names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.core.seeds import named_seed
from compassion_trials.describe.factors.adequacy import Adequacy
from compassion_trials.describe.factors.competing import (
    FactorModel,
    FittedModel,
    OmegaLimits,
    compare_models,
    omega_limits,
)
from compassion_trials.describe.factors.dwls import FactorFit, moments_of
from compassion_trials.describe.factors.invariance import FEWEST_CATEGORIES, Step, invariance
from compassion_trials.describe.factors.polychoric import coded
from compassion_trials.instruments.subscales import TOTAL, Subscales, subscales
from compassion_trials.scoring.answers import Answers, answers_of
from compassion_trials.scoring.questionnaire import aligned_items
from compassion_trials.study.checks.factors import analysed_measures
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    from compassion_trials.study.plan.factors import Factors

FEWEST = 200
"""People below whom factor models are not fitted: their convergence would prove nothing."""
FEWEST_IN_ARM = 150
"""The same for each of several groups."""
FEWEST_OF_FACTOR = 3
"""Items that a specific factor of a bifactor model needs; with two only the product of its loadings is known."""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Answers to the items of one total, all pointing its way.

    Attributes
    ----------
    keys : dict
        What its rows share.
    parts : Subscales
    seen : dict of str to pandas.DataFrame
        Complete answers by visit, indexed by participant; columns are the items of the total.
    arms : pandas.Series
        Arm of each participant.
    """

    keys: dict[str, object]
    parts: Subscales
    seen: dict[str, pd.DataFrame]
    arms: pd.Series[str]


def factor_rows(trial: Trial, responses: pd.DataFrame) -> list[Row]:
    """Analyses ``factors`` (one row set per model) and ``invariance`` (one per level); none unless the plan asks.

    Parameters
    ----------
    trial : Trial
    responses : DataFrame
        `core.columns.RESPONSES`.
    """
    asked = trial.context.plan.analysis.factors
    if asked is None:
        return []
    found: list[Row] = []
    for name in analysed_measures(trial.context.plan, trial.context.outcomes):
        if (responses["measure"] == name).any():
            questionnaire = _questionnaire(trial, responses, name, asked)
            first = next(iter(questionnaire.seen))
            found += _structure(trial, questionnaire, first, asked)
            visits = _visits(trial, questionnaire, asked)
            if len(visits) > 1:
                found += _over_visits(questionnaire, visits, asked)
                found += _over_arms(trial, questionnaire, visits, asked)
    return found


def _questionnaire(trial: Trial, responses: pd.DataFrame, name: str, asked: Factors) -> Questionnaire:
    """Complete answers of a measure."""
    measure = trial.context.plan.measures[name]
    instrument = trial.context.instruments[measure.instrument or ""].with_variant(measure.variant)
    parts = subscales(instrument)
    assert parts is not None  # the check of the plan refuses others
    answers = answers_of(responses, name, measure, instrument)
    items = pd.DataFrame(aligned_items(instrument, TOTAL, answers.values), columns=list(parts.items))
    return Questionnaire(
        keys=trial.keys | {"outcome": f"{name}.{TOTAL}", "prespecified": "yes" if asked.prespecified else "no"},
        parts=parts,
        seen={visit: _complete(items, answers, visit) for visit in trial.context.outcomes[f"{name}.{TOTAL}"].visits},
        arms=trial.participants["arm"],
    )


def _complete(items: pd.DataFrame, answers: Answers, visit: str) -> pd.DataFrame:
    """People with every item at a visit."""
    here = (answers.rows["visit"] == visit).to_numpy()
    found = items[here].set_axis(answers.rows.loc[here, "participant"].to_numpy(), axis=0)
    return found.dropna()


def _visits(trial: Trial, questionnaire: Questionnaire, asked: Factors) -> list[str]:
    """Visits to compare, in order of time: those of the plan, else the first one and that of the trial's question."""
    planned = list(questionnaire.seen)
    answer = trial.context.question(str(questionnaire.keys["outcome"])).visit or trial.context.answer_visit
    wanted = asked.visits or (planned[0], answer)
    return [visit for visit in planned if visit in wanted]


def models_of(parts: Subscales) -> list[FactorModel]:
    """The competing models: one factor, composites, subscales, and the bifactor model where it is identified."""
    p = len(parts.items)
    one = np.ones((p, 1), bool)
    found = [FactorModel("one", one)]
    if parts.composites:
        found.append(FactorModel("composites", _pattern(parts, parts.composites)))
    found.append(FactorModel("subscales", _pattern(parts, parts.parts)))
    if len(parts.parts) >= FEWEST_OF_FACTOR and all(len(own) >= FEWEST_OF_FACTOR for own in parts.parts.values()):
        found.append(FactorModel("bifactor", np.hstack([one, _pattern(parts, parts.parts)]), correlated=False))
    return found


def factor_names(parts: Subscales, model: str) -> list[str]:
    """Names of the factors of a model: keys of scales, ``total`` for a general one."""
    return {
        "one": [TOTAL],
        "composites": list(parts.composites),
        "subscales": list(parts.parts),
        "bifactor": [TOTAL, *parts.parts],
    }[model]


def _pattern(parts: Subscales, groups: dict[str, tuple[int, ...]]) -> np.ndarray:
    """Which item loads on which factor."""
    return np.array([[item in own for own in groups.values()] for item in parts.items])


def _structure(trial: Trial, questionnaire: Questionnaire, visit: str, asked: Factors) -> list[Row]:
    """Competing models at the first visit."""
    answers = questionnaire.seen[visit].to_numpy(np.float64)
    keys = questionnaire.keys | {"analysis": "factors", "visit": visit, "n": len(answers)}
    if len(answers) < FEWEST:
        return [word(keys, "not_done", _too_few(len(answers), FEWEST))]
    if (answers == answers[0]).all(axis=0).any():
        return [word(keys, "not_done", "an item has the same answer from everybody")]
    found: list[Row] = []
    for model in compare_models(answers, models_of(questionnaire.parts)):
        name, limits = model.model.name, None
        if name in ("one", "bifactor") and model.fitted.converged:
            seed = named_seed(trial.context.plan.analysis.seed, "factors", str(keys["outcome"]), name)
            limits = omega_limits(answers, model, asked.bootstrap, np.random.default_rng(seed), trial.alpha)
        found += _model_rows(
            keys | {"model": name, "convergence": _state(model.fitted, model.estimable)}, questionnaire, model, limits
        )
    return found


def _model_rows(
    keys: dict[str, object], questionnaire: Questionnaire, found: FittedModel, limits: OmegaLimits | None
) -> list[Row]:
    """Fit, omega, loadings and correlations of factors of one model."""
    if not found.fitted.converged:
        return [word(keys, "not_done", "the model did not converge")]
    names = factor_names(questionnaire.parts, found.model.name)
    out = rows(keys, _fit_statistics(found.adequacy))
    if found.model.name in ("one", "bifactor"):
        out += rows(keys, _omega_statistics(found, limits, len(names) > 1))
    for i, item in enumerate(questionnaire.parts.items):
        for k in np.flatnonzero(found.model.pattern[i]):
            place = keys | {"term": f"item {item}", "level": names[k]}
            out += rows(place, {"loading": found.loadings[i, k], "loading_se": found.loadings_se[i, k]})
    if found.model.correlated:
        for a, b in zip(*np.tril_indices(len(names), -1), strict=True):
            place = keys | {"term": f"correlation: {names[b]} - {names[a]}"}
            out += rows(place, {"r": found.correlations[a, b]})
    return out


def _omega_statistics(found: FittedModel, limits: OmegaLimits | None, hierarchical: bool) -> dict[str, float | None]:
    """Omega total, and hierarchical where there are specific factors, with limits."""
    total = limits.total if limits else (None, None)
    values: dict[str, float | None] = {"omega": found.omega.total, "omega_lower": total[0], "omega_upper": total[1]}
    if hierarchical:
        general = limits.hierarchical if limits else (None, None)
        values |= {"omega_h": found.omega.hierarchical, "omega_h_lower": general[0], "omega_h_upper": general[1]}
    return values | {"draws": limits.draws if limits else None}


def _fit_statistics(found: Adequacy) -> dict[str, float | None]:
    """Scaled test and indices."""
    return {
        "chi2": found.test.statistic,
        "df": found.test.df,
        "p": found.test.p,
        "cfi": found.cfi,
        "tli": found.tli,
        "rmsea": found.rmsea,
        "rmsea_lower": found.rmsea_lower,
        "rmsea_upper": found.rmsea_upper,
        "srmr": found.srmr,
    }


def _over_visits(questionnaire: Questionnaire, visits: list[str], asked: Factors) -> list[Row]:
    """Invariance between visits, all arms together."""
    together = _together(questionnaire, visits)
    keys = questionnaire.keys | {"analysis": "invariance", "term": "visits", "visit": visits[-1], "n": len(together)}
    if len(together) < FEWEST:
        return [word(keys, "not_done", _too_few(len(together), FEWEST))]
    return _levels(keys, questionnaire, [together], len(visits), asked)


def _over_arms(trial: Trial, questionnaire: Questionnaire, visits: list[str], asked: Factors) -> list[Row]:
    """Invariance between arms and visits; the first arm of the plan at the first visit is the reference."""
    arms = list(trial.context.plan.design.arms)
    if len(arms) < 2:
        return []
    together = _together(questionnaire, visits)
    groups = [together[(questionnaire.arms.reindex(together.index) == arm).to_numpy()] for arm in arms]
    keys = questionnaire.keys | {"analysis": "invariance", "term": "arms and visits", "visit": visits[-1]}
    keys["n"] = len(together)
    smallest = min(map(len, groups))
    if smallest < FEWEST_IN_ARM:
        return [word(keys, "not_done", _too_few(smallest, FEWEST_IN_ARM))]
    return _levels(keys, questionnaire, groups, len(visits), asked)


def _together(questionnaire: Questionnaire, visits: list[str]) -> pd.DataFrame:
    """Items of all visits side by side, of people who answered all of them."""
    return pd.concat([questionnaire.seen[visit] for visit in visits], axis=1, join="inner").sort_index()


def _levels(
    keys: dict[str, object], questionnaire: Questionnaire, groups: list[pd.DataFrame], visits: int, asked: Factors
) -> list[Row]:
    """One set of rows per level of invariance."""
    p = len(questionnaire.parts.items)
    tables: list[Array] = [group.to_numpy(np.float64) for group in groups]
    codes, values = coded([table[:, v * p : (v + 1) * p] for table in tables for v in range(visits)])
    categories = np.array([len(v) for v in values])
    if categories.min() < FEWEST_CATEGORIES:
        few = [
            str(item) for item, k in zip(questionnaire.parts.items, categories, strict=True) if k < FEWEST_CATEGORIES
        ]
        return [word(keys, "not_done", f"fewer than three answers in use everywhere: items {', '.join(few)}")]
    model = next(m for m in models_of(questionnaire.parts) if m.name == asked.invariance)
    stacked = [np.hstack(codes[i : i + visits]) for i in range(0, len(codes), visits)]
    samples = [moments_of(group, np.tile(categories, visits)) for group in stacked]
    steps = invariance(samples, model.pattern, visits, categories)
    found: list[Row] = []
    for before, step in zip([None, *steps], steps, strict=False):
        found += _level(keys | {"model": model.name}, before, step)
    return found


def _level(keys: dict[str, object], before: Step | None, step: Step) -> list[Row]:
    """Rows of one level."""
    here = keys | {"level": step.level, "convergence": _state(step.fitted)}
    if not step.fitted.converged:
        return [word(here, "not_done", "the model did not converge")]
    statistics = _fit_statistics(step.adequacy)
    if before is not None and step.difference is not None and before.fitted.converged:
        d = step.difference
        change = {"cfi_change": step.adequacy.cfi - before.adequacy.cfi}
        statistics |= {"difference": d.statistic, "difference_df": d.df, "difference_p": d.p} | change
    return rows(here, statistics)


def _state(fitted: FactorFit, estimable: bool = True) -> str:
    """Convergence in a word."""
    if not fitted.converged:
        return "not converged"
    if not estimable:
        return "improper: a polychoric correlation stands at its limit"
    return "converged" if fitted.proper else "improper: a unique variance or a correlation of factors is out of range"


def _too_few(n: int, needed: int) -> str:
    """Why nothing was fitted."""
    return f"{n} people answered every item, and {needed} are needed"
