"""Limitations that the data show, as prompts: what a reader will ask, with the numbers; the authors answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from compassion_trials.core.numbers import bounded, count, fixed, percent
from compassion_trials.report.cite import cited, limits, number, row
from compassion_trials.report.model import Block, Bullets, Inline, Paragraph, line
from compassion_trials.report.sections.contrasts import SYMBOLS, find
from compassion_trials.report.source import Source
from compassion_trials.report.wording import series

ATTRITION: Final = 5.0
"""Percent missing from which attrition is named."""

IMBALANCE: Final = 0.25
"""Standardized difference at baseline from which it is named (Stuart, 2010)."""

RELIABLE: Final = 0.7
"""Alpha below which reliability is named."""

SMALL: Final = 100
"""Participants below which the number of them is named."""


def limitations(source: Source) -> tuple[Block, ...]:
    """A list of prompts; nothing when the data raise no question."""
    makers: tuple[Callable[[Source], list[Inline]], ...] = (
        _design, _attrition, _size, _imbalance, _multiplicity, _waitlist, _clusters, _reliability, _planning
    )  # fmt: skip
    items = tuple(item for make in makers for item in make(source))
    if not items:
        return ()
    lead = line("Points that these data raise, for the authors to discuss:")
    return (Paragraph(lead, "intro"), Bullets(items))


def _design(source: Source) -> list[Inline]:
    """No randomization, no comparison."""
    kind = source.context.plan.design.type
    if kind == "single_arm":
        return [
            line("Without a comparison group, time, expectation and regression to the mean may explain the change.")
        ]
    if kind == "non_randomized":
        return [line("Without randomization, the arms may differ in what was not measured.")]
    return []


def _attrition(source: Source) -> list[Inline]:
    """Missing primary scores at the visit of interest by arm."""
    key = source.context.primary
    if key is None:
        return []
    visit = source.context.question(key).visit
    parts: list[Inline] = []
    worst = 0.0
    for arm, label in source.context.plan.design.arms.items():
        keys = {"analysis": "missing", "outcome": key, "arm": arm, "visit": visit}
        share = source.results.value("percent", **keys)
        if share == share:
            worst = max(worst, share)
            parts.append(line(number(source.results, "percent", percent, **keys), f" in {label}"))
    if worst < ATTRITION:
        return []
    said = f"Attrition: primary scores at {source.words.at(visit)} are missing for "
    tested = len(source.results.rows(analysis="sensitivity"))
    more = "; the sensitivity analyses show what follows if they are not missing at random" if tested else ""
    return [line(said, series(parts), f"{more}.")]


def _size(source: Source) -> list[Inline]:
    """Few participants, and how wide the interval of the primary effect is."""
    total = source.allocated()
    arms = source.context.plan.design.arms
    rows = [row(source.results, "n", analysis="flow", term="allocated", arm=arm) for arm in arms]
    sizes = [source.allocated(arm) or 0 for arm in arms]
    total = total or sum(sizes)
    if not total or total >= SMALL:
        return []
    said = line("Size: with ", cited(count(total), *rows), " participants, intervals are wide")
    effect = _primary_effect(source)
    return [line(said, "; for the primary outcome ", *effect, ".") if effect else line(said, ".")]


def _primary_effect(source: Source) -> Inline:
    """Effect size of the first primary contrast with its limits."""
    key = source.context.primary
    if key is None:
        return ()
    question = source.context.question(key)
    analysis, visit, arm = question.analysis, question.visit, "" if question.asked else question.arms[0]
    for term in question.terms:
        found = find(source.results, analysis, key, term, visit, arm)
        if found is not None and found.size is not None and found.sizes[1] == found.sizes[1]:
            lower, upper = f"{found.size}_lower", f"{found.size}_upper"
            ends = limits(source.results, lower, upper, analysis=analysis, outcome=key, term=term, visit=visit, arm=arm)
            return line(SYMBOLS[found.size], " may lie anywhere in ", ends)
    return ()


def _imbalance(source: Source) -> list[Inline]:
    """Variables that differ at baseline."""
    rows = source.results.rows(analysis="baseline", statistic="smd", level="")
    rows = rows[~rows["outcome"].isin(source.material.copies())]
    worst: dict[str, tuple[float, int]] = {}
    for i, key, value in zip(rows.index, rows["outcome"], rows["value"], strict=True):
        if value == value and abs(value) >= max(IMBALANCE, abs(worst.get(key, (0.0, 0))[0])):
            worst[key] = (value, int(i))
    if not worst:
        return []
    parts: list[Inline] = []
    for key, (value, i) in sorted(worst.items(), key=lambda entry: -abs(entry[1][0])):
        parts.append(line(f"{source.material.label(key)} ", cited(fixed(value), f"row:{i + 1}")))
    return [line("Imbalance at baseline (largest standardized difference between two arms): ", series(parts), ".")]


def _multiplicity(source: Source) -> list[Inline]:
    """Several outcomes, corrected or not."""
    tested = source.results.rows(analysis=("primary", "secondary"), statistic="p")
    corrected = set(source.results.rows(statistic="p_adjusted")["outcome"])
    others = [key for key in dict.fromkeys(tested["outcome"]) if key not in {source.context.primary, *corrected}]
    if len(others) < 2:
        return []
    n = cited(count(len(others)), "plan:measures")
    return [line("Multiplicity: ", n, " further outcomes were tested without correction.")]


def _waitlist(source: Source) -> list[Inline]:
    """A wait-list as control, and comparisons that end early."""
    design = source.context.plan.design
    found: list[Inline] = []
    if design.control and "wait" in f"{design.control} {design.arms[design.control]}".lower():
        said = "Control: people who wait may expect less, so that differences from a wait-list tend to be larger than "
        found.append(line(said, "differences from another treatment."))
    if design.control_until is not None and design.control_until != list(design.visits)[-1]:
        found.append(line(f"Follow-up: there is no comparison after {design.visit_label(design.control_until)}."))
    return found


def _clusters(source: Source) -> list[Inline]:
    """Groups in which participants met, when the primary model leaves them out."""
    names = source.context.plan.design.clusters
    facts = cast("list[dict[str, Any]]", source.material.fact("fit", "jobs", []))
    primary = next((job for job in facts if job.get("analysis") == "primary"), {})
    if not names or primary.get("n_groups"):
        return []
    label = "; ".join(cluster.label or name for name, cluster in names.items())
    return [line(f"Clusters ({label}): the primary model treats participants of one group as independent.")]


def _reliability(source: Source) -> list[Inline]:
    """Scales below the usual reliability at baseline."""
    visit = source.context.plan.design.baseline
    parts: list[Inline] = []
    for outcome in source.context.analysed:
        keys = {"analysis": "reliability", "outcome": outcome.key, "visit": visit}
        alpha = source.results.value("alpha", **keys)
        if alpha == alpha and alpha < RELIABLE:
            parts.append(line(f"{outcome.short} ", number(source.results, "alpha", bounded, **keys)))
    return [line("Reliability: Cronbach’s α at baseline was low for ", series(parts), ".")] if parts else []


def _planning(source: Source) -> list[Inline]:
    """No registration, analyses that were not prespecified."""
    plan = source.context.plan
    found: list[Inline] = []
    if plan.registration is None:
        found.append(line("Registration: the plan names no registry entry."))
    late = [source.material.analysis(name) for name, part in plan.analysis.additional.items() if not part.prespecified]
    if late:
        found.append(line(f"Post hoc: {'; '.join(late)}."))
    return found
