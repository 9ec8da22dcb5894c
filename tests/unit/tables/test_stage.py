from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.core.files import read_json, write_csv, write_table
from compassion_trials.study.context import Context
from compassion_trials.study.layout import Study
from compassion_trials.tables.stage import SUFFIXES, build_all, read_tables, run


@pytest.fixture
def context(tmp_path, trial) -> Context:
    found = Context(Study("a", tmp_path, Path("study.yaml")), trial.plan, {}, trial.outcomes)
    write_table(trial.results.table, found.results.results)
    trial.records["ingest"].write(found.results.record("ingest"))
    write_csv(trial.findings, found.results.findings("ingest"))
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_table_in_every_form_with_an_index(context, trial):
    told: list[str] = []
    run(context, told.append)
    folder = context.results.tables
    index = read_json(folder / "tables.json")
    names = [table.name for table in build_all(trial)]
    assert [entry["name"] for entry in index] == names == told
    assert set(index[0]) == {"name", "file", "title", "category", "analyses", "orientation"}
    for name in names:
        assert all((folder / f"{name}.{suffix}").stat().st_size > 10 for suffix in SUFFIXES)
    assert tuple(read_tables(folder)) == tuple(build_all(trial))


def test_a_second_run_gives_the_same_bytes(context):
    run(context)
    first = contents(context.results.tables)
    run(context)
    assert contents(context.results.tables) == first


def test_tables_of_an_earlier_run_do_not_linger(context):
    run(context)
    stale = context.results.tables / "effects.dropped_from_the_plan.html"
    stale.write_text("old", encoding="utf-8")
    run(context)
    assert not stale.exists()
