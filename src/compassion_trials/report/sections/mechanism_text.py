"""Sections on sensitivity, mediation and moderation: a sentence from the rows, then table and figures."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import NBSP, degrees, fixed, interval, p_phrase
from compassion_trials.core.numbers import words as count_words
from compassion_trials.report.cite import Shown, cited
from compassion_trials.report.cite import level as coverage
from compassion_trials.report.model import Cited, Inline, NumberedBlock, Paragraph, Section, line, sentences
from compassion_trials.report.source import Source
from compassion_trials.report.wording import see
from compassion_trials.tables.builders.mechanism.mediation import model_words
from compassion_trials.tables.builders.mechanism.moderation import moderator_label
from compassion_trials.tables.text import rich
from compassion_trials.tables.wording import contrast_label


def mechanism_sections(source: Source) -> tuple[Section, ...]:
    """The three sections; those without blocks are left out by the caller."""
    return (
        _section(source, "sensitivity", "Sensitivity Analyses", _sensitivity(source)),
        _section(source, "mediation", "Mediation", _mediation(source)),
        _section(source, "moderation", "Moderation", _moderation(source)),
    )


def _section(source: Source, key: str, title: str, text: Inline) -> Section:
    """Sentences, then everything of the category."""
    shown: tuple[NumberedBlock, ...] = (*source.tables_of(key), *source.figures_of(key))
    if not shown:
        return Section(key, title)
    tail = line("All numbers are in ", see(*shown), ".")
    return Section(key, title, (Paragraph(sentences(text, tail), "intro"), *shown))


def _sensitivity(source: Source) -> Inline:
    """How far the answers to the primary question lie apart, for each contrast."""
    said: list[Inline] = []
    rows = source.results.rows(analysis="sensitivity")
    answers = rows[~rows["level"].str.startswith("delta") & (rows["level"] != "at the tipping point")]
    for place, mine in answers[answers["statistic"] == "estimate"].groupby(["outcome", "term"], sort=False):
        outcome, term = (str(part) for part in place)
        numbers = mine["value"].dropna()
        if len(numbers) < 2:
            continue
        limits = answers[(answers["outcome"] == outcome) & (answers["term"] == term)]
        low, high = (limits[limits["statistic"] == end].set_index(["model", "level"]) for end in ("lower", "upper"))
        both = low.assign(place=limits.index[limits["statistic"] == "lower"], upper=high["value"])
        clear = both.loc[(both["value"] > 0) | (both["upper"] < 0), "place"].tolist()
        what = contrast_label(source.material, term) if " - " in term else "the change"
        rows_of = [f"row:{i + 1}" for i in numbers.index.tolist()]
        ends = [cited(fixed(numbers.iloc[i]), rows_of[i]) for i in (int(numbers.argmin()), int(numbers.argmax()))]
        many = cited(count_words(len(numbers)), *rows_of)
        some = _some(clear, len(numbers))
        what = f"For {source.material.label(outcome)}, {what}, "
        gave = line(" sensitivity analyses gave estimates from ", ends[0], " to ", ends[1])
        said.append(line(what, many, gave, "; the interval excluded zero in ", some, " of them."))
    return sentences(*said)


def _some(places: list[int], of: int) -> Inline:
    """How many of some rows: "all", "none", "three"."""
    if len(places) in (0, of):
        return line("all" if places else "none")
    return line(cited(count_words(len(places)), *[f"row:{i + 1}" for i in places]))


def _mediation(source: Source) -> Inline:
    """Indirect effects with their intervals."""
    said: list[Inline] = []
    rows = source.results.rows(analysis="mediation")
    rows = rows[rows["term"].str.startswith("indirect: ")]
    for place, mine in rows.groupby(["model", "outcome", "term", "level"], sort=False):
        model, outcome, term, level = (str(part) for part in place)
        value = dict(zip(mine["statistic"], mine["value"], strict=True))
        mark = "" if (mine["prespecified"] == "yes").all() else " (post hoc)"
        through = "" if level in model else f" through {level}"
        rows_of = {name: f"row:{i + 1}" for name, i in zip(mine["statistic"], mine.index, strict=True)}
        what = f"{model_words(source.material, model, outcome, mine['visit'].iloc[0])}{through}"
        estimate = cited(fixed(value["estimate"]), rows_of["estimate"])
        limits = cited(interval(value["lower"], value["upper"]), rows_of["lower"], rows_of["upper"])
        head = f"{'; ' if said else ''}{what}, {contrast_label(source.material, term)}{mark}: "
        said.append(line(head, estimate, " ", limits))
    lead = line("Indirect effects (with ", coverage(source.context), " intervals) were: ")
    return line(lead, *said, ".") if said else ()


def _moderation(source: Source) -> Inline:
    """The interaction tests at the visit that answers."""
    rows = source.results.rows(analysis="moderation", term="interaction")
    rows = rows[rows["visit"] != ""]
    parts: list[Inline] = []
    visits = list(dict.fromkeys(rows["visit"]))
    for place, mine in rows.groupby(["model", "outcome"], sort=False):
        at = f" at {source.words.at(mine['visit'].iloc[0])}" if len(visits) > 1 else ""
        parts.append(_interaction(source, str(place[0]), str(place[1]), at, mine))
    if not parts or source.context.plan.design.pilot:  # a pilot tests nothing
        return ()
    joined = line(*(piece for i, part in enumerate(parts) for piece in (("; " if i else "", part))))
    where = f" at {source.words.at(visits[0])}" if len(visits) == 1 else ""
    return line(f"Tests of arm by moderator{where}: ", joined, ".", *_post_hoc(rows))


def _interaction(source: Source, moderator: str, outcome: str, at: str, rows: pd.DataFrame) -> Inline:
    """One test: Traumatic events on SCS, F(1, 59.4) = 0.63, p = .429."""
    value = dict(zip(rows["statistic"], rows["value"], strict=True))
    name = f"{moderator_label(source.material, moderator)} on {source.material.short(outcome)}{at}"
    places = dict(zip(rows["statistic"], rows.index, strict=True))

    def shown(statistic: str, style: Shown) -> Cited:
        return cited(style(value[statistic]), f"row:{places[statistic] + 1}")

    df = line(f"{name}, ", rich("*F*"), "(", shown("df_num", degrees), f",{NBSP}", shown("df_den", degrees), ")")
    return line(df, f"{NBSP}={NBSP}", shown("F", fixed), ", ", rich("*p*"), NBSP, shown("p", p_phrase))


def _post_hoc(rows: pd.DataFrame) -> Inline:
    """Whether they were planned, and that several were made."""
    kinds = set(rows["prespecified"])
    planned = "All were post hoc." if kinds == {"no"} else "All were prespecified." if kinds == {"yes"} else ""
    tests = len(rows[["model", "outcome"]].drop_duplicates())
    many = cited(count_words(tests).capitalize(), *[f"row:{i + 1}" for i in rows.index])
    several = line(" ", many, " tests were made without correction.") if tests > 1 else ()
    return line(f" {planned}" if planned else "", several)
