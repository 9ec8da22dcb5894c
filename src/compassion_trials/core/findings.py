"""Findings: what a stage noticed in the plan or the data, one row of the issues table each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Literal

Severity = Literal["error", "warning", "note"]
"""error stops the run; warning stands in the report; note is for the record."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, with everything a person needs to mend it.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
    code : str
        Stable short name such as ``out_of_range``, for tests and for grouping.
    message : str
        What is wrong, one sentence, no names or free text of participants.
    file : str
        File name (raw file or plan); empty when it concerns none.
    row : int or None
        Row number as a person sees it in the file (header rows count, first row is 1).
    column : str
        Column of a raw file, or dotted key of a plan (``design.arms``).
    value : str
        Value found, as text.
    expected : str
        What would have been right.
    advice : str
        What to do about it.
    """

    severity: Severity
    code: str
    message: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    expected: str = ""
    advice: str = ""

    def text(self) -> str:
        """The finding as one line: place, message, value, expected, advice."""
        place = ", ".join(
            part for part in (self.file, f"row {self.row}" if self.row is not None else "", self.column) if part
        )
        parts = [f"{self.severity}: {place + ': ' if place else ''}{self.message}"]
        if self.value:
            parts.append(f'found "{self.value}"')
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.advice:
            parts.append(self.advice)
        return "; ".join(parts)


FINDING_COLUMNS = tuple(f.name for f in fields(Finding))
"""Columns of an issues table, in order."""


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings must stop the run."""
    return any(finding.severity == "error" for finding in findings)


def as_rows(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Findings as dictionaries, one per row of the issues table."""
    return [asdict(finding) for finding in findings]
