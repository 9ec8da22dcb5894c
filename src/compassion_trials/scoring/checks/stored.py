"""Totals that the raw file holds, against those computed from its items."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.plan.measures import Measure

KEYS = ["participant", "arm", "visit", "scale"]
EXACT = 1e-6
"""Sums of whole answers agree to the last digit."""
TWO_DECIMALS = 0.005 + 1e-6
"""Means are often stored with two decimals."""


def agreement(
    key: str, measure: Measure, instrument: Instrument, scores: pd.DataFrame, stored: pd.DataFrame
) -> list[Finding]:
    """Stored totals that differ from computed ones, by scale and visit.

    Parameters
    ----------
    key : str
    measure : Measure
        Names the scales in ``stored``.
    instrument : Instrument
    scores, stored : pandas.DataFrame
        Scores and stored totals of this measure.
    """
    pairs = stored.merge(scores, on=KEYS, how="left", validate="one_to_one").dropna(subset="value")
    found: list[Finding] = []
    for scale in measure.stored:
        mine = pairs[pairs["scale"] == scale]
        tolerance = TWO_DECIMALS if instrument.scales[scale].method == "mean" else EXACT
        for visit, group in mine.groupby("visit", sort=False):
            found += _compare(f"{key}.{scale}", str(visit), group, tolerance)
        both = mine.dropna(subset="score")
        found += _pattern(f"{key}.{scale}", both["value"].to_numpy(), both["score"].to_numpy(), tolerance)
    return found


def _compare(name: str, visit: str, group: pd.DataFrame, tolerance: float) -> Iterator[Finding]:
    """One scale at one visit."""
    gap = (group["value"] - group["score"]).abs()
    differ = gap > tolerance
    if differ.any():
        prorated = int((differ & group["prorated"]).sum())
        with_gaps = f"; {prorated} of them have missing items" if prorated else ""
        yield Finding(
            "warning",
            "stored_total_differs",
            f"{int(differ.sum())} of {int(gap.notna().sum())} stored totals of {name} at {visit} differ from the total "
            f"computed from the items (largest difference {gap.max():.4g}){with_gaps}",
            column=name,
            value=f"{int(differ.sum())} at {visit}",
            expected="equal totals",
            advice="the computed score is used; check the items and the rule behind the stored total",
        )
    alone = int(group["score"].isna().sum())
    if alone:
        message = (
            f"{alone} stored totals of {name} at {visit} belong to questionnaires that cannot be scored from items"
        )
        advice = "too few items were answered; the stored total is not used"
        yield Finding("note", "stored_total_alone", message, column=name, value=f"{alone} at {visit}", advice=advice)


def _pattern(name: str, stored: Array, computed: Array, tolerance: float) -> Iterator[Finding]:
    """A factor or an offset between all stored and computed totals points to another rule or coding."""
    if len(stored) < 3 or np.all(np.abs(stored - computed) <= tolerance):
        return
    for factor, advice in (
        (0.5, "the stored totals are not doubled; the computed ones are"),
        (2.0, "the stored totals are doubled; the computed ones are not: check the variant"),
    ):
        if np.all(np.abs(stored - factor * computed) <= tolerance):
            message = f"every stored total of {name} is {factor:g} times the computed one"
            yield Finding(
                "note", "stored_total_scaled", message, column=name, value=f"factor {factor:g}", advice=advice
            )
    offset = stored - computed
    if np.all(np.abs(offset - offset[0]) <= tolerance):
        message = f"every stored total of {name} is the computed one {offset[0]:+.4g}"
        advice = "the items are coded from another lowest answer, or the rule has a constant: check coding in the plan"
        yield Finding("note", "stored_total_shifted", message, column=name, value=f"{offset[0]:+.4g}", advice=advice)


def impossible_totals(key: str, measure: Measure, scores: pd.DataFrame) -> Iterator[Finding]:
    """Stored totals outside the range that the plan gives."""
    bad = scores[scores["flag"] == "out of range"]
    if len(bad):
        assert measure.range is not None  # checked by Measure
        low, high = measure.range
        yield Finding(
            "warning",
            "total_out_of_range",
            f"{len(bad)} stored totals of {key} are impossible and were set missing",
            column=key,
            value=f"{len(bad)} totals",
            expected=f"{low:g} to {high:g}",
            advice="a code for missing, another version of the scale, or a wrong range in the plan",
        )


def undoubled(key: str, measure: Measure, scores: pd.DataFrame) -> Iterator[Finding]:
    """Stored DASS-21 totals on the doubled range that are odd: doubled sums of whole answers are even."""
    named = f"{measure.name} {measure.short or ''}".upper().replace("-", "").replace(" ", "")
    if "DASS21" not in named or measure.range != (0, 42):
        return
    odd = int((scores["score"].dropna() % 2 == 1).sum())
    if odd:
        yield Finding(
            "warning",
            "dass_not_doubled",
            f"{odd} stored totals of {key} are odd, although DASS-21 scores on the range 0 to 42 are doubled sums",
            column=key,
            value=f"{odd} totals",
            expected="even numbers",
            advice="if the file holds undoubled sums, write range: [0, 21]; do not compare them with DASS-42 bands",
        )
