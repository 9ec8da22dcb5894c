"""The tables stage: results table and records in, one specification and its readable forms per table out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from compassion_trials.core.files import PART, read_json, write_bytes, write_json
from compassion_trials.study.context import Context
from compassion_trials.tables.builders.mechanism import mediation, moderation, sensitivity
from compassion_trials.tables.builders.outcomes import (
    anova,
    change,
    correlations,
    effects,
    estimands,
    factors,
    families,
    invariance,
    margins,
    means,
    models,
    observed,
    pairs,
    reliability,
)
from compassion_trials.tables.builders.people import (
    baseline,
    clusters,
    dose,
    dropout,
    flow,
    harms,
    issues,
    missing,
    pilot,
    provenance,
)
from compassion_trials.tables.material import Material, gather
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.widths import turned
from compassion_trials.tables.writers.csv import to_csv
from compassion_trials.tables.writers.document import to_docx
from compassion_trials.tables.writers.html import page
from compassion_trials.tables.writers.markdown import to_markdown

BUILDERS: tuple[Callable[[Material], list[TableSpec]], ...] = (
    flow.build,
    baseline.build,
    reliability.build,
    factors.build,
    invariance.build,
    observed.build,
    estimands.build,
    effects.build,
    families.build,
    margins.build,
    change.build,
    pairs.build,
    means.build,
    anova.build,
    models.build,
    clusters.build,
    sensitivity.build,
    mediation.build,
    moderation.build,
    dose.build,
    harms.build,
    pilot.build,
    correlations.build,
    missing.build,
    dropout.build,
    issues.build,
    provenance.build,
)
"""Builders in the order in which a paper shows their tables."""

INDEX = "tables.json"
SUFFIXES = ("json", "html", "md", "csv", "docx")


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Write every table of a study and the index of them.

    Parameters
    ----------
    context : Context
    progress : callable or None
        Told the name of each table.
    """
    tables = build_all(gather(context))
    _clear(context.results.tables)
    for table in tables:
        if progress:
            progress(table.name)
        _write(table, context.results.tables)
    write_json([_entry(table) for table in tables], context.results.tables / INDEX)


def build_all(material: Material) -> list[TableSpec]:
    """All tables that the material can fill, in the order of the report."""
    return [turned(table) for build in BUILDERS for table in build(material)]


def read_tables(folder: Path) -> list[TableSpec]:
    """The specifications that `run` wrote, in the order of the index."""
    return [TableSpec.from_dict(read_json(folder / f"{entry['file']}.json")) for entry in read_json(folder / INDEX)]


def _clear(folder: Path) -> None:
    """Take away the tables of an earlier run: the plan may no longer ask for them."""
    for suffix in (*SUFFIXES, PART.lstrip(".")):
        for path in folder.glob(f"*.{suffix}"):
            path.unlink()


def _write(table: TableSpec, folder: Path) -> None:
    """One table in all its forms."""
    write_json(table.to_dict(), folder / f"{table.name}.json")
    for suffix, content in (("html", page(table)), ("md", to_markdown(table)), ("csv", to_csv(table))):
        write_bytes(content.encode("utf-8"), folder / f"{table.name}.{suffix}")
    write_bytes(to_docx(table, None), folder / f"{table.name}.docx")


def _entry(table: TableSpec) -> dict[str, object]:
    """One line of the index."""
    return {
        "name": table.name,
        "file": table.name,
        "title": table.plain_title,
        "category": table.category,
        "analyses": list(table.analyses),
        "orientation": table.orientation,
    }
