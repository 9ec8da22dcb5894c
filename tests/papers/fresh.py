"""Two layouts of journals, drawn by somebody who had not seen the reader, after its code was frozen.

`stacked`: outcomes as lines of their own with the visits indented below, groups side by side under spanners with n in
the head, 95 % CI parted into LL and UL (APA 7), the comparison of groups in the last columns of the same lines.

`panels`: outcomes side by side, groups and visits in the rows (mean ± SD), tests in panels below; stars instead of p.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.papers.drawing import by_line, cells, digits, heads, used
from tests.papers.records import DrawnCell, DrawnTable, Record

HEADS: dict[str, tuple[str, ...]] = {
    "n": ("n",),
    "mean": ("M",),
    "sd": ("SD",),
    "se": ("SE",),
    "r": ("r",),
    "estimate": ("Estimate",),
    "lower": ("95% CI", "LL"),
    "upper": ("95% CI", "UL"),
    "t": ("t (df)",),
    "F": ("F (df)",),
    "chi2": ("χ2 (df)",),
    "p": ("p",),
    "d": ("Cohen’s d",),
    "d_lower": ("95% CI", "LL"),
    "d_upper": ("95% CI", "UL"),
    "g": ("Hedges’ g",),
    "g_se": ("SE",),
    "eta2": ("ηp2",),
}
"""Heads of a statistic from top to bottom, statistics in the order of print; df stand in brackets behind their test."""
FORMS = {
    ("t", "df"): "t (df)",
    ("F", "df", "df2"): "F (df)",
    ("chi2", "df"): "χ2 (df)",
    ("estimate", "lower", "upper"): "Mean difference [95% CI]",
    ("d", "d_lower", "d_upper"): "Cohen’s d [95% CI]",
    ("g", "g_se"): "Hedges’ g (SE)",
    ("eta2",): "ηp2",
}
"""A line of a panel of tests: its first statistic, those in brackets behind it, and how the line is headed."""
ABREAST = 4
"""Most outcomes side by side on a page."""
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))

Line = dict[str, Record]
Place = tuple[str, ...]


def spanned(paths: Sequence[tuple[str, ...]]) -> list[list[DrawnCell]]:
    """Rows of heads: equal neighbours of a level are one cell, a short path reaches down to the last row."""
    depth = max(map(len, paths))
    rows: list[list[DrawnCell]] = [[] for _ in range(depth)]
    for level in range(depth):
        j = 0
        while j < len(paths):
            path, width = paths[j], 1
            if level == len(path) - 1:
                rows[level].append(DrawnCell(path[level], rows=depth - level, head=True))
            elif level < len(path):
                while j + width < len(paths) and paths[j + width][: level + 1] == path[: level + 1]:
                    width += 1
                rows[level].append(DrawnCell(path[level], columns=width, head=True))
            j += width
    return rows


def with_df(line: Line, statistic: str) -> str:
    """Digits; behind a test its df in brackets."""
    dfs = [line[s].printed for s in ("df", "df2") if s in line]
    inside = f" ({', '.join(dfs)})" if statistic in ("t", "F", "chi2") and statistic in line and dfs else ""
    return digits(line, statistic) + inside


def between(arm: str, versus: str, first: str) -> str:
    """What a test compares, as a spanner says it."""
    compared = f"{arm} vs. {versus}" if versus else arm
    return ", ".join(filter(None, (compared, first and f"change from {first}")))


def stacked(caption: str, records: Sequence[Record]) -> list[DrawnTable]:
    """Outcomes as lines of their own, visits below, groups and their comparison side by side in one table."""
    mine = [r for r in records if r.kind == "row"]
    if not mine:
        return []
    lines = by_line(mine)
    visits, arms = used(mine, "visit"), used(mine, "arm")
    counted = {a: {line["n"].printed if "n" in line else "" for k, line in lines.items() if k[1] == a} for a in arms}
    one_n = all(len(ns) == 1 and "" not in ns for ns in counted.values())
    named = [s for s in HEADS if s in used(mine, "statistic") and not (s == "n" and one_n)]
    columns: list[tuple[tuple[str, ...], Place, str]] = []
    for a in arms:
        top = f"{a} (n = {min(counted[a])})" if one_n else a
        columns += [((top, *HEADS[s]), (a, "", ""), s) for s in named]
    places = {(key[0], key[3]) for key in lines}
    tests = [r for r in records if r.kind == "effect" and (r.measure, r.visit) in places]
    for place in dict.fromkeys((r.arm, r.versus, r.first) for r in tests):
        own = {r.statistic for r in tests if (r.arm, r.versus, r.first) == place}
        top = between(*place)
        columns += [((top, *HEADS[s]) if top else HEADS[s], place, s) for s in HEADS if s in own]
    both = {**{("row", *k): v for k, v in lines.items()}, **{("effect", *k): v for k, v in by_line(tests).items()}}
    several = len(visits) > 1
    rows = spanned([("Measure and time" if several else "Measure",), *(path for path, _, _ in columns)])
    for measure in used(mine, "measure"):
        if several:
            rows.append(cells(measure, *("" for _ in columns)))
        for v in (v for v in visits if (measure, v) in places):
            row = [f"\u2003{v}" if several else measure]
            for i, (_, (arm, versus, first), s) in enumerate(columns):
                kind = "row" if i < len(arms) * len(named) else "effect"
                row.append(with_df(both.get((kind, measure, arm, versus, v, first), {}), s))
            rows.append(cells(*row))
    title = "Means and Standard Deviations" if "sd" in named else "Estimated Means"
    title += " by Group" + (", and Group Comparisons" if tests else "")
    when = "" if several else f" at {visits[0]}"
    note = "Note. M = mean; SD = standard deviation; CI = confidence interval; LL = lower limit; UL = upper limit."
    return [DrawnTable(f"{caption}. {title}{when}", rows, (*mine, *tests), note)]


def starred(line: Line) -> str:
    """Stars of the p of a test."""
    p = line["p"].printed.replace(" ", "") if "p" in line else ""
    if not p.strip("<=.0123456789") and p and p[0] != ">":
        value = float(p.lstrip("<="))
        return next((stars for limit, stars in STARS if value < limit or (p[0] == "<" and value == limit)), "")
    return ""


def panel(tests: Sequence[Record], measures: Sequence[str], blanks: int) -> tuple[list[list[DrawnCell]], list[Record]]:
    """Lines of the tests of one comparison below their outcomes, and the records that stand in them."""
    lines = {key[0]: line for key, line in by_line(tests).items()}
    rows, shown = [], []
    for (first, *behind), head in FORMS.items():
        having = {m: line for m, line in lines.items() if first in line}
        if not having:
            continue
        dfs = {tuple(line[s].printed for s in behind if s in line) for line in having.values()}
        common = first in ("t", "F", "chi2") and len(dfs) == 1 and dfs != {()}
        label = f"{head.split()[0]}({', '.join(*dfs)})" if common else head if any(dfs) else head.split(" (")[0]
        label = label if any(dfs) else label.split(" [")[0]
        row = [label, *([""] * blanks)]
        for m in measures:
            line = having.get(m, {})
            inside = [line[s].printed for s in behind if s in line]
            text = digits(line, first) + (starred(line) if first in ("t", "F", "chi2") else "")
            if inside and not common:
                text += f" [{', '.join(inside)}]" if "[" in head else f" ({', '.join(inside)})"
            row.append(text)
            shown += [line[s] for s in (first, *behind) if s in line]
        rows.append(cells(*row))
    printed = {s for line in lines.values() for s in line}
    if "p" in printed and not printed & {"t", "F", "chi2"}:
        rows.append(cells("p", *([""] * blanks), *(digits(lines.get(m, {}), "p") for m in measures)))
        shown += [line["p"] for line in lines.values() if "p" in line]
    return rows, shown


def batches(lines: dict[Place, Line], measures: Sequence[str]) -> list[list[str]]:
    """Outcomes that share groups, visits and form of print, at most `ABREAST` together."""
    found: list[tuple[object, list[str]]] = []
    for m in measures:
        form = tuple((key[1], key[3], "sd" in line) for key, line in lines.items() if key[0] == m)
        if found and found[-1][0] == form and len(found[-1][1]) < ABREAST:
            found[-1][1].append(m)
        else:
            found.append((form, [m]))
    return [members for _, members in found]


def panels(caption: str, records: Sequence[Record]) -> list[DrawnTable]:
    """Outcomes side by side, groups and visits below each other, and tests in panels at the foot."""
    mine = [r for r in records if r.kind == "row" and r.statistic in ("n", "mean", "sd", "lower", "upper")]
    lines = {k: x for k, x in by_line(mine).items() if {"mean", "sd"} <= set(x) or {"mean", "lower", "upper"} <= set(x)}
    drawn = []
    for measures in batches(lines, list(dict.fromkeys(key[0] for key in lines))):
        drawn.append(_page(caption, {k: x for k, x in lines.items() if k[0] in measures}, measures, records))
    return drawn


def _page(caption: str, lines: dict[Place, Line], measures: list[str], records: Sequence[Record]) -> DrawnTable:
    """One table of `panels`; n has a column when it is the same for all outcomes."""
    places = list(dict.fromkeys((key[1], key[3]) for key in lines))
    visits = list(dict.fromkeys(v for _, v in places))
    ns = {place: {digits(lines[m, place[0], "", place[1], ""], "n") for m in measures} for place in places}
    counted = all(len(found) == 1 and "–" not in found for found in ns.values())
    several, spread = len(visits) > 1, "sd" in next(iter(lines.values()))
    rows = [heads("Group", *["Time"] * several, *["n"] * counted, *measures)]
    shown: list[Record] = []
    for arm in dict.fromkeys(a for a, _ in places):
        own = [v for a, v in places if a == arm]
        for v in own:
            row = [] if v != own[0] else [DrawnCell(arm, rows=len(own))]
            row += cells(*[v] * several, *[min(ns[arm, v])] * counted)
            for m in measures:
                line = lines[m, arm, "", v, ""]
                behind = ("sd",) if spread else ("lower", "upper")
                texts = [line[s].printed for s in behind]
                row += cells(f"{line['mean'].printed} " + (f"± {texts[0]}" if spread else f"[{', '.join(texts)}]"))
                shown += [line[s] for s in (*["n"] * counted, "mean", *behind)]
            rows.append(row)
    tests = [r for r in records if r.kind == "effect" and r.measure in measures and r.visit in visits]
    for arm, versus, v, first in dict.fromkeys((r.arm, r.versus, r.visit, r.first) for r in tests):
        mine = [r for r in tests if (r.arm, r.versus, r.visit, r.first) == (arm, versus, v, first)]
        lower, kept = panel(mine, measures, several + counted)
        when = f"change from {first} to {v}" if first else f"difference at {v}"
        text = f"{between(arm, versus, '') or 'All groups'}, {when}"
        rows += [[DrawnCell(text, columns=1 + several + counted + len(measures))], *lower] if lower else []
        shown += kept
    title = "Outcome Scores by Group and Time" if several else f"Outcome Scores by Group at {visits[0]}"
    note = "Note. Values are mean ± SD." if spread else "Note. Values are adjusted means [95% CI]."
    return DrawnTable(f"{caption}. {title}", rows, tuple(shown), f"{note} *p < .05. **p < .01. ***p < .001.")
