from __future__ import annotations

from tests.unit.report.small_study import build, plan

from compassion_trials.report.model import Bullets, words
from compassion_trials.report.sections.limitations import limitations
from compassion_trials.report.source import read_source


def points(source) -> list[str]:
    """Prompts as plain text."""
    blocks = limitations(source)
    return [words(item, {}) for block in blocks if isinstance(block, Bullets) for item in block.items]


def test_prompts_hold_the_numbers_of_the_data(report):
    said = "\n".join(points(read_source(report)))
    assert "missing for 10.0% in ACT workshop and 9.5% in Wait-list" in said
    assert "with 41 participants" in said
    assert "g may lie anywhere in [−0.10,\u00a00.50]" in said
    assert "people who wait" in said
    assert "Multiplicity" not in said  # one secondary outcome only
    assert "Without randomization" not in said


def test_prompts_follow_the_design(tmp_path):
    single = points(read_source(build(tmp_path, plan("single_arm"))))
    assert any(point.startswith("Without a comparison group") for point in single)
    assert not any("wait" in point for point in single)
