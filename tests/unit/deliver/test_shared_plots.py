"""Figures of single participants stay out of the shared zip unless the plan lets them in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit import made_trial

from compassion_trials.core.record import Record
from compassion_trials.deliver.readme import readme
from compassion_trials.deliver.shared_view import shared_view
from compassion_trials.deliver.stage import shared_data
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.stage import run as effects
from compassion_trials.figures.stage import run as draw
from compassion_trials.fit.stage import run as fit
from compassion_trials.report.stage import run as report
from compassion_trials.tables.stage import run as tabulate

SINGLE = {"spaghetti", "raincloud"}


def made(root: Path, **privacy: object):
    context = made_trial.trial(root, n=12, visits=("pre", "post"), privacy=privacy)
    context.study.plan_file.parent.mkdir(parents=True, exist_ok=True)
    context.study.plan_file.write_text("title: Made\n", encoding="utf-8")
    for stage in ("ingest", "score"):
        Record(stage, (), {}).write(context.results.record(stage))
    for stage in (describe, fit, effects, draw, tabulate, report):
        stage(context)
    return context


def figures(context) -> set[str]:
    return {path.stem for path in context.results.figures.glob("*.svg")}


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    return made(tmp_path_factory.mktemp("made"))


def test_they_are_left_out_of_what_leaves_and_stay_at_home(context):
    people, _ = shared_data(context)
    assert figures(context) >= SINGLE
    with shared_view(context, people) as view:
        assert figures(view)
        assert not figures(view) & SINGLE
        page = (view.results.report / "report.html").read_text(encoding="utf-8")
        assert "Individual Courses" not in page
    assert figures(context) >= SINGLE
    assert "left out here" in readme(context, people, [], synthetic=False)


def test_the_plan_lets_them_in(context):
    privacy = context.plan.privacy.model_copy(update={"shared_plots": "show", "small_cells": "show"})
    shown = replace(context, plan=context.plan.model_copy(update={"privacy": privacy}))
    people, _ = shared_data(shown)
    with shared_view(shown, people) as view:
        assert view is shown
    assert "privacy.shared_plots: show" in readme(shown, people, [], synthetic=False)
