"""Shared tables as files: the same bytes, readable again, no formulas."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyreadstat
from openpyxl import load_workbook

from compassion_trials.deliver.data import Shared
from compassion_trials.deliver.scan import identifying
from compassion_trials.deliver.variables import SharedVariable
from compassion_trials.deliver.writers import to_csv, to_sav, to_xlsx

TABLE = pd.DataFrame(
    {"participant": ["P1", "P2"], "arm": ["act", "list"], "word": ["=1+1", "æøå"], "score": [1.5, float("nan")]}
)
SHARED = Shared(
    "wide",
    "one row per participant",
    TABLE,
    (
        SharedVariable("participant", "Number", "text"),
        SharedVariable("arm", "Arm", "category", {"act": "ACT course", "list": "Wait-list"}),
        SharedVariable("word", "Word", "text"),
        SharedVariable("score", "Score, Baseline", "number", range=(0, 5)),
    ),
)


def test_spss_has_labels(tmp_path: Path) -> None:
    path = tmp_path / "x.sav"
    path.write_bytes(to_sav(SHARED, "SYNTHETIC, a label that is longer than SPSS lets a file label be, so it is cut"))
    frame, meta = pyreadstat.read_sav(path)
    assert frame["arm"].tolist() == [1.0, 2.0]
    assert meta.variable_value_labels == {"arm": {1.0: "ACT course", 2.0: "Wait-list"}}
    assert meta.column_names_to_labels["score"] == "Score, Baseline"
    assert meta.variable_measure["score"] == "scale"
    assert meta.variable_measure["arm"] == "nominal"
    assert frame["score"].isna().tolist() == [False, True]
    assert meta.file_label.startswith("SYNTHETIC")


def test_excel_takes_no_text_for_a_formula() -> None:
    content = to_xlsx({"wide": TABLE})
    sheet = load_workbook(io.BytesIO(content))["wide"]
    assert sheet["C2"].value == "'=1+1"
    assert sheet["C2"].data_type == "s"
    assert sheet["D3"].value is None
    assert sheet["D2"].value == 1.5


def test_the_same_bytes_on_every_run() -> None:
    assert to_xlsx({"wide": TABLE}) == to_xlsx({"wide": TABLE})
    assert to_sav(SHARED, "x") == to_sav(SHARED, "x")
    assert to_csv(TABLE) == to_csv(TABLE)


def test_the_scan_knows_what_identifies() -> None:
    assert identifying("write to jane.doe+x@mail.example.org today") == ("e-mail address",)
    assert identifying("from 192.168.17.4 on") == ("network address",)
    assert identifying("call +49 170 1234567") == ("phone number",)
    assert identifying("call 0171 2345678") == ("phone number",)
    assert identifying('"latitude": 52.5') == ("place on a map",)
    assert identifying("2020-03-01 10:00:00") == ("moment in time",)


def test_the_scan_lets_numbers_pass() -> None:
    for harmless in ("0.123456789", "doi:10.1136/bmj-2024-081123", "version 1.2.3", "+0.25 to 3.5", "94(3), 361-366"):
        assert identifying(harmless) == ()
