"""Column patterns: exactly one column per item, or a finding that names the nearest."""

from __future__ import annotations

import pytest

from compassion_trials.ingest.columns.patterns import (
    fields,
    match,
    visit_names,
    wanted_items,
    wanted_total,
)


def columns_of(
    pattern: str, names: list[str], n: int = 3, visit: str = "pre"
) -> tuple[tuple[str | None, ...], list[str]]:
    found = match(wanted_items(pattern, "scs", [visit], n), names, "a.csv", "scs at pre")
    return found.columns, [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("{instrument}_{visit}_{item}", ["scs_pre_1", "scs_pre_2", "scs_pre_3"]),
        ("{instrument}{item:02}", ["scs01", "scs02", "scs03"]),
        ("{instrument}{item:02}", ["scs01", "scs02", "scs03", "other"]),
        ("Q{item}_*", ["Q1_a", "Q2_b", "Q3_c", "Q11_x"]),
        ("Q{item}_Score*[Pp]re", ["Q1_Score_pre", "Q2_ScorePre", "Q3_Score_Pre", "Q1_Score_post"]),
        ("scs[SQ{item:03}]", ["scs[SQ001]", "scs[SQ002]", "scs[SQ003]"]),
    ],
)
def test_patterns_that_fit(pattern: str, names: list[str]) -> None:
    columns, codes = columns_of(pattern, names)
    assert columns == tuple(names[:3])
    assert not codes


def test_nothing_found_is_no_error_of_this_file() -> None:
    assert columns_of("{instrument}_{item}", ["dass_1", "dass_2"]) == ((None, None, None), [])


def test_a_missing_item_names_the_nearest_column() -> None:
    found = match(wanted_items("scs_{item}", "scs", ["pre"], 3), ["scs_1", "scs_2", "scs_3x"], "a.csv", "scs")
    (finding,) = found.findings
    assert finding.code == "items_missing"
    assert finding.column == "scs_3"
    assert "scs_3x" in finding.advice


def test_several_columns_and_shared_columns() -> None:
    assert columns_of("scs*{item}", ["scs_1", "scs_11", "scs_2", "scs_3"])[1] == ["column_ambiguous"]
    wanted = [wanted_total("scs*", "scs", ["pre"]), wanted_total("scs_?", "scs", ["pre"])]
    assert [f.code for f in match(wanted, ["scs_1"], "a.csv", "scs").findings] == ["column_shared"]


@pytest.mark.parametrize(
    "pattern",
    [
        "{instrument}_{time}_{item}",
        "scs_{item",
        "scs_{item:x9z}",
        "scs_{item:x}",
        "scs_{item:2}",
        "scs_{item!r}",
        "{instrument:>9}_{item}",
        "scs_1",
        "{}_{item}",
    ],
)
def test_wrong_patterns(pattern: str) -> None:
    with pytest.raises(ValueError):
        wanted_items(pattern, "scs", ["pre"], 3)


def test_visit_names() -> None:
    assert visit_names("pre", {"pre": "T1"}) == ("T1",)
    assert visit_names("post", {"pre": "T1"}) == ("post",)
    assert fields("a{visit}b") == {"visit"}
