"""The command line: one verb per stage, and run, check, init for people. Heavy imports happen inside the verb."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compassion_trials.stages import STAGES, run_all, run_deliver, run_stage

if TYPE_CHECKING:
    from compassion_trials.study.context import Context
    from compassion_trials.study.layout import Study

COLLECT_AFTER = 200_000
"""Allocations between two garbage collections: a verb is short and makes many objects that stay."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the command; those of the process when left out.

    Returns
    -------
    int
        0 when all went well, 2 for input that the user can mend.
    """
    for name in THREADS:  # one thread: the number of cores must not change digits
        os.environ.setdefault(name, "1")
    gc.set_threshold(COLLECT_AFTER, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not be UTF-8
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    from compassion_trials.core.errors import CompassionTrialsError

    try:
        return options.verb(options) or 0
    except CompassionTrialsError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except OSError as error:  # a full disk, a folder in place of a file: nothing is wrong with the program
        from compassion_trials.core.errors import system_finding

        print(system_finding(error).text(), file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    parser = argparse.ArgumentParser(
        prog="compassion-trials",
        description="From the raw export of a self-compassion trial to the tables, figures and report of its paper.",
    )
    parser.add_argument("--version", action="version", version=_version())
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    def add(name: str, text: str, action: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        verb.set_defaults(verb=action, stage=name)
        return verb

    init = add("init", "write a first study plan, guessed from a raw file", _init)
    init.add_argument(
        "datafile", type=Path, help="raw file: CSV, Excel, SPSS, Stata, SAS, jamovi, JASP, Qualtrics, REDCap ..."
    )
    init.add_argument("--out", type=Path, help="plan to write; default study.yaml beside the raw file")
    demo = add("demo", "write the plans of three synthetic trials to try, copy and change", _demo)
    demo.add_argument("folder", nargs="?", type=Path, default=Path(), help="project folder; default the current one")
    _study(add("check", "check plan and data, and describe the plan in words", _check))
    _study(add("run", "run all stages of a study", _run))
    _study(add("simulate", "make the synthetic raw data of a design twin", _simulate))
    for name, (_, text) in STAGES.items():
        verb = add(name, text, _stage)
        _study(verb)
        if name == "report":
            verb.add_argument(
                "--unchecked", action="store_true", help="leave what a strict plan demands of the checklists to deliver"
            )
    _study(add("deliver", "pack report, tables, figures and de-identified data into one zip", _deliver))
    _study(add("freeze", "freeze the plan; later changes are listed as deviations", _freeze))
    power = add("power", "power and interval width of the primary comparison, and the sample size needed", _power)
    _study(power)
    _assumptions(power)
    reproduce = add("reproduce", "recompute published numbers: one ledger, or the page of one study", _reproduce)
    _printed(reproduce)
    instruments = add("instruments", "list the questionnaires, find some, or show one", _instruments)
    instruments.add_argument("name", nargs="?", help="short name, such as scs")
    instruments.add_argument("--for", dest="words", default="", metavar="WORDS", help="what it measures")
    instruments.add_argument("--items", type=int, help="number of item columns in an export")
    instruments.add_argument("--range", dest="answers", default="", metavar="1-5", help="answers in an export")
    instruments.add_argument("--pages", type=Path, metavar="FOLDER", help="write a page per shipped questionnaire")
    diff = add("diff", "compare two results tables: added, gone, changed; exit code 1 when they differ", _diff)
    diff.add_argument("old", type=Path, help="results.parquet or results.csv, or the results folder of a study")
    diff.add_argument("new", type=Path, help="the same of the later run")
    diff.add_argument("--tolerance", type=float, default=1e-9, help="largest relative difference that counts as none")
    diff.add_argument("--most", type=int, default=20, help="lines printed of each kind; default 20")
    schema = add("schema", "print the JSON schema of the study plan, for editors", _schema)
    schema.add_argument("--out", type=Path, help="file to write instead of printing")
    return parser


def _assumptions(power: argparse.ArgumentParser) -> None:
    """What the verb power assumes instead of the plan."""
    power.add_argument("--effect", type=float, help="true difference in SD at baseline; default the plan's, or 0.5")
    power.add_argument("--dropout", type=float, help="share lost by the last visit; default the plan's, or as observed")
    power.add_argument("--target", type=float, help="power wanted; default 0.8")
    power.add_argument("--n", action="append", metavar="ARM=N", help="planned participants of an arm; may be repeated")
    power.add_argument(
        "--icc", type=float, help="intraclass correlation within therapy groups; default the plan's, or estimated"
    )
    power.add_argument("--group-size", type=float, help="participants of a therapy group; default as in the data")
    power.add_argument("--simulations", type=int, help="simulated trials per sample size; default 1000")


def _printed(reproduce: argparse.ArgumentParser) -> None:
    """What the verb reproduce recomputes."""
    reproduce.add_argument(
        "study",
        nargs="?",
        help="name of a published table, or of a plan with printed numbers; or the file of a paper (.docx, .html, "
        ".csv) or of its draft (.yaml); default all",
    )
    reproduce.add_argument("--out", type=Path, help="draft to write for the file of a paper; default beside it")
    reproduce.add_argument(
        "--effects",
        type=Path,
        action="append",
        default=[],
        metavar="CSV",
        help="more to pool: field, trial, estimate, se",
    )


def _study(verb: argparse.ArgumentParser) -> None:
    """The one argument of most verbs."""
    verb.add_argument("study", help="name below config/studies or of a shipped example, or the path of a study.yaml")


def _version() -> str:
    """Version of the package, without importing anything heavy."""
    from compassion_trials import __version__

    return f"compassion-trials {__version__}"


def _open(study: str, *, guesses: bool = False, unmasked: bool = False) -> Context:
    """The study with its checked plan; a plan with unconfirmed guesses of ``init`` only where these are allowed."""
    from compassion_trials.study.context import open_study

    context = open_study(_found(study), unmasked=unmasked)
    if not guesses:
        from compassion_trials.core.errors import InputError
        from compassion_trials.study.loader import unanswered

        if waiting := unanswered(context.study.plan_file):
            raise InputError(waiting)
    return context


def _found(study: str) -> Study:
    """The study by name or path; says so when its plan is that of the package."""
    from compassion_trials.study.layout import locate

    found = locate(study)
    if found.shipped:
        told = f"config/studies/{study} is not here, the plan that comes with compassion-trials is used"
        print(f"{told}; compassion-trials demo writes it out", file=sys.stderr)
    return found


def _stage(options: argparse.Namespace) -> None:
    """Run one stage of one study."""
    context = _open(options.study)
    run_stage(context, options.stage)
    if options.stage == "report" and not options.unchecked:
        from compassion_trials.report.strict import demand

        demand(context)


def _deliver(options: argparse.Namespace) -> None:
    """Pack what a reader gets into one zip."""
    print(run_deliver(_open(options.study)).as_posix())


def _freeze(options: argparse.Namespace) -> None:
    """Freeze the plan of a study after a whole check of it."""
    from compassion_trials.study.frozen import freeze, frozen_file
    from compassion_trials.study.layout import locate

    found = locate(options.study)
    _open(options.study, guesses=True, unmasked=True)  # a plan that does not hold together cannot be frozen
    frozen = freeze(found)
    print(f"frozen: SHA-256 {frozen.sha256}, {frozen_file(found).as_posix()}")


def _simulate(options: argparse.Namespace) -> None:
    """Make synthetic raw data."""
    from compassion_trials.simulate.stage import run

    for path in run(_found(options.study)):
        print(f"SYNTHETIC raw data: {path.as_posix()}")


def _demo(options: argparse.Namespace) -> None:
    """Write the plans of the design twins, and say what to do next."""
    from compassion_trials.study.demo import next_steps, write_demo

    for path in write_demo(options.folder):
        print(f"wrote {path.as_posix()}")
    print(next_steps(options.folder))


def _run(options: argparse.Namespace) -> None:
    """Run all stages of a study in order, showing progress; results of earlier runs stay until replaced."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    context = _open(options.study)
    with console.status("") as status:

        def begin(number: int, verb: str) -> Callable[[str], None]:
            step = f"{number}/{len(STAGES)} {verb}: "
            status.update(step + STAGES[verb][1])
            return lambda words: status.update(step + words)

        run_all(context, begin, lambda number, verb: console.print(f"{number}/{len(STAGES)} {verb}"))
    for path in sorted(context.results.report.glob("report.*")):
        print(path.as_posix())
    from compassion_trials.report.strict import demand

    demand(context)


def _check(options: argparse.Namespace) -> int:
    """Check plan and data without writing anything, and describe the plan in words."""
    context = _open(options.study, guesses=True)
    from compassion_trials.scoring.check import check_study

    return check_study(context)


def _init(options: argparse.Namespace) -> None:
    """Write a first plan for a raw file."""
    from compassion_trials.ingest.first_plan.write import write_first_plan

    target = options.out or options.datafile.parent / "study.yaml"
    notes = write_first_plan(options.datafile, target)
    print("\n".join([f"wrote {target.as_posix()}", *(f"- {note}" for note in notes)]))


def _power(options: argparse.Namespace) -> None:
    """Print power at the planned and the achieved size, and the size needed."""
    from compassion_trials.effects.planning.power_words import power_words

    names = ("effect", "dropout", "target", "icc", "group_size", "simulations")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    print("\n".join(power_words(_open(options.study), given, options.n or [])))


def _reproduce(options: argparse.Namespace) -> int:
    """Write the ledger and say how many printed numbers came out; of a paper's file first the draft of its numbers."""
    from compassion_trials.ledger.papers.paper import reproduce

    said, code = reproduce(options.study, Path(), options.effects, options.out, print)
    print(said)
    return code


def _instruments(options: argparse.Namespace) -> None:
    """List the questionnaires, find some, show one, or write their pages."""
    from compassion_trials.instruments.enquiry import Enquiry, respond

    asked = Enquiry(options.name, options.words, options.items, options.answers)
    print(respond(asked, Path("config") / "instruments", options.pages))


def _diff(options: argparse.Namespace) -> int:
    """Compare two results tables; 1 when they differ."""
    from compassion_trials.core.differences import differences, read_results_table

    found = differences(read_results_table(options.old), read_results_table(options.new), options.tolerance)
    print("\n".join(found.in_words(options.most)))
    return 0 if found.none else 1


def _schema(options: argparse.Namespace) -> None:
    """Print or write the JSON schema of the study plan."""
    from compassion_trials.study.schema import schema_text

    if options.out is None:
        print(schema_text(), end="")
    else:
        from compassion_trials.core.files import write_bytes

        write_bytes(schema_text().encode("utf-8"), options.out)
