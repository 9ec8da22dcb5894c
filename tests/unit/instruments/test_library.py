"""Shipped questionnaires load; a user's file is read with clear words about what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.instruments.library import load_instrument, load_instruments

GOOD = """
id: hope10
short: HOPE-10
name: Hope Questionnaire
citation: Nobody (2026). A made-up questionnaire.
items: 10
response: {min: 1, max: 6, anchors: 1 never ... 6 always}
scales:
  total: {label: Hope, items: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], reverse: [2, 9], range: [10, 60], better: higher}
"""


def write(folder: Path, text: str, name: str = "hope10.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def findings(folder: Path, text: str, name: str = "hope10.yaml") -> list[str]:
    write(folder, text, name)
    with pytest.raises(InputError) as error:
        load_instruments(folder)
    return [finding.text() for finding in error.value.findings]


def test_shipped_questionnaires_load_and_are_many():
    instruments = load_instruments(None)
    assert len(instruments) >= 90
    assert {"scs", "dass21", "ghq12", "cesd", "ahi", "pgwbi", "epds"} <= set(instruments)
    assert list(instruments) == sorted(instruments)


def test_disabled_questionnaires_say_why():
    disabled = {i.id: i.disabled_reason for i in load_instruments(None).values() if not i.enabled}
    assert set(disabled) == {"qoli", "ffmq24", "sf12", "mpfi60", "vlq", "reqol10", "tpas"}
    assert all(len(reason) > 40 for reason in disabled.values())
    assert "config/instruments/ffmq24.yaml" in disabled["ffmq24"]  # a user's own key


def test_a_missing_folder_is_no_problem(tmp_path):
    assert load_instruments(tmp_path / "nowhere") == load_instruments(None)


def test_a_user_adds_a_questionnaire_with_one_file(tmp_path):
    write(tmp_path, GOOD)
    hope = load_instruments(tmp_path)["hope10"]
    assert hope.default_scales == ("total",)
    assert hope.min_answered("total") == 5
    assert hope.scale_label("total") == "Hope (HOPE-10)"


def test_a_shipped_questionnaire_is_not_replaced_silently(tmp_path):
    text = GOOD.replace("id: hope10", "id: scs")
    assert any(
        '"scs" is shipped already' in line and "replaces: true" in line for line in findings(tmp_path, text, "scs.yaml")
    )
    write(tmp_path, text + "replaces: true\n", "scs.yaml")
    assert load_instruments(tmp_path)["scs"].items == 10


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("short: HOPE-10", "shrot: HOPE-10", 'unknown key "shrot"; did you mean "short"?'),
        ("items: 10\n", "", 'items: key "items" is missing'),
        ("better: higher", "better: hihger", 'did you mean "higher"?'),
        ("range: [10, 60]", "range: [0, 60]", "[0, 60] is not what the key gives, [10, 60]"),
        ("9, 10]", "9, 11]", "item 11 does not exist; the questionnaire has items 1 to 10"),
        ("9, 10]", "9, 9]", "item 9 appears twice"),
        ("reverse: [2, 9]", "reverse: [2, 12]", "item 12 is not an item of this scale"),
        ("response: {min: 1, max: 6", "response: {min: 6, max: 1", "must be above response.min"),
        ("id: hope10", "id: hope", "id and file name differ"),
        ("scales:", "analyse: [totl]\nscales:", '"totl" is not a scale; did you mean "total"?'),
        ("scales:", "risk_items: [11]\nscales:", "item 11 does not exist"),
        ("scales:", "enabled: false\nscales:", "say why the questionnaire cannot be used"),
        ("better: higher}", "better: higher, min_answered: 11}", "11 is more than the 10 items"),
        (
            "better: higher}",
            "better: higher, bands: [{levels: {a: [10, 30], b: [25, 60]}}]}",
            "must ascend without overlap",
        ),
        ("better: higher}", "better: higher, recode: [{points: {1: 0, 2: 1}}]}", "must name every answer from 1 to 6"),
        ("better: higher}", "better: higher, lookup: {10: 0, 60: 1}}", "must give a score for every sum from 10 to 60"),
        ("better: higher}", "better: higher, of: [x]}", "give either items or of"),
        ("short: HOPE-10", "short: HOPE-10\nshort: H", "occurs twice"),
        ("short: HOPE-10", "short: [HOPE-10", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path, old, new, said):
    assert old in GOOD
    lines = findings(tmp_path, GOOD.replace(old, new))
    assert any(said in line and ".yaml" in line for line in lines), lines


def test_all_problems_of_all_files_come_together(tmp_path):
    write(tmp_path, "id: a\n", "a.yaml")
    write(tmp_path, GOOD.replace("range: [10, 60]", "range: [10, 50]"))
    with pytest.raises(InputError) as error:
        load_instruments(tmp_path)
    assert {finding.file for finding in error.value.findings} == {"a.yaml", "hope10.yaml"}
    assert len(error.value.findings) > 4


COMPOSITE = """
  up: {label: Up, items: [1, 2, 3], method: mean, range: [1, 6], better: higher}
  down: {label: Down, items: [4, 5], method: mean, range: [1, 6], better: lower}
  both: {label: Both, of: [up, down], reverse_of: [down], method: mean, range: [1, 6], better: higher}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("of: [up, down]", "of: [up, dwon]", '"dwon" is not a scale; did you mean "down"?'),
        ("reverse_of: [down]", "reverse_of: [total]", '"total" is not among the part scales'),
        ("of: [up, down]", "of: [up, both]", '"both" is itself a composite'),
    ],
)
def test_composites_are_checked(tmp_path, old, new, said):
    write(tmp_path, GOOD.rstrip() + COMPOSITE)
    assert load_instruments(tmp_path)["hope10"].items_of("both") == (1, 2, 3, 4, 5)
    assert any(said in line for line in findings(tmp_path, GOOD.rstrip() + COMPOSITE.replace(old, new)))


def test_variants_are_checked_as_scored(tmp_path):
    variant = "variants:\n  means: {label: means, scales: {total: {method: mean}}}\n"
    assert any("variants.means.scales.total.range" in line for line in findings(tmp_path, GOOD + variant))
    new = "variants:\n  more: {label: more, scales: {extra: {items: [1]}}}\n"
    assert any("needs label, range and better" in line for line in findings(tmp_path, GOOD + new))


def test_an_empty_file_and_a_wrong_encoding_are_said(tmp_path):
    path = write(tmp_path, "", "empty.yaml")
    with pytest.raises(InputError, match="holds no keys"):
        load_instrument(path)
    path.write_bytes(b"id: caf\xe9")
    with pytest.raises(InputError, match="not UTF-8"):
        load_instrument(path)


def test_the_example_of_the_manual_is_a_questionnaire(root, tmp_path):
    manual = (root / "config" / "README.md").read_text(encoding="utf-8")
    examples = [block for block in re.findall(r"```\w*\n(.*?)```", manual, re.DOTALL) if block.startswith("id: ")]
    assert examples
    for block in examples:
        name = block.split()[1]
        write(tmp_path, block, f"{name}.yaml")
        assert name in load_instruments(tmp_path)
