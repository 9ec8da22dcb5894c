"""Effects of the trials that we analysed, in the field of each outcome: drawn beside the evidence, never pooled."""

from __future__ import annotations

from collections.abc import Iterator

from compassion_trials.core.files import read_json
from compassion_trials.core.results import Results
from compassion_trials.effects.sizes.size import oriented
from compassion_trials.ledger.evidence.measures import hedges_variance
from compassion_trials.ledger.evidence.trial_effect import TrialEffect
from compassion_trials.study.context import Context


def own_effects(context: Context) -> Iterator[TrialEffect]:
    """Hedges' g of a trial that we analysed, at the visit of its primary comparison, each arm against control.

    Simulated trials have none: their answers are invented and are no evidence.
    """
    path, design = context.results.results, context.plan.design
    if not path.is_file() or design.control is None or _synthetic(context):
        return
    results = Results.read(path)
    for key, outcome in context.outcomes.items():
        field = field_of(context, key)
        if field is not None and not outcome.measure.endswith(("_locf", "_stored")):
            yield from _of_outcome(context, key, field, results)


def _of_outcome(context: Context, key: str, field: str, results: Results) -> Iterator[TrialEffect]:
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
            trial=label,
            outcome=outcome.short,
            estimate=oriented(g.value, outcome.better),
            variance=hedges_variance(g.value, n[0].value, n[1].value),
            origin="our analysis",
            source=g.id,
            group="randomized" if design.type == "randomized" else "not randomized",
            cluster=context.study.name,
        )


def _synthetic(context: Context) -> bool:
    """Whether the trial's data were simulated."""
    record = context.results.record("ingest")
    return bool(read_json(record).get("facts", {}).get("synthetic")) if record.is_file() else False


def field_of(context: Context, key: str) -> str | None:
    """Field of an outcome: what the questionnaire's file says of the scale, or the plan of a stored total."""
    measure, _, scale = key.partition(".")
    spec = context.plan.measures[measure]
    if spec.instrument is None:
        return spec.field
    return context.instruments[spec.instrument].with_variant(spec.variant).scales[scale].field
