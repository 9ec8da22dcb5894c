"""Tables as ingest writes them, made from matrices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.columns import RESPONSES, STORED


def responses(key, values, visit="pre", arm="a", reasons=None):
    """Long responses from a matrix of raw answers (rows are participants)."""
    values = np.asarray(values, dtype=float)
    rows = [
        {
            "participant": f"p{person}",
            "arm": arm,
            "visit": visit,
            "measure": key,
            "item": str(item + 1),
            "value": value,
            "missing_reason": (reasons or {}).get((person, item), "blank" if np.isnan(value) else ""),
        }
        for person, row in enumerate(values)
        for item, value in enumerate(row)
    ]
    return pd.DataFrame(rows, columns=list(RESPONSES)).astype({"value": "float64"})


def stored(key, values, scale="total", visit="pre", arm="a"):
    """Stored totals of persons p0, p1, ..."""
    rows = [(f"p{person}", arm, visit, key, scale, float(value)) for person, value in enumerate(values)]
    return pd.DataFrame(rows, columns=list(STORED))


def one_factor(n, key_signs, low, high, seed=1, loading=0.8):
    """Answers of n persons that one trait drives; key_signs holds -1 for items worded against it."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    signs = np.asarray(key_signs, dtype=float)
    latent = loading * trait * signs + np.sqrt(1 - loading**2) * rng.normal(size=(n, len(signs)))
    middle, step = (low + high) / 2, (high - low) / 4
    return np.clip(np.round(middle + step * latent), low, high)
