"""Tidy responses as one matrix per measure: persons by visits in rows, items of the questionnaire in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.instruments.model import Instrument
from compassion_trials.scoring.kernels import Flags, outside, reverse, shift
from compassion_trials.study.plan.measures import Measure

INDEX = ["participant", "arm", "visit"]
OUT_OF_RANGE = "out of range"
"""Reason that ingest gives an answer it set missing for being impossible."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one questionnaire.

    Attributes
    ----------
    rows : pandas.DataFrame
        Columns participant, arm, visit; one row per assessed participant and visit, in the order of the responses.
    values : ndarray, shape (n, items)
        Column i holds item i + 1 in the questionnaire's own coding and direction; missing is NaN.
    invalid : ndarray of bool, shape (n, items)
        Answers that were out of range and therefore set missing.
    """

    rows: pd.DataFrame
    values: Array
    invalid: Flags

    def at(self, visit: str) -> Array:
        """Answers at one visit."""
        return self.values[(self.rows["visit"] == visit).to_numpy()]


def answers_of(responses: pd.DataFrame, key: str, measure: Measure, instrument: Instrument) -> Answers:
    """Answers to one measure in the questionnaire's coding, item order and direction.

    Parameters
    ----------
    responses : pandas.DataFrame
        Columns `core.columns.RESPONSES`; ``item`` is the questionnaire's number (ingest has applied ``item_order``).
    key : str
        The measure in the plan.
    measure : Measure
    instrument : Instrument
        As the plan's variant scores it.

    Raises
    ------
    ValueError
        An item number that the questionnaire does not have, or the same cell twice: ingest let an error through.
    """
    mine = responses[responses["measure"] == key]
    items = mine["item"].astype("int64")
    unknown = sorted(set(items) - set(range(1, instrument.items + 1)))
    if unknown:
        raise ValueError(f"responses to {key} hold item {unknown[0]}; {instrument.id} has {instrument.items} items")
    rows = mine[INDEX].drop_duplicates().reset_index(drop=True)
    row = pd.MultiIndex.from_frame(rows).get_indexer(pd.MultiIndex.from_frame(mine[INDEX]))
    column = items.to_numpy() - 1
    if len({*zip(row.tolist(), column.tolist(), strict=True)}) < len(mine):
        raise ValueError(f"responses to {key} hold the same participant, visit and item twice")
    raw = np.full((len(rows), instrument.items), np.nan)
    bad = np.zeros(raw.shape, dtype=bool)
    raw[row, column] = mine["value"].to_numpy(dtype=float)
    bad[row, column] = mine["missing_reason"].eq(OUT_OF_RANGE).to_numpy(dtype=bool)
    raw[:, [item - 1 for item in instrument.open_items]] = np.nan  # they enter no score
    values = own_coding(raw, measure, instrument)
    invalid = bad | outside(values, instrument.response.min, instrument.response.max)
    return Answers(rows, np.where(invalid, np.nan, values), invalid)


def own_coding(raw: Array, measure: Measure, instrument: Instrument) -> Array:
    """Raw answers in the questionnaire's own coding, items that the file holds reversed turned back.

    Parameters
    ----------
    raw : ndarray, shape (n, items)
        In the questionnaire's item order.
    """
    if measure.coding is None:
        return raw
    low, high = instrument.response.min, instrument.response.max
    values = shift(raw, measure.coding.min, low)
    turned = [item - 1 for item in measure.coding.reversed_items]
    values[:, turned] = reverse(values[:, turned], low, high)
    return values
