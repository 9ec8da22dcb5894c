"""The real trials beside the project, analysed from their raw files in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from compassion_trials.core.files import read_table
from compassion_trials.study.context import Context, open_study

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("ingest", "scoring", "describe", "fit", "effects")


class Analysed:
    """A trial after its stages: tables by name, one number by its keys."""

    def __init__(self, context: Context):
        self.context = context
        self.results = read_table(context.results.results)
        self.participants = read_table(context.results.participants)
        self.responses = read_table(context.results.responses)
        self.stored = read_table(context.results.stored)
        self.flow = read_table(context.results.flow)
        self.scores = read_table(context.results.scores)

    def rows(self, **keys: str) -> pd.DataFrame:
        """Result rows with these keys."""
        table = self.results
        for name, word in keys.items():
            table = table[table[name] == word]
        return table

    def number(self, **keys: str) -> float:
        """The one number with these keys."""
        found = self.rows(**keys)
        assert len(found) == 1, f"{len(found)} rows for {keys}"
        return float(found["value"].iloc[0])

    def findings(self, stage: str) -> pd.DataFrame:
        """Issues table of a stage."""
        return pd.read_csv(self.context.results.findings(stage), keep_default_na=False)


@pytest.fixture(scope="session")
def analysed(shared: Path, tmp_path_factory) -> Callable[[str], Analysed]:
    """Analyse a trial once per session: its plan is copied with the data folder as an absolute path."""
    done: dict[str, Analysed] = {}

    def run(name: str) -> Analysed:
        if name not in done:
            text = (ROOT / "config" / "studies" / name / "study.yaml").read_text(encoding="utf-8")
            beside = f"data_root: ../shared/data/{name}"
            assert beside in text
            plan = tmp_path_factory.mktemp(name) / "config" / "studies" / name / "study.yaml"
            plan.parent.mkdir(parents=True)
            moved = f"data_root: {(shared / 'data' / name).as_posix()}"
            plan.write_text(text.replace(beside, moved), encoding="utf-8")
            context = open_study(plan)
            for stage in STAGES:
                import_module(f"compassion_trials.{stage}.stage").run(context)
            done[name] = Analysed(context)
        return done[name]

    return run
