"""MediationPaths as result rows: paths, indirect effects with both intervals, proportion mediated, robustness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.linalg import LinAlgError
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.core.seeds import named_seed
from compassion_trials.effects.mechanism.mediation import (
    Codes,
    Coefficient,
    bca_limits,
    bootstrap_indirect,
    jackknife_indirect,
    mediate,
    percentile_limits,
)
from compassion_trials.effects.mechanism.mediation import MediationPaths as Estimated
from compassion_trials.effects.missing.incomplete import group_codes
from compassion_trials.effects.missing.sensitivity import NOT_GROUPED
from compassion_trials.effects.missing.sensitivity_models import tested
from compassion_trials.fit.grouped import without_groups
from compassion_trials.models.inference.clustered import FEW, strata, units
from compassion_trials.study.checks.mechanism import mechanism_warnings
from compassion_trials.study.plan.mechanism import Mediation
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.clusters import cluster_of, nested
from compassion_trials.trial.trial import Trial

Mask = NDArray[np.bool_]
Progress = Callable[[str], None]
Keys = dict[str, object]

MONTE_CARLO, BOOTSTRAP = "Monte Carlo", "bootstrap"
"""Second interval of an indirect effect."""
PLAIN, ROBUST = "n - parameters", "CR2 by therapy group, Bell-McCaffrey df"
"""Inference of the paths, without and with therapy groups."""
CAUTION = "an arm has only {} groups, too few for a bootstrap of groups: the Monte Carlo interval comes first"
MISSING_SCORE = "for a missing score of mediator or outcome"
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
                mine = _one(trial, spec, pair, keys)
                found, findings = found + mine, findings + _ignored(trial, spec, pair, mine)
            except (ModelError, LinAlgError) as error:
                reason = str(error) if isinstance(error, ModelError) else "the data make the equations singular"
                found.append(
                    word(keys | {"term": f"model: {pair[0]} - {pair[1]}", "note": reason}, "estimate", "not estimable")
                )
                message = f"mediation by {' and '.join(spec.mediator)} could not be estimated"
                findings.append(Finding("warning", "not_estimable", message, advice=reason))
    return found, tuple(findings)


def _ignored(trial: Trial, spec: Mediation, pair: tuple[str, str], found: list[Row]) -> list[Finding]:
    """A warning where therapy groups of the plan did not enter."""
    notes = [str(row.get("note") or "") for row in found]
    why = next((note.removeprefix(f"{NOT_GROUPED}: ") for note in notes if note.startswith(NOT_GROUPED)), "")
    group = cluster_of(trial.context.plan, trial.context.plan.analysis.primary, "clda", pair)
    return [without_groups(f"mediation by {' and '.join(spec.mediator)}", str(group), why)] if why else []


def _pairs(trial: Trial, spec: Mediation) -> list[tuple[str, str]]:
    """The pair of the plan, or each arm against control."""
    design, planned = trial.context.plan.design, trial.context.plan.analysis.primary.contrast.between
    pair = spec.between or planned
    if pair:
        return [pair]
    return [each for each in design.pairs if each[1] == design.control]


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


@dataclass(frozen=True, slots=True)
class _Cases:
    """Complete cases of two arms.

    Attributes
    ----------
    x, m, y, c : ndarray, shapes (n,), (n, J), (n,), (n, k)
        Arm, mediators, outcome, covariates.
    people : int
        Participants of the two arms, those with gaps too.
    unit : ndarray of int, shape (n,), or None
        Who met together, where people met in groups.
    why : str
        Why therapy groups that were named did not enter.
    lost : str
        Who was left out, by arm and reason; empty where nobody was.
    """

    x: Array
    m: Array
    y: Array
    c: Array
    people: int
    unit: Codes | None
    why: str = ""
    lost: str = ""

    @property
    def fewest(self) -> int:
        """Units of the arm that has fewest."""
        assert self.unit is not None
        return min(len(own) for own in strata(self.unit, self.x))


def _cases(trial: Trial, spec: Mediation, pair: tuple[str, str]) -> _Cases:
    """The complete cases of a model.

    Raises
    ------
    ModelError
        The data do not hold a covariate.
    """
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
    seen = ~np.isnan(np.column_stack([*baselines, m, y])).any(1)
    known = inside & ~gaps & seen & ~np.isnan(c).any(1)
    lost = _lost(trial, pair, {MISSING_SCORE: inside & ~seen, _without(table[inside & seen]): inside & seen & ~known})
    c = c[known]
    c = c[:, np.ptp(c, axis=0) > 0]  # a level that none of these people has
    x = trial.in_arm(pair[0])[known].astype(float)
    unit, why = _units(trial, pair, known, x)
    return _Cases(x=x, m=m[known], y=y[known], c=c, people=int(inside.sum()), unit=unit, why=why, lost=lost)


def _without(table: pd.DataFrame) -> str:
    """Covariates that some of these people lack, as a reason."""
    return f"for a missing covariate ({', '.join(str(name) for name in table if table[name].isna().any())})"


def _lost(trial: Trial, pair: tuple[str, str], reasons: dict[str, Mask]) -> str:
    """Who was left out for what, by arm: "left out for a missing score: ACT 2, Wait-list 1"."""
    arms, said = trial.context.plan.design.arms, []
    for reason, who in reasons.items():
        counts = [f"{arms[arm]} {n}" for arm in pair if (n := int((who & trial.in_arm(arm)).sum()))]
        said += [f"left out {reason}: {', '.join(counts)}"] if counts else []
    return "; ".join(said)


def _units(trial: Trial, pair: tuple[str, str], known: Mask, x: Array) -> tuple[Codes | None, str]:
    """Who met together, as in the primary model; None, and why, where groups cannot be told from the arms."""
    plan = trial.context.plan
    name = cluster_of(plan, plan.analysis.primary, "clda", pair)
    if name is None or name not in trial.participants:
        return None, ""
    group = group_codes(trial.participants.loc[known], name)
    if (group < 0).all():
        return None, ""
    unit = units(group, x.astype(int), nested(plan, name))
    alone = min(len(own) for own in strata(unit, x)) < 2
    return (None, "an arm met in one group only") if alone else (unit, "")


def _one(trial: Trial, spec: Mediation, pair: tuple[str, str], keys: Keys) -> list[Row]:
    """Rows of one model and pair of arms."""
    cases = _cases(trial, spec, pair)
    x, m, y, c = cases.x, cases.m, cases.y, cases.c
    if min(x.sum(), (1 - x).sum()) < 3:
        raise ModelError("an arm has fewer than three participants with all values of the mediation model")
    seed = named_seed(trial.context.plan.analysis.seed, "mediation", *spec.mediator, spec.outcome, *pair)
    try:
        fit = mediate(x, m, y, c, trial.alpha, seed, cases.unit)
    except ModelError as error:
        if cases.unit is None:
            raise
        cases = replace(cases, unit=None, why=str(error))
        fit = mediate(x, m, y, c, trial.alpha, seed)
    unit = cases.unit
    draws = bootstrap_indirect(x, m, y, c, spec.replicates, seed + 1, unit)
    if len(draws) < FEWEST_SHARE * spec.replicates:
        raise ModelError("too few bootstrap samples can be estimated: too few participants, or a covariate too rare")
    limits = percentile_limits(draws, trial.alpha)
    if spec.interval == "bca":
        limits = bca_limits(fit.indirect, draws, jackknife_indirect(x, m, y, c, unit), trial.alpha)
    between = f"{pair[0]} - {pair[1]}"
    keys = keys | {"n": fit.n, "df_method": PLAIN if unit is None else ROBUST}
    keys |= {"note": f"{NOT_GROUPED}: {cases.why}" if cases.why else ""}
    counts = {"n": fit.n, "n_dropped": cases.people - fit.n}
    people = {"term": f"participants: {between}", "unit": "", "df_method": "", "note": cases.lost}
    found = rows(keys | people, counts)
    named = list(zip(spec.mediator, fit.a, fit.b, strict=True))
    for name, a, b in named:
        points = trial.context.outcomes[name].unit
        found += _path(keys | {"unit": points}, f"a: {between}", name, a, trial.alpha)
        found += _path(keys | {"unit": ""}, f"b: {between}", name, b, trial.alpha)
    found += _path(keys, f"direct: {between}", "", fit.direct, trial.alpha)
    found += _path(keys, f"total: {between}", "", fit.total, trial.alpha)
    found += _indirect(keys, spec, cases, fit, (draws, limits), between)
    found += _proportion(keys, between, fit.indirect[-1], fit.total, trial.alpha)
    for name, rho in zip(spec.mediator, fit.rho, strict=True):
        base = keys | {"term": f"unmeasured confounding: {between}", "level": name, "unit": "", "df_method": ""}
        found += rows(base | {"note": "indirect effect is zero at this rho"}, {"rho": rho, "r_squared_product": rho**2})
    found += _path(keys | {"unit": ""}, f"arm by mediator: {between}", spec.mediator[0], fit.interaction, trial.alpha)
    return found


def _indirect(
    keys: Keys, spec: Mediation, cases: _Cases, fit: Estimated, boot: tuple[Array, Array], between: str
) -> list[Row]:
    """Indirect effects with both intervals; the bootstrap's first, but second where an arm has few groups."""
    (draws, limits), unit = boot, cases.unit
    label = "percentile" if spec.interval == "percentile" else "bias-corrected and accelerated (BCa)"
    what = "participants" if unit is None else "therapy groups and people without one"
    drawn = f"{label} bootstrap, {len(draws)} samples of {what} within arms"
    simulated = MONTE_CARLO if unit is None else f"{MONTE_CARLO}, t with the df of the paths"
    few = unit is not None and cases.fewest < FEW
    found: list[Row] = []
    names = [*spec.mediator, *(["all mediators"] if len(spec.mediator) > 1 else [])]
    for k, name in enumerate(names):
        base = keys | {"level": name}
        first = base | {"term": f"indirect: {between}", "df_method": simulated if few else drawn}
        first |= {"note": CAUTION.format(cases.fewest)} if few else {}
        other = BOOTSTRAP if few else MONTE_CARLO
        second = base | {"term": f"indirect, {other}: {between}", "df_method": drawn if few else simulated}
        intervals = [limits[k], fit.monte_carlo[k]][:: -1 if few else 1]
        error = {"se": draws[:, k].std(ddof=1)}
        numbers = {"estimate": fit.indirect[k]} | ({} if few else error)
        found += rows(first, numbers | {"lower": intervals[0][0], "upper": intervals[0][1]})
        found += rows(second, (error if few else {}) | {"lower": intervals[1][0], "upper": intervals[1][1]})
    return found


def _path(keys: Keys, term: str, level: str, path: Coefficient, alpha: float) -> list[Row]:
    """One coefficient."""
    return rows(keys | {"term": term, "level": level}, tested(path.estimate, path.se, path.df, alpha))


def _proportion(keys: Keys, between: str, indirect: float, total: Coefficient, alpha: float) -> list[Row]:
    """Indirect over total effect, with its caution; none where the two have opposite signs."""
    base = keys | {"term": f"proportion mediated: {between}", "unit": "", "df_method": ""}
    if indirect * total.estimate <= 0:
        return [word(base | {"note": "indirect and total effect have opposite signs"}, "proportion", "not defined")]
    test = tested(total.estimate, total.se, total.df, alpha)
    unclear = test["lower"] < 0 < test["upper"]
    caution = (
        "the interval of the total effect includes zero: the ratio is unstable" if unclear else "unstable below n = 500"
    )
    return rows(base | {"note": caution}, {"proportion": indirect / total.estimate})
