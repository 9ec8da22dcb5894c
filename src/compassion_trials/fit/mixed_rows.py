"""The mixed models as result rows: means, differences, changes, joint test, and what certifies the fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.diagnostics import diagnostics
from compassion_trials.fit.grouped import SUFFIX, fit_with_groups, group_statistics, without_groups
from compassion_trials.fit.result import JobResult, job_keys
from compassion_trials.fit.second_opinion import second_opinion
from compassion_trials.study.question import DEFAULT_MODEL, difference
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.clusters import nested
from compassion_trials.trial.trial import Trial

if TYPE_CHECKING:
    from compassion_trials.models import Fit
    from compassion_trials.models.options import DesignName

RANDOM = {"random_intercept": "intercept", "random_slope": "slope"}
"""Linear mixed models by name, and their random effects."""

Cell = tuple[str, str]
Weights = Mapping[Cell, float]


def run_mixed(trial: Trial, job: Job) -> JobResult:
    """Fit one mixed model.

    Raises
    ------
    ModelError
        These data cannot give it; the message says why.
    """
    long, people = long_frame(trial, job)
    fit, findings = fit_job(trial, job, long)
    certificate = fit.certificate
    state = "converged" if certificate.valid else "flagged: " + "; ".join(certificate.reasons)
    base = job_keys(trial, job) | {"df_method": fit.methods.convention, "convergence": state, "note": _note(fit)}
    means = fit.marginal_means()
    cells = _cells(job, means)
    used = long.dropna(subset=["score", *job.covariates])
    if job.model == "baseline_adjusted":
        used = _with_baseline(used, job)
    n = used.groupby("arm")["participant"].nunique()
    analysed = {arm: int(n.get(arm, 0)) for arm in job.arms}
    found = [*_mean_rows(base, cells, means, analysed), *_contrast_rows(base, job, fit, cells, analysed)]
    found += [*_joint_rows(base, job, fit), *_fact_rows(base, fit), *group_statistics(base, fit)]
    found += rows(base | {"unit": ""}, {"n": sum(analysed.values())})
    for arm, count in analysed.items():
        found += rows(base | {"arm": arm, "unit": ""}, {"n": count, "n_dropped": people[arm] - count})
    facts, findings = _facts(fit), (*findings, *_findings(job, fit))
    pictures: dict[str, Any] = {}
    if job.analysis == "primary":
        checked, more, warnings = second_opinion(base, job, fit)
        found, facts, findings = found + checked, facts | more, findings + warnings
        pictures = diagnostics(fit, trial.context.plan.analysis.seed, 1 - trial.alpha)
    dropped = {arm: people[arm] - analysed[arm] for arm in job.arms}
    return JobResult(
        job=job, rows=found, analysed=analysed, left_out=dropped, facts=facts, findings=findings, diagnostics=pictures
    )


def long_frame(trial: Trial, job: Job) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows of one job: participant, arm, visit, score, covariates, cluster; and people of the set by arm.

    A control that has crossed over is not a control: its later rows do not enter.
    """
    group = [job.group] if job.group else []
    frame = trial.frame(job.outcome, job.visits, [*job.covariates, *group])
    frame = frame.loc[members(trial, job.population, job.outcome) & frame["arm"].isin(job.arms)]
    people = {arm: int((frame["arm"] == arm).sum()) for arm in job.arms}
    long = frame.reset_index().melt(
        id_vars=["participant", "arm", *job.covariates, *group],
        value_vars=list(job.visits),
        var_name="visit",
        value_name="score",
    )
    design = trial.context.plan.design
    crossed = (long["arm"] == design.control) & ~long["visit"].isin(design.controlled_visits) & (len(job.arms) > 1)
    return long.loc[~crossed & long["score"].notna()].reset_index(drop=True), people


def fit_job(trial: Trial, job: Job, long: pd.DataFrame) -> tuple[Fit, tuple[Finding, ...]]:
    """Fit with therapy groups where there are any; without, and told so, where only the default asks for them."""
    if job.group is None:
        return fit_model(trial, job, long, None), ()
    try:
        return fit_model(trial, job, long, job.group), ()
    except ModelError as error:
        if job.spec.random_group is not None:
            raise
        told = without_groups(f"{job.analysis}, {job.outcome.key}", job.group, str(error))
        return fit_model(trial, job, long, None), (told,)


def fit_model(trial: Trial, job: Job, long: pd.DataFrame, group: str | None) -> Fit:
    """Call the library of models."""
    from compassion_trials.models import fit_lmm, fit_mmrm

    spec = job.spec
    visits = [visit for visit in job.visits if (long["visit"] == visit).any()]  # who was never seen has no mean
    single = len(job.arms) == 1
    shared: dict[str, Any] = {
        "outcome": "score",
        "subject": "participant",
        "visit": "visit",
        "arm": None if single else "arm",
        "reference": None if single else job.reference,
        "visits": visits,
        "covariates": job.covariates,
        "by_visit": spec.by_visit,
        "df": spec.df,
        "reml": spec.reml,
        "level": 1 - trial.alpha,
    }
    if job.model in RANDOM:
        design = trial.context.plan.design
        weeks = {visit: design.visits[visit].week for visit in visits}
        shared |= {"design": "single_arm" if single else DEFAULT_MODEL[design.type], "random": RANDOM[job.model]}
        shared |= {"time": weeks if job.model == "random_slope" else None, "group": group}
        shared |= {"nested": nested(trial.context.plan, group)}
        return fit_lmm(long, **shared)
    marginal = cast("DesignName", job.model)
    if group is not None:
        grouped = shared | {"nested": nested(trial.context.plan, group)}
        return fit_with_groups(long, group, marginal, spec, grouped)
    fallback = [name for name in spec.fallback if name != spec.covariance]
    return fit_mmrm(long, **shared, design=marginal, covariance=spec.covariance, fallback=fallback)


def _with_baseline(used: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Rows after baseline of participants who have a baseline."""
    first = used.loc[used["visit"] == job.visits[0], "participant"]
    return used.loc[used["participant"].isin(first) & (used["visit"] != job.visits[0])]


def _cells(job: Job, means: pd.DataFrame) -> dict[Cell, Cell]:
    """Cells of arm and visit that have a mean, by our keys, and by the model's (a single arm has no name there)."""
    known = {(str(a), str(v)) for a, v in zip(means["arm"], means["visit"], strict=True)}
    only = {arm for arm, _ in known} if len(job.arms) == 1 else set()
    name = {job.arms[0]: next(iter(only))} if only else {arm: arm for arm in job.arms}
    return {(arm, v): (name[arm], v) for arm in job.arms for v in job.visits if (name[arm], v) in known}


def _mean_rows(
    base: Mapping[str, object], cells: Mapping[Cell, Cell], means: pd.DataFrame, n: Mapping[str, int]
) -> list[Row]:
    """Marginal means, with the participants of the arm who were analysed."""
    lines = {(str(line["arm"]), str(line["visit"])): line for line in means.to_dict("records")}
    found: list[Row] = []
    for (arm, visit), theirs in cells.items():
        found += _inference(
            {**base, "term": "mean", "arm": arm, "visit": visit, "n": n[arm]}, lines[theirs], test=False
        )
    return found


def _contrast_rows(
    base: Mapping[str, object], job: Job, fit: Fit, cells: Mapping[Cell, Cell], n: Mapping[str, int]
) -> list[Row]:
    """Differences per visit, differences in change, changes within arms; every pair of arms."""
    wanted: list[tuple[dict[str, object], Weights]] = []
    for a, b in job.pairs:
        found = _between(job, (a, b), cells, fit.methods.design == "clda")
        wanted += [(keys | {"n": n[a] + n[b]}, weights) for keys, weights in found]
    if job.model != "baseline_adjusted":
        first = job.visits[0]
        for arm, visit in cells:
            if visit != first and (arm, first) in cells:
                keys = {"term": "change", "arm": arm, "visit": visit, "n": n[arm]}
                wanted.append((keys, {cells[arm, visit]: 1, cells[arm, first]: -1}))
    if not wanted:
        return []
    table = fit.custom({str(i): weights for i, (_, weights) in enumerate(wanted)}).to_dict("records")
    return [row for (keys, _), line in zip(wanted, table, strict=True) for row in _inference({**base, **keys}, line)]


def _between(
    job: Job, pair: tuple[str, str], cells: Mapping[Cell, Cell], constrained: bool
) -> Iterable[tuple[dict[str, object], Weights]]:
    """Contrasts of one pair of arms.

    Under cLDA there is no difference at baseline, and the difference in change is the difference.
    """
    a, b = pair
    first = job.visits[0]
    for visit in job.visits:
        if (a, visit) not in cells or (b, visit) not in cells or (visit == first and constrained):
            continue
        here: Weights = {cells[a, visit]: 1, cells[b, visit]: -1}
        yield {"term": difference(pair), "visit": visit}, here
        both = (a, first) in cells and (b, first) in cells
        if visit != first and both and job.model != "baseline_adjusted" and not constrained:
            there = {cells[a, first]: -1, cells[b, first]: 1}
            yield {"term": difference(pair, in_change=True), "visit": visit}, {**here, **there}


def _inference(keys: Mapping[str, object], line: Mapping[Any, Any], test: bool = True) -> list[Row]:
    """Statistics of one row of the library's tables."""
    statistics = {name: float(line[name]) for name in ("estimate", "se", "df", "lower", "upper")}
    if test:
        statistics |= {"t": float(line["statistic"]), "p": float(line["p"])}
    return rows(keys, statistics)


def _joint_rows(base: Mapping[str, object], job: Job, fit: Fit) -> list[Row]:
    """Joint test of arm by visit, or of visit in a single arm; of arm at all visits when baseline is a covariate."""
    term = "visit" if len(job.arms) == 1 else "arm_at_visits" if job.model == "baseline_adjusted" else "arm:visit"
    try:
        test = fit.joint_test(term)
    except ModelError:
        return []  # nothing to test jointly, such as one visit only
    keys = dict(base) | {"term": "joint: " + ("visit" if term == "visit" else "arm:visit"), "unit": "", "note": ""}
    return rows(keys, {"F": test.f, "df_num": test.df_num, "df_den": test.df_den, "p": test.p})


def _fact_rows(base: Mapping[str, object], fit: Fit) -> list[Row]:
    """Likelihood, numbers, covariance parameters, coefficients and the certificate."""
    keys, c = dict(base) | {"term": "model", "unit": ""}, fit.certificate
    numbers = {"loglik": fit.loglik, "n_subjects": fit.methods.n_subjects, "n_observations": fit.methods.n_observations}
    numbers |= {"gradient_norm": c.gradient_norm, "newton_decrement": c.newton_decrement, "iterations": c.iterations}
    numbers |= {"smallest_eigenvalue": c.smallest_eigenvalue, "condition": c.condition}
    numbers |= {"maxima": c.maxima} if c.maxima > 1 else {}
    found = [
        *rows(keys, numbers),
        word(keys, "covariance", fit.methods.covariance),
        word(keys, "estimator", fit.methods.estimator),
    ]
    for line in fit.variance_parameters.to_dict("records"):
        found += rows(keys | {"level": str(line["parameter"])}, {"variance_parameter": line["estimate"]})
    for line in fit.coefficients.to_dict("records"):
        found += _inference(dict(base) | {"term": f"coefficient: {line['term']}"}, line)
    return found


def _note(fit: Fit) -> str:
    """Covariance used, and what was tried before it."""
    methods = fit.methods
    if not methods.fallback:
        return f"covariance {methods.covariance}, {methods.estimator}"
    tried = "; ".join(f"{name}: {why}" for name, why in methods.fallback)
    return f"covariance {methods.covariance} instead of {methods.covariance_planned} ({tried}), {methods.estimator}"


def _facts(fit: Fit) -> dict[str, Any]:
    """What the methods sentences and the table of models need."""
    m = fit.methods
    return {
        "covariance": m.covariance.removesuffix(SUFFIX),
        "covariance_planned": m.covariance_planned.removesuffix(SUFFIX),
        "n_groups": m.n_groups,
        "fallback": [list(pair) for pair in m.fallback],
        "estimator": m.estimator,
        "df": m.df,
        "convention": m.convention,
        "robust": m.robust,
        "certified": bool(fit.certificate.valid),
        "boundary": list(fit.certificate.boundary),
        "notes": list(m.notes),
    }


def _findings(job: Job, fit: Fit) -> tuple[Finding, ...]:
    """A fallback or a fit without a valid certificate is told."""
    found = []
    where = f"{job.analysis}, {job.outcome.key}"
    if fit.methods.fallback:
        message = f"{where}: the planned covariance could not be estimated; {fit.methods.covariance} was used"
        why = "; ".join(f"{name}: {reason}" for name, reason in fit.methods.fallback)
        found.append(
            Finding("warning", "covariance_fallback", message, value=fit.methods.covariance_planned, advice=why)
        )
    if not fit.certificate.valid:
        message = f"{where}: the fit has no valid certificate"
        found.append(Finding("warning", "fit_flagged", message, advice="; ".join(fit.certificate.reasons)))
    return tuple(found)
