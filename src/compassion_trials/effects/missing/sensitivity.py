"""Sensitivity analyses as result rows: other people, other models, other assumptions about what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.core.seeds import named_seed
from compassion_trials.effects.missing.imputation import ImputationDraws, PooledImputations, impute, pool
from compassion_trials.effects.missing.incomplete import Incomplete, incomplete
from compassion_trials.effects.missing.reference_answers import (
    conditional_mean_answer,
    left_out,
    moves,
)
from compassion_trials.effects.missing.sensitivity_models import (
    answer_term,
    last_value,
    other_people,
    random_intercept,
    tested,
    without_groups,
)
from compassion_trials.effects.missing.tipping_point import DeltaCurve, delta_curve, tipping_point
from compassion_trials.effects.primary_contrast import planned_job
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.covariates import trial_jobs
from compassion_trials.fit.result import job_keys
from compassion_trials.models.replicates.resample import Replicates
from compassion_trials.study.plan.sensitivity import IMPUTING, SensitivityAnalysis
from compassion_trials.trial.trial import Trial

Progress = Callable[[str], None]

JACKKNIFE = "conditional mean, jackknife"
"""Level of the second, frequentist answer of reference-based imputation."""
TIPPED = "at the tipping point"
"""Level of the estimate at the delta where the conclusion changes."""
CURVE_POINTS = 21
"""Deltas of the curve that the figure draws."""
ROUNDING = 1e-9
"""Share of the range of deltas below which a delta is zero but for rounding."""
PEOPLE = ("completers", "per_protocol")
GROUPED, NOT_GROUPED = "therapy groups in the analysis of completed data", "therapy groups not modelled"
"""Notes where the plan's model has therapy groups."""


@dataclass(slots=True)
class _Work:
    """What the analyses of one outcome share: the model that imputes and its draws, made once when first needed."""

    trial: Trial
    job: Job
    imputations: int
    progress: Progress
    made: Incomplete | None = field(default=None)
    _draws: ImputationDraws | None = field(default=None)
    _left_out: Replicates | None = field(default=None)

    @property
    def data(self) -> Incomplete:
        if self.made is None:
            self.made = incomplete(self.trial, self.job)
        return self.made

    @property
    def left_out(self) -> Replicates:
        if self._left_out is None:
            self.progress(f"sensitivity: jackknife of {self.job.outcome.label}")
            self._left_out = left_out(self.data)
        return self._left_out

    @property
    def draws(self) -> ImputationDraws:
        if self._draws is None:
            fit = self.data.fit
            seed = named_seed(self.trial.context.plan.analysis.seed, "imputation", self.job.outcome.key)

            def tell(done: int, n: int) -> None:
                self.progress(f"sensitivity: imputing {self.job.outcome.label}, {100 * done // n} %")

            self._draws = impute(self.data.joint, fit.beta, fit.covariances[0], self.imputations, seed, tell)
        return self._draws


def sensitivity_rows(trial: Trial, progress: Progress | None = None) -> tuple[list[Row], tuple[Finding, ...]]:
    """All sensitivity analyses of the plan.

    Parameters
    ----------
    trial : Trial
    progress : callable, optional
        Told each analysis as it begins.

    Returns
    -------
    list of dict, tuple of Finding
        Result rows (analysis ``sensitivity``, model the name of the analysis); what could not be estimated, and why.
    """
    tell = progress or (lambda _: None)
    wanted = trial.context.plan.analysis.sensitivity
    most = max((w.imputations for w in wanted if w.method in IMPUTING), default=0)
    shared: dict[str, _Work] = {}
    found: list[Row] = []
    findings: list[Finding] = []
    for spec in wanted:
        for key in spec.outcomes or filter(None, [trial.context.primary]):
            job = planned_job(trial, trial_jobs(trial), key)
            work = shared.setdefault(key, _Work(trial, job, most, tell))
            tell(f"sensitivity: {spec.method.replace('_', ' ')}, {job.outcome.label}")
            try:
                mine = _told(_one(work, spec), work, spec)
                found, findings = found + mine, findings + _half(mine, spec, job)
            except (ModelError, LinAlgError) as error:
                reason = str(error) if isinstance(error, ModelError) else "the data make the equations singular"
                found.append(
                    word(_keys(work, spec) | {"term": "model", "unit": "", "note": reason}, "estimate", "not estimable")
                )
                message = f"sensitivity analysis {spec.method}: {job.outcome.label} could not be analysed"
                findings.append(Finding("warning", "not_estimable", message, advice=reason))
    found += [row for work in shared.values() for row in _anchor(work)]
    return found, tuple(findings)


def _half(found: list[Row], spec: SensitivityAnalysis, job: Job) -> list[Finding]:
    """A warning where an analysis gave one of its two answers only."""
    failed = [row for row in found if row.get("text") == "not estimable"]
    if not failed:
        return []
    message = f"sensitivity analysis {spec.method}: {job.outcome.label} has no {JACKKNIFE.replace(', ', ' with ')}"
    return [Finding("warning", "not_estimable", message, advice=str(failed[0]["note"]))]


def _anchor(work: _Work) -> list[Row]:
    """Where therapy groups are modelled but not in imputed data: the same likelihood without them, to compare with."""
    if work.job.group is None or work.made is None or work.made.by_group:
        return []
    keys = job_keys(work.trial, work.job) | {"analysis": "sensitivity", "model": "likelihood_without_groups"}
    return without_groups(work.made, keys | {"visit": work.job.answer_visit}, work.trial.alpha)


def _told(found: list[Row], work: _Work, spec: SensitivityAnalysis) -> list[Row]:
    """Rows whose note says how the plan's therapy groups entered, or that they did not."""
    if work.job.group is None or spec.method in PEOPLE:
        return found
    grouped = spec.method != "statsmodels_lmm" and work.data.by_group
    how = GROUPED if grouped else NOT_GROUPED
    return [row | {"note": f"{row.get('note') or ''}; {how}".lstrip("; ")} for row in found]


def _one(work: _Work, spec: SensitivityAnalysis) -> list[Row]:
    """Rows of one analysis of one outcome."""
    keys = _keys(work, spec)
    if spec.method in PEOPLE:
        return other_people(work.trial, work.job, keys, spec.method)
    if spec.method == "statsmodels_lmm":
        return random_intercept(work.data, keys, work.trial.alpha)
    if spec.method == "locf":
        return last_value(work.data, keys, work.trial.alpha)
    if spec.method == "multiple_imputation":
        return _pooled_rows(work, spec, keys, work.draws.y[: spec.imputations])
    return _tipping_rows(work, spec, keys) if spec.method == "tipping_point" else _reference_rows(work, spec, keys)


def _keys(work: _Work, spec: SensitivityAnalysis) -> dict[str, object]:
    """Keys of all rows of one analysis."""
    return job_keys(work.trial, work.job) | {
        "analysis": "sensitivity",
        "model": spec.method,
        "visit": work.job.answer_visit,
        "prespecified": "yes" if spec.prespecified else "no",
    }


def _pooled_rows(work: _Work, spec: SensitivityAnalysis, keys: dict[str, object], completed: Array) -> list[Row]:
    """Rubin's rules for every contrast."""
    data, m = work.data, len(completed)
    fits = data.analyse(completed)
    found: list[Row] = []
    for i in range(fits.estimate.shape[1]):
        pooled = pool(fits.estimate[:, i], fits.variance[:, i], fits.complete_df(i))
        extra = {"mc_error": pooled.mc_error, "missing_information": pooled.missing_information, "imputations": m}
        base = (
            keys
            | answer_term(data, i)
            | {"n": int(data.compared(i).sum()), "df_method": "Rubin's rules, Barnard-Rubin"}
        )
        found += rows(
            base | {"note": f"{m} imputations"},
            tested(pooled.estimate, pooled.se, pooled.df, work.trial.alpha) | extra,
        )
    return found


def _reference_rows(work: _Work, spec: SensitivityAnalysis, keys: dict[str, object]) -> list[Row]:
    """Proper imputation with Rubin's rules first, conditional means with the jackknife beside it."""
    data = work.data
    draws = ImputationDraws(*(part[: spec.imputations] for part in (work.draws.beta, work.draws.sigma, work.draws.y)))
    reference = spec.reference or data.job.reference
    moved = draws.y + moves(data, spec.method, reference, draws.beta, draws.sigma)
    note = "information-anchored"
    found = [row | {"note": f"{row['note']}, {note}"} for row in _pooled_rows(work, spec, keys, moved)]
    return found + _jackknife_rows(work, spec, keys, reference)


def _jackknife_rows(work: _Work, spec: SensitivityAnalysis, keys: dict[str, object], reference: str) -> list[Row]:
    """The frequentist answer, or that it is not estimable where the jackknife fails: the first answer stands."""
    data = work.data
    places = [
        keys | answer_term(data, i) | {"level": JACKKNIFE, "n": int(data.compared(i).sum())}
        for i in range(len(data.pairs) or 1)
    ]
    try:
        answers = conditional_mean_answer(data, spec.method, reference, work.left_out)
    except ModelError as why:
        return [word(place | {"note": str(why)}, "estimate", "not estimable") for place in places]
    method = "jackknife of therapy groups, t" if data.by_group else "jackknife, z"
    found: list[Row] = []
    for place, numbers in zip(places, zip(*answers, strict=True), strict=True):
        estimate, error, df = (float(number) for number in numbers)
        base = place | {"note": "frequentist; no random draws", "df_method": method}
        found += rows(base, tested(estimate, error, df, work.trial.alpha))
    return found


def _tipping_rows(work: _Work, spec: SensitivityAnalysis, keys: dict[str, object]) -> list[Row]:
    """The tipping point of each pair, the curve up to beyond it, and the deltas of the plan."""
    data = work.data
    completed = work.draws.y[: spec.imputations]
    solve, y = data.grouped(completed) or data.solver(completed), data.outcome(completed)
    low, high = data.job.outcome.range
    arms = list(data.fit.prepared.design.arms)
    sd = _baseline_sd(data)
    found: list[Row] = []
    for i, (treated, _) in enumerate(data.pairs):
        moved = (data.arm == arms.index(treated)) & np.isnan(data.joint.y[:, data.place])
        base = (
            keys
            | answer_term(data, i)
            | {"n": int(data.compared(i).sum()), "df_method": "Rubin's rules, Barnard-Rubin"}
        )
        if not moved.any():
            base |= {"note": "no value of this arm is missing at this visit"}
            found.append(word(base | {"unit": ""}, "tipping_point", "nothing to adjust"))
            continue
        curve = delta_curve(solve, y, moved, i)
        tip = tipping_point(curve, work.trial.alpha, high - low)
        base |= {"note": f"imputed values of {treated} moved by delta; {len(completed)} imputations"}
        found += rows(base, {"n_imputed": int(moved.sum())})
        if tip is None:
            found.append(word(base, "tipping_point", f"none within {high - low:g}"))
        else:
            found += rows(base, {"tipping_point": tip, "tipping_point_sd": tip / sd})
            found += rows(base | {"level": TIPPED}, _answer(curve.at(tip), work.trial.alpha))
        found += _curve_rows(base, curve, tip, spec, sd, work.trial.alpha)
    return found


def _curve_rows(
    base: dict[str, object], curve: DeltaCurve, tip: float | None, spec: SensitivityAnalysis, sd: float, alpha: float
) -> list[Row]:
    """Estimates over a range of deltas; level is the delta."""
    reach = 2 * sd if tip is None else max(1.5 * abs(tip), 0.5 * sd)
    sign = 1.0 if tip is None else float(np.sign(tip) or 1.0)
    low, high = sorted((-0.25 * reach * sign, reach * sign))
    if tip is None:
        low, high = -reach, reach
    steps = np.linspace(low, high, CURVE_POINTS)
    steps[np.abs(steps) < ROUNDING * (high - low)] = 0.0  # a step of -9e-16 is the delta of zero
    grid = {f"{d:.4g}": float(f"{d:.4g}") for d in [*steps, 0.0, *spec.deltas]}
    names = sorted(grid, key=lambda name: grid[name])
    answers = curve.answers(np.array([grid[name] for name in names]))
    return [
        row
        for name, pooled in zip(names, answers, strict=True)
        for row in rows(base | {"level": f"delta {name}"}, {"delta": grid[name]} | _answer(pooled, alpha))
    ]


def _answer(pooled: PooledImputations, alpha: float) -> dict[str, float]:
    """Statistics of a pooled estimate."""
    return tested(pooled.estimate, pooled.se, pooled.df, alpha)


def _baseline_sd(data: Incomplete) -> float:
    """Standard deviation at baseline pooled within arms."""
    squares, df = 0.0, 0
    for a in np.unique(data.arm):
        y: Any = data.wide[data.arm == a, 0]
        y = y[~np.isnan(y)]
        squares, df = squares + float(((y - y.mean()) ** 2).sum()), df + len(y) - 1
    return float(np.sqrt(squares / df))
