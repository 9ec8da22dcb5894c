"""A line of the ledger: one printed number, what was recomputed, by which formula, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal

from compassion_trials.ledger.reading.printed import Printed, Range, rounds_to, rounds_twice_to

Verdict = Literal[
    "agrees", "within rounding", "rounded twice", "possible", "not reproduced", "contradicts", "cannot be checked"
]

VERDICTS: Final[dict[str, str]] = {
    "agrees": "recomputed and rounded, it is the printed number",
    "within rounding": "some values that round to the printed inputs give the printed number",
    "rounded twice": "recomputed, rounded to one more digit and rounded again, it is the printed number",
    "possible": "holds for some value, within the range named, of a quantity that is not printed",
    "not reproduced": "no definition of the fixed list gives it from what is printed; the definition used is unknown",
    "contradicts": "the printed numbers, or the data, cannot give it",
    "cannot be checked": "what is needed was not printed or not read at a source",
}
"""Verdicts and their meaning, from best to worst."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition applied to the printed inputs of one number.

    Attributes
    ----------
    definition : str
        Stable name, such as ``d_root_mean_square``.
    formula : str
        In words and symbols, for the reader.
    found : Range
        Recomputed value and its range.
    open : bool
        Whether a quantity that is not printed was given a range.
    decisive : bool
        Whether the number must come out so if the print is right; else the paper may mean another definition.
    """

    definition: str
    formula: str
    found: Range
    open: bool = False
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One printed number in the ledger.

    Attributes
    ----------
    study, table, source, status : str
        File of published numbers (or study plan), table in it, where it was printed, how it was read.
    what : str
        The number in words.
    statistic, printed : str
    recomputed, lower, upper : float
        NaN where nothing was recomputed.
    definition, formula : str
    verdict : Verdict
    note : str
        Reason, or what a reader must know.
    """

    study: str
    table: str
    source: str
    status: str
    what: str
    statistic: str
    printed: str
    recomputed: float
    lower: float
    upper: float
    definition: str
    formula: str
    verdict: Verdict
    note: str = ""


COLUMNS: Final = tuple(field.name for field in fields(LedgerLine))
"""Columns of the ledger."""


@dataclass(frozen=True, slots=True)
class PrintedQuestion:
    """A printed number with the definitions that may have given it.

    Attributes
    ----------
    study, table, source, status, what, statistic : str
    number : Printed
    candidates : tuple of Candidate
        In the order of the fixed list; empty when nothing can be recomputed.
    signed : bool
        False when the paper prints sizes without their direction.
    missing : str
        Why there is no candidate.
    note : str
    """

    study: str
    table: str
    source: str
    status: str
    what: str
    statistic: str
    number: Printed
    candidates: tuple[Candidate, ...]
    signed: bool = True
    missing: str = ""
    note: str = ""


def answer(questions: Sequence[PrintedQuestion]) -> list[LedgerLine]:
    """Answer the questions of one publication: the definition that reproduces most numbers of a table is tried first.

    Nothing is tuned: a number that the table's definition does not give may be given by another one of the list, which
    is then named. Between definitions that do equally well in a table, the rest of the publication decides.
    """
    tables: dict[tuple[str, str], dict[str, float]] = {}
    whole: dict[str, dict[str, float]] = {}
    for q in questions:
        for candidate in q.candidates:
            worth = _WORTH.get(compare(q, candidate), 0.0)
            for score in (tables.setdefault((q.table, q.statistic), {}), whole.setdefault(q.statistic, {})):
                score[candidate.definition] = score.get(candidate.definition, 0.0) + worth
    usual = {key: max(score, key=lambda d: (score[d], whole[key[1]][d])) for key, score in tables.items()}
    return [_answer(q, usual.get((q.table, q.statistic), "")) for q in questions]


_WORTH: Final = {"agrees": 1.0, "within rounding": 0.9, "possible": 0.3, "rounded twice": 0.2}
"""What a verdict counts when the definition of a table is chosen."""


def _answer(question: PrintedQuestion, usual: str) -> LedgerLine:
    """The verdict on one number."""
    if question.status == "not read":
        return line_without(question, "not read at source")
    if not question.candidates:
        return line_without(question, question.missing or "what is needed to recompute it is not printed")
    ordered = sorted(question.candidates, key=lambda c: c.definition != usual)
    good = [c for c in ordered if compare(question, c) in ("agrees", "within rounding")]
    fair = [c for c in ordered if compare(question, c) == "possible"]
    twice = [c for c in ordered if compare(question, c) == "rounded twice"]
    best = (good or fair or twice or ordered)[0]
    verdict = compare(question, best)
    given = bool(good or fair or twice)
    tried = "" if given or len(ordered) == 1 else f"{len(ordered)} definitions tried, none gives it"
    other = "another definition than the rest of the table" if given and best.definition != usual else ""
    note = "; ".join(part for part in (question.note, tried, other) if part)
    shown = best.found if question.signed else _size(best.found)
    return _line(question, shown, best.definition, best.formula, verdict, note)


def line_without(question: PrintedQuestion, reason: str) -> LedgerLine:
    """A line that says why a number is not compared."""
    note = "; ".join(part for part in (reason, question.note) if part)
    return _line(question, Range(math.nan, math.nan, math.nan), "", "", "cannot be checked", note)


def _line(
    question: PrintedQuestion, found: Range, definition: str, formula: str, verdict: Verdict, note: str
) -> LedgerLine:
    """The line of a question: the range found, by which definition and formula, and the verdict."""
    return LedgerLine(
        study=question.study,
        table=question.table,
        source=question.source,
        status=question.status,
        what=question.what,
        statistic=question.statistic,
        printed=question.number.text,
        recomputed=found.value,
        lower=found.lower,
        upper=found.upper,
        definition=definition,
        formula=formula,
        verdict=verdict,
        note=note,
    )


def compare(question: PrintedQuestion, candidate: Candidate) -> Verdict:
    """Verdict on a number by one definition."""
    number = question.number if question.signed else question.number.magnitude
    found = candidate.found if question.signed else _size(candidate.found)
    if math.isnan(found.lower) or not found.meets(number.range):
        if not candidate.open and rounds_twice_to(found, number):
            return "rounded twice"
        return "contradicts" if candidate.decisive else "not reproduced"
    if candidate.open and not (number.range.lower <= found.lower and found.upper <= number.range.upper):
        return "possible"
    if candidate.open:
        return "agrees"  # whatever the unprinted quantity is
    return "agrees" if not math.isnan(found.value) and rounds_to(found.value, number) else "within rounding"


def _size(found: Range) -> Range:
    """Range of the absolute value."""
    if found.lower >= 0:
        return found
    if found.upper <= 0:
        return -found
    return Range(0.0, max(-found.lower, found.upper), abs(found.value))
