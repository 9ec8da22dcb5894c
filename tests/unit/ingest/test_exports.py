"""Real exports beside the project: each is read, or gives one clear message; never a traceback."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.conftest import SHARED
from tests.unit.ingest.first_plan import guess_plan

from compassion_trials.core.errors import InputError
from compassion_trials.ingest.first_plan.preview import preview
from compassion_trials.ingest.people.privacy import identifying
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.readers.table import Reading
from compassion_trials.ingest.values import CellCoding, numbers
from compassion_trials.study.context import open_study

EXPORTS = [p for p in sorted(SHARED.glob("data/exports_*/*")) if p.suffix in (".csv", ".sav", ".dta")]
OTHERS = [p for p in sorted(SHARED.glob("data/*/*")) if p not in EXPORTS]
FORMATS = ("csv", "excel", "spss", "stata", "qualtrics", "redcap", "limesurvey")

pytestmark = pytest.mark.skipif(not EXPORTS, reason="needs the folder of real trials beside the project")

EXPECTED = {
    "qualtRics_sample.csv": ("qualtrics", (1, 20)),
    "qualtRics_sample_legacy.csv": ("qualtrics", (1, 15)),
    "survey_100001_R_data_file.csv": ("limesurvey", (3, 646)),
    "survey_998192_R_data_file.csv": ("limesurvey", (7, 71)),
    "arm-single-longitudinal__data.csv": ("redcap", (9, 6)),
    "clinical-trial-1__data.csv": ("redcap", (500, 13)),
    "decimal-comma__data.csv": ("redcap", (4, 6)),
    "longitudinal__data.csv": ("redcap", (18, 125)),
    "repeating-instruments__data.csv": ("redcap", (6, 15)),
    "survey__data.csv": ("redcap", (2, 33)),
    "plos2021_bp_28.sav": ("spss", (120, 25)),
    "tereco_public_data_wide.dta": ("stata", (119, 83)),
    "TERECO_Public_Data_wide.csv": ("csv", (119, 83)),
}


@pytest.mark.parametrize("path", EXPORTS, ids=lambda p: p.name)
def test_every_export_is_read(path: Path) -> None:
    table = read_raw(path)
    assert len(table.frame)
    assert table.frame.map(lambda cell: isinstance(cell, str)).all(axis=None)
    if path.name in EXPECTED:
        assert (table.format, table.frame.shape) == EXPECTED[path.name]


@pytest.mark.parametrize("path", [*EXPORTS, *OTHERS], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_file_and_no_wrong_format_makes_a_traceback(path: Path) -> None:
    for format_ in (None, *FORMATS):
        assert files_named_by(path, Reading(format=format_)) in ([], [path.name])


def files_named_by(path: Path, reading: Reading) -> list[str]:
    """Files that the message about a raw file names; none when it can be read."""
    try:
        read_raw(path, reading)
    except InputError as error:
        return [finding.file for finding in error.findings]
    return []


@pytest.mark.parametrize("path", EXPORTS, ids=lambda p: p.name)
def test_a_guessed_plan_opens(path: Path, tmp_path: Path) -> None:
    text, notes = guess_plan(path)
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    assert open_study(tmp_path / "study.yaml").plan.data[0].file == path.name
    assert len(notes) > 2


def test_labels_of_the_spss_file() -> None:
    table = read_raw(SHARED / "data/exports_spss_stata/plos2021_bp_28.sav")
    assert table.encoding == "windows-1252"
    assert table.value_labels["SEX"] == {"1": "Male", "2": "Female"}


def test_stata_and_csv_of_one_trial_agree() -> None:
    dta = read_raw(SHARED / "data/exports_spss_stata/tereco_public_data_wide.dta").frame
    csv = read_raw(SHARED / "data/exports_spss_stata/TERECO_Public_Data_wide.csv").frame
    assert list(dta.columns) == list(csv.columns)
    a, b = (numbers(frame, CellCoding()).values for frame in (dta, csv))
    pd.testing.assert_frame_equal(pd.DataFrame(a), pd.DataFrame(b), rtol=1e-6)  # Stata float has 7 digits


def test_redcap_dictionaries_flag_identifiers() -> None:
    folder = SHARED / "data/exports_redcap"
    reading = Reading(dictionary=folder / "clinical-trial-1__dictionary.csv")
    table = read_raw(folder / "clinical-trial-1__data.csv", reading)
    flagged = {"name_last", "name_first", "address", "phone", "dob"}  # the dictionary does not know the e-mail
    assert set(table.identifying) == flagged
    assert set(identifying(table)) == flagged | {"email"}


def test_personal_columns_of_a_redcap_export_are_found_without_its_dictionary() -> None:
    found = {
        c.name for c in preview(SHARED / "data/exports_redcap/clinical-trial-1__data.csv").columns if c.identifying
    }
    assert {"name_last", "name_first", "address", "phone", "dob", "email"} == found


def test_personal_columns_of_a_qualtrics_export() -> None:
    found = {c.name for c in preview(SHARED / "data/exports_qualtrics/qualtRics_sample.csv").columns if c.identifying}
    assert {"IPAddress", "LocationLatitude", "LocationLongitude", "RecipientEmail", "RecipientLastName"} <= found


def test_decimal_comma_export() -> None:
    table = read_raw(SHARED / "data/exports_redcap/decimal-comma__data.csv")
    values = numbers(table.frame[["height", "bmi"]], CellCoding(table.decimal)).values
    assert values[0].tolist() == [1.54, 22.1]
