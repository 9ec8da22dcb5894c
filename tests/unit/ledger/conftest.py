"""The publications of the project, recomputed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.ledger.ledger import _published
from compassion_trials.ledger.reading.loader import load_published

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def studies():
    return load_published(ROOT / "data" / "published")


@pytest.fixture(scope="session")
def ledger(studies):
    lines, findings, moved = _published(studies)
    return lines, findings, moved


@pytest.fixture
def lines(ledger):
    """Lines of a study, by keys."""

    def find(study: str, **keys: str):
        found = [x for x in ledger[0] if x.study == study]
        for name, word in keys.items():
            found = [x for x in found if (word in x.what if name == "what" else getattr(x, name) == word)]
        return found

    return find


@pytest.fixture
def findings(ledger):
    """Findings of a study by code."""

    def find(study: str, code: str):
        return [f for f in ledger[1] if f.file == study and f.code == code]

    return find
