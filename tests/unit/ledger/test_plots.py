"""Forest and funnel plots of evidence across trials."""

from __future__ import annotations

import pytest

from compassion_trials.figures.parts.theme import POINTS
from compassion_trials.ledger.page.plots import EvidenceRow, PooledRow, evidence_forest, funnel


def texts(figure) -> list[str]:
    return [t.get_text() for axes in figure.axes for t in axes.texts if t.get_text()]


@pytest.mark.parametrize("n", [1, 3, 40])
def test_every_trial_has_its_row_and_stays_inside(n):
    rows = [EvidenceRow(f"Trial {i}", "BDI-II", 0.1 * i, 0.1 * i - 0.3, 0.1 * i + 0.3, 100 / n) for i in range(n)]
    rows.append(EvidenceRow("Mine", "SCS", 0.5, 0.1, 0.9, 4.0, own=True))
    figure = evidence_forest(
        rows,
        PooledRow("Pooled effect", 0.4, 0.2, 0.6, (-0.5, 1.3)),
        {"Wilson": 0.4, "Ferrari": 0.7},
        "g",
        "left",
        "right",
    )
    shown = texts(figure)
    assert sum(t.startswith("Trial ") for t in shown) == n
    assert "Our trials (not pooled)" in shown
    assert "Wilson: 0.40" in shown
    renderer = figure.canvas.get_renderer()
    width, height = (float(x) * POINTS for x in figure.get_size_inches())
    scale = figure.dpi / POINTS
    for axes in figure.axes:
        for t in axes.texts:
            box = t.get_window_extent(renderer)
            assert box.x0 >= -1
            assert box.x1 <= width * scale + 1
            assert box.y1 <= height * scale + 1


def test_without_a_pooled_effect():
    figure = evidence_forest([EvidenceRow("Trial", "", 0.2, -5.0, 9.0, 4.0)], None, {}, "g", "left", "right")
    low, high = figure.axes[0].get_xlim()
    assert high - low < 4  # a very long interval is cut


@pytest.mark.parametrize("values", [(0.51, 0.56), (0.1, 0.12, 0.14), (0.3, 0.5, 0.52, 0.9)])
def test_no_line_of_reference_crosses_a_name(values):
    references = {f"Somebody et al. ({2000 + i})": value for i, value in enumerate(values)}
    figure = evidence_forest([EvidenceRow("Trial", "", 0.2, -0.2, 0.6, 4.0)], None, references, "g", "left", "right")
    renderer = figure.canvas.get_renderer()
    (axes,) = figure.axes
    names = [t for t in axes.texts if t.get_text().startswith("Somebody")]
    boxes = [t.get_window_extent(renderer) for t in names]
    leaders = [line for line in axes.lines if line.get_lw() == 0.5]
    assert len(boxes) == len(leaders) == len(values)
    for line in leaders:
        (x, low), (_, high) = axes.transData.transform(line.get_xydata())
        assert not [b for b in boxes if b.x0 < x < b.x1 and b.y0 < high and b.y1 > low]
    assert not [1 for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]


def test_funnel_marks_what_was_filled_in():
    figure = funnel([0.2, 0.5, 0.9], [0.1, 0.2, 0.3], 0.4, [(-0.1, 0.3)], "g")
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top == 0  # small errors stand on top
    assert len(figure.axes[0].collections) == 2
