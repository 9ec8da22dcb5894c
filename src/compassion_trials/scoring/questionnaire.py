"""A questionnaire's key applied to a matrix of answers."""

from __future__ import annotations

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.instruments import attainable
from compassion_trials.instruments.model import Instrument, Scale
from compassion_trials.scoring.kernels import (
    Flags,
    ScaleScores,
    band_positions,
    combine,
    compose,
    convert,
    points,
    reverse,
)


def score_questionnaire(instrument: Instrument, answers: Array) -> dict[str, ScaleScores]:
    """All scales of a questionnaire.

    Parameters
    ----------
    instrument : Instrument
        As the plan's variant scores it (`Instrument.with_variant`).
    answers : ndarray, shape (n, instrument.items)
        Column i holds item i + 1 in the questionnaire's own coding; missing is NaN.

    Returns
    -------
    dict of str to ScaleScores
        In the order of the questionnaire file.
    """
    scored = {
        key: _item_scale(instrument, key, answers) for key, scale in instrument.scales.items() if not scale.composite
    }
    for key, scale in instrument.scales.items():
        if scale.composite:
            turned = [instrument.scales[part].range if part in scale.reverse_of else None for part in scale.of]
            parts = [scored[part] for part in scale.of]
            scored[key] = compose(parts, turned, scale.method, scale.factor, scale.offset)
    return {key: scored[key] for key in instrument.scales}


def item_points(instrument: Instrument, scale: Scale, answers: Array) -> Array:
    """Items of a scale as they are added up: reversed, then turned into points.

    Returns
    -------
    ndarray, shape (n, number of items)
        In the order of ``scale.items``.
    """
    low, high = instrument.response.min, instrument.response.max
    values = answers[:, [item - 1 for item in scale.items]]
    turned = np.array([item in scale.reverse for item in scale.items], dtype=bool)
    values = np.where(turned, reverse(values, low, high), values)
    for recode in scale.recode:
        mine = np.array([not recode.items or item in recode.items for item in scale.items], dtype=bool)
        values[:, mine] = points(values[:, mine], recode.points)
    return values


def aligned_items(instrument: Instrument, scale: str, answers: Array) -> Array:
    """Items behind a scale, all pointing the way of the scale: what reliability is computed from.

    Items of a part scale that the composite recodes are reversed once more (SCS self-judgment in the total).

    Parameters
    ----------
    instrument : Instrument
    scale : str
    answers : ndarray, shape (n, instrument.items)

    Returns
    -------
    ndarray, shape (n, k)
        Columns in the order of ``instrument.items_of(scale)``.
    """
    found = instrument.scales[scale]
    if not found.composite:
        return item_points(instrument, found, answers)
    columns: dict[int, Array] = {}
    for part in found.of:
        scale_part = instrument.scales[part]
        values = item_points(instrument, scale_part, answers)
        if part in found.reverse_of:
            ends = np.array([attainable.item_points(instrument, scale_part, item) for item in scale_part.items])
            values = reverse(values, ends[:, 0], ends[:, 1])
        columns |= {item: values[:, i] for i, item in enumerate(scale_part.items)}
    return np.column_stack([columns[item] for item in instrument.items_of(scale)])


def bands(scale: Scale, scores: Array) -> list[str]:
    """Band of each score by the first applied bands of the scale; empty where there is none."""
    applied = next((found for found in scale.bands if found.applied), None)
    if applied is None:
        return [""] * len(scores)
    labels = list(applied.levels)
    ends = list(applied.levels.values())
    places = band_positions(scores, [low for low, _ in ends], ends[-1][1])
    return [labels[place] if place >= 0 else "" for place in places]


def flags(scored: ScaleScores, invalid: Flags) -> list[str]:
    """What is to be known about each score, in words; empty for an ordinary one.

    Parameters
    ----------
    scored : ScaleScores
    invalid : ndarray of bool, shape (n,)
        Whether an answer behind the score was out of range.
    """
    out = []
    for score, prorated, outside in zip(scored.score, scored.prorated, invalid, strict=True):
        words = (
            ["out of range"] * bool(outside)
            + ["prorated"] * bool(prorated)
            + ["too many missing"] * bool(np.isnan(score))
        )
        out.append("; ".join(words))
    return out


def _item_scale(instrument: Instrument, key: str, answers: Array) -> ScaleScores:
    """Score of a scale made of items."""
    scale = instrument.scales[key]
    values = item_points(instrument, scale, answers)
    if not scale.lookup:
        return combine(values, scale.method, scale.factor, instrument.min_answered(key), scale.offset)
    sums = combine(values, "sum", 1.0, instrument.min_answered(key))
    score = convert(sums.score, scale.lookup) * scale.factor + scale.offset
    return ScaleScores(score, sums.n_items, sums.n_missing, sums.prorated)
