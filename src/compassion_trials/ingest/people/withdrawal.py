"""Who withdrew, and the reasons as short categories."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.ingest.people.privacy import DATE, by_content, free_text, shown
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.values import canonical, codes, is_blank, number

UNKNOWN_REASON = "withdrew, reason not recorded"
STOPPED = "stopped the treatment, reason not recorded"
OTHER_REASON = "other reason"

NO = frozenset(["0", "no", "false", "n", "nein", "non", "nej", "nei"])
"""Words by which a column says that a participant did not withdraw."""

YES = frozenset(["1", "yes", "true", "y", "x", "ja", "oui", "withdrawn", "withdrew", "dropout"])
"""Words by which it says so; dates and numbers do too."""


def withdrawn(source: SourceFile, column: str) -> tuple[frozenset[str], list[Finding]]:
    """Participants with a filled cell that does not say no, in any of their rows.

    Parameters
    ----------
    source : SourceFile
    column : str
        The plan's ``flow.withdrawn``.

    Returns
    -------
    participants : frozenset of str
    findings : list of Finding
        A warning when other words than yes, no, dates and numbers stand in the column.
    """
    cells = filled(source, column)
    words = cells.str.lower()
    gone = cells[~words.isin(NO)]
    odd = gone[[not _says_yes(word) for word in gone]]
    findings = []
    if len(odd):
        message = f"{len(odd)} cells of flow.withdrawn are neither yes, no, date nor number, and count as withdrawn"
        text = ", ".join(shown(word) for word in list(dict.fromkeys(odd))[:3])
        advice = "leave the cell blank, or write no, for participants who stayed"
        place = (source.table.file, int(odd.index[0]), column, text, "", advice)
        findings.append(Finding("warning", "withdrawn_words", message, *place))
    return frozenset(source.participant[gone.index]), findings


def _says_yes(word: str) -> bool:
    """Whether a cell says in a known way that a participant withdrew."""
    return word.lower() in YES or bool(DATE.fullmatch(word)) or number(word, ".,") > 0


def filled(source: SourceFile, column: str) -> pd.Series:
    """Cells of a column that hold something other than a missing code, labels in place of codes."""
    missing = codes(source.raw.missing_values) | frozenset(source.table.missing_codes.get(column, {}))
    cells = source.table.frame[column].map(canonical)
    labels = source.table.value_labels.get(column, {})
    kept = cells[~is_blank(cells) & ~cells.isin(list(missing))]
    return kept.map(lambda word: labels.get(word, word)).astype("object")


def reasons(sources: Sequence[SourceFile]) -> tuple[dict[str, str], list[Finding]]:
    """Reason of each participant who withdrew; free text is not kept."""
    found: dict[str, str] = {}
    findings: list[Finding] = []
    for source in sources:
        part = source.raw.flow
        if part is None:
            continue
        if part.withdrawn is not None:
            found |= dict.fromkeys(withdrawn(source, part.withdrawn)[0] - set(found), UNKNOWN_REASON)
        if part.reason is not None:
            cells = filled(source, part.reason)
            if free_text(pd.Series(cells.unique(), dtype="object")) or by_content(cells):
                message = "the reasons are free text, which is not kept; all count as another reason"
                advice = "make short categories of them in the file"
                findings.append(
                    Finding("warning", "free_text", message, source.table.file, None, part.reason, advice=advice)
                )
                cells = cells.map(lambda _: OTHER_REASON)
            found |= dict(zip(source.participant[cells.index], cells, strict=True))
    return found, findings
