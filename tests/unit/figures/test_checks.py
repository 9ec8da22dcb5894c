from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from compassion_trials.figures.parts.theme import POINTS, WIDTH, arm_styles
from compassion_trials.figures.pictures.outcomes.checks import count_patterns
from compassion_trials.figures.pictures.outcomes.correlation import correlation_matrix
from compassion_trials.figures.pictures.outcomes.residuals import Quantiles, VisitPair, residual_checks
from compassion_trials.figures.pictures.people import individuals
from compassion_trials.figures.pictures.people.love import Difference, love_plot
from compassion_trials.figures.pictures.people.patterns import Pattern, missing_patterns
from compassion_trials.figures.pictures.people.people import ArmPeople, PeopleScores
from compassion_trials.figures.pictures.people.raincloud import density, raincloud
from compassion_trials.figures.pictures.people.spaghetti import spaghetti

NAMES = ("Mindfulness-based cognitive therapy in groups of twelve", "Wait-list")


def people(n: int = 12, visits: int = 3) -> PeopleScores:
    rng = np.random.default_rng(1)
    styles = arm_styles(("a", "b"), "b")
    arms = []
    for key, label in zip("ab", NAMES, strict=True):
        scores = rng.normal(3, 0.5, (n, visits)).clip(1, 5)
        scores[-2:, 1:] = np.nan
        arms.append(ArmPeople(label, styles[key], scores))
    weeks = tuple(float(8 * i) for i in range(visits))
    return PeopleScores(
        "Scale", "points", (1, 5), "higher", weeks, ("Baseline", "Post-treatment", "Follow-up")[:visits], tuple(arms)
    )


def texts(figure) -> list[str]:
    axes_texts = [t.get_text() for axes in figure.axes for t in axes.texts]
    return [*axes_texts, *[t.get_text() for t in figure.texts], *[axes.get_title(loc="left") for axes in figure.axes]]


def test_spaghetti_draws_every_participant_and_the_mean():
    figure = spaghetti(people())
    for axes in figure.axes:
        assert len(axes.lines) == 12 + 2
    assert any("12" in text for text in texts(figure))


def test_raincloud_survives_constant_and_lonely_scores():
    found = people(n=3, visits=2)
    found.arms[0].scores[:] = 2.0
    found.arms[1].scores[1:, 0] = np.nan
    assert raincloud(found).axes


def test_density_stays_within_the_scores():
    values = np.array([1.0, 1.5, 2.0, 2.0, 3.5])
    grid, height = density(values)
    assert grid[0] == 1.0
    assert grid[-1] == 3.5
    assert height.max() == 1.0
    assert abs(grid[height.argmax()] - 2.0) < 0.5


def test_single_participants_are_not_drawn_when_the_plan_forbids():
    context = SimpleNamespace(shows_people=False, primary="x.total")
    assert list(individuals.drawn(context, None)) == []  # type: ignore[arg-type]


def test_patterns_are_counted_by_arm_complete_first():
    yes, no = True, False
    found = count_patterns([[(yes, no, no), (yes, yes, yes), (yes, no, no)], [(yes, no, yes), (yes, no, no)]])
    assert [(p.seen, p.counts, p.kind) for p in found] == [
        ((yes, yes, yes), (1, 0), "Complete"),
        ((yes, no, no), (2, 1), "Monotone"),
        ((yes, no, yes), (0, 1), "Intermittent"),
    ]
    assert Pattern((no, no), (1,)).kind == "No score"


@pytest.mark.parametrize("visits", [["Baseline", "Post-treatment"], ["A very long name of a visit"] * 7])
def test_patterns_fit_on_the_page(visits):
    shown = [Pattern(tuple(i <= j for i in range(len(visits))), (3, 40)) for j in range(2)]
    figure = missing_patterns(shown, visits, NAMES)
    assert figure.get_figwidth() == pytest.approx(WIDTH)
    assert "40" in texts(figure)
    figure.canvas.draw()
    for text in figure.axes[0].texts:
        assert text.get_window_extent().x1 <= figure.bbox.x1 + 1, text.get_text()


def test_love_plot_marks_every_pair():
    figure = love_plot(
        [Difference("Age", (0.2, -0.3)), Difference("Gender", (float("nan"), 0.1))], ["a minus b", "c minus b"]
    )
    marks = [line for line in figure.axes[0].lines if line.get_marker() in "os" and len(line.get_xdata()) == 1]
    assert sorted(float(line.get_xdata()[0]) for line in marks) == [-0.3, 0.1, 0.2]


def test_residuals_outside_their_envelope_are_counted():
    quantiles = Quantiles((-1.0, 0.0, 1.0), (-3.0, 0.1, 1.0), (-1.5, -0.5, 0.5), (-0.5, 0.5, 1.5))
    assert quantiles.outside == 1
    pairs = [VisitPair("Baseline", 0.5, 0.6, True), VisitPair("Baseline, Post", 0.4, 0.5, False)]
    assert len(residual_checks(quantiles, pairs).axes) == 3
    assert len(residual_checks(None, pairs).axes) == 2


def test_correlations_are_written_without_leading_zero():
    figure = correlation_matrix(["SCS", "GHQ", "AAQ"], {(1, 0): -0.24, (2, 0): 0.5, (2, 1): float("nan")})
    shown = texts(figure)
    assert "−.24" in shown
    assert ".50" in shown
    assert "—" in shown
    assert figure.get_figheight() * POINTS < 200
