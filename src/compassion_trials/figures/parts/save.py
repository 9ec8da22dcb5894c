"""Figures to files: SVG, PDF and 300 dpi PNG, the same bytes on every run."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from compassion_trials.core.files import replacing
from compassion_trials.figures.parts.fonts import subset_once
from compassion_trials.figures.parts.theme import themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI: Final = 300
"""Resolution of the PNG, what most journals ask for."""

PACKED: Final = 3
"""How hard to pack a PNG: harder takes twice the time for a tenth of the size."""

FEW: Final = 4
"""Figures below which a second process costs more than it saves."""


@themed
def save(figure: Figure, stem: Path) -> tuple[Path, Path, Path]:
    """Write ``<stem>.svg``, ``<stem>.pdf`` and ``<stem>.png``.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    stem : Path
        Path without ending; may hold dots. The folder is made when missing.

    Returns
    -------
    tuple of Path
        SVG, PDF, PNG.
    """
    svg, pdf, png = (stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "pdf", "png"))
    with replacing(svg) as part:
        figure.savefig(part, format="svg", metadata={"Date": None, "Creator": None})
    undated = {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None}
    with replacing(pdf) as part:
        figure.savefig(part, format="pdf", metadata=undated)
    with replacing(png) as part:
        _save_png(figure, part)
    return svg, pdf, png


def _save_png(figure: Figure, path: Path) -> None:
    """A PNG without the channel of opacity: a figure has none, and a quarter less is to be packed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    dpi, figure.dpi = figure.dpi, DPI
    try:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    finally:
        figure.dpi = dpi
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    picture.save(path, format="PNG", dpi=(DPI, DPI), compress_level=PACKED)


def save_all(figures: Sequence[tuple[Figure, Path]]) -> None:
    """Save many figures, half of them in a second process on Linux, where forking is safe.

    Parameters
    ----------
    figures : sequence of (Figure, Path)
        Figures and their stems.

    Raises
    ------
    RuntimeError
        The second process failed; what went wrong stands on the error output.
    """
    with subset_once():
        if len(figures) < FEW or not sys.platform.startswith("linux"):
            _save_each(figures)
            return
        _save_each(figures[:1])  # fonts are cut down and backends loaded before the process forks
        gc.freeze()  # what is drawn stays: neither process looks through it again
        other = multiprocessing.get_context("fork").Process(target=_save_each, args=(figures[1::2],))
        other.start()
        _save_each(figures[2::2])
        other.join()
    if other.exitcode:
        raise RuntimeError("drawing figures failed in the second process")


def _save_each(figures: Sequence[tuple[Figure, Path]]) -> None:
    """Save one after the other."""
    for figure, stem in figures:
        save(figure, stem)
