"""The locks name everything the project asks for, with hashes, and no address of an index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.txt": PROJECT["dependencies"],
    "requirements-test.txt": [*PROJECT["dependencies"], *EXTRAS["test"], *EXTRAS["lock"]],
}


def canonical(requirement: str) -> str:
    """Name of a requirement as indices compare it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_every_library_the_project_asks_for(lock: str):
    text = (ROOT / lock).read_text(encoding="utf-8")
    locked = {canonical(name) for name in re.findall(r"^([\w.-]+)==\S+ \\$", text, re.MULTILINE)}
    missing = [name for name in LOCKS[lock] if canonical(name) not in locked]
    assert missing == [], "run make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_address(lock: str):
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    pins = [i for i, line in enumerate(lines) if line and line[0] not in " #"]
    assert len(pins) > 30
    for i in pins:
        assert re.fullmatch(r"[\w.-]+==\S+ \\", lines[i]), "each line pins one version"
        assert lines[i + 1].strip().startswith("--hash=sha256:")
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


def test_both_locks_pin_the_same_versions():
    product, tests = (
        dict(re.findall(r"^([\w.-]+)==(\S+) \\$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in LOCKS
    )
    assert {name: version for name, version in product.items() if tests.get(name) != version} == {}
