"""Figures to files: SVG, PDF and 300 dpi PNG, the same bytes on every run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from compassion_trials.figures.theme import themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI: Final = 300
"""Resolution of the PNG, what most journals ask for."""


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
    stem.parent.mkdir(parents=True, exist_ok=True)
    svg, pdf, png = (stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "pdf", "png"))
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    figure.savefig(
        pdf, format="pdf", metadata={"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None}
    )
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 6})
    return svg, pdf, png
