"""Names on little room: lines that break at spaces, and at hyphens where a word is too wide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from compassion_trials.figures.parts.theme import INK, POINTS, printable, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_PARTED = re.compile(r"(?<=\w)- (?=\w)")
_SYMBOL = re.compile(r"(?<!\w)([np])(?=[\s\u00a0][=<>])")


def name_lines(name: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """A name in lines of a width in points; words are parted at hyphens only where one is too wide."""
    if max(text_width(word, size, bold) for word in printable(name).split(" ")) <= width:
        return wrap(name, width, size, bold=bold)
    return [_PARTED.sub("-", line) for line in wrap(_HYPHEN.sub("- ", name), width, size, bold=bold)]


def widest_part(name: str, size: float, *, bold: bool = False) -> float:
    """Width of the widest piece of a name that `name_lines` keeps whole, in points."""
    return max(text_width(word, size, bold) for word in printable(_HYPHEN.sub("- ", name)).split())


def statistic_text(
    axes: Axes,
    place: tuple[float, float],
    words: str,
    size: float,
    *,
    coords: Transform | str = "data",
    side: Literal["left", "right"] = "left",
    bold: bool = False,
    colour: str = INK,
    cover: str | None = None,
) -> None:
    """Draw a line of text of which the symbols n and p, as in ``n = 12``, are italic.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    place : (float, float)
        Left or right end, middle of the line's height.
    words : str
    size : float
        Font size in points.
    coords : Transform or str
        Coordinates of the place.
    side : {"left", "right"}
        Which end of the text stands at the place.
    bold : bool
    colour : str
    cover : str or None
        Colour behind the text, to hide lines below it.
    """
    words = printable(words)
    if cover is None and not isinstance(coords, str) and not _SYMBOL.search(words):
        _plain(axes, place, words, size, coords, side, bold, colour)
        return
    shift = -_advance(words, size, bold) if side == "right" else 0.0
    look: dict[str, Any] = {
        "fontsize": size,
        "fontweight": "bold" if bold else "normal",
        "ha": "left",
        "va": "baseline",
    }
    look |= {"xycoords": coords, "textcoords": "offset points", "annotation_clip": False}
    pieces = [piece for piece in _SYMBOL.split(words) if piece]
    ground = {"facecolor": cover, "edgecolor": "none", "pad": 1.0} if cover else None
    if len(pieces) > 1 and ground:  # one ground for all pieces, so that none covers its neighbour
        axes.annotate(words, place, xytext=(shift, -0.36 * size), color=cover, bbox=ground, **look)
        ground = None
    for piece in pieces:
        style = "italic" if piece in ("n", "p") else "normal"
        axes.annotate(piece, place, xytext=(shift, -0.36 * size), color=colour, fontstyle=style, bbox=ground, **look)
        shift += _advance(piece, size, bold)


def _plain(
    axes: Axes,
    place: tuple[float, float],
    words: str,
    size: float,
    coords: Transform,
    side: Literal["left", "right"],
    bold: bool,
    colour: str,
) -> None:
    """Text without symbols at the same place; an annotation takes longer to draw."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    lower = ScaledTranslation(0, -0.36 * size / POINTS, figure.dpi_scale_trans)
    look: dict[str, Any] = {"fontsize": size, "fontweight": "bold" if bold else "normal", "color": colour}
    axes.text(*place, words, transform=coords + lower, ha=side, va="baseline", clip_on=False, **look)


def _advance(piece: str, size: float, bold: bool) -> float:
    """Width of a piece with the spaces at its ends, which ink alone does not show."""
    return text_width(f"|{piece}|", size, bold) - text_width("||", size, bold)
