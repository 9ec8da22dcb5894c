"""Sentences for the Methods section about the analyses that were really done."""

from __future__ import annotations

from collections.abc import Sequence

from compassion_trials.fit.analyses import Job
from compassion_trials.fit.covariates import without_covariate
from compassion_trials.fit.result import JobResult
from compassion_trials.study.plan.analysis import MIXED_MODELS
from compassion_trials.study.plan.design import Cluster
from compassion_trials.trial.analysis_sets import label
from compassion_trials.trial.gaps import SUFFIX as GAP
from compassion_trials.trial.trial import Trial

MODEL_WORDS = {
    "clda": "constrained longitudinal data analysis, a mixed model for repeated measures in which all arms share one "
    "mean at baseline, as randomization implies",
    "lda": "a mixed model for repeated measures with a mean for each arm at each visit",
    "baseline_adjusted": "a mixed model for repeated measures of the visits after baseline, adjusted for the outcome "
    "at baseline",
    "single_arm": "a mixed model for repeated measures with a mean for each visit",
    "random_intercept": "a linear mixed model with random intercepts of participants",
    "random_slope": "a linear mixed model with random intercepts and slopes over time of participants",
    "ancova": "analysis of covariance",
    "mixed_anova": "a mixed analysis of variance, arm by visit (type III sums of squares)",
    "paired": "paired t tests of the change from the first visit",
    "change_t": "t tests of change scores (Welch's test)",
}
"""What each model is, after "were analysed by"."""

CLUSTERED_WORDS = {
    "paired": "mean changes from the first visit",
    "change_t": "the difference in mean change scores",
}
"""Instead of the t tests, where standard errors are cluster-robust."""

COVARIANCE_WORDS = {
    "us": "an unstructured",
    "cs": "a compound-symmetric",
    "csh": "a heterogeneous compound-symmetric",
    "ar1": "a first-order autoregressive",
    "arh1": "a heterogeneous first-order autoregressive",
    "toep": "a Toeplitz",
    "toeph": "a heterogeneous Toeplitz",
    "ad": "an ante-dependence",
    "adh": "a heterogeneous ante-dependence",
    "diag": "a diagonal",
}


WITHOUT_COVARIATE = "with an observed outcome and a missing covariate"
"""Why somebody may be left out of a mixed model."""
SEVERAL = 3
"""More outcomes than this are summed up in one sentence."""


def methods_sentences(trial: Trial, results: Sequence[JobResult]) -> tuple[str, ...]:
    """Sentences per analysis and model, then about clusters."""
    groups: dict[tuple[str, str], list[JobResult]] = {}
    for result in results:
        groups.setdefault((result.job.analysis, result.job.model), []).append(result)
    found: list[str] = []
    for members in groups.values():
        found += [_what(trial, members), *_how(members), *_whom(trial, members), *_estimand(trial, members[0].job)]
    return (*dict.fromkeys(found), *_clusters(trial, results))


def _name(trial: Trial, job: Job) -> str:
    """The analysis as the beginning of a sentence."""
    if job.spec.label:
        return job.spec.label
    named = {"primary": "Primary analysis", "secondary": "Secondary outcomes"}
    return named.get(job.analysis, job.analysis.replace("_", " ").capitalize())


def _what(trial: Trial, members: list[JobResult]) -> str:
    """Outcomes, model, covariates; whether post hoc."""
    job = members[0].job
    names = [m.job.outcome.label for m in members]
    clustered = all(m.facts.get("robust") for m in members)
    words = (CLUSTERED_WORDS if clustered else {}).get(job.model, MODEL_WORDS[job.model])
    shown = _list(names) if len(names) <= 4 else f"{len(names)} outcomes"
    text = f"{_name(trial, job)}: {shown} {'was' if len(names) == 1 else 'were'} analysed by {words}"
    labels = trial.context.plan.design.visit_label
    text += f" at {trial.context.plan.design.visit_at(*job.visits)}" if job.model == "ancova" else ""
    before = _list([labels(v) for v in job.baselines]) if job.baselines else ""
    adjusted = ([f"the outcome at {before}"] if before else []) + [_variable(trial, c) for c in job.covariates]
    if adjusted:
        text += f", adjusted for {_list(adjusted)}"
    elif job.model == "ancova" and clustered:
        text += " without adjustment"
    elif job.model == "ancova":
        text += " without adjustment (the two-sample t test with pooled variance when there are two arms)"
    text += "" if job.spec.prespecified else " (post hoc)"
    more = ""
    if job.spec.reason and job.model == "clda":
        more += f" Reason given for this model: {job.spec.reason.rstrip('.')}."
    if unused := [_variable(trial, c) for c in job.spec.covariates if c not in job.covariates]:
        more += f" It does not take covariates; {_list(unused)} did not enter."
    if job.model == "baseline_adjusted" and trial.context.plan.design.type == "non_randomized":
        more += (
            " Where arms differ at baseline it answers another question than a difference in change (Lord's paradox), "
            "so the two are to be read together."
        )
    return f"{text}.{more}"


def _how(members: list[JobResult]) -> list[str]:
    """Covariance, estimator, degrees of freedom, fallbacks."""
    job, facts = members[0].job, next((m.facts for m in members if m.facts), {})
    if job.model == "mixed_anova":
        found = ["Partial eta squared is given as effect size."]
        if len(job.visits) > 2:
            found.append("P values with the Greenhouse-Geisser correction are given beside the uncorrected ones.")
        return found
    if job.model == "ancova":
        of_ols = "Standard errors are those of ordinary least squares; a"
        first = "A" if all(m.facts.get("robust") for m in members) else of_ols
        return [f"{first}djusted means stand at the means of the covariates."]
    if job.model not in MIXED_MODELS or not facts:
        return []
    text = f"It was fitted by {facts['estimator']}"
    if job.model not in ("random_intercept", "random_slope"):
        text += f" with {_covariance(facts['covariance_planned'])} covariance over visits"
    found = [f"{text}; degrees of freedom and standard errors are those of {facts['convention']}."]
    for m in members:
        if m.facts.get("fallback"):
            used = _covariance(m.facts["covariance"])
            robust = f" and {m.facts['robust']} standard errors" if m.facts["robust"] else ""
            found.append(
                f"For {m.job.outcome.label} the planned covariance could not be estimated; {used} covariance{robust} "
                "was used."
            )
        if not m.facts.get("certified", True):
            found.append(f"The fit for {m.job.outcome.label} has no valid certificate of convergence and is flagged.")
        if "cross_check" in m.facts:
            found.append(m.facts["cross_check"]["verdict"])
    return found


def _covariance(name: str) -> str:
    """A covariance structure with its article."""
    return COVARIANCE_WORDS.get(name, name)


def _whom(trial: Trial, members: list[JobResult]) -> list[str]:
    """Who was analysed and who was left out, and why."""
    job = members[0].job
    blank = {id(m): without_covariate(trial, m.job) for m in members if m.job.model in MIXED_MODELS}
    why = {
        "mixed_anova": "who missed any of the visits (listwise deletion)",
        "ancova": "with a missing outcome or covariate",
        "paired": "who missed one of the two visits",
        "change_t": "who missed one of the two visits",
        "baseline_adjusted": "without a baseline value or without any later value",
    }.get(job.model, "without any observed outcome")
    found = [f"The analysis set is {label(trial, job.population)}."]
    short = [m for m in members if sum(m.left_out.values())]
    if len(short) > SEVERAL:
        lost = sorted(sum(m.left_out.values()) for m in short)
        of = sum(short[0].left_out.values()) + sum(short[0].analysed.values())
        span = f"{lost[0]} to {lost[-1]}" if lost[0] < lost[-1] else f"{lost[0]}"
        why += f", or {WITHOUT_COVARIATE}," if any(sum(b.values()) for b in blank.values()) else ""
        return [*found, f"For {len(short)} outcomes {span} of {of} participants {why} were left out."]
    arms = trial.context.plan.design.arms
    for m in short:
        gaps = blank.get(id(m), {})
        whole = {a: n + m.analysed[a] for a, n in m.left_out.items()}
        for reason, counts in (
            (why, {a: n - gaps.get(a, 0) for a, n in m.left_out.items()}),
            (WITHOUT_COVARIATE, gaps),
        ):
            shown = ", ".join(f"{arms[a]} {n} of {whole[a]}" for a, n in counts.items() if n)
            found += [f"For {m.job.outcome.label} participants {reason} were left out: {shown}."] if shown else []
    return found


def _estimand(trial: Trial, job: Job) -> list[str]:
    """What the primary analysis estimates, in words."""
    if job.analysis != "primary" or job.model == "mixed_anova":
        return []
    what = f"The primary estimand is {_target(trial, job)}"
    if job.model not in MIXED_MODELS:
        return [
            f"{what} in those of {label(trial, job.population)} who have the values that the test needs (complete "
            "cases)."
        ]
    return [
        f"{what} in {label(trial, job.population)}, whether or not they kept to their arm (treatment policy, as far as "
        "outcomes were collected after people stopped; otherwise as if they had gone on like comparable participants).",
        "Missing values are taken to be missing at random given arm, visit and the observed values; all observed "
        "values enter.",
    ]


def _target(trial: Trial, job: Job) -> str:
    """The quantity: a difference at a visit, or a change."""
    design, outcome = trial.context.plan.design, job.outcome.label
    visit = design.visit_label(job.answer_visit)
    if not job.pairs:
        return f"the mean change in {outcome} from {design.visit_label(job.visits[0])} to {visit}"
    comparison = job.asked[0][1]
    treated = [design.arms[a] for a, b in job.asked if b == comparison]
    mean = f"in mean {'change in ' if job.in_change else ''}{outcome} at {design.visit_at(job.answer_visit)}"
    if len(treated) == 1:
        return f"the difference {mean} between {treated[0]} and {design.arms[comparison]}"
    return f"the difference {mean} between {design.arms[comparison]} and each of {_list(treated)}"


def _clusters(trial: Trial, results: Sequence[JobResult]) -> list[str]:
    """Whether therapy groups or courses were handled."""
    found = []
    for name, cluster in trial.context.plan.design.clusters.items():
        words = cluster.label or name.replace("_", " ")
        with_it = [r for r in results if r.job.group == name and r.facts.get("n_groups")]
        robust = [r for r in with_it if r.job.model not in MIXED_MODELS]
        random = _of_outcomes(trial, [r for r in with_it if r.job.model in MIXED_MODELS], results)
        others = [r for r in results if r not in with_it and _concerns(cluster, r.job)]
        if random:
            found.append(f"Clusters ({words}) had a random effect in these analyses: {', '.join(random)}.")
        if robust:
            found.append(
                f"Standard errors are cluster-robust (CR2; Pustejovsky & Tipton, 2018) by {words}, with degrees of "
                "freedom of Bell and McCaffrey (2002), at most the fewest clusters of an arm minus one, in these "
                f"analyses: {', '.join(_of_outcomes(trial, robust, results))}."
            )
        if others:
            where = f" in these analyses: {', '.join(_of_outcomes(trial, others, results))}" if with_it else ""
            found.append(
                f"Clusters ({words}) were ignored{where}; standard errors there take participants as independent and "
                "may be too small."
            )
    return found


def _concerns(cluster: Cluster, job: Job) -> bool:
    """Whether people of one of the arms of an analysis met in a cluster."""
    return not cluster.arms or bool(set(cluster.arms) & set(job.arms))


def _names(trial: Trial, results: Sequence[JobResult]) -> list[str]:
    """Names of the analyses of some results."""
    return list(dict.fromkeys(_name(trial, r.job) for r in results))


def _of_outcomes(trial: Trial, some: Sequence[JobResult], results: Sequence[JobResult]) -> list[str]:
    """Names of analyses; with the outcomes where only some of those of an analysis are meant."""
    found = []
    for name in _names(trial, some):
        mine = [r for r in some if _name(trial, r.job) == name]
        whole = len(mine) == sum(_name(trial, r.job) == name for r in results)
        found.append(name if whole else f"{name} ({_list([r.job.outcome.label for r in mine])})")
    return found


def _variable(trial: Trial, name: str) -> str:
    """Label of a baseline variable."""
    if name.endswith(GAP):
        return f"an indicator of missing {_variable(trial, name.removesuffix(GAP))}"
    for raw in trial.context.plan.data:
        if name in raw.baseline and raw.baseline[name].label:
            return str(raw.baseline[name].label)
    return name.replace("_", " ")


def _list(words: Sequence[str]) -> str:
    """a, b and c; with semicolons when one of them holds a comma."""
    if len(words) == 1:
        return words[0]
    if any("," in word for word in words):
        return "; ".join(words[:-1]) + "; and " + words[-1]
    return ", ".join(words[:-1]) + " and " + words[-1]
