"""Tables of a Word document."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError

from compassion_trials.ledger.papers.grid import GridCell, PaperTable, is_note, paper_error, spread

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def tables_of_word(content: bytes, file: str) -> tuple[list[PaperTable], bool]:
    """Tables of a document in order, and whether some table stands inside another.

    The caption is the paragraph before a table, or that before it where this one is empty.

    Parameters
    ----------
    content : bytes
    file : str
        For the error.

    Raises
    ------
    InputError
        The file is damaged or no Word document.
    """
    from docx import Document
    from docx.opc.exceptions import OpcError

    damaged = (BadZipFile, OpcError, KeyError, ValueError, SyntaxError, OSError, EOFError, AttributeError, ZlibError)
    try:
        body = Document(BytesIO(content)).element.body
    except damaged as error:
        raise paper_error(
            "the Word document is damaged", type(error).__name__, "open it in Word, save it again", file
        ) from None
    found: list[PaperTable] = []
    before: list[str] = []
    nested = False
    for child in body:
        if child.tag == f"{WORD}p":
            before.append(_text(child))
            if found and not found[-1].note and len(before) == 1 and is_note(before[0]):
                found[-1] = replace(found[-1], note=before.pop())
        elif child.tag == f"{WORD}tbl":
            caption = " ".join([x for x in before if x][-2:])
            found.append(spread(len(found) + 1, caption, _rows(child)))
            nested = nested or child.find(f".//{WORD}tc//{WORD}tbl") is not None
            before = []
    return found, nested


def _rows(table: Any) -> list[list[GridCell]]:
    """Rows of a table; a cell that continues the one above is not repeated."""
    rows: list[list[tuple[int, str, bool, int]]] = []
    for row in table.findall(f"{WORD}tr"):
        cells, column = [], _before(row)
        for cell in row.findall(f"{WORD}tc"):
            span = _value(cell, f"{WORD}tcPr/{WORD}gridSpan") or "1"
            columns = int(span) if span.isdecimal() else 1
            merge = cell.find(f"{WORD}tcPr/{WORD}vMerge")
            going = merge is not None and merge.get(f"{WORD}val", "continue") == "continue"
            cells.append((column, " ".join(_text(p) for p in cell.findall(f"{WORD}p")).strip(), going, columns))
            column += columns
        rows.append(cells)
    out: list[list[GridCell]] = []
    for i, cells in enumerate(rows):
        line = [GridCell("")] * (cells[0][0] if cells else 0)
        for column, text, going, columns in cells:
            if going and i:
                continue
            line.append(GridCell(text, 1 + _below(rows, i, column), columns))
        out.append(line)
    return out


def _below(rows: list[list[tuple[int, str, bool, int]]], i: int, column: int) -> int:
    """How many rows below a cell continue it."""
    count = 0
    for cells in rows[i + 1 :]:
        if not any(c == column and going for c, _, going, _ in cells):
            break
        count += 1
    return count


def _before(row: Any) -> int:
    """Positions that a row leaves free at its beginning."""
    text = _value(row, f"{WORD}trPr/{WORD}gridBefore") or "0"
    return int(text) if text.isdecimal() else 0


def _value(element: Any, path: str) -> str | None:
    """The value of a property."""
    found = element.find(path)
    return None if found is None else str(found.get(f"{WORD}val", ""))


def _text(paragraph: Any) -> str:
    """Text of a paragraph; footnote marks in superscript are left out, but not the 2 of chi-squared."""
    parts: list[str] = []
    for run in paragraph.iter(f"{WORD}r"):
        text = "".join(_piece(node) for node in run)
        raised = _value(run, f"{WORD}rPr/{WORD}vertAlign") == "superscript"
        if not raised or text.strip() == "2":
            parts.append(text)
    return " ".join("".join(parts).split())


def _piece(node: Any) -> str:
    """Text of a node of a run."""
    if node.tag == f"{WORD}t":
        return str(node.text or "")
    if node.tag == f"{WORD}noBreakHyphen":
        return "-"
    return " " if node.tag in (f"{WORD}tab", f"{WORD}br", f"{WORD}cr") else ""
