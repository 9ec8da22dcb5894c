"""What a pilot is for: recruitment, retention, completeness, standard deviations, and its progression criteria."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.limits import reaches
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.effects.outcomes.proportion import Proportion, exact
from compassion_trials.effects.planning.precision import correlation_limits, sd_limits, sd_upper
from compassion_trials.effects.rows import summary
from compassion_trials.effects.sizes.between import pooled_sd
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.pilot import Criterion
from compassion_trials.trial.trial import Trial

ANALYSIS = "pilot"
PLANNING_LEVEL = 0.8
"""Level of the one-sided upper limit of a standard deviation for planning."""


def feasibility_rows(trial: Trial, found: pd.DataFrame) -> list[Row]:
    """Pilot quantities with exact intervals, for pilots and for plans with progression criteria.

    Parameters
    ----------
    trial : Trial
    found : DataFrame
        Result rows so far; deterioration is read from them.

    Returns
    -------
    list of dict
        Analysis ``pilot``: term recruitment, retention, completeness, attendance (percent, limits), sd (sd, limits,
        sd_upper), correlation; analysis ``progression``: term is the criterion, ``verdict`` green, amber or red.
    """
    plan = trial.context.plan
    if not plan.design.pilot and not plan.progression:
        return []
    out = [*_recruitment(trial), *_retention(trial), *_completeness(trial), *_spread(trial)]
    for name, criterion in plan.progression.items():
        out += _criterion_rows(trial, name, criterion, found)
    return out


def recruited(trial: Trial) -> Proportion | None:
    """Allocated of those screened."""
    screening = trial.context.plan.screening
    if screening is None or not screening.screened:
        return None
    return exact(min(len(trial.participants), screening.screened), screening.screened, trial.alpha)


def retained(trial: Trial, arm: str, visit: str) -> Proportion:
    """Assessed at a visit of those allocated; all arms for ``""``, but a control that has crossed over."""
    arms = [arm] if arm else [a for a in trial.context.plan.design.arms if trial.expected(a, visit)]
    people = trial.participants.index[np.any([trial.in_arm(a) for a in arms], axis=0)]
    here = trial.flow[(trial.flow["visit"] == visit) & trial.flow["assessed"].astype(bool)]
    return exact(int(here["participant"].isin(people).sum()), len(people), trial.alpha)


def completeness(trial: Trial, arm: str, visit: str) -> Proportion | None:
    """Items answered of those expected, among people assessed; None where no measure is made of items."""
    here = trial.flow[(trial.flow["visit"] == visit) & trial.flow["assessed"].astype(bool)]
    here = here[here["arm"] == arm] if arm else here
    expected = int(here["n_expected"].sum())
    return exact(int(here["n_answered"].sum()), expected, trial.alpha) if expected else None


def attended(trial: Trial, arm: str, sessions: float) -> Proportion | None:
    """Participants with at least so many sessions, among those whose sessions are known."""
    if "sessions" not in trial.participants:
        return None
    known = trial.participants["sessions"].to_numpy(float)[trial.in_arm(arm)]
    known = known[~np.isnan(known)]
    return exact(int(reaches(known, sessions).sum()), len(known), trial.alpha)


def deteriorated(trial: Trial, arm: str, visit: str, found: pd.DataFrame) -> Proportion | None:
    """Reliable deterioration of the primary outcome, else of the first outcome with a rule of change."""
    rules = trial.context.plan.analysis.change
    key = trial.context.primary if trial.context.primary in rules else next(iter(rules), None)
    mine = found[(found["analysis"] == "change") & (found["outcome"] == key) & (found["level"] == "deteriorated")]
    mine = mine[(mine["visit"] == visit) & (mine["statistic"] == "n")]
    mine = mine[mine["arm"] == arm] if arm else mine
    return exact(int(mine["value"].sum()), int(mine["n"].sum()), trial.alpha) if len(mine) else None


def _share(
    trial: Trial, term: str, share: Proportion | None, arm: str = "", visit: str = "", note: str = "exact limits"
) -> list[Row]:
    if share is None or not share.n:
        return []
    keys = trial.keys | {"analysis": ANALYSIS, "term": term, "arm": arm, "visit": visit, "n": share.n}
    return rows(keys | {"note": note}, {"n": share.k, **share.percent})


def _recruitment(trial: Trial) -> list[Row]:
    return _share(trial, "recruitment", recruited(trial))


def _retention(trial: Trial) -> list[Row]:
    design = trial.context.plan.design
    found: list[Row] = []
    for visit in list(design.visits)[1:]:
        for arm in [*design.arms, *([""] if len(design.arms) > 1 else [])]:
            if not arm or trial.expected(arm, visit):
                found += _share(trial, "retention", retained(trial, arm, visit), arm, visit)
    return found


def _completeness(trial: Trial) -> list[Row]:
    visits = trial.context.plan.design.visits
    note = "exact limits, as if items of one person were independent"
    return [
        row for v in visits for row in _share(trial, "completeness", completeness(trial, "", v), visit=v, note=note)
    ]


def _spread(trial: Trial) -> list[Row]:
    """Standard deviation at baseline with limits, and its correlation with the visit of interest."""
    context, found = trial.context, []
    design = context.plan.design
    first, everyone = design.baseline, np.ones(len(trial.participants), bool)
    for outcome in context.analysed:
        arms = [summary(trial, outcome, arm, first, everyone) for arm in design.arms]
        known = tuple(a for a in arms if a.n > 1)
        if not known or not (sd := pooled_sd(known))[0] > 0:
            continue
        lower, upper = sd_limits(*sd, trial.alpha)
        keys = trial.keys | {"analysis": ANALYSIS, "outcome": outcome.key, "visit": first, "unit": outcome.unit}
        keys |= {"term": "sd", "n": sum(a.n for a in known), "note": "at baseline, pooled within arms"}
        values = {"sd": sd[0], "lower": lower, "upper": upper, "sd_upper": sd_upper(*sd, PLANNING_LEVEL)}
        found += rows(keys, values)
        for visit in outcome.visits:
            if visit != first:
                found += _correlation(trial, keys | {"term": "correlation", "visit": visit, "unit": ""}, outcome, visit)
    return found


def _correlation(trial: Trial, keys: dict[str, object], outcome: Outcome, visit: str) -> list[Row]:
    """Correlation of a later visit with the baseline, within arms."""
    design = trial.context.plan.design
    x, y = (trial.score(outcome, v).copy() for v in (design.baseline, visit))
    both = ~(np.isnan(x) | np.isnan(y))
    arms = [trial.in_arm(arm) & both for arm in design.arms if (trial.in_arm(arm) & both).sum() > 1]
    if not arms:
        return []
    for here in arms:
        x[here], y[here] = x[here] - x[here].mean(), y[here] - y[here].mean()
    inside = np.any(arms, axis=0)
    if min(x[inside].std(), y[inside].std()) <= 0:
        return []
    r, n = float(np.corrcoef(x[inside], y[inside])[0, 1]), int(inside.sum())
    lower, upper = correlation_limits(r, n - len(arms) + 1, trial.alpha)
    note = "with the baseline, pooled within arms"
    return rows(keys | {"n": n, "note": note}, {"r": r, "lower": lower, "upper": upper})


def _criterion_rows(trial: Trial, name: str, criterion: Criterion, found: pd.DataFrame) -> list[Row]:
    """One progression criterion: value, limits, verdict."""
    visit, arm = criterion.visit or list(trial.context.plan.design.visits)[-1], criterion.arm or ""
    keys = trial.keys | {"analysis": "progression", "term": name, "arm": arm, "level": criterion.quantity}
    if criterion.quantity == "allocated":
        value, statistics = float(trial.in_arm(arm).sum()), {}
        keys |= {"unit": "participants"}
    else:
        share = _proportion(trial, criterion, arm, visit, found)
        if share is None or not share.n:
            return [word(keys, "verdict", "not known")]
        value, limits = 100 * share.estimate, share.percent
        statistics = {"lower": limits["lower"], "upper": limits["upper"], "n": share.k}
        keys |= {"unit": "%", "n": share.n, "note": "exact limits"}
        keys |= {"visit": visit if criterion.quantity in ("retention", "completeness", "deterioration") else ""}
    numbers = {"value": value, **statistics, "green": criterion.green, "red": criterion.red}
    return [*rows(keys, numbers), word(keys, "verdict", verdict(value, criterion.green, criterion.red))]


def _proportion(trial: Trial, criterion: Criterion, arm: str, visit: str, found: pd.DataFrame) -> Proportion | None:
    """The share that a criterion is about."""
    if criterion.quantity == "recruitment":
        return recruited(trial)
    if criterion.quantity == "retention":
        return retained(trial, arm, visit)
    if criterion.quantity == "completeness":
        return completeness(trial, arm, visit)
    if criterion.quantity == "attendance":
        return attended(trial, arm, criterion.sessions or 0)
    return deteriorated(trial, arm, visit, found)


def verdict(value: float, green: float, red: float) -> str:
    """Traffic light of a value; limits belong to the better colour, less is better when green lies below red.

    Examples
    --------
    >>> verdict(80, 80, 60), verdict(70, 80, 60), verdict(59, 80, 60), verdict(4, 5, 10)
    ('green', 'amber', 'red', 'green')
    """
    sign = 1 if green > red else -1
    if reaches(sign * value, sign * green):
        return "green"
    return "amber" if reaches(sign * value, sign * red) else "red"
