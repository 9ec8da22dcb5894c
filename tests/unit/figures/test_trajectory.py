from itertools import combinations
from math import nan

import pytest

from compassion_trials.figures.parts.panel import ArmLine, Panel
from compassion_trials.figures.parts.theme import arm_styles
from compassion_trials.figures.parts.timeaxis import spread, visit_names
from compassion_trials.figures.pictures.outcomes.trajectory import trajectories, trajectory

WEEKS = {2: (0, 8), 3: (0, 1, 9), 6: (0, 1, 1.5, 5, 14, 26)}
NAMES = ("Pretest", "Posttest", "1-week follow-up", "1-month follow-up", "3-month follow-up", "6-month follow-up")


def panel(arms: int = 3, visits: int = 3, scale=(1.0, 5.0), mean: float = 2.6) -> Panel:
    styles = arm_styles(tuple("abcd"[:arms]), "a")
    lines = tuple(
        ArmLine(
            f"Arm {key}",
            styles[key],
            tuple(mean + 0.1 * i for i in range(visits)),
            tuple(mean - 0.2 for _ in range(visits)),
            tuple(mean + 0.8 for _ in range(visits)),
            tuple(100.0 - i for i in range(visits)),
        )
        for key in "abcd"[:arms]
    )
    weeks = tuple(float(week) for week in WEEKS[visits])
    return Panel("Self-Compassion Scale, total score", "points", scale, "higher", weeks, NAMES[:visits], lines)


def texts_below(axes, renderer):
    """Texts below the axis that show something."""
    floor = axes.get_window_extent(renderer).y0
    found = [(text.get_text(), text.get_window_extent(renderer)) for text in axes.texts if text.get_text()]
    return [(shown, extent) for shown, extent in found if extent.y1 < floor]


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("visits", [2, 3, 6])
@pytest.mark.parametrize("arms", [1, 2, 4])
def test_no_text_covers_another_or_leaves_the_page(arms, visits, alone):
    figure = trajectory(panel(arms, visits)) if alone else trajectories([panel(arms, visits)] * 4)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    everything = [extent for axes in figure.axes for _, extent in texts_below(axes, renderer)]
    titles = [axes._left_title.get_window_extent(renderer) for axes in figure.axes]
    labels = [axes.yaxis.label.get_window_extent(renderer) for axes in figure.axes]
    legend = [text.get_window_extent(renderer) for text in figure.texts]
    for one, other in combinations([*everything, *titles, *labels, *legend], 2):
        assert not one.overlaps(other)
    for extent in [*everything, *titles, *labels, *legend]:
        assert extent.x0 >= -1
        assert extent.x1 <= figure.bbox.x1 + 1
        assert extent.y0 >= -1
        assert extent.y1 <= figure.bbox.y1 + 1


def test_n_of_every_arm_and_visit_stands_below_the_axis():
    figure = trajectory(panel(2, 3))
    figure.canvas.draw()
    shown = [text for text, _ in texts_below(figure.axes[0], figure.canvas.get_renderer())]
    assert [text for text in shown if text in {"100", "99", "98"}] == ["100", "99", "98"] * 2


def test_visits_stand_at_their_real_time():
    axes = trajectory(panel(2, 3)).axes[0]
    assert list(axes.get_xticks()) == [0, 1, 9]


def test_axis_states_the_range_and_the_direction():
    label = trajectory(panel()).axes[0].get_ylabel()
    assert "range 1 to 5" in label
    assert "higher = better" in label


def test_whole_scale_is_shown_when_the_data_fill_it_else_a_strip_says_what_part():
    whole = trajectory(panel(scale=(2.0, 4.0))).axes[0]
    assert whole.get_ylim()[0] <= 2
    assert whole.get_ylim()[1] >= 4
    part = trajectory(panel(scale=(0.0, 60.0))).axes[0]
    assert part.get_ylim()[1] < 60
    assert len(part.patches) == 2
    assert not whole.patches


def test_missing_means_leave_a_gap_not_an_error():
    lines = panel(1, 3).arms[0]
    gap = ArmLine(lines.label, lines.style, (2.0, nan, 3.0), (1.5, nan, 2.5), (2.5, nan, 3.5), (10.0, nan, 9.0))
    base = panel(1, 3)
    figure = trajectory(Panel(base.title, base.unit, base.scale, "lower", base.weeks, base.visits, (gap,)))
    assert len(figure.axes[0].lines[0].get_xdata()) == 2


@pytest.mark.parametrize(
    ("places", "widths"),
    [([0, 1, 2, 100], [20, 20, 20, 20]), ([50, 50.5], [30, 60]), ([5], [40]), ([0, 40, 80], [10, 10, 10])],
)
def test_spread_leaves_room_keeps_order_and_edges(places, widths):
    found = spread(places, widths, 0, 130)
    for i in range(len(found) - 1):
        assert found[i + 1] - found[i] >= (widths[i] + widths[i + 1]) / 2 - 1e-9
    assert found[0] - widths[0] / 2 >= -1e-9
    assert found[-1] + widths[-1] / 2 <= 130 + 1e-9


def test_spread_does_not_move_what_has_room():
    assert spread([20, 60, 100], [10, 10, 10], 0, 120) == [20, 60, 100]


def test_visit_names_are_left_out_rather_than_cut():
    assert visit_names(["Pre", "1-month follow-up"], 60)[1] == ["1-month", "follow-up"]
    assert visit_names(["Pre", "1-month follow-up"], 20) == [[], []]
