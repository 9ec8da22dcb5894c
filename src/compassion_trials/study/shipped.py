"""What comes with the package besides code: the plans of the design twins, and the tables of published trials.

A wheel holds copies in ``compassion_trials/shipped`` (``setup.py`` makes them). In a checkout, which
has no such folder, the files at the top of the project are read themselves: git holds each of them once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

TWINS: Final = ("frostadottir2019", "raab2015", "yadavaia2014")
"""Synthetic design twins of published trials; further plans of the project need data that are not part of it."""

FOLDER: Final = "compassion_trials/shipped"
"""Where a wheel holds the copies."""

STUDIES: Final = Path("config") / "studies"
PUBLISHED: Final = Path("data") / "published"
"""Where plans and published tables stand in a project."""

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_CHECKOUT: Final = _PACKAGE.parent.parent


def twin_plan(name: str) -> Path:
    """The shipped plan of a design twin.

    Parameters
    ----------
    name : str
        One of `TWINS`.
    """
    return _folder("studies", STUDIES) / name / "study.yaml"


def published_tables() -> Path:
    """The folder of the shipped tables of published trials."""
    return _folder("published", PUBLISHED)


def sources(project: Path) -> dict[Path, str]:
    """Files of a checkout that a wheel holds.

    Parameters
    ----------
    project : Path
        The project folder.

    Returns
    -------
    dict of Path to str
        Each file with its place below `FOLDER`.
    """
    plans = {path: f"studies/{twin}/{path.name}" for twin in TWINS for path in _yaml(project / STUDIES / twin)}
    return plans | {path: f"published/{path.name}" for path in _yaml(project / PUBLISHED)}


def _folder(copies: str, original: Path) -> Path:
    """The copies in an installed package, or the originals of a checkout."""
    inside = _PACKAGE / "shipped" / copies
    return inside if inside.is_dir() else _CHECKOUT / original


def _yaml(folder: Path) -> list[Path]:
    """YAML files of a folder in order."""
    return sorted(folder.glob("*.yaml"))
