"""Sentences for the Methods section about the effects that were computed beyond the models."""

from __future__ import annotations

import pandas as pd

from compassion_trials.effects.groups.clustered_risk import NOTE
from compassion_trials.effects.groups.few_clusters import METHOD, NO_LIMITS, NO_P
from compassion_trials.effects.outcomes.families import CORRECTIONS, PRIMARY
from compassion_trials.trial.trial import Trial


def sentences(trial: Trial, made: pd.DataFrame) -> tuple[str, ...]:
    """One sentence or two about each part that left rows in the results table and that a table prints."""
    present = set(zip(made["analysis"], made["statistic"], strict=True))
    found = _bootstrap(made)
    if (made["analysis"] == "change").any():
        found += _change(made)
    found += _responders(made)
    found += _families(trial, made)
    found += [text for place, text in _SAID.items() if place in present]
    found += _dose(made[made["analysis"] == "dose"])
    found += _harms(made[made["analysis"] == "harms"])
    found += [text for place, text in _PLANNING.items() if place in present]
    return tuple(found)


_BOOTSTRAP = (
    "The standardized difference of the primary comparison has a percentile bootstrap interval (1,000 samples of "
    "participants within arms) beside the one from its standard error."
)
_BOOTSTRAP_T = (
    "The standardized difference of the primary comparison has a bootstrap-t interval (1,000 trials drawn from the "
    "model with its therapy groups) beside the one from its standard error."
)
"""In place of the sentence on bootstrapped participants, where people met in groups."""


def _bootstrap(made: pd.DataFrame) -> list[str]:
    """How the second interval of the primary effect size was made."""
    notes = made.loc[made["statistic"] == "model_g_boot_lower", "note"]
    by_group = notes.str.startswith("bootstrap-t")
    return ([_BOOTSTRAP] if (~by_group).any() else []) + ([_BOOTSTRAP_T] if by_group.any() else [])


_SAID = {
    ("equivalence", "estimate"): "Equivalence was tested by two one-sided tests against the margin of the plan "
    "(Schuirmann, 1987), on the model's standard error and degrees of freedom; the interval shown has the level that "
    "matches them.",
    ("noninferiority", "estimate"): "Non-inferiority was tested one-sided against the margin of the plan, on the "
    "model's standard error and degrees of freedom.",
    ("clusters", "icc"): "Intraclass correlations of participants who met in one group are from the analysis of "
    "variance of groups within arms, with limits from the F distribution; the design effect counts unequal group sizes "
    "(Eldridge et al., 2006).",
}
"""Said where an analysis has a statistic."""

_PLANNING = {
    ("pilot", "percent"): "Feasibility shares have exact (Clopper-Pearson) limits.",
    ("pilot", "sd_upper"): "The one-sided 80% upper limit of the standard deviation is meant for planning (Browne, "
    "1995).",
    ("power", "power"): "Power and interval width were computed by simulated trials with the assumed covariance and "
    "drop-out, analysed by the primary model with an unstructured covariance and Kenward-Roger degrees of freedom.",
    ("power", "icc"): "Simulated trials have therapy groups with the stated intraclass correlation, and their model a "
    "variance between groups.",
}
"""The same for what is meant for the next trial."""


def _dose(made: pd.DataFrame) -> list[str]:
    """The regression of change on dose, and what is known of groups."""
    if not (made["statistic"] == "estimate").any():
        return []
    found = [
        "Change was regressed on dose, adjusted for the baseline score and arm, within treated participants; this is "
        "an association, not a causal effect."
    ]
    grouped = made[made["df_method"] == METHOD]
    if len(grouped) and not (grouped["statistic"] == "se").any():
        found.append("Therapy groups are too few for its standard error.")
    elif len(grouped):
        few = "; below five groups in an arm there is no test" if grouped["note"].str.contains(NO_P).any() else ""
        found.append(f"{CLUSTERED_SLOPE}{few}.")
    return found


CLUSTERED_SLOPE = (
    "Its standard error is cluster-robust (CR2, therapy groups; Pustejovsky & Tipton, 2018), on the smaller of Bell "
    "and McCaffrey's (2002) degrees of freedom and the fewest groups of an arm minus one"
)
_HARMS = {"deterioration": "deterioration", "withdrawal": "withdrawal", "event": "events"}


def _harms(made: pd.DataFrame) -> list[str]:
    """Whose limits the differences of harms have, and how events were counted."""
    found: list[str] = []
    compared = made[made["statistic"] == "risk_difference"]
    if len(compared):
        kinds = set(compared["term"].str.partition(": ")[0])
        named = [words for kind, words in _HARMS.items() if kind in kinds]
        what = f"Differences of the arms' shares of participants with {_or(named)}"
        notes = compared["note"]
        grouped = notes.str.startswith(NOTE).any()
        without = notes.str.startswith(NO_LIMITS).any()
        how = ["Newcombe's limits"] if notes.str.startswith("Newcombe").any() else []
        how += ["cluster-robust limits (CR2) where arms met in therapy groups"] if grouped else []
        how += ["no limits where only counts are known or groups are too few"] if without else []
        found.append(f"{what} have {_or(how)}.")
    if (made["statistic"] == "events").any():
        found.append("Events were counted from the raw files per participant; only the number was kept.")
    return found


def _or(words: list[str]) -> str:
    """a, b or c."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


_IN_GROUPS = (
    "Where people met in therapy groups, responders were compared by the risk difference with cluster-robust limits "
    "(CR2; Pustejovsky & Tipton, 2018), on the smaller of Bell and McCaffrey's (2002) degrees of freedom and the "
    "fewest groups of an arm minus one; with fewer than five groups in an arm ratios and the number needed to treat "
    "have no limits. There is no model over visits."
)
"""Responders of a clustered trial."""


def _change(made: pd.DataFrame) -> list[str]:
    """Reliable change."""
    found = [
        "Change of single participants was judged by the reliable change index (Jacobson & Truax, 1991): a change "
        "counts when it exceeds 1.96 standard errors of a difference."
    ]
    if (made["level"] == "recovered").any():
        found.append("Reliable improvement from the side of the problem beyond the cut-off counts as recovery.")
    return found


def _responders(made: pd.DataFrame) -> list[str]:
    """Responders compared between arms, at single visits and over them."""
    found: list[str] = []
    compared = made[made["term"].str.startswith("responders: ")]
    if compared["note"].str.contains("Newcombe").any():
        found.append(
            "Responders were compared by the risk difference with Newcombe's (1998) limits, risk and odds ratios with "
            "log-normal limits, and the number needed to treat (Altman, 1998)."
        )
    if compared["note"].str.contains("cluster-robust|therapy groups").any():
        found.append(_IN_GROUPS)
    if (made["level"] == "gee").any():
        found.append(
            "Responders over visits were analysed by a logistic model with generalized estimating equations, "
            "exchangeable correlation, adjusted for the baseline score, with bias-reduced standard errors (Mancl & "
            "DeRouen, 2001)."
        )
    return found


def _families(trial: Trial, made: pd.DataFrame) -> list[str]:
    """Each family with corrected p values, its correction and its gatekeeper."""
    found = []
    tested = set(made.loc[(made["analysis"] == "families") & (made["statistic"] == "p_adjusted"), "level"])
    outcomes = trial.context.outcomes
    for name, family in trial.context.plan.analysis.families.items():
        if name not in tested:
            continue
        label = family.label or name.replace("_", " ")
        members = ", ".join(outcomes[key].short for key in family.outcomes)
        before = str(family.after).replace("_", " ")
        gate = "the primary outcome" if family.after == PRIMARY else f"the family “{before}”"
        after = f"; it was to be tested only if {gate} was significant as a whole" if family.after else ""
        how = CORRECTIONS[family.correction]
        post_hoc = "" if family.prespecified else " (post hoc)"
        found.append(
            f"Within the family “{label}”{post_hoc} ({members}) p values were corrected together: {how}{after}."
        )
    return found
