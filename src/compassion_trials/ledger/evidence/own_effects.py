"""Effects of the trials that we analysed, in the field of each outcome: drawn beside the evidence, never pooled."""

from __future__ import annotations

from collections.abc import Iterator

from compassion_trials.core.files import read_json
from compassion_trials.core.results import Results
from compassion_trials.effects.sizes.size import oriented
from compassion_trials.ledger.evidence.measures import hedges_variance
from compassion_trials.ledger.evidence.trial_effect import TrialEffect
from compassion_trials.ledger.reading.model import COVERED
from compassion_trials.study.context import Context

FIELD_OF: dict[str, str] = {
    "scs": "self_compassion",
    "scs_sf": "self_compassion",
    "ceas": "self_compassion",
    "ffmq39": "mindfulness",
    "ffmq15": "mindfulness",
    "maas": "mindfulness",
    "kims": "mindfulness",
    "bdi2": "depression",
    "phq9": "depression",
    "phq8": "depression",
    "cesd": "depression",
    "epds": "depression",
    "gad7": "anxiety",
    "pss10": "stress",
    "pss14": "stress",
    "rrs22": "rumination",
    "rrs10": "rumination",
}
"""Field of the total of a questionnaire; scales named like a field (depression, anxiety, stress) carry theirs."""

FIELD_OF_SCALE: dict[tuple[str, str], str] = {("scs", "self_judgment"): "self_criticism"}
"""Field of a scale that is not named like one, by questionnaire and scale."""

_WORDS = {
    "depression inventory": "depression",
    "depression rating": "depression",
    "anxiety": "anxiety",
    "self-compassion": "self_compassion",
}
"""Field of a questionnaire that only the plan names, by a word of its name."""


def own_effects(context: Context) -> Iterator[TrialEffect]:
    """Hedges' g of a trial that we analysed, at the visit of its primary comparison, each arm against control."""
    path, design = context.results.results, context.plan.design
    if not path.is_file() or design.control is None:
        return
    results, synthetic = Results.read(path), _synthetic(context)
    for key, outcome in context.outcomes.items():
        field = field_of(context, key)
        if field is not None and not outcome.measure.endswith(("_locf", "_stored")):
            yield from _of_outcome(context, key, field, results, synthetic)


def _of_outcome(context: Context, key: str, field: str, results: Results, synthetic: bool) -> Iterator[TrialEffect]:
    """Effects on one outcome."""
    design, outcome = context.plan.design, context.outcomes[key]
    shared = {"analysis": "observed", "outcome": key, "visit": context.question(key).visit}
    for arm in design.treated:
        term = f"difference: {arm} - {design.control}"
        g = results.only({**shared, "term": term, "statistic": "hedges_g"})
        n = [results.only({**shared, "arm": a, "statistic": "n"}) for a in (arm, str(design.control))]
        if g is None or n[0] is None or n[1] is None:
            continue
        label = context.study.name + (f", {arm}" if len(design.treated) > 1 else "")
        yield TrialEffect(
            field=field,
            trial=label + (", SYNTHETIC" if synthetic else ""),
            outcome=outcome.short,
            estimate=oriented(g.value, outcome.better),
            variance=hedges_variance(g.value, n[0].value, n[1].value),
            origin="our analysis",
            source=g.id,
            group="randomized" if design.type == "randomized" else "not randomized",
            synthetic=synthetic,
            cluster=context.study.name,
        )


def _synthetic(context: Context) -> bool:
    """Whether the trial's data were simulated."""
    record = context.results.record("ingest")
    return bool(read_json(record).get("facts", {}).get("synthetic")) if record.is_file() else False


def field_of(context: Context, key: str) -> str | None:
    """Field of an outcome: of its scale, of its questionnaire's total, or of a scale named like a field."""
    measure, _, scale = key.partition(".")
    spec = context.plan.measures[measure]
    if spec.instrument is not None and (spec.instrument, scale) in FIELD_OF_SCALE:
        return FIELD_OF_SCALE[spec.instrument, scale]
    if scale in COVERED and spec.instrument not in FIELD_OF:
        return scale
    if scale != "total":
        return None
    if spec.instrument is not None:
        return FIELD_OF.get(spec.instrument)
    name = (spec.name or "").lower()
    return next((field for word, field in _WORDS.items() if word in name), None)
