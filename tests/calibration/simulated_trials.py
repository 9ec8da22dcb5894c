"""Trials drawn from known truths: for error rates (calibration), and small and ugly ones for convergence."""

from __future__ import annotations

import numpy as np
import pandas as pd

VISITS = ("pre", "post", "fu")
SD = np.array([5.0, 7.0, 8.0])
CORRELATION = np.array([[1.0, 0.6, 0.4], [0.6, 1.0, 0.7], [0.4, 0.7, 1.0]])
ROOT = np.linalg.cholesky(np.outer(SD, SD) * CORRELATION)
LEAVES = 0.12
"""Chance to leave before each later visit at an average score: about a fifth is missing at follow-up."""


def trial(random: np.random.Generator, n: int, effect: float = 0.0) -> pd.DataFrame:
    """Two arms of `n`, three visits, unequal variances, `effect` in arm B after baseline, dropout at random.

    Who scores worse at a visit is more likely to be gone at the next one: missing at random, not completely.
    """
    y = 30 + random.standard_normal((2 * n, 3)) @ ROOT.T
    y[:, 1:] -= 2.0
    y[n:, 1:] += effect
    chance = LEAVES * (1 + 0.5 * np.clip((y[:, :2] - 30) / SD[:2], -2, 2))
    gone = np.logical_or.accumulate(random.uniform(size=chance.shape) < chance, axis=1)
    seen = np.column_stack([np.ones(2 * n, dtype=bool), ~gone]).ravel()
    return frame(y, np.repeat(["A", "B"], n), VISITS)[seen]


def frame(y: np.ndarray, arm: np.ndarray, visits: tuple[str, ...]) -> pd.DataFrame:
    """Long data frame of people x visits."""
    n, t = y.shape
    return pd.DataFrame(
        {"id": np.repeat(np.arange(n), t), "arm": np.repeat(arm, t), "visit": np.tile(visits, n), "y": y.ravel()}
    )


def pilot(random: np.random.Generator) -> tuple[pd.DataFrame, dict[str, object]]:
    """A pilot of any kind, and the model asked of it: 2 to 15 per arm, 2 to 5 visits, gaps, odd scales."""
    n, t = random.integers(2, 16, size=2), int(random.integers(2, 6))
    total = int(n.sum())
    loadings = random.standard_normal((t, t)) * random.choice([0.05, 0.5, 1.0])
    person = random.choice([0.0, 0.0, 1.0, 3.0]) * random.standard_normal((total, 1))
    y = person + random.standard_normal((total, t)) @ (np.eye(t) + loadings).T
    kind = random.choice(["normal", "likert", "skewed"])
    if kind == "likert":
        y = np.clip(np.round(y + 2), 0, 4)
    elif kind == "skewed":
        y = np.exp(y / 2)
    y = y * random.choice([1e-4, 1.0, 1.0, 1e6]) + random.choice([0.0, 0.0, 1e3])
    seen = random.uniform(size=y.shape) > random.choice([0.0, 0.1, 0.3])
    if random.uniform() < 0.5:
        seen = np.logical_and.accumulate(seen, axis=1)
    visits = tuple(f"v{k}" for k in range(t))
    arm = np.repeat(["A", "B"], n)
    design = str(random.choice(["lda", "clda", "baseline_adjusted"]))
    covariance = str(
        random.choice(["us", "us", "us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag"])
    )
    data = frame(y, arm, visits)[seen.ravel()]
    return data, {"design": design, "covariance": covariance, "visits": list(visits)}


WEEKS = (0.0, 4.0, 8.0, 26.0, 52.0)


def lmm_pilot(random: np.random.Generator) -> tuple[pd.DataFrame, dict[str, object]]:
    """A pilot for `fit_lmm`: intercepts or slopes, therapy groups or none, one residual or one per arm."""
    data, options = pilot(random)
    del options["covariance"]
    options |= {"random": str(random.choice(["intercept", "slope"])), "per_arm": bool(random.uniform() < 0.2)}
    if options["random"] == "slope":
        options["time"] = dict(zip(options["visits"], WEEKS, strict=False))
    if random.uniform() < 0.4:
        size, everybody = int(random.integers(2, 6)), random.uniform() < 0.5
        group = data["arm"] + (data["id"] // size).astype(str)
        options["group"] = "group"
        data = data.assign(group=group.where((data["arm"] == "B") | everybody, None))
    options["df"] = str(random.choice(["kenward-roger", "kr(expected)", "satterthwaite"]))
    return data, options
