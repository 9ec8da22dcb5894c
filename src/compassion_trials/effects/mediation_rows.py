"""Mediation as result rows: paths, indirect effects with both intervals, proportion mediated, robustness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import NDArray

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.core.seeds import named_seed
from compassion_trials.describe.trial import Trial
from compassion_trials.effects.mediation import (
    Coefficient,
    bca_limits,
    bootstrap_indirect,
    jackknife_indirect,
    mediate,
    percentile_limits,
)
from compassion_trials.effects.sensitivity_models import tested
from compassion_trials.fit.populations import members
from compassion_trials.study.crosscheck_mechanism import mechanism_warnings
from compassion_trials.study.mechanism import Mediation

Array = NDArray[np.float64]
Progress = Callable[[str], None]
Keys = dict[str, object]

MONTE_CARLO = "Monte Carlo"
"""Level of the second interval of an indirect effect."""
FEWEST_SHARE = 0.95
"""Share of the bootstrap samples that must be estimable."""


def mediation_rows(trial: Trial, progress: Progress | None = None) -> tuple[list[Row], tuple[Finding, ...]]:
    """All mediation models of the plan: rows (analysis ``mediation``, model the mediators) and findings."""
    found: list[Row] = []
    findings = list(mechanism_warnings(trial.context.plan))
    for spec in trial.context.plan.analysis.mediation:
        for pair in _pairs(trial, spec):
            if progress is not None:
                progress(f"mediation: {' and '.join(spec.mediator)} to {spec.outcome}, {spec.replicates} samples")
            keys = _keys(trial, spec, pair)
            try:
                found += _one(trial, spec, pair, keys)
            except (ModelError, LinAlgError) as error:
                reason = str(error) if isinstance(error, ModelError) else "the data make the equations singular"
                found.append(
                    word(keys | {"term": f"model: {pair[0]} - {pair[1]}", "note": reason}, "estimate", "not estimable")
                )
                message = f"mediation by {' and '.join(spec.mediator)} could not be estimated"
                findings.append(Finding("warning", "not_estimable", message, advice=reason))
    return found, tuple(findings)


def _pairs(trial: Trial, spec: Mediation) -> list[tuple[str, str]]:
    """The pair of the plan, or each arm against control."""
    design, planned = trial.context.plan.design, trial.context.plan.analysis.primary.contrast.between
    if spec.between or planned:
        return [spec.between or planned]  # type: ignore[list-item]
    return [pair for pair in design.pairs if pair[1] == design.control]


def _keys(trial: Trial, spec: Mediation, pair: tuple[str, str]) -> Keys:
    """Keys of all rows of one model; the model says mediators and their visit."""
    return trial.keys | {
        "analysis": "mediation",
        "model": f"{' + '.join(spec.mediator)} at {spec.mediator_visit}",
        "outcome": spec.outcome,
        "population": spec.population,
        "visit": spec.outcome_visit,
        "prespecified": "yes" if spec.prespecified else "no",
        "unit": trial.context.outcomes[spec.outcome].unit,
    }


def _arrays(trial: Trial, spec: Mediation, pair: tuple[str, str]) -> tuple[Array, Array, Array, Array, int]:
    """Arm (n,), mediators (n, J), outcome (n,), covariates (n, k) of complete cases; people of the two arms."""
    import pandas as pd

    outcomes, first = trial.context.outcomes, trial.context.plan.design.baseline
    own = [outcomes[name] for name in (*spec.mediator, spec.outcome)]
    baselines = [trial.score(o, first) for o in own if first in o.visits]
    names = dict.fromkeys((*trial.context.plan.covariates, *trial.context.plan.design.strata, *spec.covariates))
    if absent := [name for name in names if name not in trial.participants]:
        raise ModelError(f"the data do not hold the covariate {', '.join(absent)}")
    table = trial.participants[list(names)]
    others = pd.get_dummies(table, drop_first=True, dtype=float).to_numpy(float) if names else np.zeros((len(table), 0))
    gaps = table.isna().any(axis=1).to_numpy(bool)
    c = np.column_stack([*baselines, others])
    m = np.column_stack([trial.score(o, spec.mediator_visit) for o in own[:-1]])
    y = trial.score(own[-1], spec.outcome_visit)
    inside = members(trial, spec.population, own[-1]) & (trial.in_arm(pair[0]) | trial.in_arm(pair[1]))
    known = inside & ~gaps & ~np.isnan(np.column_stack([c, m, y])).any(1)
    c = c[known]
    c = c[:, np.ptp(c, axis=0) > 0]  # a level that none of these people has
    return trial.in_arm(pair[0])[known].astype(float), m[known], y[known], c, int(inside.sum())


def _one(trial: Trial, spec: Mediation, pair: tuple[str, str], keys: Keys) -> list[Row]:
    """Rows of one model and pair of arms."""
    x, m, y, c, people = _arrays(trial, spec, pair)
    if min(x.sum(), (1 - x).sum()) < 3:
        raise ModelError("an arm has fewer than three participants with all values of the mediation model")
    seed = named_seed(trial.context.plan.analysis.seed, "mediation", *spec.mediator, spec.outcome, *pair)
    fit = mediate(x, m, y, c, trial.alpha, seed)
    draws = bootstrap_indirect(x, m, y, c, spec.replicates, seed + 1)
    if len(draws) < FEWEST_SHARE * spec.replicates:
        raise ModelError("too few bootstrap samples can be estimated: too few participants, or a covariate too rare")
    limits = percentile_limits(draws, trial.alpha)
    if spec.interval == "bca":
        limits = bca_limits(fit.indirect, draws, jackknife_indirect(x, m, y, c), trial.alpha)
    between = f"{pair[0]} - {pair[1]}"
    keys = keys | {"n": fit.n}
    found = rows(keys | {"term": f"participants: {between}", "unit": ""}, {"n": fit.n, "n_dropped": people - fit.n})
    named = list(zip(spec.mediator, fit.a, fit.b, strict=True))
    for name, a, b in named:
        unit = trial.context.outcomes[name].unit
        found += _path(keys | {"unit": unit}, f"a: {between}", name, a, trial.alpha)
        found += _path(keys | {"unit": ""}, f"b: {between}", name, b, trial.alpha)
    found += _path(keys, f"direct: {between}", "", fit.direct, trial.alpha)
    found += _path(keys, f"total: {between}", "", fit.total, trial.alpha)
    label = "percentile" if spec.interval == "percentile" else "bias-corrected and accelerated (BCa)"
    method = f"{label} bootstrap, {len(draws)} samples of participants within arms"
    names = [*spec.mediator, *(["all mediators"] if len(named) > 1 else [])]
    for k, name in enumerate(names):
        base = keys | {"term": f"indirect: {between}", "level": name, "df_method": method}
        statistics = {"estimate": fit.indirect[k], "se": draws[:, k].std(ddof=1), "lower": limits[k, 0]}
        found += rows(base, statistics | {"upper": limits[k, 1]})
        second = base | {"term": f"indirect, {MONTE_CARLO}: {between}", "df_method": MONTE_CARLO}
        found += rows(second, {"lower": fit.monte_carlo[k, 0], "upper": fit.monte_carlo[k, 1]})
    found += _proportion(keys, between, fit.indirect[-1], fit.total, trial.alpha)
    for name, rho in zip(spec.mediator, fit.rho, strict=True):
        base = keys | {"term": f"unmeasured confounding: {between}", "level": name, "unit": ""}
        found += rows(base | {"note": "indirect effect is zero at this rho"}, {"rho": rho, "r_squared_product": rho**2})
    found += _path(keys | {"unit": ""}, f"arm by mediator: {between}", spec.mediator[0], fit.interaction, trial.alpha)
    return found


def _path(keys: Keys, term: str, level: str, path: Coefficient, alpha: float) -> list[Row]:
    """One coefficient."""
    base = keys | {"term": term, "level": level, "df_method": "n - parameters"}
    return rows(base, tested(path.estimate, path.se, path.df, alpha))


def _proportion(keys: Keys, between: str, indirect: float, total: Coefficient, alpha: float) -> list[Row]:
    """Indirect over total effect, with its caution; none where the two have opposite signs."""
    base = keys | {"term": f"proportion mediated: {between}", "unit": ""}
    if indirect * total.estimate <= 0:
        return [word(base | {"note": "indirect and total effect have opposite signs"}, "proportion", "not defined")]
    test = tested(total.estimate, total.se, total.df, alpha)
    unclear = test["lower"] < 0 < test["upper"]
    caution = (
        "the interval of the total effect holds zero: the ratio is unstable" if unclear else "unstable below n = 500"
    )
    return rows(base | {"note": caution}, {"proportion": indirect / total.estimate})
