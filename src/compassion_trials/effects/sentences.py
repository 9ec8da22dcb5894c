"""Sentences for the Methods section about the effects that were computed beyond the models."""

from __future__ import annotations

import pandas as pd

from compassion_trials.effects.outcomes.families import CORRECTIONS, PRIMARY
from compassion_trials.trial.trial import Trial


def sentences(trial: Trial, made: pd.DataFrame) -> tuple[str, ...]:
    """One sentence or two about each part that left rows in the results table."""
    present, statistics = set(made["analysis"]), set(made["statistic"])
    found = [text for name, text in _STATISTICS.items() if name in statistics]
    if made["note"].str.startswith("bootstrap-t").any():
        found[0] = _BOOTSTRAP_T
    if "change" in present:
        found += _change(trial, made)
    if "families" in present:
        found += _families(trial)
    found += [text for name, text in _ANALYSES.items() if name in present]
    harms = made[(made["analysis"] == "harms") & (made["statistic"] == "risk_difference")]
    if harms["note"].str.contains("cluster-robust|therapy groups").any():
        found[found.index(_ANALYSES["harms"])] = _GROUPED_HARMS
    elif harms.empty and "harms" in present:
        found[found.index(_ANALYSES["harms"])] = _HARMS_ALONE
    if (made["statistic"] == "events").any():
        place = [text in (_ANALYSES["harms"], _GROUPED_HARMS, _HARMS_ALONE) for text in found].index(True)
        found.insert(place + 1, _COUNTED)
    if ((made["analysis"] == "power") & (made["statistic"] == "icc")).any():
        found.insert(found.index(_ANALYSES["power"]) + 1, _GROUPED_POWER)
    return tuple(found)


_BOOTSTRAP_T = (
    "The standardized difference of the primary comparison has a bootstrap-t interval (1,000 trials drawn from the "
    "model with its therapy groups) beside the one from its standard error."
)
"""In place of the sentence on bootstrapped participants, the first below, where people met in groups."""

_STATISTICS = {
    "model_g_boot_lower": "The standardized difference of the primary comparison has a percentile bootstrap interval "
    "(1,000 samples of participants within arms) beside the one from its standard error.",
    "d_ppc2": "The difference of the arms' gains in observed scores over the pooled standard deviation at baseline "
    "(d_ppc2) follows Morris (2008).",
    "d_rms": "The difference of observed means at one visit over the root mean square of both standard deviations (d) "
    "has Bonett's (2008) limits.",
    "omega_squared": "Partial eta squared and omega squared have two-sided limits from the noncentral F distribution.",
}

_ANALYSES = {
    "equivalence": "Equivalence was tested by two one-sided tests against the margin of the plan (Schuirmann, 1987), "
    "on the model's standard error and degrees of freedom; the interval shown has the level that matches them.",
    "noninferiority": "Non-inferiority was tested one-sided against the margin of the plan, on the model's standard "
    "error and degrees of freedom.",
    "clusters": "Intraclass correlations of participants who met in one group are from the analysis of variance of "
    "groups within arms, with limits from the F distribution; the design effect counts unequal group sizes (Eldridge "
    "et al., 2006).",
    "dose": "Change was regressed on dose, adjusted for the baseline score and arm, within treated participants; this "
    "is an association, not a causal effect.",
    "harms": "Shares of participants with deterioration, withdrawal or events have exact limits, their differences "
    "Newcombe's.",
    "pilot": "Feasibility shares have exact (Clopper-Pearson) limits; the one-sided 80% upper limit of the standard "
    "deviation is meant for planning (Browne, 1995).",
    "power": "Power and interval width were computed by simulated trials with the assumed covariance and drop-out, "
    "analysed by the primary model with an unstructured covariance and Kenward-Roger degrees of freedom.",
}

_GROUPED_HARMS = (
    "Shares of participants with deterioration, withdrawal or events have exact limits, which take people as "
    "independent; differences of arms that met in therapy groups have cluster-robust limits (CR2), or none where only "
    "counts are known or groups are too few."
)
"""In place of the sentence on harms, where people met in therapy groups."""

_HARMS_ALONE = (
    "Shares of participants with deterioration, withdrawal or events have exact limits, which take people as "
    "independent."
)
"""In place of the sentence on harms, where no two arms are compared."""

_GROUPED_POWER = (
    "Simulated trials have therapy groups with the stated intraclass correlation, and their model a variance between "
    "groups."
)

_COUNTED = "Events were counted from the raw files per participant; only the number was kept."


_IN_GROUPS = (
    "Where people met in therapy groups, responders were compared by the risk difference with cluster-robust limits "
    "(CR2; Pustejovsky & Tipton, 2018), on the smaller of Bell and McCaffrey's (2002) degrees of freedom and the "
    "fewest groups of an arm minus one; with fewer than five groups in an arm ratios and the number needed to treat "
    "have no limits. Shares of single arms and their limits take people as independent, and there is no model over "
    "visits."
)
"""Responders of a clustered trial."""


def _change(trial: Trial, made: pd.DataFrame) -> list[str]:
    """Reliable change and responders."""
    found = [
        "Change of single participants was judged by the reliable change index (Jacobson & Truax, 1991): a change "
        "counts when it exceeds 1.96 standard errors of a difference."
    ]
    if (made["level"] == "recovered").any():
        found.append("Reliable improvement from the side of the problem beyond the cut-off counts as recovery.")
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


def _families(trial: Trial) -> list[str]:
    """Each family, its correction and its gatekeeper."""
    found = []
    outcomes = trial.context.outcomes
    for name, family in trial.context.plan.analysis.families.items():
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
