"""The stage score: responses and stored totals in, scores, findings and method sentences out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from compassion_trials.core.columns import SCORES
from compassion_trials.core.files import read_table, write_csv, write_table
from compassion_trials.core.findings import FINDING_COLUMNS, Finding, as_rows
from compassion_trials.core.record import Record
from compassion_trials.scoring.answers import Answers, answers_of
from compassion_trials.scoring.checks.reversal import reversal
from compassion_trials.scoring.checks.spread import coding, constant_items, spread
from compassion_trials.scoring.checks.stored import agreement, impossible_totals
from compassion_trials.scoring.methods import methods_of, stored_method
from compassion_trials.scoring.scores import in_order, questionnaire_scores, stored_scores

if TYPE_CHECKING:
    from compassion_trials.instruments.model import Instrument
    from compassion_trials.study.context import Context
    from compassion_trials.study.measures import Measure


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Score all measures of a study.

    Parameters
    ----------
    context : Context
        The opened study; ingest must have run.
    progress : callable, optional
        Told each measure as it begins.
    """
    responses, stored = read_table(context.results.responses), read_table(context.results.stored)
    tables: list[pd.DataFrame] = []
    findings: list[Finding] = []
    methods: list[str] = []
    for key, measure in context.plan.measures.items():
        if progress is not None:
            progress(key)
        if measure.instrument is None:
            table, found, sentences = _total(key, measure, stored)
        else:
            instrument = context.instruments[measure.instrument].with_variant(measure.variant)
            visits = list(context.plan.design.visits)
            table, found, sentences = _questionnaire(key, measure, instrument, responses, stored, visits)
        tables.append(table)
        findings += found
        methods += sentences
    scores = in_order(pd.concat(tables, ignore_index=True), context.plan.measures, list(context.plan.design.visits))
    write_table(scores, context.results.scores)
    write_csv(pd.DataFrame(as_rows(findings), columns=list(FINDING_COLUMNS)), context.results.findings("score"))
    Record("score", tuple(methods), {"scores": _counts(scores)}).write(context.results.record("score"))


def _total(key: str, measure: Measure, stored: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding], tuple[str, ...]]:
    """A stored total: passed through, checked for range and spread."""
    assert measure.range is not None  # checked by Measure
    table = stored_scores(key, measure, stored)
    found = [*impossible_totals(key, measure, table), *spread(f"{key}.total", measure.range, table)]
    return table, found, (stored_method(measure),)


def _questionnaire(
    key: str,
    measure: Measure,
    instrument: Instrument,
    responses: pd.DataFrame,
    stored: pd.DataFrame,
    visits: list[str],
) -> tuple[pd.DataFrame, list[Finding], tuple[str, ...]]:
    """A questionnaire: scored from items, checked in all ways."""
    answers = answers_of(responses, key, measure, instrument)
    if answers.rows.empty:
        message = f"no answer to {key} was found at any visit"
        missing = Finding("warning", "measure_empty", message, column=key, advice="check the item columns in the plan")
        return pd.DataFrame(columns=list(SCORES)), [missing], ()
    table = questionnaire_scores(key, answers, instrument)
    found = _checks(key, measure, instrument, answers, table, visits)
    found += agreement(key, measure, instrument, table, stored[stored["measure"] == key].drop(columns="measure"))
    return table, found, methods_of(measure, instrument, table)


def _checks(
    key: str, measure: Measure, instrument: Instrument, answers: Answers, table: pd.DataFrame, visits: list[str]
) -> list[Finding]:
    """What answers and scores of one questionnaire say about the data."""
    own = (float(instrument.response.min), float(instrument.response.max))
    stated = own if measure.coding is None else (measure.coding.min, measure.coding.max)
    found = [*coding(key, answers, instrument, stated), *reversal(key, answers, instrument)]
    found += constant_items(key, answers, visits)
    for scale, group in table.groupby("scale", sort=False):
        found += spread(f"{key}.{scale}", instrument.scales[str(scale)].range, group)
    if instrument.risk_items:
        items = ", ".join(str(item) for item in instrument.risk_items)
        message = f"item{'s' * (len(instrument.risk_items) > 1)} {items} of {key} ask about self-harm"
        advice = "no list of persons is made or published; follow the safety procedure of the trial with the raw data"
        found.append(Finding("note", "risk_items", message, column=key, value=f"items {items}", advice=advice))
    return found


def _counts(scores: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Scores, prorated scores and missing scores by outcome."""
    counts = {}
    for (measure, scale), group in scores.groupby(["measure", "scale"], sort=False):
        counts[f"{measure}.{scale}"] = {
            "n": len(group),
            "prorated": int(group["prorated"].sum()),
            "missing": int(group["score"].isna().sum()),
        }
    return counts
