"""The scored data of a study as they may be shared, wide and long."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compassion_trials.deliver.people import SharedPeople
from compassion_trials.deliver.variables import SharedVariable, column, score_variable, visit_variable
from compassion_trials.study.context import Context


@dataclass(frozen=True, slots=True)
class Shared:
    """A table of the shared data with its variables, one per column in order."""

    name: str
    label: str
    table: pd.DataFrame
    variables: tuple[SharedVariable, ...]


def wide(context: Context, people: SharedPeople, scores: pd.DataFrame) -> Shared:
    """One row per participant, one column per scale and planned visit."""
    table = people.table.copy()
    variables = list(people.variables)
    values = _by_column(people, scores)
    for outcome in context.outcomes.values():
        for visit in context.plan.design.visits:
            if visit in outcome.visits:
                found = values.get((outcome.measure, outcome.scale, visit), {})
                table[column(outcome, visit)] = table["participant"].map(found).astype("float64")
                variables.append(score_variable(context, outcome, visit))
    return Shared("wide", "one row per participant", table, tuple(variables))


def long(context: Context, people: SharedPeople, scores: pd.DataFrame) -> Shared:
    """One row per participant, visit and scale."""
    outcomes = {(o.measure, o.scale): key for key, o in context.outcomes.items()}
    keys = [outcomes.get(pair, "") for pair in zip(scores["measure"], scores["scale"], strict=True)]
    rows = scores.assign(participant=scores["participant"].map(people.numbers), outcome=keys)
    rows = rows[rows["outcome"] != ""]
    place = {key: i for i, key in enumerate(context.outcomes)}
    when = {key: i for i, key in enumerate(context.plan.design.visits)}
    rows = rows.assign(_outcome=rows["outcome"].map(place), _visit=rows["visit"].map(when))
    rows = rows.sort_values(["participant", "_outcome", "_visit"])
    rows = rows.assign(prorated=rows["prorated"].map({True: "yes", False: "no"}).astype("str"))
    kept = rows[["participant", "visit", "outcome", "score", "n_items", "n_missing", "prorated"]]
    table = people.table.merge(kept, on="participant", how="inner", validate="one_to_many").reset_index(drop=True)
    labels = {key: outcome.label for key, outcome in context.outcomes.items()}
    variables = (
        *people.variables,
        visit_variable(context),
        SharedVariable("outcome", "Measure and scale", "category", labels),
        SharedVariable("score", "Score; ranges and scoring rules stand with the columns of the wide data", "number"),
        SharedVariable("n_items", "Items of the scale; 0 for a stored total", "number"),
        SharedVariable("n_missing", "Items without an answer", "number"),
        SharedVariable("prorated", "Score made although items were missing", "category", {"no": "no", "yes": "yes"}),
    )
    return Shared("long", "one row per participant, visit and scale", table, variables)


def _by_column(people: SharedPeople, scores: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, float]]:
    """Scores of the participants by their new number, for each column of the wide data."""
    named = scores.assign(participant=scores["participant"].map(people.numbers))
    return {
        (str(measure), str(scale), str(visit)): dict(zip(part["participant"], part["score"], strict=True))
        for (measure, scale, visit), part in named.groupby(["measure", "scale", "visit"], sort=False)
    }
