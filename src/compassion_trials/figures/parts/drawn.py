"""What every drawing function gives: a figure and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure and its words.

    Attributes
    ----------
    name : str
        File stem and anchor, such as ``trajectory.scs_total``.
    title : str
        Title in title case, without number.
    note : str
        What is drawn, below the figure.
    alt : str
        The figure in words and numbers, for those who cannot see it.
    category : str
        Part of the report: ``flow``, ``trajectory``, ``effects``, ``missing``.
    analyses : tuple of str
        Values of the column ``analysis`` from which its numbers come.
    figure : matplotlib.figure.Figure
    """

    name: str
    title: str
    note: str
    alt: str
    category: str
    analyses: tuple[str, ...]
    figure: Figure
