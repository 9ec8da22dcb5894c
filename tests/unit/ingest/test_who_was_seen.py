"""Nobody of an arm, one visit copied, ids that come later only, one column for two visits, codes 1 and 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.ingest.test_lookalikes import PEOPLE, with_column
from tests.unit.ingest.trial import DESIGN, HEADER, LONG, codes, long, one, trial, write

from compassion_trials.core.errors import InputError
from compassion_trials.ingest.stage import ingest

THREE = DESIGN | {"visits": {"pre": 0, "post": 8, "fu": 20}}
TOTAL = {"total": "y_{visit}", "name": "Y", "range": [0, 60], "better": "lower", "role": "primary"}
WIDE = {"file": "raw.csv", "id": "id", "arm": LONG["arm"]}


def three_visits(folder: Path, control_seen: bool, **design: object) -> object:
    """Twelve people at three visits, the control at the last or not."""
    rows = [f"{i},{'AB'[i % 2]},{10 + i},{20 - i},{15 + i if control_seen or i % 2 == 0 else ''}" for i in range(12)]
    write(folder, "raw.csv", "id,arm,y_pre,y_post,y_fu", *rows)
    return ingest(trial(folder, WIDE, design=THREE | design, measures={"y": TOTAL}))


def test_nobody_of_the_control_at_the_visit_of_the_comparison(tmp_path: Path) -> None:
    finding = one(three_visits(tmp_path, control_seen=False), "arm_unseen")
    assert (finding.severity, finding.value) == ("error", "fu")
    assert "control_until: post" in finding.advice
    assert not codes(three_visits(tmp_path, control_seen=True))
    assert not codes(three_visits(tmp_path, control_seen=False, control_until="post"))


def test_elsewhere_an_unseen_arm_is_a_warning(tmp_path: Path) -> None:
    rows = [f"{i},{'AB'[i % 2]},{10 + i},{20 - i if i % 2 else ''},{15 + i}" for i in range(12)]
    write(tmp_path, "raw.csv", "id,arm,y_pre,y_post,y_fu", *rows)
    finding = one(ingest(trial(tmp_path, WIDE, design=THREE, measures={"y": TOTAL})), "arm_unseen")
    assert (finding.severity, finding.value) == ("warning", "post")


def test_a_visit_that_is_a_copy_is_told(tmp_path: Path) -> None:
    rows = [f"{i},{'AB'[i % 2]},{10 + i},{20 - i},{20 - i}" for i in range(12)]
    write(tmp_path, "raw.csv", "id,arm,y_pre,y_post,y_fu", *rows)
    finding = one(ingest(trial(tmp_path, WIDE, design=THREE, measures={"y": TOTAL})), "visits_identical")
    assert "12 participants" in finding.message
    assert "post and fu" in finding.message
    write(tmp_path, "raw.csv", "id,arm,y_pre,y_post,y_fu", *rows[:-1], "11,B,21,9,10")
    assert not codes(ingest(trial(tmp_path, WIDE, design=THREE, measures={"y": TOTAL})))


def test_an_id_that_comes_later_only_is_not_enrolled(tmp_path: Path) -> None:
    result = long(tmp_path, *PEOPLE, "l2,A,2,0,1,2,3")
    finding = one(result, "only_later")
    assert finding.row == len(PEOPLE) + 2
    assert len(result.participants) == 12
    assert result.record is not None
    assert ["id that occurs after the baseline only" in str(part) for part in result.record.facts["removed_rows"]]
    write(tmp_path, "raw.csv", HEADER, *PEOPLE, "l2,A,2,0,1,2,3")
    assert len(ingest(trial(tmp_path, LONG, design=DESIGN | {"enrolled": "any"})).participants) == 13


def test_an_allocation_list_names_who_takes_part_and_a_list_of_events_does_not(tmp_path: Path) -> None:
    single = {"type": "single_arm", "arms": {"act": "ACT"}, "visits": {"pre": 0, "post": 8}}
    write(tmp_path, "raw.csv", HEADER, *PEOPLE, "99,A,2,0,1,2,3")
    write(tmp_path, "list.csv", "code,sex", *(f"{i},f" for i in [*range(1, 13), 99]))
    write(tmp_path, "ae.csv", "person,what", "77,fall", "1,fall")
    answers = {key: LONG[key] for key in ("file", "id", "visit", "items")}
    events = {"file": "ae.csv", "id": "person", "harms": {"fall": {"column": "what", "values": {"fall": 1}}}}
    people = {"file": "list.csv", "id": "code", "baseline": {"sex": "sex"}}
    both = ingest(trial(tmp_path, [answers, people, events], design=single)).participants["participant"].tolist()
    assert both == [str(i) for i in [*range(1, 13), 99]]
    without = ingest(trial(tmp_path, [answers, events], design=single)).participants["participant"].tolist()
    assert without == [str(i) for i in range(1, 13)]


def test_one_column_is_not_read_for_two_visits(tmp_path: Path) -> None:
    rows = [f"{i},{'AB'[i % 2]},{10 + i},{20 - i}" for i in range(12)]
    write(tmp_path, "raw.csv", "id,arm,y_a,y_b", *rows)
    part = WIDE | {"visit": {"values": {"pre": "a", "post": "b", "fu": "b"}}}
    finding = one(ingest(trial(tmp_path, part, design=THREE, measures={"y": TOTAL})), "column_twice")
    assert (finding.severity, finding.column) == ("error", "y_b")


def test_codes_one_and_two_need_their_meaning(tmp_path: Path) -> None:
    header, rows = with_column("gone", ["2", "2", "1"])
    assert one(long(tmp_path, *rows, header=header, flow={"withdrawn": "gone"}), "codes_unclear").severity == "error"
    said = {"column": "gone", "values": {1: "yes", 2: "no"}}
    result = long(tmp_path, *rows, header=header, flow={"withdrawn": said})
    assert int(result.participants["withdrawn"].sum()) == 4
    assert "4 of 4 participants who withdrew" in one(result, "withdrawn_seen").message
    unlisted = {"column": "gone", "values": {1: "yes"}}
    assert one(long(tmp_path, *rows, header=header, flow={"withdrawn": unlisted}), "unknown_value").value == "2"


def test_events_coded_one_and_two_need_their_meaning(tmp_path: Path) -> None:
    header, rows = with_column("ae", ["2", "2", "1"])
    assert one(long(tmp_path, *rows, header=header, harms={"fall": "ae"}), "codes_unclear").severity == "error"
    said = {"column": "ae", "values": {1: "yes", 2: "no"}}
    people = long(tmp_path, *rows, header=header, harms={"fall": said}).participants
    assert people["harms.fall"].sum() == 8  # four people at two visits


def test_real_times_beside_a_model_over_time_are_refused(tmp_path: Path) -> None:
    header, rows = with_column("weeks", ["1", "2"])
    assert one(long(tmp_path, *rows, header=header, week="weeks"), "times_unused").severity == "note"
    analysis = {"primary": {"model": "random_slope"}}
    with pytest.raises(InputError, match=r"data\.0\.week"):
        trial(tmp_path, LONG | {"week": "weeks"}, analysis=analysis)


def test_a_covariate_with_a_level_of_one_person(tmp_path: Path) -> None:
    header, rows = with_column("site", ["a", "b"])
    rows[0], rows[1] = rows[0].replace(",b", ",c"), rows[1].replace(",b", ",c")
    result = long(tmp_path, *rows, header=header, baseline={"site": "site"})
    assert "level_of_one" not in codes(result)  # no model adjusts for it
    part = LONG | {"baseline": {"site": "site"}}
    assert (
        one(ingest(trial(tmp_path, part, covariates=["site"])), "level_of_one").value == ""
    )  # whoever reads it learns no level of one person
    write(tmp_path, "raw.csv", header, *(row.replace(",b", ",a").replace(",c", ",a") for row in rows))
    assert "one_level" in codes(ingest(trial(tmp_path, part, covariates=["site"])))
