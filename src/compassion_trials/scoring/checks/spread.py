"""Scores and items whose spread is implausible, and answers that look coded otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.instruments.model import Instrument
from compassion_trials.scoring.answers import Answers

FEWEST = 10
"""Scores or answers from which a spread is judged."""
NEAR_MAXIMUM = 0.9
"""Share of the largest possible SD above which scores look like two clumps at the ends."""
MANY_OUTSIDE = 0.05
"""Share of impossible answers above which the coding, not the typing, is in doubt."""
ENOUGH_ANSWERS = 200
"""Answers from which a code that never occurs is worth a word."""


def spread(name: str, limits: tuple[float, float], scores: pd.DataFrame) -> Iterator[Finding]:
    """Scales that do not vary, or vary as much as they can, visit by visit.

    Parameters
    ----------
    name : str
        ``measure.scale``.
    limits : tuple of float
        Possible range.
    scores : pandas.DataFrame
        Scores of this scale, columns ``visit`` and ``score``.
    """
    for visit, group in scores.dropna(subset="score").groupby("visit", sort=False):
        score = group["score"].to_numpy()
        n = len(score)
        if n < FEWEST:
            continue
        sd, largest = float(np.std(score, ddof=1)), (limits[1] - limits[0]) / 2 * np.sqrt(n / (n - 1))
        if sd == 0:
            message = f"all {n} scores of {name} at {visit} are the same"
            advice = "check whether the right columns were read"
            yield Finding("warning", "no_spread", message, column=name, value=f"SD 0 at {visit}", advice=advice)
        elif sd > NEAR_MAXIMUM * largest:
            message = f"the SD of {name} at {visit} is near the largest possible"
            advice = "scores lie at both ends of the range: check the direction of the items and the coding"
            expected = f"an SD well below {largest:.3g}"
            yield Finding(
                "warning",
                "large_spread",
                message,
                column=name,
                value=f"SD {sd:.3g}, n = {n}",
                expected=expected,
                advice=advice,
            )


def constant_items(key: str, answers: Answers, visits: list[str]) -> Iterator[Finding]:
    """Items to which everybody gives the same answer, visit by visit."""
    for visit in visits:
        values = answers.at(visit)
        same = [
            str(place + 1)
            for place, column in enumerate(values.T)
            if np.isfinite(column).sum() >= FEWEST and np.nanmax(column) == np.nanmin(column)
        ]
        if same:
            which = f"item{'s' * (len(same) > 1)} {', '.join(same)}"
            message = f"{which} of {key} at {visit} got the same answer from everybody"
            advice = "a rare symptom, or a column that was not filled; alpha and correlations leave such items out"
            yield Finding("note", "item_constant", message, column=key, value=which, advice=advice)


def coding(key: str, answers: Answers, instrument: Instrument, stated: tuple[float, float]) -> Iterator[Finding]:
    """Signs of another coding than the plan states.

    Parameters
    ----------
    key : str
    answers : Answers
    instrument : Instrument
    stated : tuple of float
        Lowest and highest raw answer that the plan, or else the questionnaire, states.
    """
    given = int(np.isfinite(answers.values).sum())
    impossible = int(answers.invalid.sum())
    low, high = f"{stated[0]:g}", f"{stated[1]:g}"
    advice = f"if the raw file codes otherwise, write coding: {{min: ..., max: ...}} for {key} in the plan"
    if impossible and impossible > MANY_OUTSIDE * (given + impossible):
        share = 100 * impossible / (given + impossible)
        message = f"{share:.0f} % of the answers to {key} lie outside {low} to {high} and were set missing"
        value = f"{impossible} answers"
        yield Finding(
            "warning",
            "coding_doubtful",
            message,
            column=key,
            value=value,
            expected=f"answers {low} to {high}",
            advice=advice,
        )
    seen = answers.values[np.isfinite(answers.values)]
    if given >= ENOUGH_ANSWERS and seen.min() > instrument.response.min:
        message = f"the lowest answer {low} to {key} never occurs among {given} answers"
        expected = f"answers {low} to {high}"
        yield Finding("warning", "coding_doubtful", message, column=key, expected=expected, advice=advice)
    fractions = int((seen != np.round(seen)).sum())
    if fractions:
        message = f"{fractions} answers to {key} are not whole numbers"
        hint = "means or imputed values instead of answers? Scores use them as they are"
        yield Finding("warning", "fractional_answers", message, column=key, advice=hint)
