"""Figures of change: what is drawn, and that nobody's own values are drawn where the plan forbids it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.results import Results
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.stage import run as effects
from compassion_trials.figures.parts.theme import WIDTH, arm_styles
from compassion_trials.figures.pictures.mechanism.mediation import Paths, draw
from compassion_trials.figures.pictures.outcomes.cdf_change import CumulativeCurve, cumulative_change
from compassion_trials.figures.pictures.outcomes.clinical import clinical_figures
from compassion_trials.figures.pictures.outcomes.jacobson import Scatter, jacobson_plot
from compassion_trials.figures.pictures.outcomes.responders import Bar, BarGroup, stacked_bars
from compassion_trials.fit.stage import run as fit


def drawn(folder: Path, **parts) -> dict[str, dict]:
    """Figures of a made trial by name."""
    rules = {"dep.total": {"reliability": 0.9, "cutoff": 25}, "anx.total": {"reliability": 0.8}}
    context = made_trial.trial(folder, analysis={"change": rules}, **parts)
    for stage in (describe, fit, effects):
        stage(context)
    results = Results(read_table(context.results.results))
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
    figure = stacked_bars(
        [BarGroup("Depression", (Bar("ACT", 8, (2, 5, 1)),))], ("improved", "unchanged", "deteriorated")
    )
    bars = [patch for patch in figure.axes[0].patches if patch.get_height() == pytest.approx(15)]
    widths = np.array([bar.get_width() for bar in bars])
    assert widths / widths.sum() == pytest.approx(np.array([2, 5, 1]) / 8)


@pytest.mark.parametrize(("count", "columns", "narrow"), [(1, 1, True), (2, 2, False), (3, 3, False), (4, 2, True)])
def test_panels_of_single_participants_fill_their_figure(count, columns, narrow):
    arm = Scatter("ACT", np.array([1.0, 2.0]), np.array([2.0, 3.0]), ("improved", "unchanged"))
    figure = jacobson_plot([arm] * count, "SCS", ("Before", "After"), 0.5, None, "higher")
    assert len({round(axes.get_position().x0, 3) for axes in figure.axes}) == columns
    assert (figure.get_figwidth() < WIDTH - 0.1) == narrow
    assert max(axes.get_position().x1 for axes in figure.axes) <= 1


def test_names_of_thresholds_do_not_cover_each_other():
    curve = CumulativeCurve("ACT", arm_styles(("act",), None)["act"], np.linspace(-3, 6, 20))
    figure = cumulative_change(
        [curve], "Improvement", [(3.0, "important"), (3.1, "reliable"), (-3.1, "reliably worse")]
    )
    figure.canvas.draw()
    names = [text for text in figure.axes[0].texts if text.get_text() in ("important", "reliable")]
    first, second = (text.get_window_extent(figure.canvas.get_renderer()) for text in names)
    assert len(names) == 2
    assert not first.overlaps(second)


def test_mediation_models_stand_below_each_other():
    one = Paths("ACT", "SCS", ("AAQ-II",), (("1.00", True),), (("0.50", False),), ("0.20", False), ("Total effect 1",))
    single, both = draw([one]), draw([one, one])
    assert len(both.axes) == 2
    assert both.get_figheight() == pytest.approx(2 * single.get_figheight())
    upper, lower = (axes.get_position() for axes in both.axes)
    assert upper.y0 >= lower.y1 - 1e-9
