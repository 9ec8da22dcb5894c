"""Where the published tables are read: in the project, else in the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from compassion_trials import __version__
from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.study.shipped import PUBLISHED, published_tables


@dataclass(frozen=True, slots=True)
class TablePlace:
    """A folder of published tables.

    Attributes
    ----------
    folder : Path
    label : str
        The folder as a person knows it, without a path of the machine.
    names : tuple of str
        Its files in order, without ending.
    """

    folder: Path
    label: str
    names: tuple[str, ...]

    def file(self, name: str) -> str:
        """Where the numbers of a publication stand, in words."""
        return f"{self.label}/{name}.yaml" if self.label == PUBLISHED.as_posix() else f"{name}.yaml in {self.label}"

    def said(self) -> str:
        """Which tables are used, for the console."""
        return f"published tables: {self.label}, {len(self.names)} files"


def find_tables(root: Path) -> TablePlace:
    """The tables of a project's ``data/published``, or those of the package where the project has no such folder.

    Parameters
    ----------
    root : Path
        The project folder.
    """
    own = root / PUBLISHED
    if own.is_dir():
        return TablePlace(own, PUBLISHED.as_posix(), _names(own))
    shipped = published_tables()
    return TablePlace(shipped, f"the tables that come with compassion-trials {__version__}", _names(shipped))


def nothing_printed(place: TablePlace) -> InputError:
    """The error of a ledger without any published table."""
    message = "there is no published table (*.yaml) to recompute"
    advice = "add one as docs/reproduce.md says, or remove the folder: then those of compassion-trials are used"
    return InputError([Finding("error", "no_published_tables", message, place.label, advice=advice)])


def _names(folder: Path) -> tuple[str, ...]:
    """Tables of a folder, which need not exist."""
    return tuple(path.stem for path in sorted(folder.glob("*.yaml")))
