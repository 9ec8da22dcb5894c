"""Reliable and clinically significant change, minimal important difference and responders, as result rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.limits import reaches
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.effects.groups.clustered_risk import NOTE, compared_in_groups
from compassion_trials.effects.groups.few_clusters import NO_LIMITS, clusters_of
from compassion_trials.effects.outcomes.change import (
    CATEGORIES,
    ReliableChange,
    classify,
    cutoff,
    improvement,
    percent_improvement,
    reliable_change,
)
from compassion_trials.effects.outcomes.longitudinal_responders import responder_gee
from compassion_trials.effects.outcomes.proportion import wilson
from compassion_trials.effects.outcomes.responders import Comparison, compare
from compassion_trials.effects.rows import summary
from compassion_trials.effects.sizes.between import pooled_sd
from compassion_trials.study.checks.effects import published_reliability
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.change import Change
from compassion_trials.trial.analysis_sets import members
from compassion_trials.trial.trial import Trial

ANALYSIS = "change"
RESPONDER_WORDS = {
    "reliable": "reliable improvement",
    "recovered": "recovery (reliable improvement beyond the cut-off)",
    "mid": "improvement by the minimal important difference",
    "percent": "improvement by {percent:g}% of the baseline score",
}
"""Who counts as responder."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The change of one outcome, person by person.

    Attributes
    ----------
    outcome : Outcome
    rule : Change
    index : ReliableChange
    kind : str
        Where the reliability comes from.
    cut : float or None
        Cut-off between people with and without the problem.
    inside : ndarray of bool, shape (n,)
        Members of the analysis set with a baseline score.
    before : ndarray, shape (n,)
    after : dict of str to ndarray, shape (n,)
        Scores by later visit.
    category : dict of str to ndarray, shape (n,)
        Category of each participant by visit; "" without a score.
    """

    outcome: Outcome
    rule: Change
    index: ReliableChange
    kind: str
    cut: float | None
    inside: NDArray[np.bool_]
    before: Array
    after: dict[str, Array]
    category: dict[str, NDArray[np.str_]]

    def responded(self, visit: str) -> Array:
        """1 for responders, 0 for others, NaN for those who do not count."""
        rule, better, after = self.rule, self.outcome.better, self.after[visit]
        if rule.responder == "percent":
            yes = reaches(percent_improvement(self.before, after, better, self.outcome.range[0]), rule.percent)
        elif rule.responder == "mid":
            yes = reaches(improvement(self.before, after, better), rule.mid or 0)
        else:
            wanted = ("recovered",) if rule.responder == "recovered" else ("recovered", "improved")
            yes = np.isin(self.category[visit], wanted)
        unknown = np.isnan(after) & (rule.missing == "observed")
        return np.where(self.inside & ~unknown, yes.astype(float), np.nan)

    @property
    def responder_words(self) -> str:
        """Who counts as responder."""
        return RESPONDER_WORDS[self.rule.responder].format(percent=self.rule.percent)


def judge(trial: Trial, key: str, rule: Change, descriptives: pd.DataFrame) -> Judged:
    """Apply the rules of change to one outcome.

    Raises
    ------
    ModelError
        The data give no standard deviation or no usable reliability.
    """
    outcome = trial.context.outcomes[key]
    first = trial.context.plan.design.baseline
    inside = members(trial, rule.population, outcome)
    arms = [summary(trial, outcome, arm, first, inside) for arm in trial.context.plan.design.arms]
    known = tuple(a for a in arms if a.n > 1)
    if not known:
        raise ModelError("no arm has two scores at baseline")
    sd = rule.sd or pooled_sd(known)[0]
    reliability, kind = _reliability(trial, outcome, rule, descriptives)
    index = reliable_change(sd, reliability)
    before = trial.score(outcome, first)
    everyone = before[inside & ~np.isnan(before)]
    norm = (rule.norm.mean, rule.norm.sd) if rule.norm else None
    cut = rule.cutoff if not isinstance(rule.cutoff, str) else None
    if isinstance(rule.cutoff, str):
        cut = cutoff(rule.cutoff, (float(everyone.mean()), sd), norm, outcome.better)
    visits = [v for v in rule.visits or outcome.visits if v != first and v in outcome.visits]
    after = {visit: trial.score(outcome, visit) for visit in visits}
    category = {v: classify(before, y, index.criterion, cut, outcome.better) for v, y in after.items()}
    return Judged(
        outcome=outcome,
        rule=rule,
        index=index,
        kind=kind,
        cut=cut,
        inside=inside & ~np.isnan(before),
        before=before,
        after=after,
        category=category,
    )


def _reliability(trial: Trial, outcome: Outcome, rule: Change, descriptives: pd.DataFrame) -> tuple[float, str]:
    """Reliability and where it comes from, in words."""
    if isinstance(rule.reliability, float):
        return rule.reliability, "reliability from the plan"
    plan = trial.context.plan
    if rule.reliability == "instrument":
        published = published_reliability(
            trial.context.instruments[plan.measures[outcome.measure].instrument or ""], outcome.scale
        )
        assert published is not None  # checked with the plan
        return published[0], f"published {published[1]} reliability"
    rows_ = descriptives[(descriptives["analysis"] == "reliability") & (descriptives["outcome"] == outcome.key)]
    found = rows_[(rows_["visit"] == plan.design.baseline) & (rows_["statistic"] == "alpha")]
    if found.empty:
        raise ModelError("the items at baseline give no Cronbach's alpha")
    return float(found["value"].iloc[0]), "Cronbach's alpha of this trial at baseline"


def clinical_rows(trial: Trial, descriptives: pd.DataFrame) -> tuple[list[Row], list[Finding]]:
    """All rows of the analysis ``change``.

    Terms: ``reliable_change`` (the criterion; with arm, visit and level the number in each category), ``responders``
    (share by arm and visit), ``responders: a - b`` (risk difference and ratio, odds ratio, nnt; level ``gee`` from the
    model over visits), ``minimal_difference``.
    """
    found: list[Row] = []
    findings: list[Finding] = []
    for key, rule in trial.context.plan.analysis.change.items():
        try:
            judged = judge(trial, key, rule, descriptives)
        except ModelError as error:
            message = f"change of {key} could not be judged"
            place = f"analysis.change.{key}"
            findings.append(Finding("warning", "not_estimable", message, column=place, advice=str(error)))
            continue
        found += [*_index_rows(trial, judged), *_category_rows(trial, judged), *_responder_rows(trial, judged)]
        try:
            found += _gee_rows(trial, judged)
        except ModelError as error:
            message = f"responders of {key}: no model over visits; the comparisons at each visit stand"
            findings.append(Finding("note", "not_estimable", message, advice=str(error)))
    return found, findings


def _keys(trial: Trial, judged: Judged, term: str) -> dict[str, object]:
    rule = judged.rule
    return trial.keys | {
        "analysis": ANALYSIS,
        "model": "jacobson_truax",
        "outcome": judged.outcome.key,
        "population": rule.population,
        "term": term,
        "prespecified": "yes" if rule.prespecified else "no",
    }


def _index_rows(trial: Trial, judged: Judged) -> list[Row]:
    """The criterion and what it is made of."""
    keys, index = _keys(trial, judged, "reliable_change"), judged.index
    source = f", norm: {judged.rule.norm.source}" if judged.rule.norm and judged.rule.norm.source else ""
    note = f"{judged.kind}; SD {'from the plan' if judged.rule.sd else 'of this trial at baseline'}{source}"
    points: dict[str, float | None] = {
        "reliable_change": index.criterion,
        "sd": index.sd,
        "se_measurement": index.se_measurement,
    }
    points |= {"cutoff": judged.cut, "mid": judged.rule.mid}
    found = rows(keys | {"note": note, "unit": judged.outcome.unit}, points)
    found += rows(keys | {"note": note, "unit": ""}, {"reliability": index.reliability})
    return [*found, word(keys | {"unit": ""}, "responder", judged.responder_words)]


def _category_rows(trial: Trial, judged: Judged) -> list[Row]:
    """How many recovered, improved, stayed, got worse; how many improved by the minimal important difference."""
    found: list[Row] = []
    for arm in trial.context.plan.design.arms:
        here = judged.inside & trial.in_arm(arm)
        for visit, category in judged.category.items():
            seen = here & (category != "")
            n = int(seen.sum())
            if not n or not trial.expected(arm, visit):
                continue
            keys = _keys(trial, judged, "reliable_change") | {"arm": arm, "visit": visit, "n": n}
            for level in CATEGORIES:
                if level == "recovered" and judged.cut is None:
                    continue
                share = wilson(int((category[seen] == level).sum()), n, trial.alpha)
                found += rows(keys | {"level": level}, {"n": share.k, **share.percent})
            if judged.rule.mid is not None:
                gain = improvement(judged.before, judged.after[visit], judged.outcome.better)[seen]
                share = wilson(int(reaches(gain, judged.rule.mid).sum()), n, trial.alpha)
                found += rows(keys | {"term": "minimal_difference"}, {"n": share.k, **share.percent})
    return found


def _responder_rows(trial: Trial, judged: Judged) -> list[Row]:
    """Responders by arm, and compared between arms."""
    found: list[Row] = []
    missing = "people without the later score count as non-responders" if judged.rule.missing == "non_responder" else ""
    for visit in judged.after:
        responded = judged.responded(visit)
        counts: dict[str, tuple[int, int]] = {}
        for arm in trial.context.plan.design.arms:
            mine = responded[trial.in_arm(arm) & ~np.isnan(responded)]
            if not len(mine) or not trial.expected(arm, visit):
                continue
            counts[arm] = int(mine.sum()), len(mine)
            share = wilson(*counts[arm], trial.alpha)
            keys = _keys(trial, judged, "responders") | {"arm": arm, "visit": visit, "n": share.n, "note": missing}
            found += rows(keys, {"n": share.k, **share.percent})
        for pair in trial.context.plan.design.pairs_at(visit):
            if set(pair) <= counts.keys():
                grouped = compared_in_groups(trial, pair, responded)
                compared = grouped or compare(*counts[pair[0]], *counts[pair[1]], trial.alpha)
                n, note = counts[pair[0]][1] + counts[pair[1]][1], _note(missing, compared, grouped is not None)
                keys = _keys(trial, judged, f"responders: {pair[0]} - {pair[1]}") | {"visit": visit}
                found += rows(keys | {"n": n, "note": note}, comparison_statistics(compared))
    return found


def comparison_statistics(compared: Comparison) -> dict[str, float]:
    """Statistics of two arms' shares; what is infinite gets no row."""
    found: dict[str, float] = {}
    for name in ("risk_difference", "risk_ratio", "odds_ratio", "nnt"):
        part = getattr(compared, name)
        found |= {name: part.estimate, f"{name}_lower": part.lower, f"{name}_upper": part.upper}
    return found


def _note(missing: str, compared: Comparison, grouped: bool) -> str:
    limits = "Newcombe's limits of the difference"
    if grouped:
        limits = NOTE if np.isfinite(compared.risk_difference.lower) else NO_LIMITS
    empty = "0.5 added to every cell for the ratios, one is empty" if compared.corrected else ""
    return "; ".join(part for part in (limits, empty, missing) if part)


def _gee_rows(trial: Trial, judged: Judged) -> list[Row]:
    """Responders over visits in one model, where two or more visits have responders and others in every arm."""
    design = trial.context.plan.design
    arms = [arm for arm in design.arms if arm != design.control] + ([design.control] if design.control else [])
    visits = [v for v in judged.after if all(trial.expected(arm, v) for arm in arms) and v in design.controlled_visits]
    if len(arms) < 2 or len(visits) < 2:
        return []
    if clusters_of(trial, tuple(arms)) is not None:
        raise ModelError("the model over visits does not know therapy groups, so that its limits would be too narrow")
    code = np.select([trial.in_arm(arm) for arm in arms], range(len(arms)))  # everybody is in one
    table = np.column_stack([judged.responded(visit) for visit in visits])
    fit = responder_gee(table, code, judged.before, len(arms), trial.alpha)
    note = "logistic GEE over visits, exchangeable, adjusted for baseline, bias-reduced standard errors"
    found: list[Row] = []
    for a, arm in enumerate(arms[:-1]):
        for t, visit in enumerate(visits):
            keys = _keys(trial, judged, f"responders: {arm} - {arms[-1]}") | {"visit": visit, "level": "gee"}
            values = {"odds_ratio": fit.estimate[a, t], "odds_ratio_lower": fit.lower[a, t]}
            values |= {"odds_ratio_upper": fit.upper[a, t], "p": fit.p[a, t]}
            found += rows(keys | {"note": note, "n": fit.n, "df_method": "normal"}, values)
    return found
