"""Text tables: cells as printed, and every problem named."""

from __future__ import annotations

import pytest

from compassion_trials.core.texttable import read_text_table

COLUMNS = ("measure", "arm", "mean", "p")


def test_cells_stay_as_printed():
    text = """
    measure        arm  mean   p
    # a comment
    "SCS total"    a    3.90   <.001
    phq            -    -0.50  .04
    """
    lines = read_text_table(text, COLUMNS, ("measure",))
    assert [line.cells for line in lines] == [
        {"measure": "SCS total", "arm": "a", "mean": "3.90", "p": "<.001"},
        {"measure": "phq", "mean": "-0.50", "p": ".04"},
    ]
    assert [line.row for line in lines] == [4, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the table is empty"),
        ("measur mean\na 1", 'there is no column "measur"; did you mean "measure"?'),
        ("arm mean\na 1", 'the column "measure" is missing'),
        ("measure mean mean\na 1 2", 'the column "mean" appears twice'),
        ("measure mean\na", "line 2 has 1 cells, the head 2; write - for an empty cell"),
        ('measure mean\n"a 1', "line 2 has a quotation mark without its partner"),
    ],
)
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        read_text_table(text, COLUMNS, ("measure",))
    assert words in str(caught.value)


def test_all_problems_together():
    with pytest.raises(ValueError, match="no column") as caught:
        read_text_table("measur mean\na\n", COLUMNS, ("measure",))
    assert str(caught.value).count(";") >= 2
