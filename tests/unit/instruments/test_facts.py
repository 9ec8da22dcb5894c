"""Every shipped questionnaire against the collected facts beside the project: items, scales, reversal, ranges."""

from __future__ import annotations

import pytest
import yaml
from tests.conftest import SHARED

from compassion_trials.instruments.library import load_instruments

FACTS = SHARED / "facts" / "instruments.yaml"
KNOWN = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["instruments"] if FACTS.is_file() else []
ALL = load_instruments(None)
pytestmark = pytest.mark.skipif(not KNOWN, reason="needs the facts beside the project")

OTHER_REVERSAL = {"csq8": "the note on reversal contradicts the total rule (4 = best); it is a variant here"}
NUMBERED_THROUGH = {
    "fcs": {"for_others": range(1, 11), "from_others": range(11, 24), "for_self": range(24, 39)},
    "ceas": {
        f"{who}_{what}": [13 * block + item for item in items]
        for block, who in enumerate(("self", "to_others", "from_others"))
        for what, items in (("engagement", (1, 2, 4, 5, 6, 8)), ("action", (9, 10, 12, 13)))
    },
}
"""Facts that give these keys in words."""
PROFILE = "eq5d5l"
READ_SINCE = {"sscs_l"}
"""Questionnaires whose key the collected facts lacked and further facts beside the project give."""


def enabled(fact):
    return ALL[fact["id"]].enabled


@pytest.mark.parametrize("fact", KNOWN, ids=lambda f: f["id"])
def test_general_facts(fact):
    ours = ALL[fact["id"]]
    assert ours.items == fact["items"]
    assert ours.doi == fact["doi"]
    if fact["response"]["min"] is not None:
        assert (ours.response.min, ours.response.max) == (fact["response"]["min"], fact["response"]["max"])
    if fact["id"] in READ_SINCE:
        assert ours.enabled
        return
    status = {"verified-two-sources": "verified in two sources", "one-source": "one source"}
    assert ours.confidence.key == status.get(fact["confidence"], fact["confidence"])
    if fact.get("key_status") == "incomplete":
        assert not ours.enabled


@pytest.mark.parametrize("fact", [f for f in KNOWN if f["subscales"]], ids=lambda f: f["id"])
def test_items_of_subscales(fact):
    ours = ALL[fact["id"]]
    expected = NUMBERED_THROUGH.get(fact["id"], fact["subscales"])
    if fact["id"] == "scs_sf":
        ours = ours.with_variant("subscales")
    if fact["id"] == PROFILE:
        assert ours.items_of("level_sum") == (1, 2, 3, 4, 5)
        return
    for key, items in expected.items():
        assert sorted(ours.items_of(key)) == sorted(items), key
    sizes = sum(len(ours.items_of(key)) for key in expected)
    assert sizes == fact["items"] - (9 if fact["id"] == "ceas" else 0)


@pytest.mark.parametrize("fact", [f for f in KNOWN if enabled(f) and f["id"] not in READ_SINCE], ids=lambda f: f["id"])
def test_reversed_items(fact):
    ours = ALL[fact["id"]]
    if fact["id"] in OTHER_REVERSAL:
        assert ours.with_variant("reverse_2458").scales["total"].reverse == tuple(fact["reverse"])
        return
    turned = {item for scale in ours.scales.values() for item in scale.reverse}
    turned |= {i for scale in ours.scales.values() for part in scale.reverse_of for i in ours.items_of(part)}
    assert sorted(turned) == sorted(fact["reverse"])


@pytest.mark.parametrize(
    "fact", [f for f in KNOWN if enabled(f) and f["total"] and f["id"] != PROFILE], ids=lambda f: f["id"]
)
def test_range_of_the_total(fact):
    scales = ALL[fact["id"]].scales
    keys = [k for k in ("self", "to_others", "from_others")] if fact["id"] == "ceas" else ["total"]
    for key in keys:
        assert scales[key].range == (fact["total"]["min"], fact["total"]["max"])
    assert bool(scales[keys[0]].lookup) == ("table" in fact["total"])
    if "table" in fact["total"]:
        assert scales["total"].lookup == fact["total"]["table"]


@pytest.mark.parametrize("fact", [f for f in KNOWN if f["total"] is None], ids=lambda f: f["id"])
def test_no_total_where_none_exists(fact):
    assert "total" not in ALL[fact["id"]].scales


def test_reliabilities_are_those_of_the_facts():
    for fact in KNOWN:
        if not enabled(fact):
            continue
        ours = {entry.scale: entry for entry in ALL[fact["id"]].reliability}
        if "alpha_total" in fact["reliability"]:
            assert ours["total"].alpha == fact["reliability"]["alpha_total"]
        for key, alpha in fact["reliability"].get("alpha", {}).items():
            assert ours[key].alpha == alpha
        for key, retest in fact["reliability"].get("retest", {}).items():
            assert ours[key].retest == retest


def test_every_fact_has_its_file():
    assert {fact["id"] for fact in KNOWN} <= set(ALL)
    assert {"cesd", "ahi", "pgwbi", "epds"} <= set(ALL) - {fact["id"] for fact in KNOWN}


def test_a_key_read_since_is_that_of_its_case():
    case = SHARED / "cases" / "sscs_l" / "sscs_l.yaml"
    if not case.is_file():
        pytest.skip("needs the cases beside the project")
    expected = yaml.safe_load(case.read_text(encoding="utf-8"))["scales"]
    ours = ALL["sscs_l"]
    assert set(ours.scales) == set(expected)
    for key, scale in expected.items():
        assert ours.items_of(key) == tuple(scale.get("items", ours.items_of(key)))
        assert list(ours.scales[key].reverse_of) == scale.get("reverse_of", [])
        assert (ours.scales[key].method, list(ours.scales[key].range)) == (scale["method"], scale["range"])
