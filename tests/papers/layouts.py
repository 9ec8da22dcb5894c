"""Layouts in which papers print their tables.

To add a layout, write a function ``(caption, records) -> list of DrawnTable`` and put it into `LAYOUTS`. It gets the
records of one published table (`tests/papers/records.py` says what a record is) and draws as many of them as it likes
into one or more tables; `DrawnTable.records` lists exactly those whose digits stand there. Labels and digits are
printed as they are; heads are free. ``PYTHONPATH=src:. python -m tests.papers.bench NAME`` writes them as HTML, Word
and CSV, says what was read back and lists what was read wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.papers.drawing import SHOWN, by_line, cells, digits, heads, used
from tests.papers.fresh import panels, stacked
from tests.papers.records import DrawnCell, DrawnTable, Layout, Record


def long(caption: str, records: Sequence[Record]) -> list[DrawnTable]:
    """One line per outcome, arm and visit, as exports and supplements have it; effects in a table of their own."""
    drawn = []
    for kind, title in (("row", "Means and standard deviations"), ("effect", "Effects and tests")):
        mine = [r for r in records if r.kind == kind]
        if not mine:
            continue
        named = used(mine, "statistic")
        if kind == "row":
            stub = ["Outcome", "Group", "Assessment"]
            rows = [heads(*stub, *(SHOWN.get(s, s) for s in named))]
            for (measure, arm, _, visit, _), line in by_line(mine).items():
                rows.append(cells(measure, arm or "–", visit, *(digits(line, s) for s in named)))
        else:
            stub = ["Outcome", "Comparison", "Assessment", "Change from"]
            rows = [heads(*stub, *(SHOWN.get(s, s) for s in named))]
            for (measure, arm, versus, visit, first), line in by_line(mine).items():
                compared = f"{arm} vs. {versus}" if versus else arm or "–"
                rows.append(cells(measure, compared, visit or "–", first or "–", *(digits(line, s) for s in named)))
        drawn.append(DrawnTable(f"{caption}. {title}", rows, tuple(mine)))
    return drawn


def wide(caption: str, records: Sequence[Record]) -> list[DrawnTable]:
    """Outcomes in rows, visits over arms over statistics in three rows of heads; tests below section lines."""
    drawn = []
    mine = [r for r in records if r.kind == "row"]
    if mine:
        lines = by_line(mine)
        visits, arms, named = used(mine, "visit"), used(mine, "arm"), used(mine, "statistic")
        top = [DrawnCell("Measure", rows=3, head=True)]
        top += [DrawnCell(v, columns=len(arms) * len(named), head=True) for v in visits]
        middle = [DrawnCell(a, columns=len(named), head=True) for _ in visits for a in arms]
        rows = [top, middle, heads(*[SHOWN.get(s, s) for _ in visits for _ in arms for s in named])]
        for measure in used(mine, "measure"):
            places = [lines.get((measure, a, "", v, ""), {}) for v in visits for a in arms]
            rows.append(cells(measure, *(digits(line, s) for line in places for s in named)))
        drawn.append(DrawnTable(f"{caption}. Outcomes by visit and group", rows, tuple(mine)))
    for versus in (True, False):
        tests = [r for r in records if r.kind == "effect" and bool(r.versus) == versus]
        if not tests:
            continue
        named = used(tests, "statistic")
        rows = [heads("Comparison and outcome", *(SHOWN.get(s, s) for s in named))]
        if versus:
            rows[0][0] = DrawnCell("Outcome", head=True)
        sections: dict[tuple[str, ...], list[tuple[str, dict[str, Record]]]] = {}
        for (measure, arm, against, visit, first), line in by_line(tests).items():
            sections.setdefault((arm, against, visit, first), []).append((measure, line))
        for (arm, against, visit, first), members in sections.items():
            part = [heads("Outcome", *(SHOWN.get(s, s) for s in named))]
            words = f"{visit} from {first}" if first else visit
            compared = f"{arm} − {against}" if against else arm
            for text in (compared, words):
                if text:
                    part.append([DrawnCell(text, columns=1 + len(named))])
            part += [cells(measure, *(digits(line, s) for s in named)) for measure, line in members]
            own = tuple(r for _, line in members for r in line.values())
            drawn.append(DrawnTable(f"{caption}. Tests", part, own))
    return drawn


def brackets(caption: str, records: Sequence[Record]) -> list[DrawnTable]:
    """M (SD) in one cell, arms below each outcome, visits in columns; tests written out in words."""
    drawn = []
    mine = [r for r in records if r.kind == "row" and r.statistic in ("n", "mean", "sd")]
    lines = {key: line for key, line in by_line(mine).items() if {"mean", "sd"} <= set(line)}
    mine = [r for line in lines.values() for r in line.values()]
    if mine:
        visits, counted = used(mine, "visit"), any("n" in line for line in lines.values())
        head = heads("Outcome", "Group")
        for v in visits:
            head += heads(f"{v}, n", f"{v}, M (SD)") if counted else heads(f"{v}, M (SD)")
        rows = [head]
        for measure in used(mine, "measure"):
            for arm in dict.fromkeys(key[1] for key in lines if key[0] == measure):
                first = measure if arm == next(key[1] for key in lines if key[0] == measure) else ""
                row = [first, arm or "–"]
                for v in visits:
                    line = lines.get((measure, arm, "", v, ""), {})
                    row += [digits(line, "n")] if counted else []
                    row.append(f"{digits(line, 'mean')} ({digits(line, 'sd')})" if line else "–")
                rows.append(cells(*row))
        drawn.append(DrawnTable(f"{caption}. Means", rows, tuple(mine), "Note. M = mean; SD = standard deviation."))
    tests = [
        r
        for r in records
        if r.kind == "effect" and r.statistic in ("F", "df", "df2", "t", "p", "d", "g", "eta2", "chi2")
    ]
    if tests:
        rows = [heads("Outcome", "Comparison", "Time", "Change from", "Test")]
        shown: list[Record] = []
        for (measure, arm, versus, visit, first), line in by_line(tests).items():
            words, kept = in_words(line)
            if words:
                compared = f"{arm} vs. {versus}" if versus else arm or "–"
                rows.append(cells(measure, compared, visit or "–", first or "–", words))
                shown += kept
        if shown:
            drawn.append(DrawnTable(f"{caption}. Tests", rows, tuple(shown)))
    return drawn


def in_words(line: dict[str, Record]) -> tuple[str, list[Record]]:
    """A test as papers write it: F(1, 53) = 4.00, p = .015, d = 0.30."""
    parts, kept = [], []
    for name in ("F", "t", "chi2"):
        if name in line:
            dfs = [line[s] for s in ("df", "df2") if s in line]
            symbol = "χ2" if name == "chi2" else name
            inside = f"({', '.join(r.printed for r in dfs)})" if dfs else ""
            parts.append(f"{symbol}{inside} = {line[name].printed}")
            kept += [line[name], *dfs]
            break
    for name in ("p", "d", "g", "eta2"):
        if name in line and line[name].printed != "ns":
            text = line[name].printed
            sign = "" if text[0] in "<>" else "= "
            parts.append(f"{'ηp2' if name == 'eta2' else name} {sign}{text}")
            kept.append(line[name])
    return ", ".join(parts), kept


LAYOUTS: dict[str, Layout] = {"long": long, "wide": wide, "brackets": brackets, "stacked": stacked, "panels": panels}
"""Layouts by name."""
