"""A case of ../shared/cases run in a temporary copy, in this process, and what came of it."""

from __future__ import annotations

import contextlib
import importlib
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compassion_trials.cli import main

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "cases"
"""The inputs, which are not part of the project."""

STAGES = ("ingest", "score", "describe", "fit", "effects")
"""Verbs up to the one table of results."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case gave.

    Attributes
    ----------
    folder : Path
        The copy in which it ran.
    codes : tuple of int
        Exit code of each verb, up to the first that is not 0.
    said : str
        Standard output and standard error.
    """

    folder: Path
    codes: tuple[int, ...]
    said: str

    @property
    def code(self) -> int:
        """Exit code of the last verb."""
        return self.codes[-1]

    def table(self, name: str) -> pd.DataFrame:
        """A table of results by its file name, such as ``scores``."""
        (path,) = self.folder.rglob(f"results/*/*/{name}.parquet")
        return pd.read_parquet(path)

    def value(self, statistic: str, **keys: str) -> float:
        """One number of the table of results."""
        found = self.table("results")
        for key, word in {"statistic": statistic, **keys}.items():
            found = found[found[key] == word]
        (value,) = found["value"]
        return float(value)

    def warned(self, *words: str) -> bool:
        """Whether one line warns with all of some words."""
        lines = [line for line in self.said.splitlines() if line.startswith(("warning:", "error:"))]
        return any(all(word in line for word in words) for line in lines)


def copy(case: str, folder: Path) -> Path:
    """A copy of a case below a folder."""
    target = folder / case
    shutil.copytree(FOLDER / case, target)
    return target


def run(folder: Path, *verbs: str) -> Outcome:
    """Run verbs with their arguments, such as ``check study.yaml``, until one fails.

    Parameters
    ----------
    folder : Path
        The copy of the case, which becomes the current folder meanwhile.
    *verbs : str
        Each a verb and its arguments, parted by blanks; a file name that begins with ``@`` may hold blanks as ``|``.
    """
    said, codes = io.StringIO(), []
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        for verb in verbs:
            words = [word[1:].replace("|", " ") if word.startswith("@") else word for word in verb.split()]
            codes.append(main(words))
            if codes[-1]:
                break
    return Outcome(folder, tuple(codes), said.getvalue())


def imported(case: str, module: str) -> object:
    """A Python module that lies in the folder of a case."""
    with contextlib.chdir(FOLDER / case):
        spec = importlib.util.spec_from_file_location(f"case_{module}", FOLDER / case / f"{module}.py")
        assert spec is not None
        assert spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
        return found
