"""Simulated trials with therapy groups: each fit is that of the primary model, and power falls as it must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.errors import ModelError
from compassion_trials.effects.planning.planning_rows import planning, planning_rows
from compassion_trials.effects.planning.power import (
    Assumed,
    _cells,
    _grouped,
    expected_power,
    noncentral_power,
    simulated_power,
)
from compassion_trials.effects.planning.power_groups import GroupLayout, at_truth, draw
from compassion_trials.fit.analyses import jobs
from compassion_trials.models import fit_lmm
from compassion_trials.models.inference.marginal_means import custom_row
from compassion_trials.models.replicates.covariate_strata import Sums, summed
from compassion_trials.models.replicates.covariate_strata_likelihood import evaluate
from compassion_trials.models.replicates.covariate_strata_refit import refit
from compassion_trials.trial.trial import read_trial

VISITS = ("pre", "post", "fu")
SIGMA = 0.5 * np.eye(3) + 0.5
LOST = {"act": (0.0, 0.1, 0.25), "waitlist": (0.0, 0.05, 0.2)}
OPTIMUM = 2e-3
"""Both stop within about a thousandth of a standard error of the optimum; relative."""


def assumed(design: str = "clda", n: int = 24, variance: float = 0.15, **changes: object) -> Assumed:
    """Two arms, groups of six in the treated one, drop-out."""
    start = Assumed({"act": n, "waitlist": n}, LOST, SIGMA, 0.6, design, VISITS, "fu", ("act", "waitlist"),
                    design == "lda", {"act": 6.0}, variance)  # fmt: skip
    return replace(start, **changes)


def one_trial(plan: Assumed, seed: int) -> tuple[pd.DataFrame, GroupLayout, Sums]:
    """A drawn trial as rows and as sums, which are gathered person by person."""
    layout = _grouped(plan)
    kinds = layout.kinds
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(plan.covariance)
    rows, (c, g, t, j, _) = [], kinds.size
    squares, total = np.zeros((1, g, t, t)), np.zeros((1, c, g, t))
    by_group = np.zeros((1, j, g, t))
    shared = np.sqrt(plan.group_variance) * rng.standard_normal(j)
    for i, (kind, pattern, group) in enumerate(zip(kinds.kind, kinds.pattern, kinds.group, strict=True)):
        y = root @ rng.standard_normal(t) + (shared[group] * kinds.met if group >= 0 else 0)
        y = y * kinds.observed[pattern]
        squares[0, pattern] += np.outer(y, y)
        total[0, kind, pattern] += y
        if group >= 0:
            by_group[0, group, pattern] += y
        arm = "act" if group >= 0 else "waitlist"
        name = f"g{group}" if group >= 0 else None
        rows += [(i, arm, v, y[k], name) for k, v in enumerate(VISITS) if kinds.observed[pattern, k]]
    table = pd.DataFrame(rows, columns=["id", "arm", "visit", "y", "group"])
    sums = summed(kinds, np.zeros((1, len(kinds.kind), t)))
    return table, layout, replace(sums, total=total, squares=squares, group_total=by_group)


@pytest.mark.parametrize("design", ["clda", "lda"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_batch_of_one_is_the_primary_model(design, seed):
    table, layout, trial = one_trial(assumed(design), seed)
    fitted = refit(layout.kinds, trial)
    assert fitted.converged.all()
    fit = fit_lmm(table, outcome="y", subject="id", visit="visit", arm="arm", reference="waitlist",
                  visits=list(VISITS), design=design, random="none", residual="us", group="group")  # fmt: skip
    whole = layout.kinds.covariance.value(fitted.theta[0]).sum(0)
    assert whole == pytest.approx(fit.covariances[0], rel=OPTIMUM, abs=OPTIMUM)
    estimate = float(fitted.beta[0] @ layout.row)
    plain = float(np.sqrt(layout.row @ fitted.phi[0] @ layout.row))
    theirs = contrast(fit, design)
    assert estimate == pytest.approx(theirs[0], abs=OPTIMUM)
    assert plain == pytest.approx(theirs[1], rel=OPTIMUM)


def contrast(fit, design: str) -> tuple[float, float]:
    """Estimate and model-based standard error of the question from a fit of the library."""
    weights = {("act", "fu"): 1.0, ("waitlist", "fu"): -1.0}
    if design == "lda":
        weights |= {("act", "pre"): -1.0, ("waitlist", "pre"): 1.0}
    row = custom_row(weights, fit.prepared.design, fit.prepared.design.grid())
    standard = fit.prepared.standard.contrasts(row[None])[0]
    phi = fit.estimate.optimum.solution.phi
    return float(fit.beta @ row), float(np.sqrt(standard @ phi @ standard))


def test_gradient_is_the_derivative_of_the_likelihood():
    layout = _grouped(assumed("lda"))
    trials = draw(layout, 3, np.random.default_rng(1))
    theta = np.tile(layout.theta, (3, 1))
    found = evaluate(layout.kinds, trials, theta).gradient
    for k in range(theta.shape[1]):
        step = 1e-5 * np.eye(theta.shape[1])[k]
        ends = [evaluate(layout.kinds, trials, theta + sign * step).objective for sign in (1, -1)]
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(found[:, k], rel=1e-5, abs=1e-4)


def test_a_negative_group_variance_is_zero():
    layout = _grouped(assumed(variance=0.0))
    trials = draw(layout, 200, np.random.default_rng(1))
    fitted = refit(layout.kinds, trials)
    assert fitted.converged.mean() > 0.99
    zero = fitted.theta[:, -1] == 0
    assert 0.4 < zero.mean() < 0.8
    assert (evaluate(layout.kinds, trials, fitted.theta).gradient[zero, -1] >= 0).all()


def test_drawn_trials_have_the_assumed_covariance():
    """Within people and, over members of a group, between groups; each about its Monte Carlo error."""
    layout = _grouped(assumed(variance=0.3))
    sums, kinds = draw(layout, 4000, np.random.default_rng(2)), layout.kinds
    own = sums.squares.sum(1).mean(0) / (kinds.observed[:, :, None] & kinds.observed[:, None, :])[kinds.pattern].sum(0)
    share = np.mean(kinds.group >= 0)  # of people; drop-out hardly differs between the arms
    assert own == pytest.approx(SIGMA + 0.3 * share * np.outer([0, 1, 1], [0, 1, 1]), abs=0.02)
    size = np.bincount(kinds.group[kinds.group >= 0])
    totals = sums.group_total.sum(2)[:, :, 0]
    assert (totals**2).mean(0) == pytest.approx(size, rel=0.12)  # no group effect at the first visit
    seen = sums.members[0] @ kinds.observed[:, 1]
    assert (sums.group_total.sum(2)[:, :, 1] ** 2).mean(0) == pytest.approx(seen + 0.3 * seen**2, rel=0.12)


def test_design_without_groups_is_that_of_the_other_route():
    plan = assumed("lda", variance=0.0)
    layout = _grouped(plan)
    alone = replace(plan, group_size={})
    truth = at_truth(layout.plain, layout.row, layout.theta[:-1])
    # whom drop-out takes is drawn anew for each route, in the same numbers
    assert noncentral_power(plan.effect / truth.se, truth.df) == pytest.approx(expected_power(alone), rel=1e-6)


def test_power_falls_with_the_intraclass_correlation_and_with_the_size_of_groups():
    powers = [simulated_power(assumed(n=48, variance=v), 1000, 1).power for v in (0.0, 0.1, 0.3)]
    assert powers[0] > powers[1] > powers[2]
    large = simulated_power(assumed(n=48, variance=0.1, group_size={"act": 16.0}), 1000, 1)
    assert large.power < powers[1]
    assert large.converged > 0.99


def test_all_arms_in_groups_and_a_single_arm():
    both = simulated_power(assumed(group_size={"act": 6.0, "waitlist": 6.0}), 400, 1)
    assert both.power < simulated_power(assumed(), 400, 1).power + 0.05
    single = Assumed({"mbsr": 24}, {"mbsr": (0, 0.1, 0.2)}, SIGMA, 0.6, "single_arm", VISITS, "fu", None,
                     group_size={"mbsr": 8.0}, group_variance=0.1)  # fmt: skip
    assert 0.05 < simulated_power(single, 400, 1).power < simulated_power(replace(single, group_size={}), 400, 1).power


def test_clda_has_one_baseline_mean():
    cells = _cells(assumed())
    assert cells.shape == (2, 3, 5)
    assert (cells[0, 0] == cells[1, 0]).all()


def test_one_group_is_refused():
    with pytest.raises(ModelError, match="two therapy groups or more"):
        simulated_power(assumed(n=5), 100, 1)


@pytest.fixture
def trial(tmp_path):
    """A trial whose treated arm met in five groups."""
    design = {"clusters": {"team": {"arms": ["act"]}}}

    def read(**power):
        plan = made_trial.plan(design=design, data={"clusters": {"team": "team"}}, analysis={"power": power})
        people = made_trial.people(("act", "waitlist"), 25)
        people["team"] = [f"t{i % 5}" if arm == "act" else None for i, arm in enumerate(people["arm"])]
        return read_trial(made_trial.write(tmp_path, plan, people, made_trial.scored(people, VISITS)))

    return read


def test_plan_and_data_give_size_and_icc(trial):
    known = trial(effect=0.5, icc=0.1, simulations=200)
    found = planning(known, jobs(known.context), known.context.plan.analysis.power)
    assert found.assumed.group_size == {"act": 5.0}
    assert found.icc == pytest.approx(0.1)
    data = trial(effect=0.5, group_size=8, simulations=200)
    estimated = planning(data, jobs(data.context), data.context.plan.analysis.power)
    assert estimated.assumed.group_size == {"act": 8.0}
    assert 0 <= estimated.icc < 0.5
    rows, findings = planning_rows(known, jobs(known.context))
    assert not findings
    effects = [row["value"] for row in rows if row["statistic"] == "design_effect"]
    assert effects == pytest.approx([1 + 4 * 0.1])
    assert "intraclass correlation after the baseline 0.1;" in str(rows[0]["note"])


def test_too_large_an_icc_is_told(trial):
    known = trial(effect=0.5, icc=0.95, simulations=200)
    rows, findings = planning_rows(known, jobs(known.context))
    assert not rows
    assert "intraclass correlation is larger" in findings[0].advice


def test_one_group_in_the_data_is_planned_without_unless_an_icc_is_given(tmp_path):
    for power, grouped in (({"simulations": 200}, False), ({"simulations": 200, "icc": 0.05, "group_size": 8}, True)):
        design, analysis = {"clusters": {"team": {"arms": ["act"]}}}, {"power": power}
        plan = made_trial.plan(design=design, data={"clusters": {"team": "team"}}, analysis=analysis)
        people = made_trial.people(("act", "waitlist"), 25)
        people["team"] = ["t1" if arm == "act" else None for arm in people["arm"]]
        known = read_trial(made_trial.write(tmp_path, plan, people, made_trial.scored(people, VISITS)))
        rows, findings = planning_rows(known, jobs(known.context))
        assert not findings
        assert ("icc" in {row["statistic"] for row in rows}) == grouped
        assert any(row["statistic"] == "power" for row in rows)
