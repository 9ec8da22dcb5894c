"""Method sentences about mediation, moderation and sensitivity analyses, only about what was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compassion_trials.core.rows import Row
from compassion_trials.effects.mechanism.mediation import MONTE_CARLO
from compassion_trials.effects.missing.imputation import BURN_IN
from compassion_trials.effects.missing.sensitivity import GROUPED, JACKKNIFE, NOT_GROUPED
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
        said += [*_mediation(found), *_left_out(trial, found)]
    if "moderation" in analyses:
        said += _moderation(found, _noted(found, "moderation", "therapy group"))
    if "mediation" in analyses or "moderation" in analyses:
        said += _without_groups(found)
    return (*said, *_sensitivity(trial, found, _noted(found, "sensitivity", GROUPED)))


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


def _mediation(found: Sequence[Row]) -> list[str]:
    """Equations, intervals and what the models that ran assume."""
    mine = [row for row in found if row["analysis"] == "mediation" and row.get("value") is not None]
    grouped = _mediation_groups(mine)
    said = [
        "Mediation was analysed by two linear regressions among participants with all values: of the mediator on arm, "
        "and of the outcome on arm and mediator, both adjusted for the baselines of mediator and outcome, so that "
        f"paths refer to change. Indirect effects have {_intervals(mine)}; Monte Carlo intervals ({MONTE_CARLO:,} "
        f"draws) stand beside them. {_BY_GROUP if grouped else ''}Only the arm was allocated: an indirect effect is "
        "causal only if nothing else affects both mediator and outcome; ρ is the correlation of the errors of both "
        "equations at which the indirect effect would vanish (Imai et al., 2010)."
    ]
    if any(str(row["model"]).endswith(f" at {row['visit']}") for row in mine):
        said.append("Where mediator and outcome are of the same visit, the order of cause and effect is not known.")
    return said


def _intervals(mine: Sequence[Row]) -> str:
    """Bootstrap intervals in the words of the rows."""
    said = []
    for words in dict.fromkeys(str(row.get("df_method")) for row in mine):
        kind, bootstrap, drawn = words.partition(" bootstrap, ")
        number, _, what = drawn.partition(" samples of ")
        said += [f"{kind} bootstrap intervals ({int(number):,} samples of {what})"] if bootstrap else []
    return " or ".join(said)


def _left_out(trial: Trial, found: Sequence[Row]) -> list[str]:
    """Who was left out of the mediation models, by arm and reason, once for models that leave out the same people."""
    said: dict[str, list[str]] = {}
    for row in found:
        if row["analysis"] == "mediation" and str(row.get("term")).startswith("participants: ") and row.get("note"):
            mediators, _, _ = str(row["model"]).rpartition(" at ")
            names = " and ".join(trial.context.outcomes[key].short for key in mediators.split(" + "))
            path = f"{names} to {trial.context.outcomes[str(row['outcome'])].short}"
            said.setdefault(str(row["note"]), []).append(path)
    return [f"Mediation ({'; '.join(dict.fromkeys(paths))}): participants were {note}." for note, paths in said.items()]


_BY_GROUP: Final = (
    "Standard errors of the paths are cluster-robust (CR2, with Bell-McCaffrey degrees of freedom), people without a "
    f"therapy group are drawn one by one, and where an arm has fewer than {FEW} groups, too few to be drawn from, the "
    "Monte Carlo interval, its paths from t distributions with those degrees of freedom, comes first. "
)


def _moderation(found: Sequence[Row], grouped: bool) -> list[str]:
    """Model and reading of the moderation that gave rows."""
    mine = [row for row in found if row["analysis"] == "moderation" and row.get("value") is not None]
    change = any(str(row.get("term")).startswith("difference in change") for row in mine)
    what = "differences in change from baseline" if change else "differences adjusted for baseline"
    said = (
        f"Moderation was analysed by adding arm by moderator by visit to the mixed model ({what}"
        f"{', with the random effect of the therapy group' if grouped else ''}); a moderator is "
        "judged by the test of the interaction, never by tests within subgroups."
    )
    if any(row.get("statistic") == "at" and not str(row.get("term")).startswith("curve") for row in mine):
        said += (
            " Simple effects of numeric moderators are given at the mean and one standard deviation below and above."
        )
    if any(str(row["statistic"]).startswith("bound_") for row in mine):
        said += (
            " Johnson-Neyman bounds are the observed values at which the interval of the difference, with its own "
            "degrees of freedom, touches zero."
        )
    return [said]


def _sensitivity(trial: Trial, found: Sequence[Row], grouped: bool) -> tuple[str, ...]:
    """Which analyses gave estimates, of which outcomes, and how values were imputed."""
    mine = [row for row in found if row["analysis"] == "sensitivity" and row.get("value") is not None]
    models = {str(row["model"]) for row in mine}
    names = [name for name in SENSITIVITY_WORDS if name in models]
    if not names:
        return ()
    keys = dict.fromkeys(str(row["outcome"]) for row in mine)
    outcomes = trial.context.outcomes
    of = "the primary outcome" if list(keys) == [trial.context.primary] else ", ".join(outcomes[k].label for k in keys)
    said = [f"Sensitivity analyses of {of} were " + "; ".join(SENSITIVITY_WORDS[name] for name in names) + "."]
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
    said += _reference(trial, [row for row in mine if row["model"] in REFERENCE_BASED], grouped)
    if any(row["model"] == "tipping_point" and row["statistic"] == "delta" for row in mine):
        said.append(
            "The tipping point is the smallest shift (delta) of the imputed values of the treated arm at which the "
            "conclusion at the two-sided level of the plan changes."
        )
    return tuple(said)


def _reference(trial: Trial, mine: Sequence[Row], grouped: bool) -> list[str]:
    """Reference-based imputation; its second answer where it was given."""
    if not mine:
        return []
    said = (
        f"Reference-based imputation replaces the missing values {_stopping(trial)} by those expected had the "
        "participant then followed the reference arm; other gaps stay missing at random."
    )
    if any(row.get("level") == JACKKNIFE for row in mine):
        said += (
            " It is given twice: proper imputation with Rubin's rules keeps the information of the missing-at-random "
            "analysis and is the primary answer; conditional means with the jackknife estimate the variance under "
            "repeated sampling, which is smaller."
        )
        said += " The jackknife leaves out whole therapy groups." if grouped else ""
    return [said]


def _stopping(trial: Trial) -> str:
    """From when participants count as having stopped."""
    if "stopped" in trial.participants:
        return "from the first visit after a participant stopped the treatment, as recorded,"
    return "after a participant's last visit"
