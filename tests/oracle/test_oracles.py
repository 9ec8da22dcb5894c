"""Every case of the validation holds, and the page says what the tests say."""

from __future__ import annotations

from dataclasses import replace

import cases_mechanisms
import cases_trials
import pandas as pd
import pytest
import simulated
import validation
from checks import Check, failures
from validation import Cells

import cases

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
    check = Check("case", "SE", (1.0, 2.0), (1.0, 2.1), 1e-6, "nobody", (1.0, 1.0))
    assert not check.passed
    assert "**" in validation.row(check)[5]
    assert validation.counted("A", [validation.row(check)]) == ("A", "1", "1", "2", "1")


def test_missing_and_nan_fail():
    assert not Check("case", "SE", (1.0,), (1.0, 2.0), 1.0, "nobody", (1.0, 1.0)).passed
    assert not Check("case", "SE", (float("nan"),), (1.0,), 1.0, "nobody", (1.0,)).passed


def test_stored_data_are_what_the_generator_makes():
    for name, frame in simulated.trials().items():
        stored = pd.read_csv(simulated.DATA / f"{name}.csv")
        fresh = frame.reset_index(drop=True)
        pd.testing.assert_frame_equal(stored, fresh, check_dtype=False)


def test_validation_page_is_current():
    """The page in docs says what the checks give now; what needs the folder shared is compared where it is.

    The last digits differ between machines, so numbers are compared and not characters.
    """
    text = validation.PAGE.read_text(encoding="utf-8")
    assert text.startswith(validation.HEAD)
    assert stale(validation.computed(), validation.read(text)) == [], f"stale: run {validation.COMMAND}"


def stale(sections: dict[str, list[Check]], written: dict[str, list[Cells]]) -> list[str]:
    """Sections of a page as written that the checks do not give."""
    fresh = validation.read(validation.page(validation.lines_of(sections, written)))
    assert list(fresh) == list(written)
    alike = {title: lines == written[title] if title == "Summary" else same(lines, written[title])
             for title, lines in fresh.items()}  # fmt: skip
    return [title for title, equal in alike.items() if not equal]


MONTE_CARLO = 1.0
"""A tolerance from here on counts standard errors of a simulation. Its draws go through LAPACK's factors, whose signs
differ between machines: ours is then any number within the tolerance, which the case's own test asserts."""


def same(fresh: list[Cells], written: list[Cells]) -> bool:
    """The same lines: words equal, numbers of ours and of the reference equal to the digits that are proved."""
    return len(fresh) == len(written) and all(
        a[:3] == b[:3] and a[6:] == b[6:] and close(a[4], b[4]) and (close(a[3], b[3]) or float(a[6]) >= MONTE_CARLO)
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
    sections = {"A": [Check("case", "SE", (1.0,), (1.0,), 1e-6, "R", (1.0,))]}
    page = validation.page(validation.lines_of(sections, {}))
    assert stale(sections, validation.read(page)) == []
    for old, new in (("case", "other"), ("| 1 | 1 | 1 |", "| 1 | 1.1 | 1 |"), ("1e-06", "1e-05")):
        assert old in page
        assert "A" in stale(sections, validation.read(page.replace(old, new)))


def test_without_the_folder_of_real_trials_their_lines_are_kept_and_no_other():
    mechanisms, trials = cases_mechanisms.TITLE, cases_trials.TITLE
    check = Check("lavaan", "SE", (1.0,), (1.0,), 1e-6, "R", (1.0,))
    real = replace(check, case=cases_mechanisms.REAL_TRIAL)
    whole = {mechanisms: [check, real], trials: [replace(check, case="btheb_intercept")]}
    bare = {mechanisms: [check], trials: []}
    written = validation.lines_of(whole, {})
    assert validation.lines_of(bare, written) == written
    assert stale(bare, validation.read(validation.page(written))) == []
    gone = validation.lines_of(whole | {mechanisms: [check, replace(check, case="a case of before"), real]}, {})
    assert stale(bare, validation.read(validation.page(gone))) == ["Summary", mechanisms]
