"""Method sentences about mediation, moderation and sensitivity analyses, only about what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compassion_trials.core.rows import Row
from compassion_trials.effects.mechanism.mediation import MONTE_CARLO
from compassion_trials.effects.missing.imputation import BURN_IN
from compassion_trials.effects.missing.sensitivity import GROUPED, NOT_GROUPED
from compassion_trials.models.inference.clustered import FEW
from compassion_trials.study.mechanism_words import SENSITIVITY_WORDS
from compassion_trials.study.plan.sensitivity import IMPUTING, REFERENCE_BASED, SensitivityAnalysis
from compassion_trials.trial.trial import Trial


def mechanism_sentences(trial: Trial, found: Sequence[Row]) -> tuple[str, ...]:
    """Sentences for the Methods section.

    Parameters
    ----------
    trial : Trial
    found : sequence of dict
        Result rows; what gave none is not spoken of.
    """
    done = {(row["analysis"], row["model"]) for row in found if row.get("value") is not None}
    analyses = {analysis for analysis, _ in done}
    said: list[str] = []
    if "mediation" in analyses:
        said += _mediation(trial, _mediation_groups(found))
    if "moderation" in analyses:
        said += _moderation(trial, _noted(found, "moderation", "therapy group"))
    if "mediation" in analyses or "moderation" in analyses:
        said += _without_groups(found)
    methods = [str(model) for analysis, model in sorted(done) if analysis == "sensitivity"]
    grouped = _noted(found, "sensitivity", GROUPED)
    return (*said, *_sensitivity(trial, [name for name in SENSITIVITY_WORDS if name in methods], grouped))


def _noted(found: Sequence[Row], analysis: str, words: str) -> bool:
    """Whether rows of an analysis say something in their note that is not a denial."""
    notes = {str(row.get("note") or "") for row in found if row["analysis"] == analysis}
    return any(words in note.replace(NOT_GROUPED, "") for note in notes)


def _mediation_groups(found: Sequence[Row]) -> bool:
    """Whether a mediation model knows therapy groups."""
    return any(row["analysis"] == "mediation" and str(row.get("df_method")).startswith("CR2") for row in found)


def _without_groups(found: Sequence[Row]) -> list[str]:
    """Where therapy groups of the plan are not modelled."""
    names = [
        name
        for name in ("mediation", "moderation")
        if any(row["analysis"] == name and NOT_GROUPED in str(row.get("note")) for row in found)
    ]
    return [f"Some analyses of {' and '.join(names)} do not model therapy groups (see their notes)."] if names else []


def _mediation(trial: Trial, grouped: bool) -> list[str]:
    """Equations, intervals and what the models assume."""
    specs = trial.context.plan.analysis.mediation
    kinds = {"percentile": "percentile", "bca": "bias-corrected and accelerated"}
    intervals = " or ".join(dict.fromkeys(kinds[spec.interval] for spec in specs))
    samples = max(spec.replicates for spec in specs)
    said = [
        "Mediation was analysed by two linear regressions among participants with all values: of the mediator on arm, "
        "and of the outcome on arm and mediator, both adjusted for the baselines of mediator and outcome, so that "
        f"paths refer to change. Intervals of indirect effects are {intervals} bootstrap intervals ({samples:,} "
        f"samples of {'therapy groups' if grouped else 'participants'} drawn within arms); Monte Carlo intervals "
        f"({MONTE_CARLO:,} draws) stand beside them. {_BY_GROUP if grouped else ''}Only the arm was allocated: an "
        "indirect effect is causal only if nothing else affects both mediator and outcome; ρ is the correlation of "
        "the errors of both equations at which the indirect effect would vanish (Imai et al., 2010)."
    ]
    if any(spec.mediator_visit == spec.outcome_visit for spec in specs):
        said.append("Where mediator and outcome are of the same visit, the order of cause and effect is not known.")
    return said


_BY_GROUP: Final = (
    "Standard errors of the paths are cluster-robust (CR2, with Bell-McCaffrey degrees of freedom), people without a "
    f"therapy group are drawn one by one, and where an arm has fewer than {FEW} groups, too few to be drawn from, the "
    "Monte Carlo interval, its paths from t distributions with those degrees of freedom, comes first. "
)


def _moderation(trial: Trial, grouped: bool) -> list[str]:
    """Model and reading of moderation."""
    change = trial.context.plan.design.type == "non_randomized"
    what = "differences in change from baseline" if change else "differences adjusted for baseline"
    return [
        f"Moderation was analysed by adding arm by moderator by visit to the mixed model ({what}"
        f"{', with the random effect of the therapy group' if grouped else ''}); a moderator is "
        "judged by the test of the interaction, never by tests within subgroups. Simple effects of numeric moderators "
        "are given at the mean and one standard deviation below and above; Johnson-Neyman bounds are the observed "
        "values at which the interval of the difference, with its own degrees of freedom, touches zero."
    ]


def _sensitivity(trial: Trial, names: Sequence[str], grouped: bool) -> tuple[str, ...]:
    """Which analyses, and how values were imputed."""
    if not names:
        return ()
    said = [
        "Sensitivity analyses of the primary outcome were " + "; ".join(SENSITIVITY_WORDS[name] for name in names) + "."
    ]
    specs: dict[str, SensitivityAnalysis] = {spec.method: spec for spec in trial.context.plan.analysis.sensitivity}
    imputing = [name for name in names if name in IMPUTING]
    if imputing:
        most = max(specs[name].imputations for name in imputing)
        said.append(
            "Values were imputed visit by visit from the joint normal distribution of all visits with means by arm, "
            f"its parameters drawn from their posterior ({most} independent chains of {BURN_IN} updates of data "
            "augmentation), and analyses of the completed data pooled by Rubin's rules with the degrees of freedom of "
            "Barnard and Rubin."
        )
    if grouped:
        said.append(
            "Completed data were analysed with the random effect of the therapy group (REML, Kenward-Roger); the "
            "imputation itself does not know the groups, so that imputed members of one group are no more alike than "
            "others."
        )
    if any(name in REFERENCE_BASED for name in names):
        said.append(
            f"Reference-based imputation replaces the missing values {_stopping(trial)} by those expected had the "
            "participant then followed the reference arm; other gaps stay missing at random. It is given twice: "
            "proper imputation with Rubin's rules keeps the information of the missing-at-random analysis and is the "
            "primary answer; conditional means with the jackknife estimate the variance under repeated sampling, "
            "which is smaller." + (" The jackknife leaves out whole therapy groups." if grouped else "")
        )
    if "tipping_point" in names:
        said.append(
            "The tipping point is the smallest shift (delta) of the imputed values of the treated arm at which the "
            "conclusion at the two-sided level of the plan changes."
        )
    return tuple(said)


def _stopping(trial: Trial) -> str:
    """From when participants count as having stopped."""
    if "stopped" in trial.participants:
        return "from the first visit after a participant stopped the treatment, as recorded,"
    return "after a participant's last visit"
