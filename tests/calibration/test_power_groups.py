"""Power with therapy groups against trials that are drawn, fitted and tested one by one by the library."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compassion_trials.effects.planning.power import Assumed, _grouped, simulated_power
from compassion_trials.effects.planning.power_groups import GroupLayout
from compassion_trials.models import fit_lmm

VISITS = ("pre", "post", "fu")
SIGMA = 0.5 * np.eye(3) + 0.5
TRIALS = 200
SLACK = 0.02
"""The batch interpolates factor and df over the group variance, at the assumed covariance of participants."""


@pytest.mark.slow
@pytest.mark.parametrize(("n", "size", "icc"), [(24, 6, 0.1), (40, 8, 0.05), (40, 10, 0.15)])
def test_power_and_width_are_those_of_single_fits(n: int, size: int, icc: float) -> None:
    between = icc / (1 - icc)
    lost = {"act": (0.0, 0.1, 0.2), "waitlist": (0.0, 0.1, 0.2)}
    plan = Assumed(
        {"act": n, "waitlist": n}, lost, SIGMA, 0.7, "clda", VISITS, "fu", ("act", "waitlist"),
        group_size={"act": float(size)}, group_variance=between,
    )  # fmt: skip
    batch = simulated_power(plan, 2000, 1)
    found, widths = one_by_one(_grouped(plan), between, plan.effect, np.random.default_rng(2))
    spread = np.sqrt(batch.power * (1 - batch.power) * (1 / 2000 + 1 / TRIALS))
    assert abs(batch.power - found) < 3.3 * spread + SLACK
    assert batch.width == pytest.approx(widths, rel=0.1)


def one_by_one(layout: GroupLayout, between: float, effect: float, rng: np.random.Generator) -> tuple[float, float]:
    """Share of trials with p < .05, and mean width of the interval."""
    hits, widths = 0, []
    for _ in range(TRIALS):
        fit = fit_lmm(
            trial(layout, between, effect, rng), outcome="y", subject="id", visit="visit", arm="arm",
            reference="waitlist", visits=list(VISITS), design="clda", random="none", residual="us", group="group",
        )  # fmt: skip
        found = fit.custom({"act - waitlist": {("act", "fu"): 1.0, ("waitlist", "fu"): -1.0}})
        hits += float(found["p"].iloc[0]) < 0.05
        widths.append(float(found["upper"].iloc[0] - found["lower"].iloc[0]))
    return hits / TRIALS, float(np.mean(widths))


def trial(layout: GroupLayout, between: float, effect: float, rng: np.random.Generator) -> pd.DataFrame:
    """One trial of the layout as rows."""
    kinds = layout.kinds
    root = np.linalg.cholesky(SIGMA)
    shared = np.sqrt(between) * rng.standard_normal(kinds.size[3])
    rows = []
    for i, (pattern, group) in enumerate(zip(kinds.pattern, kinds.group, strict=True)):
        y = root @ rng.standard_normal(3)
        if group >= 0:
            y = y + shared[group] * kinds.met + effect * np.array([0, 0.5, 1])
        name = f"g{group}" if group >= 0 else None
        arm = "act" if group >= 0 else "waitlist"
        rows += [(i, arm, v, y[k], name) for k, v in enumerate(VISITS) if kinds.observed[pattern, k]]
    return pd.DataFrame(rows, columns=["id", "arm", "visit", "y", "group"])
