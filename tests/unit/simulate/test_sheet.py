"""Any plan can be simulated as CSV: columns, codes and item order are those that the plan expects."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.simulate.mark import is_synthetic
from compassion_trials.simulate.recipe import load_recipe
from compassion_trials.simulate.sheet import number
from compassion_trials.simulate.stage import recipe_file, run
from compassion_trials.simulate.trial import simulate
from compassion_trials.study.context import Context, open_study

PLAN = """
title: A dry run
design:
  type: randomized
  arms: {course: Course, wait: Wait-list}
  control: wait
  visits: {pre: 0, post: 8}
data:
  - file: survey.csv
    id: code
    arm: {column: group, values: {1: course, 2: wait}}
    visit: {values: {pre: T1, post: T2}}
    items: "{instrument}_{visit}_{item:02}"
    delimiter: ";"
measures:
  scs: {instrument: scs, role: primary}
  who: {instrument: who5, coding: {min: 1, max: 6}}
  life: {total: "life_{visit}", name: Life, range: [0, 10], better: higher}
"""

RECIPE = """
seed: 1
arms: {course: 12, wait: 11}
assessed: {post: {course: 9, wait: 10}}
measures:
  scs: {effect: {course: {post: 0.5}}}
  who: {}
  life: {total: {mean: 6, sd: 2, decimals: 1}}
"""


def study(folder: Path, plan: str = PLAN, recipe: str = RECIPE) -> Context:
    home = folder / "config" / "studies" / "dry"
    home.mkdir(parents=True)
    (home / "study.yaml").write_text(plan, encoding="utf-8")
    (home / "simulate.yaml").write_text(recipe, encoding="utf-8")
    return open_study(home / "study.yaml")


def rows(context: Context) -> list[dict[str, str]]:
    with (context.raw / "survey.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def test_columns_are_those_of_the_plan(tmp_path):
    context = study(tmp_path)
    run(context.study)
    table = rows(context)
    assert len(table) == 23
    assert {"code", "group", "scs_T1_01", "scs_T2_26", "who_T2_05", "life_T1", "SYNTHETIC"} <= set(table[0])
    assert sorted(row["group"] for row in table) == ["1"] * 12 + ["2"] * 11
    assert sum(bool(row["scs_T2_01"]) for row in table) == 19
    assert {row["who_T1_01"] for row in table} <= {"1", "2", "3", "4", "5", "6"}
    assert all(0 <= float(row["life_T1"]) <= 10 for row in table)
    assert is_synthetic(context.raw / "survey.csv")


def test_codes_and_item_order_of_the_plan_are_kept(tmp_path):
    turned = "who: {instrument: who5, coding: {min: 0, max: 5, reversed_items: [2]}, item_order: [5, 4, 3, 2, 1]}"
    plain = study(
        tmp_path / "plain", PLAN.replace("who: {instrument: who5, coding: {min: 1, max: 6}}", "who: {instrument: who5}")
    )
    other = study(tmp_path / "other", PLAN.replace("who: {instrument: who5, coding: {min: 1, max: 6}}", turned))
    expected, found = (
        simulate(c.plan, load_recipe(recipe_file(c.study), c.plan, c.instruments), c.instruments).answers["who"]
        for c in (plain, other)
    )
    expected[:, :, 1] = 5 - expected[:, :, 1]
    assert np.array_equal(found, expected[:, :, ::-1])


def test_a_format_that_cannot_be_written_is_refused(tmp_path):
    context = study(tmp_path, PLAN.replace("survey.csv", "survey.xlsx").replace('    delimiter: ";"\n', ""))
    with pytest.raises(InputError, match="written as CSV, Qualtrics, REDCap or SPSS only"):
        run(context.study)
    assert not context.raw.exists()


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (1.25, "1.25"), (np.nan, ""), (-0.5, "-0.5")])
def test_numbers_look_as_people_write_them(value, text):
    assert number(value) == text
