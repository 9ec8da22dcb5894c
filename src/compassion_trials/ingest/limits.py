"""What an answer or a stored total may be, in the coding of the raw file."""

from __future__ import annotations

from collections.abc import Mapping

from compassion_trials.instruments.model import Instrument
from compassion_trials.study.plan.measures import Measure


def limits(measure: Measure, known: Mapping[str, Instrument]) -> tuple[float, float]:
    """Lowest and highest value that a cell of a measure may hold in the coding of the raw file."""
    if measure.coding is not None:
        return measure.coding.min, measure.coding.max
    if measure.range is not None and measure.instrument is None:
        return measure.range
    response = known[measure.instrument or ""].with_variant(measure.variant).response
    return float(response.min), float(response.max)
