"""What a questionnaire's file tells of its structure."""

from __future__ import annotations

import pytest

from compassion_trials.instruments.library import load_instruments
from compassion_trials.instruments.subscales import subscales

LIBRARY = load_instruments(None)


def test_the_scs_has_six_subscales_and_two_composites():
    found = subscales(LIBRARY["scs"])
    assert [len(items) for items in found.parts.values()] == [5, 5, 4, 4, 4, 4]
    assert list(found.composites) == ["compassionate", "uncompassionate"]
    for groups in (found.parts, found.composites):
        assert sorted(item for items in groups.values() for item in items) == sorted(found.items) == list(range(1, 27))


@pytest.mark.parametrize("variant", ["item_mean", "sum"])
def test_variants_keep_the_structure(variant):
    assert subscales(LIBRARY["scs"].with_variant(variant)).parts == subscales(LIBRARY["scs"]).parts


@pytest.mark.parametrize("name", ["erq", "cesd", "core_om", "whoqol_bref"])
def test_no_total_no_subscales_or_overlap(name):
    assert subscales(LIBRARY[name]) is None


@pytest.mark.parametrize("name", sorted(name for name in LIBRARY if subscales(LIBRARY[name])))
def test_every_item_of_the_total_stands_in_one_subscale(name):
    found = subscales(LIBRARY[name])
    assert sorted(item for items in found.parts.values() for item in items) == sorted(found.items)
    assert min(len(items) for items in found.parts.values()) >= 2
