from dataclasses import replace

import pytest
from tests.unit.report.small_study import make, plan

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import read_table
from compassion_trials.core.results import Results
from compassion_trials.figures.parts import from_results
from compassion_trials.figures.pictures.mechanism.mechanism import sides


@pytest.fixture
def study(tmp_path):
    context = make(tmp_path, plan())
    return context, Results(read_table(context.results.results))


def test_effects_are_turned_so_that_positive_is_benefit(study):
    sections, name = from_results.sections(*study)
    assert name == "model_g"
    primary, secondary = sections[0].effects
    assert (primary.estimate, primary.lower, primary.upper) == pytest.approx((0.2, -0.1, 0.5))
    assert (secondary.estimate, secondary.lower, secondary.upper) == pytest.approx((2.0, 1.7, 2.3))  # lower is better
    assert primary.primary
    assert not secondary.primary


def test_observed_means_stand_in_where_the_model_has_none_at_baseline(study):
    context, results = study
    panel = from_results.panel(context, results, context.outcomes["scs.total"])
    assert panel.arms[0].mean == pytest.approx((2.5, 2.7, 2.9))
    assert panel.arms[0].observed == ()
    assert panel.weeks == (0, 8, 12)


def test_model_means_take_the_line_and_observed_ones_become_faint(study):
    context, results = study
    keys = {"study": "small", "analysis": "primary", "outcome": "scs.total", "term": "mean"}
    more = [
        {**keys, "arm": arm, "visit": visit, "statistic": name, "value": value}
        for arm in ("act", "wait")
        for visit in ("pre", "post", "fu")
        for name, value in (("estimate", 3.0), ("lower", 2.8), ("upper", 3.2))
    ]
    old = results.table.drop(columns="id").to_dict("records")
    panel = from_results.panel(context, Results(results_table([*old, *more])), context.outcomes["scs.total"])
    assert panel.arms[0].mean == (3.0, 3.0, 3.0)
    assert panel.arms[0].observed == pytest.approx((2.5, 2.7, 2.9))


def test_only_the_questions_of_the_plan_are_drawn(tmp_path):
    study_plan = plan()
    design = study_plan.design.model_copy(update={"arms": {"act": "ACT", "mbsr": "MBSR", "wait": "Wait-list"}})
    context = make(tmp_path, study_plan.model_copy(update={"design": design}))
    keys = {"study": "small", "analysis": "primary", "outcome": "scs.total", "visit": "fu"}
    numbers = {"model_g": 1.0, "model_g_lower": 0.5, "model_g_upper": 1.5}
    pairs = ("act - wait", "mbsr - wait", "act - mbsr")
    rows = [
        {**keys, "term": f"difference: {pair}", "statistic": name, "value": value}
        for pair in pairs
        for name, value in numbers.items()
    ]
    sections, _ = from_results.sections(context, Results(results_table(rows)))
    assert [section.heading for section in sections] == [
        "ACT versus Wait-list, 1-month follow-up",
        "MBSR versus Wait-list, 1-month follow-up",
    ]


def test_reasons_and_unrecorded_ones_add_up_to_those_not_assessed(study):
    context, results = study
    keys = {"study": "small", "analysis": "flow", "arm": "act", "visit": "fu", "statistic": "n"}
    old = results.table[~((results.table["term"] == "missing") & (results.table["visit"] == "fu"))]
    more = [
        {**keys, "term": "missing", "value": 6.0},
        {**keys, "term": "missing", "level": "no time", "value": 2.0},
    ]
    found = Results(results_table([*old.drop(columns="id").to_dict("records"), *more]))
    visit = from_results.flow(context, found).arms[0].visits[-1]
    assert visit.missing == 6
    assert visit.reasons == (("no time", 2), ("reason not recorded", 4))


@pytest.mark.parametrize(
    ("terms", "better", "expected"),
    [
        (["difference: act - wait"], "higher", ("better in Wait-list", "better in ACT workshop")),
        (["difference: act - wait"], "lower", ("better in ACT workshop", "better in Wait-list")),
        (["change"], "higher", ("lower", "higher")),
    ],
)
def test_both_sides_of_zero_are_named(study, terms, better, expected):
    context, _ = study
    outcome = replace(context.outcomes["scs.total"], better=better)
    assert sides(context, outcome, terms) == expected


def test_of_several_contrasts_only_what_they_share_is_named(study):
    context, _ = study
    arms = {**context.plan.design.arms, "mbsr": "MBSR"}
    design = context.plan.design.model_copy(update={"arms": arms})
    wide = replace(context, plan=context.plan.model_copy(update={"design": design}))
    terms = ["difference: act - wait", "difference: mbsr - wait"]
    assert sides(wide, wide.outcomes["scs.total"], terms) == ("better in Wait-list", "better in the other arm")
