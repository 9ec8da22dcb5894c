"""Figures of change: what is drawn, and that nobody's own values are drawn where the plan forbids it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.stage import run as effects
from compassion_trials.figures.clinical import clinical_figures
from compassion_trials.figures.lookup import Lookup
from compassion_trials.figures.responders import Bar, Block, stacked_bars
from compassion_trials.fit.stage import run as fit


def drawn(folder: Path, **parts) -> dict[str, dict]:
    """Figures of a made trial by name."""
    rules = {"dep.total": {"reliability": 0.9, "cutoff": 25}, "anx.total": {"reliability": 0.8}}
    context = made_trial.trial(folder, analysis={"change": rules}, **parts)
    for stage in (describe, fit, effects):
        stage(context)
    results = Lookup(read_table(context.results.results))
    return {fields["name"]: fields for fields in clinical_figures(context, results)}


def test_all_three_kinds(tmp_path):
    found = drawn(tmp_path)
    names = {"change", "jacobson.dep_total", "cdf_change.dep_total", "jacobson.anx_total", "cdf_change.anx_total"}
    assert set(found) == names
    points = sum(
        len(c.get_offsets()) for axes in found["jacobson.dep_total"]["figure"].axes for c in axes.collections[1:]
    )
    assert points > 20
    assert "recovered" in found["change"]["alt"]


def test_no_individual_values_where_the_plan_forbids_it(tmp_path):
    assert set(drawn(tmp_path, privacy={"individual_plots": False})) == {"change"}


def test_segments_fill_the_bar():
    figure = stacked_bars([Block("Depression", (Bar("ACT", 8, (2, 5, 1)),))], ("improved", "unchanged", "deteriorated"))
    bars = [patch for patch in figure.axes[0].patches if patch.get_height() == pytest.approx(15)]
    widths = np.array([bar.get_width() for bar in bars])
    assert widths / widths.sum() == pytest.approx(np.array([2, 5, 1]) / 8)
