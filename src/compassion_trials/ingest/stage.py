"""The ingest stage: raw files of a study in, tidy tables, issues and an account of what was done out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import sha256, write_csv, write_json, write_table
from compassion_trials.core.findings import FINDING_COLUMNS, Finding, as_rows, has_errors
from compassion_trials.core.record import Record
from compassion_trials.ingest import account, checks, flow, tidy, visits
from compassion_trials.ingest.columns.blocks import Located, coverage, locate
from compassion_trials.ingest.columns.patterns import by_visit
from compassion_trials.ingest.people import harms, identity, levels, participants, privacy
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import RawTable, Reading
from compassion_trials.ingest.sources import SourceFile, missing_columns, named_columns, prepare
from compassion_trials.ingest.values import IMPUTED, NOT_NUMERIC, OUT_OF_RANGE, SEVERAL
from compassion_trials.study.context import Context
from compassion_trials.study.plan.data import RawFile

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ingested:
    """Everything the stage found out, before it is written.

    Attributes
    ----------
    participants, responses, stored, flow : pandas.DataFrame
        As in `core.columns`; empty when errors came first.
    findings : list of Finding
    record : Record or None
        None when errors came first.
    dropped : list of Dropped
        Columns that may identify a person, by name.
    """

    participants: pd.DataFrame = field(default_factory=pd.DataFrame)
    responses: pd.DataFrame = field(default_factory=pd.DataFrame)
    stored: pd.DataFrame = field(default_factory=pd.DataFrame)
    flow: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: list[Finding] = field(default_factory=list)
    record: Record | None = None
    dropped: list[privacy.Dropped] = field(default_factory=list)


@dataclass(slots=True)
class _Read:
    """Raw files as read, and what was noticed."""

    raws: list[RawFile] = field(default_factory=list)
    tables: list[RawTable] = field(default_factory=list)
    located: list[Located] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[privacy.Dropped] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def run(context: Context, progress: Progress | None = None) -> None:
    """Read the raw files of a study and write its tidy tables.

    Writes participants, responses, stored and flow, the issues table and the record; when there are errors only the
    issues table.

    Raises
    ------
    InputError
        With every error found in the data.
    """
    result = ingest(context, progress)
    paths = context.results
    issues = pd.DataFrame(as_rows(result.findings), columns=list(FINDING_COLUMNS))
    write_csv(issues.astype({"row": "Int64"}), paths.findings("ingest"))  # Int64: some findings have no row
    if result.record is None:
        raise InputError([finding for finding in result.findings if finding.severity == "error"])
    if context.blind:  # before anything that holds the letters of masked arms
        write_json({"blind": True}, paths.blinded)
    for table, path in (
        (result.participants, paths.participants),
        (result.responses, paths.responses),
        (result.stored, paths.stored),
        (result.flow, paths.flow),
    ):
        write_table(table, path)
    result.record.write(paths.record("ingest"))
    _list_dropped(result.dropped, context.raw / f"dropped.{context.study.name}.csv")


def ingest(context: Context, progress: Progress | None = None) -> Ingested:
    """The work of the stage without writing anything, for the verb ``check``.

    Parameters
    ----------
    context : Context
    progress : callable, optional
        Called with one line per raw file.
    """
    read = _read(context, progress)
    if has_errors(read.findings):
        return Ingested(findings=checks.summed_up(read.findings))
    sources = [
        prepare(raw, context.plan, table, located.blocks)
        for raw, table, located in zip(read.raws, read.tables, read.located, strict=True)
    ]
    read.findings += [finding for source in sources for finding in source.findings]
    read.findings += tidy.missing_flags(context.plan, sources)
    read.findings += participants.alike_ids(sources)
    try:
        sources = _pseudonymize(context, sources)
    except InputError as error:
        read.findings += error.findings
    return _assemble(context, read, sources)


def _read(context: Context, progress: Progress | None) -> _Read:
    """Read all raw files, drop what identifies, find the columns of the measures; collect all errors."""
    plan, read = context.plan, _Read()
    for raw in plan.data:
        path = context.raw / raw.file
        if progress is not None:
            progress(f"reading {raw.file}")
        try:
            table = read_raw(path, Reading.of(raw, context.raw))
        except InputError as error:
            read.findings += error.findings
            continue
        located = locate(plan, context.instruments, raw, list(table.frame.columns))
        shape = {"rows": len(table.frame) + sum(n for _, n in table.removed), "columns": table.frame.shape[1]}
        facts = {"file": raw.file, "sha256": sha256(path), "format": table.format, "encoding": table.encoding, **shape}
        needed = _needed(raw, context, located)
        columns = privacy.identifying(table, drop=plan.privacy.drop, keep=plan.privacy.keep, needed=needed)
        table, dropped = privacy.drop_columns(table, columns)
        lacking = missing_columns(raw, plan, table, columns)
        read.findings += [*_repeated(table, located, lacking), *located.findings, *lacking]
        read.findings += _lost(columns, located, table.file) + _id_is_person(raw, table, plan.privacy.keep)
        read.raws.append(raw)
        read.tables.append(table)
        read.located.append(located)
        read.inputs.append(facts)
        read.dropped += dropped
    if len(read.tables) == len(plan.data):
        read.findings += coverage(plan, read.located)
    return read


def _repeated(table: RawTable, located: Located, lacking: Sequence[Finding]) -> list[Finding]:
    """Findings of the reader; repeated column names are an error when the plan means one of them."""
    wanted = {name for miss in located.misses for name in miss.wanted.alternatives}
    wanted |= {finding.column for finding in (*located.findings, *lacking)}
    meant = any(f"{name} (1)" in table.frame for name in wanted)
    return [
        replace(finding, severity="error", advice="give each column its own name, in the survey tool or in the file")
        if meant and finding.code == "repeated_names"
        else finding
        for finding in table.findings
    ]


def _needed(raw: RawFile, context: Context, located: Located) -> set[str]:
    """Columns of a file that the plan uses in a way that keeps nothing identifying of them."""
    kept = {column for key, column in named_columns(raw, context.plan).items() if not key.startswith("baseline.")}
    answers = {column for block in located.blocks for column in block.columns}
    repeated = [raw.week or raw.day or "", *(part.column for part in raw.harms.values())]
    values = raw.visit.values if raw.visit is not None else {}
    times = {name for column in repeated for name in by_visit(column, context.plan.design.visits, values)}
    return kept | answers | times | tidy.imputed_columns(context.plan) | {"SYNTHETIC"}


def _lost(columns: dict[str, str], located: Located, file: str) -> list[Finding]:
    """Errors for answers that privacy.drop takes away."""
    lost = [column for block in located.blocks for column in block.columns if column in columns]
    if not lost:
        return []
    message = f"privacy.drop takes away {len(lost)} columns that hold answers of the measures"
    return [Finding("error", "column_identifying", message, file, None, lost[0], advice="make privacy.drop more exact")]


def _id_is_person(raw: RawFile, table: RawTable, keep: Sequence[str]) -> list[Finding]:
    """An error when the id itself names a person and is not replaced."""
    column = raw.id.column
    if raw.id.pseudonymize or column not in table.frame or column in keep:
        return []
    rule = privacy.by_name(column) or privacy.by_content(table.frame[column])
    if not rule:
        return []
    message = f"the id names a person ({rule}) and would be stored in the results"
    advice = "write id: {column: ..., pseudonymize: true}; if it identifies nobody, list it under privacy.keep"
    return [Finding("error", "id_identifying", message, table.file, None, column, advice=advice)]


def _pseudonymize(context: Context, sources: Sequence[SourceFile]) -> list[SourceFile]:
    """Ids of all files replaced by keyed hashes when any file asks for it.

    Raises
    ------
    InputError
        No usable key.
    """
    if not account.pseudonymized(context.plan):
        return list(sources)
    key = identity.read_key(context.raw)
    known = identity.pseudonyms((p for s in sources for p in {*s.participant, *s.excluded}), key)
    return [
        replace(
            s, participant=s.participant.map(known).astype("object"), excluded=frozenset(known[p] for p in s.excluded)
        )
        for s in sources
    ]


def _assemble(context: Context, read: _Read, sources: Sequence[SourceFile]) -> Ingested:
    """Tables of the study from its prepared files."""
    plan, known = context.plan, context.instruments
    cells, findings = tidy.twice(tidy.answers(plan, sources, known))
    cells, unplanned = tidy.planned(cells, plan)
    findings += [*unplanned, *checks.words(cells, plan, sources), *checks.not_one_number(cells, sources)]
    cells, outside = checks.in_range(cells, plan, known)
    findings += [*outside, *checks.constant(cells), *checks.blank_items(cells)]
    findings += [*visits.silent_visits(cells, plan), *visits.copies(cells, plan)]
    alike = any(finding.code == "ids_alike" for finding in read.findings)
    who = participants.allocation(plan, sources, set(cells.loc[cells["value"].notna(), "participant"]), alike)
    findings += visits.empty_arms(cells, plan, who.arms)
    people, more = participants.table(plan, sources, who.arms)
    more += [*harms.disagreements(plan, people), *levels.sparse_levels(plan, people)]
    flow_table, most = flow.table(plan, known, sources, people, cells)
    everything = checks.summed_up([*read.findings, *who.findings, *dict.fromkeys(findings), *more, *most])
    if has_errors(everything):
        return Ingested(findings=everything)
    assessed = flow_table.loc[flow_table["assessed"], ["participant", "visit"]].astype("object")
    removed = [(s.table.file, reason, n) for s in sources for reason, n in (*s.table.removed, *s.removed)]
    record = account.record(
        plan, read.inputs, read.tables, sources, read.dropped, [*removed, *who.removed], _counts(cells, sources, who)
    )
    return Ingested(
        participants=people,
        responses=tidy.responses(cells, who.arms, assessed, plan, known),
        stored=tidy.stored(cells, who.arms, assessed, plan),
        flow=flow_table,
        findings=everything,
        record=record,
        dropped=read.dropped,
    )


def _list_dropped(dropped: Sequence[privacy.Dropped], path: Path) -> None:
    """List the columns that were dropped beside the raw data, for their names may say who took part.

    A folder that cannot be written keeps no list; results hold the counts in any case.
    """
    with suppress(OSError):
        if dropped:
            write_csv(pd.DataFrame([asdict(entry) for entry in dropped]), path)
        else:
            path.unlink(missing_ok=True)


def _counts(cells: pd.DataFrame, sources: Sequence[SourceFile], who: participants.Allocation) -> dict[str, int]:
    """Numbers that the record tells."""
    reasons = cells.drop_duplicates(["file", "row", "column"])["missing_reason"]  # two measures may share a column
    differ = [f for source in sources for f in source.findings if f.code == "duplicate_differs"]
    return {
        "n_participants": len(who.arms),
        "n_out_of_range": int((reasons == OUT_OF_RANGE).sum()),
        "n_not_numeric": int(reasons.isin([NOT_NUMERIC, SEVERAL]).sum()),
        "n_imputed": int((reasons == IMPUTED).sum()),
        "n_duplicates_differ": len(differ),
    }
