"""Who withdrew, and the reasons as short categories."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.people.privacy import DATE, by_content, free_text, is_sentence, shown
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.values import canonical, codes, is_blank, number, recode
from compassion_trials.study.plan.data import WithdrawnColumn

UNKNOWN_REASON = "withdrew, reason not recorded"
STOPPED = "stopped the treatment, reason not recorded"
OTHER_REASON = "other reason"

NO = frozenset(["0", "no", "false", "n", "nein", "non", "nej", "nei"])
"""Words by which a column says that a participant did not withdraw."""

YES = frozenset(["1", "yes", "true", "y", "x", "ja", "oui", "withdrawn", "withdrew", "dropout"])
"""Words by which it says so; dates and numbers do too."""


def withdrawn(source: SourceFile, part: WithdrawnColumn) -> tuple[frozenset[str], list[Finding]]:
    """Participants with a filled cell that does not say no, in any of their rows.

    Parameters
    ----------
    source : SourceFile
    part : WithdrawnColumn
        The plan's ``flow.withdrawn``.

    Returns
    -------
    participants : frozenset of str
    findings : list of Finding
        An error for codes 1 and 2 whose meaning the plan does not say and for values that it does not list; a warning
        when other words than yes, no, dates and numbers stand in the column.
    """
    column = part.column
    cells = filled(source, column, part.values)
    if part.values:
        return _listed(source, part, cells)
    if one_or_two(cells):
        return frozenset(), [codes_unclear("flow.withdrawn", source.table.file, int(cells.index[0]), column)]
    words = cells.str.lower()
    gone = cells[~words.isin(NO)]
    odd = gone[[not _says_yes(word) for word in gone]]
    findings = []
    if len(odd):
        message = f"{len(odd)} cells of flow.withdrawn are neither yes, no, date nor number, and count as withdrawn"
        text = ", ".join(shown(word) for word in list(dict.fromkeys(odd))[:3])
        advice = "leave the cell blank, or write no, for participants who stayed; or say what they mean with values"
        place = (source.table.file, int(odd.index[0]), column, text, "", advice)
        findings.append(Finding("warning", "withdrawn_words", message, *place))
    return frozenset(source.participant[gone.index]), findings


def _listed(source: SourceFile, part: WithdrawnColumn, cells: pd.Series) -> tuple[frozenset[str], list[Finding]]:
    """Participants whose cell means yes by the plan; an error for each value that it does not list."""
    meant = recode(cells, part.values, source.table.value_labels.get(part.column, {})).astype("object")
    unknown = cells[meant.isna()]
    findings = [
        Finding(
            "error",
            "unknown_value",
            f"flow.withdrawn: a value of {int((unknown == word).sum())} rows is not listed under values",
            source.table.file,
            int(unknown.index[unknown == word][0]),
            part.column,
            value=shown(word),
            expected="yes or no",
            advice="add it to data.flow.withdrawn.values",
        )
        for word in unknown.unique()
    ]
    yes = meant.map(lambda word: word is not None and word.lower() in YES)
    return frozenset(source.participant[cells.index[yes]]), findings


def one_or_two(cells: pd.Series) -> bool:
    """Whether a column holds the codes 1 and 2 and nothing else, which say nothing about yes and no."""
    return set(cells.unique()) == {"1", "2"}


def codes_unclear(key: str, file: str, row: int, column: str) -> Finding:
    """An error for codes 1 and 2 in a column that says yes and no."""
    message = f"{key} holds the codes 1 and 2, and nothing says which of them means yes"
    name = key.split(".")[-1]
    advice = f"write {name}: {{column: {column}, values: {{1: yes, 2: no}}}} or the other way round"
    return Finding(
        "error", "codes_unclear", message, file, row, column, value="1, 2", expected="yes or no", advice=advice
    )


def _says_yes(word: str) -> bool:
    """Whether a cell says in a known way that a participant withdrew."""
    return word.lower() in YES or bool(DATE.fullmatch(word)) or number(word, ".,") > 0


def filled(source: SourceFile, column: str, listed: Collection[str] = ()) -> pd.Series:
    """Cells of a column that hold something other than a missing code, labels in place of codes.

    Values that the plan lists (``listed``) stay: they mean what the plan says.
    """
    missing = codes(source.raw.missing_values) | (frozenset(source.table.missing_codes.get(column, {})) - codes(listed))
    cells = source.table.frame[column].map(canonical)
    labels = source.table.value_labels.get(column, {})
    kept = cells[~is_blank(cells, listed) & ~cells.isin(list(missing))]
    own = {canonical(word).lower() for word in listed}
    return kept.map(lambda word: word if word.lower() in own else labels.get(word, word)).astype("object")


def reasons(sources: Sequence[SourceFile]) -> tuple[dict[str, str], list[Finding]]:
    """Reason of each participant who withdrew; free text is not kept."""
    found: dict[str, str] = {}
    findings: list[Finding] = []
    for source in sources:
        part = source.raw.flow
        if part is None:
            continue
        if part.leaving is not None:
            found |= dict.fromkeys(withdrawn(source, part.leaving)[0] - set(found), UNKNOWN_REASON)
        if part.reason is not None:
            cells = filled(source, part.reason)
            if free_text(pd.Series(cells.unique(), dtype="object")) or by_content(cells):
                message = "the reasons are free text, which is not kept; all count as another reason"
                advice = "make short categories of them in the file"
                findings.append(
                    Finding("warning", "free_text", message, source.table.file, None, part.reason, advice=advice)
                )
                cells = cells.map(lambda _: OTHER_REASON)
            else:
                told = cells.map(is_sentence)
                if told.any():
                    message = (
                        f"{int(told.sum())} reasons are sentences, which are not kept; they count as another reason"
                    )
                    advice = "make short categories of them in the file"
                    place = (source.table.file, None, part.reason)
                    findings.append(Finding("warning", "free_text", message, *place, advice=advice))
                cells = cells.where(~told, OTHER_REASON)
            found |= dict(zip(source.participant[cells.index], cells, strict=True))
    return found, findings
