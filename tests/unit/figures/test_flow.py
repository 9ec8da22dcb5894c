import pytest
from matplotlib.patches import Rectangle

from compassion_trials.figures.pictures.people.flow import Flow, FlowArm, VisitCount, flow_diagram

LONG = (("illness, moved away or otherwise prevented from coming", 3), ("unknown", 2))


def diagram(arms: int, visits: int, screened: int | None = None) -> Flow:
    counts = tuple(VisitCount(f"{i + 1}-month follow-up", 40 - i, i, LONG if i else ()) for i in range(visits))
    columns = tuple(FlowArm(f"Mindfulness-based programme {i}", 40, counts, 38) for i in range(arms))
    excluded = None if screened is None else screened - 40 * arms
    return Flow(
        "Randomized", screened, excluded, (("declined", 12), ("did not meet the criteria of the study", 8)), columns
    )


@pytest.mark.parametrize("screened", [None, 500])
@pytest.mark.parametrize("visits", [1, 3, 6])
@pytest.mark.parametrize("arms", [1, 2, 3, 4])
def test_every_text_lies_inside_its_box_and_no_boxes_overlap(arms, visits, screened):
    figure = flow_diagram(diagram(arms, visits, screened))
    axes = figure.axes[0]
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = [patch.get_window_extent(renderer) for patch in axes.patches if isinstance(patch, Rectangle)]
    page = figure.bbox
    for text in axes.texts:
        if not text.get_text():
            continue  # arrows are annotations without words
        extent = text.get_window_extent(renderer)
        assert any(
            box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 - 1 <= extent.y0 and extent.y1 <= box.y1 + 1
            for box in boxes
        ), text.get_text()
    for i, one in enumerate(boxes):
        assert page.x0 <= one.x0
        assert one.x1 <= page.x1
        assert page.y0 <= one.y0
        assert one.y1 <= page.y1
        for other in boxes[i + 1 :]:
            assert not one.overlaps(other)


def words(figure) -> str:
    said = " ".join(text.get_text().replace("\u00a0", " ") for text in figure.axes[0].texts)
    return said.replace("( n  = ", "(n = ")  # the italic n is a text of its own


def test_counts_and_reasons_are_printed():
    said = words(flow_diagram(diagram(2, 2, 500)))
    for part in (
        "Assessed for eligibility (n = 500)",
        "Excluded (n = 420)",
        "declined (n = 12)",
        "Randomized (n = 80)",
        "assessed (n = 39)",
        "Not assessed (n = 1)",
        "(n = 38)",
        "Not analysed (n = 2)",
    ):
        assert part in said


def test_a_visit_that_was_not_planned_is_no_loss():
    flow = Flow("Randomized", None, None, (), (FlowArm("Wait-list", 20, (VisitCount("Follow-up", None, 0),), 20),))
    said = words(flow_diagram(flow))
    assert "Follow-up: not planned" in said
    assert "Not assessed" not in said


def test_a_single_arm_is_enrolled_once():
    flow = Flow("Enrolled", 30, 8, (), (FlowArm("MBSR", 22, (VisitCount("Before", 22, 0),), 22),))
    assert words(flow_diagram(flow)).count("Enrolled") == 1
