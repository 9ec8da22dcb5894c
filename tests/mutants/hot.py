"""Changes of function bodies tried quickly: the tests are collected once, each fork runs some of them on changed code.

The changed module is compiled, and the code object of the function put in place of the real one. What cannot be changed
so (constants of modules and classes, defaults of arguments) goes the slower way of `child.attempt`.
"""

from __future__ import annotations

import importlib
import marshal
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import hypothesis
import pytest
from changes import Change, changed
from child import PACKAGE, waited
from nearest import PYTEST

Tried = Callable[[Change, str, str], None]
Job = tuple[Change, Sequence[str], float]
"""A change, its tests, their seconds."""
PLAIN = (int, float, str, tuple, list, dict, set, frozenset)
"""Kinds of constants that can be exchanged in a module that is imported already."""


class Loop:
    """A pytest plugin that runs, in place of the tests, one fork for each change."""

    def __init__(self, source: Path, jobs: Iterable[Job], tried: Tried) -> None:
        self.source, self.jobs, self.tried = source, jobs, tried
        self.failed = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every change."""
        items = {item.nodeid: item for item in session.items}
        scratch = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        for change, tests, seconds in self.jobs:
            chosen = [items[test] for test in tests if test in items]
            result, test = waited(lambda c=change, i=chosen: self._run(c, i), seconds)  # type: ignore[misc]
            if not test.startswith(LookupError.__name__):
                self.tried(change, result, test)
            for left in scratch.iterdir():
                shutil.rmtree(left, ignore_errors=True)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure."""
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def _run(self, change: Change, items: list[pytest.Item]) -> str:
        """In the fork: "none", or the test that failed."""
        put(self.source, change)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return self.failed
        return "none"


def try_quickly(source: Path, root: Path, folders: Sequence[str], jobs: Iterable[Job], tried: Tried) -> None:
    """Collect the tests of some folders and try changes with them."""
    found = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # a failure need not be made small
    hypothesis.settings.register_profile("mutants", database=None, deadline=None, phases=found)
    hypothesis.settings.load_profile("mutants")
    scratch = tempfile.mkdtemp(prefix="mutants")
    given = [*PYTEST, "--hypothesis-seed=0", "--capture=no", f"--basetemp={scratch}/base"]
    pytest.main([*given, *(str(root / f) for f in folders)], plugins=[Loop(source, jobs, tried)])
    shutil.rmtree(scratch, ignore_errors=True)


def put(source: Path, change: Change) -> None:
    """Put the changed code, or the changed constant of a module, in place.

    Raises
    ------
    LookupError
        The change is in neither.
    """
    path = source / change.file
    whole = compile(changed(source, change), str(path), "exec", dont_inherit=True)
    name = ".".join([PACKAGE, *Path(change.file).with_suffix("").parts]).removesuffix(".__init__")
    module = sys.modules.get(name) or importlib.import_module(name)
    if not change.function:
        put_constants(whole, module)
        return
    function = found(module, change.function)
    plain = compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
    new, old = ([c for c in inner(code) if c.co_qualname == change.function] for code in (whole, plain))
    if len(new) != 1 or marshal.dumps(new[0]) == marshal.dumps(old[0]):
        raise LookupError(change)
    function.__code__ = new[0]


def put_constants(whole: CodeType, module: ModuleType) -> None:
    """Constants of a module whose value changes, here and wherever they were imported."""
    name = f"{module.__name__}__changed"
    sys.modules[name] = ModuleType(name)  # dataclasses look their module up
    fresh: dict[str, object] = {"__name__": name, "__file__": module.__file__}
    exec(whole, fresh)
    differ = [
        (name, old)
        for name, old in vars(module).items()
        if isinstance(old, PLAIN) and name in fresh and not name.startswith("__") and fresh[name] != old
    ]
    if not differ:
        raise LookupError(module)
    for name, old in differ:
        for other in list(sys.modules.values()):
            if vars(other).get(name) is old:
                setattr(other, name, fresh[name])


def found(module: ModuleType, name: str) -> FunctionType:
    """The live function of a qualified name."""
    place: object = module
    for part in name.split("."):
        place = vars(place).get(part)
        if place is None:
            raise LookupError(name)
    for attribute in ("fget", "func", "__func__", "__wrapped__"):  # property, cached_property, classmethod, wrappers
        place = getattr(place, attribute, place)
    if not isinstance(place, FunctionType) or place.__code__.co_qualname != name:
        raise LookupError(name)
    return place


def inner(code: CodeType) -> Iterable[CodeType]:
    """All code objects of a module."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from inner(constant)
