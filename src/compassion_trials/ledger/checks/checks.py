"""Internal consistency of published numbers: what does not fit, with the innocent explanations beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from compassion_trials.core.findings import Finding
from compassion_trials.ledger.checks.abstract import abstract_differs
from compassion_trials.ledger.checks.counts import allocated, counted
from compassion_trials.ledger.checks.rows import range_problems, row_problems
from compassion_trials.ledger.checks.shifted import shifted_rows
from compassion_trials.ledger.checks.spreads import alike_spreads
from compassion_trials.ledger.ledger_line import LedgerLine
from compassion_trials.ledger.reading.cells import Cells, Place, cells
from compassion_trials.ledger.reading.model import Published, Table
from compassion_trials.ledger.reading.printed import printed

SPREAD = 3.0
"""Ratio of the largest to the smallest SD of one outcome from which a reader should look again."""

OFF_CENTRE = 0.25
"""Distance of an estimate from the middle of its interval, over half the interval, from which it is told."""

SAME = 3
"""Equal numbers from which two lines of effects count as the same."""


def check_study(name: str, study: Published, lines: Sequence[LedgerLine]) -> tuple[list[Finding], dict[str, Cells]]:
    """Findings of one publication, and the cells of tables whose rows are found to be shifted, as they would stand.

    Parameters
    ----------
    name : str
        Of the file.
    study : Published
    lines : sequence of LedgerLine
        Of the ledger, for what contradicts there.

    Returns
    -------
    tuple of list of Finding, dict of str to Cells
    """
    found: list[Finding] = []
    moved: dict[str, Cells] = {}
    for table in study.tables:
        if table.status == "not read":
            continue
        here = cells(table)
        finding, corrected = shifted_rows(name, study, table, here)
        found += finding
        if corrected is not None:
            moved[table.name] = corrected
        found += _too_many(name, study, table, here)
        for place, cell in here.items():
            found += [
                _told(name, study, table, place, *problem) for problem in row_problems(study.measures[place[0]], cell)
            ]
        found += _spread(name, study, table, corrected or here)
        found += alike_spreads(name, study, table, corrected or here)
        found += [*_repeated_effects(name, study, table), *_off_centre(name, study, table)]
    found += [*abstract_differs(name, study), *_contradictions(name, lines)]
    return found, moved


def _told(name: str, study: Published, table: Table, place: Place, *problem: str) -> Finding:
    """A problem of one printed row as a finding."""
    code, message, value, expected, innocent = problem
    return Finding(
        "note" if code in ("grim", "grimmer") else "warning",
        code,
        f"{_where(study, place)}: {message}",
        file=name,
        column=table.name,
        value=value,
        expected=expected,
        advice=innocent,
    )


def _where(study: Published, place: Place) -> str:
    """A cell in words."""
    measure, arm, visit = place
    return ", ".join(
        x for x in (study.measures[measure].label, study.arms.get(arm, ""), study.visits.get(visit, "")) if x
    )


def _too_many(name: str, study: Published, table: Table, here: Cells) -> Iterator[Finding]:
    """No cell holds more people than were allocated to its arm, or than were counted in it at the visit."""
    start, later = allocated(study), counted(study)
    for place, cell in here.items():
        there = later.get((place[1], place[2]))
        most = there if there is not None else start.get(place[1])
        if most is not None and cell.n is not None and cell.n > most:
            innocent = "the arms may be exchanged, a digit may be wrong, or people may have changed arm"
            if there is not None:
                innocent = "missing values may have been filled in, the arms may be exchanged, or a digit may be wrong"
            message = f"more people than were {'counted at the visit' if there is not None else 'allocated to the arm'}"
            problem = ("n_too_large", message, str(cell.n), f"at most {most}", innocent)
            yield _told(name, study, table, place, *problem)


def _spread(name: str, study: Published, table: Table, here: Cells) -> Iterator[Finding]:
    """SDs of one outcome in one arm do not differ by a factor."""
    for measure, arm in dict.fromkeys((m, a) for m, a, _ in here):
        mine = {v: c for (m, a, v), c in here.items() if (m, a) == (measure, arm) and c.sd_printed is not None}
        if any(p[0] == "out_of_range" for c in mine.values() for p in range_problems(study.measures[measure], c)):
            continue
        printed_sds = {v: c.sd_printed for v, c in mine.items() if c.sd_printed is not None}
        sds = {v: sd.value for v, sd in printed_sds.items()}
        if len(sds) > 1 and max(sds.values()) >= SPREAD * min(sds.values()):
            low, high = min(sds, key=lambda v: sds[v]), max(sds, key=lambda v: sds[v])
            message = (
                f"{_where(study, (measure, arm, ''))}: the SD changes by a factor of "
                f"{sds[high] / sds[low]:.1f} between visits"
            )
            value = ", ".join(f"{printed_sds[visit].text} {study.visits[visit]}" for visit in (low, high))
            innocent = (
                "few people may be left at one visit, missing values may be coded as a number, or an "
                "SE may be printed as SD"
            )
            yield Finding(
                "note",
                "sd_changes",
                message,
                file=name,
                column=table.name,
                value=value,
                expected=f"a factor below {SPREAD:g}",
                advice=innocent,
            )


def _repeated_effects(name: str, study: Published, table: Table) -> Iterator[Finding]:
    """Two outcomes do not have the same estimate, limits and test."""
    compared = ("estimate", "lower", "upper", "se", "t", "F", "d")
    groups: dict[tuple[str, str], list[str]] = {}
    for a, b in combinations(table.effect_lines, 2):
        if a.cells["measure"] == b.cells["measure"] or a.cells.get("visit") != b.cells.get("visit"):
            continue
        shared = [c for c in compared if c in a.cells and a.cells.get(c) == b.cells.get(c)]
        informative = [c for c in shared if len(a.cells[c].strip("-0.").replace(".", "")) >= 2]
        if len(informative) >= SAME:
            pair = (a.cells["measure"], b.cells["measure"])
            text = ", ".join(f"{c} {a.cells[c]}" for c in informative)
            groups.setdefault(pair, []).append(f"{study.visits.get(a.cells.get('visit', ''), '')}: {text}".strip(": "))
    for (first, second), places in groups.items():
        labels = f"{study.measures[first].label} and {study.measures[second].label}"
        yield Finding(
            "warning",
            "repeated_estimates",
            f"{labels} have the same estimates, limits and tests",
            file=name,
            column=table.name,
            value="; ".join(places),
            expected="different outcomes rarely agree in every digit" + _same_change(study, table, first, second),
            advice="a line may have been copied twice, or one outcome may be computed from the other",
        )


def _same_change(study: Published, table: Table, first: str, second: str) -> str:
    """Whether the printed means of two outcomes change alike, which would explain equal estimates but not equal SEs."""
    here, (before, *later) = cells(table), study.visits
    changes = [
        {
            (a, v): round(here[measure, a, v].mean.value - here[measure, a, before].mean.value, 6)
            for a in study.arms
            for v in later
            if (measure, a, v) in here and (measure, a, before) in here
        }
        for measure in (first, second)
    ]
    shared = changes[0].keys() & changes[1].keys()
    if not shared:
        return ""
    same = all(changes[0][place] == changes[1][place] for place in shared)
    return (
        "; their printed means change by the same amounts too" if same else "; their printed means change differently"
    )


def _off_centre(name: str, study: Published, table: Table) -> Iterator[Finding]:
    """An estimate stands near the middle of its interval."""
    for line in table.effect_lines:
        for middle, lower, upper in (("estimate", "lower", "upper"), ("d", "d_lower", "d_upper")):
            if not {middle, lower, upper} <= set(line.cells):
                continue
            e, low, high = (printed(line.cells[x]).value for x in (middle, lower, upper))
            if high > low and abs(e - (low + high) / 2) > OFF_CENTRE * (high - low) / 2:
                arms = " − ".join(study.arms[line.cells[x]] for x in ("arm", "versus") if x in line.cells)
                label, visit = (
                    study.measures[line.cells["measure"]].label,
                    study.visits.get(line.cells.get("visit", ""), ""),
                )
                where = ", ".join(x for x in (label, arms, visit) if x)
                yield Finding(
                    "warning",
                    "off_centre",
                    f"{where}: the estimate is not in the middle of its interval",
                    file=name,
                    column=table.name,
                    value=f"{line.cells[middle]} [{line.cells[lower]}, {line.cells[upper]}]",
                    expected=f"about {(low + high) / 2:.2f}",
                    advice="estimate and interval may be of two different analyses (adjusted and raw), or by bootstrap",
                )


def _contradictions(name: str, lines: Sequence[LedgerLine]) -> Iterator[Finding]:
    """What the ledger contradicts, grouped by table and kind."""
    groups: dict[tuple[str, str], list[LedgerLine]] = {}
    for line in lines:
        if line.verdict == "contradicts":
            groups.setdefault((line.table, line.statistic), []).append(line)
    for (table, statistic), members in groups.items():
        text, innocent = _EXPLAINED.get(statistic, ("the printed value does not follow", "a digit may be wrong"))
        value = "; ".join(f"{m.what}: {m.printed}" for m in members[:3]) + (
            f"; and {len(members) - 3} more" if len(members) > 3 else ""
        )
        yield Finding(
            "warning",
            f"{statistic}_contradicts",
            text,
            file=name,
            column=table,
            value=value,
            expected="; ".join(dict.fromkeys(f"{m.recomputed:.4g} ({m.formula})" for m in members[:3])),
            advice=innocent,
        )


_EXPLAINED = {
    "p": (
        "the p value does not belong to the printed test",
        "the test may be one-sided or corrected, a star may be one too many, or F or df a slip",
    ),
    "df": (
        "the degrees of freedom do not belong to the printed n",
        "some people may lack a value, or df may be of another model",
    ),
    "df2": (
        "the degrees of freedom do not belong to the printed n",
        "the df of another table may have been kept, some people may lack a value, or there may be more covariates",
    ),
    "n": (
        "the numbers of participants do not add up",
        "somebody may have left before an arm was given, or a digit may be wrong",
    ),
    "F": (
        "F cannot come from the printed means, SDs and n",
        "missing values, other covariates or another analysis set may stand behind the test",
    ),
    "t": (
        "t cannot come from the printed numbers",
        "unequal variances, missing values or another analysis set may stand behind the test",
    ),
}
"""By statistic: what does not fit, and the innocent explanations."""
