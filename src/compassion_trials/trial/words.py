"""Categories of a participant's variables as text."""

from __future__ import annotations

import pandas as pd


def words(values: pd.Series) -> pd.Series:
    """Categories as text (1.0 is "1"), missing stays missing."""
    if pd.api.types.is_float_dtype(values.dtype):
        return values.map(lambda v: f"{v:g}", na_action="ignore").astype("object")
    return values.astype("object").map(str, na_action="ignore")
