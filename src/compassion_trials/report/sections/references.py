"""References in APA style (Publication Manual, 7th ed., ch. 9 and 10): questionnaires and methods that were used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from compassion_trials.core.yaml import load_yaml
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Inline, Link, Paragraph, Section, line
from compassion_trials.report.source import Source
from compassion_trials.report.wording import stopped
from compassion_trials.tables.text import Run, plain, text

if TYPE_CHECKING:
    from compassion_trials.instruments.model import Instrument

FILE: Final = Path(__file__).parent.parent / "data" / "references.yaml"

_PLACE = re.compile(r"(?<=[.?!] )([A-Z][^.?!;()]{3,}?, )(\d+)(?=[(,])")
"""Journal and volume in a citation that is a finished text."""

_ADDRESS = re.compile(r"\S*/\S*")
_RANGE = re.compile(r"(?<=\d)-(?=\d)")

_BOOK = re.compile(r"\*([^*]+)\*")
"""Title of a book in a citation that is a finished text."""

_YEAR = re.compile(r" \((\d{4})\)")
_AUTHOR = re.compile(r"([^,&]+), (?:[A-ZÀ-Þ]\.[-\s]?)+")


@dataclass(frozen=True, slots=True)
class MethodSource:
    """A source of methods.

    Attributes
    ----------
    key : str
    when : tuple of str
        Words of the Methods sentences that call for it.
    authors : tuple of str
        "Family, I. I.", in order.
    year : int
    title : str
        In sentence case.
    container : str
        Journal or proceedings; empty for a book.
    volume, issue, pages, publisher, doi : str
        Empty when there is none.
    unconfirmed : str
        What of it nobody found at a second source; the authors' to-do list says it.
    """

    key: str
    when: tuple[str, ...]
    authors: tuple[str, ...]
    year: int
    title: str
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    doi: str = ""
    unconfirmed: str = ""

    @property
    def families(self) -> tuple[str, ...]:
        """Family names."""
        return tuple(author.partition(",")[0] for author in self.authors)


@cache
def library() -> tuple[MethodSource, ...]:
    """All sources of methods."""
    content = load_yaml(FILE)
    assert isinstance(content, dict)
    return tuple(_entry(key, fields) for key, fields in content.items())


def _entry(key: str, fields: Mapping[str, Any]) -> MethodSource:
    """One entry of the file."""
    when, authors = (tuple(str(v) for v in fields[name]) for name in ("when", "authors"))
    rest: dict[str, Any] = {
        name: str(value) for name, value in fields.items() if name not in ("when", "authors", "year")
    }
    return MethodSource(key=key, when=when, authors=authors, year=int(str(fields["year"])), **rest)


def used(sentences: str) -> tuple[MethodSource, ...]:
    """Sources that the Methods call for, in alphabetical order."""
    said = sentences.casefold().replace("’", "'")
    found = [e for e in library() if any(words.casefold().replace("’", "'") in said for words in e.when)]
    return tuple(sorted(found, key=lambda entry: (entry.families, entry.year)))


def in_text(entry: MethodSource) -> str:
    """A narrative citation in a list: "Kenward & Roger (1997)", "Imai et al. (2010)"."""
    return f"{_short(entry.families)} ({entry.year})"


def reference(entry: MethodSource) -> Inline:
    """An entry of the reference list.

    Examples
    --------
    >>> "".join(run.text for run in reference(Entry("k", (), ("Hay, A.", "Low, B."), 1999, "A title", "Journal", "2")))
    'Hay, A., & Low, B. (1999). A title. Journal, 2.'
    """
    head = f"{_authors(entry.authors)} ({entry.year}). "
    if not entry.container:
        body = text(head, Run(entry.title, "italic"), f". {entry.publisher}." if entry.publisher else ".")
    else:
        place = entry.container + (f", {entry.volume}" if entry.volume else "")
        issue = f"({entry.issue})" if entry.issue else ""
        pages = f", {entry.pages}" if entry.pages else ""
        body = text(head, f"{stopped(entry.title)} ", Run(place, "italic"), f"{issue}{pages}.")
    address = (" ", Link(f"https://doi.org/{entry.doi}")) if entry.doi else ()
    return line(body, *address)


def _authors(names: tuple[str, ...]) -> str:
    """Authors with an ampersand before the last; of more than 20 the first 19 and the last."""
    if len(names) > 20:
        return f"{', '.join(names[:19])}, ... {names[-1]}"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"


def finished(citation: str) -> Inline:
    """A citation that is a text already: title of a book or journal and volume in italics, en dashes in ranges."""
    words = stopped(" ".join(citation.split())).split(" ")
    shown = " ".join(word if _ADDRESS.match(word) else _RANGE.sub("–", word) for word in words)
    book = _BOOK.search(shown)
    place = book or _PLACE.search(shown)
    if place is None:
        return line(shown)
    return line(text(shown[: place.start()], Run(place[1 if book else 0], "italic"), shown[place.end() :]))


def cited_as(citation: str) -> str:
    """How a citation that is a finished text is cited in parentheses; empty when it names no authors and year.

    Examples
    --------
    >>> cited_as("Hay, A.-B., Low, C. D., & Rye, E. (1999). A title. Journal, 2, 3-4.")
    'Hay et al., 1999'
    """
    year = _YEAR.search(citation)
    if year is None:
        return ""
    authors = citation[: year.start()]
    names = [name.strip() for name in _AUTHOR.findall(authors)] or [authors]  # a group has no initials
    return f"{_short(names)}, {year[1]}"


def _short(names: Sequence[str]) -> str:
    """Family names in a citation: the first of more than two."""
    return f"{names[0]} et al." if len(names) > 2 else " & ".join(names)


def references(source: Source) -> Section | None:
    """Questionnaires, the study's own source and methods, alphabetical."""
    found: dict[str, Inline] = {}
    for instrument in _instruments(source):
        address = f"https://doi.org/{instrument.doi}" if instrument.doi else ""
        known = line(finished(instrument.citation), *((" ", Link(address)) if address else ()))
        found[instrument.citation] = _sourced(known, f"reference:{instrument.id}")
        for further in instrument.also:
            found[further] = _sourced(finished(further), f"reference:{instrument.id}")
    if source.context.plan.report.citation:
        found[source.context.plan.report.citation] = _sourced(
            finished(source.context.plan.report.citation), "plan:report.citation"
        )
    for entry in used(method_sentences(source)):
        found[plain(tuple(run for run in reference(entry) if isinstance(run, Run)))] = _sourced(
            reference(entry), f"reference:{entry.key}"
        )
    if not found:
        return None
    listed = (Paragraph(found[key], "reference") for key in sorted(found, key=str.casefold))
    return Section("references", "References", tuple(listed))


def unconfirmed(source: Source) -> tuple[str, ...]:
    """References of this report of which something was not found at a second source, and what."""
    entries = [(cited_as(i.citation) or i.name, i.unconfirmed) for i in _instruments(source) if i.unconfirmed] + [
        (in_text(entry), entry.unconfirmed) for entry in used(method_sentences(source)) if entry.unconfirmed
    ]
    return tuple(f"{who}: {what}" for who, what in sorted(entries))


def _instruments(source: Source) -> list[Instrument]:
    """Questionnaires of the plan, by name."""
    names = sorted({m.instrument for m in source.context.plan.measures.values() if m.instrument})
    return [source.context.instruments[name] for name in names]


def method_sentences(source: Source) -> str:
    """All sentences on methods that the stages left."""
    return " ".join(sentence for record in source.material.records.values() for sentence in record.methods)


def sources_of_methods(source: Source) -> Inline:
    """A sentence that cites the sources, so that none stands in the list uncited; empty when there are none."""
    entries = used(method_sentences(source))
    if not entries:
        return ()
    parts = [cited(in_text(entry), f"reference:{entry.key}") for entry in entries]
    joined = [piece for i, part in enumerate(parts) for piece in (("; ", part) if i else (part,))]
    return line("Sources of the methods: ", *joined, ".")


def _sourced(content: Inline, origin: str) -> Inline:
    """Runs of a reference with their source; links stay."""
    return line(*(cited(run.text, origin, style=run.style) if isinstance(run, Run) else run for run in content))
