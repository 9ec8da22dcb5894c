"""Small simulated trials for the tests of the models."""

from __future__ import annotations

import numpy as np
import pandas as pd

VISITS = ("pre", "post", "fu", "year")
EXACT = 1e-10
"""Identities hold to rounding: the two sides are the same number by different routes."""


def two_arms(
    n: int = 12,
    visits: int = 3,
    dropout: float = 0.0,
    gaps: float = 0.0,
    seed: int = 1,
    arms: tuple[str, ...] = ("Control", "Treatment"),
) -> pd.DataFrame:
    """`n` participants per arm: id, arm, visit, weeks, y, age, sex; correlated visits with unequal variances."""
    rng = np.random.default_rng(seed)
    total = n * len(arms)
    spread = np.array([1.0, 1.4, 1.7, 1.2])[:visits]
    y = 20 + spread * (rng.standard_normal((total, 1)) + rng.standard_normal((total, visits))) * 3
    arm = np.repeat(arms, n)
    y[arm == arms[-1]] -= 1.5 * np.arange(visits)
    last = np.where(rng.random(total) < dropout, rng.integers(1, visits + 1, total), visits)
    seen = (np.arange(visits) < last[:, None]) & ((rng.random((total, visits)) >= gaps) | (np.arange(visits) == 0))
    long = pd.DataFrame(
        {
            "id": np.repeat(np.arange(total), visits),
            "arm": np.repeat(arm, visits),
            "visit": np.tile(VISITS[:visits], total),
            "weeks": np.tile([0.0, 8.0, 20.0, 52.0][:visits], total),
            "y": y.ravel(),
            "age": np.repeat(rng.normal(40, 8, total), visits),
            "sex": np.repeat(rng.choice(["f", "m"], total), visits),
        }
    )
    return long[seen.ravel()].reset_index(drop=True)


def columns(visits: int = 3, **more: object) -> dict[str, object]:
    """Arguments that name the columns of `two_arms`."""
    named = {
        "outcome": "y",
        "subject": "id",
        "arm": "arm",
        "visit": "visit",
        "reference": "Control",
        "visits": list(VISITS[:visits]),
    }
    return named | more


SLEEP = pd.DataFrame(
    {
        "id": list(range(10)) * 2,
        "drug": ["1"] * 10 + ["2"] * 10,
        "y": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    }
)
"""Student's sleep data (R's `sleep`): extra hours of sleep of ten people under two drugs."""
