"""Participants of the trial: arm, baseline variables and clusters from all files; contradictions are findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.people import identity
from compassion_trials.ingest.people.baseline import typed
from compassion_trials.ingest.people.clusters import cluster_column
from compassion_trials.ingest.people.harms import events
from compassion_trials.ingest.people.stopping import stopped
from compassion_trials.ingest.people.withdrawal import UNKNOWN_REASON, reasons, withdrawn
from compassion_trials.ingest.sources import SourceFile, one_row_per_event
from compassion_trials.ingest.thousands import column_numbers
from compassion_trials.ingest.values import canonical, codes, is_blank
from compassion_trials.study.plan.study_plan import StudyPlan


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who is in which arm.

    Attributes
    ----------
    arms : dict of str to str
        Arm by participant, in the order of ids.
    removed : tuple of (str, str, int)
        File, reason and number of participants left out.
    findings : tuple of Finding
    """

    arms: dict[str, str]
    removed: tuple[tuple[str, str, int], ...]
    findings: tuple[Finding, ...]


def allocation(plan: StudyPlan, sources: Sequence[SourceFile], answered: set[str], alike: bool = False) -> Allocation:
    """Arm of every participant.

    Parameters
    ----------
    plan : StudyPlan
    sources : sequence of SourceFile
    answered : set of str
        Participants with any answer; one of them without an arm is an error unless the plan excludes such people.
    alike : bool
        Whether some ids are alike (`alike_ids`), which may be why an arm is missing.
    """
    single = next(iter(plan.design.arms)) if len(plan.design.arms) == 1 else None
    excluded = frozenset[str]().union(*(source.excluded for source in sources))
    named, findings = _named_arms(sources)
    late = {} if plan.design.enrolled == "any" else _only_later(plan, sources)
    ids = identity.in_order(p for source in sources for p in source.participant)
    everyone = [p for p in ids if p not in excluded and p not in late]
    arms = {p: arm for p in everyone if (arm := named.get(p) or single)}
    without = [p for p in everyone if p not in arms]
    removed, more = _left_out({p: place for p, place in late.items() if p not in excluded})
    findings += more
    if without:
        file = next(source.table.file for source in sources if source.participant.isin(without).any())
        drop = any(source.drop_without_arm for source in sources)
        unknown = _of_unknown_arm(sources)  # told once, by value
        lost = [p for p in without if p in answered and p not in unknown]
        if lost and not drop:
            findings.append(_without_arm(lost, sources, alike))
        removed.append((file, "participant without an arm", len(without)))
        if not lost and not drop and not unknown:
            message = f"{len(without)} participants have neither arm nor answers and were left out"
            findings.append(Finding("warning", "no_arm", message, file))
        findings += [] if unknown else _empty_arms(plan, arms, len(late))
        return Allocation(arms, tuple(removed), tuple(findings))
    return Allocation(arms, tuple(removed), tuple([*findings, *_empty_arms(plan, arms, len(late))]))


def _only_later(plan: StudyPlan, sources: Sequence[SourceFile]) -> dict[str, tuple[str, int]]:
    """First file and row of each participant with rows after the baseline only; most are ids that were mistyped.

    A file without visits (an allocation list, a wide file) names who takes part, a file of unwanted events does not.
    """
    first: dict[str, tuple[str, int]] = {}
    known: set[str] = set()
    for source in sources:
        for row, person in source.participant.items():
            first.setdefault(person, (source.table.file, int(str(row))))
        if source.visit is not None:
            known |= set(source.participant[source.visit.isin([plan.design.baseline, ""])])
        elif not one_row_per_event(source):
            known |= set(source.participant)
    return {person: place for person, place in first.items() if person not in known}


def _left_out(late: Mapping[str, tuple[str, int]]) -> tuple[list[tuple[str, str, int]], list[Finding]]:
    """Account and warnings of participants seen after the baseline only."""
    message = "an id that occurs after the baseline only; it may be mistyped and is not counted as enrolled"
    advice = "mend the id, or write design: {enrolled: any} if such people take part"
    findings = [Finding("warning", "only_later", message, file, row, advice=advice) for file, row in late.values()]
    files = dict.fromkeys(file for file, _ in late.values())
    reason = "id that occurs after the baseline only"
    return [(name, reason, sum(file == name for file, _ in late.values())) for name in files], findings


def _of_unknown_arm(sources: Sequence[SourceFile]) -> set[str]:
    """Participants whose arm stands in a file, in a word that the plan does not know."""
    return {
        participant
        for s in sources
        if s.arm is not None and s.raw.arm is not None and s.raw.arm.column is not None
        for participant in s.participant[(s.arm == "") & ~is_blank(s.table.frame[s.raw.arm.column])]
    }


def _named_arms(sources: Sequence[SourceFile]) -> tuple[dict[str, str], list[Finding]]:
    """Arm by participant as the files say it, and contradictions."""
    parts = [
        pd.DataFrame({"participant": s.participant, "arm": s.arm, "file": s.table.file, "row": s.participant.index})
        for s in sources
        if s.arm is not None
    ]
    if not parts:
        return {}, []
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[(rows["arm"] != "")].drop_duplicates(["participant", "arm"])
    second = rows[rows.duplicated("participant")]
    findings = [
        Finding(
            "error",
            "arm_conflict",
            "this participant is in another arm elsewhere in the data",
            file,
            int(row),
            value=arm,
            advice="mend the data",
        )
        for file, row, arm in zip(second["file"], second["row"], second["arm"], strict=True)
    ]
    return dict(zip(rows["participant"], rows["arm"], strict=True)), findings


def _without_arm(lost: list[str], sources: Sequence[SourceFile], alike: bool) -> Finding:
    """An error for participants with answers and no arm."""
    source = next(s for s in sources if s.participant.isin(lost).any())
    row = int(source.participant.index[source.participant.isin(lost)][0])
    hint = "; some ids differ only in case, spaces or zeros, which may be the reason" if alike else ""
    message = f"{len(lost)} participants have answers but no arm{hint}"
    advice = 'complete the allocation list, or leave them out with arm.values: {"": exclude}'
    return Finding("error", "no_arm", message, source.table.file, row, source.raw.id.column, advice=advice)


def _empty_arms(plan: StudyPlan, arms: dict[str, str], late: int) -> Iterator[Finding]:
    """Errors for arms without participants; ids that occur after the baseline only may be why."""
    advice = "see arm.values in the plan"
    if late:
        advice = f"{late} ids occur after the baseline only and are not counted; see visit.values and design.enrolled"
    for arm in plan.design.arms:
        if arm not in arms.values():
            message = f"no participant is in the arm {arm}"
            yield Finding("error", "arm_empty", message, column="arm", value=arm, advice=advice)


def alike_ids(sources: Sequence[SourceFile]) -> Iterator[Finding]:
    """A warning for ids that may be one person; ids must not be pseudonyms yet."""
    spelled = identity.spelled(pd.concat([source.table.frame[source.raw.id.column] for source in sources]))
    if spelled:
        message = f"{spelled} ids are written in two ways that look the same (accents, spaces, quotes) and are joined"
        yield Finding("warning", "ids_joined", message, advice="see that each is one person")
    groups = identity.alike(word for source in sources for word in source.participant)
    if groups:
        message = f"{len(groups)} pairs of ids differ only in case, spaces, punctuation or leading zeros"
        yield Finding("warning", "ids_alike", message, advice="if they are the same person, write the id in one way")


def table(plan: StudyPlan, sources: Sequence[SourceFile], arms: dict[str, str]) -> tuple[pd.DataFrame, list[Finding]]:
    """The participants table: arm, baseline variables, clusters, sessions, withdrawn, stopped, events.

    Returns
    -------
    table : pandas.DataFrame
        One row per participant in the order of ``arms``; baseline variables as numbers (float) or words (str).
    findings : list of Finding
    """
    people = pd.Index(list(arms), name="participant")
    columns: dict[str, pd.Series] = {"arm": pd.Series(arms, dtype="str")}
    findings: list[Finding] = []
    for source in sources:
        for name, part in source.raw.baseline.items():
            words, found = one_each(source, part.column or "", f"baseline.{name}", plan, part.values)
            column, more = typed(words.reindex(people, fill_value=""), name, part, source)
            columns[name] = column
            findings += [*found, *more]
        for name, cluster in source.raw.clusters.items():
            words, found = one_each(source, cluster, f"clusters.{name}", plan)
            columns[name], more = cluster_column(
                plan, name, words.reindex(people, fill_value=""), columns["arm"], source
            )
            findings += [*found, *more]
        if source.raw.flow is not None:
            flow, found = _flow(source, people, plan)
            columns |= flow
            findings += found
    if "stopped" in columns:
        why = {p: word for p, word in reasons(sources)[0].items() if word != UNKNOWN_REASON}
        said = [why.get(p, "") if columns["stopped"].notna()[p] else "" for p in people]
        columns["stop_reason"] = pd.Series(said, index=people, dtype="str")
    counts, found = events(plan, sources, columns["arm"])
    columns, findings = columns | counts, findings + found
    return pd.DataFrame(columns, index=people).reset_index().astype({"participant": "str", "arm": "str"}), findings


def one_each(
    source: SourceFile, column: str, key: str, plan: StudyPlan, listed: Collection[str] = ()
) -> tuple[pd.Series, list[Finding]]:
    """One text per participant from a column of a file with one or more rows each.

    The row of the first visit counts, then a row without a visit, then later visits. Different values in rows of equal
    rank are an error; different values at later visits a warning. Values that the plan lists (``listed``) are values,
    whatever a program may mean by them.
    """
    missing = codes(source.raw.missing_values) | (frozenset(source.table.missing_codes.get(column, {})) - codes(listed))
    cells = source.table.frame[column]
    rank = pd.Series(0, index=cells.index)
    if source.visit is not None:
        order = {visit: i for i, visit in enumerate(plan.design.visits)}
        rank = source.visit.map({**{v: i + (i > 0) for v, i in order.items()}, "": 1}).astype("int64")
    rows = pd.DataFrame({"participant": source.participant, "word": cells.map(canonical), "rank": rank})
    rows = rows[~is_blank(cells, listed) & ~rows["word"].isin(missing)]
    best = rows.groupby("participant")["rank"].transform("min")
    first = rows[rows["rank"] == best].drop_duplicates(["participant", "word"])
    findings = []
    for row in first.index[first.duplicated("participant")]:
        message = f"{key}: this participant has another value elsewhere in the file"
        findings.append(
            Finding("error", "value_conflict", message, source.table.file, int(row), column, advice="mend the data")
        )
    chosen = first.drop_duplicates("participant").set_index("participant")["word"]
    later = rows[(rows["rank"] > best) & (rows["word"] != rows["participant"].map(chosen))]
    if len(later):
        count = later["participant"].nunique()
        message = f"{key}: {count} participants have another value at a later visit; the earliest is used"
        findings.append(Finding("warning", "value_changes", message, source.table.file, int(later.index[0]), column))
    return chosen, findings


def _flow(source: SourceFile, people: pd.Index, plan: StudyPlan) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Sessions attended, whether a participant withdrew, first visit after stopping the treatment."""
    part = source.raw.flow
    columns: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    assert part is not None
    if part.sessions is not None:
        words, findings = one_each(source, part.sessions, "flow.sessions", plan)
        words = words.reindex(people, fill_value="")
        columns["sessions"], more = column_numbers(words, source, "flow.sessions", part.sessions)
        findings = [*findings, *more]
        wrong = words[columns["sessions"].isna() & (words != "")]
        if len(wrong):
            message = f"{len(wrong)} cells of flow.sessions are not numbers and count as missing"
            findings.append(Finding("warning", "not_numeric", message, source.table.file, None, part.sessions))
    if part.leaving is not None:
        gone, more = withdrawn(source, part.leaving)
        columns["withdrawn"] = pd.Series(people.isin(gone), index=people)
        findings = [*findings, *more]
    if part.stopped is not None:
        when, more = stopped(plan, source, part.stopped)
        columns["stopped"] = pd.Series([when.get(person) for person in people], index=people, dtype="str")
        findings = [*findings, *more]
    return columns, findings
