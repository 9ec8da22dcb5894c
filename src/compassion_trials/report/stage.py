"""The stage ``report``: one document in HTML, DOCX and PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compassion_trials.core.files import write_bytes, write_csv
from compassion_trials.core.record import Record

if TYPE_CHECKING:
    from compassion_trials.study.context import Context


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Write ``report/report.{html,docx,pdf}`` ``todo.md``, what the authors have still to write, and ``results.csv``.

    The latter is the results table with the number of each row, to which the sources of numbers in the text refer.

    Parameters
    ----------
    context : Context
        The stages effects, figures and tables must have run.
    progress : callable, optional
        Told the name of each file.
    """
    from compassion_trials.report.assemble import assemble
    from compassion_trials.report.sections.appendix import todo, with_appendix
    from compassion_trials.report.sections.references import unconfirmed
    from compassion_trials.report.source import read_source
    from compassion_trials.report.strict import FACT, lacking
    from compassion_trials.report.writers.docx import to_word
    from compassion_trials.report.writers.html import to_page
    from compassion_trials.report.writers.pdf import to_pdf

    source = read_source(context)
    document, answers = with_appendix(assemble(source), source)
    folder = context.results.report
    for name, write in (("report.html", to_page), ("report.docx", to_word), ("report.pdf", to_pdf)):
        write_bytes(write(document, context.results.root), folder / name)
        if progress is not None:
            progress(name)
    numbers = source.results.table.copy()
    numbers.insert(0, "row", range(1, len(numbers) + 1))
    write_csv(numbers, folder / "results.csv")
    write_bytes(todo(answers, document.title, unconfirmed(source)).encode("utf-8"), folder / "todo.md")
    numbered = {f"{target}:{name}": number for (target, name), number in document.numbers.items()}
    Record("report", (), {"numbers": numbered, FACT: lacking(answers)}).write(context.results.record("report"))
