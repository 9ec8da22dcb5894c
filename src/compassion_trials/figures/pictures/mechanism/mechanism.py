"""What the figures of mechanisms and sensitivity share: words for both sides of zero, arms of a term, reading rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import MINUS
from compassion_trials.core.results import Results, arms_of

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.study.context import Context
    from compassion_trials.study.outcomes import Outcome


def sides(context: Context, outcome: Outcome, terms: Sequence[str]) -> tuple[str, str]:
    """What negative and positive differences mean; of several contrasts only what they share is named."""
    pairs = [pair for term in terms if (pair := arms_of(term))]
    if not pairs or outcome.better == "neither":
        return "lower", "higher"
    first, second = (
        _better_in(context, arms, other)
        for arms, other in zip(
            (set(side) for side in zip(*pairs, strict=True)), ("the other arm", "the second arm"), strict=True
        )
    )
    return (second, first) if outcome.better == "higher" else (first, second)


def _better_in(context: Context, arms: set[str], several: str) -> str:
    """The arm in whose favour a sign speaks, or words for one of several."""
    return f"better in {context.plan.design.arms[arms.pop()] if len(arms) == 1 else several}"


def versus(context: Context, term: str) -> str:
    """A contrast in the names of its arms."""
    arms = arms_of(term)
    if arms is None:
        return next(iter(context.plan.design.arms.values()))
    return f" {MINUS} ".join(context.plan.design.arms[arm] for arm in arms)


def moderator_name(context: Context, moderator: str) -> str:
    """Name of a moderator as axes and headings print it."""
    told = next((s.label for s in context.plan.analysis.moderation if s.moderator == moderator and s.label), None)
    if told:
        return told
    if moderator in context.outcomes:
        first = context.plan.design.visit_label(context.plan.design.baseline)
        return f"{context.outcomes[moderator].short}, {first}"
    for raw in context.plan.data:
        if moderator in raw.baseline and raw.baseline[moderator].label:
            return str(raw.baseline[moderator].label)
    words = moderator.replace("_", " ")
    return words[:1].upper() + words[1:]


def level_of(context: Context) -> str:
    """Confidence level such as 95%."""
    return f"{100 * (1 - context.plan.analysis.alpha):g}%"


def by_statistic(rows: pd.DataFrame) -> dict[str, float]:
    """Numbers of one estimate by statistic; words and gaps left out."""
    known = rows[rows["value"].notna()]
    return {str(s): float(v) for s, v in zip(known["statistic"], known["value"], strict=True)}


def stem(*parts: str) -> str:
    """Name of a figure's files from keys."""
    kept = "_".join(part for part in parts if part)
    return "".join(c if c.isalnum() or c == "_" else "_" for c in kept)


def asked_terms(context: Context, results: Results, analysis: str, outcome: str) -> list[str]:
    """Contrasts of an analysis by which the question of an outcome is answered; all where it has none of them."""
    terms = [
        t
        for t in results.distinct("term", analysis=analysis, outcome=outcome)
        if t.startswith(("difference", "change"))
    ]
    question = context.question(outcome)
    return [term for term in terms if question.asks(term)] or terms
