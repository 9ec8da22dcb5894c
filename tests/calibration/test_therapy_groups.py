"""Four therapy groups of nine against a wait-list, members alike (ICC .3): intervals that know the groups cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from compassion_trials.effects.mechanism.mediation import (
    bootstrap_indirect,
    mediate,
    percentile_limits,
)
from compassion_trials.effects.missing.imputation import impute, pool
from compassion_trials.effects.missing.incomplete import lay_out
from compassion_trials.effects.sizes.bootstrap_g import model_error, studentized
from compassion_trials.fit.analyses import Job
from compassion_trials.models import fit_lmm
from compassion_trials.models.inference.contrast_tests import quantile
from compassion_trials.models.inference.marginal_means import custom_row
from compassion_trials.models.replicates.resample import parametric_bootstrap
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import Analysis

pytestmark = pytest.mark.slow

SEED = 11_2026
CONFIDENCE = 0.999
GROUPS, SIZE, ALONE, ICC = 4, 9, 36, 0.3
SHORTFALL = 0.02
"""Four groups leave every method one to two percent short at an ICC of .3; ignoring them costs more than ten."""
A, B, EFFECT = -1.0, -0.4, 3.0
GROUP = np.r_[np.repeat(np.arange(GROUPS), SIZE), np.full(ALONE, -1)]
TREATED = GROUP >= 0


def bounds(trials: int, rate: float = 0.95) -> tuple[float, float]:
    """99.9 % binomial bounds of an observed rate."""
    low, high = stats.binom.interval(CONFIDENCE, trials, rate)
    return low / trials, high / trials


def shared(rng: np.random.Generator, variance: float = 1.0) -> np.ndarray:
    """What members of a group have in common, 0 for the wait-list."""
    effect = np.sqrt(ICC / (1 - ICC) * variance) * rng.standard_normal(GROUPS)
    return np.where(TREATED, effect[GROUP], 0.0)


def test_monte_carlo_interval_of_the_indirect_effect_covers_and_people_drawn_one_by_one_do_not():
    rng, trials = np.random.default_rng(SEED), 300
    hits = np.zeros(3)
    unit = np.where(TREATED, GROUP, GROUPS + np.arange(len(GROUP)) - TREATED.sum())
    x = TREATED.astype(float)
    for trial in range(trials):
        base = rng.standard_normal((len(x), 2))
        m = 0.6 * base[:, 0] + A * x + shared(rng) + rng.standard_normal(len(x))
        y = 0.5 * base[:, 1] + B * m + 0.3 * x + shared(rng) + rng.standard_normal(len(x))
        fit = mediate(x, m[:, None], y, base, seed=trial, unit=unit)
        drawn = [bootstrap_indirect(x, m[:, None], y, base, 500, trial, u) for u in (unit, None)]
        for k, (low, high) in enumerate([fit.monte_carlo[0], *(percentile_limits(d)[0] for d in drawn)]):
            hits[k] += low <= A * B <= high
    low, high = bounds(trials)
    monte_carlo, groups, people = hits / trials
    assert low - SHORTFALL <= monte_carlo <= high
    assert groups < 0.94, "a bootstrap of four groups is too narrow: the caution would be wrong"
    assert people < 0.88


def trial(rng: np.random.Generator) -> pd.DataFrame:
    """Three visits, drop-out that depends on the last value seen, an effect of the treatment and of the groups."""
    n = len(GROUP)
    y = 20 + 3 * rng.standard_normal((n, 1)) + 3 * rng.standard_normal((n, 3))
    y[:, 1:] += (shared(rng, 18.0) + EFFECT * TREATED)[:, None]
    leaves = rng.random((n, 2)) < 1 / (1 + np.exp(2.3 - 0.2 * (y[:, :2] - 20)))
    y[leaves[:, 0], 1:] = np.nan
    y[leaves[:, 1], 2] = np.nan
    named = np.where(TREATED, GROUP.astype(str), None)
    table = pd.DataFrame(y, columns=["pre", "post", "fu"]).assign(arm=np.where(TREATED, "act", "wait"), course=named)
    table.index = [f"p{i}" for i in range(n)]
    return table


def test_pooled_imputations_with_groups_cover_and_without_do_not():
    rng, trials, visits = np.random.default_rng(SEED + 1), 250, ("pre", "post", "fu")
    outcome = Outcome("y.total", "y", "total", "Y", "Y", (0, 60), "lower", "points", "primary", visits, True)
    pairs = (("act", "wait"),)
    job = Job("primary", "clda", outcome, visits, pairs[0], pairs, (), (), "fu", Analysis(), "course")
    hits = np.zeros(2)
    for k in range(trials):
        data = lay_out(job, trial(rng))
        draws = impute(data.joint, data.fit.beta, data.fit.covariances[0], 20, k)
        for i, fits in enumerate((data.analyse(draws.y), data.solver(draws.y).fit(data.outcome(draws.y)))):
            pooled = pool(fits.estimate[:, 0], fits.variance[:, 0], fits.complete_df(0))
            hits[i] += abs(pooled.estimate - EFFECT) <= pooled.se * quantile(np.array([pooled.df]), 0.975)[0]
    low, high = bounds(trials)
    assert low <= hits[0] / trials <= high
    assert hits[1] / trials < 0.88


def test_bootstrap_t_of_g_covers():
    rng, trials, hits = np.random.default_rng(SEED + 2), 120, 0
    names = ["pre", "post", "fu"]
    for k in range(trials):
        table = trial(rng)
        long = table.reset_index(names="id").melt(["id", "arm", "course"], names, "visit", "y").dropna(subset="y")
        fit = fit_lmm(long, outcome="y", subject="id", visit="visit", arm="arm", reference="wait", visits=names,
                      design="clda", random="none", residual="us", group="course")  # fmt: skip
        row = custom_row({("act", "fu"): 1.0, ("wait", "fu"): -1.0}, fit.prepared.design, fit.prepared.design.grid())
        first = table.groupby("arm")["pre"]
        sd, df = float(np.sqrt(first.var().mean())), len(table) - 2.0
        drawn = parametric_bootstrap(fit, 300, k)
        good = drawn.converged
        whole = (fit.estimate.full[1].theta if fit.estimate.full else fit.theta_standard)[0]  # variance(pre) of us
        spread = sd * np.sqrt(drawn.theta[good, 0] / whole)
        errors = np.sqrt(((drawn.phi[good] @ row) * row).sum(1)) / spread
        ours = float(row @ fit.beta) / sd, model_error(fit, row) / sd
        low, high = studentized(*ours, drawn.contrasts(row[None])[good, 0] / spread, errors, df, [0.025, 0.975])
        hits += low <= EFFECT / np.sqrt(18.0) <= high
    low, high = bounds(trials)
    assert low <= hits / trials <= high
