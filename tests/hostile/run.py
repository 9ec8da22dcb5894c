"""Run the hostile bench: ``python -m tests.hostile.run``; goes on where it stopped, and writes ``outcome.yaml``.

What is done stands in ``build/hostile/tried.jsonl`` with a hash of the code: after a change of it all is run anew.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml
from tests.hostile import bench
from tests.hostile.bench import HELD_OUT, ROOT, SEEDS, Case

OUTCOME = Path(__file__).with_name("outcome.yaml")
TRIED = ROOT / "build" / "hostile" / "tried.jsonl"


def main() -> int:
    """Run, print what is bad, write the figures; 1 when something is bad."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], help="families, kinds, or kind/seed, for work on one part")
    parser.add_argument("--tune", action="store_true", help="leave the held-out families out")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="changes of each kind (%(default)s)")
    parser.add_argument("--part", default="1/1", help="such as 1/2: a part of the changes, for several processes")
    parser.add_argument("--any-code", action="store_true", help="what was good with other code is not run anew")
    parser.add_argument("--summary", action="store_true", help="run nothing, only write the figures")
    given = parser.parse_args()
    part, parts = map(int, given.part.split("/"))
    drawn = [*bench.cases(seeds=given.seeds), *bench.real_cases()]
    if given.only:
        drawn = [case for case in drawn if {case.name, case.kind.name, case.kind.family} & set(given.only)]
    if given.tune:
        drawn = [case for case in drawn if case.kind.family not in HELD_OUT]
    code = "" if given.any_code else fingerprint()
    if not given.summary:
        attempt(drawn[part - 1 :: parts], code)
    found = {name: line for name, line in tried(code).items() if name in {case.name for case in drawn}}
    bad = [line for line in found.values() if line["verdict"] not in bench.GOOD]
    count = dict(Counter(line["verdict"] for line in found.values()))
    print(f"{len(found)} of {len(drawn)} changes, {len(bad)} bad: {count}")
    if not given.only and not given.tune and parts == 1:
        write(found, len(drawn))
    return int(bool(bad))


def attempt(todo: list[Case], code: str) -> None:
    """Run what is not done yet or was bad, and note what came of it."""
    done = {name for name, line in tried(code).items() if line["verdict"] in bench.GOOD}
    here = fingerprint()
    TRIED.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, TRIED.open("a", encoding="utf-8") as stream:
        for outcome in bench.run_all([case for case in todo if case.name not in done], Path(folder)):
            line = {"code": here, "name": outcome.case.name, "verdict": outcome.verdict, "text": outcome.text}
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            if not outcome.good:
                print(
                    f"{outcome.verdict} {outcome.case.name} [{outcome.host}, {outcome.asked}]: {outcome.text[-800:]}",
                    flush=True,
                )


def tried(code: str) -> dict[str, dict[str, str]]:
    """What was noted last with this code (any when it is blank), by name of the change."""
    lines: Iterator[dict[str, str]] = (
        json.loads(line) for line in (TRIED.read_text(encoding="utf-8").splitlines() if TRIED.is_file() else ())
    )
    return {line["name"]: line for line in lines if code in ("", line["code"])}


def fingerprint() -> str:
    """A hash of the product and of the bench."""
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.yaml"), *Path(__file__).parent.glob("*.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()


def figures(found: dict[str, dict[str, str]]) -> dict[str, dict[str, int]]:
    """Changes by family and verdict."""
    family = {kind.name: kind.family for kind in bench.KINDS.values()}
    by_family: dict[str, dict[str, int]] = {}
    for name in bench.families():
        mine = [line for line in found.values() if family[line["name"].split("/")[0]] == name]
        kinds = len({line["name"].split("/")[0] for line in mine})
        by_family[name] = {"kinds": kinds, "changes": len(mine), **Counter(line["verdict"] for line in mine)}
    return by_family


def write(found: dict[str, dict[str, str]], drawn: int) -> None:
    """The figures of this run, beside what the held-out families showed at first, which stays."""
    before = yaml.safe_load(OUTCOME.read_text(encoding="utf-8")) if OUTCOME.is_file() else {}
    outcome = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "drawn": drawn,
        "families": figures(found),
        "held_out": before.get("held_out"),
    }
    OUTCOME.write_text(yaml.safe_dump(outcome, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
