"""Fonts of many PDF figures subset once: matplotlib does it anew for each file, which is most of its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from typing import Any, Final

REPERTOIRE: Final = (
    "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)])) + "αβγδεηθκλμρσςτφχψωΔΣΩ−–—‘’“”…≤≥≠≈±→←√∞"
)
"""Characters of the shared subset: ASCII, Latin-1, the Greek and the signs of statistics."""


@contextmanager
def subset_once(repertoire: str = REPERTOIRE) -> Iterator[None]:
    """Within this context every PDF embeds the same subset of a font, made for a repertoire at first need.

    The subset depends on the repertoire only, never on the order of the figures, so the bytes stay the same. A figure
    that needs a glyph beyond it gets a subset of its own, as without this context.

    Parameters
    ----------
    repertoire : str
        Characters of the subset; those the font lacks are passed over.
    """
    from matplotlib.backends import _backend_pdf_ps as backend  # no public way to share a subset

    subset_of: Callable[..., AbstractContextManager[Any]] = backend.get_glyphs_subset
    file_of: Callable[[Any], BytesIO] = backend.font_as_file
    made: dict[str, tuple[set[int], Any]] = {}
    files: dict[int, bytes] = {}

    def shared(fontfile: Any, glyphs: Iterable[int]) -> AbstractContextManager[Any]:
        wanted = set(glyphs)
        if str(fontfile) not in made:
            known = _glyphs(str(fontfile), repertoire)
            subset = subset_of(fontfile, known).__enter__()  # stays open for the next file
            made[str(fontfile)] = known, subset
            files[id(subset.font)] = file_of(subset.font).getvalue()
        known, subset = made[str(fontfile)]
        return nullcontext(subset) if wanted <= known else subset_of(fontfile, wanted)

    def written(font: Any) -> BytesIO:
        return BytesIO(files[id(font)]) if id(font) in files else file_of(font)

    backend.get_glyphs_subset, backend.font_as_file = shared, written
    try:
        yield
    finally:
        backend.get_glyphs_subset, backend.font_as_file = subset_of, file_of


def _glyphs(fontfile: str, repertoire: str) -> set[int]:
    """Glyphs of a font for the characters that it has."""
    from matplotlib.ft2font import FT2Font

    font = FT2Font(fontfile)
    return {glyph for character in repertoire if (glyph := font.get_char_index(ord(character)))}
