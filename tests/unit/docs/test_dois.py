"""Every DOI in code, docs and data: its form, and its line in the table of what a second source says."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "docs" / "dois.csv"
STATUS = {
    "confirmed": "seen at a second source with the same reference",
    "seen": "seen at a second source without its reference",
    "unconfirmed": "looked up once and not found",
}
EXAMPLES = {"10.1000/xyz"}
"""DOIs that stand for any."""

CANDIDATE = re.compile(r"(?<![\d.])10\.\d{4,9}/[^\s\"'`|\\]+")
FORM = re.compile(r"10\.\d{4,9}/[A-Za-z0-9(][-A-Za-z0-9._;()/:<>]*[A-Za-z0-9)]")
SKIPPED = {".git", ".venv", "__pycache__", ".snakemake", "results", ".pytest_cache", ".ruff_cache", ".mypy_cache"}
TEXT = {".py", ".md", ".yaml", ".yml", ".smk", ".cff", ".toml", ".csv", ".json", ".R", ".html", ".txt", ""}


def files() -> Iterator[Path]:
    """Text files of the project but for the table itself and what runs have made."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(set(below) - SKIPPED)
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix in TEXT and path != TABLE:
                yield path


def trimmed(found: str) -> str:
    """A candidate without the punctuation and brackets of the sentence around it, or of a page behind it."""
    found = re.sub(r"/tables/\d+$", "", found)
    while found and not FORM.fullmatch(found):
        found = found[:-1]
    while found.endswith(")") and found.count(")") > found.count("("):
        found = found[:-1]
    while found.endswith(">") and found.count(">") > found.count("<"):
        found = found[:-1]
    return found.rstrip(".,;:*_-")


def dois() -> dict[str, list[str]]:
    """Every DOI and the files that hold it."""
    held: dict[str, list[str]] = {}
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for match in CANDIDATE.finditer(text):
            doi = trimmed(match.group())
            held.setdefault(doi, []).append(str(path.relative_to(ROOT)))
    return {doi: places for doi, places in held.items() if doi not in EXAMPLES}


HELD = dois()
with TABLE.open(encoding="utf-8", newline="") as stream:
    KNOWN = {row["doi"]: row for row in csv.DictReader(stream)}


@pytest.mark.parametrize("doi", sorted(HELD))
def test_form(doi):
    assert FORM.fullmatch(doi), HELD[doi]
    assert doi.count("(") == doi.count(")"), HELD[doi]
    assert doi.count("<") == doi.count(">"), HELD[doi]
    assert not re.search(r"https?:|doi\.org|\.\.|//", doi), HELD[doi]


def test_every_doi_was_looked_up_once():
    lines = "\n".join(f"{doi},unconfirmed," for doi in sorted(set(HELD) - set(KNOWN)))
    assert set(HELD) <= set(KNOWN), f"look these up, and add to docs/dois.csv:\n{lines}"


def test_the_table_holds_nothing_else():
    assert set(KNOWN) <= set(HELD), "gone from the project: take them out of docs/dois.csv"
    assert list(KNOWN) == sorted(KNOWN)


def test_the_status_is_one_of_three_and_a_source_is_named():
    for doi, row in KNOWN.items():
        assert row["status"] in STATUS, doi
        assert bool(row["seen_in"]) == (row["status"] != "unconfirmed"), doi


def test_fields_hold_bare_dois():
    pattern = re.compile(r"^\s*doi:\s*(.+)$", re.MULTILINE)
    for path in [*ROOT.glob("src/**/*.yaml"), *ROOT.glob("data/**/*.yaml")]:
        for value in pattern.findall(path.read_text(encoding="utf-8")):
            assert value.startswith(("10.", '"10.')), f"{path.name}: {value}"
