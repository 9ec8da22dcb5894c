import pytest

from compassion_trials.figures.pictures.outcomes.forest import ForestEffect, ForestSection, forest

EFFECTS = tuple(
    ForestEffect(name, e, e - 0.4, e + 0.4, i == 0)
    for i, (name, e) in enumerate([("SCS", 0.5), ("BDI", -0.2), ("A long name " * 4, 1.4)])
)


def test_each_effect_is_drawn_and_printed():
    figure = forest(
        [ForestSection("ACT versus wait-list", EFFECTS)], "Hedges g (95% CI)", "better in wait-list", "better in ACT"
    )
    axes = figure.axes[0]
    shown = [text.get_text() for text in axes.texts]
    assert "0.50 [0.10,\u00a00.90]" in shown
    assert "\u22120.20 [\u22120.60,\u00a00.20]" in shown
    low, high = axes.get_xlim()
    assert all(low <= effect.lower and effect.upper <= high for effect in EFFECTS)
    assert low < 0 < high


def test_right_of_zero_is_the_treated_side():
    axes = forest([ForestSection("", EFFECTS)], "g", "worse", "better").axes[0]
    places = {text.get_text(): text.get_position()[0] for text in axes.texts}
    assert places["← worse"] < places["better →"]


@pytest.mark.parametrize("sections", [1, 3])
def test_no_name_covers_another(sections):
    figure = forest(
        [ForestSection(f"Comparison {i}, follow-up", EFFECTS) for i in range(sections)], "g", "worse", "better"
    )
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    extents = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    for i, one in enumerate(extents):
        for other in extents[i + 1 :]:
            assert not one.overlaps(other)
