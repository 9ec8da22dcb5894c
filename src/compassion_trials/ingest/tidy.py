"""From rows of raw files to one row per participant, visit, measure and item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from compassion_trials.core.columns import RESPONSES, STORED
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.columns.blocks import ColumnBlock, item_numbers, planned_visits
from compassion_trials.ingest.limits import limits
from compassion_trials.ingest.sources import SourceFile
from compassion_trials.ingest.thousands import marks
from compassion_trials.ingest.values import (
    BLANK,
    IMPUTED,
    IMPUTED_BLANK,
    CellCoding,
    canonical,
    codes,
    comma_decimals,
    numbers,
)
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.plan.measures import Measure
from compassion_trials.study.plan.study_plan import StudyPlan

ANSWERS = (
    "participant",
    "visit",
    "measure",
    "scale",
    "item",
    "value",
    "missing_reason",
    "source",
    "file",
    "row",
    "column",
)
"""Columns of the working table: one row per cell of the raw files, with its place for findings."""

YES = frozenset({"1", "yes", "true", "y", "ja"})
"""Words by which a column says that a value was imputed."""

Instruments = Mapping[str, Instrument]


def coding_of(
    measure: Measure, source: SourceFile, frame: pd.DataFrame, between: tuple[float, float] | None, items: bool
) -> CellCoding:
    """How the cells of some columns are to be understood.

    Parameters
    ----------
    measure : Measure
    source : SourceFile
    frame : pandas.DataFrame
        The cells, which show together what a comma or a point between digits means.
    between : (float, float) or None
        Lowest and highest value possible, where it is known.
    items : bool
        Whether the cells are answers to items, of which one cell may hold two.
    """
    table, stated = source.table, source.raw.decimal
    answers = {canonical(word).lower(): value for word, value in measure.answers.items()}
    words = pd.unique(frame.to_numpy(dtype="object").ravel())
    found = marks(words, table.decimal, stated, between)
    ticks = items and between is not None and stated != "," and not comma_decimals(words, between)
    return CellCoding(
        decimal=table.decimal,
        thousands=found.thousands,
        unclear=found.unclear,
        answers_between=between if ticks else None,
        missing=codes(source.raw.missing_values),
        answers=answers,
        by_column=table.missing_codes,
    )


def answers(plan: StudyPlan, sources: Sequence[SourceFile], known: Instruments) -> pd.DataFrame:
    """All cells of items and stored totals.

    Parameters
    ----------
    plan : StudyPlan
    sources : sequence of SourceFile
    known : mapping of str to Instrument

    Returns
    -------
    pandas.DataFrame
        Columns `ANSWERS`; cells at visits at which the measure was not planned are included.
    """
    parts = [
        _cells(plan.measures[block.measure], block, source, known).assign(source=number)
        for number, source in enumerate(sources)
        for block in source.blocks
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="float64" if name == "value" else "object") for name in ANSWERS})
    return pd.concat(parts, ignore_index=True)


def _cells(measure: Measure, block: ColumnBlock, source: SourceFile, known: Instruments) -> pd.DataFrame:
    """Cells of one block, one row each."""
    participant, visit = source.participant, source.visit
    rows = participant.index
    if visit is not None:
        rows = rows[(visit == block.visit) if block.visit else (visit != "")]
    frame = source.table.frame.loc[rows, list(block.columns)]
    between = limits(measure, known) if not block.scale or measure.instrument is None else None
    found = numbers(frame, coding_of(measure, source, frame, between, items=not block.scale))
    n, k = frame.shape
    visits = np.repeat(block.visit, n) if visit is None or block.visit else visit.loc[rows].to_numpy()
    flagged = _imputed(measure, source, rows, visits)
    values = np.where(flagged[:, None], np.nan, found.values)
    held = np.where(np.isnan(found.values), IMPUTED_BLANK, IMPUTED)
    reasons = np.where(flagged[:, None], held, found.reasons)
    return pd.DataFrame(
        {
            "participant": np.repeat(participant.loc[rows].to_numpy(), k),
            "visit": np.repeat(visits.astype("object"), k),
            "measure": block.measure,
            "scale": block.scale,
            "item": np.tile(np.array(block.items, dtype="object"), n),
            "value": values.ravel(),
            "missing_reason": reasons.ravel(),
            "file": source.table.file,
            "row": np.repeat(rows.to_numpy(), k),
            "column": np.tile(np.array(block.columns, dtype="object"), n),
        }
    )


def _imputed(measure: Measure, source: SourceFile, rows: pd.Index, visits: np.ndarray) -> np.ndarray:
    """Which rows hold an imputed value at their visit, shape (rows,)."""
    flagged = np.zeros(len(rows), dtype=bool)
    for visit, column in measure.imputed.items():
        if column in source.table.frame:
            yes = source.table.frame.loc[rows, column].str.lower().isin(YES).to_numpy()
            flagged |= yes & (visits == visit)
    return flagged


def imputed_columns(plan: StudyPlan) -> set[str]:
    """Columns that say which values are imputed."""
    return {column for measure in plan.measures.values() for column in measure.imputed.values()}


def missing_flags(plan: StudyPlan, sources: Sequence[SourceFile]) -> list[Finding]:
    """Errors for ``imputed`` columns that the file with the measure does not have."""
    from compassion_trials.core.errors import nearest

    findings = []
    for key, measure in plan.measures.items():
        for column in dict.fromkeys(measure.imputed.values()):
            for source in sources:
                names = list(source.table.frame.columns)
                if column not in names and any(block.measure == key for block in source.blocks):
                    message = f"measures.{key}.imputed names a column that the file does not have"
                    advice = nearest(column, names)
                    findings.append(
                        Finding("error", "column_missing", message, source.table.file, None, column, advice=advice)
                    )
    return findings


def twice(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Cells that stand in two files: the answered one counts; two different answers are an error."""
    key = ["participant", "visit", "measure", "scale", "item"]
    if not cells.duplicated(key).any():
        return cells, []
    ordered = cells.assign(empty=cells["value"].isna()).sort_values("empty", kind="stable").drop(columns="empty")
    answered = ordered[ordered["value"].notna()]
    spread = answered.groupby(key, sort=False)["value"].nunique()
    findings = []
    if (spread > 1).any():
        clash = answered[answered.duplicated(key)].iloc[0]
        message = f"{int((spread > 1).sum())} answers stand in two files with different values"
        advice = "leave one of the files out, or give the measure its own item pattern"
        findings.append(
            Finding("error", "two_files", message, clash["file"], int(clash["row"]), clash["column"], advice=advice)
        )
    return ordered.drop_duplicates(key).sort_index(), findings


def planned(cells: pd.DataFrame, plan: StudyPlan) -> tuple[pd.DataFrame, list[Finding]]:
    """Cells at planned visits only; answers at other visits are a warning."""
    pairs = {(key, visit) for key in plan.measures for visit in planned_visits(plan, key)}
    keys = pd.MultiIndex.from_arrays([cells["measure"], cells["visit"]])
    inside = (
        pd.Series(keys.isin(list(pairs)), index=cells.index)
        if pairs and len(cells)
        else pd.Series(True, index=cells.index, dtype=bool)
    )
    outside = cells[~inside & cells["value"].notna()]
    findings = []
    for (measure, visit), part in outside.groupby(["measure", "visit"], sort=True):
        count = part["participant"].nunique()
        message = f"{count} participants have answers of {measure} at visit {visit}, where the plan does not list it"
        advice = f"add {visit} to measures.{measure}.visits, or leave it"
        findings.append(
            Finding(
                "warning", "unplanned_visit", message, part["file"].iloc[0], int(part["row"].iloc[0]), advice=advice
            )
        )
    return cells[inside], findings


def responses(
    cells: pd.DataFrame, arms: Mapping[str, str], assessed: pd.DataFrame, plan: StudyPlan, known: Instruments
) -> pd.DataFrame:
    """The responses table: every expected item of every participant at every visit at which they were assessed.

    Parameters
    ----------
    cells : pandas.DataFrame
        Cells as `answers` gives them.
    arms : mapping of str to str
        Arm of each participant, in the order of the table.
    assessed : pandas.DataFrame
        Columns participant and visit.
    plan : StudyPlan
    known : mapping of str to Instrument

    Returns
    -------
    pandas.DataFrame
        Columns `core.columns.RESPONSES`, in the order of participants, visits, measures, items.
    """
    expected = [
        (visit, key, str(item))
        for key, measure in plan.measures.items()
        if measure.instrument is not None
        for visit in planned_visits(plan, key)
        for item in sorted(int(number) for number in item_numbers(measure, known))
    ]
    items = pd.DataFrame(expected, columns=["visit", "measure", "item"])
    table = _filled(assessed, items, cells[cells["scale"] == ""], ["visit", "measure", "item"])
    table["missing_reason"] = table["missing_reason"].astype("object").where(table["missing_reason"].notna(), BLANK)
    return _ordered(table, arms, plan)[list(RESPONSES)]


def stored(cells: pd.DataFrame, arms: Mapping[str, str], assessed: pd.DataFrame, plan: StudyPlan) -> pd.DataFrame:
    """The table of stored totals: each at every assessed visit, and wherever the file holds one.

    Returns
    -------
    pandas.DataFrame
        Columns `core.columns.STORED`.
    """
    expected = [
        (visit, key, scale)
        for key, measure in plan.measures.items()
        for scale in (["total"] if measure.total is not None else measure.stored)
        for visit in planned_visits(plan, key)
    ]
    totals = cells[cells["scale"] != ""]
    with_value = totals.loc[totals["value"].notna(), ["participant", "visit"]].drop_duplicates()
    pairs = pd.concat([assessed, with_value]).drop_duplicates()
    scales = pd.DataFrame(expected, columns=["visit", "measure", "scale"])
    return _ordered(_filled(pairs, scales, totals, ["visit", "measure", "scale"]), arms, plan)[list(STORED)]


def _filled(pairs: pd.DataFrame, expected: pd.DataFrame, cells: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Participants and visits crossed with what is expected there, values filled in."""
    grid = pairs.merge(expected, on="visit", how="inner")
    return grid.merge(cells[["participant", *key, "value", "missing_reason"]], on=["participant", *key], how="left")


def _ordered(table: pd.DataFrame, arms: Mapping[str, str], plan: StudyPlan) -> pd.DataFrame:
    """Rows of known participants in the order of participants, visits and measures; the arm filled in."""
    table = table[table["participant"].isin(arms)]
    order = pd.DataFrame(
        {
            "participant": table["participant"].map({p: i for i, p in enumerate(arms)}),
            "visit": table["visit"].map({v: i for i, v in enumerate(plan.design.visits)}),
            "measure": table["measure"].map({m: i for i, m in enumerate(plan.measures)}),
        },
        index=table.index,
    )
    for name in ("item", "scale"):
        if name in table:
            order[name] = table[name].map({word: i for i, word in enumerate(table[name].unique())})
    if "item" in table:
        order["item"] = table["item"].astype("int64")
    sorted_ = table.loc[order.sort_values(list(order.columns), kind="stable").index].reset_index(drop=True)
    words = [name for name in sorted_.columns if name != "value"]
    sorted_["arm"] = sorted_["participant"].map(arms)
    return sorted_.astype({name: "str" for name in [*words, "arm"]} | {"value": "float64"})
