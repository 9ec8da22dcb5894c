from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_json, read_table, replacing, sha256, write_bytes, write_json, write_table
from compassion_trials.core.record import Record


def test_a_table_written_twice_has_the_same_bytes(tmp_path: Path) -> None:
    table = pd.DataFrame({"participant": ["1", "2"], "value": [0.1, None]})
    for name in ("one", "two"):
        write_table(table, tmp_path / name / "t.parquet")
    for ending in ("t.parquet", "t.csv"):
        assert sha256(tmp_path / "one" / ending) == sha256(tmp_path / "two" / ending)
    assert read_table(tmp_path / "one" / "t.parquet").equals(table)
    assert (tmp_path / "one" / "t.csv").read_bytes() == b"participant,value\n1,0.1\n2,\n"


def test_json_is_sorted_and_strict(tmp_path: Path) -> None:
    write_json({"b": 1, "a": "ø"}, tmp_path / "x.json")
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == '{\n  "a": "ø",\n  "b": 1\n}\n'
    assert read_json(tmp_path / "x.json") == {"a": "ø", "b": 1}
    with pytest.raises(ValueError):
        write_json({"a": float("nan")}, tmp_path / "y.json")


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    record = Record("ingest", ("One file was read.",), {"rows": 3})
    record.write(tmp_path / "ingest.json")
    assert Record.read(tmp_path / "ingest.json") == record


@pytest.mark.parametrize("content", [b"", b"PAR1 cut off", b'{"a": '])
def test_a_damaged_file_of_an_earlier_stage_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    (tmp_path / "a.json").write_bytes(content)
    for read, name in ((read_table, "a.parquet"), (read_json, "a.json"), (Record.read, "a.json")):
        with pytest.raises(InputError, match="run the stages again"):
            read(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "none.parquet")


def test_a_record_without_its_keys_is_told(tmp_path: Path) -> None:
    write_json({"stage": "fit"}, tmp_path / "fit.json")
    with pytest.raises(InputError, match="run the stages again"):
        Record.read(tmp_path / "fit.json")


def test_a_file_is_the_old_one_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "made" / "report.pdf"
    write_bytes(b"old", path)
    with pytest.raises(OSError), replacing(path) as part:  # noqa: PT012
        part.write_bytes(b"ne")
        assert path.read_bytes() == b"old"
        raise OSError("disk full")
    assert path.read_bytes() == b"old"
    assert [file.name for file in path.parent.iterdir()] == ["report.pdf"]


def test_what_a_killed_run_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    (tmp_path / "report.pdf.part").write_bytes(b"ne")
    write_bytes(b"new", path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"report.pdf": b"new"}


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_table(pd.DataFrame({"value": [1.0]}), path)
    before = path.read_bytes()
    with pytest.raises((TypeError, ValueError)):
        write_table(pd.DataFrame({"value": ["a", 1]}), path)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["t.csv", "t.parquet"]
