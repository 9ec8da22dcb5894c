"""Do the tests notice small changes of meaning? ``python tests/mutants/run.py [--sample N] [--only PACKAGE]``.

1. The tests run once and it is noted which test calls which function (``build/mutants/nearest.json``).
2. A seeded sample of changes, stratified by package, is tried one by one: the nearest tests run until one fails.
   What is done stands in ``build/mutants/tried.jsonl``; a run that was stopped goes on where it stopped.
3. Survivors are written to ``survivors.csv``, the figures to ``outcome.yaml``; ``tests/oracle/validation.py`` puts them
   into docs/validation.md. ``equivalent.yaml`` holds survivors that no test could notice, each with its reason.

Needs fork (not Windows); nothing of the product does.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from changes import Change, changes
from child import KILLED, SURVIVED, TIMEOUT, attempt, heavy
from hot import Job, try_quickly
from nearest import further, load, record

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCE = ROOT / "src" / "compassion_trials"
WORK = ROOT / "build" / "mutants"
EQUIVALENT, SURVIVORS, OUTCOME = HERE / "equivalent.yaml", HERE / "survivors.csv", HERE / "outcome.yaml"

SEED, SAMPLE = 20260101, 600
PACKAGES = ("models", "effects", "scoring", "ledger", "describe")
SMALLEST = 60
"""Changes drawn from the smallest package; the others get their share of the rest."""
DRAWING = ("ledger/page/plots.py", "ledger/page/figures.py")
"""Places and sizes of marks on a page: looked at, not computed with."""
SECONDS = 20.0
"""Time of the nearest tests of one change, as recorded."""
BAR = 0.05
"""Largest share of survivors among the changes that are not equivalent."""


def all_changes(package: str) -> list[Change]:
    """Every change of a package."""
    files = sorted(str(path.relative_to(SOURCE)) for path in (SOURCE / package).rglob("*.py"))
    return [change for file in files if file not in DRAWING for change in changes(SOURCE, file)]


def sample(size: int) -> dict[str, list[Change]]:
    """A seeded sample by package, in proportion to the places where a change can be made."""
    every = {package: all_changes(package) for package in PACKAGES}
    total = sum(map(len, every.values()))
    small = {p for p, found in every.items() if size * len(found) / total < SMALLEST}
    floor = min(SMALLEST, size // len(PACKAGES))
    rest, spread = size - floor * len(small), sum(len(every[p]) for p in PACKAGES if p not in small)
    counts = {p: floor if p in small else round(rest * len(every[p]) / spread) for p in PACKAGES}
    return {p: sorted(every[p], key=lambda c: c.rank(SEED))[: counts[p]] for p in PACKAGES}


def lines_tried() -> list[dict[str, object]]:
    """What earlier runs wrote."""
    path = WORK / "tried.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def tried() -> dict[tuple[object, ...], dict[str, object]]:
    """What earlier runs found, by key; of a change tried twice the second."""
    return {tuple(line["key"]): line for line in lines_tried()}  # type: ignore[arg-type]


def equivalent() -> dict[tuple[object, ...], str]:
    """Reasons, by key."""
    entries = yaml.safe_load(EQUIVALENT.read_text()) or []
    return {
        (e["file"], e["function"], e["text"], e["change"], number): e["reason"]
        for e in entries
        for number in e.get("numbers", [1])
    }


def turns(drawn: dict[str, list[Change]]) -> Iterable[Change]:
    """One of each package in turn, so that a run that is stopped has seen all of them."""
    longest = max(map(len, drawn.values()))
    ranked = [((i + 0.5) / len(found), p, c) for p, found in drawn.items() for i, c in enumerate(found)]
    assert longest <= len(ranked)
    return [c for _, _, c in sorted(ranked, key=lambda entry: entry[:2])]


def try_all(todo: Sequence[Change], seconds: float, again: bool = False) -> None:
    """Try what has not been tried: bodies of functions in forks of collected tests, the rest in fresh imports."""
    nearest, reasons = load(WORK), equivalent()
    before = {key: line for key, line in tried().items() if not again or line["result"] == KILLED}
    left = [c for c in todo if c.key not in before and c.key not in reasons]
    start = len(lines_tried())
    path = WORK / "tried.jsonl"

    def note(change: Change, result: str, test: str) -> None:
        line = {"key": change.key, "line": change.line, "result": result, "test": test}
        with path.open("a") as out:  # the last line of a change counts
            out.write(json.dumps(line) + "\n")
        mark = f"{change.file}:{change.line} {change.function}  {change.what}" if result != KILLED else change.file
        print(f"{result} {mark}", flush=True)

    jobs: list[Job] = []
    for change in left:
        tests = nearest.of(change.file, change.function, seconds)
        if tests:
            jobs.append((change, tests, sum(nearest.seconds[t] for t in tests)))
        else:
            note(change, SURVIVED, "no test calls it")
    heavy()
    if (pid := os.fork()) == 0:  # here the package is imported; the slower way needs a process without it
        folders = sorted({test.split("::")[0] for _, tests, _ in jobs for test in tests})
        try_quickly(SOURCE, ROOT, folders, jobs, note)
        os._exit(0)
    os.waitpid(pid, 0)
    quickly = {tuple(line["key"]) for line in lines_tried()[start:]}
    for change, tests, time in jobs:
        if change.key not in quickly:
            note(change, *attempt(SOURCE, change, tests, time))


def summarise(drawn: dict[str, list[Change]]) -> int:
    """Write survivors and figures; 1 when too many survive."""
    done, reasons = tried(), equivalent()
    survivors, figures = [], {}
    for package, found in drawn.items():
        count: Counter[str] = Counter()
        for change in found:
            result = "equivalent" if change.key in reasons else str(done.get(change.key, {}).get("result", "untried"))
            count[result] += 1
            if result == SURVIVED:
                survivors.append(change)
        names = (KILLED, TIMEOUT, "equivalent", SURVIVED, "untried")
        figures[package] = {"drawn": len(found), **{name: count[name] for name in names}}
    with SURVIVORS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "line", "function", "change", "text"))
        writer.writerows((c.file, c.line, c.function, c.what, c.text) for c in survivors)
    tested = sum(f[KILLED] + f[TIMEOUT] + f[SURVIVED] for f in figures.values())
    share = len(survivors) / tested if tested else 1.0
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    outcome = {"seed": SEED, "date": date, "command": "make mutants", "packages": figures}
    OUTCOME.write_text(yaml.safe_dump(outcome, sort_keys=False))
    print(yaml.safe_dump(figures, sort_keys=False))
    print(f"{len(survivors)} of {tested} changes survive ({100 * share:.1f} %); at most {100 * BAR:g} % may")
    return int(share > BAR)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, try, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many changes (%(default)s)")
    parser.add_argument("--only", nargs="*", default=[""], help="changes whose file starts so, for work on one part")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time for the tests of one change")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    parser.add_argument("--survivors", action="store_true", help="try the survivors of earlier runs again")
    parser.add_argument(
        "--record", nargs="*", metavar="TESTS", help="note again which test calls which function; of some files only"
    )
    parser.add_argument("--summary", action="store_true", help="try nothing, only write the figures")
    given = parser.parse_args(arguments)
    WORK.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    sys.path.insert(0, str(SOURCE.parent))
    drawn = sample(given.sample)
    if given.summary:
        return summarise(drawn)
    if given.fresh:
        (WORK / "tried.jsonl").unlink(missing_ok=True)
    if given.record is not None or not list(WORK.glob("nearest*.json")):
        if (pid := os.fork()) == 0:  # here nothing of the package may be imported
            record(ROOT, SOURCE, further(WORK) if given.record else WORK / "nearest.json", given.record or ())
            os._exit(0)
        os.waitpid(pid, 0)
    todo = [c for c in turns(drawn) if c.file.startswith(tuple(given.only))]
    try_all(todo, given.seconds, given.survivors)
    return summarise(drawn)


if __name__ == "__main__":
    sys.exit(main())
