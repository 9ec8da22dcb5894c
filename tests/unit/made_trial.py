"""Small scored trials made on the spot, for the stages that describe and analyse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from compassion_trials.core.columns import RESPONSES
from compassion_trials.core.files import write_table
from compassion_trials.instruments.library import load_instruments
from compassion_trials.study.completion import complete
from compassion_trials.study.context import Context
from compassion_trials.study.layout import Study
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.plan.study_plan import StudyPlan

TOTAL = {"total": "x_{visit}", "range": [0, 100], "better": "lower"}


def plan(kind: str = "randomized", arms=("act", "waitlist"), visits=("pre", "post", "fu"), **parts) -> StudyPlan:
    """A plan with two stored totals; the last arm is the control."""
    design = {"type": kind, "arms": {a: a.upper() for a in arms}, "visits": {v: 8 * i for i, v in enumerate(visits)}}
    if kind != "single_arm":
        design["control"] = arms[-1]
    design |= parts.pop("design", {})
    raw = {"file": "x.csv", "id": "id", "baseline": {"age": "age", "sex": "sex"}}
    raw |= parts.pop("data", {}) | ({"arm": "arm"} if len(arms) > 1 else {})
    measures = parts.pop("measures", None) or {
        "dep": TOTAL | {"name": "Depression", "role": "primary"},
        "anx": TOTAL | {"name": "Anxiety"},
    }
    content = {"title": "Made", "design": design, "data": [raw], "measures": measures, **parts}
    return StudyPlan.model_validate(content)


def people(arms, n: int, seed: int = 1) -> pd.DataFrame:
    """Participants, n per arm, with age and sex."""
    rng = np.random.default_rng(seed)
    size = n * len(arms)
    return pd.DataFrame(
        {
            "participant": [f"p{i:03d}" for i in range(size)],
            "arm": np.repeat(list(arms), n),
            "age": rng.normal(45, 10, size).round(),
            "sex": rng.choice(["female", "male"], size),
        }
    ).astype({"arm": "str"})


def scored(
    participants: pd.DataFrame, visits, measures=("dep", "anx"), seed: int = 2, gone: float = 0.15
) -> pd.DataFrame:
    """Scores with a person effect, an effect of every arm but the last at later visits, and monotone drop-out."""
    rng = np.random.default_rng(seed)
    n = len(participants)
    control = participants["arm"].iloc[-1]
    rows = []
    last = np.where(rng.random(n) < gone, rng.integers(1, max(2, len(visits)), n), len(visits))
    for measure in measures:
        person = rng.normal(30, 6, n)
        for t, visit in enumerate(visits):
            y = person - 4 * (t > 0) * (participants["arm"] != control) + rng.normal(0, 3, n)
            rows.append(participants[["participant", "arm"]].assign(visit=visit, measure=measure, score=y)[last > t])
    table = pd.concat(rows, ignore_index=True)
    return table.assign(scale="total", n_items=0, n_missing=0, prorated=False, band="", flag="")


def write(root: Path, made: StudyPlan, participants: pd.DataFrame, scores: pd.DataFrame, responses=None) -> Context:
    """A context whose ingest and scoring results are these tables."""
    instruments = load_instruments(None)
    folder = root / "config" / "studies" / "made"
    known = outcomes(made, instruments)
    context = Context(Study("made", root, folder / "study.yaml"), complete(made, known), instruments, known)
    seen = scores.loc[scores["score"].notna(), ["participant", "visit"]].drop_duplicates().assign(assessed=True)
    grid = participants[["participant", "arm"]].merge(pd.DataFrame({"visit": list(made.design.visits)}), how="cross")
    flow = grid.merge(seen, how="left").assign(n_answered=0, n_expected=0, reason="", week=np.nan)
    flow["assessed"] = flow["assessed"].eq(True)
    write_table(participants, context.results.participants)
    write_table(scores, context.results.scores)
    write_table(flow, context.results.flow)
    write_table(pd.DataFrame(columns=list(RESPONSES)) if responses is None else responses, context.results.responses)
    return context


def trial(
    root: Path, kind: str = "randomized", arms=("act", "waitlist"), visits=("pre", "post", "fu"), n: int = 20, **parts
) -> Context:
    """A whole made trial."""
    made = plan(kind, arms, visits, **parts)
    participants = people(arms, n)
    return write(root, made, participants, scored(participants, visits, tuple(made.measures)))
