"""Moderation as result rows: interaction tests, simple effects, region of significance, the curve for the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from numpy.linalg import LinAlgError

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.effects.mechanism.johnson_neyman import johnson_neyman
from compassion_trials.effects.mechanism.moderation import Moderated, moderate
from compassion_trials.effects.missing.sensitivity import NOT_GROUPED
from compassion_trials.effects.primary_contrast import planned_job
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.covariates import trial_jobs
from compassion_trials.fit.grouped import without_groups
from compassion_trials.fit.mixed_rows import long_frame
from compassion_trials.fit.result import job_keys
from compassion_trials.models.inference.contrast_tests import quantile
from compassion_trials.study.plan.mechanism import Moderation
from compassion_trials.study.question import difference, last_controlled
from compassion_trials.trial.gaps import SUFFIX
from compassion_trials.trial.trial import Trial
from compassion_trials.trial.words import words

if TYPE_CHECKING:
    from compassion_trials.models.options import DesignName

Progress = Callable[[str], None]
Keys = dict[str, object]

LOW, MIDDLE, HIGH = "mean - 1 SD", "mean", "mean + 1 SD"
"""Levels of the simple effects of a numeric moderator."""
SHOWN = (5, 95)
"""Percentiles between which the curve runs: never the extremes, which are single people."""
CURVE_POINTS = 25


def moderation_rows(trial: Trial, progress: Progress | None = None) -> tuple[list[Row], tuple[Finding, ...]]:
    """All moderation analyses of the plan: rows (analysis ``moderation``, model the moderator) and findings."""
    found: list[Row] = []
    findings: list[Finding] = []
    todo = trial_jobs(trial)
    for spec in trial.context.plan.analysis.moderation:
        for key in spec.outcomes or filter(None, [trial.context.primary]):
            job = _job(trial, spec, key, todo)
            if progress is not None:
                progress(f"moderation: {job.outcome.label} by {spec.moderator}")
            keys = _keys(trial, job, spec)
            try:
                more, noticed = _one(trial, spec, job, keys)
                found, findings = found + more, findings + noticed
            except (ModelError, LinAlgError) as error:
                reason = str(error) if isinstance(error, ModelError) else "the data make the equations singular"
                found.append(word(keys | {"term": "model", "unit": "", "note": reason}, "estimate", "not estimable"))
                message = f"moderation of {job.outcome.label} by {spec.moderator} could not be estimated"
                findings.append(Finding("warning", "not_estimable", message, advice=reason))
    return found, tuple(findings)


def _job(trial: Trial, spec: Moderation, key: str, todo: list[Job]) -> Job:
    """The planned job of an outcome, cut to what the moderation model uses."""
    plan = trial.context.plan
    job = planned_job(trial, todo, key)
    visits = tuple(v for v in plan.design.controlled_visits if v in job.outcome.visits)
    model = "lda" if plan.design.type == "non_randomized" else "baseline_adjusted"
    wanted = spec.visit or job.answer_visit
    wanted = wanted if wanted in visits else last_controlled(plan.design, visits)
    covariates = tuple(c for c in job.covariates if c.removesuffix(SUFFIX) != spec.moderator)
    analysis = job.spec.model_copy(update={"population": spec.population})
    return replace(job, model=model, visits=visits, answer_visit=wanted, covariates=covariates, spec=analysis)


def _keys(trial: Trial, job: Job, spec: Moderation) -> Keys:
    """Keys of all rows of one analysis."""
    return job_keys(trial, job) | {
        "analysis": "moderation",
        "model": spec.moderator,
        "prespecified": "yes" if spec.prespecified else "no",
    }


def _one(trial: Trial, spec: Moderation, job: Job, keys: Keys) -> tuple[list[Row], list[Finding]]:
    """Rows of one outcome and moderator, and a warning where therapy groups could not enter."""
    if len(job.visits) < 2:
        raise ModelError("the outcome has no visit after baseline with a concurrent control")
    values, own = _moderator(trial, spec, job)
    long, _ = long_frame(trial, job)
    model, findings = _fit(trial, job, long, values, own)
    fit = model.fit
    state = "converged" if fit.certificate.valid else "flagged: " + "; ".join(fit.certificate.reasons)
    keys |= {"df_method": fit.methods.convention, "convergence": state, "n": fit.methods.n_subjects}
    what = "differences in change" if model.in_change else "adjusted for baseline"
    ignored = f"; {NOT_GROUPED}" if findings else ""
    keys |= {"note": f"{what}, covariance {fit.methods.covariance}{ignored}"}
    analysed = _analysed(model, long, values)
    found = [*_facts(keys, model, analysed, job), *_tests(keys, model, job), *_effects(keys, model, job, analysed)]
    return found, findings


def _fit(trial: Trial, job: Job, long: pd.DataFrame, values: pd.Series, own: bool) -> tuple[Moderated, list[Finding]]:
    """The model with therapy groups; without, and told so, where these cannot enter."""

    def moderated(group: str | None) -> Moderated:
        return moderate(
            long,
            values,
            visits=job.visits,
            reference=job.reference,
            design=cast("DesignName", job.model),
            own_baseline=own,
            covariates=job.covariates,
            level=1 - trial.alpha,
            group=group,
            spec=job.spec,
        )

    if job.group is None:
        return moderated(None), []
    try:
        return moderated(job.group), []
    except ModelError as error:
        plain = moderated(None)  # what ails both is said of the moderator, not of the groups
        return plain, [without_groups(f"moderation of {job.outcome.label}", job.group, str(error))]


def _moderator(trial: Trial, spec: Moderation, job: Job) -> tuple[pd.Series, bool]:
    """Values by participant, and whether they are the outcome's own baseline."""
    if spec.moderator in trial.context.outcomes:
        outcome = trial.context.outcomes[spec.moderator]
        values = trial.score(outcome, trial.context.plan.design.baseline)
        return pd.Series(values, index=trial.participants.index), outcome.key == job.outcome.key
    if spec.moderator not in trial.participants:
        raise ModelError(f"the data do not hold the moderator {spec.moderator}")
    column = trial.participants[spec.moderator]
    if pd.api.types.is_numeric_dtype(column.dtype) and column.nunique() > 2:
        return column, False
    return words(column), False


def _analysed(model: Moderated, long: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """Arm and moderator of those in the fit."""
    people = long.drop_duplicates("participant").set_index("participant")[["arm"]].assign(value=values)
    people = people.loc[people["value"].notna()]
    if not model.in_change:
        visits = long.groupby("participant")["visit"].agg(set)
        modelled = set(model.fit.prepared.design.visits)
        people = people.loc[[bool(visits[i] & modelled) and bool(visits[i] - modelled) for i in people.index]]
    return people


def _facts(keys: Keys, model: Moderated, people: pd.DataFrame, job: Job) -> list[Row]:
    """Mean and SD of a numeric moderator, participants per arm and level of a categorical one."""
    base = keys | {"term": "moderator", "unit": ""}
    if not model.levels:
        return rows(base, {"mean": model.centre, "sd": model.sd, "n": len(people)})
    counts = people.groupby(["arm", "value"]).size()
    return [
        row
        for arm in job.arms
        for level in model.levels
        for row in rows(base | {"arm": arm, "level": level}, {"n": float(counts.get((arm, level), 0))})
    ]


def _tests(keys: Keys, model: Moderated, job: Job) -> list[Row]:
    """Joint tests at the visit of interest and over all visits, and slopes of every pair at every visit."""
    found: list[Row] = []
    later = list(job.visits[1:])
    basis = [(arm, job.reference) for arm in job.arms if arm != job.reference]
    base = keys | {"unit": ""}
    for visit, visits in ((job.answer_visit, [job.answer_visit]), ("", later)):
        test = model.test(basis, visits)
        statistics = {"F": test.f, "df_num": test.df_num, "df_den": test.df_den, "p": test.p}
        found += rows(base | {"term": "interaction", "visit": visit}, statistics)
    for pair in job.pairs:
        for visit in later:
            contrasts = model.slopes(pair, visit)
            labels = list(model.levels[1:]) or [""]
            for label, line in zip(labels, _table(model, contrasts), strict=True):
                term = f"interaction: {pair[0]} - {pair[1]}"
                found += rows(keys | {"term": term, "level": label, "visit": visit}, _statistics(line))
    return found


def _effects(keys: Keys, model: Moderated, job: Job, people: pd.DataFrame) -> list[Row]:
    """Differences between arms at levels of the moderator, region and curve at the visit of interest."""
    visit = job.answer_visit
    where: dict[str, float | str] = {level: level for level in model.levels}
    if not model.levels:
        where = {LOW: model.centre - model.sd, MIDDLE: model.centre, HIGH: model.centre + model.sd}
    found: list[Row] = []
    for pair in job.pairs:
        term = difference(pair, in_change=model.in_change)
        contrasts = np.array([model.difference(pair, visit, value) for value in where.values()])
        for (level, value), line in zip(where.items(), _table(model, contrasts), strict=True):
            extra = {} if model.levels else {"at": float(value)}
            mine = people["arm"].isin(pair) & ((people["value"] == level) if model.levels else True)
            base = keys | {"term": term, "level": level, "visit": visit, "n": int(mine.sum())}
            found += rows(base, _statistics(line) | extra)
        if not model.levels:
            found += _region(keys | {"visit": visit}, model, pair, visit, people)
    return found


def _region(keys: Keys, model: Moderated, pair: tuple[str, str], visit: str, people: pd.DataFrame) -> list[Row]:
    """Johnson-Neyman bounds, how many participants lie in the region, and the curve."""
    start, slope = model.difference(pair, visit, model.centre), model.slopes(pair, visit)[0]

    def excess(at: Array) -> Array:
        found = model.fit.estimates({}, start + (at - model.centre)[:, None] * slope)
        return np.abs(found.estimate) / found.se - quantile(found.df, (1 + model.fit.level) / 2)

    values = people["value"].to_numpy(float)
    region = johnson_neyman(excess, float(values.min()), float(values.max()))
    base = keys | {"term": f"johnson_neyman: {pair[0]} - {pair[1]}", "unit": ""}
    base |= {"note": "among observed values, each with its own df"}
    bounds = {f"bound_{i}": b for i, b in enumerate(region.bounds, start=1)}
    out = rows(base, bounds | {"percent": 100 * float(region.holds(values).mean())})
    out.append(word(base, "region", region.where))
    low, high = np.percentile(values, SHOWN)
    grid = np.linspace(low, high, CURVE_POINTS)
    lines = _table(model, np.array([model.difference(pair, visit, float(v)) for v in grid]))
    for i, (value, line) in enumerate(zip(grid, lines, strict=True)):
        curve = keys | {"term": f"curve: {pair[0]} - {pair[1]}", "level": f"{i:02d}"}
        out += rows(curve, {"at": float(value)} | {k: line[k] for k in ("estimate", "lower", "upper")})
    return out


def _table(model: Moderated, contrasts: np.ndarray) -> list[dict[str, float]]:
    """Inference for contrasts (R, p), a dictionary each."""
    names = {"contrast": [str(i) for i in range(len(contrasts))]}
    lines = model.fit.estimates(names, contrasts).table(model.fit.level).to_dict("records")
    return cast("list[dict[str, float]]", lines)


def _statistics(line: dict[str, float]) -> dict[str, float]:
    """Statistics of one row of the library's tables."""
    kept = {name: float(line[name]) for name in ("estimate", "se", "df", "lower", "upper")}
    return kept | {"t": float(line["statistic"]), "p": float(line["p"])}
