"""Every case of the validation holds, and the page says what the tests say."""

from __future__ import annotations

import re

import cases
import cases_trials
import pandas as pd
import pytest
import simulated
import validation
from checks import failures


@pytest.mark.parametrize("name", list(cases.CASES))
def test_case_agrees_with_its_reference(name: str):
    checks = cases.run(name)
    assert checks, "a case without a check proves nothing"
    assert not failures(checks), failures(checks)


@pytest.mark.skipif(not cases_trials.CASES, reason="the folder shared is not here")
@pytest.mark.parametrize("name", sorted(cases_trials.STOPPED_EARLY))
def test_reference_with_wider_tolerance_did_stop_early(name: str):
    shortfall = next(c for c in cases.run(name) if c.one_sided)
    assert 1e-6 < shortfall.ours[0] - shortfall.reference[0] < 1e-4


def test_a_wrong_number_fails():
    check = validation.Check("case", "SE", (1.0, 2.0), (1.0, 2.1), 1e-6, "nobody", (1.0, 1.0))
    assert not check.passed
    assert "**" in validation.row(check)


def test_missing_and_nan_fail():
    assert not validation.Check("case", "SE", (1.0,), (1.0, 2.0), 1.0, "nobody", (1.0, 1.0)).passed
    assert not validation.Check("case", "SE", (float("nan"),), (1.0,), 1.0, "nobody", (1.0,)).passed


def test_stored_data_are_what_the_generator_makes():
    for name, frame in simulated.trials().items():
        stored = pd.read_csv(simulated.DATA / f"{name}.csv")
        fresh = frame.reset_index(drop=True)
        pd.testing.assert_frame_equal(stored, fresh, check_dtype=False)


def test_validation_page_is_current():
    """The page in docs is what the checks give now; without shared its section on real trials is not compared."""
    written = split(validation.PAGE.read_text(encoding="utf-8"))
    fresh = split(validation.page(validation.current()))
    stale = [title for title, text in fresh.items() if written.get(title) != text]
    assert not stale, f"docs/validation.md is stale in {stale}: run {validation.COMMAND}"


def split(page: str) -> dict[str, str]:
    """Sections of the page by title."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)
    return {"": parts[0].strip()} | {part.split("\n", 1)[0]: part.strip() for part in parts[1:]}
