"""The pages of the questionnaires are those that the files give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compassion_trials.instruments.doubts import SURE, doubts
from compassion_trials.instruments.library import load_instruments
from compassion_trials.instruments.page import page, pages, write_pages
from compassion_trials.instruments.words import numbers

ALL = load_instruments(None)
FOLDER = Path(__file__).resolve().parents[3] / "docs" / "instruments"
COMMAND = "compassion-trials instruments --pages docs/instruments"


def test_the_pages_in_the_docs_are_current():
    expected = pages(ALL)
    assert {path.name for path in FOLDER.glob("*")} == set(expected), f"run: {COMMAND}"
    stale = [name for name, text in expected.items() if (FOLDER / name).read_text(encoding="utf-8") != text]
    assert stale == [], f"run: {COMMAND}"


@pytest.mark.parametrize("one", ALL.values(), ids=lambda i: i.id)
def test_a_page_says_key_rule_pitfalls_cutoffs_and_what_it_is_taken_for(one):
    text = page(one)
    titles = set(re.findall(r"^## (.+)$", text, re.MULTILINE))
    assert {"Pitfalls", "What it is taken for", "Where the key was read"} <= titles
    if one.enabled:
        assert {"Key", "Rule for unanswered items", "Cut-offs"} <= titles
        assert all(f"| {scale.label} |" in text for scale in one.scales.values())
    else:
        assert f"**Disabled**: {one.disabled_reason}" in text


def test_pages_of_questionnaires_that_are_gone_are_removed(tmp_path):
    (tmp_path / "gone.md").write_text("old", encoding="utf-8")
    write_pages({"scs": ALL["scs"]}, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", "scs.md"}


def test_item_numbers_in_words():
    assert numbers([1, 2, 3, 4, 7, 9, 10]) == "1 to 4, 7, 9, 10"
    assert numbers([5]) == "5"


@pytest.mark.parametrize("one", [i for i in ALL.values() if i.enabled], ids=lambda i: i.id)
def test_a_key_has_two_sources_or_a_mark_that_says_what_lacks_one(one):
    assert one.confidence.key in SURE or one.unconfirmed_facts
    if one.confidence.key == "verified in two sources":
        assert len(one.sources) >= 2
    assert set(one.unconfirmed_facts) <= set(doubts(one))


def test_doubts_name_what_a_status_marks():
    found = doubts(ALL["hads"])
    assert any("printed_order" in line for line in found)
    assert "Cut-offs of anxiety (case): one source." in found
    assert not any(line.startswith("The key") for line in found)
