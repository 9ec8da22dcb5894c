"""Names, variants and missing-item rules of questionnaires."""

from __future__ import annotations

from math import sqrt

import pytest

from compassion_trials.instruments.attainable import attainable
from compassion_trials.instruments.library import load_instruments

ALL = load_instruments(None)
ROUNDING = 0.006
"""Published indices carry two decimals."""


def test_names_of_scales():
    scs = ALL["scs"]
    assert scs.scale_label("total") == "Self-compassion (SCS total)"
    assert scs.scale_label("self_kindness") == "Self-kindness (SCS)"
    assert scs.scale_label("total", "Mitgefühl") == "Mitgefühl"
    assert scs.scale_label("isolation", "Mitgefühl") == "Mitgefühl: Isolation"
    assert scs.scale_short("total") == "SCS"
    assert scs.scale_short("self_kindness") == "SCS self-kindness"
    assert scs.scale_short("self_kindness", "SC") == "SC self-kindness"
    assert ALL["phq9"].scale_label("total") == "Depression (PHQ-9)"


def test_default_scales():
    assert ALL["scs"].default_scales == ("total",)
    assert ALL["dass21"].default_scales == ("depression", "anxiety", "stress")
    assert ALL["panas"].default_scales == ("positive_affect", "negative_affect")


def test_variants_change_what_they_name_and_nothing_else():
    scs = ALL["scs"]
    assert scs.with_variant(None) is scs
    mean26 = scs.with_variant("item_mean")
    assert mean26.scales["total"].items == tuple(range(1, 27))
    assert mean26.scales["total"].label == scs.scales["total"].label
    assert mean26.scales["isolation"] == scs.scales["isolation"]
    assert scs.scales["total"].composite
    assert ALL["ghq12"].with_variant("bimodal").scales["total"].range == (0, 12)
    assert "bimodal" not in ALL["ghq12"].with_variant("bimodal").scales
    assert ALL["k10"].with_variant("zero_to_four").response.max == 4


def test_an_unknown_variant_is_a_key_error():
    with pytest.raises(KeyError):
        ALL["scs"].with_variant("nonsense")


def test_missing_item_rules():
    assert ALL["scs"].min_answered("isolation") == 3
    assert ALL["dass21"].min_answered("stress") == 6
    assert ALL["dass42"].min_answered("stress") == 12
    assert ALL["phq9"].min_answered("total") == 7
    assert ALL["rses"].min_answered("total") == 5
    assert ALL["who5"].min_answered("total") == 5


@pytest.mark.parametrize("instrument", [i for i in ALL.values() if i.enabled], ids=lambda i: i.id)
def test_stated_ranges_are_the_attainable_ones_in_every_variant(instrument):
    for variant in [None, *instrument.variants]:
        scored = instrument.with_variant(variant)
        for key, scale in scored.scales.items():
            assert attainable(scored, key) == pytest.approx(scale.range)


@pytest.mark.parametrize("instrument", [i for i in ALL.values() if i.enabled], ids=lambda i: i.id)
def test_files_are_complete(instrument):
    assert instrument.citation
    assert instrument.licence
    assert instrument.sources
    assert instrument.missing.rule
    assert instrument.pitfalls
    assert (
        "..." in instrument.response.anchors
        or "item-specific" in instrument.response.anchors
        or "four" in instrument.response.anchors
    )


def test_reliable_change_follows_its_formula():
    """RCI = 1.96 SD sqrt(2) sqrt(1 - r), Jacobson & Truax 1991, doi:10.1037/0022-006X.59.1.12."""
    for instrument in ALL.values():
        for entry in instrument.rci:
            expected = 1.96 * entry.sd * sqrt(2) * sqrt(1 - entry.reliability)
            assert entry.rci95 == pytest.approx(expected, abs=ROUNDING), instrument.id


def test_subsets_map_onto_the_same_scales():
    """Items of a short form belong to the scale of the same name in the long form, reversed alike."""
    for instrument in ALL.values():
        if instrument.subset_of is None:
            continue
        long = ALL[instrument.subset_of.instrument]
        to_long = dict(enumerate(instrument.subset_of.items, start=1))
        assert len(to_long) == instrument.items
        short = instrument.with_variant("subscales") if "subscales" in instrument.variants else instrument
        for key in set(short.scales) & set(long.scales) - {"total"}:
            mapped = {to_long[item] for item in short.items_of(key)}
            assert mapped <= set(long.items_of(key)), (instrument.id, key)
            assert {to_long[i] for i in short.scales[key].reverse} == mapped & set(long.scales[key].reverse)
