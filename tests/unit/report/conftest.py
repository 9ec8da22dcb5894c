"""Reports built once for all tests of this folder."""

from __future__ import annotations

import pytest
from tests.unit.report.small_study import build, plan


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """A finished report of the small study."""
    return build(tmp_path_factory.mktemp("report"), plan())


@pytest.fixture(scope="session")
def nasty(tmp_path_factory):
    """A finished report whose every name holds markup of all formats."""
    return build(tmp_path_factory.mktemp("nasty"), plan("non_randomized", nasty=True))
