"""Reading a study plan: YAML to checked models, every problem as one finding with the nearest valid word."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.shipped import TWINS


def load_plan(path: Path) -> StudyPlan:
    """Read and check a study plan by itself; questionnaires and raw data are checked by `crosscheck.check_plan`.

    Raises
    ------
    InputError
        With one finding per problem: key, value found, what is valid.
    """
    content = load_yaml(path, missing=_missing(path))
    if not isinstance(content, dict):
        raise InputError(
            [
                Finding(
                    "error", "plan_empty", "the plan holds no keys", path.name, expected="title, design, data, measures"
                )
            ]
        )
    return validate(StudyPlan, content, path.name)


FILL_IN = "# FILL IN"
"""Comment that ``init`` leaves on each line with a guess that only the researcher can confirm."""


def unanswered(path: Path) -> list[Finding]:
    """Lines of a plan that ``init`` guessed and nobody has confirmed: an error each, as a guess may be a wrong number.

    Parameters
    ----------
    path : Path
        A plan that exists.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        Finding(
            "error",
            "fill_in",
            "a guess that waits for your answer",
            path.name,
            row,
            value=line.split(FILL_IN)[0].strip(),
            advice="correct the line if needed, then delete its comment",
        )
        for row, line in enumerate(lines, start=1)
        if FILL_IN in line
    ]


def _missing(path: Path) -> Finding:
    """A finding for a plan that is not there, with what lies beside it."""
    studies = sorted({*TWINS, *(p.parent.name for p in path.parent.parent.glob("*/study.yaml"))})
    advice = f"{nearest(path.parent.name, studies)}; compassion-trials init DATAFILE writes a first plan"
    return Finding("error", "file_missing", "the study plan does not exist", path.as_posix(), advice=advice)
