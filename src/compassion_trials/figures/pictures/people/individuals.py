"""Figures of single participants: spaghetti and raincloud of the primary outcome; none unless the plan allows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.pictures.people.people import ArmPeople, PeopleScores, people
from compassion_trials.figures.pictures.people.raincloud import raincloud
from compassion_trials.figures.pictures.people.spaghetti import spaghetti

if TYPE_CHECKING:
    from compassion_trials.study.context import Context


def drawn(context: Context, results: Results) -> Iterator[Drawn]:
    """Draw the scores of all participants in the primary outcome, twice."""
    del results  # single scores are in no result row
    if not context.shows_people or context.primary is None:
        return
    found = people(context, context.outcomes[context.primary])
    if found is None or len(found.visits) < 2 or not found.arms:
        return
    yield Drawn(
        name="spaghetti",
        title=f"Individual Courses of {found.title}",
        note="One thin line per participant, dots for those with a single score; the thick line is the observed mean."
        + (" Arms share one axis." if len(found.arms) > 1 else ""),
        alt="Line charts, one per arm, with a thin line per participant. " + _alt(found),
        category="individual",
        analyses=("observed",),
        figure=spaghetti(found),
    )
    yield Drawn(
        name="raincloud",
        title=f"Distribution of {found.title} by Visit",
        note="Points are participants, boxes quartiles and median, whiskers reach to the last score within 1.5 "
        "interquartile ranges; the shaded shape is the density of the scores, scaled to the same width everywhere.",
        alt="Points, box and density of the scores of each arm at each visit. " + _alt(found),
        category="individual",
        analyses=("observed",),
        figure=raincloud(found),
    )


def _alt(found: PeopleScores) -> str:
    """Medians with quartiles in words."""
    return " ".join(f"{arm.label}: {'; '.join(_quartiles(found, arm))}." for arm in found.arms)


def _quartiles(found: PeopleScores, arm: ArmPeople) -> list[str]:
    """Median and quartiles at each visit."""
    import numpy as np

    said = []
    for visit, column in zip(found.visits, arm.scores.T, strict=True):
        seen = column[np.isfinite(column)]
        if len(seen):
            low, middle, high = np.percentile(seen, [25, 50, 75])
            said.append(f"{visit} median {fixed(middle)}, quartiles {fixed(low)} and {fixed(high)}, {len(seen)} scores")
    return said
