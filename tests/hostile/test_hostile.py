"""Hundred seeded changes of raw files and plans: the same results, or an error or finding that names the place."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from tests.hostile import bench
from tests.hostile.kinds import KINDS
from tests.hostile.run import OUTCOME

SEED, COUNT = 20261129, 100
BAD = ("SILENT", "TRACEBACK", "UNNAMED", "REFUSED", "UNCLEAN")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder, used again for every change."""
    return tmp_path_factory.mktemp("hostile")


@pytest.mark.slow
@pytest.mark.parametrize("case", bench.sample(COUNT, SEED), ids=lambda case: case.name)
def test_a_hostile_change_is_harmless_or_told(case: bench.Case, folder: Path) -> None:
    outcome = bench.run(case, folder)
    assert outcome.good, f"{outcome.verdict} [{outcome.host}, {outcome.asked}]: {outcome.text}"


def test_there_are_enough_kinds() -> None:
    """At least 1 000 changes of files of 70 kinds, 400 of plans, 100 of each held-out family."""
    files = [kind for kind in KINDS.values() if not kind.family.startswith("plan_")]
    assert len(files) >= 70
    assert len(files) * bench.SEEDS >= 1000
    assert (len(KINDS) - len(files)) * bench.SEEDS >= 400
    held_out = [len(bench.cases((family,))) for family in bench.HELD_OUT]
    assert min(held_out) >= 100


def test_held_out_families_were_drawn() -> None:
    names = [module.__name__.split(".")[-1] for module in (*bench.FILE_FAMILIES, *bench.PLAN_FAMILIES)]
    assert sorted(names) == bench.families()
    order = ["answers", "codings", "numbers", "people", "visits", "columns", "rows", "texts", "formats"]
    drawn = random.Random(20261128).sample([*order, "plan_keys", "plan_values", "plan_yaml"], 3)
    assert sorted(drawn) == list(bench.HELD_OUT)


KNOWN = {"people": {"SILENT": 1}, "rows": {"SILENT": 2}, "columns": {"REFUSED": 1}}
"""Not mended yet, found by the first whole run: an id "-" (id_blank/14), a comment in the column of ids below a wide
file (comment_below/14), REDCap records pasted twice (file_pasted_twice/8), and a renamed column that the plan of a real
trial names for its days, where the bench asks too much (unused_renamed/0)."""


def test_the_figures_have_no_other_fault() -> None:
    outcome = yaml.safe_load(OUTCOME.read_text(encoding="utf-8"))
    assert sorted(outcome["families"]) == bench.families()
    bad = {
        family: {name: n for name, n in found.items() if name in BAD} for family, found in outcome["families"].items()
    }
    assert {family: found for family, found in bad.items() if found} == KNOWN


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_changes_something(name: str) -> None:
    """The same seed gives the same change, and not nothing."""
    changed = 0
    for seed in range(3):
        case = bench.Case(KINDS[name], seed)
        one, other = bench.damaged(case), bench.damaged(case)
        assert one.yaml() == other.yaml()
        assert one.rows == other.rows
        before = bench.whole(one.host)
        changed += (before.yaml(), before.encoded(), before.plan_encoding) != (
            one.yaml(),
            one.encoded(),
            one.plan_encoding,
        )
    assert changed
