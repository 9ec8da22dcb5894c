"""Sections on sensitivity, mediation and moderation: a sentence from the rows, then table and figures."""

from __future__ import annotations

import pandas as pd

from compassion_trials.core.numbers import degrees, fixed, interval, p_phrase
from compassion_trials.report.model import Inline, Paragraph, Section, line, sentences
from compassion_trials.report.source import Source
from compassion_trials.tables.builders.mediation import model_words
from compassion_trials.tables.builders.moderation import moderator_label
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
    from compassion_trials.report.results import see

    shown = (*source.tables_of(key), *source.figures_of(key))
    if not shown:
        return Section(key, title)
    tail = line("All numbers are in ", see(source, *shown), ".")
    return Section(key, title, (Paragraph(sentences(text, tail), "intro"), *shown))


def _sensitivity(source: Source) -> Inline:
    """How far the answers to the primary question lie apart, for each contrast."""
    said = []
    rows = source.results.rows(analysis="sensitivity")
    answers = rows[~rows["level"].str.startswith("delta") & (rows["level"] != "at the tipping point")]
    for place, mine in answers[answers["statistic"] == "estimate"].groupby(["outcome", "term"], sort=False):
        outcome, term = (str(part) for part in place)
        numbers = mine["value"].dropna()
        if len(numbers) < 2:
            continue
        limits = answers[(answers["outcome"] == outcome) & (answers["term"] == term)]
        wide = limits[limits["statistic"].isin(["lower", "upper"])]
        wide = wide.pivot(index=["model", "level"], columns="statistic", values="value")
        clear = int(((wide["lower"] > 0) | (wide["upper"] < 0)).sum())
        what = contrast_label(source.material, term) if " - " in term else "the change"
        said.append(
            f"For {source.material.label(outcome)}, {what}, {len(numbers)} sensitivity analyses gave estimates from "
            f"{fixed(numbers.min())} to {fixed(numbers.max())}; the interval left out zero in {clear} of them."
        )
    return line(" ".join(said)) if said else ()


def _mediation(source: Source) -> Inline:
    """Indirect effects with their intervals."""
    said = []
    rows = source.results.rows(analysis="mediation")
    rows = rows[rows["term"].str.startswith("indirect: ")]
    for place, mine in rows.groupby(["model", "outcome", "term", "level"], sort=False):
        model, outcome, term, level = (str(part) for part in place)
        value = dict(zip(mine["statistic"], mine["value"], strict=True))
        mark = "" if (mine["prespecified"] == "yes").all() else " (post hoc)"
        through = "" if level in model else f" through {level}"
        said.append(
            f"{model_words(source.material, model, outcome, mine['visit'].iloc[0])}{through}, "
            f"{contrast_label(source.material, term)}{mark}: {fixed(value['estimate'])} "
            f"{interval(value['lower'], value['upper'])}"
        )
    return line(f"Indirect effects were: {'; '.join(said)}.") if said else ()


def _moderation(source: Source) -> Inline:
    """The interaction tests at the visit of interest."""
    rows = source.results.rows(analysis="moderation", term="interaction")
    rows = rows[rows["visit"] != ""]
    parts: list[Inline] = []
    for place, mine in rows.groupby(["model", "outcome"], sort=False):
        parts.append(_interaction(source, str(place[0]), str(place[1]), mine))
    if not parts:
        return ()
    joined = line(*(piece for i, part in enumerate(parts) for piece in (("; " if i else "", part))))
    return line("Tests of arm by moderator at the visit of interest: ", joined, ".", *_post_hoc(rows))


def _interaction(source: Source, moderator: str, outcome: str, rows: pd.DataFrame) -> Inline:
    """One test: Traumatic events on SCS, F(1, 59.4) = 0.63, p = .429."""
    value = dict(zip(rows["statistic"], rows["value"], strict=True))
    name = f"{moderator_label(source.material, moderator)} on {source.material.short(outcome)}"
    df = f"({degrees(value['df_num'])}, {degrees(value['df_den'])})"
    return line(f"{name}, ", rich("*F*"), f"{df} = {fixed(value['F'])}, ", rich("*p*"), f" {p_phrase(value['p'])}")


def _post_hoc(rows: pd.DataFrame) -> tuple[str, ...]:
    """Whether they were planned, and that several were made."""
    kinds = set(rows["prespecified"])
    planned = "All were post hoc." if kinds == {"no"} else "All were prespecified." if kinds == {"yes"} else ""
    several = f"{rows[['model', 'outcome']].drop_duplicates().shape[0]} tests were made without correction"
    many = len(rows[["model", "outcome"]].drop_duplicates()) > 1
    return (" " + " ".join(part for part in (planned, f"{several}." if many else "") if part),)


