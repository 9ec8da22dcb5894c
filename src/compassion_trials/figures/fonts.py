"""Fonts of many PDF figures subset once: matplotlib does it anew for each file, which is most of its time."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def characters(figures: Iterable[Figure]) -> str:
    """Every character in the texts of some figures, and printable ASCII and the minus for tick labels, sorted."""
    from matplotlib.text import Text

    texts = (text.get_text() for figure in figures for text in figure.findobj(Text))
    return "".join(sorted({*string.printable, "\N{MINUS SIGN}", *"".join(texts)}))


@contextmanager
def subset_once(repertoire: str) -> Iterator[None]:
    """Within this context every PDF embeds the same subset of a font, made for a repertoire at first need.

    The subset depends on the repertoire only, never on the order of the figures, so the bytes stay the same. A figure
    that needs a glyph beyond it gets a subset of its own, as without this context.

    Parameters
    ----------
    repertoire : str
        Characters, as `characters` finds them.
    """
    from matplotlib.backends import _backend_pdf_ps as backend  # no public way to share a subset

    original: Callable[..., AbstractContextManager[Any]] = backend.get_glyphs_subset
    made: dict[str, tuple[set[int], Any]] = {}

    def shared(fontfile: Any, glyphs: Iterable[int]) -> AbstractContextManager[Any]:
        wanted = set(glyphs)
        if str(fontfile) not in made:
            known = _glyphs(str(fontfile), repertoire)
            made[str(fontfile)] = (known, original(fontfile, known).__enter__())  # stays open for the next file
        known, subset = made[str(fontfile)]
        return nullcontext(subset) if wanted <= known else original(fontfile, wanted)

    backend.get_glyphs_subset = shared
    try:
        yield
    finally:
        backend.get_glyphs_subset = original


def _glyphs(fontfile: str, repertoire: str) -> set[int]:
    """Glyphs of a font for the characters that it has."""
    from matplotlib.ft2font import FT2Font

    font = FT2Font(fontfile)
    return {glyph for character in repertoire if (glyph := font.get_char_index(ord(character)))}
