"""jamovi, JASP, SAS, parquet, Dataset-JSON: values, labels, missing codes, filters, and what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from tests.conftest import SHARED
from tests.unit.ingest.containers import jamovi, jasp, zipped

from compassion_trials.core.errors import InputError
from compassion_trials.ingest.readers import container
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import RawTable

NAN = float("nan")
FIELDS = [
    {"name": "id", "type": "string", "dataType": "Text", "measureType": "ID", "values": ["K7", "k8", None]},
    {"name": "arm", "type": "integer", "dataType": "Text", "values": [1, 0, None]},
    {"name": "sex", "type": "integer", "dataType": "Integer", "values": [1, 2, 2]},
    {"name": "scs_1", "type": "integer", "dataType": "Integer", "values": [5, 99, None],
     "missingValues": ["== 99"], "description": "I am kind to myself"},
    {"name": "bdi", "type": "number", "dataType": "Decimal", "values": [10.5, NAN, 12.0]},
    {"name": "Filter 1", "type": "integer", "dataType": "Integer", "columnType": "Filter", "active": True,
     "values": [1, 0, 1]},
    {"name": "", "type": "integer", "dataType": "Integer", "columnType": "None", "values": []},
]  # fmt: skip
LABELS = {"arm": [(0, "Wait-list"), (1, "MBCT")], "sex": [(1, "female"), (2, "male")]}


def cells(table: RawTable) -> dict[str, list[str]]:
    return {str(name): table.frame[name].tolist() for name in table.frame}


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_raw(path)
    (finding,) = caught.value.findings
    assert finding.file == path.name
    return finding.message


def test_a_jamovi_file(tmp_path: Path) -> None:
    table = read_raw(jamovi(tmp_path / "trial.omv", FIELDS, LABELS))
    assert table.format == "jamovi"
    assert cells(table) == {
        "id": ["K7", "k8", ""],
        "arm": ["MBCT", "Wait-list", ""],  # codes of texts are jamovi's own
        "sex": ["1", "2", "2"],
        "scs_1": ["5", "99", ""],
        "bdi": ["10.5", "", "12"],
    }
    assert table.value_labels == {"sex": {"1": "female", "2": "male"}}
    assert table.missing_codes == {"scs_1": {"99": "== 99"}}
    assert table.labels == {"scs_1": "I am kind to myself"}
    (finding,) = table.findings
    assert (finding.severity, finding.code, finding.column) == ("warning", "filter", "Filter 1")
    assert "leaves out 1 rows" in finding.message


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("== 99", {"99"}),
        (">= 5", {"5", "99"}),
        ("< 6", {"5"}),
        ("!= 5", {"99"}),
        ("<= 5", {"5"}),
        ("> 99", set()),
        ("== 'x'", set()),
    ],
)
def test_rules_of_missing_values(tmp_path: Path, rule: str, expected: set[str]) -> None:
    field = {**FIELDS[3], "missingValues": [rule]}
    table = read_raw(jamovi(tmp_path / "trial.omv", [*FIELDS[:3], field], LABELS))
    assert set(table.missing_codes.get("scs_1", {})) == expected


def test_a_jamovi_file_that_lacks_bytes_is_refused(tmp_path: Path) -> None:
    path = jamovi(tmp_path / "cut.omv", FIELDS, LABELS, **{"data.bin": b"\0" * 12})
    assert "damaged or cut off" in refused(path)


COLUMNS = [
    {"name": "id", "kind": "nominal", "values": ["a1", "a2", "a3"], "labels": {"a1": "a1"}},
    {"name": "arm", "kind": "nominal", "values": [2, 1, 2], "labels": {1: "MBSR", 2: "Wait-list"}, "title": "Group"},
    {"name": "scs", "kind": "scale", "values": [3.25, 4, "NA"]},
]


@pytest.mark.parametrize("paired", [True, False])
def test_a_jasp_file(tmp_path: Path, paired: bool) -> None:
    """Two columns a variable until 0.95, one since; the archive says the same version in both."""
    table = read_raw(jasp(tmp_path / "trial.jasp", COLUMNS, paired, filtered=(1,)))
    assert table.format == "jasp"
    assert cells(table) == {"id": ["a1", "a2", "a3"], "arm": ["2", "1", "2"], "scs": ["3.25", "4", ""]}
    assert table.value_labels == {"arm": {"1": "MBSR", "2": "Wait-list"}}
    assert table.labels == {"arm": "Group"}
    (finding,) = table.findings
    assert "leaves out 1 rows" in finding.message


def test_a_jasp_file_without_its_database_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refused(zipped(tmp_path / "trial.jasp", {"internal.sqlite": b"SQLite format 3\0" + b"\0" * 90}))


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"manifest.json": b"{}", "data.bin": b"", "xdata.json": b"{}"}, "an old JASP"),
        ({"word/document.xml": b""}, "a Word document"),
        ({"content.xml": b"", "mimetype": b""}, "an OpenDocument file"),
        ({"pre.csv": b"id,x\n1,2\n"}, "a zip archive without a table"),
    ],
)
def test_other_archives_are_named(tmp_path: Path, members: dict[str, bytes], what: str) -> None:
    assert what in refused(zipped(tmp_path / "trial.zip", members))


def test_an_archive_larger_than_it_looks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "LARGEST", 20)
    assert "unpacks to more than" in refused(jamovi(tmp_path / "trial.omv", FIELDS, LABELS))


FRAME = pd.DataFrame({"id": ["A", "B"], "scs": [3.5, NAN], "n": [1.0, 2.0]})


def test_sas_transport(tmp_path: Path) -> None:
    for version in (5, 8):
        path = tmp_path / f"v{version}.xpt"
        labels = ["Id", "Self-compassion", ""]
        pyreadstat.write_xport(FRAME, str(path), file_format_version=version, column_labels=labels)
        table = read_raw(path)
        assert table.format == "sas_transport"
        assert cells(table) == {"id": ["A", "B"], "scs": ["3.5", ""], "n": ["1", "2"]}
        assert table.labels["scs"] == "Self-compassion"


def test_a_damaged_sas_data_set(tmp_path: Path) -> None:
    path = tmp_path / "trial.sas7bdat"
    magic = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
    path.write_bytes(magic + bytes(200))
    assert "this SAS file cannot be read" in refused(path)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "trial.parquet"
    frame = FRAME.assign(arm=pd.Categorical(["mbct", None]), day=pd.to_datetime(["2024-02-29", None]))
    frame.to_parquet(path)
    table = read_raw(path)
    assert table.format == "parquet"
    assert cells(table) == {
        "id": ["A", "B"], "scs": ["3.5", ""], "n": ["1", "2"], "arm": ["mbct", ""], "day": ["2024-02-29", ""],
    }  # fmt: skip
    path.write_bytes(path.read_bytes()[:60])
    assert "this parquet file cannot be read" in refused(path)


DATASET = {
    "datasetJSONCreationDateTime": "2026-01-31T10:00:00",
    "datasetJSONVersion": "1.1.0",
    "name": "ADQS",
    "label": "Questionnaires",
    "records": 2,
    "columns": [
        {"itemOID": "IT.USUBJID", "name": "USUBJID", "label": "Unique Subject Identifier", "dataType": "string"},
        {"itemOID": "IT.AVAL", "name": "AVAL", "label": "Analysis Value", "dataType": "float"},
        {"itemOID": "IT.ABLFL", "name": "ABLFL", "label": "", "dataType": "boolean"},
    ],
    "rows": [["T-01", 3.0, True], ["T-02", None, None]],
}


def written(path: Path, **changes: object) -> Path:
    path.write_text(json.dumps({**DATASET, **changes}), encoding="utf-8")
    return path


def test_dataset_json(tmp_path: Path) -> None:
    table = read_raw(written(tmp_path / "adqs.json"))
    assert (table.format, table.title) == ("dataset_json", "Questionnaires")
    assert cells(table) == {"USUBJID": ["T-01", "T-02"], "AVAL": ["3", ""], "ABLFL": ["true", ""]}
    assert table.labels == {"USUBJID": "Unique Subject Identifier", "AVAL": "Analysis Value"}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"datasetJSONVersion": "1.0.0"}, "version 1.1 is read"),
        ({"rows": [["T-01", 3.0, True], ["T-02", 1.0]]}, "rows have 2 values"),
        ({"records": 3}, "says 3 records and holds 2"),
        ({"columns": None}, "damaged or cut off"),
    ],
)
def test_dataset_json_that_contradicts_itself(tmp_path: Path, changes: dict[str, object], what: str) -> None:
    assert what in refused(written(tmp_path / "adqs.json", **changes))


REAL = SHARED / "data" / "exports_jamovi"


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the folder of real trials beside the project")
@pytest.mark.parametrize("name", ["bfi_sample2", "bfi_sample3", "ToothGrowth"])
def test_real_jamovi_files_hold_what_their_csv_holds(name: str) -> None:
    table = read_raw(REAL / f"{name}.omv").frame.set_index("ID")
    expected = pd.read_csv(REAL / f"{name}.csv", dtype=str, keep_default_na=False).set_index("ID")
    shared = [column for column in expected if column in table]
    assert len(shared) >= 5
    assert sorted(table.index) == sorted(expected.index)
    for column in shared:
        ours, theirs = table[column], expected[column].reindex(table.index).replace("NA", "")
        numbers = pd.to_numeric(theirs, errors="coerce")
        if numbers.notna().any():
            pd.testing.assert_series_equal(pd.to_numeric(ours), numbers, check_dtype=False, rtol=1e-12)
        else:
            assert ours.tolist() == theirs.tolist()


JASP = SHARED / "data" / "exports_jasp"


@pytest.mark.skipif(not JASP.is_dir(), reason="needs the folder of real trials beside the project")
@pytest.mark.parametrize("name", ["mixed_0.97", "mixed_with_output_0.97"])
def test_real_jasp_files_hold_what_their_csv_holds(name: str) -> None:
    expected = pd.read_csv(JASP / "mixed.csv", dtype=str)
    assert read_raw(JASP / f"{name}.jasp").frame.reset_index(drop=True).to_dict() == expected.to_dict()


@pytest.mark.skipif(not JASP.is_dir(), reason="needs the folder of real trials beside the project")
def test_a_jasp_file_of_two_columns_a_variable() -> None:
    table = read_raw(JASP / "bcg_0.95.2.jasp")
    assert table.frame.shape == (13, 13)
    assert table.frame["author"].iloc[0] == "Aronson"
    assert table.frame["year"].iloc[0] == "1948"
    assert table.value_labels == {}
