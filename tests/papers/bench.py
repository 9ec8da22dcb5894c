"""The tables of all publications in a layout, read back: python -m tests.papers.bench [LAYOUT ...]."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import beta
from tests.papers.layouts import LAYOUTS
from tests.papers.records import DrawnTable, Layout, Record, published_records
from tests.papers.writing import WRITERS

from compassion_trials.ledger.papers.document import tables_of
from compassion_trials.ledger.papers.reading import read_tables
from compassion_trials.ledger.papers.words import folded

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was read of the cells of a layout.

    Attributes
    ----------
    cells : int
        Printed numbers.
    wrong : list of str
        Not read as what they are, with the place; those told in the draft and those that are not.
    silent : list of str
        Wrong ones that nothing in the draft tells.
    """

    cells: int
    wrong: list[str]
    silent: list[str]

    @property
    def limit(self) -> float:
        """Upper 95 % limit (two-sided Clopper-Pearson) of the share of wrong cells."""
        x, n = len(self.wrong), self.cells
        return 1.0 if x == n else float(beta.ppf(0.975, x + 1, n - x))


def key(record: Record) -> Key:
    """What a record is, as it is compared."""
    labels = (record.measure, record.arm, record.versus, record.visit, record.first)
    return (*map(folded, labels), record.kind, record.statistic, record.printed)


def read_back(layout: Layout, ending: str) -> Counted:
    """Write every published table in a layout, read the document, and compare number by number."""
    cells, wrong, silent = 0, [], []
    with tempfile.TemporaryDirectory() as folder:
        for (study, name), records in published_records().items():
            drawn = layout(name, records)
            if not drawn:
                continue
            path = Path(folder) / f"{study}.{name}{ending}"
            path.write_bytes(WRITERS[ending](drawn))
            mine = _compared(f"{study} {name}", drawn, path)
            cells, wrong, silent = cells + mine.cells, wrong + mine.wrong, silent + mine.silent
    return Counted(cells, wrong, silent)


def _compared(where: str, drawn: list[DrawnTable], path: Path) -> Counted:
    """One document: a number read that is not printed so, and that the draft does not doubt, is a silent error."""
    wanted = Counter(key(r) for table in drawn for r in table.records)
    found = read_tables(tables_of(path))
    read: Counter[Key] = Counter()
    doubted: Counter[Key] = Counter()
    for one in found:
        for n in one.numbers:
            labels = (n.measure, n.arm, n.versus, n.visit, n.first)
            what = (*map(folded, labels), n.kind, n.statistic, n.printed.replace("−", "-"))
            (doubted if n.doubt or one.doubts else read)[what] += 1
    missing = wanted - read - doubted
    told = sum(len(one.unread) for one in found) + sum(bool(one.refused) for one in found)
    extra = read - wanted
    wrong = [f"{where}{path.suffix}: {' | '.join(k)}" for k in missing.elements()]
    silent = [f"{where}{path.suffix}: {' | '.join(k)}" for k in extra.elements()]
    if missing and not told and not (doubted - wanted) and not silent:
        silent = wrong  # gone without a word
    return Counted(sum(wanted.values()), wrong, silent)


def main(names: list[str]) -> int:
    """Print counts by layout and kind of document, and the first errors."""
    worst = 0
    for name in names or list(LAYOUTS):
        cells, wrong, silent = 0, [], []
        for ending in WRITERS:
            found = read_back(LAYOUTS[name], ending)
            print(f"{name}{ending}: {found.cells} cells, {len(found.wrong)} wrong, {len(found.silent)} silent")
            cells, wrong, silent = cells + found.cells, wrong + found.wrong, silent + found.silent
        whole = Counted(cells, wrong, silent)
        print(f"{name}: {cells} cells, {len(wrong)} wrong (upper 95 % limit {whole.limit:.2%}), {len(silent)} silent")
        for line in [*dict.fromkeys(silent)][:20]:
            print("  silent", line)
        for line in [*dict.fromkeys(wrong)][:20]:
            print("  wrong ", line)
        worst = max(worst, int(whole.limit > 0.02 or bool(silent)))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
