"""Effect sizes that reviewers ask for beside the model's: d_ppc2, post-only d, shares of explained variance."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.errors import ModelError
from compassion_trials.core.rows import Row, rows
from compassion_trials.describe.summary import describe
from compassion_trials.effects.rows import statistics
from compassion_trials.effects.sizes.between import d_root_mean_square
from compassion_trials.effects.sizes.explained import partial_eta_squared, partial_omega_squared
from compassion_trials.effects.sizes.prepost import d_ppc2, gain
from compassion_trials.effects.sizes.size import Summary
from compassion_trials.study.outcomes import Outcome
from compassion_trials.trial.trial import Trial

SHARED = (
    "analysis",
    "model",
    "outcome",
    "population",
    "arm",
    "term",
    "level",
    "visit",
    "prespecified",
    "df_method",
    "n",
)


def prepost_rows(trial: Trial) -> list[Row]:
    """d_ppc2 and d_rms of every pair of arms at every later visit, from observed values."""
    design = trial.context.plan.design
    found: list[Row] = []
    for outcome in trial.context.analysed:
        for pair in () if trial.yes_no(outcome) else design.pairs:
            for visit in outcome.visits:
                if visit != design.baseline and all(trial.expected(arm, visit) for arm in pair):
                    found += _pair(trial, outcome, pair, visit)
    return found


def _pair(trial: Trial, outcome: Outcome, pair: tuple[str, str], visit: str) -> list[Row]:
    keys = trial.keys | {"analysis": "observed", "outcome": outcome.key, "visit": visit}
    keys |= {"term": f"difference: {pair[0]} - {pair[1]}", "unit": ""}
    first, found = trial.context.plan.design.baseline, []
    values = [[trial.score(outcome, v)[trial.in_arm(arm)] for v in (first, visit)] for arm in pair]
    try:
        gains = [gain(*scores) for scores in values]
        size = d_ppc2(gains[0], gains[1], trial.alpha)
        note = f"difference of gains over the pooled SD at baseline, {size.standardizer:.4g}, pairs of observed values"
        found += rows(keys | {"n": gains[0].n + gains[1].n, "note": note}, statistics("d_ppc2", size))
    except ModelError:
        pass  # too few pairs for this size; the others stand
    try:
        ends = [describe(scores[1]) for scores in values]
        treated, comparison = (Summary(d.mean, d.sd, d.n) for d in ends)
        post = d_root_mean_square(treated, comparison, trial.alpha)
        note = f"observed values over the root mean square of both SDs, {post.standardizer:.4g}"
        found += rows(keys | {"n": ends[0].n + ends[1].n, "note": note}, statistics("d_rms", post))
    except ModelError:
        pass
    return found


def explained_rows(models: pd.DataFrame, alpha: float) -> list[Row]:
    """Limits of partial eta squared, and omega squared with limits, of every F test of a mixed analysis of variance."""
    mine = models[(models["model"] == "mixed_anova") & models["term"].isin(["group", "time", "interaction"])]
    found: list[Row] = []
    for _, test in mine.groupby(["analysis", "outcome", "population", "term"], sort=False):
        values = dict(zip(test["statistic"], test["value"], strict=True))
        if not {"F", "df_num", "df_den"} <= values.keys():
            continue
        keys = {name: test[name].iloc[0] for name in (*SHARED, "study", "design", "source")}
        arguments = (values["F"], values["df_num"], values["df_den"], alpha)
        eta, omega = partial_eta_squared(*arguments), partial_omega_squared(*arguments)
        sizes = {"partial_eta_squared_lower": eta.lower, "partial_eta_squared_upper": eta.upper}
        sizes |= {
            "omega_squared": omega.estimate,
            "omega_squared_lower": omega.lower,
            "omega_squared_upper": omega.upper,
        }
        found += rows(keys | {"unit": "", "note": "limits from the noncentral F"}, sizes)
    return found
