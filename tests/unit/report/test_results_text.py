import pytest
from tests.unit.report.small_study import plan, rows

from compassion_trials.core.columns import results_table
from compassion_trials.core.results import Results
from compassion_trials.report.model import words as plain
from compassion_trials.report.sections.results_text import (
    Wording,
    caution,
    outcome_text,
    participants_text,
)
from compassion_trials.study.context import Context
from compassion_trials.study.layout import Study
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.plan.study_plan import StudyPlan


def wording(tmp_path, study_plan: StudyPlan, content: list[dict[str, object]]) -> Wording:
    context = Context(Study("small", tmp_path, tmp_path / "study.yaml"), study_plan, {}, outcomes(study_plan, {}))
    return Wording(context, Results(results_table(content)))


def text(words: Wording, outcome: str) -> str:
    return plain(outcome_text(words, words.context.outcomes[outcome]), {}).replace("\u00a0", " ")


def test_clear_difference_of_a_randomized_trial(tmp_path):
    study_plan = plan()
    said = text(wording(tmp_path, study_plan, rows(study_plan)), "scs.total")
    assert said == (
        "At 1-month follow-up, Self-Compassion Scale was higher in ACT workshop than in Wait-list: difference "
        "0.20 points, 95% CI [0.05, 0.35], t(38.3) = 2.60, p = .012, g = 0.20 [−0.10, 0.50]."
    )


def test_unclear_difference_claims_nothing(tmp_path):
    study_plan = plan()
    said = text(wording(tmp_path, study_plan, rows(study_plan)), "bdi.total")
    assert "the estimated difference" in said
    assert "leaves open whether the arms differ" in said
    assert "p = .300" in said
    assert "trend" not in said
    assert "lower in" not in said


def test_single_arm_changes_and_never_has_an_effect(tmp_path):
    study_plan = plan("single_arm")
    words = wording(tmp_path, study_plan, rows(study_plan))
    said = text(words, "scs.total") + caution(words)
    assert "Self-Compassion Scale increased from Baseline to 1-month follow-up: mean change 0.20 points" in said
    assert "d" in said
    assert "effect" not in said
    assert "no comparison group" in said


def test_pilot_prints_intervals_without_tests(tmp_path):
    study_plan = plan("non_randomized", pilot=True)
    words = wording(tmp_path, study_plan, rows(study_plan))
    said = text(words, "scs.total")
    assert "95% CI [0.05, 0.35]" in said
    assert "p =" not in said
    assert "t(" not in said
    assert "not allocated at random" in caution(words)
    assert "no claim of efficacy" in caution(words)


@pytest.mark.parametrize(
    ("act", "wait", "verb"),
    [(0.6, 0.2, "increased more"), (0.2, 0.6, "increased less"), (-0.6, -0.2, "decreased more"), (0.6, -0.2, None)],
)
def test_difference_in_change_says_who_changed_more(tmp_path, act, wait, verb):
    study_plan = plan("non_randomized")
    keys = {"study": "small", "analysis": "primary", "outcome": "scs.total", "visit": "fu"}
    content = [
        {**keys, "term": "difference in change: act - wait", "statistic": k, "value": v}
        for k, v in {"estimate": act - wait, "p": 0.01, "lower": 0.1, "upper": 0.7, "t": 2.7, "df": 30.0}.items()
    ] + [
        {**keys, "term": "change", "arm": arm, "statistic": "estimate", "value": v}
        for arm, v in (("act", act), ("wait", wait))
    ]
    said = text(wording(tmp_path, study_plan, content), "scs.total")
    expected = f"Self-Compassion Scale {verb} in ACT workshop" if verb else "The change of Self-Compassion Scale"
    assert said.startswith(expected)
    assert "t(30) = 2.70" in said


def test_flow_sentence_counts_arms(tmp_path):
    study_plan = plan()
    said = plain(participants_text(wording(tmp_path, study_plan, rows(study_plan))), {})
    assert said == (
        "In total, 41 participants were randomized (20 to ACT workshop and 21 to Wait-list). "
        "At 1-month follow-up, 18 of 20 participants in ACT workshop and 19 of 21 in Wait-list were assessed."
    )


def test_no_rows_no_sentence(tmp_path):
    study_plan = plan()
    content = [row for row in rows(study_plan) if row["analysis"] != "primary"]
    assert text(wording(tmp_path, study_plan, content), "scs.total") == ""
