"""Files of a figure."""

import numpy as np
import pytest
from PIL import Image

from compassion_trials.figures.parts.save import DPI, save
from compassion_trials.figures.parts.theme import arm_styles, new_figure, themed


@themed
def draw_at(figure, dpi):
    figure.dpi = dpi
    figure.canvas.draw()


@pytest.fixture
def figure():
    figure = new_figure(3.0, 2.0)
    axes = figure.add_axes((0.15, 0.2, 0.8, 0.7))
    for place, style in enumerate(arm_styles(("a", "b", "c", "d", "control"), "control").values()):
        axes.plot([0, 1, 2], [place, place + 1, place], color=style.colour, marker=style.marker)
        axes.fill_between([0, 2], place - 0.3, place + 0.3, color=style.colour, alpha=0.15)
    axes.set_xlabel("Weeks since baseline, ≥ 0")
    return figure


def test_the_png_holds_the_drawn_pixels_without_opacity(figure, tmp_path):
    _, _, png = save(figure, tmp_path / "a.figure")
    draw_at(figure, DPI)
    with Image.open(png) as picture:
        assert picture.mode == "RGB"
        assert picture.size == (3 * DPI, 2 * DPI)
        assert (np.asarray(picture) == np.asarray(figure.canvas.buffer_rgba())[:, :, :3]).all()


def test_saving_leaves_the_figure_as_it_was(figure, tmp_path):
    before = figure.dpi, tuple(figure.get_size_inches())
    save(figure, tmp_path / "figure")
    assert (figure.dpi, tuple(figure.get_size_inches())) == before
