"""The document model: sections hold blocks, blocks hold text. No format, no markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.text import Run, Style, Text, text

Target = Literal["table", "figure"]
"""What a cross-reference points to."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A cross-reference that prints as "Table 3" or "Figure 1".

    Attributes
    ----------
    target : {"table", "figure"}
    name : str
        Name of the table or figure, which must be in the document.
    """

    target: Target
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web address; prints as itself."""

    address: str


@dataclass(frozen=True, slots=True)
class Cited:
    """Text whose numbers come from somewhere (`cite.cited`); prints as its text.

    Attributes
    ----------
    text : str
    sources : tuple of str
        Such as ``row:12``.
    style : {"plain", "italic", "bold", "superscript", "subscript"}
    """

    text: str
    sources: tuple[str, ...]
    style: Style = "plain"


Piece = Run | Reference | Link | Cited
"""Part of a text."""

Inline = tuple[Piece, ...]
"""Text of a paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``style``: plain, lead (main result), intro (stays with what follows) or prompt (to authors)."""

    content: Inline
    style: Literal["plain", "lead", "intro", "prompt", "reference"] = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by its files.

    Attributes
    ----------
    name : str
    title, note, alt : str
    stem : str
        Path without ending, relative to the folder of the study's results.
    width, height : float
        Inches.
    category : str
    analyses : tuple of str
        Values of the column ``analysis`` of the results table from which the numbers come.
    """

    name: str
    title: str
    note: str
    alt: str
    stem: str
    width: float
    height: float
    category: str = ""
    analyses: tuple[str, ...] = ()


Block = Paragraph | Bullets | TableSpec | Figure
"""Part of a section."""

NumberedBlock = TableSpec | Figure
"""A block that sentences may refer to by its number."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it.

    Attributes
    ----------
    key : str
        Anchor: letters, digits, hyphens.
    title : str
    blocks : tuple of Block
    sections : tuple of Section
        Sections one level below.
    """

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes
    ----------
    title : str
    kind : str
        What kind of document it is, above the title.
    authors : tuple of str
    lines : tuple of str
        Further lines of the title page.
    banner : str
        Warning over the whole document, empty for none.
    sections : tuple of Section
    numbers : dict of (str, str) to int
        Number of each table and figure, by target and name, in order of appearance.
    """

    title: str
    kind: str
    authors: tuple[str, ...]
    lines: tuple[str, ...]
    banner: str
    sections: tuple[Section, ...]
    numbers: dict[tuple[str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        """Number tables and figures in the order in which they stand."""
        found: dict[tuple[str, str], int] = {}
        counts = {"table": 0, "figure": 0}
        for block in self.blocks():
            target = _target(block)
            if target is not None and isinstance(block, NumberedBlock):
                counts[target] += 1
                found[target, block.name] = counts[target]
        object.__setattr__(self, "numbers", found)

    def blocks(self) -> Iterator[Block]:
        """All blocks in reading order."""
        for section in self.walk():
            yield from section.blocks

    def walk(self) -> Iterator[Section]:
        """All sections in reading order."""

        def inside(sections: tuple[Section, ...]) -> Iterator[Section]:
            for section in sections:
                yield section
                yield from inside(section.sections)

        return inside(self.sections)


def line(*parts: str | Text | Inline | Piece) -> Inline:
    """Join plain strings, texts, cited pieces, references and links to one inline text."""
    joined: list[Piece] = []
    for part in parts:
        pieces = part if isinstance(part, tuple) else (part,)
        for piece in pieces:
            joined += [piece] if isinstance(piece, Reference | Link | Cited) else text(piece)
    return tuple(joined)


def sentences(*parts: Inline) -> Inline:
    """Sentences joined by spaces; empty ones are left out."""
    kept = [part for part in parts if part]
    return line(*(piece for i, part in enumerate(kept) for piece in ((" ", part) if i else (part,))))


def words(content: Inline, numbers: dict[tuple[str, str], int]) -> str:
    """The characters of an inline text without styles."""
    return "".join(
        piece.text
        if isinstance(piece, Run | Cited)
        else piece.address
        if isinstance(piece, Link)
        else label(piece, numbers)
        for piece in content
    )


def label(reference: Reference, numbers: dict[tuple[str, str], int]) -> str:
    """What a reference prints, such as ``Table 3``, with a no-break space."""
    return f"{reference.target.capitalize()}\u00a0{numbers[reference.target, reference.name]}"


def with_ranges(content: Inline, numbers: dict[tuple[str, str], int]) -> Inline:
    """The text with three or more references in a row as a range: "Table 4 to Table 7".

    Examples
    --------
    >>> numbers = {("table", name): i for i, name in enumerate("abc", start=4)}
    >>> told = line(Reference("table", "a"), ", ", Reference("table", "b"), " and ", Reference("table", "c"), ".")
    >>> words(with_ranges(told, numbers), numbers).replace(chr(160), " ")
    'Table 4 to Table 6.'
    """
    pieces, i = list(content), 0
    while i < len(pieces):
        end = i
        while _next(pieces, end, numbers):
            end += 2
        if end - i >= 4:
            if pieces[end - 1] == Run(" and ") and i and pieces[i - 1] == Run(", "):
                pieces[i - 1] = Run(" and ")  # the range is the last of the list now
            pieces[i + 1 : end] = [Run(" to ")]
        i += 1
    return tuple(pieces)


def _next(pieces: list[Piece], at: int, numbers: dict[tuple[str, str], int]) -> bool:
    """Whether a joint and the reference of the next number follow a reference."""
    if at + 2 >= len(pieces):
        return False
    here, joint, there = pieces[at : at + 3]
    if not (isinstance(here, Reference) and isinstance(there, Reference) and joint in (Run(", "), Run(" and "))):
        return False
    first, second = (numbers.get((r.target, r.name)) for r in (here, there))
    return here.target == there.target and first is not None and second == first + 1


def _target(block: Block) -> Target | None:
    """Whether a block is numbered, and how it is called."""
    if isinstance(block, TableSpec):
        return "table"
    return "figure" if isinstance(block, Figure) else None
