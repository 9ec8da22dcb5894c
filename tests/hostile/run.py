"""Run the hostile bench: ``python -m tests.hostile.run [--only WORDS] [--seeds N]``; writes ``outcome.yaml``."""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml
from tests.hostile import bench

OUTCOME = Path(__file__).with_name("outcome.yaml")


def main() -> int:
    """Run, print what is bad, write the figures; 1 when something is bad."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=None, help="families, kinds, or kind/seed; figures are not written")
    parser.add_argument("--tune", action="store_true", help="leave the held-out families out; figures are not written")
    parser.add_argument("--seeds", type=int, default=bench.SEEDS)
    parser.add_argument("--show", action="store_true", help="print good outcomes too")
    given = parser.parse_args()
    drawn = [*bench.cases(seeds=given.seeds), *bench.real_cases()]
    todo = [case for case in drawn if not given.tune or case.kind.family not in bench.HELD_OUT]
    if given.only is not None:
        todo = [case for case in todo if {case.name, case.kind.name, case.kind.family} & set(given.only)]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for outcome in bench.run_all(todo, Path(folder)):
            found.append(outcome)
            if not outcome.good or given.show:
                print(f"{outcome.verdict} {outcome.case.name} [{outcome.host}, {outcome.asked}]: {outcome.text[-700:]}", flush=True)
    bad = sum(not outcome.good for outcome in found)
    print(f"{len(found)} changes, {bad} bad: {dict(Counter(o.verdict for o in found))}")
    if given.only is None and not given.tune:
        write(found)
    return int(bad > 0)


def write(found: list[bench.Outcome]) -> None:
    """Figures by family."""
    by_family: dict[str, dict[str, int]] = {}
    for family in bench.families():
        mine = [o for o in found if o.case.kind.family == family]
        count = Counter(o.verdict for o in mine)
        by_family[family] = {"kinds": len({o.case.kind.name for o in mine}), "changes": len(mine), **count}
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    OUTCOME.write_text(yaml.safe_dump({"date": date, "families": by_family}, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
