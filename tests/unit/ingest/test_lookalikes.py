"""Cells that look like one thing and are another: blank words that are values, marks, ticks, accents, quotes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from tests.unit.ingest.trial import HEADER, LONG, codes, long, one, trial, write

from compassion_trials.core.folding import fold, one_line
from compassion_trials.ingest.people import identity
from compassion_trials.ingest.stage import ingest
from compassion_trials.ingest.thousands import NumberMarks, marks
from compassion_trials.ingest.values import canonical, is_blank, number, several_answers

PEOPLE = [f"{i},{'AB'[i % 2]},{t},{i % 4},{(i + t) % 4},{i % 3},{(i * t) % 4}" for i in range(1, 13) for t in (1, 2)]
"""Twelve people at two visits."""


def with_column(name: str, words: list[str]) -> tuple[str, list[str]]:
    """Header and rows with one more column, the same word at both visits of a person."""
    return f"{HEADER},{name}", [f"{row},{words[int(row.split(',')[0]) % len(words)]}" for row in PEOPLE]


def test_texts_that_look_the_same_are_the_same() -> None:
    assert fold("I don\u2019t\u00a0know") == "I don't know"
    assert fold(unicodedata.normalize("NFD", "Föreläsning")) == "Föreläsning"
    assert fold("  a\u200b\r\n b\ufeff ") == "a b"
    assert fold("plain") == "plain"
    assert one_line("the\nperson\u2019s  code") == "the person\u2019s code"


def test_a_listed_blank_word_is_a_value(tmp_path: Path) -> None:
    header, rows = with_column("drug", ["None", "SSRI", "NA"])
    values = {"None": "none", "SSRI": "ssri"}
    result = long(tmp_path, *rows, header=header, baseline={"drug": {"column": "drug", "values": values}})
    assert result.participants["drug"].value_counts().to_dict() == {"none": 4, "ssri": 4}
    assert is_blank(pd.Series(["None", "NA", ""]), ["none"]).tolist() == [False, True, True]


def test_what_the_file_calls_missing_is_a_value_when_the_plan_lists_it(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": range(1, 9), "arm": [1, 2] * 4, "x": [1.0, 9.0] * 4, "y_1": 5.0, "y_2": 6.0})
    frame.loc[0, "y_1"] = 7.0
    pyreadstat.write_sav(frame, str(tmp_path / "raw.sav"), missing_ranges={"x": [9]})
    total = {"total": {"pre": "y_1", "post": "y_2"}, "name": "Y", "range": [0, 9], "better": "lower", "role": "primary"}
    part = {"file": "raw.sav", "id": "id", "arm": {"column": "arm", "values": {1: "act", 2: "wait"}}}
    part["baseline"] = {"x": {"column": "x", "values": {1: "one", 9: "nine"}}}
    people = ingest(trial(tmp_path, part, measures={"y": total})).participants
    assert people["x"].tolist() == ["one", "nine"] * 4


def test_an_id_is_a_name() -> None:
    assert identity.clean(pd.Series(["1", "1,000", "1.000"])).tolist() == ["1", "1,000", "1.000"]
    assert identity.clean(pd.Series(["1.0", "2.00", ""])).tolist() == ["1", "2", ""]
    assert identity.clean(pd.Series(["1.0", "1.1"])).tolist() == ["1.0", "1.1"]
    assert identity.clean(pd.Series(["MB", "NA", "KC"])).tolist() == ["MB", "NA", "KC"]
    assert identity.clean(pd.Series(["M1", "NA", "#N/A"])).tolist() == ["M1", "", ""]


def test_ids_that_look_the_same_are_joined_and_told(tmp_path: Path) -> None:
    arms = [f"Bj\u00f6rk{i},{'AB'[i % 2]}" for i in range(6)]
    rows = [unicodedata.normalize("NFD", f"Bj\u00f6rk{i},{t},0,1,2,{i % 4}") for i in range(6) for t in (1, 2)]
    write(tmp_path, "arms.csv", "id,arm", *arms)
    write(tmp_path, "raw.csv", "id,time,mini_1,mini_2,mini_3,mini_4", *rows)
    part = {key: LONG[key] for key in ("file", "id", "visit", "items")}
    result = ingest(trial(tmp_path, [{"file": "arms.csv", "id": "id", "arm": LONG["arm"]}, part]))
    assert one(result, "ids_joined").message.startswith("6 ids")
    assert len(result.participants) == 6


@pytest.mark.parametrize(
    ("words", "decimal", "stated", "between", "found"),
    [
        (["250", "980", "1,000"], ".", None, None, NumberMarks(",", "")),
        (["250", "980", "1.000"], ",", None, None, NumberMarks(".", "")),
        (["1,234,567", "12"], ".", None, None, NumberMarks(",", "")),
        (["1.234,5", "12"], ",", None, None, NumberMarks(".", "")),
        (["0,512", "1,000"], ",", None, None, NumberMarks()),
        (["3.154", "2.308"], ".", None, (1.0, 5.0), NumberMarks()),
        (["3,154", "2,308"], ".", None, (1.0, 5.0), NumberMarks()),
        (["2,500", "900"], ".", None, (0.0, 5000.0), NumberMarks(",", "")),
        (["2,500", "12"], ".", None, None, NumberMarks("", ",")),
        (["2,500", "12"], ".", ".", None, NumberMarks(",", "")),
        (["2,500", "12"], ",", ",", None, NumberMarks()),
        (["250", "1.000"], ".", None, None, NumberMarks("", ".")),
        (["1 000", "250"], ".", None, None, NumberMarks(" ", "")),
        (["1", "2.5", ""], ".", None, None, NumberMarks()),
    ],
)
def test_a_column_tells_what_a_mark_means(
    words: list[str], decimal: str, stated: str | None, between: tuple[float, float] | None, found: NumberMarks
) -> None:
    assert marks(words, decimal, stated, between) == found


def test_numbers_in_groups_of_three() -> None:
    assert number("12,345.5", ".", ",") == 12345.5
    assert number("1.000", ".,", ".") == 1000
    assert number("-2 500", ".", " ") == -2500
    assert np.isnan(number("1,000", "."))
    assert canonical("1.00") == "1"
    assert canonical("1,000") == "1,000"


def test_minutes_with_thousands_marks(tmp_path: Path) -> None:
    rows = [f'{i},{"AB"[i % 2]},{400 + 37 * i},"1,{i:03}"' for i in range(12)]
    write(tmp_path, "raw.csv", "id,arm,min_pre,min_post", *rows)
    total = {"total": "min_{visit}", "name": "Minutes", "range": [0, 5000], "better": "higher", "role": "primary"}
    part = {"file": "raw.csv", "id": "id", "arm": LONG["arm"]}
    result = ingest(trial(tmp_path, part, measures={"min": total}))
    finding = one(result, "unclear_mark")  # the column holds nothing but numbers with a mark
    assert (finding.severity, finding.column) == ("error", "min_post")
    stated = ingest(trial(tmp_path, part | {"decimal": "."}, measures={"min": total}))
    assert stated.stored["value"].max() == 1011


def test_two_ticks_are_no_answer(tmp_path: Path) -> None:
    rows = [PEOPLE[0].rsplit(",", 1)[0] + ',"2,3"', PEOPLE[1].rsplit(",", 1)[0] + ",1; 2", *PEOPLE[2:]]
    result = long(tmp_path, *rows)
    several = [finding for finding in result.findings if finding.code == "several_answers"]
    assert [(f.row, f.column, f.value) for f in several] == [(2, "mini_4", "2,3"), (3, "mini_4", "1; 2")]
    mine = result.responses[(result.responses["participant"] == "1") & (result.responses["item"] == "4")]
    assert mine["missing_reason"].tolist() == ["more than one answer"] * 2
    assert result.flow["assessed"].all()


def test_a_stated_or_shown_decimal_comma_is_one(tmp_path: Path) -> None:
    rows = [PEOPLE[0].rsplit(",", 1)[0] + ',"2,3"', *PEOPLE[1:]]
    assert "several_answers" not in codes(long(tmp_path, *rows, decimal=","))
    rows[2] = PEOPLE[2].rsplit(",", 1)[0] + ',"1,25"'
    assert "several_answers" not in codes(long(tmp_path, *rows))
    assert several_answers("2 3", (0, 4))
    assert not several_answers("2,9", (0, 4))
    assert not several_answers("2.3", (0, 4))


def test_formula_errors_are_missing_and_told(tmp_path: Path) -> None:
    header, rows = with_column("sex", ["f", "m", "#N/A", "#WERT!"])
    result = long(tmp_path, *rows, header=header, baseline={"sex": "sex"})
    assert set(result.participants["sex"].dropna()) == {"f", "m"}
    assert one(result, "formula_error").column == "sex"


def test_a_number_far_outside_the_others(tmp_path: Path) -> None:
    header, rows = with_column("age", [str(20 + 3 * i) for i in range(11)] + ["999"])
    finding = one(long(tmp_path, *rows, header=header, baseline={"age": "age"}), "far_outside")
    assert (finding.severity, finding.value) == ("warning", "999")
    header, rows = with_column("age", [str(20 + 3 * i) for i in range(11)] + ["89"])
    assert "far_outside" not in codes(long(tmp_path, *rows, header=header, baseline={"age": "age"}))
