"""One change tried in a forked process: the changed module is imported in place of the real one, its tests run."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from changes import Change, changed
from nearest import PYTEST

PACKAGE = "compassion_trials"
SLOWER = 5
"""A change may make tests this many times slower before it counts as noticed; processor time, machines are shared."""
PATIENCE = 30
"""Seconds on top."""
ASLEEP = 1200.0
"""Seconds by the clock, for a process that waits without end."""

KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from other code."""

    def __init__(self, name: str, code: CodeType, path: Path) -> None:
        self.name, self.code, self.path = name, code, path

    def find_spec(self, fullname: str, path: object = None, target: object = None):
        if fullname != self.name:
            return None
        is_package = self.path.name == "__init__.py"
        spec = importlib.util.spec_from_file_location(
            fullname, self.path, loader=self, submodule_search_locations=[str(self.path.parent)] if is_package else None
        )
        assert spec is not None
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


def heavy() -> None:
    """Import once what every test needs and no change touches."""
    for name in (
        "numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.linalg", "pydantic", "yaml", "hypothesis",
        "pyarrow", "pyarrow.parquet", "pingouin", "statsmodels.api", "openpyxl", "matplotlib", "rich",
    ):  # fmt: skip
        importlib.import_module(name)
    assert not any(name.startswith(PACKAGE) for name in sys.modules)


def attempt(source: Path, change: Change, tests: Sequence[str], seconds: float) -> tuple[str, str]:
    """Outcome (killed, survived, timeout) and the test that failed."""
    return waited(lambda: _run(source, change, tests), seconds)


def waited(run: Callable[[], str], seconds: float) -> tuple[str, str]:
    """Run in a fork what tells "none" or the test that failed, with patience for tests that take so many seconds."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(read)
        limit = round(SLOWER * seconds + PATIENCE)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        try:
            failed = run()
        except BaseException as error:
            failed = f"{type(error).__name__}: {error}"
        os.write(write, failed.encode()[:4000])
        os._exit(0)
    os.close(write)
    deadline = time.monotonic() + ASLEEP
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
                os.close(read)
                return TIMEOUT, ""
            with os.fdopen(read, "rb") as pipe:
                failed = pipe.read().decode()
            return (SURVIVED, "") if failed == "none" else (KILLED, failed or "the interpreter ended")
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(read)
    return TIMEOUT, ""


class First:
    """A pytest plugin: tests in the given order, and the name of the first that fails."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: i for i, test in enumerate(tests)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.order.get(item.nodeid, len(self.order)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def _run(source: Path, change: Change, tests: Sequence[str]) -> str:
    """In the child: "none", or the test that failed."""
    path = source / change.file
    name = ".".join([PACKAGE, *Path(change.file).with_suffix("").parts]).removesuffix(".__init__")
    sys.meta_path.insert(0, Changed(name, compile(changed(source, change), str(path), "exec"), path))
    sys.dont_write_bytecode = False
    plugin = First(tests)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        code = pytest.main([*PYTEST, "-x", "--hypothesis-seed=0", *tests], plugins=[plugin])
    if code == pytest.ExitCode.OK:
        return "none"
    return plugin.failed or f"pytest: {code!s}"
