"""The answers: differences between arms, or changes of a single arm, with intervals, tests and effect sizes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compassion_trials.core.numbers import DASH, count, degrees_column, fixed, interval, p_value
from compassion_trials.tables.material import Material, lookup, ordered
from compassion_trials.tables.spec import Column, Row, TableSpec, heading, row
from compassion_trials.tables.text import Text, text
from compassion_trials.tables.wording import (
    ABBREVIATIONS,
    DF,
    SYMBOLS,
    Marks,
    N,
    P,
    abbreviations,
    confidence,
    contrast,
    contrast_label,
    general,
    named,
    notes,
)

KINDS = ("difference", "difference in change", "change")
"""Terms that answer a question, the preferred first: a table shows one kind per analysis."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One estimate: its place in the results table and its statistics by name."""

    analysis: str
    outcome: str
    term: str
    arm: str
    visit: str
    values: dict[str, float]


def build(material: Material) -> list[TableSpec]:
    """One table of the planned outcomes, one for each additional analysis, one of changes within arms."""
    planned = ("primary", "secondary")
    main = KINDS[2:] if material.single_arm else KINDS[:2]
    tables = [_table(material, "effects", planned, main)]
    tables += [_table(material, f"effects.{name}", (name,), main) for name in material.plan.analysis.additional]
    if not material.single_arm:
        tables.append(_table(material, "changes", planned, KINDS[2:]))
    return [table for table in tables if table is not None]


def _table(material: Material, name: str, analyses: tuple[str, ...], kinds: tuple[str, ...]) -> TableSpec | None:
    """The table of some analyses; None when they hold no such estimate."""
    rows = material.rows(analysis=analyses)
    rows = rows.assign(kind=[contrast(term)[0] for term in rows["term"]])
    kind = next((k for k in kinds if ((rows["kind"] == k) & (rows["statistic"] == "estimate")).any()), None)
    if kind is None:
        return None
    rows = rows[(rows["kind"] == kind) & (rows["level"] == "")]
    lines = _lines(rows)
    sizes = [size for size in SYMBOLS if any(size in line.values for line in lines)]
    shown = [key for key in ("n", "p_adjusted") if any(key in line.values for line in lines)]
    marks = Marks()
    columns = _columns(material, kind, sizes, shown)
    return TableSpec(
        name=name,
        title=_title(material, name, analyses, kind),
        columns=columns,
        rows=tuple(_body(material, rows, lines, sizes, shown, marks)),
        notes=notes(_note(material, rows, kind, sizes, shown), marks),
        category="effects" if name == "effects" else "further analyses",
        analyses=tuple(ordered(rows["analysis"], analyses)),
        orientation="landscape" if len(columns) > 9 else "portrait",
    )


def _lines(rows: pd.DataFrame) -> list[_Line]:
    """Estimates in the order of the results table; ``n`` falls back to the column n."""
    keys = ["analysis", "outcome", "term", "arm", "visit"]
    found = []
    for place, members in rows.groupby(keys, sort=False):
        values = {name: value for (name,), value in lookup(members, "statistic").items()}
        counted = members.loc[members["statistic"] == "estimate", "n"].dropna()
        if "n" not in values and len(counted):
            values["n"] = float(counted.iloc[0])
        if "estimate" in values:
            found.append(_Line(*place, values))
    return found


def _columns(material: Material, kind: str, sizes: list[str], shown: list[str]) -> tuple[Column, ...]:
    """Heads of the table."""
    word = {"difference": "Difference", "difference in change": "Difference in change", "change": "Change"}[kind]
    ci = confidence(material)
    columns = [Column(text("Outcome and visit"), "left")]
    columns += [Column(N)] if "n" in shown else []
    columns += [Column(text(word)), Column(ci), Column(DF), Column(P)]
    columns += [Column(text("Adjusted ", P))] if "p_adjusted" in shown else []
    for size in sizes:
        columns += [Column(SYMBOLS[size]), Column(ci)]
    return tuple(columns)


def _body(
    material: Material, rows: pd.DataFrame, lines: list[_Line], sizes: list[str], shown: list[str], marks: Marks
) -> list[Row]:
    """Outcomes as groups; contrasts or arms as groups within them where there are several."""
    visits = list(material.plan.design.visits)
    degrees = dict(zip(map(id, lines), degrees_column([line.values.get("df") for line in lines]), strict=True))
    several = len({_who(material, line) for line in lines}) > 1
    body: list[Row] = []
    for outcome in ordered(pd.Series([line.outcome for line in lines]), _outcome_order(material)):
        mine = [line for line in lines if line.outcome == outcome]
        body.append(heading(text(material.label(outcome), _marks(material, rows, outcome, marks))))
        for who in dict.fromkeys(_who(material, line) for line in mine):
            if several:
                body.append(heading(who, 1))
            members = [line for line in mine if _who(material, line) == who]
            for line in sorted(members, key=lambda x: visits.index(x.visit) if x.visit in visits else -1):
                cells = _cells(material, line, degrees[id(line)], sizes, shown)
                body.append(row(_stub(material, line), *cells, level=1 + several))
    return body


def _outcome_order(material: Material) -> tuple[str, ...]:
    """The primary outcome first, then the others in the order of the plan."""
    from compassion_trials.study.outcomes import primary_outcome

    first = primary_outcome(material.plan, material.outcomes)
    return tuple(dict.fromkeys([*([first] if first else []), *material.outcomes]))


def _who(material: Material, line: _Line) -> str:
    """The contrast, or the arm that changed."""
    return material.arm(line.arm) if contrast(line.term)[0] == "change" else contrast_label(material, line.term)


def _stub(material: Material, line: _Line) -> str:
    """The visit; an estimate without a visit is over all of them."""
    return material.visit(line.visit) if line.visit else "All visits"


def _cells(material: Material, line: _Line, df: str, sizes: list[str], shown: list[str]) -> list[str]:
    """Numbers of one row."""
    get = line.values.get
    decimals = material.decimals(line.outcome)
    cells = [count(get("n"))] if "n" in shown else []
    cells += [fixed(get("estimate"), decimals), interval(get("lower"), get("upper"), decimals), df, p_value(get("p"))]
    cells += [p_value(get("p_adjusted"))] if "p_adjusted" in shown else []
    for size in sizes:
        cells += [fixed(get(size)), interval(get(f"{size}_lower"), get(f"{size}_upper"))]
    return cells


def _marks(material: Material, rows: pd.DataFrame, outcome: str, marks: Marks) -> Text:
    """Marks of specific notes on an outcome: primary, flagged fit, post hoc."""
    mine = rows[rows["outcome"] == outcome]
    found: list[Text] = []
    if "primary" in set(mine["analysis"]):
        found.append(marks.mark("Primary outcome."))
    for flag in ordered(mine["convergence"]):
        if flag.startswith("flagged"):
            found.append(marks.mark(f"The fit is flagged: {flag.partition(':')[2].strip() or 'see the model table'}."))
    if set(mine["prespecified"].str.lower()) & {"false", "no", "0"}:
        found.append(marks.mark("Post hoc analysis."))
    return text(*found)


def _title(material: Material, name: str, analyses: tuple[str, ...], kind: str) -> Text:
    """What is shown, and of which analysis when it is not the planned one."""
    several = len(material.plan.design.arms) > 1
    what = {
        "difference": "Differences Between Arms by Outcome and Visit",
        "difference in change": "Differences Between Arms in Change From Baseline",
        "change": "Change From Baseline Within Each Arm" if several else "Change From Baseline by Outcome",
    }[kind]
    return text(what) if name in ("effects", "changes") else text(f"{what}: {material.analysis(analyses[0])}")


def _note(material: Material, rows: pd.DataFrame, kind: str, sizes: list[str], shown: list[str]) -> Text:
    """Model, degrees of freedom, population, direction, abbreviations."""
    first = material.visit(material.plan.design.baseline)
    what = {
        "difference": "Differences are the first arm minus the second.",
        "difference in change": f"Differences in change since {first}, the first arm minus the second.",
        "change": f"Change since {first}; a positive value is an increase.",
    }[kind]
    methods = [method for method in ordered(rows["df_method"]) if method]
    sets = [material.population(name) for name in ordered(rows["population"]) if name not in ("", "all")]
    within = "Changes within an arm do not show that an intervention caused them." if kind == "change" else ""
    used = [*(["n"] if "n" in shown else []), "CI", "df"]
    if any(size for size in sizes):
        explained = text("; ", *[part for size in sizes for part in (ABBREVIATIONS[size], "; ")][:-1], ".")
        last = text(*abbreviations(*used)[:-1], abbreviations(*used)[-1].text.removesuffix("."), explained)
    else:
        last = abbreviations(*used)
    return general(
        material,
        what,
        within,
        f"Degrees of freedom: {named(methods)}." if methods else "",
        f"Analysed: {named(sets)}." if sets else "",
        last,
        f"{DASH} = not estimable.",
    )
