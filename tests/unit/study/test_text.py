"""Author text: what it may hold, what is wrong with it, where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.unit.study.plans import plan_with

from compassion_trials.core.errors import InputError
from compassion_trials.study.context import open_study
from compassion_trials.study.layout import Study
from compassion_trials.study.text import SECTIONS, AuthorText, load_text, paragraphs, section_of

ROOT = Path(__file__).resolve().parents[3]


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted keys of a model; a mapping or list counts as one."""
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield prefix + name


def load(folder: Path, text: str) -> AuthorText:
    from compassion_trials.study.plan.study_plan import StudyPlan

    (folder / "text.yaml").write_text(text, encoding="utf-8")
    design = StudyPlan.model_validate(plan_with()).design
    return load_text(Study("x", folder, folder / "study.yaml"), design)


def test_no_file_is_no_text(tmp_path: Path) -> None:
    assert load_text(Study("x", tmp_path, tmp_path / "study.yaml")) == AuthorText()
    assert load(tmp_path, "# nothing yet\n") == AuthorText()


def test_texts_by_dotted_key(tmp_path: Path) -> None:
    text = load(
        tmp_path, "harms: {method: Asked.}\nhypotheses: [One., Two.]\ninterventions: {course: {tidier: {why: So.}}}\n"
    )
    assert text.get("harms.method") == "Asked."
    assert text.get("hypotheses") == "One.\n\nTwo."
    assert text.get("interventions.course.tidier.why") == "So."
    assert text.get("interventions") == "So."
    assert text.get("interventions.waitlist.tidier.why") == ""
    assert text.get("funding") == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("backgruond: x\n", 'unknown key "backgruond"; did you mean "background"?'),
        ("harms: {methods: x}\n", 'harms.methods: unknown key "methods"; did you mean "method"?'),
        ("interventions: {corse: {tidier: {why: x}}}\n", 'there is no such arm; found "corse"; did you mean "course"?'),
        ("interventions: {course: {tidier: {whys: x}}}\n", 'did you mean "why"?'),
        ("- a\n- b\n", "the author text holds no keys"),
        ("background: [a, b]\n", "text.yaml, row 1, background"),
        ("background: 'x\n", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, content)
    assert said in str(caught.value)


def test_every_key_has_a_section() -> None:
    assert [key for key in leaves(AuthorText) if not section_of(key)] == []


def test_every_section_is_of_a_key() -> None:
    known = set(leaves(AuthorText))
    assert [key for key in SECTIONS if not any(leaf == key or leaf.startswith(f"{key}.") for leaf in known)] == []


def test_paragraphs() -> None:
    assert paragraphs("One\nline.\n\n \nTwo. ") == ("One line.", "Two.")


@pytest.mark.parametrize("twin", ["yadavaia2014", "frostadottir2019", "raab2015"])
def test_the_texts_of_the_twins_say_that_they_are_synthetic(twin: str) -> None:
    context = open_study(ROOT / "config/studies" / twin / "study.yaml")
    assert "ynthetic" in context.text.get("background")
    assert set(context.text.interventions) == set(context.plan.design.arms)
