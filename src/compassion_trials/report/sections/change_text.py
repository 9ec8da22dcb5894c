"""Sentences on responders, harms and families of outcomes, from the rows that their tables show."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isinf, isnan

from compassion_trials.core.numbers import NBSP, count, fixed, interval, p_phrase, percent
from compassion_trials.core.results import arms_of
from compassion_trials.report.cite import cited, level, limits, number, row
from compassion_trials.report.model import Inline, Reference, line, sentences
from compassion_trials.report.source import Source
from compassion_trials.report.wording import series
from compassion_trials.tables.text import rich


def responder_text(source: Source) -> Inline:
    """Share of responders in each arm at the visit of interest, and the differences."""
    return sentences(*[_responders(source, key) for key in source.results.distinct("outcome", analysis="change")])


def _responders(source: Source, key: str) -> Inline:
    """Responders of one outcome."""
    outcome = source.context.outcomes[key]
    visit = _visit(source, key, analysis="change", term="responders")
    keys = {"analysis": "change", "outcome": key, "visit": visit}
    shown = _by_arm(source, lambda arm: _share(source, arm=arm, term="responders", **keys))
    if not shown:
        return ()
    rule = source.results.rows(analysis="change", outcome=key, statistic="responder")
    what = line(" (", cited(rule["text"].iloc[0], f"row:{rule.index[0] + 1}"), ")") if len(rule) else ()
    head = line(f"At {source.words.at(visit)}, responders in {outcome.label}", what, " were ", shown, ".")
    terms = [term for term in source.results.distinct("term", **keys) if term.startswith("responders: ")]
    asks = source.context.question(key).asks
    return sentences(head, *[_risk(source, term, **keys) for term in terms if asks(term)])


def _visit(source: Source, key: str, **keys: str) -> str:
    """Of the visits at which an outcome has rows of a kind the one that answers; empty where none does."""
    known = source.results.distinct("visit", outcome=key, **keys)
    return source.context.question(key).among(source.context.plan.design, known)


def _share(source: Source, **keys: str) -> Inline:
    """ "19 of 30 (63.3%)"; nothing when nobody was judged."""
    rows = source.results.rows(statistic="n", level="", **keys)
    if not len(rows) or isnan(rows["n"].iloc[0]):
        return ()
    place = f"row:{rows.index[0] + 1}"
    n, of = cited(count(rows["value"].iloc[0]), place), cited(count(rows["n"].iloc[0]), place)
    return line(n, " of ", of, " (", number(source.results, "percent", percent, **keys), ")")


def _risk(source: Source, term: str, **keys: str) -> Inline:
    """Difference of the shares in percentage points, and the number needed to treat."""
    place = {**keys, "term": term}
    value, low, high = (source.results.value(f"risk_difference{end}", **place) for end in ("", "_lower", "_upper"))
    if isnan(value):
        return ()
    names = [f"risk_difference{end}" for end in ("", "_lower", "_upper")]
    shown = cited(fixed(100 * value, 1), row(source.results, names[0], **place))
    if isnan(low + high):
        why = " percentage points, without an interval: too few therapy groups."
        return line(f"The difference {_pair(source, term)} was ", shown, why)
    ends = cited(interval(100 * low, 100 * high, 1), *[row(source.results, name, **place) for name in names[1:]])
    pair = _pair(source, term)
    head = line(
        f"The difference {pair} was ", shown, " percentage points, ", level(source.context), f"{NBSP}CI{NBSP}", ends
    )
    return line(head, *_nnt(source, **place), ".")


def _nnt(source: Source, **place: str) -> Inline:
    """Number needed to treat, where the interval of the difference leaves out zero."""
    low, high = (source.results.value(f"risk_difference{end}", **place) for end in ("_lower", "_upper"))
    nnt = source.results.value("nnt", **place)
    known = not isnan(source.results.value("nnt_lower", **place))  # a few therapy groups give it no limits
    if isnan(nnt) or isinf(nnt) or not known or not (low > 0 or high < 0):
        return ()
    ends = limits(source.results, "nnt_lower", "nnt_upper", _one_decimal, **place)
    name = "number needed to treat " if nnt > 0 else "number needed to harm "
    shown = cited(fixed(abs(nnt), 1), row(source.results, "nnt", **place))
    return line(f"; {name}", shown, " ", ends)


def _one_decimal(value: float | None, decimals: int = 1) -> str:
    """A number with one decimal."""
    del decimals
    return fixed(value, 1)


def _pair(source: Source, term: str) -> str:
    """ "between ACT workshop and Wait-list"."""
    arms = arms_of(term)
    assert arms is not None
    return f"between {source.words.arm(arms[0])} and {source.words.arm(arms[1])}"


def harms_text(source: Source) -> Inline:
    """Deterioration at the visit of interest, withdrawals and events by arm."""
    parts = [
        _deterioration(source, key)
        for key in source.results.distinct("outcome", analysis="harms", term="deterioration")
    ]
    withdrawn = _by_arm(source, lambda arm: _share(source, analysis="harms", term="withdrawal", arm=arm))
    events = [
        line(f"{level_[:1].upper()}{level_[1:]}: ", shown, ".")
        for level_ in source.results.distinct("level", analysis="harms", term="event")
        if (shown := _by_arm(source, partial(_events, source, level_)))
    ]
    return sentences(*parts, line("Withdrawals: ", withdrawn, ".") if withdrawn else (), *events)


def _deterioration(source: Source, key: str) -> Inline:
    """Participants who got reliably worse."""
    outcome = source.context.outcomes[key]
    visit = _visit(source, key, analysis="harms", term="deterioration")
    keys = {"analysis": "harms", "outcome": key, "term": "deterioration", "visit": visit}
    shown = _by_arm(source, lambda arm: _share(source, arm=arm, **keys))
    return line(f"Reliable deterioration in {outcome.label} at {source.words.at(visit)}: ", shown, ".") if shown else ()


def _events(source: Source, kind: str, arm: str) -> Inline:
    """Participants of an arm with an event of a kind."""
    rows = source.results.rows(analysis="harms", term="event", level=kind, arm=arm, statistic="n")
    if not len(rows) or isnan(rows["n"].iloc[0]):
        return ()
    place = f"row:{rows.index[0] + 1}"
    people = line(cited(count(rows["value"].iloc[0]), place), " of ", cited(count(rows["n"].iloc[0]), place))
    times = source.results.rows(analysis="harms", term="event", level=kind, arm=arm, statistic="events")
    if not len(times):
        return people
    return line(people, " (events: ", cited(count(times["value"].iloc[0]), f"row:{times.index[0] + 1}"), ")")


def _by_arm(source: Source, show: Callable[[str], Inline]) -> Inline:
    """Something for each arm, with its name."""
    arms = source.context.plan.design.arms
    found = [(shown, label) for arm, label in arms.items() if (shown := show(arm))]
    return series([line(shown, f" in {label}" if len(arms) > 1 else "") for shown, label in found])


def family_text(source: Source) -> Inline:
    """Adjusted p values of the families, smallest first within a family; a pilot leaves them to the table."""
    families = source.context.plan.analysis.families
    tables = [table for table in source.tables_of("effects") if table.name == "families"]
    if source.context.plan.design.pilot:
        head = line("Corrected ", rich("*p*"), " values, which the plan asked for, are in ")
        return line(head, Reference("table", "families"), ".") if tables else ()
    return sentences(*[_family(source, name, families[name].label or name) for name in families])


def _family(source: Source, name: str, label: str) -> Inline:
    """What is left of one family after correction."""
    rows = source.results.rows(analysis="families", level=name, statistic="p_adjusted").sort_values(
        "value", kind="stable"
    )
    parts: list[Inline] = []
    visits = list(dict.fromkeys(rows["visit"])) if source.words.several_visits else []
    for i, (_, row_) in zip(rows.index, rows.iterrows(), strict=True):
        pair = f" ({_pair(source, row_['term'])})" if len(set(rows["term"])) > 1 and arms_of(row_["term"]) else ""
        shown = cited(p_phrase(row_["value"]), f"row:{i + 1}")
        at = f" at {source.words.at(row_['visit'])}" if len(visits) > 1 else ""
        what = f"{source.material.short(row_['outcome'])}{at}{pair}, "
        parts.append(line("; " if parts else "", what, rich("*p*"), NBSP, shown))
    if not parts:
        return ()
    return line(
        f"After correction within the family “{label[:1].lower()}{label[1:].replace('_', ' ')}”, the ",
        rich("*p*"),
        f" values at {source.words.at(visits[0])} were: " if len(visits) == 1 else " values were: ",
        *parts,
        ".",
    )
