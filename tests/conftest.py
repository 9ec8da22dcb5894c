"""What all tests share: where the trials beside the project lie, and small studies made on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

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
