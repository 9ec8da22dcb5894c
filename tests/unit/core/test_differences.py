"""Two results tables against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.cli import main
from compassion_trials.core.columns import results_table
from compassion_trials.core.differences import Changed, differences
from compassion_trials.core.files import write_table

ROWS = [
    {"study": "s", "analysis": "primary", "outcome": "scs.total", "statistic": "estimate", "value": 0.48, "n": 60},
    {"study": "s", "analysis": "primary", "outcome": "scs.total", "statistic": "p", "value": 1e-7, "n": 60},
    {"study": "s", "analysis": "primary", "outcome": "scs.total", "statistic": "covariance", "text": "us"},
]


def changed(position: int, **parts: object) -> list[dict[str, object]]:
    rows = [dict(row) for row in ROWS]
    rows[position].update(parts)
    return rows


def test_the_same_rows_in_another_order_do_not_differ():
    found = differences(results_table(ROWS), results_table(ROWS[::-1]))
    assert found.none
    assert found.shared == 3


def test_a_small_p_is_compared_relative_to_its_size():
    """1e-7 and 1.1e-7 differ by 1e-8: less than the tolerance as a number, a tenth of the p."""
    found = differences(results_table(ROWS), results_table(changed(1, value=1.1e-7)))
    assert [(one.column, one.new) for one in found.changed] == [("value", "1.1e-07")]


@pytest.mark.parametrize(
    ("factor", "same"), [(1 + 0.9e-9, True), (1 + 1.1e-9, False)], ids=["within the tolerance", "beyond it"]
)
def test_the_tolerance_is_where_it_says(factor, same):
    assert differences(results_table(ROWS), results_table(changed(0, value=0.48 * factor))).none is same


def test_words_numbers_of_people_and_missing_values_count():
    assert differences(results_table(ROWS), results_table(changed(2, text="cs"))).changed == (
        Changed("s|primary||scs.total||||||covariance", "text", "us", "cs"),
    )
    assert [one.column for one in differences(results_table(ROWS), results_table(changed(0, n=59))).changed] == ["n"]
    assert not differences(results_table(ROWS), results_table(changed(0, value=None))).none


def test_added_and_gone():
    more = [*ROWS, {"study": "s", "analysis": "flow", "statistic": "n", "value": 3.0}]
    assert differences(results_table(ROWS), results_table(more)).added == ("s|flow||||||||n",)
    assert differences(results_table(more), results_table(ROWS)).gone == ("s|flow||||||||n",)


def test_the_verb_says_what_differs(tmp_path: Path, capsys):
    write_table(results_table(ROWS), tmp_path / "old" / "effects" / "results.parquet")
    write_table(results_table(changed(0, value=0.5, source="x")), tmp_path / "new.parquet")
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "old" / "effects" / "results.csv")]) == 0
    assert "3 results in both; 0 gone, 0 added, 0 changed" in capsys.readouterr().out
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new.parquet")]) == 1
    out = capsys.readouterr().out
    assert "1 changed" in out
    assert "value 0.48 -> 0.5" in out
    assert "scores behind the two tables differ" in out


@pytest.mark.parametrize("content", [None, b"", b"a,b\n1,2\n", b"PAR1 broken"])
def test_what_is_no_results_table_is_refused(tmp_path: Path, capsys, content):
    write_table(results_table(ROWS), tmp_path / "old.parquet")
    file = tmp_path / ("new.parquet" if content and content.startswith(b"PAR1") else "new.csv")
    if content is not None:
        file.write_bytes(content)
    assert main(["diff", str(tmp_path / "old.parquet"), str(file)]) == 2
    assert file.name in capsys.readouterr().err
