"""Simulated pilots, random effects among them: each is certified or flagged, and those certified stand at a maximum.

10 000 pilots through the public face are in tests/calibration.
"""

from __future__ import annotations

import numpy as np

from compassion_trials.models.data.design import build
from compassion_trials.models.data.frame import Longitudinal
from compassion_trials.models.likelihood.covariance import marginal_model
from compassion_trials.models.likelihood.estimate import estimate, prepare
from compassion_trials.models.likelihood.reml import solve
from compassion_trials.models.lmm import Effects, estimate_lmm

PILOTS = 1_500
STRUCTURES = ("us", "us", "us", "toeph", "arh1", "csh", "cs", "intercept", "slope", "clda")
MAX_FLAGGED = 0.005
"""Share of pilots that may be flagged; a certificate that always fails would pass for honesty otherwise."""


def pilot(rng: np.random.Generator) -> Longitudinal:
    """Two arms of 6 to 20 people, 2 to 4 visits, unequal variances, 25 % dropout, some scores coarse."""
    n, t = int(rng.integers(6, 21)), int(rng.integers(2, 5))
    rho, spread = rng.uniform(0.0, 0.95), np.exp(rng.normal(0, 0.4, t))
    y = spread * (np.sqrt(rho) * rng.standard_normal((2 * n, 1)) + np.sqrt(1 - rho) * rng.standard_normal((2 * n, t)))
    if rng.random() < 0.3:
        y = np.round(3 * y)
    last = np.where(rng.random(2 * n) < 0.25, rng.integers(1, t + 1, 2 * n), t)
    seen = (np.arange(t) < last[:, None]).ravel()
    subject, visit = np.repeat(np.arange(2 * n), t)[seen], np.tile(np.arange(t), 2 * n)[seen]
    return Longitudinal(
        y.ravel()[seen],
        subject,
        visit,
        subject % 2,
        np.flatnonzero(seen),
        np.full(seen.sum(), -1),
        ("a", "b"),
        tuple("wxyz"[:t]),
        (),
        2 * n,
    )


def fit_pilot(kind: str, long: Longitudinal):
    """The estimate, without the inference that needs no proof of convergence."""
    long, design, x = build("clda" if kind == "clda" else "lda", long)
    prepared = prepare(long, design, x)
    t = len(long.visits)
    if kind in ("intercept", "slope"):
        z = np.ones((t, 1)) if kind == "intercept" or t < 3 else np.column_stack([np.ones(t), np.linspace(0, 1, t)])
        effects = Effects(z, 1.0, ("intercept", "slope")[: z.shape[1]], None, "independent", 1, long.arms, long.visits)
        return estimate_lmm(prepared, effects, True, True)[0]
    name = "us" if kind == "clda" else kind
    return estimate(prepared, marginal_model(name, long.visits, long.arms, False))


def neighbours_are_worse(found, rng: np.random.Generator) -> bool:
    """Whether random small steps from the optimum raise -2 log L."""
    problem, here = found.problem, found.optimum.solution
    scale = 1 / np.sqrt(np.diag(found.optimum.derivatives.expected))
    for _ in range(3):
        step = 0.05 * scale * rng.standard_normal(len(scale))
        other = solve(problem, here.theta + step)
        if other is not None and other.objective < here.objective - 1e-8:
            return False
    return True


def test_every_pilot_is_certified_or_flagged():
    rng = np.random.default_rng(20_240_501)
    flagged = 0
    for i in range(PILOTS):
        found = fit_pilot(STRUCTURES[i % len(STRUCTURES)], pilot(rng))
        certificate = found.certificate
        assert certificate.valid or certificate.reasons
        flagged += not certificate.valid
        if certificate.valid:
            assert certificate.newton_decrement < 1e-7
            assert i % 5 or neighbours_are_worse(found, rng)
    assert flagged / PILOTS <= MAX_FLAGGED
