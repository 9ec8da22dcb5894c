"""Templates for the tables of the three cited trials: as the ledger has them, and whole when typed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.ledger.checks.checks import check_study
from compassion_trials.ledger.reading.loader import load_published, read_published
from compassion_trials.ledger.recompute import recompute

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "data" / "published"
NAMES = ("frostadottir_2019", "raab_2015", "yadavaia_2014")


DIGITS = {"n": "10", "mean": "3.10", "sd": "1.10", "t": "2.00", "F": "4.00", "df": "9", "df2": "40", "p": "0.50"}
"""What is typed into each column; 0.40 into the others."""


def typed(name: str, folder: Path) -> Path:
    """A template with every waiting cell typed."""
    lines, head = [], []
    for line in (PUBLISHED / "templates" / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
        cells = line.split()
        if cells[:1] == ["measure"]:
            head = cells
        elif "?" in cells and line.startswith("      "):
            pairs = zip(head, cells, strict=True)
            line = "      " + "  ".join(DIGITS.get(c, "0.40") if cell == "?" else cell for c, cell in pairs)
        lines.append(line)
    path = folder / f"{name}.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_how_many_cells_wait(name, tmp_path):
    shutil.copy(PUBLISHED / "templates" / f"{name}.yaml", tmp_path)
    with pytest.raises(InputError) as error:
        load_published(tmp_path)
    (told,) = error.value.findings
    assert "cells wait for the digits of the paper" in told.message


@pytest.mark.parametrize("name", NAMES)
def test_a_typed_template_is_read_with_all_that_the_ledger_had(name, tmp_path):
    now, before = read_published(typed(name, tmp_path)), read_published(PUBLISHED / f"{name}.yaml")
    for key in ("label", "citation", "doi", "design", "randomized", "arms", "control", "visits", "counts"):
        assert getattr(now, key) == getattr(before, key), key
    kept = [claim for claim in before.claims if claim.status != "not read"]
    assert list(now.claims) == kept
    assert {table.name for table in before.tables} <= {table.name for table in now.tables}
    assert recompute(name, now)


def test_the_abstract_is_held_against_the_typed_table(tmp_path):
    study = read_published(typed("raab_2015", tmp_path))
    (told,) = [f for f in check_study("raab_2015", study, [])[0] if f.code == "abstract_differs"]
    assert (told.value, told.column) == (".003", "abstract")
    assert told.expected.startswith("0.50")


def test_an_abstract_that_agrees_is_not_told(tmp_path):
    path = typed("raab_2015", tmp_path)
    text = path.read_text(encoding="utf-8")
    printed = "scs  mbsr  post  pre  2.00  9  0.50  0.40"
    assert printed in text
    path.write_text(text.replace(printed, "scs  mbsr  post  pre  3.30  21  .0034  0.70"), encoding="utf-8")
    study = read_published(path)
    assert not [f for f in check_study("raab_2015", study, [])[0] if f.code == "abstract_differs"]


def test_people_counted_in_the_abstract_bound_the_table(tmp_path):
    path = typed("frostadottir_2019", tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.split()[:3] == ["scs", "cft", "fu"])
    cells = lines[at].split()
    lines[at] = "      " + "  ".join([*cells[:3], "14", *cells[4:]])
    path.write_text("\n".join(lines), encoding="utf-8")
    found = [f for f in check_study("x", read_published(path), [])[0] if f.code == "n_too_large"]
    assert [(f.value, f.expected) for f in found] == [("14", "at most 13")]
    assert "counted at the visit" in found[0].message
