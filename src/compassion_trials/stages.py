"""The stages in order, each run under a lock and sealed: what both a verb and the whole run go through."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from compassion_trials.study.context import Context

STAGES = {
    "ingest": ("ingest", "read the raw files into tidy responses"),
    "score": ("scoring", "score the questionnaires"),
    "describe": ("describe", "participant flow, baseline, observed means, missing data, reliability"),
    "fit": ("fit", "fit the models of the plan"),
    "effects": ("effects", "effect sizes; join all results into one table"),
    "figures": ("figures", "draw the figures"),
    "tables": ("tables", "write the tables"),
    "report": ("report", "write the report as HTML, DOCX and PDF"),
}
"""Verb of each stage, in order: its package and what it does."""

Progress = Callable[[str], None]


def run_stage(context: Context, verb: str, progress: Progress | None = None) -> None:
    """Run one stage of one study; no other run of it may be at work on the same stage.

    Raises
    ------
    InputError
        Earlier stages have not run, or on another plan or other data; or what the stage itself finds.
    """
    from compassion_trials.core.keeping.lock import held

    with held(context.results.root, verb):
        _sealed(context, verb, progress)


def run_all(context: Context, begin: Callable[[int, str], Progress], end: Callable[[int, str], None]) -> None:
    """Run all stages of one study in order, alone; results of earlier runs stay until replaced.

    Parameters
    ----------
    context : Context
    begin : callable
        Told number and verb of a stage that begins; gives what is told of its progress.
    end : callable
        Told number and verb of a stage that is done.
    """
    from compassion_trials.core.keeping.lock import WHOLE, held
    from compassion_trials.simulate.stage import run_if_missing

    with held(context.results.root, WHOLE):
        run_if_missing(context.study)
        for number, verb in enumerate(STAGES, start=1):
            _sealed(context, verb, begin(number, verb))
            end(number, verb)


def run_deliver(context: Context) -> Path:
    """Pack the zip of one study, if its report is that of its results, plan and data.

    Raises
    ------
    InputError
        Something is older than what it was made from, or a strict plan still misses something.
    """
    from compassion_trials.core.keeping.lock import held
    from compassion_trials.deliver.stage import run
    from compassion_trials.report.strict import demand
    from compassion_trials.study.provenance import require

    with held(context.results.root, "deliver"):
        require(context, "deliver")
        demand(context)
        return run(context)


def _sealed(context: Context, verb: str, progress: Progress | None) -> None:
    """One stage: refused on stale results, sealed when it is done."""
    from compassion_trials.core.keeping.seal import hashes
    from compassion_trials.study.provenance import reads, require, seal

    require(context, verb)
    before = hashes(reads(context, verb))
    import_module(f"compassion_trials.{STAGES[verb][0]}.stage").run(context, progress)
    seal(context, verb, before)
