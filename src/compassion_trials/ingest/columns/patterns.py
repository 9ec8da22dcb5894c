"""Column patterns of the plan: which columns hold the items and totals of a measure at a visit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from string import Formatter

from compassion_trials.core.findings import Finding

FIELDS = ("instrument", "visit", "item")
"""Words in braces that a pattern may hold."""

_PADDED = re.compile(r"0[1-9]d?")
"""Number formats of {item}: padded with zeros."""
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column looked for.

    Attributes
    ----------
    pattern : str
        Pattern with instrument and item filled in; ``{visit}`` filled in with one of the visit's names.
    label : str
        What it stands for in messages, such as ``item 3``.
    alternatives : tuple of str
        The pattern with each name of the visit.
    """

    pattern: str
    label: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Columns found for what was wanted.

    Attributes
    ----------
    columns : tuple of (str or None)
        One per wanted column; None where none or several were found.
    findings : tuple of Finding
        Errors; empty when nothing at all was found (the measure is in another file).
    """

    columns: tuple[str | None, ...]
    findings: tuple[Finding, ...]

    @property
    def found(self) -> bool:
        """Whether any column was found."""
        return any(column is not None for column in self.columns) or bool(self.findings)


def fields(pattern: str) -> set[str]:
    """Words in braces of a pattern.

    Raises
    ------
    ValueError
        A word or a format in braces that no pattern may hold, or a brace without its partner.
    """
    try:
        parts = [part for part in Formatter().parse(pattern) if part[1] is not None]
    except ValueError:
        raise ValueError("a brace { or } is left open") from None
    found = {str(name) for _, name, _, _ in parts}
    wrong = found - set(FIELDS)
    if wrong:
        raise ValueError(f"{{{sorted(wrong)[0]}}} is unknown; a pattern may hold {{instrument}}, {{visit}}, {{item}}")
    padded = [name == "item" and _PADDED.fullmatch(form or "") for _, name, form, _ in parts]
    if any(part[3] or (part[2] and not fits) for part, fits in zip(parts, padded, strict=True)):
        raise ValueError("braces may hold {instrument}, {visit}, {item}, or {item:02} that pads with a zero")
    return found


def wanted_items(pattern: str, measure: str, names: Sequence[str], n_items: int) -> list[Wanted]:
    """What to look for when a pattern gives the items of a measure at a visit.

    Parameters
    ----------
    pattern : str
    measure : str
        Key of the measure, for ``{instrument}``.
    names : sequence of str
        Names of the visit inside column names.
    n_items : int

    Raises
    ------
    ValueError
        The pattern is wrong, or holds no ``{item}``.
    """
    if "item" not in fields(pattern):
        raise ValueError("the pattern has no {item}")
    return [_wanted(pattern, measure, names, item) for item in range(1, n_items + 1)]


def wanted_total(pattern: str, measure: str, names: Sequence[str]) -> Wanted:
    """What to look for when a pattern gives a stored total at a visit."""
    if "item" in fields(pattern):
        raise ValueError("a stored total has no {item}")
    return _wanted(pattern, measure, names, None)


def _wanted(pattern: str, measure: str, names: Sequence[str], item: int | None) -> Wanted:
    """One column looked for, under each name of the visit."""
    filled = tuple(dict.fromkeys(pattern.format(instrument=measure, visit=name, item=item) for name in names or ("",)))
    return Wanted(filled[0], f"item {item}" if item is not None else "total", filled)


def match(wanted: Sequence[Wanted], columns: Sequence[str], file: str, key: str) -> Matched:
    """Find exactly one column for each wanted one.

    Parameters
    ----------
    wanted : sequence of Wanted
    columns : sequence of str
        Columns of the raw file.
    file : str
        Name of the raw file, for findings.
    key : str
        Key of the plan and visit, for findings.
    """
    known = set(columns)
    hits = [_hits(one, columns, known) for one in wanted]
    if not any(hits):
        return Matched((None,) * len(wanted), ())
    findings = [_several(one, found, file, key) for one, found in zip(wanted, hits, strict=True) if len(found) > 1]
    missing = [one for one, found in zip(wanted, hits, strict=True) if not found]
    if missing:
        findings.append(_missing(missing, columns, file, key))
    single = [found[0] if len(found) == 1 else None for found in hits]
    findings += _shared(wanted, single, file, key)
    return Matched(tuple(single), tuple(findings))


def _hits(one: Wanted, columns: Sequence[str], known: set[str]) -> list[str]:
    """Columns that fit; a name that is there literally counts before any wildcard."""
    literal = [name for name in one.alternatives if name in known]
    if literal:
        return literal
    found: list[str] = []
    for pattern in one.alternatives:
        if _WILD.search(pattern):
            fits = re.compile(translate(pattern)).match
            found += [name for name in columns if fits(name) and name not in found]
    return found


def near_columns(one: Wanted, columns: Sequence[str]) -> str:
    """The columns most like a wanted one, as advice."""
    plain = re.sub(r"[*?\[\]]", "", one.pattern)
    by_lower = {name.lower(): name for name in columns}
    close = get_close_matches(plain.lower(), list(by_lower), n=3, cutoff=0.5)
    return f"nearest columns: {', '.join(by_lower[name] for name in close)}" if close else ""


def _several(one: Wanted, found: Sequence[str], file: str, key: str) -> Finding:
    """An error for a pattern that fits several columns."""
    message = f"{one.label} of {key} fits {len(found)} columns"
    return Finding(
        "error",
        "column_ambiguous",
        message,
        file,
        None,
        one.pattern,
        value=", ".join(found[:4]),
        expected="one column",
        advice="make the pattern more exact",
    )


def _missing(missing: Sequence[Wanted], columns: Sequence[str], file: str, key: str) -> Finding:
    """An error for items that are not in the export."""
    labels = ", ".join(one.label.removeprefix("item ") for one in missing[:10]) + (", ..." if len(missing) > 10 else "")
    message = f"{len(missing)} of the columns of {key} are not in the file: {labels}"
    return Finding(
        "error", "items_missing", message, file, None, missing[0].pattern, advice=near_columns(missing[0], columns)
    )


def _shared(wanted: Sequence[Wanted], single: Sequence[str | None], file: str, key: str) -> list[Finding]:
    """Errors for a column that fits two items."""
    first: dict[str, Wanted] = {}
    findings = []
    for one, column in zip(wanted, single, strict=True):
        if column is None:
            continue
        if column in first:
            message = f"{first[column].label} and {one.label} of {key} are the same column"
            findings.append(
                Finding(
                    "error",
                    "column_shared",
                    message,
                    file,
                    None,
                    column,
                    value=one.pattern,
                    expected="one column per item",
                )
            )
        first.setdefault(column, one)
    return findings


def visit_names(visit: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Names of a visit inside column names: what the plan's ``visit.values`` says, else the key itself."""
    return (values[visit],) if visit in values else (visit,)


def by_visit(column: str, visits: Iterable[str], values: Mapping[str, str]) -> dict[str, str]:
    """Columns that a name with ``{visit}`` stands for, and the visit of each."""
    return {column.replace("{visit}", name): visit for visit in visits for name in visit_names(visit, values)}
