"""Write docs/validation.md from the checks that the tests assert: ``python tests/oracle/validation.py``."""

from __future__ import annotations

import re
import sys

from checks import ROOT, Check

import cases

sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "mutants")]
import small_changes  # noqa: E402
from tests.hostile import section as hostile  # noqa: E402

PAGE = ROOT / "docs" / "validation.md"
COMMAND = "python tests/oracle/validation.py"

ROUNDING = 1e-9
"""Checks with a smaller tolerance are exact but for rounding, which differs between machines."""

HEAD = f"""# Validation of the mixed models

Made by `{COMMAND}` from the checks that `tests/oracle` asserts; do not edit. A test fails when this page is stale.

Each line compares numbers of ours with those of a reference. *Difference* is the largest over the *n* numbers of the
line: estimates and limits in units of the reference's standard error, standard errors, degrees of freedom and
covariances relative to the reference, p values and log-likelihoods absolute; of factor models polychorics, loadings,
omega and indices of fit absolute. Ours and reference show the first of the
n numbers. Differences below a hundredth of the tolerance are not told apart: they are rounding and vary between
machines. *Log-likelihood, not below* is one-sided: ours may be higher, because the reference stopped early.
"""


Cells = tuple[str, ...]
"""One line of a table of the page, cell by cell."""

COLUMNS = ("Case", "Quantity", "n", "Ours", "Reference", "Difference", "Tolerance", "Source")


def page(sections: dict[str, list[Cells]]) -> str:
    """The whole page."""
    counts = ("Against", "Cases", "Lines", "Numbers", "Failures")
    parts = [HEAD, table("Summary", counts, [counted(title, lines) for title, lines in sections.items()])]
    parts += [table(title, COLUMNS, lines) for title, lines in sections.items()]
    return "\n".join([*parts, hostile.section(), small_changes.section()])


def table(title: str, columns: Cells, lines: list[Cells]) -> str:
    """One heading and its table."""
    rows = ["| " + " | ".join(cells) + " |" for cells in (columns, *lines)]
    return "\n".join([f"## {title}", "", rows[0], "|" + "---|" * len(columns), *rows[1:]]) + "\n"


def counted(title: str, lines: list[Cells]) -> Cells:
    """How much was compared in one section: cases, lines, numbers, failures."""
    failed = sum(cells[5].startswith("**") for cells in lines)
    counts = (len({cells[0] for cells in lines}), len(lines), sum(int(cells[2]) for cells in lines), failed)
    return (title, *map(str, counts))


def row(c: Check) -> Cells:
    """One check as a line of its table."""
    return (
        c.case,
        c.quantity,
        str(len(c.ours)),
        shown(c.ours[0], c),
        shown(c.reference[0], c),
        difference(c),
        f"{c.tolerance:g}",
        c.source.replace("|", "\\|"),
    )


def shown(value: float, c: Check) -> str:
    """Six significant digits, fewer where the check itself is coarser or the value is rounding noise around 0."""
    digits = 6 if c.tolerance <= 1e-5 else 4
    if abs(value) < 1e-9 * max(c.scale[0], 1e-300):
        return "0"
    if abs(value) < 100 * c.tolerance * c.scale[0] and not c.one_sided:
        return f"{round(value / c.scale[0] / c.tolerance) * c.tolerance * c.scale[0]:.1g}"
    return f"{value:.{digits}g}"


def difference(c: Check) -> str:
    """One significant digit, or a bound where only rounding is left."""
    if not c.passed:
        return f"**{c.difference:.1g}**"
    if c.tolerance <= ROUNDING:
        return f"<= {c.tolerance:.0e}"
    return f"< {c.tolerance / 100:.0e}" if c.difference < c.tolerance / 100 else f"{c.difference:.0e}"


def computed() -> dict[str, list[Check]]:
    """The checks of every section, as far as they can be computed here (real trials need the folder shared)."""
    return {title: [c for case in names for c in cases.run(case)] for title, names in cases.sections().items()}


def lines_of(sections: dict[str, list[Check]], written: dict[str, list[Cells]]) -> dict[str, list[Cells]]:
    """Lines of every section: what was computed, and what a page as written says of real trials that are not here."""
    found = {}
    for title, checks in sections.items():
        here = {c.case for c in checks}
        kept = [
            cells for cells in written.get(title, []) if cases.from_real_trial(title, cells[0]) and cells[0] not in here
        ]
        found[title] = [*map(row, checks), *kept]
    return found


def read(text: str) -> dict[str, list[Cells]]:
    """Lines of the tables of a page by section, without their heads."""
    parts = [part.split("\n", 1) for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
    return {
        title: [tuple(line[2:-2].split(" | ")) for line in body.splitlines() if line.startswith("| ")][1:]
        for title, body in parts
    }


def main() -> int:
    """Write the page; 1 when a check fails."""
    sections = computed()
    lines = lines_of(sections, read(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else {})
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_bytes(page(lines).encode("utf-8"))
    failed = [c for checks in sections.values() for c in checks if not c.passed]
    for c in failed:
        print(c)
    made, kept = sum(map(len, sections.values())), sum(map(len, lines.values()))
    print(f"{PAGE.relative_to(ROOT).as_posix()}: {made} checks, {len(failed)} fail; {kept - made} lines kept")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
