"""A .sav file holds the moment of writing in its header; ours holds a fixed one, and is read as any other."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from compassion_trials.core.spss import DATE_OFFSET, FIXED_DATE, fix_date
from compassion_trials.simulate.sheet import Field, Sheet, SheetRow
from compassion_trials.simulate.spss import NO_ANSWER, write_sav

SHEET = Sheet(
    (
        Field("code", "Participant", "design"),
        Field("sex", "Sex", "design", choices={"1": "female", "2": "male"}),
        Field("scs_1", "SCS item 1", "item", "scs", {"1": "1", "5": "5"}),
    ),
    (
        SheetRow(1, "", "real", {"code": "S001", "sex": "2", "scs_1": "4"}),
        SheetRow(2, "", "real", {"code": "S002", "sex": "1", "scs_1": ""}),
        SheetRow(3, "", "real", {"code": "S003", "sex": "1"}),
    ),
)


def test_the_header_date_stands_where_we_patch_it(tmp_path):
    path = tmp_path / "plain.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0]}), path)
    stamp = slice(DATE_OFFSET, DATE_OFFSET + len(FIXED_DATE))
    assert re.fullmatch(rb"\d\d [A-Z][a-z]{2} \d\d\d\d:\d\d:\d\d", path.read_bytes()[stamp])
    before = path.read_bytes()
    fix_date(path)
    after = path.read_bytes()
    assert after[stamp] == FIXED_DATE
    assert after[: stamp.start] + after[stamp.stop :] == before[: stamp.start] + before[stamp.stop :]


def test_blank_answers_are_user_missing_and_missed_visits_are_empty(tmp_path):
    path = tmp_path / "sheet.sav"
    write_sav(SHEET, path)
    table, meta = pyreadstat.read_sav(path, user_missing=True)
    assert table["scs_1"].tolist()[:2] == [4, NO_ANSWER]
    assert np.isnan(table["scs_1"].iloc[2])
    assert pyreadstat.read_sav(path)[0]["scs_1"].isna().tolist() == [False, True, True]
    assert meta.variable_value_labels["sex"] == {1.0: "female", 2.0: "male"}
    assert meta.file_label.startswith("SYNTHETIC")
    assert set(table["SYNTHETIC"]) == {"SYNTHETIC"}


def test_numbers_are_numbers_and_codes_are_text(tmp_path):
    path = tmp_path / "sheet.sav"
    write_sav(SHEET, path)
    table, _ = pyreadstat.read_sav(path)
    assert table["code"].tolist() == ["S001", "S002", "S003"]
    assert table["sex"].tolist() == pytest.approx([2, 1, 1])
