"""The classic analyses as result rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from compassion_trials.classic.ancova import SE_TYPE, Ancova, ancova
from compassion_trials.classic.change_t import two_sample
from compassion_trials.classic.mixed_anova import mixed_anova
from compassion_trials.classic.paired import paired_change
from compassion_trials.core.errors import ModelError
from compassion_trials.core.rows import Row, rows
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.grouped import without_groups
from compassion_trials.fit.result import JobResult, estimate_statistics, job_keys
from compassion_trials.fit.robust_classic import ROBUST, SE_WORDS, n_clusters, robust_errors
from compassion_trials.study.question import difference
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.clusters import nested
from compassion_trials.trial.trial import Trial


def run_classic(trial: Trial, job: Job) -> JobResult:
    """Carry out one classic analysis.

    Raises
    ------
    ModelError
        These data cannot give it.
    """
    visits = tuple(dict.fromkeys((*job.baselines, *job.visits)))
    group = [job.group] if job.group and job.group not in job.covariates else []
    frame = trial.frame(job.outcome, visits, [*job.covariates, *group]).loc[members(trial, job.population, job.outcome)]
    frame = frame.loc[frame["arm"].isin(job.arms)]
    run = {"ancova": _ancova, "mixed_anova": _mixed_anova, "paired": _paired, "change_t": _change_t}[job.model]
    if not job.group or not n_clusters(frame, job.group):
        return run(trial, replace(job, group=None), frame)
    try:
        return run(trial, job, frame)
    except ModelError as error:
        if job.spec.random_group is not None:
            raise
        told = without_groups(f"{job.analysis}, {job.outcome.key}", job.group, str(error))
        result = run(trial, replace(job, group=None), frame)
        return replace(result, findings=(*result.findings, told))


def _adjusted(
    trial: Trial, job: Job, frame: pd.DataFrame, outcome: str, arms: Sequence[str], extra: Sequence[str] = ()
) -> Ancova:
    """Least squares of one column, with cluster-robust errors where the job has clusters.

    Raises
    ------
    ModelError
        As `classic.ancova`, or too few clusters for the standard error of a mean or difference.
    """
    if job.group is None:
        return ancova(frame, outcome, "arm", arms, extra, trial.alpha)
    errors = robust_errors(job.group, "arm", nested(trial.context.plan, job.group))
    fit = ancova(frame, outcome, "arm", arms, extra, trial.alpha, errors)
    wanted = [*fit.contrasts.values()] or [*fit.means.values()]
    if not all(one.df > 0 for one in wanted):
        raise ModelError("too few clusters for cluster-robust standard errors")
    return fit


def _cluster_facts(job: Job, frame: pd.DataFrame) -> dict[str, object]:
    """What Methods and tables say about clusters of a classic analysis; empty where there are none."""
    return {"n_groups": n_clusters(frame, job.group), "robust": ROBUST} if job.group else {}


def _errors_note(job: Job) -> str:
    return f"standard errors: {SE_WORDS if job.group else SE_TYPE}"


def _ancova(trial: Trial, job: Job, frame: pd.DataFrame) -> JobResult:
    """One analysis of covariance per visit."""
    if not job.visits:
        raise ModelError("there is no visit after the baseline to compare")
    found: list[Row] = []
    fits: dict[str, Ancova] = {}
    for visit in job.visits:
        fit = fits[visit] = _adjusted(trial, job, frame, visit, job.arms, [*job.baselines, *job.covariates])
        found += _ancova_rows(trial, job, visit, fit)
    last = fits[job.answer_visit]
    facts = {
        "se": SE_WORDS if job.group else SE_TYPE,
        **_cluster_facts(job, frame),
        "adjusted_for": [*job.baselines, *job.covariates],
        "n_by_visit": {v: f.n for v, f in fits.items()},
    }
    found += rows(job_keys(trial, job) | {"unit": ""}, {"n": sum(last.n.values())})
    return JobResult(job, found, last.n, last.n_dropped, facts)


def _ancova_rows(trial: Trial, job: Job, visit: str, fit: Ancova) -> list[Row]:
    """Adjusted means, contrasts, coefficients and the model's own numbers."""
    base = job_keys(trial, job) | {"visit": visit, "df_method": "Bell-McCaffrey" if job.group else "residual"}
    base |= {"note": _errors_note(job)}
    found: list[Row] = []
    for arm in job.arms:
        m = fit.means[arm]
        statistics = {"estimate": m.estimate, "se": m.se, "df": m.df, "lower": m.lower, "upper": m.upper}
        found += rows(base | {"arm": arm, "term": "mean", "n": fit.n[arm]}, statistics)
        found += rows(base | {"arm": arm, "unit": ""}, {"n": fit.n[arm], "n_dropped": fit.n_dropped[arm]})
    for pair in job.pairs:
        n = fit.n[pair[0]] + fit.n[pair[1]]
        found += rows(base | {"term": difference(pair), "n": n}, estimate_statistics(fit.contrasts[pair]))
    for name, coefficient in fit.coefficients.items():
        found += rows(base | {"term": f"coefficient: {name}"}, estimate_statistics(coefficient))
    found += rows(base | {"term": "model"}, {"residual_sd": fit.residual_sd})
    return found + rows(base | {"term": "model", "unit": ""}, {"r_squared": fit.r_squared})


def _mixed_anova(trial: Trial, job: Job, frame: pd.DataFrame) -> JobResult:
    """F tests of group, time and interaction."""
    fit = mixed_anova(frame, "arm", job.arms, job.visits)
    base = job_keys(trial, job) | {"df_method": "sphericity assumed", "unit": "", "n": sum(fit.n.values())}
    labels = [trial.context.plan.design.visit_label(visit) for visit in job.visits]
    base["note"] = f"Participants with an observed outcome at all of {', '.join(labels)}"
    found: list[Row] = []
    for term, test in (("group", fit.group), ("time", fit.time), ("interaction", fit.interaction)):
        statistics = {"F": test.f, "df_num": test.df_num, "df_den": test.df_den, "p": test.p}
        statistics |= {
            "partial_eta_squared": test.partial_eta_squared,
            "generalized_eta_squared": test.generalized_eta_squared,
        }
        corrections = {
            "epsilon": test.epsilon,
            "p_greenhouse_geisser": test.p_corrected,
            "epsilon_huynh_feldt": test.epsilon_huynh_feldt,
            "p_huynh_feldt": test.p_huynh_feldt,
        }
        found += rows(base | {"term": term}, {**statistics, **corrections})
    found += rows(base | {"term": "time"}, {"F_weighted": fit.time_weighted.f, "p_weighted": fit.time_weighted.p})
    for arm in job.arms:
        found += rows(base | {"arm": arm}, {"n": fit.n[arm], "n_dropped": fit.n_dropped[arm]})
    found += rows(base, {"n": sum(fit.n.values())})
    facts = {"sphericity": "Greenhouse-Geisser" if len(job.visits) > 2 else "not needed with two visits"}
    return JobResult(job, found, fit.n, fit.n_dropped, facts)


def _paired(trial: Trial, job: Job, frame: pd.DataFrame) -> JobResult:
    """Change from the first visit to each later one, by a paired t test per arm."""
    if len(job.visits) < 2:
        raise ModelError("a change needs two visits")
    base = job_keys(trial, job) | {"df_method": "n - 1", "term": "change"}
    found: list[Row] = []
    n: dict[str, int] = {}
    dropped: dict[str, int] = {}
    for arm in job.arms:
        mine = frame.loc[frame["arm"] == arm]
        for visit in job.visits[1:]:
            fit = paired_change(mine[job.visits[0]].to_numpy(float), mine[visit].to_numpy(float), trial.alpha)
            keys, change = base | {"arm": arm, "visit": visit, "n": fit.n}, fit.change
            if job.group and n_clusters(mine, job.group):
                column = mine.assign(change=mine[visit] - mine[job.visits[0]])
                change = _adjusted(trial, job, column, "change", [arm]).means[arm]
                keys |= {"df_method": "Bell-McCaffrey", "note": _errors_note(job)}
            found += rows(keys, estimate_statistics(change))
            found += rows(keys | {"unit": ""}, {"n": fit.n, "n_dropped": len(mine) - fit.n})
            if visit == job.answer_visit or arm not in n:
                n[arm], dropped[arm] = fit.n, len(mine) - fit.n
    return JobResult(job, found, n, dropped, _cluster_facts(job, frame))


def _change_t(trial: Trial, job: Job, frame: pd.DataFrame) -> JobResult:
    """Change scores of each pair of arms, Welch's t test first, the pooled one beside it as a level."""
    if len(job.visits) < 2:
        raise ModelError("a change needs two visits")
    first, found = job.visits[0], []
    change = {visit: frame[visit] - frame[first] for visit in job.visits[1:]}
    for pair in job.pairs:
        for visit, values in change.items():
            a, b = (values[frame["arm"] == arm].to_numpy(float) for arm in pair)
            fit = two_sample(a, b, trial.alpha)
            keys = job_keys(trial, job) | {"term": difference(pair, in_change=True), "visit": visit, "n": sum(fit.n)}
            if job.group:
                column = frame.assign(change=values)
                robust = _adjusted(trial, job, column[column["arm"].isin(pair)], "change", pair)
                keys |= {"df_method": "Bell-McCaffrey", "note": f"comparison of change scores, {_errors_note(job)}"}
                found += rows(keys, estimate_statistics(robust.contrasts[pair]))
                continue
            for level, estimate, method in (
                ("", fit.welch, "Welch"),
                ("pooled variance", fit.pooled, "pooled variance"),
            ):
                note = "t test of change scores, " + ("unequal variances (Welch)" if method == "Welch" else method)
                found += rows(keys | {"level": level, "df_method": method, "note": note}, estimate_statistics(estimate))
    observed = change[job.answer_visit].notna()
    n = {arm: int((observed & (frame["arm"] == arm)).sum()) for arm in job.arms}
    dropped = {arm: int((frame["arm"] == arm).sum()) - n[arm] for arm in job.arms}
    return JobResult(job, found, n, dropped, _cluster_facts(job, frame))
