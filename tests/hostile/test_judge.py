"""The judge of the hostile bench notices what it is there for."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.hostile.judge import Seen, judge, same
from tests.hostile.kinds import SAME, Truth, either, told

from compassion_trials.core.findings import Finding

PLAIN = pd.DataFrame({"participant": ["1", "2"], "value": [1.0, float("nan")], "missing_reason": ["", "blank"]})
BEFORE = Seen({"responses": PLAIN}, "plan")
OTHER = PLAIN.assign(value=[1.0 + 1e-9, float("nan")])
AGE = Finding("warning", "not_numeric", "not a number; counts as missing", "a.csv", 3, "age", "4*", "a number")


def seen(table: pd.DataFrame = PLAIN, *findings: Finding, refused: bool = False) -> Seen:
    """What came of a changed trial."""
    return Seen({} if refused else {"responses": table}, "plan", findings, refused=refused)


@pytest.mark.parametrize(
    ("truth", "after", "verdict"),
    [
        (SAME, seen(), "identical"),
        (SAME, seen(OTHER), "SILENT"),
        (SAME, seen(PLAIN, AGE), "identical"),
        (SAME, seen(OTHER, AGE), "REFUSED"),
        (SAME, seen(PLAIN, AGE, refused=True), "REFUSED"),
        (told("age"), seen(OTHER), "SILENT"),
        (told("age"), seen(PLAIN), "SILENT"),
        (told("age"), seen(OTHER, AGE), "finding"),
        (told("age"), seen(OTHER, AGE, refused=True), "clean error"),
        (told("sex"), seen(OTHER, AGE), "UNNAMED"),
        (told("sex"), seen(OTHER, AGE, refused=True), "UNNAMED"),
        (either("age"), seen(), "identical"),
        (either("age"), seen(OTHER), "SILENT"),
        (either("age"), seen(OTHER, AGE), "finding"),
        (told("x"), Seen(crash="Traceback"), "TRACEBACK"),
        (told("x"), seen(OTHER, Finding("error", "x", "KeyError x"), refused=True), "UNCLEAN"),
    ],
)
def test_verdict(truth: Truth, after: Seen, verdict: str) -> None:
    assert judge(truth, BEFORE, after)[0] == verdict


def test_a_finding_that_was_there_before_tells_nothing() -> None:
    before = seen(PLAIN, AGE)
    assert judge(told("age"), before, seen(OTHER, AGE))[0] == "SILENT"
    assert judge(told("age"), before, seen(OTHER, AGE, AGE))[0] == "finding"


def test_tables_are_compared_cell_by_cell() -> None:
    assert same(BEFORE, seen(PLAIN.assign(missing_reason=["", "NA"])))
    assert not same(BEFORE, seen(PLAIN.iloc[:1]))
    assert not same(BEFORE, seen(PLAIN.assign(participant=["1", "3"])))
    assert not same(BEFORE, seen(PLAIN.assign(value=[float("nan"), 1.0])))
