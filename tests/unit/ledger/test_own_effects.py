"""Effects of our own trials: the field of each outcome, and the direction of benefit."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.core.columns import results_table
from compassion_trials.core.errors import InputError
from compassion_trials.core.files import write_json, write_table
from compassion_trials.ledger.evidence.measures import hedges_variance
from compassion_trials.ledger.evidence.own_effects import field_of, own_effects
from compassion_trials.study.context import Context, open_study

PLAN = """
title: Made up
design: {type: randomized, arms: {act: ACT, wl: Wait-list}, control: wl, visits: {pre: 0, post: 8}}
data:
  - {file: a.csv, id: id, arm: {column: arm, values: {1: act, 2: wl}}, items: "{instrument}_{visit}_{item}"}
measures:
  scs: {instrument: scs, role: primary}
  dass: {instrument: dass21}
  fscrs: {instrument: fscrs}
"""


@pytest.fixture
def context(tmp_path: Path) -> Context:
    plan = tmp_path / "config" / "studies" / "made" / "study.yaml"
    plan.parent.mkdir(parents=True)
    plan.write_text(PLAN, encoding="utf-8")
    return open_study(plan)


def test_fields(context):
    fields = {key: field_of(context, key) for key in context.outcomes}
    assert fields["scs.total"] == "self_compassion"
    assert fields["scs.self_judgment"] == fields["fscrs.self_criticism"] == "self_criticism"
    assert fields["dass.depression"] == "depression"
    assert fields["dass.total"] is None
    assert fields["scs.mindfulness"] is None  # a subscale of self-compassion, no measure of mindfulness


def test_benefit_is_positive_and_only_complete_outcomes_count(context):
    shared = {"study": "made", "analysis": "observed", "visit": "post"}
    contrast = {**shared, "term": "difference: act - wl", "statistic": "hedges_g"}
    rows = [{**contrast, "outcome": "dass.stress", "value": -0.5}]  # without n
    for outcome, g in (("scs.total", 0.5), ("scs.self_judgment", -0.5)):
        rows.append({**contrast, "outcome": outcome, "value": g})
        for arm, n in (("act", 30), ("wl", 28)):
            rows.append({**shared, "outcome": outcome, "arm": arm, "statistic": "n", "value": n})
    write_table(results_table(rows), context.results.results)
    found = list(own_effects(context))
    assert [(e.field, e.estimate) for e in found] == [("self_compassion", 0.5), ("self_criticism", 0.5)]
    assert all(e.own and e.variance == hedges_variance(0.5, 30, 28) for e in found)


def test_simulated_trials_are_no_evidence(context):
    test_benefit_is_positive_and_only_complete_outcomes_count(context)
    write_json({"facts": {"synthetic": True}}, context.results.record("ingest"))
    assert list(own_effects(context)) == []


OWN = """
id: mine
short: MINE
name: My Own Scale
citation: Nobody
items: 4
response: {min: 1, max: 5}
scales:
  total: {label: Mine, items: [1, 2, 3, 4], method: mean, range: [1, 5], better: higher, field: self_compassion}
"""


def test_a_line_in_the_questionnaire_puts_a_trial_into_the_evidence(context):
    own = context.study.plan_file.parents[2] / "instruments" / "mine.yaml"
    own.parent.mkdir()
    own.write_text(OWN, encoding="utf-8")
    plan = context.study.plan_file
    plan.write_text(PLAN.replace("fscrs: {instrument: fscrs}", "mine: {instrument: mine}"), encoding="utf-8")
    assert field_of(open_study(plan), "mine.total") == "self_compassion"


def test_a_stored_total_has_the_field_of_its_plan(context):
    plan = context.study.plan_file
    total = 'bdi: {total: "bdi_{visit}", name: BDI, range: [0, 63], better: lower, field: depression}'
    plan.write_text(PLAN.replace("fscrs: {instrument: fscrs}", total), encoding="utf-8")
    assert field_of(open_study(plan), "bdi.total") == "depression"
    plan.write_text(PLAN.replace("{instrument: fscrs}", "{instrument: fscrs, field: depression}"), encoding="utf-8")
    with pytest.raises(InputError, match="field belongs to a stored total"):
        open_study(plan)


def test_without_results_there_are_none(context):
    assert list(own_effects(context)) == []
