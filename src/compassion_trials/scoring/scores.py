"""The scores table: every scale of every measure, and stored totals passed through."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from compassion_trials.core.columns import SCORES
from compassion_trials.instruments.model import Instrument
from compassion_trials.scoring.answers import Answers
from compassion_trials.scoring.kernels import outside
from compassion_trials.scoring.questionnaire import bands, flags, score_questionnaire
from compassion_trials.study.plan.measures import Measure


def questionnaire_scores(key: str, answers: Answers, instrument: Instrument) -> pd.DataFrame:
    """Scores of all scales of one measure.

    Parameters
    ----------
    key : str
        The measure in the plan.
    answers : Answers
    instrument : Instrument
        As the plan's variant scores it.

    Returns
    -------
    pandas.DataFrame
        Columns `core.columns.SCORES`.
    """
    tables = []
    for scale, scored in score_questionnaire(instrument, answers.values).items():
        columns = [item - 1 for item in instrument.items_of(scale)]
        tables.append(
            answers.rows.assign(
                measure=key,
                scale=scale,
                score=scored.score,
                n_items=scored.n_items,
                n_missing=scored.n_missing,
                prorated=scored.prorated,
                band=bands(instrument.scales[scale], scored.score),
                flag=flags(scored, np.asarray(answers.invalid[:, columns].any(axis=1))),
            )
        )
    return pd.concat(tables, ignore_index=True)[list(SCORES)]


def stored_scores(key: str, measure: Measure, stored: pd.DataFrame) -> pd.DataFrame:
    """Stored totals of one measure as scores; an impossible one is set missing and flagged.

    Parameters
    ----------
    key : str
        The measure in the plan.
    measure : Measure
        With ``total`` and ``range``.
    stored : pandas.DataFrame
        Columns `core.columns.STORED`.
    """
    assert measure.range is not None  # checked by Measure
    mine = stored[stored["measure"] == key].reset_index(drop=True)
    value = mine["value"].to_numpy(dtype=float)
    impossible = outside(value, *measure.range)
    return mine.assign(
        scale="total",
        score=np.where(impossible, np.nan, value),
        n_items=0,
        n_missing=0,
        prorated=False,
        band="",
        flag=np.where(impossible, "out of range", ""),
    )[list(SCORES)]


def in_order(scores: pd.DataFrame, measures: Mapping[str, Measure], visits: list[str]) -> pd.DataFrame:
    """Scores by measure of the plan, scale of the questionnaire, participant and visit, with one type per column."""
    place = {visit: i for i, visit in enumerate(visits)}
    rank = {measure: i for i, measure in enumerate(measures)}
    scale = scores.groupby("measure", sort=False)["scale"].transform(lambda s: pd.factorize(s)[0])
    person = pd.factorize(scores["participant"])[0]
    keys = pd.DataFrame({"m": scores["measure"].map(rank), "s": scale, "p": person, "v": scores["visit"].map(place)})
    table = scores.loc[keys.sort_values(["m", "s", "p", "v"], kind="stable").index].reset_index(drop=True)
    words = ["participant", "arm", "visit", "measure", "scale", "band", "flag"]
    types = dict.fromkeys(words, "str") | {
        "score": "float64",
        "n_items": "int64",
        "n_missing": "int64",
        "prorated": "bool",
    }
    return table.astype(types)
