"""One look for all figures: colours, markers, line styles, fonts, and text that fits."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.typing import RcKeyType

P = ParamSpec("P")
T = TypeVar("T")

POINTS: Final = 72.0
"""Points per inch."""

WIDTH: Final = 6.5
"""Width of a full-page figure in inches (the text width of a Letter or A4 page)."""

FAMILY: Final = "Compassion Trials Sans"
"""Name under which the DejaVu Sans that matplotlib ships is registered, so that a system's own copy is never taken."""

INK, FAINT, RULE, PAPER = "#1a1a1a", "#5f5f5f", "#b5b5b5", "#ffffff"


@dataclass(frozen=True, slots=True)
class ArmStyle:
    """How one arm is drawn; differs in colour, marker and line, so that no reader depends on colour.

    Attributes
    ----------
    colour : str
        From the Okabe-Ito palette (Okabe & Ito 2008, Color Universal Design), contrast with white at least 3:1.
    marker : str
    line : str
        matplotlib line style.
    """

    colour: str
    marker: str
    line: str | tuple[int, tuple[float, ...]]


_STYLES: Final = (
    ArmStyle("#0072B2", "o", "-"),
    ArmStyle("#D55E00", "s", (0, (5, 2))),
    ArmStyle("#007A5E", "^", (0, (1.2, 1.6))),
    ArmStyle("#9A4C7F", "D", (0, (6, 2, 1.2, 2))),
)
_CONTROL: Final = ArmStyle("#4d4d4d", "X", (0, (3, 2)))


def arm_styles(arms: tuple[str, ...], control: str | None) -> dict[str, ArmStyle]:
    """Style of each arm: the control is always the same dark grey, treated arms take colours in order.

    Parameters
    ----------
    arms : tuple of str
        Arm keys in the order of the plan.
    control : str or None
        Key of the control arm.
    """
    treated = [arm for arm in arms if arm != control]
    styles = {arm: _STYLES[i % len(_STYLES)] for i, arm in enumerate(treated)}
    return {arm: _CONTROL if arm == control else styles[arm] for arm in arms}


@cache
def settings() -> dict[RcKeyType, Any]:
    """Matplotlib settings of every figure."""
    _register_font()
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    return {
        "font.family": FAMILY,
        "font.size": 8.5,
        "text.hinting": "none",  # at 300 dpi letters stand where the SVG and PDF put them
        "text.parse_math": False,  # a $ in an arm's name is a dollar sign
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.labelsize": 8.5,
        "axes.titlesize": 9.0,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": 8.0,
        "ytick.labelsize": 8.0,
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "lines.markersize": 5.5,
        "figure.dpi": 100.0,
        "svg.fonttype": "path",
        "svg.hashsalt": "compassion-trials",
        "pdf.fonttype": 42,
        "path.simplify": True,
    }


def themed(draw: Callable[P, T]) -> Callable[P, T]:
    """Draw under the theme's settings, whatever the caller's matplotlib is set to."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        import matplotlib

        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(settings())
            return draw(*args, **kwargs)

    return inside


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure, sizes in inches, without pyplot's global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def frame_size(axes: Axes) -> tuple[float, float]:
    """Width and height of the frame of axes in points."""
    position, figure = axes.get_position(), axes.get_figure(root=True)
    assert figure is not None
    return position.width * figure.get_figwidth() * POINTS, position.height * figure.get_figheight() * POINTS


def mark_synthetic(figure: Figure) -> None:
    """Write SYNTHETIC into the upper right corner."""
    figure.text(
        1 - 4 / (figure.get_figwidth() * POINTS),
        1 - 4 / (figure.get_figheight() * POINTS),
        "SYNTHETIC DATA",
        ha="right",
        va="top",
        fontsize=8,
        fontweight="bold",
        color="#B00020",
    )


def printable(text: str) -> str:
    """Text without characters the font cannot draw (emoji, control characters); line breaks become spaces."""
    known = _characters()
    kept = "".join(c for c in text if ord(c) in known or (c.isspace() and c not in "\x1c\x1d\x1e\x1f\x85"))
    return " ".join(word for word in re.split(r"[ \t\r\n\f\v\u2028\u2029]+", kept) if word)  # no-break spaces stay


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in points."""
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, _font(size, bold), ismath=False)
    return float(width)


def italic_n(
    axes: Axes, x: float, y: float, line: str, size: float, *, bold: bool = False, centre: bool = False
) -> None:
    """Draw a line of text in data coordinates that are points; the n of ``(n = 12)`` is italic.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    x, y : float
        Left end, or middle when ``centre``; height of the middle of the line.
    line : str
    size : float
        Font size in points.
    bold, centre : bool
    """
    x -= text_width(line, size, bold) / 2 if centre else 0.0
    for piece in re.split(r"(?<=\()(n)(?=\u00a0=)", line):
        if piece:
            style = "italic" if piece == "n" else "normal"
            weight = "bold" if bold else "normal"
            axes.text(x, y, piece, fontsize=size, fontweight=weight, fontstyle=style, va="baseline", ha="left")
            x += text_width(piece, size, bold)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Break text into lines no wider than ``width`` points; a longer word is cut.

    Parameters
    ----------
    text : str
    width : float
        Points.
    size : float
        Font size in points.

    Returns
    -------
    list of str
        At least one line.
    """
    lines: list[str] = []
    line = ""
    for word in printable(text).split(" "):
        for piece in _pieces(word, width, size, bold):
            longer = f"{line} {piece}" if line else piece
            if line and text_width(longer, size, bold) > width:
                lines.append(line)
                line = piece
            else:
                line = longer
    return [*lines, line] if line or not lines else lines


def shorten(text: str, width: float, size: float) -> str:
    """Text cut to ``width`` points, with an ellipsis when cut."""
    text = printable(text)
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    """A word cut into pieces that fit."""
    pieces: list[str] = []
    while text_width(word, size, bold) > width and len(word) > 1:
        cut = len(word) - 1
        while cut > 1 and text_width(word[:cut], size, bold) > width:
            cut -= 1
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]


@cache
def font_folder() -> Path:
    """Folder of the fonts that matplotlib ships; found without importing it."""
    from importlib.util import find_spec

    found = find_spec("matplotlib")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def _register_font() -> None:
    """Register a light copy of the shipped DejaVu Sans, upright and oblique, regular and bold, under our own name."""
    from matplotlib.font_manager import FontEntry, fontManager

    for name, weight, style in (
        ("DejaVuSans.ttf", 400, "normal"),
        ("DejaVuSans-Bold.ttf", 700, "normal"),
        ("DejaVuSans-Oblique.ttf", 400, "italic"),
        ("DejaVuSans-BoldOblique.ttf", 700, "italic"),
    ):
        file = str(_light_copy(font_folder() / name))
        fontManager.ttflist.append(
            FontEntry(file, name=FAMILY, style=style, weight=weight, stretch="normal", size="scalable")
        )


def _light_copy(font: Path) -> Path:
    """A copy of a font without its layout tables, for this process: cutting those down for a PDF takes a second."""
    from fontTools.ttLib import TTFont

    copy = Path(_scratch().name) / font.name
    with TTFont(font, recalcTimestamp=False, lazy=True) as source:
        for table in ("GSUB", "GPOS", "GDEF", "MATH", "FFTM"):
            if table in source:
                del source[table]
        source.save(copy)
    return copy


@cache
def _scratch() -> TemporaryDirectory[str]:
    """A folder that goes with the process."""
    return TemporaryDirectory(prefix="compassion-trials-fonts-")


@cache
def _font(size: float, bold: bool) -> FontProperties:
    """The shipped font at a size."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=font_folder() / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), size=size)


@cache
def _characters() -> frozenset[int]:
    """Code points the shipped font can draw."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font_folder() / "DejaVuSans.ttf")).get_charmap())
