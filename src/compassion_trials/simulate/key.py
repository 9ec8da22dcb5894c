"""From a questionnaire's scales to the key of its items: direction and scale of each."""

from __future__ import annotations

import numpy as np

from compassion_trials.instruments.model import Instrument
from compassion_trials.simulate.items import Key


def leading_scale(instrument: Instrument) -> str:
    """The scale whose direction the simulated trait has: the total, or the first analysed scale."""
    return "total" if "total" in instrument.scales else instrument.default_scales[0]


def direction(better: str) -> int:
    """1 when a high score means well-being, -1 when it means trouble."""
    return -1 if better == "lower" else 1


def item_key(instrument: Instrument) -> Key:
    """Sign and scale of every item.

    With a total the sign follows its reversed items (or reversed part scales). Without one (burnout) a scale runs with
    or against the leading scale as its direction of benefit says.

    Parameters
    ----------
    instrument : Instrument

    Returns
    -------
    Key
    """
    lead = leading_scale(instrument)
    signs = _signs(instrument, lead)
    parts = [k for k, scale in instrument.scales.items() if k != "total" and not scale.composite]
    scale_of: dict[int, int] = {}
    for position, part in enumerate(parts):
        scale = instrument.scales[part]
        turn = direction(scale.better) * direction(instrument.scales[lead].better)
        for item in scale.items:
            scale_of.setdefault(item, position)
            signs.setdefault(item, -turn if item in scale.reverse else turn)
    numbers = range(1, instrument.items + 1)
    return Key(
        sign=np.array([signs.get(item, 1) for item in numbers]),
        scale=np.array([scale_of.get(item, 0) for item in numbers]),
        scales=tuple(parts) or (lead,),
        categories=instrument.response.max - instrument.response.min + 1,
    )


def _signs(instrument: Instrument, scale: str, turn: int = 1) -> dict[int, int]:
    """Direction of the items behind a scale, reversed part scales followed down."""
    found = instrument.scales[scale]
    signs = {item: -turn if item in found.reverse else turn for item in found.items}
    for part in found.of:
        signs.update(_signs(instrument, part, -turn if part in found.reverse_of else turn))
    return signs
