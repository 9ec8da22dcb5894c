"""Write docs/validation.md from the checks that the tests assert: ``python tests/oracle/validation.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import cases
from checks import ROOT, Check

PAGE = ROOT / "docs" / "validation.md"
COMMAND = "python tests/oracle/validation.py"

ROUNDING = 1e-9
"""Checks with a smaller tolerance are exact but for rounding, which differs between machines."""

HEAD = f"""# Validation of the mixed models

Made by `{COMMAND}` from the checks that `tests/oracle` asserts; do not edit. A test fails when this page is stale.

Each line compares numbers of ours with those of a reference. *Difference* is the largest over the *n* numbers of the
line: estimates and limits in units of the reference's standard error, standard errors, degrees of freedom and
covariances relative to the reference, p values and log-likelihoods absolute. Ours and reference show the first of the
n numbers. Differences below a hundredth of the tolerance are not told apart: they are rounding and vary between
machines. *Log-likelihood, not below* is one-sided: ours may be higher, because the reference stopped early.
"""


def page(sections: dict[str, list[Check]]) -> str:
    """The whole page."""
    parts = [HEAD, summary(sections)]
    for title, checks in sections.items():
        parts.append(section(title, checks))
    return "\n".join(parts)


def summary(sections: dict[str, list[Check]]) -> str:
    """How much was compared with what."""
    lines = ["## Summary", "", "| Against | Cases | Lines | Numbers | Failures |", "|---|---|---|---|---|"]
    for title, checks in sections.items():
        cells = (title, len({c.case for c in checks}), len(checks), sum(len(c.ours) for c in checks))
        failed = sum(not c.passed for c in checks)
        lines.append("| " + " | ".join(str(cell) for cell in (*cells, failed)) + " |")
    return "\n".join(lines) + "\n"


def section(title: str, checks: list[Check]) -> str:
    """One heading and its table."""
    lines = [
        f"## {title}",
        "",
        "| Case | Quantity | n | Ours | Reference | Difference | Tolerance | Source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [row(c) for c in checks]
    return "\n".join(lines) + "\n"


def row(c: Check) -> str:
    """One check as a line of the table."""
    cells = (
        c.case,
        c.quantity,
        len(c.ours),
        shown(c.ours[0], c),
        shown(c.reference[0], c),
        difference(c),
        f"{c.tolerance:g}",
        c.source.replace("|", "\\|"),
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


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


def current() -> dict[str, list[Check]]:
    """Every section that can be computed here (the real trials need the folder shared)."""
    return {title: [c for case in names for c in cases.run(case)] for title, names in cases.sections().items()}


def main() -> int:
    """Write the page; 1 when a check fails."""
    sections = current()
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(sections), encoding="utf-8")
    failed = [c for checks in sections.values() for c in checks if not c.passed]
    for c in failed:
        print(c)
    print(f"{Path(PAGE).relative_to(ROOT)}: {sum(map(len, sections.values()))} checks, {len(failed)} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
