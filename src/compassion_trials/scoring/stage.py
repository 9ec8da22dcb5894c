"""The stage score: responses and stored totals in, scores, findings and method sentences out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from compassion_trials.core.columns import SCORES
from compassion_trials.core.files import read_table, write_csv, write_table
from compassion_trials.core.findings import FINDING_COLUMNS, Finding, as_rows
from compassion_trials.core.record import Record
from compassion_trials.scoring.answers import Answers, answers_of
from compassion_trials.scoring.checks.repeated import repeated
from compassion_trials.scoring.checks.reversal import negative_alpha, reversal
from compassion_trials.scoring.checks.spread import coding, constant_items, spread
from compassion_trials.scoring.checks.stored import agreement, impossible_totals, undoubled
from compassion_trials.scoring.facts import counts, measure_facts
from compassion_trials.scoring.methods import methods_of, stored_method
from compassion_trials.scoring.scores import in_order, questionnaire_scores, stored_scores

if TYPE_CHECKING:
    from compassion_trials.instruments.model import Instrument
    from compassion_trials.study.context import Context
    from compassion_trials.study.plan.measures import Measure


@dataclass(frozen=True, slots=True)
class ScoredTrial:
    """What the stage found out, before it is written.

    Attributes
    ----------
    scores : pandas.DataFrame
        As in `core.columns.SCORES`.
    findings : list of Finding
    record : Record
    """

    scores: pd.DataFrame
    findings: list[Finding]
    record: Record


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Score all measures of a study.

    Parameters
    ----------
    context : Context
        The opened study; ingest must have run.
    progress : callable, optional
        Told each measure as it begins.
    """
    result = score(context, read_table(context.results.responses), read_table(context.results.stored), progress)
    write_table(result.scores, context.results.scores)
    write_csv(pd.DataFrame(as_rows(result.findings), columns=list(FINDING_COLUMNS)), context.results.findings("score"))
    result.record.write(context.results.record("score"))


def score(
    context: Context,
    responses: pd.DataFrame,
    stored: pd.DataFrame,
    progress: Callable[[str], None] | None = None,
) -> ScoredTrial:
    """The work of the stage without reading or writing anything, for the verb ``check``.

    Parameters
    ----------
    context : Context
    responses, stored : pandas.DataFrame
        As ingest makes them (`core.columns.RESPONSES`, `core.columns.STORED`).
    progress : callable, optional
        Told each measure as it begins.
    """
    tables: list[pd.DataFrame] = []
    findings: list[Finding] = []
    methods: list[str] = []
    for key, measure in context.plan.measures.items():
        if progress is not None:
            progress(key)
        if measure.instrument is None:
            table, found = _total(key, measure, stored)
        else:
            instrument = context.instruments[measure.instrument].with_variant(measure.variant)
            visits = list(context.plan.design.visits)
            table, found, sentences = _questionnaire(key, measure, instrument, responses, stored, visits)
            methods += sentences
        tables.append(table)
        findings += found
    methods += stored_method([m for m in context.plan.measures.values() if m.instrument is None])
    scores = in_order(pd.concat(tables, ignore_index=True), context.plan.measures, list(context.plan.design.visits))
    facts = {"scores": counts(scores), "measures": measure_facts(context)}
    return ScoredTrial(scores, findings, Record("score", tuple(methods), facts))


def _total(key: str, measure: Measure, stored: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """A stored total: passed through, checked for range and spread."""
    assert measure.range is not None  # checked by Measure
    table = stored_scores(key, measure, stored)
    found = [*impossible_totals(key, measure, table), *undoubled(key, measure, table)]
    found += [*spread(f"{key}.total", measure.range, table), *repeated(f"{key}.total", table)]
    return table, found


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
    turned_back = () if measure.coding is None else measure.coding.reversed_items
    found = [*coding(key, answers, instrument, stated), *reversal(key, answers, instrument, turned_back)]
    found += [*negative_alpha(key, answers, instrument), *constant_items(key, answers, visits)]
    for scale, group in table.groupby("scale", sort=False):
        found += spread(f"{key}.{scale}", instrument.scales[str(scale)].range, group)
        found += repeated(f"{key}.{scale}", group)
    if instrument.risk_items:
        items = ", ".join(str(item) for item in instrument.risk_items)
        which = f"items {items} of {key} ask" if len(instrument.risk_items) > 1 else f"item {items} of {key} asks"
        message = f"{which} about self-harm or risk"
        advice = "no list of persons is made or published; follow the safety procedure of the trial with the raw data"
        found.append(Finding("note", "risk_items", message, column=key, value=f"items {items}", advice=advice))
    return found
