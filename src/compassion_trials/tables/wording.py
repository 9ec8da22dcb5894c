"""Words that the tables share: symbols, abbreviations, notes, names of contrasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from compassion_trials.core.numbers import DASH, MINUS, NBSP
from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import Notes, TableColumn, TableRow
from compassion_trials.tables.text import Text, join, plain, rich, text

N = rich("*n*")
P = rich("*p*")
DF = rich("*df*")
F = rich("*F*")
M_SD = rich("*M* (*SD*)")

ABBREVIATIONS: dict[str, Text] = {
    "M": rich("*M* = mean"),
    "SD": rich("*SD* = standard deviation"),
    "n": rich("*n* = number of participants"),
    "CI": rich("CI = confidence interval"),
    "df": rich("*df* = degrees of freedom"),
    "SMD": rich("SMD = standardized mean difference"),
    "OR": rich("OR = odds ratio"),
    "model_g": rich(
        "*g* = estimated difference over the pooled standard deviation at baseline, corrected for small samples"
    ),
    "hedges_g": rich("*g* = Hedges’ *g*, the observed difference over the pooled standard deviation of the visit"),
    "d_av": rich("*d*~av~ = mean change over the average standard deviation of the two visits"),
    "d_z": rich("*d*~z~ = mean change over the standard deviation of the changes"),
    "d_pooled_n": rich("*d* = difference over the standard deviation pooled with the divisor *n*~1~ + *n*~2~"),
    "alpha": rich("α = Cronbach’s alpha"),
    "omega": rich("ω = McDonald’s omega total"),
    "eta": rich("η^2^~p~ = partial eta squared"),
}
"""Meaning of each symbol, as it stands in a note."""

CHANGE_G = rich("*g* = estimated change over the pooled standard deviation at baseline, corrected for small samples")
"""Meaning of the model's standardized size in a table of changes."""

SYMBOLS: dict[str, Text] = {
    "model_g": rich("*g*"),
    "hedges_g": rich("*g*"),
    "d_av": rich("*d*~av~"),
    "d_z": rich("*d*~z~"),
    "d_pooled_n": rich("*d*"),
}
"""Effect sizes in the order in which a table shows them."""


def abbreviations(*used: str) -> Text:
    """The symbols of a table explained, as one sentence."""
    return text(join("; ", [ABBREVIATIONS[name] for name in used]), ".") if used else ()


def general(material: Material, *sentences: Text | str) -> Text:
    """The general note: the mark of synthetic data first, then the sentences."""
    mark = "SYNTHETIC data." if material.synthetic else ""
    return join(" ", [mark, *sentences])


def dash(rows: Iterable[TableRow], meaning: str) -> str:
    """What the em dash means, where one stands in the table; else nothing."""
    stands = any(plain(cell) == DASH for row in rows for cell in row.cells)
    return f"{DASH} = {meaning}." if stands else ""


def without_empty(
    columns: Sequence[TableColumn], rows: Sequence[TableRow]
) -> tuple[tuple[TableColumn, ...], tuple[TableRow, ...]]:
    """Columns and rows without the columns that hold nothing but dashes; the stub always stays."""
    body = [row for row in rows if not row.group]
    kept = [i for i in range(len(columns)) if i == 0 or any(plain(row.cells[i]) != DASH for row in body)]
    shown = tuple(
        row if row.group else TableRow(tuple(row.cells[i] for i in kept), row.level, row.group) for row in rows
    )
    return tuple(columns[i] for i in kept), shown


def confidence(material: Material) -> Text:
    """ "95% CI" at the level of the plan."""
    level = f"{100 * (1 - material.plan.analysis.alpha):.1f}".removesuffix(".0")
    return text(f"{level}%{NBSP}CI")


class Marks:
    """Letters for specific notes, in the order in which they are needed; the same note keeps its letter."""

    def __init__(self) -> None:
        self._notes: dict[Text, str] = {}

    def mark(self, note: Text | str) -> Text:
        """Superscript letter of a note."""
        letter = self._notes.setdefault(text(note), chr(ord("a") + len(self._notes)))
        return rich(f"^{letter}^")

    def notes(self) -> tuple[tuple[str, Text], ...]:
        """Letters and notes."""
        return tuple((letter, note) for note, letter in self._notes.items())


def notes(general_note: Text, marks: Marks | None = None, probability: Text = ()) -> Notes:
    """Notes in APA order."""
    return Notes(general_note, marks.notes() if marks else (), probability)


def contrast(term: str) -> tuple[str, str, str]:
    """A term such as ``difference in change: act - waitlist`` as kind (may be empty), treated and comparison arm."""
    kind, _, arms = term.rpartition(": ") if " - " in term else (term, "", "")
    treated, _, comparison = arms.partition(" - ")
    return kind, treated, comparison


def contrast_label(material: Material, term: str) -> str:
    """A contrast in the names of its arms: "ACT workshop − Wait-list"."""
    _, treated, comparison = contrast(term)
    return f"{material.arm(treated)} {MINUS} {material.arm(comparison)}"


BOUND = "degrees of freedom of Bell and McCaffrey, at most the fewest clusters of an arm minus one"
"""Of every cluster-robust test, in a note."""


def groups_ignored(material: Material, analyses: Iterable[str]) -> str:
    """That analyses, or which of them, take people who met in clusters as independent; empty where none does."""
    clusters = material.plan.design.clusters
    if material.results.rows(analysis="clusters", statistic="n_groups").empty:
        return ""
    facts = cast("list[dict[str, Any]]", material.fact("fit", "jobs", []))
    jobs = [job for job in facts if job["analysis"] in set(analyses) and job.get("estimable")]
    arms = {arm for cluster in clusters.values() for arm in cluster.arms or material.plan.design.arms}
    mine = [job for job in jobs if not job.get("n_groups") and arms & set(job["arms"])]
    if not mine:
        return ""
    outcomes = named(material.short(job["outcome"]) for job in mine) if len(mine) < len(jobs) else ""
    where = f" in the analysis of {outcomes}" if outcomes else ""
    names = named(material.label(name) for name in clusters)
    return f"Clusters ({names}) are ignored{where}: participants count as independent."


def degrees_words(methods: Iterable[str]) -> str:
    """Methods of the degrees of freedom in words: "n - 1" with a true minus, and the bound of those of clusters."""
    bound = {"Bell-McCaffrey": "Bell-McCaffrey (at most the fewest clusters of an arm minus one)"}
    return named(bound.get(method, method).replace(" - ", f" {MINUS} ") for method in methods)


def named(items: Iterable[str]) -> str:
    """Words as a list in a sentence: "a, b, and c"."""
    kept = list(items)
    if len(kept) < 3:
        return " and ".join(kept)
    return ", ".join(kept[:-1]) + ", and " + kept[-1]
