"""Which files a study reads, for the workflow. Light: no models are built, a broken plan is left to the verbs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from compassion_trials.core.files import sha256

MARK = "SYNTHETIC.json"
"""File that the simulation leaves beside its raw files: {"files": {name: sha256}}."""

SHIPPED = Path(__file__).resolve().parent.parent / "instruments" / "data"


def raw_files(study: str, root: Path = Path()) -> list[str]:
    """Raw files that the plan of a study names, as paths relative to the project.

    Parameters
    ----------
    study : str
        Name of the study below ``config/studies``.
    root : Path
        The project folder.

    Returns
    -------
    list of str
        Empty when the plan cannot be read; `loader.load_plan` then says why.
    """
    plan = _plan(study, root)
    folder = plan.get("data_root") or f"data/{study}/raw"
    data = plan.get("data")
    files = data if isinstance(data, list) else [data]
    names = [part.get(key) for part in files if isinstance(part, dict) for key in ("file", "dictionary")]
    return [f"{folder}/{name}" for name in names if isinstance(name, str)]


def sources(study: str, root: Path = Path()) -> list[str]:
    """What the ingest stage of a study waits for: its raw files, or the mark that the simulation of a twin leaves.

    A design twin waits for ``SYNTHETIC.json`` as long as its raw files are missing or are those the mark lists; once
    somebody has put the real files in their place, these count.
    """
    raw = raw_files(study, root)
    spec = root / "config" / "studies" / study / "simulate.yaml"
    mark = root / "data" / study / "raw" / MARK
    return [f"data/{study}/raw/{MARK}"] if spec.is_file() and _simulated(raw, mark, root) else raw


def _simulated(raw: list[str], mark: Path, root: Path) -> bool:
    """Whether the raw files are missing, or those that the simulation made."""
    paths = [root / name for name in raw]
    if not any(path.is_file() for path in paths):
        return True
    if not mark.is_file():
        return False
    made = json.loads(mark.read_text(encoding="utf-8"))["files"]
    return all(path.is_file() and made.get(path.name) == sha256(path) for path in paths)


def questionnaires(study: str, root: Path = Path()) -> list[str]:
    """Questionnaire files that the plan of a study uses, the user's own before the shipped ones."""
    measures = _plan(study, root).get("measures")
    names = (
        [m.get("instrument") for m in measures.values() if isinstance(m, dict)] if isinstance(measures, dict) else []
    )
    candidates = [(root / "config" / "instruments" / f"{n}.yaml", SHIPPED / f"{n}.yaml") for n in names if n]
    found = [own if own.is_file() else shipped for own, shipped in candidates if own.is_file() or shipped.is_file()]
    return sorted({_relative(path) for path in found})


def beside(study: str, root: Path = Path()) -> list[str]:
    """Files beside the plan that the report reads, as far as they are there: author text, frozen plan."""
    folder = root / "config" / "studies" / study
    return [_relative(folder / name) for name in ("text.yaml", "frozen.json") if (folder / name).is_file()]


def figure(study: str, name: str, root: Path = Path()) -> dict[str, Any]:
    """The words of a figure that was drawn, for ``snakemake --report``: title, category, note."""
    index = root / "results" / study / "figures" / "figures.json"
    entries = json.loads(index.read_text(encoding="utf-8"))
    return next(entry for entry in entries if entry["stem"] == name)


def date_back(outputs: Iterable[str], sources: Iterable[str]) -> None:
    """Make the files of a stage that failed older than what it reads, so that the workflow runs the stage again.

    Parameters
    ----------
    outputs : iterable of str
        Files that may have been given back from the last success; folders and what is not there are left alone.
    sources : iterable of str
        Files and folders that the stage reads.
    """
    times = [Path(name).stat().st_mtime for name in sources if Path(name).exists()]
    for path in map(Path, outputs):
        if times and path.is_file():
            os.utime(path, (min(times) - 1, min(times) - 1))


def _relative(path: Path) -> str:
    """A path relative to the current folder where possible, so that logs hold no machine path."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _plan(study: str, root: Path) -> dict[str, Any]:
    """The plan as plain YAML, or nothing."""
    path = root / "config" / "studies" / study / "study.yaml"
    try:
        stamp = path.stat()
        return _parsed(path, stamp.st_mtime_ns, stamp.st_size)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}


@lru_cache(maxsize=64)
def _parsed(path: Path, changed: int, size: int) -> dict[str, Any]:
    """A plan read once for all rules that ask about it; read again when the file has changed."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content if isinstance(content, dict) else {}


def studies(config: dict[str, Any]) -> list[str]:
    """Names of the studies to run, from the workflow's configuration.

    Parameters
    ----------
    config : dict
        ``studies`` is a list of names, or one text with commas (``--config studies=a,b``).

    Raises
    ------
    SystemExit
        When no study is named or a named one has no plan; says which studies there are.
    """
    named = config.get("studies")
    names = named.split(",") if isinstance(named, str) else list(named or [])
    known = sorted(path.parent.name for path in Path("config/studies").glob("*/study.yaml"))
    missing = [name for name in names if name not in known]
    if missing or not names:
        from compassion_trials.core.errors import nearest

        what = (
            f'config/studies has no plan for "{missing[0]}"; {nearest(missing[0], known)}'
            if missing
            else "no study is named"
        )
        raise SystemExit(f"error: config/config.yaml, studies: {what}; list the studies under the key studies")
    return names
