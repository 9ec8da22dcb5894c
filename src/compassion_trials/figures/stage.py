"""The stage ``figures``: results to SVG, PDF and PNG with their words in figures.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compassion_trials.core.files import PART, write_bytes, write_json
from compassion_trials.core.record import Record
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.caption import caption

if TYPE_CHECKING:
    from compassion_trials.figures.parts.drawn import Drawn
    from compassion_trials.study.context import Context

INDEX = "figures.json"


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Draw every figure of a study.

    Parameters
    ----------
    context : Context
        Reads the results table and the record of ingest; writes ``figures/<name>.{svg,pdf,png}``, its
        caption as ``<name>.rst``, and ``figures.json``.
    progress : callable, optional
        Told the name of each figure.
    """
    from compassion_trials.figures.catalogue import draw_all
    from compassion_trials.figures.parts.save import save_all
    from compassion_trials.figures.parts.theme import mark_synthetic

    folder = context.results.figures
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.suffix in {".svg", ".pdf", ".png", ".rst", PART}:  # figures of an earlier plan
            old.unlink()
    synthetic = bool(Record.read(context.results.record("ingest")).facts.get("synthetic"))
    entries, waiting = [], []
    for number, drawn in enumerate(draw_all(context, Results.read(context.results.results)), start=1):
        if synthetic:
            mark_synthetic(drawn.figure)
        waiting.append((drawn.figure, folder / drawn.name))
        note = drawn.note + (" Synthetic data." if synthetic else "")
        words = caption(drawn.title, note, drawn.analyses)
        write_bytes(words.encode("utf-8"), folder / f"{drawn.name}.rst")
        entries.append(_entry(drawn, number, note))
        if progress is not None:
            progress(drawn.name)
    save_all(waiting)
    write_json(entries, folder / INDEX)


def _entry(drawn: Drawn, number: int, note: str) -> dict[str, object]:
    """One figure in the index."""
    return {
        "name": drawn.name,
        "stem": drawn.name,
        "number": number,
        "title": drawn.title,
        "caption": drawn.title,
        "note": note,
        "alt": drawn.alt,
        "category": drawn.category,
        "analyses": list(drawn.analyses),
        "width_inches": round(float(drawn.figure.get_figwidth()), 4),
        "height_inches": round(float(drawn.figure.get_figheight()), 4),
    }
