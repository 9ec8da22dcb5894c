"""Which columns of a raw file hold which measure at which visit, by the patterns and lists of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.columns.patterns import (
    Wanted,
    fields,
    match,
    near_columns,
    visit_names,
    wanted_items,
    wanted_total,
)
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.plan.data import RawFile
from compassion_trials.study.plan.measures import Columns, Measure
from compassion_trials.study.plan.study_plan import StudyPlan

SAME_FOR_ALL = (
    "the pattern has no {visit}, so all visits would be read from the same columns; add {visit}, name a visit column "
    "for the file, or limit the measure with visits: [...]"
)


@dataclass(frozen=True, slots=True)
class ColumnBlock:
    """Columns of one measure in one file.

    Attributes
    ----------
    measure : str
        Key of the measure.
    scale : str
        Scale of a stored total; empty for items.
    visit : str
        The visit of these columns; empty when a column of the file says the visit of each row.
    items : tuple of str
        Item numbers of the questionnaire, one per column; one empty text for a stored total.
    columns : tuple of str
        Columns of the raw file.
    """

    measure: str
    scale: str
    visit: str
    items: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """Columns that were looked for in a file and of which none is there."""

    measure: str
    scale: str
    visit: str
    wanted: Wanted
    near: str


@dataclass(frozen=True, slots=True)
class Located:
    """What a file holds.

    Attributes
    ----------
    blocks : tuple of ColumnBlock
    misses : tuple of Miss
    findings : tuple of Finding
    """

    blocks: tuple[ColumnBlock, ...]
    misses: tuple[Miss, ...]
    findings: tuple[Finding, ...]


def planned_visits(plan: StudyPlan, measure: str) -> tuple[str, ...]:
    """Visits at which a measure was given, in order."""
    chosen = plan.measures[measure].visits or tuple(plan.design.visits)
    return tuple(visit for visit in plan.design.visits if visit in chosen)


def locate(plan: StudyPlan, instruments: Mapping[str, Instrument], raw: RawFile, names: Sequence[str]) -> Located:
    """Find the columns of all measures in one file.

    Parameters
    ----------
    plan : StudyPlan
    instruments : mapping of str to Instrument
    raw : RawFile
    names : sequence of str
        Columns of the file.
    """
    blocks: list[ColumnBlock] = []
    misses: list[Miss] = []
    findings: list[Finding] = []
    for target in _targets(plan, instruments, raw):
        for visit, spec in _specs(target, plan, raw):
            try:
                wanted = _wanted(target, spec, raw, visit)
            except ValueError as error:
                findings.append(_bad_pattern(target, spec, str(error), raw.file))
                break
            key = f"{target.measure}{'.' + target.scale if target.scale else ''}{' at ' + visit if visit else ''}"
            matched = match(wanted, names, raw.file, key)
            if matched.found and _same_for_all(target, raw, plan):
                findings.append(_bad_pattern(target, spec, SAME_FOR_ALL, raw.file))
                break
            if not matched.found:
                misses.append(Miss(target.measure, target.scale, visit, wanted[0], near_columns(wanted[0], names)))
            elif matched.findings:
                findings.extend(matched.findings)
            else:
                columns = tuple(column for column in matched.columns if column is not None)
                blocks.append(ColumnBlock(target.measure, target.scale, visit, target.items, columns))
    findings += _read_twice(blocks, raw.file) if _wide(raw) else []
    return Located(tuple(blocks), tuple(misses), tuple(dict.fromkeys(findings)))


def _read_twice(blocks: Sequence[ColumnBlock], file: str) -> Iterator[Finding]:
    """Errors for columns that would be read as the answers of two visits, or as two scales of one measure."""
    first: dict[tuple[str, str], ColumnBlock] = {}
    for block in blocks:
        for column in block.columns:
            other = first.setdefault((block.measure, column), block)
            if other.visit != block.visit:
                what, pair = "visits", (other.visit, block.visit)
            elif other.scale and block.scale and other.scale != block.scale:
                what, pair = "scales", (other.scale, block.scale)
            else:
                continue
            message = f"this column of {block.measure} would be read for two {what}, {pair[0]} and {pair[1]}"
            advice = f"each of the {what} needs its own column: mend visit.values or measures.{block.measure}"
            yield Finding("error", "column_twice", message, file, None, column, advice=advice)
            break


@dataclass(frozen=True, slots=True)
class _Target:
    """Items or one stored total of a measure, and what the plan says about their columns."""

    measure: str
    scale: str
    items: tuple[str, ...]
    columns: Columns
    key: str


def _targets(plan: StudyPlan, instruments: Mapping[str, Instrument], raw: RawFile) -> Iterator[_Target]:
    """Everything that the plan expects in columns."""
    for key, measure in plan.measures.items():
        if measure.total is not None:
            yield _Target(key, "total", ("",), measure.total, f"measures.{key}.total")
            continue
        columns = measure.items if measure.items is not None else raw.items
        if columns is not None:
            place = f"measures.{key}.items" if measure.items is not None else "data.items"
            yield _Target(key, "", item_numbers(measure, instruments), columns, place)
        for scale, stored in measure.stored.items():
            yield _Target(key, scale, ("",), stored, f"measures.{key}.stored.{scale}")


def item_numbers(measure: Measure, instruments: Mapping[str, Instrument]) -> tuple[str, ...]:
    """Item numbers of the questionnaire in the order of the raw columns."""
    order = measure.item_order or range(1, instruments[measure.instrument or ""].items + 1)
    return tuple(str(item) for item in order)


def _specs(target: _Target, plan: StudyPlan, raw: RawFile) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Visits and what the plan says about the columns there; visit is empty when the rows say it."""
    planned = planned_visits(plan, target.measure)
    by_row = raw.visit is not None and raw.visit.column is not None
    if isinstance(target.columns, str) and by_row and "{visit}" not in target.columns:
        yield "", target.columns
        return
    if raw.visit is not None and raw.visit.value is not None:
        planned = tuple(visit for visit in planned if visit == raw.visit.value)
    for visit in planned:
        if isinstance(target.columns, str):
            yield visit, target.columns
        elif visit in target.columns:
            yield visit, target.columns[visit]


def _wanted(target: _Target, spec: str | tuple[str, ...], raw: RawFile, visit: str) -> list[Wanted]:
    """Columns to look for.

    Raises
    ------
    ValueError
        The pattern is wrong.
    """
    if not isinstance(spec, str):
        return [Wanted(name, f"item {n}", (name,)) for n, name in enumerate(spec, start=1)]
    names = visit_names(visit, raw.visit.values if raw.visit is not None and _wide(raw) else {}) if visit else ()
    if target.scale:
        return [wanted_total(spec, target.measure, names)]
    return wanted_items(spec, target.measure, names, len(target.items))


def _wide(raw: RawFile) -> bool:
    """Whether the columns, not the rows, of a file say the visit."""
    return raw.visit is None or (raw.visit.column is None and raw.visit.value is None)


def _same_for_all(target: _Target, raw: RawFile, plan: StudyPlan) -> bool:
    """Whether a pattern would read the same columns for several visits."""
    several = isinstance(target.columns, str) and len(planned_visits(plan, target.measure)) > 1
    return _wide(raw) and several and "visit" not in fields(str(target.columns))


def _bad_pattern(target: _Target, spec: str | tuple[str, ...], message: str, file: str) -> Finding:
    """An error for a pattern that cannot work."""
    return Finding("error", "pattern", message, file, None, target.key, value=spec if isinstance(spec, str) else "")


def coverage(plan: StudyPlan, located: Sequence[Located]) -> list[Finding]:
    """Errors for measures and visits that no file holds.

    Parameters
    ----------
    plan : StudyPlan
    located : sequence of Located
        One per raw file.
    """
    held = {(block.measure, block.scale, block.visit) for one in located for block in one.blocks}
    broken = bool([finding for one in located for finding in one.findings if finding.code == "pattern"])
    findings = []
    for key, measure in plan.measures.items():
        scales = ["total"] if measure.total is not None else ["", *measure.stored]
        for scale in scales:
            spec = measure.total if measure.total is not None else measure.stored.get(scale, measure.items)
            visits = [
                v
                for v in planned_visits(plan, key)
                if scale in ("", "total") or not isinstance(spec, dict) or v in spec
            ]
            lacking = [v for v in visits if not {(key, scale, v), (key, scale, "")} & held]
            misses = [
                m
                for one in located
                for m in one.misses
                if (m.measure, m.scale) == (key, scale) and m.visit in (*lacking, "")
            ]
            if lacking and not (broken and not misses) and not _reported(located, key, scale):
                findings.append(_uncovered(key, scale, lacking, misses))
    return findings


def _reported(located: Sequence[Located], measure: str, scale: str) -> bool:
    """Whether an error about these columns stands already."""
    key = f"{measure}.{scale}" if scale else measure
    about = (f"of {key} ", f"of {key}:")
    return any(mark in finding.message + " " for one in located for finding in one.findings for mark in about)


def _uncovered(key: str, scale: str, visits: Sequence[str], misses: Sequence[Miss]) -> Finding:
    """An error for a measure that no file holds at some visits."""
    what = f"{key}.{scale}" if scale else key
    message = f"no raw file holds columns of {what} at visit {', '.join(visits)}"
    if not misses:
        advice = f'add items: "{{instrument}}_{{visit}}_{{item}}" to a raw file, or items to measures.{key}'
        return Finding("error", "measure_missing", message, column=f"measures.{key}", advice=advice)
    near = next((miss.near for miss in misses if miss.near), "")
    advice = f"{near + '; ' if near else ''}correct the pattern, or write visits: [...] when it was not given then"
    return Finding(
        "error", "measure_missing", message, column=f"measures.{key}", value=misses[0].wanted.pattern, advice=advice
    )
