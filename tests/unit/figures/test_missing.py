from math import nan

import pytest

from compassion_trials.figures.pictures.people.missing import MissingRow, missing_map


@pytest.mark.parametrize(("arms", "visits"), [(1, 2), (3, 3), (4, 6)])
def test_cells_hold_their_numbers_and_stay_on_the_page(arms, visits):
    row = MissingRow(
        "Depression Anxiety Stress Scales and two more scales",
        tuple(tuple(10.0 * v for v in range(visits)) for _ in range(arms)),
    )
    names = [f"{i}-month follow-up" for i in range(visits)]
    figure = missing_map([row, row], [f"Mindfulness-based programme {i}" for i in range(arms)], names)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    axes = figure.axes[0]
    assert len(axes.patches) == 2 * arms * visits
    extents = [text.get_window_extent(renderer) for text in axes.texts]
    for i, one in enumerate(extents):
        assert one.x0 >= 0
        assert one.x1 <= figure.bbox.x1
        assert one.y0 >= 0
        assert one.y1 <= figure.bbox.y1
        for other in extents[i + 1 :]:
            assert not one.overlaps(other)


def test_what_was_not_planned_is_a_dash():
    figure = missing_map([MissingRow("SCS", ((0.0, nan), (50.0, 100.0)))], ["A", "B"], ["pre", "post"])
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown.count("–") == 1
    assert {"0.0", "50.0", "100.0"} <= set(shown)


def test_no_visit_name_is_torn():
    rows = [MissingRow("SCS", ((0.0, 1.0, 2.0), (0.0, 1.0, 2.0)))]
    figure = missing_map(rows, ["Course", "Wait-list"], ["Baseline", "Post-treatment", "6-month follow-up"])
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert {"Post-", "treatment", "6-month", "follow-up"} <= set(shown)
