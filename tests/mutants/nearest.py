"""Which tests call which function: the tests run once under a tracer of calls."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

import pytest

NEAR = ("models", "effects", "scoring", "ledger", "describe", "classic", "fit")
"""Folders of tests/unit whose tests come near to the mutated packages."""

FOLDERS = (*(f"tests/unit/{name}" for name in NEAR), "tests/oracle", "tests/property", "tests/defective")
"""What runs to see who calls what."""
PYTEST = ("-q", "--no-header", "-m", "not slow and not long", "-p", "no:cacheprovider", "-p", "no:xdist")
TRACED_IS_SLOWER = 1.3
"""Time under the tracer over time without."""


class Recorder:
    """A pytest plugin that notes the calls of each test."""

    def __init__(self, source: Path) -> None:
        self.source = f"{source}/"
        self.names: dict[CodeType, str | None] = {}
        self.here: set[str] = set()
        self.calls: dict[str, set[str]] = defaultdict(set)
        self.shared: dict[str, set[str]] = defaultdict(set)  # of fixtures, by test file
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: set[str] = set()

    def trace(self, frame: FrameType, event: str, arg: object) -> None:
        """Called by the interpreter at each call of a Python function."""
        code = frame.f_code
        name = self.names.get(code, "")
        if name == "":
            name = None
            if code.co_filename.startswith(self.source):
                function = code.co_qualname.split(".<locals>")[0]
                name = f"{code.co_filename.removeprefix(self.source)}::{function}"
            self.names[code] = name
        if name is not None:
            self.here.add(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """All phases of one test."""
        self.here, start = set(), time.process_time()
        sys.settrace(self.trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.calls[item.nodeid] |= self.here
            self.seconds[item.nodeid] = time.process_time() - start

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Fixtures may be shared by the tests of the file, and only the first test makes them."""
        before, self.here = self.here, set()
        try:
            return (yield)
        finally:
            self.shared[item.nodeid.split("::")[0]] |= self.here
            self.here |= before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What fails or is skipped without a change proves nothing."""
        if report.outcome != "passed":
            self.failed.add(report.nodeid)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Tests by function.

    Attributes
    ----------
    tests : dict of str to list of str
        By ``file::function``.
    seconds : dict of str to float
        By test.
    """

    tests: dict[str, list[str]]
    seconds: dict[str, float]

    def of(self, file: str, function: str, limit: float) -> list[str]:
        """Tests that call a function (of a module: any of its functions), nearest and fastest first.

        Test files in the order of their distance, then of their slowest test; as many as run within `limit` seconds,
        but never fewer than five.
        """
        found = set(self.tests.get(f"{file}::{function}", ()))
        if not function:
            found = {t for name, tests in self.tests.items() if name.startswith(f"{file}::") for t in tests}
        package = file.split("/")[0]
        slowest: dict[str, float] = {}  # where a fixture is dear, the first test of the file is
        for test in found:
            path = test.split("::")[0]
            slowest[path] = max(slowest.get(path, 0.0), self.seconds[test])

        def order(test: str) -> tuple[bool, float, str, float, str]:
            path = test.split("::")[0]
            return f"/{package}/" not in path, slowest[path], path, self.seconds[test], test

        chosen: list[str] = []
        spent = 0.0
        for test in sorted(found, key=order):
            spent += self.seconds[test]
            if spent > limit and len(chosen) >= 5:
                break
            chosen.append(test)
        return chosen


def record(root: Path, source: Path, out: Path, only: Sequence[str] = ()) -> None:
    """Run the tests once, or those of some files or folders only, and write which called what."""
    recorder = Recorder(source)
    pytest.main([*PYTEST, *(str(root / f) for f in only or FOLDERS if (root / f).exists())], plugins=[recorder])
    tests: dict[str, set[str]] = defaultdict(set)
    for test, called in recorder.calls.items():
        if test not in recorder.failed:
            for name in called | recorder.shared[test.split("::")[0]]:
                tests[name].add(test)
    seconds = {test: round(s / TRACED_IS_SLOWER, 3) for test, s in recorder.seconds.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"tests": {k: sorted(v) for k, v in sorted(tests.items())}, "seconds": seconds}))


def further(folder: Path) -> Path:
    """Where to write what some test files call, after they changed."""
    return folder / f"nearest_{len(list(folder.glob('nearest_*.json'))) + 1:02}.json"


def load(folder: Path) -> Nearest:
    """What `record` wrote; of a test file that was recorded again, after a change, the later record alone counts."""
    tests: dict[str, set[str]] = defaultdict(set)
    seconds: dict[str, float] = {}
    for path in sorted(folder.glob("nearest*.json"), key=lambda path: (path.name != "nearest.json", path.name)):
        stored = json.loads(path.read_text())
        again = {test.split("::")[0] for test in stored["seconds"]}
        seconds = {test: s for test, s in seconds.items() if test.split("::")[0] not in again} | stored["seconds"]
        for found in tests.values():
            found.intersection_update(seconds)
        for name, found in stored["tests"].items():
            tests[name] = {test for test in tests[name] if test.split("::")[0] not in again}.union(found)
    return Nearest({name: sorted(found) for name, found in tests.items()}, seconds)
