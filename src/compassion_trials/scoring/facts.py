"""What the report prints about measures beside sentences: counts of scores, sources, rules and how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from compassion_trials.instruments.model import Instrument
    from compassion_trials.study.context import Context


def counts(scores: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Scores, prorated scores and missing scores by outcome."""
    table = {}
    for (measure, scale), group in scores.groupby(["measure", "scale"], sort=False):
        table[f"{measure}.{scale}"] = {
            "n": len(group),
            "prorated": int(group["prorated"].sum()),
            "missing": int(group["score"].isna().sum()),
        }
    return table


def measure_facts(context: Context) -> dict[str, dict[str, object]]:
    """What a reader must know about each measure: source, rule for missing items, bands, and how sure these are."""
    facts: dict[str, dict[str, object]] = {}
    for key, measure in context.plan.measures.items():
        if measure.instrument is None:
            facts[key] = {"name": measure.name, "short": measure.short or measure.name, "stored_total": True}
            continue
        instrument = context.instruments[measure.instrument].with_variant(measure.variant)
        facts[key] = {
            "name": measure.name or instrument.name,
            "short": measure.short or instrument.short,
            "instrument": instrument.id,
            "variant": measure.variant or "",
            "citation": " ".join(instrument.references),
            "doi": instrument.doi or "",
            "items": instrument.items,
            "response": [instrument.response.min, instrument.response.max],
            "recall": instrument.recall,
            "missing": instrument.missing.model_dump(),
            "bands": _bands(instrument),
            "confidence": instrument.confidence.model_dump(),
        }
    return facts


def _bands(instrument: Instrument) -> dict[str, dict[str, object]]:
    """The applied bands of each scale that has some."""
    applied = {k: [b for b in scale.bands if b.applied] for k, scale in instrument.scales.items()}
    return {k: found[0].model_dump(mode="json", exclude={"applied"}) for k, found in applied.items() if found}
