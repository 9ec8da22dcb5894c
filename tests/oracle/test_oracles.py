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

pytestmark = pytest.mark.oracle


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
    """The page in docs says what the checks give now; without shared its section on real trials is not compared.

    The last digits differ between machines, so numbers are compared and not characters.
    """
    written = rows_of(validation.PAGE.read_text(encoding="utf-8"))
    fresh = rows_of(validation.page(validation.current()))
    stale = [title for title, rows in fresh.items() if title != "Summary" and not same(rows, written.get(title, []))]
    assert not stale, f"docs/validation.md is stale in {stale}: run {validation.COMMAND}"


def rows_of(page: str) -> dict[str, list[list[str]]]:
    """Cells of the tables of the page by section."""
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    return {
        text.split("\n", 1)[0]: [
            [cell.strip() for cell in line.split(" | ")] for line in text.splitlines() if line[:1] == "|"
        ]
        for text in sections
    }


def same(fresh: list[list[str]], written: list[list[str]]) -> bool:
    """The same lines: words equal, numbers of ours and of the reference equal to the digits that are proved."""
    return len(fresh) == len(written) and all(
        a[:3] == b[:3] and a[6:] == b[6:] and all(close(x, y) for x, y in zip(a[3:5], b[3:5], strict=True))
        for a, b in zip(fresh, written, strict=True)
    )


def close(a: str, b: str) -> bool:
    """Equal, or numbers that differ in their last digits only."""
    if a == b:
        return True
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return abs(x - y) <= 1e-3 * max(abs(x), abs(y)) + 1e-9


def test_a_stale_page_is_noticed():
    page = validation.page({"A": [validation.Check("case", "SE", (1.0,), (1.0,), 1e-6, "R", (1.0,))]})
    for old, new in (("case", "other"), ("| 1 | 1 | 1 |", "| 1 | 1.1 | 1 |"), ("1e-06", "1e-05")):
        assert old in page
        assert not same(rows_of(page)["A"], rows_of(page.replace(old, new))["A"])
