"""The question of a trial: which analysis, comparison and visit answer for an outcome, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit import made_trial

from compassion_trials.core.errors import InputError
from compassion_trials.instruments.library import load_instruments
from compassion_trials.study.checks.crosscheck import check_plan
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.question import Question, covered, last_controlled, question
from compassion_trials.study.words import in_words

THREE = ("mbct", "cft", "waitlist")


def measures(**more: dict[str, Any]) -> dict[str, Any]:
    """A primary measure and others."""
    others = {key: made_trial.TOTAL | {"name": key} | part for key, part in more.items()}
    return {"dep": made_trial.TOTAL | {"name": "Depression", "role": "primary"}, **others}


def asked(plan: StudyPlan, outcome: str) -> Question:
    return question(plan, outcomes(plan, load_instruments(None)), outcome)


def visit(outcome: str = "anx.total", **parts: Any) -> str:
    return asked(made_trial.plan(**parts), outcome).visit


def problems(plan: StudyPlan) -> dict[str, str]:
    """Key of the plan and message with value and advice of every problem."""
    made = plan.model_copy(update={"data": (plan.data[0].model_copy(update={"items": "{visit}_{item}"}),)})
    try:
        check_plan(made, load_instruments(None))
    except InputError as error:
        return {f.column: f"{f.message}; {f.value}; {f.advice}" for f in error.findings}
    return {}


def contrast(**words: Any) -> dict[str, Any]:
    return {"contrast": words}


def test_without_a_named_visit_the_last_one_with_a_control_answers():
    assert visit() == "fu"
    assert visit(design={"control_until": "post"}) == "post"


def test_the_visit_of_the_primary_comparison_is_that_of_the_secondary_outcomes():
    assert visit(analysis={"primary": contrast(visit="post")}) == "post"
    given = {"primary": contrast(visit="post"), "secondary": {"model": "clda"}}
    assert visit(analysis=given) == "post"


def test_the_secondary_analysis_may_have_its_own_visit():
    given = {"primary": contrast(visit="post"), "secondary": contrast(visit="fu")}
    assert visit(analysis=given) == "fu"
    assert visit("dep.total", analysis=given) == "post"


def test_an_outcome_that_was_not_planned_then_has_its_own_last_controlled_visit():
    early = measures(anx={"visits": ["pre", "post"]})
    assert visit(measures=early) == "post"
    assert visit(measures=early, analysis={"primary": contrast(visit="fu")}) == "post"
    late = measures(anx={"visits": ["pre", "mid", "fu"]})
    design = {"control_until": "post"}
    assert visit(measures=late, visits=("pre", "mid", "post", "fu"), design=design) == "mid"


def test_visits_that_the_analysis_leaves_out_do_not_answer():
    assert visit("dep.total", analysis={"primary": {"visits": ["pre", "post"]}}) == "post"


def test_a_visit_after_crossing_over_answers_only_for_treated_arms():
    parts = {"arms": THREE, "design": {"control_until": "post"}}
    treated = {"primary": contrast(visit="fu", between=["mbct", "cft"])}
    assert visit(analysis=treated, **parts) == "fu"
    assert visit(analysis={"primary": contrast(visit="fu", between=["mbct", "waitlist"])}, **parts) == "post"


def test_the_only_visit_of_a_study_answers_and_the_words_say_how():
    plan = made_trial.plan(visits=("once",))
    found = asked(plan, "dep.total")
    assert (found.visit, found.model, found.baselines, found.terms) == (
        "once",
        "ancova",
        (),
        ("difference: act - waitlist",),
    )
    assert problems(plan) == {}
    said = " ".join(in_words(plan, outcomes(plan, load_instruments(None))))
    assert "at the assessment once, by analysis of covariance without a baseline to adjust for." in said
    assert "1 visit: once" in said


def test_an_additional_analysis_of_other_visits_has_the_last_of_them():
    plan = made_trial.plan(
        measures=measures(mod={"role": "moderator"}),
        analysis={
            "additional": {"first": {"model": "ancova", "outcomes": ["mod.total"], "visits": ["pre"], "baselines": []}}
        },
    )
    found = asked(plan, "mod.total")
    assert (found.analysis, found.visit, found.planned) == ("first", "pre", False)


def test_which_analysis_answers():
    plan = made_trial.plan(
        measures=measures(anx={}, mod={"role": "moderator"}, med={"role": "mediator"}, extra={"role": "covariate"}),
        analysis={"additional": {"all": {"outcomes": ["dep.total", "anx.total", "extra.total"]}}},
    )
    names = {key: asked(plan, f"{key}.total").analysis for key in ("dep", "anx", "med", "mod", "extra")}
    assert names == {"dep": "primary", "anx": "secondary", "med": "secondary", "mod": "", "extra": "all"}
    assert not asked(plan, "mod.total").planned
    assert [o.key for o in covered(plan, outcomes(plan, load_instruments(None)))] == [
        "dep.total",
        "anx.total",
        "med.total",
    ]


def test_named_secondary_outcomes_are_the_only_ones_covered():
    plan = made_trial.plan(measures=measures(anx={}, pss={}), analysis={"secondary": {"outcomes": ["pss.total"]}})
    assert [o.key for o in covered(plan, outcomes(plan, load_instruments(None)))] == ["dep.total", "pss.total"]
    assert asked(plan, "anx.total").analysis == ""


def test_each_arm_against_control_is_asked_unless_the_plan_names_a_pair():
    assert asked(made_trial.plan(arms=THREE), "anx.total").asked == (("mbct", "waitlist"), ("cft", "waitlist"))
    given = {"primary": contrast(between=["cft", "mbct"]), "secondary": {"model": "clda"}}
    found = asked(made_trial.plan(arms=THREE, analysis=given), "anx.total")
    assert found.asked == (("cft", "mbct"),)
    assert found.pairs == (("cft", "mbct"), ("mbct", "waitlist"), ("cft", "waitlist"))
    assert found.terms == ("difference: cft - mbct",)


def test_the_secondary_analysis_may_have_its_own_pair():
    given = {"primary": contrast(between=["mbct", "waitlist"]), "secondary": contrast(between=["cft", "waitlist"])}
    plan = made_trial.plan(arms=THREE, analysis=given)
    assert asked(plan, "anx.total").asked == (("cft", "waitlist"),)
    assert asked(plan, "dep.total").asked == (("mbct", "waitlist"),)


def test_without_the_control_the_treated_arms_are_compared():
    given = {"primary": contrast(between=["mbct", "waitlist"]), "secondary": {"arms": ["mbct", "cft"]}}
    assert asked(made_trial.plan(arms=THREE, analysis=given), "anx.total").asked == (("mbct", "cft"),)


def test_a_single_arm_answers_by_its_change():
    found = asked(made_trial.plan("single_arm", arms=("mbsr",)), "anx.total")
    assert (found.asked, found.terms, found.visit, found.in_change) == ((), ("change",), "fu", False)
    assert found.asks("change")
    assert not found.asks("mean")


@pytest.mark.parametrize(
    ("kind", "model", "in_change"),
    [
        ("randomized", None, False),
        ("randomized", "lda", True),  # each arm has a baseline mean of its own
        ("randomized", "change_t", True),
        ("randomized", "random_intercept", False),
        ("randomized", "baseline_adjusted", False),
        ("non_randomized", None, True),
        ("non_randomized", "random_slope", True),
        ("non_randomized", "ancova", False),
    ],
)
def test_changes_are_compared_where_arms_may_differ_at_baseline(kind, model, in_change):
    found = asked(made_trial.plan(kind, analysis={"primary": {"model": model}}), "dep.total")
    assert found.in_change is in_change
    assert found.terms == (f"difference{' in change' if in_change else ''}: act - waitlist",)


def test_what_a_term_compares_is_asked_whatever_the_model_and_the_order():
    found = asked(made_trial.plan(arms=THREE, analysis={"primary": contrast(between=["cft", "mbct"])}), "dep.total")
    assert found.asks("difference in change: cft - mbct")
    assert found.asks("responders: mbct - cft")
    assert not found.asks("difference: cft - waitlist")


def test_among_the_visits_of_a_part_the_answer_or_the_last_controlled_one():
    plan = made_trial.plan(design={"control_until": "post"})
    found = asked(plan, "dep.total")
    assert found.among(plan.design, ("post", "fu")) == "post"
    assert found.among(plan.design, ("fu",)) == ""
    assert last_controlled(plan.design, ("pre", "post", "fu")) == "post"
    assert last_controlled(plan.design, ("pre",)) == ""


def test_a_plan_whose_questions_have_answers_passes():
    assert problems(made_trial.plan()) == {}
    assert problems(made_trial.plan(measures=measures(anx={"visits": ["pre", "post"]}))) == {}


ERRORS: dict[str, tuple[dict[str, Any], str, str]] = {
    "baseline only": (
        {"measures": measures(anx={"visits": ["pre"]})},
        "measures.anx.visits",
        "anx.total is planned at the baseline only",
    ),
    "after the control": (
        {"measures": measures(anx={"visits": ["pre", "fu"]}), "design": {"control_until": "post"}},
        "measures.anx.visits",
        "the control ends at post",
    ),
    "no controlled visit at all": (
        {"design": {"control_until": "pre"}},
        "measures.dep.visits",
        "no visit after the baseline that has a concurrent control",
    ),
    "the analysis leaves none": (
        {"measures": measures(anx={"visits": ["pre", "fu"]}), "analysis": {"secondary": {"visits": ["pre", "post"]}}},
        "analysis.secondary",
        "leaves no visit after the baseline",
    ),
    "primary visit not planned": (
        {
            "measures": measures()
            | {"dep": made_trial.TOTAL | {"name": "D", "role": "primary", "visits": ["pre", "post"]}},
            "analysis": {"primary": contrast(visit="fu")},
        },
        "analysis.primary.contrast.visit",
        "the primary analysis has no dep.total at this visit; fu; it has pre, post",
    ),
    "primary visit is the baseline": (
        {"analysis": {"primary": contrast(visit="pre")}},
        "analysis.primary.contrast.visit",
        "this is the baseline",
    ),
    "primary visit without control": (
        {"analysis": {"primary": contrast(visit="fu")}, "design": {"control_until": "post"}},
        "analysis.primary.contrast.visit",
        "no concurrent control at this visit (control_until); fu; name one of post",
    ),
    "an arm with itself": (
        {"analysis": {"primary": contrast(between=["act", "act"])}},
        "analysis.primary.contrast.between",
        "compared with itself",
    ),
    "arm not in the analysis": (
        {
            "arms": THREE,
            "analysis": {"secondary": {"arms": ["mbct", "waitlist"], **contrast(between=["cft", "waitlist"])}},
        },
        "analysis.secondary.contrast.between",
        "not both arms are in the analysis; cft, waitlist; its arms are mbct, waitlist",
    ),
    "family of what is not analysed": (
        {"measures": measures(mod={"role": "moderator"}), "analysis": {"families": {"f": {"outcomes": ["mod.total"]}}}},
        "analysis.families.f.outcomes",
        "no analysis of the plan covers this outcome; mod.total",
    ),
    "family at a visit without the outcome": (
        {
            "measures": measures(anx={"visits": ["pre", "post"]}),
            "analysis": {"families": {"f": {"outcomes": ["anx.total"], "visit": "fu"}}},
        },
        "analysis.families.f.visit",
        "the secondary analysis gives no answer for anx.total at this visit; fu; it does at post",
    ),
    "margin after the control": (
        {
            "arms": THREE,
            "design": {"control_until": "post"},
            "analysis": {
                "margins": [{"outcome": "dep.total", "margin": 3, "visit": "fu", "between": ["cft", "waitlist"]}]
            },
        },
        "analysis.margins.0.visit",
        "no concurrent control for dep.total at this visit",
    ),
    "moderation at a visit without the outcome": (
        {
            "measures": measures(anx={"visits": ["pre", "post"]}),
            "analysis": {"moderation": [{"moderator": "age", "outcomes": ["anx.total"], "visit": "fu"}]},
        },
        "analysis.moderation.0.visit",
        "it does at post",
    ),
    "sensitivity of what is not analysed": (
        {
            "measures": measures(mod={"role": "moderator"}),
            "analysis": {"sensitivity": [{"method": "completers", "outcomes": ["mod.total"]}]},
        },
        "analysis.sensitivity.0.outcomes",
        "no analysis of the plan covers this outcome",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_a_question_without_an_answer_is_an_error(case):
    parts, key, words = ERRORS[case]
    found = problems(made_trial.plan(**parts))
    assert words in found[key]


def test_scales_of_one_measure_are_one_problem():
    plan = made_trial.plan(measures=measures(dass={}) | {"dass": {"instrument": "dass21", "visits": ["pre"]}})
    assert list(problems(plan)) == ["measures.dass.visits"]


def test_margins_between_treated_arms_may_be_after_the_control():
    margin = {"outcome": "dep.total", "margin": 3, "visit": "fu"}
    plan = made_trial.plan(arms=THREE, design={"control_until": "post"}, analysis={"margins": [margin]})
    assert problems(plan) == {}
