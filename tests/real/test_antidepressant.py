"""The antidepressant trial of rbmi: plan, benchmark MMRM and reference-based imputation end to end."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from compassion_trials.effects.missing.incomplete import incomplete
from compassion_trials.effects.missing.reference_answers import conditional_mean_answer
from compassion_trials.fit.analyses import jobs
from compassion_trials.ingest import stage as ingest
from compassion_trials.scoring import stage as scoring
from compassion_trials.study.context import open_study
from compassion_trials.trial.trial import read_trial

DEFAULT_GLS = 2e-4
"""nlme at its default settings."""
PRINTED = 5e-4
"""rbmi prints three digits."""
KEYS = {"outcome": "hamd.total", "term": "difference: drug - placebo", "visit": "v7"}


@pytest.fixture(scope="module")
def trial(analysed):
    return analysed("rbmi_antidepressant")


def test_the_baseline_column_of_the_long_file_is_the_first_visit(trial):
    assert len(trial.participants) == 172
    assert trial.scores["score"].notna().sum() == 172 + 608


def test_the_primary_model_is_the_benchmark(trial, shared):
    path = shared / "data" / "rbmi_antidepressant" / "reference_R.json"
    stored = json.loads(path.read_text(encoding="utf-8"))["contrast_drug_minus_placebo_df_error"][-1]
    ours = trial.number(analysis="primary", statistic="estimate", **KEYS)
    assert ours == pytest.approx(stored["estimate"], rel=DEFAULT_GLS)


def test_jump_to_reference_has_the_jackknife_error_of_rbmi_and_rubin_keeps_the_information(trial):
    mine = {"analysis": "sensitivity", "model": "jump_to_reference", **KEYS}
    jackknife = trial.number(statistic="se", level="conditional mean, jackknife", **mine)
    assert jackknife == pytest.approx(0.858, abs=PRINTED)
    rubin, mar = (
        trial.number(statistic="se", level="", **(mine | {"model": model}))
        for model in ("jump_to_reference", "multiple_imputation")
    )
    assert rubin == pytest.approx(mar, rel=0.05)
    assert jackknife < 0.8 * rubin


def test_a_recorded_discontinuation_takes_the_place_of_the_last_visit(trial, shared, tmp_path):
    """The data do not record it. Written into the raw file as the first missed visit it gives the same answers; with
    nobody stopped, those lost stay missing at random."""
    raw = pd.read_csv(shared / "data" / "rbmi_antidepressant" / "antidepressant_data.csv", dtype="str")
    last = raw.groupby("PATIENT")["VISIT"].transform("max").astype(int)
    said = trial.context.study.plan_file.read_text(encoding="utf-8")
    place = "    baseline: {sex: {column: GENDER"
    assert place in said
    stopped = "    flow: {stopped: {column: STOP, values: {5: v5, 6: v6, 7: v7, -: stayed}}}\n"
    found = {}
    for name, column in (("recorded", (last + 1).astype(str).where(last < 7, "-")), ("nobody", "-")):
        folder = tmp_path / name / "raw"
        folder.mkdir(parents=True)
        raw.assign(STOP=column).to_csv(folder / "antidepressant_data.csv", index=False)
        plan = re.sub(r"data_root: .*", f"data_root: {folder.as_posix()}", said).replace(place, stopped + place)
        path = tmp_path / name / "config" / "studies" / name / "study.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(plan, encoding="utf-8")
        context = open_study(path)
        ingest.run(context)
        scoring.run(context)
        again = read_trial(context)
        data = incomplete(again, jobs(context)[0])
        found[name] = [float(part[0]) for part in conditional_mean_answer(data, "jump_to_reference", "placebo")]
    mine = {"analysis": "sensitivity", "model": "jump_to_reference", "level": "conditional mean, jackknife", **KEYS}
    assert found["recorded"][0] == pytest.approx(trial.number(statistic="estimate", **mine), rel=1e-9)
    assert found["recorded"][1] == pytest.approx(trial.number(statistic="se", **mine), rel=1e-9)
    likelihood = trial.number(analysis="primary", statistic="estimate", **KEYS)
    assert found["nobody"][0] == pytest.approx(likelihood, rel=0.02)  # the mixed model, which fills nothing in


def test_both_answers_agree_within_monte_carlo_error(trial):
    for model in ("jump_to_reference", "copy_reference", "copy_increments"):
        mine = {"analysis": "sensitivity", "model": model, **KEYS}
        by_draws = trial.number(statistic="estimate", level="", **mine)
        without = trial.number(statistic="estimate", level="conditional mean, jackknife", **mine)
        assert abs(by_draws - without) < 4 * trial.number(statistic="mc_error", level="", **mine)


def test_baseline_severity_moderates_and_its_region_is_above_a_bound(trial):
    mine = {"analysis": "moderation", "model": "hamd.total", "outcome": "hamd.total", "visit": "v7"}
    assert trial.number(term="interaction", statistic="p", **mine) < 0.05
    region = trial.rows(term="johnson_neyman: drug - placebo", statistic="region", **mine)
    assert list(region["text"]) == ["above"]
    assert 10 < trial.number(term="johnson_neyman: drug - placebo", statistic="bound_1", **mine) < 25
