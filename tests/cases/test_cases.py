"""Every known input that came out wrong gives what is right; rows that wait for another issue are expected failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.running import FOLDER, copy
from tests.cases.table import CASES, Case

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/cases")


def marked(case: Case) -> object:
    """A case with the marks it needs."""
    marks = [pytest.mark.xfail(strict=True, reason=f"waits for {case.waits}")] if case.waits else []
    marks += [pytest.mark.slow]  # a minute or two together: with the other proofs
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_case(case: Case, tmp_path: Path) -> None:
    folder = copy(case.name, tmp_path) if (FOLDER / case.name).is_dir() else tmp_path
    case.right(folder)


def test_no_case_is_left_out() -> None:
    there = {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert there == {case.name for case in CASES if case.file}
    assert len(CASES) == len({case.name for case in CASES})
