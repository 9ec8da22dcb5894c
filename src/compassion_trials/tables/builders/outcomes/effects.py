"""The answers: differences between arms, or changes of a single arm, with intervals, tests and effect sizes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compassion_trials.core.numbers import MINUS, count, degrees_column, fixed, interval, p_value
from compassion_trials.study.outcomes import primary_outcome
from compassion_trials.tables.builders.outcomes.estimates import CHANGE, EstimateLine, answers, changes
from compassion_trials.tables.material import Material, ordered
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, join, text
from compassion_trials.tables.wording import (
    ABBREVIATIONS,
    CHANGE_G,
    DF,
    SYMBOLS,
    Marks,
    N,
    P,
    confidence,
    contrast_label,
    dash,
    degrees_words,
    general,
    groups_ignored,
    named,
    notes,
)

PLANNED = ("primary", "secondary")

_TITLES = {
    "difference": "Differences Between Arms by Outcome and Visit",
    "difference in change": "Differences Between Arms in Change From {first}",
    "change": "Change From {first} by Outcome",
}
_HEADS = {"difference": "Difference", "difference in change": "Difference in change", "change": "Change"}


@dataclass(frozen=True, slots=True)
class _EffectsShown:
    """What one table shows: its lines, the kind most of them are of, effect sizes and optional columns."""

    lines: list[EstimateLine]
    kind: str
    sizes: list[str]
    with_n: bool
    estimated: bool
    adjusted: bool

    @property
    def several(self) -> bool:
        """Whether there is more than one contrast or arm."""
        return len({line.who for line in self.lines}) > 1

    @property
    def one_visit(self) -> str:
        """The visit, where there is only one."""
        visits = {line.visit for line in self.lines}
        return next(iter(visits)) if len(visits) == 1 else ""


def build(material: Material) -> list[TableSpec]:
    """One table of the planned outcomes, one for each additional analysis, one of changes within arms."""
    tables = [_table(material, "effects", PLANNED, answers(material, PLANNED))]
    for name in material.plan.analysis.additional:
        tables.append(_table(material, f"effects.{name}", (name,), answers(material, (name,))))
    if not material.single_arm:
        tables.append(_table(material, "changes", PLANNED, changes(material, PLANNED)))
    return [table for table in tables if table is not None]


def _table(material: Material, name: str, analyses: tuple[str, ...], lines: list[EstimateLine]) -> TableSpec | None:
    """The table of some estimates; None when there are none."""
    if not lines:
        return None
    kinds = [line.kind for line in lines]
    shown = _EffectsShown(
        lines=lines,
        kind=max(dict.fromkeys(kinds), key=kinds.count),
        sizes=[size for size in SYMBOLS if any(size in line.values for line in lines)],
        with_n=any("n" in line.values for line in lines),
        estimated=any("estimate" in line.values for line in lines),
        adjusted=any("p_adjusted" in line.values for line in lines),
    )
    marks = Marks()
    columns = _columns(material, shown)
    body = tuple(_body(material, shown, marks))
    title = _TITLES[shown.kind].format(first=material.visit(material.plan.design.baseline))
    title = title.replace("by Outcome", "by Outcome and Arm") if name == "changes" else title
    title = title if shown.estimated else f"Standardized {title}"
    label = "" if name in ("effects", "changes") else f": {material.analysis(analyses[0])}"
    return TableSpec(
        name=name,
        title=text(title + label),
        columns=columns,
        rows=body,
        notes=notes(_note(material, shown, body), marks),
        category="effects" if name == "effects" else "further analyses",
        analyses=tuple(ordered(pd.Series([line.analysis for line in lines]), analyses)),
    )


def _columns(material: Material, shown: _EffectsShown) -> tuple[TableColumn, ...]:
    """Heads of the table."""
    ci = confidence(material)
    stub = "Outcome" if shown.one_visit and not shown.several else "Outcome and visit"
    stub = "Outcome and arm" if shown.one_visit and shown.several and shown.kind == CHANGE else stub
    columns = [TableColumn(text(stub), "left")]
    columns += [TableColumn(N)] if shown.with_n else []
    columns += (
        [TableColumn(text(_HEADS[shown.kind])), TableColumn(ci), TableColumn(DF), TableColumn(P)]
        if shown.estimated
        else []
    )
    columns += [TableColumn(text("Adjusted ", P))] if shown.adjusted else []
    for size in shown.sizes:
        columns += [TableColumn(SYMBOLS[size]), TableColumn(ci)]
    return tuple(columns)


def _body(material: Material, shown: _EffectsShown, marks: Marks) -> list[TableRow]:
    """Outcomes in order, the primary first; within them contrasts or arms, within these visits."""
    degrees = degrees_column([line.values.get("df") for line in shown.lines])
    cells = {line: _cells(material, line, df, shown) for line, df in zip(shown.lines, degrees, strict=True)}
    first = primary_outcome(material.plan, material.outcomes)
    order = tuple(dict.fromkeys([*([first] if first else []), *material.outcomes]))
    body: list[TableRow] = []
    for outcome in ordered(pd.Series([line.outcome for line in shown.lines]), order):
        mine = [line for line in shown.lines if line.outcome == outcome]
        name = text(material.label(outcome), _marked(material, mine, shown, marks))
        if shown.one_visit and not shown.several:
            body += [row(name, *cells[line]) for line in mine]
            continue
        body.append(heading(name))
        body += _within(material, mine, shown, cells)
    return body


def _within(
    material: Material, mine: list[EstimateLine], shown: _EffectsShown, cells: dict[EstimateLine, list[str]]
) -> list[TableRow]:
    """Rows of one outcome."""
    body: list[TableRow] = []
    for who in dict.fromkeys(line.who for line in mine):
        members = [line for line in mine if line.who == who]
        label = _who(material, members[0])
        if shown.several and shown.one_visit:
            body += [row(label, *cells[line], level=1) for line in members]
            continue
        if shown.several:
            body.append(heading(label, 1))
        body += [
            row(material.visit(line.visit) or "All visits", *cells[line], level=1 + shown.several) for line in members
        ]
    return body


def _who(material: Material, line: EstimateLine) -> str:
    """The contrast, or the arm that changed."""
    return material.arm(line.arm) if line.kind == CHANGE else contrast_label(material, line.term)


def _cells(material: Material, line: EstimateLine, df: str, shown: _EffectsShown) -> list[str]:
    """Numbers of one row."""
    get = line.values.get
    decimals = material.decimals(line.outcome)
    cells = [count(get("n"))] if shown.with_n else []
    if shown.estimated:
        limits = interval(get("lower"), get("upper"), decimals)
        cells += [fixed(get("estimate"), decimals), limits, df, p_value(get("p"))]
    cells += [p_value(get("p_adjusted"))] if shown.adjusted else []
    for size in shown.sizes:
        cells += [fixed(get(size)), interval(get(f"{size}_lower"), get(f"{size}_upper"))]
    return cells


def _marked(material: Material, mine: list[EstimateLine], shown: _EffectsShown, marks: Marks) -> Text:
    """Marks of specific notes on an outcome: primary, another kind of estimate, flagged fit, post hoc."""
    found: list[Text] = []
    if any(line.analysis == "primary" for line in mine):
        found.append(marks.mark(join(" ", ["Primary outcome.", *_bootstrapped(material, mine)])))
    if mine[0].kind != shown.kind:
        found.append(marks.mark(f"{_HEADS[mine[0].kind]}."))
    for flag in dict.fromkeys(line.convergence for line in mine):
        if flag.startswith("flagged"):
            found.append(
                marks.mark(f"The fit is flagged: {flag.partition(':')[2].strip() or 'see the table of models'}.")
            )
    if any(not line.prespecified for line in mine):
        found.append(marks.mark("Post hoc analysis."))
    return join(",", found) if len(found) < 2 else text(found[0], *[part for mark in found[1:] for part in (" ", mark)])


def _bootstrapped(material: Material, mine: list[EstimateLine]) -> list[Text]:
    """Second intervals of the primary effect size, each with its contrast where there are several."""
    found = []
    known = [line for line in mine if "model_g_boot_lower" in line.values]
    for line in known:
        limits = interval(line.values["model_g_boot_lower"], line.values["model_g_boot_upper"])
        whose = f" ({contrast_label(material, line.term)})" if len(known) > 1 else ""
        at = f" at {material.plan.design.visit_at(line.visit)}" if len({one.visit for one in mine}) > 1 else ""
        found.append(text("Bootstrap ", confidence(material), " of ", SYMBOLS["model_g"], f"{at}{whose}: {limits}."))
    return found


def _note(material: Material, shown: _EffectsShown, body: tuple[TableRow, ...]) -> Text:
    """Direction, degrees of freedom, population, abbreviations."""
    lines = shown.lines
    first = material.visit(material.plan.design.baseline)
    methods = [method for method in dict.fromkeys(line.df_method for line in lines) if method]
    sets = [material.population(name) for name in dict.fromkeys(line.population for line in lines) if name != "all"]
    used = [*(["n"] if shown.with_n else []), "CI", *(["df"] if shown.estimated else []), *shown.sizes]
    return general(
        material,
        f"Visit: {material.visit(shown.one_visit)}." if shown.one_visit else "",
        _direction(material, shown, first),
        _benefit(material, shown),
        f"Degrees of freedom: {degrees_words(methods)}." if methods and shown.estimated else "",
        f"Analysed: {named(sets)}." if sets else "",
        text(join("; ", [_meaning(shown, name) for name in used]), "."),
        groups_ignored(material, ordered(pd.Series([line.analysis for line in lines]))),
        _as_independent(material, shown),
        dash(body, "not estimable, or, for adjusted p, not in a family" if shown.adjusted else "not estimable"),
    )


def _as_independent(material: Material, shown: _EffectsShown) -> str:
    """Where people met in groups: that limits of effect sizes without a model do not know it."""
    observed = [size for size in shown.sizes if size != "model_g"]
    if not observed or not material.plan.design.clusters:
        return ""
    return "Limits of effect sizes take people as independent, also those who met in groups."


def _meaning(shown: _EffectsShown, name: str) -> Text:
    """A symbol of the table explained."""
    return CHANGE_G if name == "model_g" and shown.kind == CHANGE else ABBREVIATIONS[name]


def _benefit(material: Material, shown: _EffectsShown) -> str:
    """Which direction is better, by outcome."""
    present = set(line.outcome for line in shown.lines)
    found = []
    for better in ("higher", "lower"):
        names = [o.label for key, o in material.outcomes.items() if key in present and o.better == better]
        found += [f"{better} scores are better for {named(names)}"] if names else []
    return _sentence("; ".join(found))


def _sentence(words: str) -> str:
    """A capital letter and a full stop."""
    return words[:1].upper() + words[1:] + "." if words else ""


def _direction(material: Material, shown: _EffectsShown, first: str) -> str:
    """What is subtracted from what."""
    if shown.kind == CHANGE:
        causes = "" if material.single_arm else " Changes within an arm do not show what caused them."
        return f"Changes are from {first}; a positive value is an increase.{causes}"
    what = "Differences" if shown.kind == "difference" else f"Differences in change from {first}"
    if shown.several:
        return f"{what} are the first arm named minus the second."
    return f"{what} are {contrast_label(material, shown.lines[0].term).replace(MINUS, 'minus')}."
