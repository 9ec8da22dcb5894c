"""Where the numbers come from: raw files with hashes, columns dropped, rows removed, software."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from compassion_trials.core.numbers import DASH, count
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import dash, general, notes

PACKAGES: Final = (
    "compassion-trials",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "pingouin",
    "pyreadstat",
    "openpyxl",
    "matplotlib",
    "snakemake",
    "typst",
)
"""Distributions that take part in the numbers or in the pictures."""


def build(material: Material) -> list[TableSpec]:
    """Tables of inputs, of what was left out, and of software."""
    tables = [_inputs(material), _dropped(material), _removed(material), _software(material)]
    return [table for table in tables if table is not None]


def _inputs(material: Material) -> TableSpec | None:
    """Raw files."""
    files: Any = material.fact("ingest", "inputs", [])
    if not files:
        return None
    heads = [TableColumn(text(head), "left") for head in ("File", "Format", "Encoding")]
    tail = [
        TableColumn(text("Rows")),
        TableColumn(text("Columns")),
        TableColumn(text("SHA-256 (first 16 digits)"), "left"),
    ]
    body = [
        row(
            _name(entry.get("file")),
            _name(entry.get("format")),
            _name(entry.get("encoding")),
            count(entry.get("rows")),
            count(entry.get("columns")),
            _name(str(entry.get("sha256") or "")[:16]),
        )
        for entry in files
    ]
    note = general(material, "Files as they were read.", dash(body, "not applicable"))
    return TableSpec(
        name="inputs",
        title=text("Raw Files"),
        columns=(*heads, *tail),
        rows=tuple(body),
        notes=notes(note),
        category="provenance",
    )


def _dropped(material: Material) -> TableSpec | None:
    """Columns that were dropped before anything was written."""
    dropped: Any = material.fact("ingest", "dropped", [])
    if not dropped:
        return None
    body = [row(_name(entry.get("file")), _name(entry.get("rule")), count(entry.get("n"))) for entry in dropped]
    columns = (TableColumn(text("File"), "left"), TableColumn(text("Rule"), "left"), TableColumn(text("Count")))
    said = "Identifying columns were dropped when the files were read, before anything was written; their names are not"
    note = general(material, f"{said} repeated here.")
    return TableSpec(
        name="deidentification",
        title=text("Columns Dropped to Protect Participants"),
        columns=columns,
        rows=tuple(body),
        notes=notes(note),
        category="provenance",
    )


def _removed(material: Material) -> TableSpec | None:
    """Rows that were removed."""
    removed: Any = [entry for entry in _entries(material.fact("ingest", "removed_rows", [])) if entry.get("n")]
    if not removed:
        return None
    body = [row(_name(entry.get("file")), _name(entry.get("reason")), count(entry.get("n"))) for entry in removed]
    columns = (TableColumn(text("File"), "left"), TableColumn(text("Reason"), "left"), TableColumn(text("Rows")))
    note = general(material, "Rows of the raw files that the plan or the rules of reading leave out.")
    return TableSpec(
        name="removed_rows",
        title=text("Rows Left Out"),
        columns=columns,
        rows=tuple(body),
        notes=notes(note),
        category="provenance",
    )


def _software(material: Material) -> TableSpec:
    """Versions in use."""
    import platform

    body = [row("Python", platform.python_version()), *[row(name, version) for name, version in versions().items()]]
    columns = (TableColumn(text("Software"), "left"), TableColumn(text("Version"), "left"))
    return TableSpec(
        name="software",
        title=text("Software"),
        columns=columns,
        rows=tuple(body),
        notes=notes(general(material)),
        category="provenance",
    )


def versions() -> dict[str, str]:
    """Installed versions of the packages that matter, by name."""
    from importlib.metadata import PackageNotFoundError, version

    from compassion_trials import __version__

    found = {"compassion-trials": __version__}
    for name in PACKAGES[1:]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _entries(value: Any) -> list[Mapping[str, Any]]:
    """Records of a fact that is a list."""
    return list(value) if isinstance(value, list) else []


def _name(value: object) -> str:
    """A word, or an em dash for none."""
    return str(value) if value not in (None, "") else DASH
