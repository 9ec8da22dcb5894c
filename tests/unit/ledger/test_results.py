"""The trial's own results by the keys that print names."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import write_table
from compassion_trials.ledger.results import Results

KEYS = {"study": "made", "analysis": "primary", "outcome": "scs.total", "visit": "post", "statistic": "estimate"}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    rows = [
        {**KEYS, "model": "clda", "population": "all", "value": 0.5},
        {**KEYS, "model": "ancova", "population": "all", "value": 0.4},
        {**KEYS, "model": "clda", "population": "all", "statistic": "p", "value": 0.04},
    ]
    write_table(results_table(rows), tmp_path / "results.parquet")
    return Results.read(tmp_path / "results.parquet")


def test_model_and_population_may_be_left_out(results):
    assert [row.value for row in results.find(KEYS)] == [0.5, 0.4]
    assert [row.value for row in results.find({**KEYS, "model": "ancova"})] == [0.4]
    assert results.find({**KEYS, "model": "mmrm"}) == []


def test_other_keys_are_empty_when_left_out(results):
    assert results.find({name: word for name, word in KEYS.items() if name != "visit"}) == []
    assert results.find({**KEYS, "arm": "act"}) == []


def test_the_only_row(results):
    assert results.only(KEYS) is None  # two
    found = results.only({**KEYS, "statistic": "p"})
    assert found is not None
    assert found.value == results.by_id[found.id] == 0.04
    assert results.statistics == {"scs.total": {"estimate", "p"}}
