"""A recipe that does not fit its plan is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.instruments.library import load_instruments
from compassion_trials.simulate.recipe import Recipe, load_recipe
from compassion_trials.study.loader import load_plan

ROOT = Path(__file__).resolve().parents[3]
TWIN = ROOT / "config" / "studies" / "yadavaia2014"
TWINS = ("frostadottir2019", "raab2015", "yadavaia2014")


@pytest.mark.parametrize("name", TWINS)
def test_the_shipped_recipes_fit_their_plans(name):
    folder = ROOT / "config" / "studies" / name
    assert isinstance(
        load_recipe(folder / "simulate.yaml", load_plan(folder / "study.yaml"), load_instruments()), Recipe
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("arms: {act: 36", "arms: {akt: 36", 'did you mean "act"'),
        ("fu2m: {act: 30", "fu2m: {act: 40", "more than the 36 participants"),
        ("through: aaq", "through: aak", 'did you mean "aaq"'),
        ("by: trauma", "by: truama", 'did you mean "trauma"'),
        ("female: 0.72", "female: 0.92", "shares add up to 1.2"),
        ("  previews: 3 ", "  preview: 3 ", 'did you mean "previews"'),
        ("time: {post: 0.10, fu2m: 0.15}", "time: {pre: 0.10, fu2m: 0.15}", "Valid: post, fu2m"),
        ("  ghq:\n    mean: 0.3", "  gqh:\n    mean: 0.3", "its recipe is missing"),
        ("anxiety: {effect:", "anxeity: {effect:", 'did you mean "anxiety"'),
        ("{per_arm: 4, icc: 0.05}", "{per_arm: 4, icc: 1.5}", "less than 1"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(tmp_path, old, new, message):
    text = (TWIN / "simulate.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "simulate.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_recipe(path, load_plan(TWIN / "study.yaml"), load_instruments())


def test_a_missing_recipe_names_one_to_copy(tmp_path):
    with pytest.raises(InputError, match="copy config/studies/yadavaia2014"):
        load_recipe(tmp_path / "simulate.yaml", load_plan(TWIN / "study.yaml"), load_instruments())
