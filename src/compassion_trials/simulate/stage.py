"""The simulate stage: a study plan and its ``simulate.yaml`` become synthetic raw files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import PART, sha256, write_json
from compassion_trials.core.findings import Finding
from compassion_trials.simulate.mark import refusal
from compassion_trials.simulate.recipe import load_recipe
from compassion_trials.simulate.sheet import build
from compassion_trials.simulate.spss import write_sav
from compassion_trials.simulate.trial import simulate
from compassion_trials.simulate.writers import write_plain, write_qualtrics, write_redcap
from compassion_trials.study.context import open_study
from compassion_trials.study.inputs import MARK
from compassion_trials.study.layout import Study
from compassion_trials.study.plan.data import RawFile


def run(study: Study, progress: Callable[[str], None] | None = None) -> tuple[Path, ...]:
    """Write the synthetic raw files of a study into its raw folder, and ``SYNTHETIC.json`` with their hashes.

    Parameters
    ----------
    study : Study
        ``simulate.yaml`` lies beside its plan.
    progress : callable, optional
        Called with one line per file.

    Returns
    -------
    tuple of Path
        The raw files written, byte-equal on every run.

    Raises
    ------
    InputError
        Wrong plan, no or wrong recipe, a format that cannot be written, or a raw file that is not synthetic.
    """
    context = open_study(study, unmasked=True)  # the raw data of a blinded study name the arms
    recipe = load_recipe(recipe_file(study), context.plan, context.instruments)
    found = [finding for raw in context.plan.data for finding in _refusals(raw, context.raw)]
    if found:
        raise InputError(found)
    trial = simulate(context.plan, recipe, context.instruments)
    folder = context.raw if context.raw.is_dir() else context.raw.with_name(context.raw.name + PART)
    if folder != context.raw:
        rmtree(folder, ignore_errors=True)  # of a run that was killed
    written: list[Path] = []
    for raw in context.plan.data:
        sheet = build(raw, context.plan, recipe, trial, context.instruments)
        path = folder / raw.file
        kind = format_of(raw)
        if kind == "qualtrics":
            write_qualtrics(sheet, path)
        elif kind == "redcap":
            write_redcap(sheet, path, folder / raw.dictionary if raw.dictionary else None, raw)
        elif kind == "spss":
            write_sav(sheet, path)
        else:
            write_plain(sheet, path, raw)
        written += [path, *([folder / raw.dictionary] if raw.dictionary else [])]
        if progress is not None:
            progress(f"{raw.file}: {len(sheet.rows)} rows, SYNTHETIC")
    write_json({"files": {path.name: sha256(path) for path in written}}, folder / MARK)
    if folder != context.raw:  # a folder of raw data is there with all its files or not at all
        folder.rename(context.raw)
    return tuple(context.raw / path.relative_to(folder) for path in written)


def run_if_missing(study: Study) -> None:
    """Make the synthetic raw data of a design twin that has no raw folder yet; leave every other study alone."""
    if recipe_file(study).is_file() and not study.raw(None).is_dir():
        run(study)


def recipe_file(study: Study) -> Path:
    """The recipe of a study, beside its plan."""
    return study.plan_file.with_name("simulate.yaml")


def format_of(raw: RawFile) -> str:
    """Format of a raw file: as the plan says, or by the ending of its name."""
    by_ending = {".csv": "csv", ".sav": "spss", ".xlsx": "excel", ".dta": "stata"}
    return raw.format or by_ending.get(Path(raw.file).suffix.lower(), "csv")


def _refusals(raw: RawFile, folder: Path) -> list[Finding]:
    """What forbids writing a raw file."""
    found = [refusal(folder / name) for name in (raw.file, raw.dictionary) if name]
    if format_of(raw) not in ("csv", "qualtrics", "redcap", "spss"):
        found.append(
            Finding(
                "error",
                "simulate_format",
                "synthetic data are written as CSV, Qualtrics, REDCap or SPSS only",
                raw.file,
                value=format_of(raw),
                advice="simulate with a CSV file of the same columns",
            )
        )
    return [finding for finding in found if finding is not None]
