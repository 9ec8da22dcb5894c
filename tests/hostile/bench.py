"""Seeded changes of raw files and plans, each run in this process and judged: ``python -m tests.hostile.run``."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.hostile import (
    answers,
    codings,
    columns,
    formats,
    numbers,
    people,
    plan_keys,
    plan_values,
    plan_yaml,
    rows,
    texts,
    visits,
)
from tests.hostile.judge import GOOD, Seen, Verdict, judge, look
from tests.hostile.kinds import KINDS, PLANS, Asked, Kind, Truth, Unfit
from tests.hostile.trial import ROOT, Trial, hosts, plans, real

__all__ = ["GOOD", "KINDS", "ROOT"]

FILE_FAMILIES = (answers, codings, columns, formats, numbers, people, rows, texts, visits)
PLAN_FAMILIES = (plan_keys, plan_values, plan_yaml)

SEEDS = 15
"""Changes of each kind."""

SCORED = 5
"""One change of so many is scored whatever its verdict, for crashes there."""

HELD_OUT = ("codings", "plan_values", "texts")
"""Families drawn by ``random.Random(20261128).sample`` from all before any of them was run, and run last."""


@dataclass(frozen=True, slots=True)
class Case:
    """One seeded change."""

    kind: Kind
    seed: int
    trial: str = ""

    @property
    def name(self) -> str:
        """Short name, such as ``answer_word/3``; of a real trial ``answer_word/3/btheb``."""
        return f"{self.kind.name}/{self.seed}{'/' if self.trial else ''}{self.trial}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one change."""

    case: Case
    host: str
    asked: Asked
    verdict: Verdict
    text: str

    @property
    def good(self) -> bool:
        """Whether it is what must come of it."""
        return self.verdict in GOOD


def cases(families: tuple[str, ...] | None = None, seeds: int = SEEDS) -> list[Case]:
    """All changes, the first of every kind before the second."""
    kinds = [kind for kind in KINDS.values() if families is None or kind.family in families]
    return [Case(kind, seed) for seed in range(seeds) for kind in kinds]


REAL = {
    "woodworth2017": ("answers", "codings", "columns", "rows", "texts"),
    "btheb": ("columns", "rows", "texts"),
}
"""Families that fit the real trials."""


def real_cases(seeds: int = 1) -> list[Case]:
    """Changes of real trials, where they are present."""
    return [
        Case(kind, seed, name)
        for name in real()
        for kind in KINDS.values()
        if kind.family in REAL[name]
        for seed in range(seeds)
    ]


def families() -> list[str]:
    """Names of the families."""
    return sorted({kind.family for kind in KINDS.values()})


def sample(count: int, seed: int) -> list[Case]:
    """Some of all changes."""
    return random.Random(seed).sample(cases(), count)


def whole(name: str) -> Trial:
    """The undamaged trial of a name."""
    return real()[name] if name in REAL else plans()[name] if name in PLANS else hosts()[name]


@cache
def undamaged(name: str, folder: Path) -> Seen:
    """What comes of a trial before it is damaged."""
    seen = look(whole(name).copy(), folder)
    assert seen.tables, seen
    return seen


def run(case: Case, folder: Path) -> Outcome:
    """Damage a trial and judge what comes of it."""
    host, trial, truth = _damage(case)
    before = undamaged(host, folder)
    after = look(trial, folder, before, None if case.seed % SCORED == 0 else truth)
    verdict, text = judge(truth, before, after)
    return Outcome(case, host, truth.asked, verdict, text)


def damaged(case: Case) -> Trial:
    """The damaged trial of a case, to look at."""
    return _damage(case)[1]


def _damage(case: Case) -> tuple[str, Trial, Truth]:
    for attempt in range(20):
        rng = random.Random(f"{case.name}/{attempt}")
        host = case.trial or case.kind.hosts[(case.seed + attempt) % len(case.kind.hosts)]
        trial = whole(host).copy()
        try:
            truth = case.kind.change(trial, rng)
        except Unfit:
            continue
        except (ValueError, IndexError, KeyError, StopIteration):
            if not case.trial:
                raise
            continue  # a real trial has not all that a twin has
        return host, trial, truth
    raise Unfit(case.name)


def run_all(todo: list[Case], folder: Path) -> Iterator[Outcome]:
    """All changes one after another, those of one trial together would save nothing."""
    for case in todo:
        try:
            yield run(case, folder)
        except Unfit:
            assert case.trial, f"{case.name} fits no trial"
