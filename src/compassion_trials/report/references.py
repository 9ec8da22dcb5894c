"""References in APA style (Publication Manual, 7th ed., ch. 9 and 10): questionnaires and methods that were used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from compassion_trials.core.yaml import load_yaml
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Bullets, Inline, Link, Section, line
from compassion_trials.report.source import Source
from compassion_trials.report.wording import stopped
from compassion_trials.tables.text import Run, plain, text

FILE: Final = Path(__file__).parent / "data" / "references.yaml"

_PLACE = re.compile(r"(?<=[.?!] )([A-Z][^.?!;()]{3,}?, )(\d+)(?=[(,])")
"""Journal and volume in a citation that is a finished text."""


@dataclass(frozen=True, slots=True)
class Entry:
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

    @property
    def families(self) -> tuple[str, ...]:
        """Family names."""
        return tuple(author.partition(",")[0] for author in self.authors)


@cache
def library() -> tuple[Entry, ...]:
    """All sources of methods."""
    content = load_yaml(FILE)
    assert isinstance(content, dict)
    return tuple(_entry(key, fields) for key, fields in content.items())


def _entry(key: str, fields: dict[str, object]) -> Entry:
    """One entry of the file."""
    lists = {name: tuple(str(v) for v in fields[name]) for name in ("when", "authors")}  # type: ignore[attr-defined]
    rest = {name: str(value) for name, value in fields.items() if name not in (*lists, "year")}
    return Entry(key=key, year=int(str(fields["year"])), **lists, **rest)  # type: ignore[arg-type]


def used(sentences: str) -> tuple[Entry, ...]:
    """Sources that the Methods call for, in alphabetical order."""
    said = sentences.casefold().replace("’", "'")
    found = [e for e in library() if any(words.casefold().replace("’", "'") in said for words in e.when)]
    return tuple(sorted(found, key=lambda entry: (entry.families, entry.year)))


def in_text(entry: Entry) -> str:
    """A narrative citation in a list: "Kenward & Roger (1997)", "Imai et al. (2010)"."""
    names = entry.families
    who = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
    return f"{who} ({entry.year})"


def reference(entry: Entry) -> Inline:
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
    """A citation that is a text already: journal and volume in italics, en dashes in ranges."""
    shown = re.sub(r"(?<=\d)-(?=\d)", "–", stopped(" ".join(citation.split())))
    place = next(iter(_PLACE.finditer(shown)), None)
    if place is None:
        return line(shown)
    return line(text(shown[: place.start()], Run(place.group(), "italic"), shown[place.end() :]))


def references(source: Source) -> Section | None:
    """Questionnaires, the study's own source and methods, alphabetical."""
    found: dict[str, Inline] = {}
    for name in sorted({m.instrument for m in source.context.plan.measures.values() if m.instrument}):
        instrument = source.context.instruments[name]
        address = f"https://doi.org/{instrument.doi}" if instrument.doi else ""
        known = line(finished(instrument.citation), *((" ", Link(address)) if address else ()))
        found[instrument.citation] = _sourced(known, f"reference:{name}")
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
    return Section("references", "References", (Bullets(tuple(found[key] for key in sorted(found, key=str.casefold))),))


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
