"""What all tests share: where the trials beside the project lie, and small studies made on the spot."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

# Threads cost more than they give for matrices of a few rows (ten times slower fits); the verbs pin them too.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """The project folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real trials and references beside the project; tests that need it skip without it."""
    if not (SHARED / "README.md").is_file():
        pytest.skip("needs the folder of real trials beside the project")
    return SHARED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests were skipped, by reason: a run that skips much proves little."""
    skipped = [report.longrepr for report in terminalreporter.stats.get("skipped", [])]
    terminalreporter.write_line(f"{len(skipped)} tests skipped{':' if skipped else ''}")
    reasons = Counter(str(why[2] if isinstance(why, tuple) else why).removeprefix("Skipped: ") for why in skipped)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count:6d}  {reason}")
