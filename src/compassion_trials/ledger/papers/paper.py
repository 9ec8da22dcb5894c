"""The verb reproduce for the file of a paper: a draft of its numbers, and their judgement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import write_bytes
from compassion_trials.ledger.ledger import Ledger, ledger_of
from compassion_trials.ledger.papers.document import ENDINGS, refused, tables_of
from compassion_trials.ledger.papers.draft import paper_draft
from compassion_trials.ledger.papers.grid import paper_error
from compassion_trials.ledger.papers.reading import TableRead, read_tables
from compassion_trials.ledger.reading.loader import read_published
from compassion_trials.ledger.stage import run, write_ledger
from compassion_trials.study.loader import FILL_IN, unanswered

TYPED: Final = (".yaml", ".yml")
"""Files of published numbers, as a draft is."""


@dataclass(frozen=True, slots=True)
class PaperRead:
    """A document that was read.

    Attributes
    ----------
    draft : Path
    tables : tuple of TableRead
    open : int
        Lines of the draft that wait for an answer.
    ledger : Ledger or None
        Its judgement; None where the draft has to be mended first.
    problems : str
        What has to be mended.
    """

    draft: Path
    tables: tuple[TableRead, ...]
    open: int
    ledger: Ledger | None
    problems: str

    def words(self) -> list[str]:
        """What was read and what is left, for the console."""
        numbers = sum(len(one.numbers) for one in self.tables)
        unread = sum(len(one.unread) for one in self.tables)
        read = sum(bool(one.numbers) for one in self.tables)
        lines = [f"wrote {self.draft.as_posix()}", f"- {numbers} numbers of {read} of {len(self.tables)} tables"]
        lines += [f"- table {one.table.number} was not read: {one.refused}" for one in self.tables if one.refused]
        if unread:
            lines.append(f"- {unread} cells were not understood; the draft lists them")
        next_step = f"answer them, then compassion-trials reproduce {self.draft.as_posix()}"
        lines.append(f"- {self.open} lines of it are marked {FILL_IN[2:]}: {next_step}")
        if self.problems:
            lines.append(f"- not judged yet:\n{self.problems}")
        return lines


def reproduce(
    word: str | None, root: Path, extra: Sequence[Path], target: Path | None, progress: Callable[[str], None]
) -> tuple[str, int]:
    """What the verb reproduce does with what it was given: nothing, a name, the file of a paper, or its draft.

    Parameters
    ----------
    word : str, optional
    root : Path
        The project folder.
    extra : sequence of Path
        CSV files with further effects.
    target : Path, optional
        Draft to write for the file of a paper.
    progress : callable
        Told each file written.

    Returns
    -------
    tuple of str, int
        Words for the console, and the exit code: 2 where a draft cannot be judged yet.
    """
    if word is None or not is_paper(word):
        return _verdicts(run(root, word, extra, progress), word), 0
    path = Path(word)
    if path.suffix.lower() in TYPED:
        return _verdicts(judge_typed(path, root, progress)), 0
    found = read_paper(path, root, target, progress)
    lines = [*found.words(), *([_verdicts(found.ledger)] if found.ledger is not None else [])]
    return "\n".join(lines), 2 if found.ledger is None else 0


def _verdicts(ledger: Ledger, study: str | None = None) -> str:
    """Verdicts in numbers."""
    counts = ", ".join(f"{n} {verdict}" for verdict, n in ledger.counts(study).items() if n)
    return counts or "no printed number was compared"


def is_paper(word: str) -> bool:
    """Whether the verb was given a file of a paper, not the name of a study."""
    return Path(word).suffix.lower() in (*ENDINGS, *TYPED)


def read_paper(
    path: Path, root: Path, target: Path | None = None, progress: Callable[[str], None] | None = None
) -> PaperRead:
    """Read the tables of a document into a draft, and judge it as it stands.

    Parameters
    ----------
    path : Path
        Word, HTML or CSV.
    root : Path
        The project folder; pages go to ``results/ledger``.
    target : Path, optional
        The draft; beside the document when left out. An existing one is never overwritten.
    progress : callable, optional
        Told each file of the judgement.

    Raises
    ------
    InputError
        Nothing of the document can be read, or the draft is there already.
    """
    target = target or path.with_suffix(".yaml")
    if target.exists():
        raise paper_error(
            "a draft is there and is not overwritten", advice="give another name with --out", file=target.name
        )
    found = read_tables(tables_of(path))
    if not any(one.numbers for one in found):
        raise refused(path, [f"table {one.table.number}: {one.refused}" for one in found])
    write_bytes(paper_draft(path.name, found).encode("utf-8"), target)
    ledger, problems = None, ""
    try:
        ledger = judge(target, root, progress)
    except InputError as error:
        problems = str(error)
    return PaperRead(
        draft=target,
        tables=tuple(found),
        open=len(unanswered(target)),
        ledger=ledger,
        problems=problems,
    )


def judge(path: Path, root: Path, progress: Callable[[str], None] | None = None) -> Ledger:
    """Recompute the numbers of one file of published numbers, wherever it stands."""
    ledger = ledger_of({path.stem: read_published(path)}, path)
    write_ledger(ledger, root, path.stem, progress)
    return ledger


def judge_typed(path: Path, root: Path, progress: Callable[[str], None] | None = None) -> Ledger:
    """The same for a file that somebody has finished: no line of it waits for an answer.

    Raises
    ------
    InputError
        With every line that does.
    """
    if not path.is_file():
        raise paper_error("the file does not exist", advice="see its name", file=path.as_posix())
    if waiting := unanswered(path):
        raise InputError(waiting)
    return judge(path, root, progress)
