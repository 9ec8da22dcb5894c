"""What a reader sees: tables, figures and report made once more where the results table may not leave as it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from compassion_trials.core.files import read_table, write_table
from compassion_trials.deliver.people import SharedPeople
from compassion_trials.deliver.small_cells import shared_results
from compassion_trials.study.context import Context

_MADE = ("figures", "tables", "report", "deliverables")
"""Folders that the stages make again."""


@contextmanager
def shared_view(
    context: Context, people: SharedPeople, progress: Callable[[str], None] | None = None
) -> Iterator[Context]:
    """The study with results that may leave, and with what the stages make of these.

    Small baseline cells are hidden in the results table, and figures of single participants are left out; tables,
    figures and report are then made of it by the same stages, in a folder that is deleted afterwards, so that no number
    in them differs from the table beside them. The study's own results keep every count and figure. Where nothing has
    to be hidden the study itself is given back.

    Parameters
    ----------
    context : Context
    people : SharedPeople
    progress : callable, optional
        Told when something is made again.
    """
    privacy = context.plan.privacy
    whole = read_table(context.results.results)
    arms = list(context.plan.design.arms)
    leaving = (
        whole
        if privacy.small_cells == "show"
        else shared_results(whole, people.known[1:], people.hidden, arms, privacy.k)
    )
    shared = replace(context, leaving=True)
    what = [] if leaving is whole else ["small baseline counts"]
    what += [] if shared.shows_people == context.shows_people else ["figures of single participants"]
    if not what:
        yield context
        return
    if progress is not None:
        said = " and ".join(what)
        progress(f"{said} are hidden: tables, figures and report are made again without them")
    with TemporaryDirectory() as folder:
        view = replace(shared, study=replace(context.study, root=Path(folder)))
        shutil.copytree(context.results.root, view.results.root, ignore=_ignored)
        write_table(leaving, view.results.results)
        _render(view)
        yield view


def _render(view: Context) -> None:
    """The stages that make words and pictures of results."""
    from compassion_trials.figures.stage import run as draw
    from compassion_trials.report.stage import run as report
    from compassion_trials.tables.stage import run as tabulate

    draw(view)
    tabulate(view)
    report(view)


def _ignored(folder: str, names: list[str]) -> list[str]:
    """What is not copied."""
    return [name for name in names if name in _MADE]
