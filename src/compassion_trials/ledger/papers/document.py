"""Tables of a paper's file, whatever its format."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.readers.formats import decode
from compassion_trials.ledger.papers.grid import PaperTable, paper_error
from compassion_trials.ledger.papers.sheet import tables_of_csv
from compassion_trials.ledger.papers.web import tables_of_html
from compassion_trials.ledger.papers.word import tables_of_word

ENDINGS: Final = (".docx", ".html", ".htm", ".csv")
"""Files whose tables are read."""

SAVE_AS = "save the paper, or its table, as .docx, .html or .csv"


def tables_of(path: Path) -> list[PaperTable]:
    """Tables of a document in order.

    Raises
    ------
    InputError
        The file is missing, damaged, of another kind, or holds no table, each as one sentence.
    """
    if not path.is_file():
        raise paper_error("the file does not exist", advice="see its name", file=path.as_posix())
    content = path.read_bytes()
    if not content.strip():
        raise paper_error("the file is empty", file=path.name)
    nested = False
    if path.suffix.lower() == ".docx":
        found, nested = tables_of_word(content, path.name)
    else:
        text = _text(content, path.name)
        found, nested = (tables_of_csv(text), False) if path.suffix.lower() == ".csv" else tables_of_html(text)
    if nested:
        raise paper_error("a table stands inside a cell of another", advice="take it out of that cell", file=path.name)
    found = [table for table in found if any(cell.text for row in table.cells for cell in row)]
    if not found:
        raise paper_error("the document holds no table", advice=SAVE_AS, file=path.name)
    return found


def _text(content: bytes, file: str) -> str:
    """A text file; no binary one with its name."""
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise paper_error("the file is damaged or no text", advice=SAVE_AS, file=file)
    try:
        return decode(content, file)[0]
    except InputError:
        raise paper_error("the file is damaged or no text", advice=SAVE_AS, file=file) from None


def refused(path: Path, reasons: list[str]) -> InputError:
    """The error of a document none of whose tables can be read, with the reason of each."""
    message = "no table of the document can be read: " + "; ".join(reasons)
    return InputError(
        [Finding("error", "paper", message, path.name, advice="docs/reproduce.md shows what can be read")]
    )
