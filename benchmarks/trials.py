"""Trials of any size for the benchmarks."""

from __future__ import annotations

import numpy as np
import pandas as pd


def trial(n: int, visits: int, seed: int, gaps: float = 0.0, dropout: float = 0.05) -> pd.DataFrame:
    """Two arms, `n` people in all, correlated visits, dropout and intermittent gaps."""
    random = np.random.default_rng([seed, n, visits])
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    sd = np.linspace(5, 7, visits)
    y = 30 + random.standard_normal((n, visits)) @ np.linalg.cholesky(np.outer(sd, sd) * 0.8**lag).T
    arm = np.where(np.arange(n) % 2 == 0, "Control", "Course")
    y[arm == "Course", 1:] -= 2.0
    gone = np.logical_or.accumulate(random.uniform(size=y.shape) < dropout, axis=1)
    missed = (random.uniform(size=y.shape) < gaps) | gone
    missed[:, 0] = False
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), visits),
            "arm": np.repeat(arm, visits),
            "visit": np.tile([f"v{k:02d}" for k in range(visits)], n),
            "y": y.ravel(),
        }
    )
    return frame[~missed.ravel()].reset_index(drop=True)


def patterns(frame: pd.DataFrame) -> int:
    """How many missingness patterns there are."""
    return frame.groupby("id")["visit"].agg(tuple).nunique()
