from __future__ import annotations

from tests.unit.study.plans import PLAN, plan_with

from compassion_trials.instruments.library import load_instruments
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.words import in_words


def words(content: dict) -> str:
    plan = StudyPlan.model_validate(content)
    return " ".join(in_words(plan, outcomes(plan, load_instruments(None))))


def test_a_randomized_plan_in_words() -> None:
    said = words(PLAN)
    assert '"Compassion course against wait-list" is a randomized trial.' in said
    assert "pre (week 0), post (week 8), Follow-up (week 20)" in said
    assert "The primary comparison is Compassion course minus Wait-list" in said
    assert "at Follow-up, by a mixed model for repeated measures with a common baseline mean (cLDA)." in said


def test_the_last_visit_with_a_control_is_primary() -> None:
    design = {**PLAN["design"], "control_until": "post"}
    assert "at the assessment post, by" in words(plan_with(design=design))


def test_a_single_arm_is_never_a_comparison() -> None:
    design = {"type": "single_arm", "arms": {"course": "Course"}, "visits": {"pre": 0, "post": 8}}
    data = [{k: v for k, v in PLAN["data"][0].items() if k != "arm"}]
    said = words(plan_with(design=design, data=data))
    assert "comparison" not in said
    assert "effect" not in said
    assert "the change of" in said


def test_sensitivity_analyses_have_the_words_of_the_methods() -> None:
    analysis = {**PLAN.get("analysis", {}), "sensitivity": ["completers", "locf"]}
    said = words(plan_with(analysis=analysis))
    assert "Sensitivity analyses: the planned model among completers; last value carried forward" in said
    assert "locf" not in said


def test_further_scales_of_the_primary_measure_are_secondary() -> None:
    scs = {"instrument": "scs", "role": "primary", "scales": ["total", "isolation"]}
    said = words(plan_with(measures={**PLAN["measures"], "scs": scs}))
    assert "Primary measure: Self-compassion (SCS total)." in said
    assert "Secondary measures: Isolation (SCS);" in said
