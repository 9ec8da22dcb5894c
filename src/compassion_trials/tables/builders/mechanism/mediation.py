"""Mediation: paths, indirect effects with both intervals, proportion mediated, robustness to unmeasured confounding."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.columns import result_lines
from compassion_trials.core.numbers import DASH, NBSP, bounded, count, fixed, interval, p_value
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, rich, text
from compassion_trials.tables.wording import Marks, P, confidence, contrast_label, dash, general, named, notes


def build(material: Material) -> list[TableSpec]:
    """One table of all mediation models; none when the plan names none."""
    found = material.results.rows(analysis="mediation")
    if not len(found):
        return []
    marks = Marks()
    body: list[TableRow] = []
    for place, mine in found.groupby(["model", "outcome"], sort=False):
        body += _model(material, mine, str(place[0]), str(place[1]), marks)
    columns = (TableColumn(text("Path"), "left"), TableColumn(text("Estimate")), TableColumn(text("SE")),
               TableColumn(confidence(material)), TableColumn(P))  # fmt: skip
    methods = [m for m in dict.fromkeys(found.loc[found["term"].str.startswith("indirect: "), "df_method"]) if m]
    note = general(
        material,
        "Linear models among participants with all values, adjusted for the baselines of mediator and outcome.",
        f"Intervals of indirect effects: {named(methods)}; further intervals below them." if methods else "",
        "Standard errors of paths are cluster-robust (CR2, therapy groups)." if _by_group(found) else "",
        "An indirect effect is causal only if nothing else affects both mediator and outcome; ρ is the correlation of "
        "the errors of both equations at which it would be zero.",
        rich("CI = confidence interval; SE = standard error."),
        dash(tuple(body), "not computed"),
    )
    return [
        TableSpec(
            "mediation",
            text("Mediation: Paths and Indirect Effects"),
            columns,
            tuple(body),
            notes(note, marks),
            category="mediation",
            analyses=("mediation",),
        )
    ]


def model_words(material: Material, model: str, outcome: str, visit: str) -> str:
    """A mediation model in words: mediators at their visit, then the outcome at its own."""
    mediators, _, when = model.partition(" at ")
    names = named(material.short(name) for name in mediators.split(" + "))
    return f"{names} ({material.visit(when)}) to {material.short(outcome)} ({material.visit(visit)})"


def _model(material: Material, found: pd.DataFrame, model: str, outcome: str, marks: Marks) -> list[TableRow]:
    """One model: heading with participants, then its paths, by pair of arms."""
    name = model_words(material, model, outcome, found["visit"].iloc[0])
    mark: list[Text] = []
    if (found["prespecified"] == "no").any():
        mark.append(marks.mark("Post hoc analysis."))
    if model.endswith(f" at {found['visit'].iloc[0]}"):
        mark.append(
            marks.mark("Mediator and outcome are of the same visit: the order of cause and effect is not known.")
        )
    body: list[TableRow] = []
    pairs = dict.fromkeys(term.partition(": ")[2] for term in found["term"])
    for pair in pairs:
        mine = found[found["term"].str.endswith(f": {pair}")]
        arms = contrast_label(material, f"difference: {pair}")
        failed = mine[mine["text"] == "not estimable"]
        if len(failed):
            body.append(heading(text(f"{name}, {arms}: not estimable ({failed['note'].iloc[0]})", *mark)))
            continue
        people = mine[(mine["term"] == f"participants: {pair}") & (mine["statistic"] == "n")].iloc[0]
        lost = [marks.mark(f"{people['note'][:1].upper()}{people['note'][1:]}.")] if people["note"] else []
        size = f"{NBSP}={NBSP}{count(float(people['value']))}"
        spaced = [part for one in (*mark, *lost) for part in (" ", one)][1:]
        body.append(heading(text(f"{name}, {arms}, ", rich("*n*"), size, *spaced)))
        body += _paths(material, mine, pair, outcome, marks)
    return body


def _paths(material: Material, found: pd.DataFrame, pair: str, outcome: str, marks: Marks) -> list[TableRow]:
    """Rows of one model and pair of arms."""
    decimals = material.decimals(outcome)
    body: list[TableRow] = []
    for key, words in (("a", "Arm on {0} (a)"), ("b", "{0} on outcome (b)"), ("direct", "Direct effect (c′)"),
                       ("total", "Total effect (c)"), ("indirect", "Indirect effect {0}(ab)"),
                       ("indirect, Monte Carlo", "Indirect effect {0}(ab), Monte Carlo"),
                       ("indirect, bootstrap", "Indirect effect {0}(ab), bootstrap")):  # fmt: skip
        mine = found[found["term"] == f"{key}: {pair}"]
        several = len(set(mine["level"])) > 1
        for level, rows in mine.groupby("level", sort=False):
            name = material.short(str(level)) if level else ""
            if key.startswith("indirect"):
                name = f"through {name} " if several else ""
            places = 3 if key == "b" else decimals
            caution = str(rows["note"].iloc[0]) if key.startswith("indirect") else ""
            mark = (marks.mark(f"{caution[:1].upper()}{caution[1:]}."),) if caution else ()
            body.append(_path(text(words.format(name), *mark), rows, places))
    return body + _further(material, found, pair, marks)


def _by_group(found: pd.DataFrame) -> bool:
    """Whether therapy groups were modelled."""
    return bool(found["df_method"].str.startswith("CR2").any())


def _path(label: str | Text, rows: pd.DataFrame, decimals: int) -> TableRow:
    """One path."""
    get = dict(zip(rows["statistic"], rows["value"], strict=True)).get
    limits = interval(get("lower"), get("upper"), decimals)
    return row(label, fixed(get("estimate"), decimals), fixed(get("se"), decimals), limits, p_value(get("p")), level=1)


def _further(material: Material, found: pd.DataFrame, pair: str, marks: Marks) -> list[TableRow]:
    """Proportion mediated with its caution, rho, arm by mediator."""
    body: list[TableRow] = []
    share = found[found["term"] == f"proportion mediated: {pair}"]
    for line in result_lines(share):
        caution = marks.mark(f"{line.note[:1].upper()}{line.note[1:]}.")
        value = bounded(line.value) if line.value == line.value else DASH
        body.append(row(text("Proportion mediated", caution), value, DASH, DASH, DASH, level=1))
    rho = found[(found["term"] == f"unmeasured confounding: {pair}") & (found["statistic"] == "rho")]
    for line in result_lines(rho):
        name = f" ({material.short(line.level)})" if len(rho) > 1 else ""
        body.append(
            row(f"ρ at which the indirect effect is zero{name}", bounded(line.value), DASH, DASH, DASH, level=1)
        )
    test = found[found["term"] == f"arm by mediator: {pair}"]
    if len(test):
        body.append(_path("Arm × mediator on outcome (assumed zero)", test, 3))
    return body
