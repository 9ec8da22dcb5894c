"""Items that the raw file already holds reversed: after recoding they run against their scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compassion_trials.core.arrays import Array
from compassion_trials.core.findings import Finding
from compassion_trials.instruments.model import Instrument
from compassion_trials.scoring.answers import Answers
from compassion_trials.scoring.checks.correlation import PairCorrelation, correlate, cronbach, row_means
from compassion_trials.scoring.questionnaire import aligned_items

FEWEST = 20
"""Rows from which a correlation says something about the key."""
AGAINST = -0.2
"""Correlation below which an item runs against its scale; its 95 % interval must exclude zero as well."""


def reversal(key: str, answers: Answers, instrument: Instrument, turned_back: tuple[int, ...] = ()) -> list[Finding]:
    """Sets of items, or single items, whose direction looks wrong, over all visits and at single ones.

    Per scale, the items that the key reverses are held against the others; when the two sets agree, every item is held
    against the rest of its scale. Only the first kind is reported when both would be. A file that holds items reversed
    at one visit only is found there: the sets disagree, or an item that goes with its scale at the other visits.
    """
    found = _everywhere(key, answers, instrument, turned_back)
    told = {finding.value for finding in found}
    for visit in dict.fromkeys(answers.rows["visit"]):
        found += [one for one in _at_visit(key, answers, instrument, visit) if one.value not in told]
    return found


def _everywhere(key: str, answers: Answers, instrument: Instrument, turned_back: tuple[int, ...]) -> list[Finding]:
    """Findings over all visits."""
    found: list[Finding] = []
    blamed: set[int] = set()
    for scale in _widest_first(instrument):
        items = instrument.items_of(scale)
        aligned = aligned_items(instrument, scale, answers.values)
        turned = _reversed_items(instrument, scale)
        if set(turned) & blamed:
            continue
        if _disagree(items, turned, aligned):
            blamed |= set(items)
            found.append(_set_finding(key, scale, turned, instrument, set(turned) <= set(turned_back)))
            continue
        for item, r, n in _against(items, aligned):
            if item not in blamed:
                blamed.add(item)
                found.append(_item_finding(key, scale, item, r, n, instrument))
    return found


def _at_visit(key: str, answers: Answers, instrument: Instrument, visit: str) -> list[Finding]:
    """Findings at one visit against the others; a scale that runs the same way at all visits has none."""
    here = (answers.rows["visit"] == visit).to_numpy()
    if here.all():
        return []
    found: list[Finding] = []
    blamed: set[int] = set()
    for scale in _widest_first(instrument):
        items = instrument.items_of(scale)
        aligned, turned = aligned_items(instrument, scale, answers.values), _reversed_items(instrument, scale)
        if set(items) & blamed:
            continue
        if _disagree(items, turned, aligned[here]):
            blamed |= set(items)
            one = _set_finding(key, scale, turned, instrument, by_plan=False)
            advice = "mend the columns of this visit in the file; reversed_items would turn them at every visit"
            found.append(replace(one, message=f"{one.message}, at visit {visit} only", advice=advice))
            continue
        for item, r, n in _against(items, aligned[here]):
            other = _with_rest(items.index(item), aligned[~here])
            if other.n >= FEWEST and other.lower > 0:
                blamed.add(item)
                one = _item_finding(key, scale, item, r, n, instrument)
                message = f"{one.message}, at visit {visit} only"
                found.append(replace(one, message=message, advice="mend the column of this visit in the file"))
    return found


def _widest_first(instrument: Instrument) -> list[str]:
    """Scales of at least three items, composites first only where they recode a part, then by number of items."""
    usable = [
        key
        for key, scale in instrument.scales.items()
        if len(instrument.items_of(key)) >= 3 and (not scale.composite or scale.reverse_of)
    ]
    return sorted(usable, key=lambda key: -len(instrument.items_of(key)))


def _reversed_items(instrument: Instrument, scale: str) -> list[int]:
    """Items turned for a scale, directly or with their part scale."""
    found = instrument.scales[scale]
    parts = [item for part in found.reverse_of for item in instrument.items_of(part)]
    return sorted({*found.reverse, *parts})


def _disagree(items: tuple[int, ...], turned: list[int], aligned: Array) -> bool:
    """Whether the reversed items, once turned, run against the others."""
    if not turned or len(turned) == len(items):
        return False
    mine = [item in turned for item in items]
    others = [not inside for inside in mine]
    found = correlate(row_means(aligned[:, mine]), row_means(aligned[:, others]))
    return found.n >= FEWEST and found.r < AGAINST and found.upper < 0


def _against(items: tuple[int, ...], aligned: Array) -> Iterator[tuple[int, float, int]]:
    """Items that correlate negatively with the rest of the scale, unless that is so for half of them."""
    against = []
    for place, item in enumerate(items):
        found = _with_rest(place, aligned)
        if found.n >= FEWEST and found.r < AGAINST and found.upper < 0:
            against.append((item, found.r, found.n))
    return iter(against if len(against) * 2 < len(items) else [])


def _with_rest(place: int, aligned: Array) -> PairCorrelation:
    """Correlation of one item with the mean of the others."""
    rest = [i for i in range(aligned.shape[1]) if i != place]
    return correlate(aligned[:, place], row_means(aligned[:, rest]))


def negative_alpha(key: str, answers: Answers, instrument: Instrument) -> Iterator[Finding]:
    """A warning where items of a scale run against each other so far that Cronbach's alpha is below zero.

    No scale measures one thing then: the direction of some items is wrong, or the columns are not those of the scale.
    """
    for scale in instrument.scales:
        aligned = aligned_items(instrument, scale, answers.values)
        for visit in dict.fromkeys(answers.rows["visit"]):
            rows = aligned[(answers.rows["visit"] == visit).to_numpy()]
            alpha, n = cronbach(rows)
            if n >= FEWEST and alpha < 0:
                message = f"Cronbach's alpha of {key}.{scale} at visit {visit} is negative: its items disagree"
                advice = "check the direction of the items, their order and columns at this visit"
                value = f"{alpha:.2f}, {n} people"
                yield Finding(
                    "warning",
                    "alpha_negative",
                    message,
                    "",
                    None,
                    key,
                    value=value,
                    expected="a positive alpha",
                    advice=advice,
                )


def _set_finding(key: str, scale: str, turned: list[int], instrument: Instrument, by_plan: bool) -> Finding:
    """All reversed items of a scale look turned twice."""
    listed = ", ".join(str(item) for item in turned)
    cause = "the raw file seems to hold them reversed already"
    advice = f"if so, write coding: {{min: ..., max: ..., reversed_items: [{listed}]}} for {key} in the plan"
    if by_plan:
        cause = "the plan turns them back, but the raw file seems to hold them as ticked"
        advice = f"if so, take them out of coding.reversed_items of {key} in the plan"
    return Finding(
        "warning",
        "already_reversed",
        f"the reversed items of {key}.{scale} run against the others after scoring; {cause}",
        column=key,
        value=f"items {listed}",
        expected=f"answers as ticked ({instrument.response.anchors})",
        advice=advice,
    )


def _item_finding(key: str, scale: str, item: int, r: float, n: int, instrument: Instrument) -> Finding:
    """One item runs against its scale."""
    return Finding(
        "warning",
        "item_against_scale",
        f"item {item} of {key} runs against the rest of {key}.{scale} (r = {r:.2f}, {n} answers)",
        column=key,
        value=f"item {item}",
        expected="a positive correlation",
        advice="check direction and item order; an item stored reversed belongs in coding.reversed_items",
    )
