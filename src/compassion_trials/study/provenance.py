"""What every stage reads and writes, sealed by hashes: results that are not of this plan and these data are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.keeping.seal import Seal, differing, hash_of, hashes
from compassion_trials.study.context import Context
from compassion_trials.study.frozen import digest, frozen_file
from compassion_trials.study.text import FILE as AUTHOR_TEXT

BEFORE: Final = {
    "ingest": (),
    "score": ("ingest",),
    "describe": ("ingest", "score"),
    "fit": ("ingest", "score"),
    "effects": ("ingest", "score", "describe", "fit"),
    "figures": ("ingest", "score", "describe", "fit", "effects"),
    "tables": ("ingest", "score", "describe", "fit", "effects"),
    "report": ("ingest", "score", "describe", "fit", "effects", "figures", "tables"),
    "deliver": ("ingest", "score", "describe", "fit", "effects", "figures", "tables", "report"),
}
"""Stages whose results a verb needs, in order."""

SHOWING: Final = ("figures", "tables", "report")
"""Stages that show results: they go by the whole plan, those before by what numbers depend on."""

WORDS: Final = ("title", "registration", "printed", "report")
"""Parts of a plan on which no result depends."""

SHARING: Final = ("k", "quasi_identifiers", "individual_plots", "shared_plots")
"""Keys of ``privacy`` that say what is shown and shared; ingest reads the others."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A stage whose results are missing, or not of what is there now; without a reason, as an earlier one must run."""

    verb: str
    reason: str = ""
    file: str = ""


def reads(context: Context, verb: str) -> dict[str, Path]:
    """What a stage reads, by a name that holds no path of the machine."""
    paths = context.results
    data = {path.stem: path for path in (paths.participants, paths.flow, paths.scores)}
    told = {"results": paths.results} | {f"{s}.json": paths.record(s) for s in BEFORE["tables"]}
    told |= {f"issues.{s}.csv": paths.findings(s) for s in ("ingest", "score", "fit", "effects")}
    if verb == "ingest":
        names = [name for raw in context.plan.data for name in (raw.file, raw.dictionary) if name]
        return {f"raw/{name}": context.raw / name for name in names}
    if verb == "score":
        return {"responses": paths.responses, "stored": paths.stored}
    if verb == "describe":
        return data | {"responses": paths.responses}
    if verb == "fit":
        return data
    if verb == "effects":
        return data | {"descriptives": paths.descriptives, "models": paths.models}
    if verb == "figures":
        return data | {"results": paths.results, "diagnostics": paths.diagnostics, "ingest.json": told["ingest.json"]}
    if verb == "tables":
        return told
    beside = {AUTHOR_TEXT: context.study.plan_file.with_name(AUTHOR_TEXT), "frozen.json": frozen_file(context.study)}
    return told | beside | {"figures": paths.figures, "tables": paths.tables}


def writes(context: Context, verb: str) -> dict[str, Path]:
    """What a stage writes and others read, by name."""
    paths = context.results
    own = {f"{verb}.json": paths.record(verb), f"issues.{verb}.csv": paths.findings(verb)}
    if verb == "ingest":
        return own | {path.stem: path for path in (paths.participants, paths.responses, paths.stored, paths.flow)}
    if verb == "score":
        return own | {"scores": paths.scores}
    if verb == "describe":
        return {"describe.json": paths.record(verb), "descriptives": paths.descriptives}
    if verb == "fit":
        return own | {"models": paths.models, "diagnostics": paths.diagnostics}
    if verb == "effects":
        return own | {"results": paths.results, "results.csv": paths.results.with_suffix(".csv")}
    return {verb: paths.root / verb}


def key(context: Context, verb: str) -> str:
    """SHA-256 of what a stage goes by of the plan, as masked as it is, and of the questionnaires in it."""
    plan: dict[str, Any] = context.plan.model_dump(mode="json", exclude_defaults=True)
    if verb not in SHOWING:
        privacy = {name: value for name, value in plan.get("privacy", {}).items() if name not in SHARING}
        plan = {name: value for name, value in plan.items() if name not in WORDS} | {"privacy": privacy}
    used = sorted({m.instrument for m in context.plan.measures.values() if m.instrument})
    questionnaires = {name: context.instruments[name].model_dump(mode="json") for name in used}
    return digest({"plan": plan, "blind": context.blind, "questionnaires": questionnaires})


def seal(context: Context, verb: str, read: dict[str, str]) -> None:
    """Write the seal of a stage that has run, the last of its files.

    Parameters
    ----------
    context : Context
    verb : str
    read : dict of str to str
        Hashes of what it reads (`reads`), taken before it ran.

    Raises
    ------
    InputError
        What it read has changed meanwhile.
    """
    if changed := differing(read, hashes(reads(context, verb))):
        message = f"changed while {verb} was at work"
        advice = f"run again: compassion-trials {verb} {context.study.word}"
        raise InputError([Finding("error", "changed_meanwhile", message, name, advice=advice) for name in changed])
    Seal(verb, key(context, verb), read, hashes(writes(context, verb))).write(context.results.seal(verb))


def stale(context: Context, verb: str) -> list[Stale]:
    """Stages that must run again before a verb can, in order."""
    found: dict[str, Stale] = {}
    for stage in BEFORE[verb]:
        problem = _problem(context, stage)
        earlier = [name for name in BEFORE[stage] if name in found]
        if problem is None and earlier:
            problem = Stale(stage)
        if problem is not None:
            found[stage] = problem
    return list(found.values())


def require(context: Context, verb: str) -> None:
    """Refuse what would be made from results that are missing, half written, or of another plan or other data.

    Raises
    ------
    InputError
        One finding per reason, with the verbs to run.
    """
    if not (found := stale(context, verb)):
        return
    word = context.study.word
    advice = f"run compassion-trials {found[0].verb} {word}"
    if len(found) > 1:
        verbs = ", ".join(one.verb for one in found)
        advice = f"run {verbs} in this order; all at once: compassion-trials run {word}"
    told: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.reason:
            told.setdefault((one.reason, one.file), []).append(one.verb)
    raise InputError(
        [
            Finding("error", "stale", f"{reason} {', '.join(verbs)}", file, advice=advice)
            for (reason, file), verbs in told.items()
        ]
    )


def _problem(context: Context, stage: str) -> Stale | None:
    """Why the results of a stage do not hold, its own reason only."""
    sealed = Seal.read(context.results.seal(stage))
    made = hashes(writes(context, stage))
    if sealed is None:
        unknown = "an earlier version, or a run that was stopped, made the results of"
        return Stale(stage, unknown if any(made.values()) else "not run yet:")
    if sealed.plan != key(context, stage):
        return Stale(
            stage, "the plan, or a questionnaire in it, has changed since the last run of", context.study.plan_file.name
        )
    if changed := _changed(context, stage, sealed):
        return Stale(stage, "changed since the last run of", ", ".join(changed))
    if changed := list(differing(sealed.writes, made)):
        return Stale(stage, "changed by hand, or by a run that was stopped, since the last run of", ", ".join(changed))
    return None


def _changed(context: Context, stage: str, sealed: Seal) -> Sequence[str]:
    """What a stage read and is another now. Raw files may have been put away after they were read."""
    now = {name: hash_of(path) for name, path in reads(context, stage).items()}
    changed = differing(sealed.reads, now)
    return [name for name in changed if now.get(name, "") or not name.startswith("raw/")]
