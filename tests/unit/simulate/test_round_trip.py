"""What is simulated comes back from the raw export: formats, codes and planted trouble are read as meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.ingest import stage as ingest
from compassion_trials.simulate import stage
from compassion_trials.simulate.recipe import load_recipe
from compassion_trials.simulate.sheet import participant_code
from compassion_trials.simulate.trial import simulate
from compassion_trials.study.context import Context, open_study

ROOT = Path(__file__).resolve().parents[3]
TWINS = ("frostadottir2019", "raab2015", "yadavaia2014")


@pytest.fixture(scope="module")
def twins(tmp_path_factory) -> dict[str, Context]:
    found = {}
    for name in TWINS:
        home = tmp_path_factory.mktemp(name) / "config" / "studies" / name
        shutil.copytree(ROOT / "config" / "studies" / name, home)
        found[name] = open_study(home / "study.yaml")
        stage.run(found[name].study)
        ingest.run(found[name])
    return found


@pytest.mark.parametrize("name", TWINS)
def test_answers_come_back(twins, name):
    """Each answer of each participant; of rows entered twice the rule keeps the true one."""
    context = twins[name]
    recipe = load_recipe(stage.recipe_file(context.study), context.plan, context.instruments)
    trial = simulate(context.plan, recipe, context.instruments)
    visits = list(context.plan.design.visits)
    responses = read_table(context.results.responses)
    for measure, expected in trial.answers.items():
        here = responses[responses["measure"] == measure]
        wide = here.pivot(index=["participant", "visit"], columns="item", values="value")
        wide = wide[[str(j) for j in sorted(int(item) for item in wide.columns)]]
        who = [participant_code(i + 1, context.plan) for i in range(len(trial.arm))]
        pairs = [(who[i], visits[t]) for i, t in np.argwhere(trial.assessed)]
        assert set(wide.index) == set(pairs)
        truth = np.array([expected[who.index(p), visits.index(v)] for p, v in pairs])
        np.testing.assert_array_equal(wide.loc[pairs].to_numpy(), truth)


@pytest.mark.parametrize("name", TWINS)
def test_arms_and_attendance_come_back(twins, name):
    context = twins[name]
    recipe = load_recipe(stage.recipe_file(context.study), context.plan, context.instruments)
    participants, flow = read_table(context.results.participants), read_table(context.results.flow)
    assert participants["arm"].value_counts().to_dict() == recipe.arms
    for visit, counts in recipe.assessed.items():
        for arm, n in counts.items():
            here = flow[(flow["visit"] == visit) & (flow["arm"] == arm)]
            assert int(here["assessed"].sum()) == n


@pytest.mark.parametrize("name", TWINS)
def test_the_mark_is_carried_on_and_nothing_identifying_is(twins, name):
    context = twins[name]
    assert Record.read(context.results.record("ingest")).facts["synthetic"] is True
    for path in (context.results.root / "data").iterdir():
        text = path.read_bytes()
        for word in (b"Synthetic Person", b"example.org", b"192.0.2.", b"Synthetic comment"):
            assert word not in text, (path.name, word)


@pytest.mark.parametrize("name", TWINS)
def test_repeated_rows_are_reported(twins, name):
    context = twins[name]
    recipe = load_recipe(stage.recipe_file(context.study), context.plan, context.instruments)
    issues = pd.read_csv(context.results.findings("ingest"), keep_default_na=False)
    assert int((issues["code"] == "duplicate_differs").sum()) == recipe.plant.duplicates


def test_previews_and_broken_off_answers_are_counted_as_removed(twins):
    facts = Record.read(twins["yadavaia2014"].results.record("ingest")).facts
    assert sum(row["n"] for row in facts["removed_rows"] if "repeated" not in row["reason"]) == 3 + 4


def test_events_and_stops_come_back(twins):
    """Unwanted events of all visits, and the first visit after the week in which the course was stopped."""
    context = twins["frostadottir2019"]
    recipe = load_recipe(stage.recipe_file(context.study), context.plan, context.instruments)
    trial = simulate(context.plan, recipe, context.instruments)
    who = [participant_code(i + 1, context.plan) for i in range(len(trial.arm))]
    people = read_table(context.results.participants).set_index("participant").loc[who]
    came = trial.assessed[:, 1:].any(axis=1)  # events are asked for after the baseline
    for event, number in trial.harms.items():
        found = people[f"harms.{event}"].to_numpy(float)
        assert number.sum() > 0
        assert (found[came] == number.sum(axis=1)[came]).all()
        assert np.isnan(found[~came]).all()
    weeks = {visit: part.week for visit, part in context.plan.design.visits.items()}
    first = [next((v for v, at in weeks.items() if at > week), None) for week in trial.stop_week]
    assert [visit if pd.notna(visit) else None for visit in people["stopped"]] == first
    lost = ~trial.assessed.all(axis=1)
    treated = people["arm"].to_numpy() != "control"
    assert (people["stopped"].notna().to_numpy() >= (lost & treated)).all()
    assert (people["stopped"].notna() & ~lost).sum() == recipe.stopped
