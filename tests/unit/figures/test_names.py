"""Names on little room, and symbols of statistics in italics."""

from __future__ import annotations

import pytest

from compassion_trials.figures.parts.names import name_lines, statistic_text, widest_part
from compassion_trials.figures.parts.theme import new_figure, text_width, themed


def test_names_part_at_spaces_before_hyphens():
    whole = text_width("follow-up", 8)
    assert name_lines("6-month follow-up", whole + 1, 8) == ["6-month", "follow-up"]


def test_too_wide_words_part_at_hyphens_and_are_not_torn():
    width = widest_part("Post-treatment", 8) + 1
    assert width < text_width("Post-treatment", 8)
    assert name_lines("Post-treatment", width, 8) == ["Post-", "treatment"]


@pytest.mark.parametrize(
    ("words", "italic"),
    [("ACT (n\u00a0=\u00a012)", ["n"]), ("Sex: interaction p < .001", ["p"]), ("No n or p here", [])],
)
def test_symbols_of_statistics_are_italic(words, italic):
    @themed
    def draw():
        axes = new_figure(4, 2).add_axes((0, 0, 1, 1))
        statistic_text(axes, (0.5, 0.5), words, 8)
        return axes.texts

    drawn = draw()
    assert "".join(text.get_text() for text in drawn) == words
    assert [text.get_text() for text in drawn if text.get_fontstyle() == "italic"] == italic
    places = [text.get_position()[0] for text in drawn]
    assert places == sorted(places)


def test_text_that_ends_at_a_place_ends_there():
    @themed
    def draw():
        figure = new_figure(4, 2)
        axes = figure.add_axes((0, 0, 1, 1))
        statistic_text(axes, (0.5, 0.5), "interaction p = .04", 8, side="right")
        figure.canvas.draw()
        return [text.get_window_extent(figure.canvas.get_renderer()) for text in axes.texts]

    assert max(extent.x1 for extent in draw()) == pytest.approx(200, abs=2)
