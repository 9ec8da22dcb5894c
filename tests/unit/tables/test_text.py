from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compassion_trials.tables.text import Run, decode, encode, join, plain, rich, text

RUNS = st.lists(
    st.builds(Run, st.text(max_size=8), st.sampled_from(["plain", "italic", "bold", "superscript", "subscript"]))
)


def test_markup_of_literals():
    assert rich("*M* (*SD*)^a^") == (
        Run("M", "italic"),
        Run(" ("),
        Run("SD", "italic"),
        Run(")"),
        Run("a", "superscript"),
    )
    assert rich("**b** and d~av~") == (Run("b", "bold"), Run(" and d"), Run("av", "subscript"))


def test_strings_hold_no_markup():
    assert text("*M* <b>") == (Run("*M* <b>"),)


def test_neighbours_of_one_style_are_joined_and_empty_runs_left_out():
    assert text("a", "b", Run("", "italic"), Run("c", "italic"), Run("d", "italic")) == (Run("ab"), Run("cd", "italic"))
    assert text("") == ()


def test_join_leaves_empty_parts_out():
    assert plain(join("; ", ["a", (), "", rich("*b*")])) == "a; b"


@given(RUNS)
def test_json_reads_back(runs):
    content = text(*runs)
    assert decode(json.loads(json.dumps(encode(content)))) == content


def test_unknown_style_is_refused():
    with pytest.raises(ValueError, match="no such text style: script"):
        decode([{"script": "alert(1)"}])
