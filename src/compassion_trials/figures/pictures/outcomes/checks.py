"""Figures that check: balance at baseline, correlations, residuals and covariance, patterns of missing scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import isnan, sqrt
from typing import TYPE_CHECKING, Any

from compassion_trials.core.files import read_json
from compassion_trials.core.numbers import bounded, fixed
from compassion_trials.core.results import Results, arms_of
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.parts.from_results import name_of
from compassion_trials.figures.pictures.outcomes.correlation import correlation_matrix
from compassion_trials.figures.pictures.outcomes.residuals import Quantiles, VisitPair, residual_checks
from compassion_trials.figures.pictures.people.love import MARKERS, Difference, love_plot
from compassion_trials.figures.pictures.people.patterns import Pattern, missing_patterns
from compassion_trials.figures.pictures.people.people import people

if TYPE_CHECKING:
    from compassion_trials.study.context import Context

MOST_PATTERNS = 16
"""Patterns shown, most frequent first."""


def balance(context: Context, results: Results) -> Iterator[Drawn]:
    """Love plot of the standardized differences at baseline."""
    pairs = results.distinct("term", analysis="baseline", statistic="smd")[: len(MARKERS)]
    rows = _differences(context, results, pairs)
    if not rows:
        return
    names = [_pair(context, term) for term in pairs]
    which = f"{names[0]}" if len(names) == 1 else "each pair of arms"
    said = "; ".join(f"{row.label} {', '.join(fixed(v) for v in row.values if not isnan(v))}" for row in rows)
    yield Drawn(
        name="balance",
        title="Differences Between Arms at Baseline",
        note=f"Difference of means or proportions over the pooled standard deviation, {which}; the grey band marks "
        "differences below 0.1 in size. Nothing here is a test.",
        alt=f"Dot plot of standardized differences at baseline, {'; '.join(names)}. {said}.",
        category="baseline",
        analyses=("baseline",),
        figure=love_plot(rows, names),
    )


def _differences(context: Context, results: Results, pairs: list[str]) -> list[Difference]:
    """One row per variable, and per category where the difference is one of categories."""
    rows = results.rows(analysis="baseline", statistic="smd")
    planned = [key for data in context.plan.data for key in data.baseline]
    present = list(dict.fromkeys(zip(rows["outcome"], rows["level"], strict=True)))
    order = {key: i for i, key in enumerate([*planned, *context.outcomes])}
    shown = {outcome.key for outcome in context.covered}
    present = [place for place in present if place[0] in shown or place[0] not in context.outcomes]
    found = []
    for key, level in sorted(present, key=lambda place: order.get(place[0], len(order))):
        values = tuple(results.value("smd", analysis="baseline", outcome=key, level=level, term=term) for term in pairs)
        if all(isnan(value) for value in values):
            continue
        found.append(Difference(_variable(context, key) + (f": {level}" if level else ""), values))
    return found


def _variable(context: Context, key: str) -> str:
    """Name of an outcome or a baseline variable."""
    if key in context.outcomes:
        return context.outcomes[key].label
    labels = [data.baseline[key].label for data in context.plan.data if key in data.baseline]
    words = key.replace("_", " ")
    return next((label for label in labels if label), words[:1].upper() + words[1:])


def _pair(context: Context, term: str) -> str:
    """A pair of arms in words."""
    arms = arms_of(term)
    names = context.plan.design.arms
    return term if arms is None else f"{names.get(arms[0], arms[0])} minus {names.get(arms[1], arms[1])}"


def correlations(context: Context, results: Results) -> Iterator[Drawn]:
    """Correlations of the outcomes at baseline."""
    visit = context.plan.design.baseline
    rows = results.rows(analysis="correlation", visit=visit, level="", statistic="r")
    keys = {*rows["outcome"], *rows["term"]}
    outcomes = [outcome for outcome in context.covered if outcome.key in keys]
    if len(outcomes) < 3:
        return
    values: dict[tuple[int, int], float] = {}
    for i, later in enumerate(outcomes):
        for j, first in enumerate(outcomes[:i]):
            one, other = (
                results.value("r", analysis="correlation", outcome=a.key, term=b.key, visit=visit)
                for a, b in ((first, later), (later, first))
            )
            values[i, j] = other if isnan(one) else one
    name = context.plan.design.visit_label(visit)
    said = "; ".join(f"{outcomes[i].short} with {outcomes[j].short} {bounded(r)}" for (i, j), r in values.items())
    yield Drawn(
        name="correlations",
        title=f"Correlations Between Outcomes: {name}",
        note="Pearson correlations of scores; blue above zero, orange below, darker when stronger.",
        alt=f"Matrix of correlations. {said}.",
        category="correlations",
        analyses=("correlation",),
        figure=correlation_matrix([name_of(outcome) for outcome in outcomes], values),
    )


def residuals(context: Context, results: Results) -> Iterator[Drawn]:
    """Residuals and covariance of the primary model."""
    del results  # arrays stand in a file of their own
    path = context.results.diagnostics
    found: dict[str, Any] = read_json(path) if path.is_file() else {}
    if not found:
        return
    arrays = {name: tuple(values) for name, values in found["residuals"].items()}
    quantiles = Quantiles(**arrays) if context.shows_people else None
    pairs = _pairs(context, found["covariance"])
    level = f"{100 * found['level']:g}%"
    shown = ""
    if quantiles is not None:
        n = len(quantiles.observed)
        shown = f"{quantiles.outside} of {n} residuals lie outside the envelope. "
    envelope = (
        f"Residuals are normalized by the fitted covariance; the shaded envelope holds {level} of {found['draws']} "
        "data sets drawn from the model at each place. "
        if quantiles is not None
        else ""
    )
    said = "; ".join(f"{p.label} observed {fixed(p.observed)}, fitted {fixed(p.fitted)}" for p in pairs)
    yield Drawn(
        name="residuals",
        title="Checks of the Primary Model",
        note=f"{envelope}Circles are standard deviations and correlations of the observed residuals, diamonds those "
        "that the model fitted.",
        alt=f"Plots of residuals and covariance of the primary model. {shown}{said}.",
        category="models",
        analyses=("primary",),
        figure=residual_checks(quantiles, pairs),
    )


def _pairs(context: Context, entries: list[dict[str, Any]]) -> list[VisitPair]:
    """Standard deviations, then correlations; without those that nobody has both visits for."""
    design = context.plan.design
    several = len({entry["arm"] for entry in entries}) > 1
    found = []
    for entry in entries:
        same = entry["visit"] == entry["other_visit"]
        kind = "" if same else "_correlation"
        observed, fitted = entry[f"observed{kind}"], entry[f"fitted{kind}"]
        if observed is None or fitted is None:
            continue
        names = [
            design.visit_label(entry[k]) if entry[k] in design.visits else entry[k] for k in ("visit", "other_visit")
        ]
        label = names[0] if same else f"{names[0]}, {names[1]}"
        label += f", {design.arms.get(entry['arm'], entry['arm'])}" if several else ""
        found.append(VisitPair(label, sqrt(observed) if same else observed, sqrt(fitted) if same else fitted, same))
    return found


def patterns(context: Context, results: Results) -> Iterator[Drawn]:
    """Patterns of missing scores of the primary outcome."""
    if context.primary is None:
        return
    found = people(context, context.outcomes[context.primary])
    if found is None or len(found.visits) < 2:
        return
    known = count_patterns([[tuple(row == row) for row in arm.scores] for arm in found.arms])
    if len(known) < 2:
        return
    shown, rest = known[:MOST_PATTERNS], sum(sum(p.counts) for p in known[MOST_PATTERNS:])
    further = f" Rarer patterns, of {rest} participants, are left out." if rest else ""
    arms = [arm.label for arm in found.arms]
    said = "; ".join(
        f"{p.kind} ({', '.join(v for v, seen in zip(found.visits, p.seen, strict=True) if seen) or 'none'}): "
        + ", ".join(f"{n} in {arm}" for n, arm in zip(p.counts, arms, strict=True))
        for p in shown
    )
    yield Drawn(
        name="patterns",
        title=f"Patterns of Missing Scores: {found.title}",
        note="Filled: score; dash: no score. Numbers are participants. Monotone: no score after the first missing one; "
        f"intermittent: a later score exists.{_unplanned(context, results)}{further}",
        alt=f"Patterns of visits with scores. {said}.",
        category="missing",
        analyses=("missing",),
        figure=missing_patterns(shown, found.visits, arms),
    )


def _unplanned(context: Context, results: Results) -> str:
    """Visits at which an arm was not to be assessed: nobody of it could have a score."""
    design = context.plan.design
    known = results.rows(analysis="flow", term="assessed")
    seen = set(zip(known["arm"], known["visit"], strict=True))
    parts = [
        f"{label} was not to be assessed at {', '.join(design.visit_label(v) for v in skipped)}"
        for arm, label in design.arms.items()
        if seen and (skipped := [v for v in design.visits if (arm, v) not in seen])
    ]
    return f" {'; '.join(parts)}." if parts else ""


def count_patterns(arms: list[list[tuple[bool, ...]]]) -> list[Pattern]:
    """Patterns of all arms, complete first, then by frequency.

    Parameters
    ----------
    arms : list of list of tuple of bool
        For each arm, for each participant: whether there is a score at each visit.
    """
    counts = [Counter(tuple(bool(v) for v in seen) for seen in members) for members in arms]
    total: Counter[tuple[bool, ...]] = sum(counts, Counter())
    order = sorted(total, key=lambda seen: (not all(seen), -total[seen], [not v for v in seen]))
    return [Pattern(seen, tuple(count[seen] for count in counts)) for seen in order]
