"""The stage fit: every analysis of the plan, as result rows, method sentences and findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from numpy.linalg import LinAlgError

from compassion_trials.core.columns import results_table
from compassion_trials.core.errors import ModelError
from compassion_trials.core.files import write_csv, write_json, write_table
from compassion_trials.core.findings import FINDING_COLUMNS, Finding, as_rows
from compassion_trials.core.record import Record
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.covariates import covariate_findings, covariate_sentences, trial_jobs
from compassion_trials.fit.result import JobResult, job_keys
from compassion_trials.fit.sentences import methods_sentences
from compassion_trials.study.plan.analysis import MIXED_MODELS
from compassion_trials.trial.trial import Trial, read_trial

if TYPE_CHECKING:
    from compassion_trials.study.context import Context


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Carry out all analyses of a study.

    Parameters
    ----------
    context : Context
        The opened study; ingest and score must have run.
    progress : callable, optional
        Told each analysis and outcome as it begins.
    """
    import pandas as pd

    trial = read_trial(context)
    results = []
    for job in trial_jobs(trial):
        if progress is not None:
            progress(f"{job.analysis}: {job.outcome.label}, {job.model}")
        results.append(run_job(trial, job))
    found = [row for result in results for row in result.rows] + analysed_rows(trial, results)
    write_table(results_table(found), context.results.models)
    findings = [*covariate_findings(trial), *(finding for result in results for finding in result.findings)]
    write_csv(pd.DataFrame(as_rows(findings), columns=list(FINDING_COLUMNS)), context.results.findings("fit"))
    pictures = next((result.diagnostics for result in results if result.diagnostics), {})
    write_json(pictures, context.results.diagnostics)
    done = [result for result in results if result.analysed]
    Record(
        "fit", (*methods_sentences(trial, done), *covariate_sentences(trial)), {"jobs": [_facts(r) for r in results]}
    ).write(context.results.record("fit"))


def run_job(trial: Trial, job: Job) -> JobResult:
    """One job; data that cannot give its model become a row that says so, and a finding."""
    try:
        if job.model in MIXED_MODELS:
            from compassion_trials.fit.mixed_rows import run_mixed

            return run_mixed(trial, job)
        from compassion_trials.fit.classic_rows import run_classic

        return run_classic(trial, job)
    except (ModelError, LinAlgError) as error:
        reason = str(error) if isinstance(error, ModelError) else "the data make the equations singular"
        row = word(job_keys(trial, job) | {"convergence": f"not estimable: {reason}"}, "estimate", "not estimable")
        message = f"{job.analysis}: {job.outcome.label} could not be analysed by {job.model}"
        finding = Finding("warning", "not_estimable", message, expected="data that allow the model", advice=reason)
        return JobResult(job, [row], findings=(finding,))


def analysed_rows(trial: Trial, results: Sequence[JobResult]) -> list[Row]:
    """Participants in the primary analysis by arm, for the flow diagram."""
    primary = next((r for r in results if r.job.analysis == "primary" and r.analysed), None)
    if primary is None:
        return []
    keys = trial.keys | {"analysis": "flow", "term": "analysed"}
    return [row for arm, n in primary.analysed.items() for row in rows(keys | {"arm": arm}, {"n": n})]


def _facts(result: JobResult) -> dict[str, Any]:
    """A job as JSON."""
    job = result.job
    return {
        "analysis": job.analysis,
        "label": job.spec.label or "",
        "model": job.model,
        "outcome": job.outcome.key,
        "population": job.population,
        "visits": list(job.visits),
        "arms": list(job.arms),
        "pairs": [list(pair) for pair in job.pairs],
        "contrast_visit": job.answer_visit,
        "baselines": list(job.baselines),
        "covariates": list(job.covariates),
        "analysed": dict(result.analysed),
        "left_out": dict(result.left_out),
        "estimable": bool(result.analysed),
        "prespecified": job.spec.prespecified,
        **result.facts,
    }
