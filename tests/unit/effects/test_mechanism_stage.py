"""The plan's mechanisms and sensitivity analyses as result rows, words, tables and figures."""

from __future__ import annotations

import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.missing.sensitivity import sensitivity_rows
from compassion_trials.effects.stage import run as effects
from compassion_trials.fit.stage import run as fit
from compassion_trials.study.plan.sensitivity import METHODS
from compassion_trials.trial.trial import read_trial

ASKED = {
    "mediation": [
        {"mediator": "anx.total", "mediator_visit": "post", "outcome": "dep.total", "outcome_visit": "fu"},
        {"mediator": ["anx.total"], "mediator_visit": "fu", "outcome": "dep.total", "outcome_visit": "fu",
         "interval": "bca", "prespecified": False, "replicates": 500},
    ],
    "moderation": [{"moderator": "age", "outcomes": ["dep.total", "anx.total"]}, {"moderator": "sex"},
                   {"moderator": "dep.total", "prespecified": False}],
    "sensitivity": ["completers", "per_protocol", "statsmodels_lmm", {"multiple_imputation": {"imputations": 50}},
                    "jump_to_reference", "copy_reference", "copy_increments", {"tipping_point": {"deltas": [2.5]}},
                    "locf"],
}  # fmt: skip
SETS = {"per_protocol": {"column": "age", "at_least": 35, "arms": ["act"]}}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    context = made_trial.trial(tmp_path_factory.mktemp("asked"), n=30, analysis=ASKED, analysis_sets=SETS)
    for stage in (describe, fit, effects):
        stage(context)
    return context, read_table(context.results.results)


def value(table, statistic="estimate", **keys):
    for name, wanted in keys.items():
        table = table[table[name] == wanted]
    table = table[table["statistic"] == statistic]
    assert len(table) == 1, (keys, len(table))
    return table["value"].iloc[0]


def test_every_sensitivity_analysis_answers_the_primary_question(made):
    _, table = made
    found = table[(table["analysis"] == "sensitivity") & (table["statistic"] == "estimate")]
    assert set(found["model"]) == set(METHODS)
    keys = {"outcome": "dep.total", "term": "difference: act - waitlist", "visit": "fu"}
    primary, se = (value(table, s, analysis="primary", **keys) for s in ("estimate", "se"))
    answers = found[found["level"].isin(["", "conditional mean, jackknife"])]
    assert (abs(answers["value"] - primary) < 2.5 * se).all()
    imputed = value(table, analysis="sensitivity", model="multiple_imputation", **keys)
    error = value(table, "mc_error", analysis="sensitivity", model="multiple_imputation", **keys)
    assert abs(imputed - primary) < 4 * error + 0.1 * se  # the same model, by likelihood and by imputation


def test_reference_based_answers_are_nearer_to_no_effect_and_come_twice(made):
    _, table = made
    for model in ("jump_to_reference", "copy_reference", "copy_increments"):
        mine = table[(table["model"] == model) & (table["statistic"] == "estimate")]
        assert set(mine["level"]) == {"", "conditional mean, jackknife"}
        mar = value(table, analysis="sensitivity", model="multiple_imputation")
        assert abs(mine["value"]).max() < abs(mar)


def test_asked_delta_and_tipping_point(made):
    _, table = made
    assert value(table, "delta", model="tipping_point", level="delta 2.5") == 2.5
    at = table[(table["model"] == "tipping_point") & (table["level"] == "at the tipping point")]
    assert at.loc[at["statistic"] == "p", "value"].iloc[0] == pytest.approx(0.05, abs=1e-6)


def test_marks_populations_and_notes(made):
    context, table = made
    assert set(table.loc[table["model"] == "per_protocol", "population"]) == {"per_protocol"}
    same = table[(table["analysis"] == "mediation") & (table["model"] == "anx.total at fu")]
    assert set(same["prespecified"]) == {"no"}
    issues = context.results.findings("effects").read_text(encoding="utf-8")
    assert "same_visit_mediation" in issues
    said = " ".join(Record.read(context.results.record("effects")).methods)
    for words in ("Rubin's rules", "Reference-based", "tipping point", "bootstrap", "arm by moderator by visit"):
        assert words in said


def test_mediation_rows_hold_together(made):
    _, table = made
    mine = table[(table["analysis"] == "mediation") & (table["model"] == "anx.total at post")]
    total, direct, indirect = (value(mine, term=f"{name}: act - waitlist") for name in ("total", "direct", "indirect"))
    assert total == pytest.approx(direct + indirect)


def test_moderation_by_its_own_baseline_needs_no_second_main_effect(made):
    _, table = made
    mine = table[(table["analysis"] == "moderation") & (table["model"] == "dep.total")]
    assert not (mine["text"] == "not estimable").any()
    assert set(mine.loc[mine["term"] == "interaction", "visit"]) == {"fu", ""}


def test_tables_figures_and_report_text_show_them(made):
    from compassion_trials.core.results import Results
    from compassion_trials.figures.catalogue import draw_all
    from compassion_trials.tables.builders.mechanism import mediation, moderation, sensitivity
    from compassion_trials.tables.material import gather
    from compassion_trials.tables.writers.markdown import to_markdown

    context, table = made
    material = gather(context)
    text = "".join(to_markdown(spec) for part in (mediation, moderation, sensitivity) for spec in part.build(material))
    for words in ("Jump to reference, conditional mean", "Indirect effect", "same visit", "interaction", "Post hoc"):
        assert words in text
    names = [
        drawn.name
        for drawn in draw_all(context, Results(table))
        if drawn.category in ("mediation", "moderation", "sensitivity")
    ]
    stems = {name.partition(".")[0] for name in names}
    assert stems == {"sensitivity", "tipping", "mediation", "moderation", "subgroups"}
    assert len(names) == len(set(names))


def test_data_that_cannot_give_it_say_so_and_the_rest_stands(tmp_path):
    """Nobody is seen at the last visit in one arm: what needs it is a row and a finding, not a crash."""
    asked = {"sensitivity": ["completers", "multiple_imputation", "locf"]}
    plan = made_trial.plan(analysis=asked)
    people = made_trial.people(("act", "waitlist"), 20)
    scores = made_trial.scored(people, plan.design.visits)
    scores = scores[(scores["visit"] != "fu") | (scores["arm"] == "act")]
    context = made_trial.write(tmp_path, plan, people, scores)
    rows, findings = sensitivity_rows(read_trial(context))
    told = {row["model"] for row in rows if row.get("text") == "not estimable"}
    assert "multiple_imputation" in told
    assert all(finding.advice for finding in findings)


def test_single_arm_change_is_imputed(tmp_path):
    context = made_trial.trial(
        tmp_path, "single_arm", ("mbsr",), analysis={"sensitivity": ["multiple_imputation", "locf"]}
    )
    rows, findings = sensitivity_rows(read_trial(context))
    assert not findings
    assert {row["term"] for row in rows} == {"change"}


def test_three_arms_not_randomized_compare_changes(tmp_path):
    asked = {"sensitivity": ["multiple_imputation", "jump_to_reference"]}
    context = made_trial.trial(tmp_path, "non_randomized", ("mbct", "cft", "waitlist"), analysis=asked)
    rows, findings = sensitivity_rows(read_trial(context))
    assert not findings
    assert {row["term"] for row in rows} == {
        f"difference in change: {pair}" for pair in ("mbct - waitlist", "cft - waitlist", "mbct - cft")
    }
