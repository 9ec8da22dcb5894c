from __future__ import annotations

import json

import pytest

from compassion_trials.tables.spec import Notes, TableColumn, TableSpec, heading, note_paragraphs, row, spans
from compassion_trials.tables.stage import build_all
from compassion_trials.tables.text import plain, text


def test_every_table_reads_back_from_json(trial, single):
    for table in (*build_all(trial), *build_all(single)):
        assert TableSpec.from_dict(json.loads(json.dumps(table.to_dict()))) == table


def test_rows_must_fit_the_columns():
    columns = (TableColumn(text("a")), TableColumn(text("b")))
    with pytest.raises(ValueError, match='table "t": row of 1 cells, expected 2'):
        TableSpec("t", text("T"), columns, (row("x"),))
    assert TableSpec("t", text("T"), columns, (heading("x"), row("x", "y"))).rows[0].group


def test_spanners_join_neighbours_only():
    act, wait = text("ACT"), text("Wait")
    columns = [TableColumn(text("x"), spanner=s) for s in ((), (), act, act, wait, act)]
    assert spans(tuple(columns)) == [((), 1), ((), 1), (act, 2), (wait, 1), (act, 1)]


def test_notes_stand_in_apa_order():
    notes = Notes(text("All."), (("a", text("First.")), ("b", text("Second."))), text("p < .05."))
    assert [plain(p) for p in note_paragraphs(notes)] == ["Note. All.", "a\u00a0First. b\u00a0Second.", "p < .05."]
    assert note_paragraphs(Notes()) == []
