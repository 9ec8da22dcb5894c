"""What all tests share: where the trials beside the project lie, and small studies made on the spot."""

from __future__ import annotations

import os
from pathlib import Path

# Threads cost more than they give for matrices of a few rows (ten times slower fits); the verbs pin them too.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import pytest  # noqa: E402

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
