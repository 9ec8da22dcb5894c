"""What of a questionnaire lacks a second source."""

from __future__ import annotations

from compassion_trials.instruments.model import Instrument, Status

SURE: tuple[Status, ...] = ("verified in two sources", "verified on data")
"""How sure a fact must be to need no mark."""


def doubts(instrument: Instrument) -> tuple[str, ...]:
    """Every fact that lacks a second source, one sentence each.

    Returns
    -------
    tuple of str
        The facts that the file names, then those that a status marks: key, references, cut-offs, missing rule,
        reliabilities, norms.
    """
    found = list(instrument.unconfirmed_facts)
    if instrument.enabled and instrument.confidence.key not in SURE and not found:
        found.append(f"The key as a whole: {instrument.confidence.key}.")
    if instrument.unconfirmed:
        found.append(f"References: {instrument.unconfirmed}.")
    for key, scale in instrument.scales.items():
        found += [
            f"Cut-offs of {key} ({bands.name}): {bands.status}." for bands in scale.bands if bands.status not in SURE
        ]
    found += [
        f"Variant {key}: {variant.status}."
        for key, variant in instrument.variants.items()
        if variant.status not in SURE
    ]
    if instrument.enabled and instrument.missing.status not in SURE:
        found.append(f"Rule for unanswered items: {instrument.missing.status}.")
    for name, entries in (("Reliability", instrument.reliability), ("Norm", instrument.norms)):
        open_scales = dict.fromkeys(entry.scale for entry in entries if entry.status not in SURE)
        if open_scales:
            found.append(f"{name} of {', '.join(open_scales)}: not confirmed at a second source.")
    return tuple(found)
