"""Everything a report is made of, read from what the earlier stages wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from compassion_trials.core.files import read_json
from compassion_trials.core.printable import printable
from compassion_trials.core.results import Results
from compassion_trials.figures.stage import INDEX
from compassion_trials.report.model import Figure, Reference
from compassion_trials.report.sections.results_text import Wording
from compassion_trials.study.context import Context
from compassion_trials.study.text import AuthorText
from compassion_trials.tables.material import Material, gather
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.stage import read_tables


@dataclass(frozen=True, slots=True)
class Source:
    """The pieces of a report.

    Attributes
    ----------
    context : Context
    material : Material
        Plan, results, records and findings.
    tables : tuple of TableSpec
    figures : tuple of Figure
    text : AuthorText
        What the authors wrote.
    """

    context: Context
    material: Material
    tables: tuple[TableSpec, ...]
    figures: tuple[Figure, ...]
    text: AuthorText

    @property
    def results(self) -> Results:
        """The results table, indexed."""
        return self.material.results

    @property
    def words(self) -> Wording:
        """What sentences about results need."""
        return Wording(self.context, self.results)

    def tables_of(self, *categories: str) -> tuple[TableSpec, ...]:
        """Tables of these categories, in the order of the index."""
        return tuple(table for table in self.tables if table.category in categories)

    def figures_of(self, *categories: str) -> tuple[Figure, ...]:
        """Figures of these categories, in order."""
        return tuple(figure for figure in self.figures if figure.category in categories)

    def has(self, reference: Reference) -> bool:
        """Whether a table or figure exists."""
        if reference.target == "table":
            return any(table.name == reference.name for table in self.tables)
        return any(figure.name == reference.name for figure in self.figures)

    def methods(self, *stages: str) -> tuple[str, ...]:
        """Sentences that stages left for the Methods section."""
        return tuple(
            sentence
            for stage in stages
            if stage in self.material.records
            for sentence in self.material.records[stage].methods
        )

    def allocated(self, arm: str = "") -> int | None:
        """Participants allocated to an arm, or to all."""
        n = self.results.value("n", analysis="flow", term="allocated", arm=arm)
        return None if isnan(n) else round(n)


def read_source(context: Context) -> Source:
    """Read results, tables, figures and records of a study."""
    return Source(
        context=context,
        material=gather(context),
        tables=tuple(read_tables(context.results.tables)),
        figures=tuple(_figure(entry) for entry in read_json(context.results.figures / INDEX)),
        text=context.text,
    )


def _figure(entry: Mapping[str, Any]) -> Figure:
    """One entry of figures.json."""
    return Figure(
        name=str(entry["name"]),
        title=printable(str(entry["title"])),
        note=printable(str(entry["note"])),
        alt=printable(str(entry["alt"])),
        stem=f"figures/{entry['stem']}",
        width=float(entry["width_inches"]),
        height=float(entry["height_inches"]),
        category=str(entry["category"]),
        analyses=tuple(map(str, entry["analyses"])),
    )
