from __future__ import annotations

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding, has_errors


def test_the_nearest_valid_word_is_named() -> None:
    assert nearest("controll", ["arms", "control"]) == 'did you mean "control"? Valid: arms, control'
    assert nearest("xyz", ["arms"]) == "Valid: arms"
    assert nearest("xyz", []) == ""


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding(
        "warning", "out_of_range", "not a possible answer", "a.csv", 7, "scs_1", "9", "1 to 5", "check it"
    )
    assert finding.text() == 'warning: a.csv, row 7, scs_1: not a possible answer; found "9"; expected 1 to 5; check it'


def test_an_input_error_holds_all_findings() -> None:
    findings = [Finding("error", "a", "first"), Finding("warning", "b", "second")]
    error = InputError(findings)
    assert str(error) == "error: first\nwarning: second"
    assert has_errors(error.findings)
    assert not has_errors(findings[1:])
