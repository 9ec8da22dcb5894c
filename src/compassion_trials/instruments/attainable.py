"""Scores that a key can give, computed from the key alone: the check of every stated range."""

from __future__ import annotations

from compassion_trials.instruments.model import Instrument, Scale


def item_points(instrument: Instrument, scale: Scale, item: int) -> tuple[float, float]:
    """Lowest and highest points that one item adds to a scale before factor and conversion."""
    for recode in scale.recode:
        if not recode.items or item in recode.items:
            return min(recode.points.values()), max(recode.points.values())
    return float(instrument.response.min), float(instrument.response.max)


def attainable(instrument: Instrument, scale: str) -> tuple[float, float]:
    """Lowest and highest score of a scale.

    Parameters
    ----------
    instrument : Instrument
        All items and part scales of the scale must exist.
    scale : str

    Returns
    -------
    tuple of float
    """
    found = instrument.scales[scale]
    if found.composite:
        parts = [attainable(instrument, part) for part in found.of]
    else:
        parts = [item_points(instrument, found, item) for item in found.items]
    low, high = sum(part[0] for part in parts), sum(part[1] for part in parts)
    if found.method == "mean":
        low, high = low / len(parts), high / len(parts)
    if found.lookup:
        low, high = min(found.lookup.values()), max(found.lookup.values())
    return low * found.factor + found.offset, high * found.factor + found.offset
