"""The stage as a whole on a small trial: tables, rules, findings, account."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from tests.unit.ingest.trial import DESIGN, HEADER, LONG, ROWS, codes, long, one, trial, write

from compassion_trials.core.columns import FLOW, RESPONSES, STORED
from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_table
from compassion_trials.core.keeping.secret import VARIABLE
from compassion_trials.core.record import Record
from compassion_trials.ingest.people.identity import pseudonym
from compassion_trials.ingest.stage import ingest, run

KEY = "0123456789abcdef0123"


def wide_rows(*extra: str) -> list[str]:
    return [
        "id,arm,mini_pre_1,mini_pre_2,mini_pre_3,mini_pre_4,mini_post_1,mini_post_2,mini_post_3,mini_post_4",
        *extra,
    ]


def test_a_long_file(tmp_path: Path) -> None:
    result = long(tmp_path)
    assert not codes(result)
    assert tuple(result.responses.columns) == RESPONSES
    assert tuple(result.stored.columns) == STORED
    assert tuple(result.flow.columns) == FLOW
    assert result.participants["arm"].tolist() == ["act", "wait", "act", "wait"]
    assert len(result.responses) == 6 * 4
    first = result.responses[result.responses["participant"] == "1"]
    assert first["value"].tolist() == [0, 1, 2, 3, 1, 1, 2, 3]
    assert first["visit"].tolist() == ["pre"] * 4 + ["post"] * 4
    flow = result.flow.set_index(["participant", "visit"])["assessed"]
    assert not flow["3", "post"]
    assert flow["2", "post"]
    assert len(flow) == 8


def test_wide_and_long_give_the_same(tmp_path: Path) -> None:
    (tmp_path / "long").mkdir()
    (tmp_path / "wide").mkdir()
    rows = wide_rows("1,A,0,1,2,3,1,1,2,3", "2,B,3,0,1,1,2,0,1,0", "3,A,1,2,3,1,,,,", "4,B,1,3,3,2,,,,")
    write(tmp_path / "wide", "raw.csv", *rows)
    part = {"file": "raw.csv", "id": "id", "arm": LONG["arm"], "items": "{instrument}_{visit}_{item}"}
    a, b = long(tmp_path / "long"), ingest(trial(tmp_path / "wide", part))
    pd.testing.assert_frame_equal(a.responses, b.responses)
    pd.testing.assert_frame_equal(a.flow, b.flow)


def test_one_file_per_visit_and_an_allocation_list(tmp_path: Path) -> None:
    write(tmp_path, "pre.csv", "id,mini_1,mini_2,mini_3,mini_4", "1,0,1,2,3", "2,1,1,1,1")
    write(tmp_path, "post.csv", "id;mini_1;mini_2;mini_3;mini_4", "2;2;2;2;2")
    write(tmp_path, "arms.csv", "id,group,age,sex", "1,A,30,f", "2,B,41,m", "3,B,50,f")
    data = [
        {"file": "pre.csv", "id": "id", "visit": {"value": "pre"}, "items": "{instrument}_{item}"},
        {"file": "post.csv", "id": "id", "visit": {"value": "post"}, "items": "{instrument}_{item}"},
        {
            "file": "arms.csv",
            "id": "id",
            "arm": LONG["arm"] | {"column": "group"},
            "baseline": {"age": "age", "sex": "sex"},
        },
    ]
    result = ingest(trial(tmp_path, data))
    assert codes(result) == ["arm_unseen"]
    assert result.participants["age"].tolist() == [30, 41, 50]
    assert result.participants["sex"].tolist() == ["f", "m", "f"]
    assert result.flow["assessed"].tolist() == [True, False, True, True, False, False]


def test_blank_items_and_missing_codes_keep_their_reason(tmp_path: Path) -> None:
    result = long(tmp_path, "1,A,1,0,,-99,two", *ROWS[2:], missing_values=["-99"])
    first = result.responses[result.responses["participant"] == "1"]
    assert first["missing_reason"].tolist() == ["", "blank", "-99", "not numeric"]
    assert one(result, "not_numeric").value == "(not shown)"
    assert one(result, "not_numeric").row == 2


def test_out_of_range_cells_become_missing(tmp_path: Path) -> None:
    result = long(tmp_path, "1,A,1,0,7,2,3", *ROWS[2:])
    finding = one(result, "out_of_range")
    assert (finding.severity, finding.row, finding.column, finding.value) == ("warning", 2, "mini_2", "7")
    row = result.responses[(result.responses["participant"] == "1") & (result.responses["item"] == "2")].iloc[0]
    assert np.isnan(row["value"])
    assert row["missing_reason"] == "out of range"
    assert result.record is not None
    assert result.record.facts["n_out_of_range"] == 1


def test_another_coding_is_an_error_with_the_line_to_write(tmp_path: Path) -> None:
    result = long(tmp_path, "1,A,1,1,2,3,4", "2,B,1,4,1,2,2")
    finding = one(result, "coding_differs")
    assert finding.severity == "error"
    assert "coding: {min: 1, max: 4}" in finding.advice
    assert result.record is None


def test_a_missing_code_that_nobody_declared_is_an_error(tmp_path: Path) -> None:
    rows = [f"{i},{'AB'[i % 2]},1,0,1,99,3" for i in range(10)]
    assert "missing_values: [99]" in one(long(tmp_path, *rows), "coding_differs").advice


def test_words_need_their_numbers(tmp_path: Path) -> None:
    rows = ["1,A,1,Never,Often,Never,Always", "2,B,1,Never,never,Some,Often"]
    assert one(long(tmp_path, *rows), "answers_words").severity == "error"
    answers = {"never": 0, "some": 1, "often": 2, "always": 3}
    write(tmp_path, "raw.csv", HEADER, *rows)
    result = ingest(trial(tmp_path, measures={"mini": {"instrument": "mini", "role": "primary", "answers": answers}}))
    assert "answers_words" not in codes(result)
    assert result.responses["value"].tolist() == [0, 2, 0, 3, 0, 0, 1, 2]


def test_unknown_arm_and_visit(tmp_path: Path) -> None:
    result = long(tmp_path, *ROWS, "5,C,1,0,0,0,0", "1,A,3,0,0,0,0")
    assert one(result, "unknown_arm").value == "(not shown)"
    assert one(result, "unknown_arm").row == 8
    assert one(result, "unknown_visit").value == "3"
    assert codes(result, "error") == ["unknown_arm", "unknown_visit"]  # nobody is told twice
    assert result.record is None


def test_unknown_arms_hide_no_blank_ones(tmp_path: Path) -> None:
    result = long(tmp_path, "1,Z,1,0,1,2,3", "2,A,1,0,1,2,3", "3,,1,0,1,2,3")
    assert codes(result, "error") == ["unknown_arm", "no_arm"]
    assert one(result, "no_arm").row == 4


def test_a_file_read_twice_for_its_baseline_has_no_repeated_rows(tmp_path: Path) -> None:
    rows = [f"{i},{arm},{t},20,{10 * t + i}" for i, arm in enumerate("ABAB") for t in (1, 2)]
    write(tmp_path, "raw.csv", "id,arm,time,base,dep", *rows)
    visit = {"column": "time", "values": {"1": "post", "2": "fu"}}
    first = {"file": "raw.csv", "id": "id", "arm": LONG["arm"], "visit": visit}
    again = {"file": "raw.csv", "id": "id", "visit": {"value": "pre"}, "duplicates": "first"}
    columns = {"pre": "base", "post": "dep", "fu": "dep"}
    measures = {"dep": {"total": columns, "name": "D", "range": [0, 60], "better": "lower", "role": "primary"}}
    design = DESIGN | {"visits": {"pre": 0, "post": 8, "fu": 20}}
    result = ingest(trial(tmp_path, [first, again], design=design, measures=measures))
    assert not codes(result)
    assert result.record is not None
    assert result.record.facts["removed_rows"] == []
    assert not any("epeated" in sentence for sentence in result.record.methods)
    rows[1] = rows[1].replace(",20,", ",21,")  # a baseline that changes is told
    write(tmp_path, "raw.csv", "id,arm,time,base,dep", *rows)
    assert one(ingest(trial(tmp_path, [first, again], design=design, measures=measures)), "duplicate_differs").row == 3


def test_the_wrong_arm_column_shows_no_values(tmp_path: Path) -> None:
    rows = [f"{i},Anna {i},1,0,1,2,3" for i in range(20)]
    finding = one(long(tmp_path, *rows), "unknown_arm")
    assert "right column" in finding.message
    assert "Anna" not in finding.text()


def test_exclude_takes_rows_out(tmp_path: Path) -> None:
    arm = {"column": "arm", "values": {"A": "act", "B": "wait", "C": "exclude"}}
    visit = {"column": "time", "values": {"1": "pre", "2": "post", "9": "exclude"}}
    result = long(tmp_path, *ROWS, "5,C,1,0,0,0,0", "1,A,9,0,0,0,0", arm=arm, visit=visit)
    assert result.record is not None
    assert result.record.facts["n_participants"] == 4
    assert {r["reason"]: r["n"] for r in result.record.facts["removed_rows"]} == {
        "visit excluded by the plan": 1,
        "arm excluded by the plan": 1,
    }


def test_participants_without_an_arm(tmp_path: Path) -> None:
    assert one(long(tmp_path, *ROWS, "5,,1,0,0,0,0"), "no_arm").severity == "error"
    arm = {"column": "arm", "values": {"A": "act", "B": "wait", "": "exclude"}}
    result = long(tmp_path, *ROWS, "5,,1,0,0,0,0", "1,,2,,,,", arm=arm, duplicates="most_complete")
    assert result.record is not None
    assert result.participants["participant"].tolist() == ["1", "2", "3", "4"]


def test_an_arm_that_changes_is_an_error(tmp_path: Path) -> None:
    assert one(long(tmp_path, *ROWS, "3,B,2,0,0,0,0"), "arm_conflict").row == 8


def test_rows_without_id_or_visit(tmp_path: Path) -> None:
    result = long(tmp_path, *ROWS, ",A,1,0,1,2,3", "3,A,,0,1,2,3", ",,2,,,,")
    assert one(result, "id_blank").row == 8
    assert one(result, "visit_blank").row == 9
    assert one(result, "blank_row").row == 10


@pytest.mark.parametrize(("rule", "value"), [("first", 0.0), ("last", 3.0), ("most_complete", 3.0)])
def test_duplicates_follow_the_rule(tmp_path: Path, rule: str, value: float) -> None:
    result = long(tmp_path, "1,A,1,0,0,0,", "1,A,1,3,3,3,3", *ROWS[2:], duplicates=rule)
    assert result.responses["value"].iloc[0] == value
    assert one(result, "duplicate_differs").severity == "warning"
    assert result.record is not None
    assert any("Repeated rows" in sentence for sentence in result.record.methods)


def test_duplicates_are_an_error_by_default(tmp_path: Path) -> None:
    assert one(long(tmp_path, *ROWS, "1,A,1,0,0,0,0"), "duplicate_differs").severity == "error"


def test_missing_items_and_measures(tmp_path: Path) -> None:
    header = HEADER.replace("mini_4", "mini_4b")
    finding = one(long(tmp_path, *ROWS, header=header), "items_missing")
    assert "mini_4b" in finding.advice
    result = long(tmp_path, *ROWS, header=HEADER.replace("mini", "scs"))
    assert one(result, "measure_missing").value == "mini_1"
    write(tmp_path, "raw.csv", *wide_rows("1,A,0,1,2,3,1,1,2,3", "2,B,0,1,2,3,1,1,2,3"))
    part = {"file": "raw.csv", "id": "id", "arm": LONG["arm"], "items": "{instrument}_pre_{item}"}
    assert "{visit}" in one(ingest(trial(tmp_path, part)), "pattern").message


def test_columns_of_the_plan_that_are_not_there(tmp_path: Path) -> None:
    result = long(tmp_path, baseline={"age": "Age"}, day="elapsed")
    assert [f.column for f in result.findings if f.code == "column_missing"] == ["Age", "elapsed"]


def test_stored_totals_and_imputed_flags(tmp_path: Path) -> None:
    write(
        tmp_path,
        "raw.csv",
        "id,arm,bdi_pre,bdi_post,locf_post,imp",
        "1,A,10,8,8,0",
        "2,B,12,12,12,1",
        "3,B,14,,14,1",
        "4,A,70,5,5,0",
    )
    total = {"name": "BDI", "range": [0, 63], "better": "lower"}
    measures = {
        "bdi": {"total": "bdi_{visit}", "role": "primary", "imputed": {"post": "imp"}} | total,
        "locf": {"total": {"pre": "bdi_pre", "post": "locf_post"}} | total,
    }
    result = ingest(trial(tmp_path, {"file": "raw.csv", "id": "id", "arm": LONG["arm"]}, measures=measures))
    stored = result.stored.set_index(["participant", "visit", "measure"])["value"]
    assert np.isnan(stored["2", "post", "bdi"]) if ("2", "post", "bdi") in stored.index else True
    assert stored["2", "post", "locf"] == 12
    assert stored["1", "post", "bdi"] == 8
    assert np.isnan(stored["4", "pre", "bdi"])
    assert not result.flow.set_index(["participant", "visit"])["assessed"]["2", "post"]
    assert result.record is not None
    assert result.record.facts["n_imputed"] == 1


def test_baseline_kinds(tmp_path: Path) -> None:
    header = HEADER + ",age,sex,job,edu"
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,3,{20 + i},{i % 2},{'xyz'[i % 3]},{i % 4}" for i in range(1, 13)]
    baseline = {"age": "age", "sex": "sex", "job": "job", "edu": {"column": "edu", "type": "category"}}
    people = long(tmp_path, *rows, header=header, baseline=baseline).participants
    assert people.dtypes.astype("str").to_dict() == {
        "participant": "str", "arm": "str", "age": "float64", "sex": "str", "job": "str", "edu": "str",
    }  # fmt: skip
    assert "unknown_value" in codes(
        long(tmp_path, *rows, header=header, baseline={"job": {"column": "job", "values": {"x": "a", "y": "b"}}})
    )
    assert "mixed_type" in codes(
        long(tmp_path, *rows, "13,A,1,0,1,2,3,old,1,x,1", header=header, baseline={"age": "age"})
    )


def test_baseline_of_the_first_visit_counts(tmp_path: Path) -> None:
    header, rows = HEADER + ",age", ["1,A,2,1,1,1,1,31", "1,A,1,1,1,1,2,30", "2,B,1,1,1,1,0,40", "3,B,1,1,1,1,3,50"]
    result = long(tmp_path, *rows, header=header, baseline={"age": "age"})
    assert result.participants["age"].tolist() == [30, 40, 50]
    assert one(result, "value_changes").severity == "warning"


def test_flow_columns(tmp_path: Path) -> None:
    header = HEADER + ",gone,why,sessions,day"
    rows = [
        "1,A,1,0,1,2,3,,,8,0",
        "1,A,2,0,1,2,3,,,8,70",
        "2,B,1,0,1,2,3,2020-01-01,moved away,,0",
        "3,A,1,0,1,2,3,1,,3,0",
    ]
    result = long(
        tmp_path, *rows, header=header, flow={"withdrawn": "gone", "reason": "why", "sessions": "sessions"}, day="day"
    )
    assert result.participants["withdrawn"].tolist() == [False, True, True]
    np.testing.assert_equal(result.participants["sessions"].to_numpy(), [8, np.nan, 3])
    flow = result.flow.set_index(["participant", "visit"])
    assert flow.loc[("2", "post"), "reason"] == "moved away"
    assert flow.loc[("3", "post"), "reason"] == "withdrew, reason not recorded"
    assert flow.loc[("2", "pre"), "reason"] == ""
    assert flow.loc[("1", "post"), "week"] == 10.0


def test_reasons_in_free_text_are_not_kept(tmp_path: Path) -> None:
    header = HEADER + ",why"
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,3,Person {i} told us a long story about the family at home" for i in range(8)]
    result = long(tmp_path, *rows, header=header, flow={"reason": "why"})
    assert set(result.flow["reason"]) == {"", "other reason"}
    assert one(result, "free_text").severity == "warning"


def test_clusters_with_names_are_coded(tmp_path: Path) -> None:
    header = HEADER + ",therapist_name"
    rows = ["1,A,1,0,1,2,3,Smith", "2,B,1,0,1,2,3,", "3,A,1,0,1,2,3,Jones"]
    design = DESIGN | {"clusters": {"therapist": {"arms": ["act"]}}}
    write(tmp_path, "raw.csv", header, *rows)
    people = ingest(trial(tmp_path, LONG | {"clusters": {"therapist": "therapist_name"}}, design=design)).participants
    assert people["therapist"].fillna("").tolist() == ["2", "", "1"]


def grouped(folder: Path, labels: str, **cluster: object):
    """The small trial with a therapy group of everybody, one letter each, ``-`` for none."""
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,3,{label.strip('-')}" for i, label in enumerate(labels, start=1)]
    folder.mkdir(exist_ok=True)
    write(folder, "raw.csv", HEADER + ",grp", *rows)
    design = DESIGN | {"clusters": {"grp": cluster}}
    return ingest(trial(folder, LONG | {"clusters": {"grp": "grp"}}, design=design))


def test_a_label_in_two_arms_asks_whether_it_is_nested(tmp_path: Path) -> None:
    found = one(grouped(tmp_path / "a", "112212"), "cluster_in_two_arms")
    assert found.severity == "error"
    assert "2 labels of grp" in found.message
    assert "nested: true" in found.advice
    apart = grouped(tmp_path / "b", "112212", nested=True).participants["grp"]
    assert apart.nunique() == 4
    shared = grouped(tmp_path / "c", "112212", nested=False).participants["grp"]
    assert shared.nunique() == 2
    alone = grouped(tmp_path / "d", "a1b2a1")
    assert not [f for f in alone.findings if f.code == "cluster_in_two_arms"]
    assert sorted(alone.participants["grp"].unique()) == ["1", "2", "a", "b"]


def test_labels_of_arms_that_did_not_meet_are_not_used(tmp_path: Path) -> None:
    result = grouped(tmp_path, "9191-1", arms=["act"])
    assert one(result, "cluster_elsewhere").severity == "warning"
    assert result.participants.groupby("arm")["grp"].apply(lambda g: g.notna().sum()).to_dict() == {"act": 3, "wait": 0}


def test_identifying_columns_never_leave_the_stage(tmp_path: Path) -> None:
    header = HEADER + ",email,contact"
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,3,p{i}@x.org,+49 170 123456{i}" for i in range(1, 6)]
    result = long(tmp_path, *rows, header=header)
    assert result.record is not None
    assert sum(d["n"] for d in result.record.facts["dropped"]) == 2
    assert {d.column for d in result.dropped} == {"email", "contact"}
    assert "contact" not in str(result.record.facts)
    finding = one(long(tmp_path, *rows, header=header, baseline={"mail": "email"}), "column_identifying")
    assert finding.severity == "error"


def test_an_id_that_is_an_address_needs_a_pseudonym(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"p{i}@x.org,{'AB'[i % 2]},1,0,1,2,3" for i in range(1, 4)]
    monkeypatch.delenv(VARIABLE, raising=False)
    assert one(long(tmp_path, *rows), "id_identifying").severity == "error"
    assert one(long(tmp_path, *rows, id={"column": "id", "pseudonymize": True}), "key_missing").severity == "error"
    monkeypatch.setenv(VARIABLE, KEY)
    context = trial(tmp_path, LONG | {"id": {"column": "id", "pseudonymize": True}})
    run(context)
    written = b"".join(path.read_bytes() for path in context.results.root.rglob("*") if path.is_file())
    assert b"x.org" not in written
    assert set(read_table(context.results.participants)["participant"]) == {
        pseudonym(f"p{i}@x.org", KEY.encode()) for i in (1, 2, 3)
    }
    assert Record.read(context.results.record("ingest")).facts["pseudonymized"]


def test_redcap_events_with_baseline_on_one_row(tmp_path: Path) -> None:
    header = "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,arm,age,"
    header += "mini_1,mini_2,mini_3,mini_4,mini_complete"
    rows = [
        "1,pre_arm_1,,,A,30,,,,,",
        "1,pre_arm_1,mini,1,,,0,1,2,3,2",
        "1,post_arm_1,mini,1,,,1,1,1,2,2",
        "2,pre_arm_1,,,B,40,3,2,1,1,2",
    ]
    write(tmp_path, "raw.csv", header, *rows)
    part = LONG | {
        "id": "record_id",
        "visit": {"column": "redcap_event_name", "values": {"pre_arm_1": "pre", "post_arm_1": "post"}},
        "baseline": {"age": "age"},
    }
    result = ingest(trial(tmp_path, part))
    assert "duplicate_differs" not in codes(result)
    assert result.participants["age"].tolist() == [30, 40]
    assert len(result.responses) == 12


def test_two_files_with_other_answers_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", HEADER, *ROWS)
    write(tmp_path, "b.csv", HEADER, "1,A,1,3,1,2,3")
    result = ingest(trial(tmp_path, [LONG | {"file": "a.csv"}, LONG | {"file": "b.csv"}]))
    assert one(result, "two_files").severity == "error"


def test_ids_that_differ_only_in_case(tmp_path: Path) -> None:
    assert one(long(tmp_path, "p1,A,1,0,1,2,3", "P1,B,1,0,1,2,1"), "ids_alike").severity == "warning"


def test_many_findings_of_one_kind_are_summed_up(tmp_path: Path) -> None:
    rows = [f"{i},{'AB'[i % 2]},1,0,1,2,{'2.5' if i < 30 else i % 4}" for i in range(60)]
    finding = one(long(tmp_path, *rows), "fraction")
    assert "30 times" in finding.message


def test_items_in_another_order(tmp_path: Path) -> None:
    write(tmp_path, "raw.csv", HEADER, *ROWS)
    measures = {"mini": {"instrument": "mini", "role": "primary", "item_order": [2, 1, 4, 3]}}
    result = ingest(trial(tmp_path, measures=measures))
    first = result.responses[(result.responses["participant"] == "1") & (result.responses["visit"] == "pre")]
    assert dict(zip(first["item"], first["value"], strict=True)) == {"1": 1, "2": 0, "3": 3, "4": 2}


def test_synthetic_mark(tmp_path: Path) -> None:
    result = long(tmp_path, *(f"{row},1" for row in ROWS), header=HEADER + ",SYNTHETIC")
    assert result.record is not None
    assert result.record.facts["synthetic"]


def test_errors_are_written_before_the_stage_stops(tmp_path: Path) -> None:
    write(tmp_path, "raw.csv", HEADER, *ROWS, "1,A,1,0,0,0,0", "5,C,1,0,9,0,0")
    context = trial(tmp_path)
    with pytest.raises(InputError) as caught:
        run(context)
    assert {f.code for f in caught.value.findings} == {"duplicate_differs", "unknown_arm"}
    issues = pd.read_csv(context.results.findings("ingest"))
    assert set(issues["code"]) == {"duplicate_differs", "unknown_arm", "out_of_range"}
    assert not context.results.responses.exists()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path, "raw.csv", HEADER, *ROWS)
    context = trial(tmp_path)
    run(context)
    first = {path.name: path.read_bytes() for path in context.results.root.rglob("*") if path.is_file()}
    run(context)
    assert {path.name: path.read_bytes() for path in context.results.root.rglob("*") if path.is_file()} == first
    assert {
        "participants.parquet",
        "responses.csv",
        "stored.parquet",
        "flow.csv",
        "ingest.json",
        "issues.ingest.csv",
    } <= set(first)


def test_two_sheets_of_one_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "before"
    for row in (["id", "arm", "mini_1", "mini_2", "mini_3", "mini_4"], [1, "A", 0, 1, 2, 3], [2, "B", 1, 1, "odd", 1]):
        book.active.append(row)
    after = book.create_sheet("after")
    for row in (["id", "mini_1", "mini_2", "mini_3", "mini_4"], [1, 3, 3, 3, 3], [2, 2, 2, 2, 2]):
        after.append(row)
    book.save(tmp_path / "raw.xlsx")
    part = {"file": "raw.xlsx", "id": "id", "items": "{instrument}_{item}"}
    first = part | {"sheet": "before", "arm": LONG["arm"], "visit": {"value": "pre"}}
    second = part | {"sheet": "after", "visit": {"value": "post"}}
    result = ingest(trial(tmp_path, [first, second]))
    assert one(result, "not_numeric").value == "(not shown)"
    assert one(result, "not_numeric").file == "raw.xlsx [before]"
    assert len(result.responses) == 16
    third = second | {"sheet": "after", "visit": {"value": "pre"}}
    clash = ingest(trial(tmp_path, [first, second, third]))
    assert one(clash, "two_files").severity == "error"


def test_words_about_withdrawal(tmp_path: Path) -> None:
    header = HEADER + ",gone"
    rows = ["1,A,1,0,1,2,3,no", "2,B,1,0,1,2,3,completed", "3,A,1,0,1,2,3,-99", "4,B,1,0,1,2,3,2020-05-01"]
    result = long(tmp_path, *rows, header=header, flow={"withdrawn": "gone"}, missing_values=["-99"])
    assert result.participants["withdrawn"].tolist() == [False, True, False, True]
    assert one(result, "withdrawn_words").value == "(not shown)"
