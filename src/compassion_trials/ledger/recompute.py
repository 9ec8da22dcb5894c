"""A publication against itself: every printed number of its tables with the definitions that may have given it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import nan
from typing import Final

from compassion_trials.ledger.checks.counts import count_lines
from compassion_trials.ledger.definitions import candidates
from compassion_trials.ledger.ledger_line import Candidate, LedgerLine, PrintedQuestion, answer
from compassion_trials.ledger.printed_effect import PrintedEffect, effects
from compassion_trials.ledger.reading.cells import Cells
from compassion_trials.ledger.reading.model import Published, Table


def recompute(name: str, study: Published, moved: Mapping[str, Cells] | None = None) -> list[LedgerLine]:
    """All lines of one publication.

    Parameters
    ----------
    name : str
        Of the file.
    study : Published
    moved : mapping of str to Cells, optional
        By table: the cells as they would be if rows found to be shifted stood in their place.
    """
    lines = count_lines(name, study)
    lines += answer(
        [q for t in study.tables for q in _questions(name, study, t, (moved or {}).get(t.repeats or t.name))]
    )
    for claim in study.claims:
        lines.append(
            LedgerLine(
                study=name,
                table="claims",
                source=study.count_source or "; ".join(study.sources),
                status=claim.status,
                what=claim.what,
                statistic="statement",
                printed=claim.value,
                recomputed=nan,
                lower=nan,
                upper=nan,
                definition="",
                formula="",
                verdict="cannot be checked",
                note=claim.reason,
            )
        )
    return lines


def _questions(name: str, study: Published, table: Table, moved: Cells | None) -> Iterator[PrintedQuestion]:
    """Every printed number of a table's effects."""
    for effect in effects(study, table, moved):
        for statistic, number in effect.numbers.items():
            found = candidates(effect, statistic)
            yield PrintedQuestion(
                study=name,
                table=table.name,
                source=table.source,
                status=table.status,
                what=effect.words,
                statistic=statistic,
                number=number,
                candidates=tuple(map(_moved, found) if effect.moved and statistic in _FROM_ROWS else found),
                signed=table.sign == "difference" or statistic not in _UNSIGNED,
                missing=_missing(effect, statistic),
            )


def _moved(candidate: Candidate) -> Candidate:
    """A candidate computed from rows that stand where the check of shifted rows puts them."""
    if candidate.definition.startswith("d_from_t"):  # from the printed test, not from rows
        return candidate
    return replace(candidate, formula=f"{candidate.formula}; rows where the check of shifted rows puts them")


_UNSIGNED: Final = ("d", "g", "t")
"""Statistics that papers print without their direction."""

_FROM_ROWS: Final = ("d", "g", "estimate", "t", "F")
"""Statistics computed from printed rows."""

_MISSING: Final[dict[str, str]] = {
    **dict.fromkeys(("df", "df2"), "n of the arms, or what kind of test it is, is not printed"),
    **dict.fromkeys(("F", "t"), "n, or means and SDs of the visits compared, are not printed"),
    **dict.fromkeys(("d", "g"), "n, M and SD were not read at a source"),
    "p": "neither the test statistic nor n, M and SD were read at a source",
    "estimate": "the means, or the single effects behind a pooled one, were not read at a source",
}
"""Why a statistic that no definition gives cannot be recomputed."""

_MISSING_WITHOUT_ROWS: Final = dict.fromkeys(
    ("F", "t", "chi2"),
    "an input of the recomputation of p; its own inputs (n, M, SD) are not printed or not read",
)
"""The same where the table has no rows at this visit."""


def _missing(effect: PrintedEffect, statistic: str) -> str:
    """Why a number cannot be recomputed."""
    reasons = _MISSING if effect.group else _MISSING | _MISSING_WITHOUT_ROWS
    return reasons.get(statistic, "")
