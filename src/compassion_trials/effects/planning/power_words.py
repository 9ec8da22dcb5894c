"""The verb ``power``: a sample-size calculation on a study's own data, said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compassion_trials.core.errors import InputError, ModelError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import validate
from compassion_trials.effects.planning.planning_rows import (
    Planning,
    group_words,
    lost_words,
    planning,
)
from compassion_trials.fit.analyses import jobs
from compassion_trials.study.context import Context
from compassion_trials.study.plan.pilot import Power
from compassion_trials.trial.trial import read_trial

NAMES = {"planned": "planned size", "achieved": "size of this study", "needed": "size needed"}


def power_words(context: Context, given: Mapping[str, float], sizes: Sequence[str]) -> list[str]:
    """Lines to print.

    Parameters
    ----------
    context : Context
        The study; ingest and score must have run, for its covariance and drop-out are the assumptions.
    given : mapping
        Keys of `study.plan.pilot.Power` that replace the plan's.
    sizes : sequence of str
        ``arm=n``, replacing the plan's.

    Raises
    ------
    InputError
        No scores yet, an arm that does not exist, a value out of range.
    """
    if not context.results.scores.is_file():
        advice = f"run: compassion-trials run {context.study.word}"
        raise InputError([Finding("error", "no_scores", "power needs the scores of this study", advice=advice)])
    plan = context.plan.analysis.power or Power()
    content = plan.model_dump() | dict(given) | {"n": {**plan.n, **_sizes(context, sizes)}}
    power: Power = validate(Power, content, "power")
    trial = read_trial(context)
    try:
        found = planning(trial, jobs(context), power)
    except ModelError as error:
        why = Finding("error", "not_estimable", "power could not be computed", advice=str(error))
        raise InputError([why]) from None
    return _lines(context, found, power)


def _sizes(context: Context, sizes: Sequence[str]) -> dict[str, int]:
    """``act=36`` as {act: 36}."""
    arms, found = list(context.plan.design.arms), {}
    for word in sizes:
        arm, _, n = word.partition("=")
        if arm not in arms or not n.isdigit() or int(n) < 3:
            message = "--n takes ARM=N with N of three or more"
            raise InputError([Finding("error", "invalid_value", message, value=word, advice=nearest(arm, arms))])
        found[arm] = int(n)
    return found


def _lines(context: Context, found: Planning, power: Power) -> list[str]:
    """Assumptions, then one line per size."""
    design, assumed = context.plan.design, found.assumed
    what = " minus ".join(design.arms[arm] for arm in assumed.pair) if assumed.pair else "change from baseline"
    alpha = context.plan.analysis.alpha
    lines = [
        f"{found.job.outcome.label} at {design.visit_at(assumed.visit)}: {what}, two-sided level {alpha:g}",
        f"true difference {abs(assumed.effect):.4g} ({power.effect:g} SD at baseline), lost by the last visit: "
        f"{lost_words(context, assumed)}",
        *group_words(context, found),
        f"{power.simulations} simulated trials per size, {assumed.design}"
        f"{' with therapy groups' if assumed.group_size else ''}, unstructured covariance, Kenward-Roger",
        "",
    ]
    for size in found.sizes:
        n = ", ".join(f"{arm} {k}" for arm, k in size.n.items())
        r = size.result
        lines.append(
            f"{NAMES[size.name]:<19} n = {r.n} ({n}): power {r.power:.3f} (Monte Carlo error {r.mc_error:.3f}), "
            f"mean width of the {100 * (1 - alpha):g}% interval {r.width:.3g}"
        )
    if not any(size.name == "needed" for size in found.sizes):
        lines.append(f"no size up to 2000 per arm reaches power {power.target:g}")
    return lines
