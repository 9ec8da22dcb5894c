"""What kind of file a raw file is: by its first bytes, its first rows, its delimiter and its decimal sign."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.container import container
from compassion_trials.study.plan.data import Format

Kind = Literal["text", "excel", "spss", "stata", "sas", "sas_transport", "jamovi", "jasp", "parquet", "dataset_json"]
"""What the bytes of a file are; a text file may be a CSV file or a survey tool's export."""

DELIMITERS = (",", ";", "\t", "|")

SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"<stata_dta>", "stata"),
    (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11", "sas"),
    (b"HEADER RECORD*******LIB", "sas_transport"),
    (b"PAR1", "parquet"),
)
UNREADABLE = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", "save it as .xlsx"),
    (b"%PDF", "a PDF", "export the data as CSV"),
    (b"\x1f\x8b", "a gzip file or an R data file", "unpack it, or save the data as CSV"),
    (b"BZh", "a bzip2 file or an R data file", "unpack it, or save the data as CSV"),
    (b"\xfd7zXZ", "an xz file or an R data file", "unpack it, or save the data as CSV"),
    (b"RDX", "an R data file", "save the data as CSV, or as .sav with haven::write_sav"),
    (b"ASCII SPSS PORT", "an SPSS portable file (.por)", "save it as .sav"),
    (b"SQLite format 3", "a database", "export the data as CSV"),
)

NAMED = {
    ".xlsx": ("Excel", "a workbook"),
    ".xlsm": ("Excel", "a workbook"),
    ".sav": ("SPSS", "an SPSS file"),
    ".zsav": ("SPSS", "an SPSS file"),
    ".dta": ("Stata", "a Stata file"),
    ".sas7bdat": ("SAS", "a SAS data set"),
    ".xpt": ("SAS transport", "a SAS transport file"),
    ".omv": ("jamovi", "a jamovi file"),
    ".jasp": ("JASP", "a JASP file"),
    ".parquet": ("parquet", "a parquet file"),
}
"""Endings of file names that promise a content other than text."""

_JSON = b'"datasetJSON'
"""How the first keys of a Dataset-JSON file begin."""

_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_POINT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")


def kind(path: Path) -> Kind:
    """What the bytes of a file are.

    Raises
    ------
    InputError
        The file is missing, empty, or of a kind that cannot be read.
    """
    if path.is_dir():
        message = "this is a folder, where a file is expected"
        raise InputError([Finding("error", "is_folder", message, path.name, advice="name the file inside it")])
    if not path.is_file():
        raise InputError([missing_file(path)])
    start = path.read_bytes()[:4096] if path.stat().st_size < 4096 else _start(path)
    if not start:
        raise InputError(
            [Finding("error", "empty_file", "the file is empty", path.name, advice="export the data again")]
        )
    if (archive := container(path, start)) is not None:
        return archive
    for mark, found in SIGNATURES:
        if start.startswith(mark):
            return found
    if start[0] in range(0x69, 0x74) and len(start) > 3 and start[1] in (1, 2) and start[2] == 1:
        return "stata"
    for mark, what, advice in UNREADABLE:
        if start.startswith(mark):
            raise InputError([Finding("error", "unreadable_format", f"the file is {what}", path.name, advice=advice)])
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        advice = "export the data as CSV, .xlsx, .sav or .dta"
        raise InputError(
            [Finding("error", "unreadable_format", "the file is binary, not text", path.name, advice=advice)]
        )
    if path.suffix.lower() in NAMED:
        says, content = NAMED[path.suffix.lower()]
        message = f"the name says {says}, but the content is not {content}"
        advice = "export the data again; if it is text, name it .csv"
        raise InputError([Finding("error", "wrong_name", message, path.name, advice=advice)])
    return "dataset_json" if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and _JSON in start else "text"


def _start(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as stream:
        return stream.read(4096)


def missing_file(path: Path) -> Finding:
    """A finding for a raw file that is not there, with what lies in the folder."""
    from compassion_trials.core.errors import nearest

    if not path.parent.is_dir():
        advice = f"the folder {path.parent.as_posix()} does not exist either; set data_root in the plan"
    else:
        advice = nearest(path.name, sorted(p.name for p in path.parent.iterdir() if p.is_file()))
    return Finding("error", "file_missing", "the raw file does not exist", path.name, advice=advice)


def decode(content: bytes, file: str, encoding: str | None = None) -> tuple[str, str]:
    """Text of a file and its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, else Windows-1252.

    Raises
    ------
    InputError
        The encoding named in the plan is unknown or does not fit.
    """
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), encoding
        except (LookupError, UnicodeDecodeError):
            advice = "leave the key encoding out to have it guessed; common ones are utf-8, cp1252, latin-1"
            raise InputError(
                [
                    Finding(
                        "error",
                        "encoding",
                        "the file is not in this encoding",
                        file,
                        None,
                        "",
                        value=encoding,
                        advice=advice,
                    )
                ]
            ) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "cp1252"


def guess_delimiter(text: str) -> str:
    """The delimiter with which the first rows have the same, largest number of cells; a comma when none fits."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return " " if not best_score[1] and _by_blanks(text) else best


def _by_blanks(text: str) -> bool:
    """Whether blanks part the cells, as R's write.table has them: every row as wide as the first, or wider by one."""
    widths = _widths(text, " ")
    return len(widths) > 1 and widths[0] > 1 and set(widths[1:]) in ({widths[0]}, {widths[0] + 1})


def _widths(text: str, delimiter: str, rows: int = 30) -> list[int]:
    """Numbers of cells in the first rows."""
    widths = []
    try:
        lines = text[:200_000].splitlines(keepends=True)
        for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " "):
            if row:
                widths.append(len(row))
            if len(widths) == rows:
                break
    except csv.Error:
        return []
    return widths


def guess_decimal(rows: Sequence[Sequence[str]]) -> str:
    """Decimal sign of a grid of text cells: ``"."``, ``","`` or ``".,"`` when both occur as such."""
    cells = {cell for row in rows for cell in row if cell}
    commas = [cell for cell in cells if _COMMA_NUMBER.fullmatch(cell)]
    points = any(_POINT_NUMBER.fullmatch(cell) for cell in cells)
    if not commas or all(_THOUSANDS.fullmatch(cell) for cell in commas):
        return "."
    return ".," if points else ","


def both_decimals(rows: Sequence[Sequence[str]]) -> bool:
    """Whether decimal points and decimal commas both occur, points that part thousands (1.000) left aside."""
    cells = {cell for row in rows for cell in row if cell}
    points = any(_POINT_NUMBER.fullmatch(cell) and not _POINT_THOUSANDS.fullmatch(cell) for cell in cells)
    return points and any(_COMMA_NUMBER.fullmatch(cell) and not _THOUSANDS.fullmatch(cell) for cell in cells)


def survey_tool(rows: Sequence[Sequence[str]]) -> Format | None:
    """The survey tool that wrote a grid, by its first rows; None for a plain table."""
    first = [cell.strip() for cell in rows[0]]
    if is_qualtrics(rows) or is_qualtrics_legacy(rows):
        return "qualtrics"
    if any(name.startswith("redcap_") for name in first) or (
        any(name.endswith("_complete") for name in first) and first[0] in ("record_id", "study_id", "participant_id")
    ):
        return "redcap"
    if is_limesurvey(first):
        return "limesurvey"
    return None


def is_qualtrics(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are those of a Qualtrics export: names, texts, import ids."""
    imports = any(cell.startswith('{"ImportId"') for row in rows[1:3] for cell in row)
    return imports or {"ResponseId", "Finished", "RecordedDate"} <= set(rows[0])


def is_qualtrics_legacy(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are those of the older Qualtrics export: V1 ..., then names."""
    return rows[0][0] == "V1" and len(rows) > 1 and any(cell in ("ResponseID", "ResponseSet") for cell in rows[1])


def is_limesurvey(names: Sequence[str]) -> bool:
    """Whether column names are those of a LimeSurvey export: as codes or as texts, in English."""
    codes = {"submitdate", "lastpage", "startlanguage"}
    texts = {"Date submitted", "Last page", "Start language"}
    found = {name.split(". ")[0] for name in names[:12]}
    return len(found & codes) >= 2 or len({name for name in names[:12]} & texts) >= 2
