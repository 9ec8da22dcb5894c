"""All questionnaires: those shipped with the package and those a user adds as YAML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.instruments.coherence import problems
from compassion_trials.instruments.model import Instrument


def load_instruments(folder: Path | None = None) -> Mapping[str, Instrument]:
    """The shipped questionnaires and those of a folder, by short name in alphabetical order.

    Parameters
    ----------
    folder : Path, optional
        The user's own questionnaires, one YAML file each (``config/instruments``); may be missing.

    Returns
    -------
    mapping of str to Instrument
        Disabled ones stand in it with their reason. A shipped one is read when it is first asked for.

    Raises
    ------
    InputError
        With every problem of every file of the user.
    """
    own, found = _read(folder) if folder is not None and folder.is_dir() else ({}, [])
    if found:
        raise InputError(found)
    return Shelf(own)


class Shelf(Mapping[str, Instrument]):
    """Questionnaires by short name: the user's own, and the shipped ones, which are read when first asked for.

    Parameters
    ----------
    own : mapping of str to Instrument
        The user's own; they take the place of shipped ones of the same name.
    """

    def __init__(self, own: Mapping[str, Instrument]) -> None:
        self._own = dict(own)
        self._names = sorted({*own, *_shipped()})

    def __getitem__(self, name: str) -> Instrument:
        """One questionnaire."""
        return self._own[name] if name in self._own else _read_shipped(name)

    def __iter__(self) -> Iterator[str]:
        """Short names in alphabetical order."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._names)


def load_instrument(path: Path) -> Instrument:
    """Read and check one questionnaire file.

    Raises
    ------
    InputError
        With one finding per problem: key, value found, what is valid.
    """
    content = load_yaml(path)
    if not isinstance(content, dict):
        expected = "id, short, name, citation, items, response, scales"
        raise InputError([Finding("error", "instrument_empty", "the file holds no keys", path.name, expected=expected)])
    instrument: Instrument = validate(Instrument, content, path.name)
    found = [
        Finding("error", "instrument_key", what, file=path.name, column=where) for where, what in problems(instrument)
    ]
    if instrument.id != path.stem:
        found.append(
            Finding(
                "error",
                "instrument_id",
                "id and file name differ",
                file=path.name,
                column="id",
                value=instrument.id,
                expected=path.stem,
                advice=f"name the file {instrument.id}.yaml or write id: {path.stem}",
            )
        )
    if found:
        raise InputError(found)
    return instrument


def shipped_file(name: str) -> Path | None:
    """Where a shipped questionnaire lies, to be copied; None for one of the user's own."""
    return _shipped().get(name)


@cache
def _shipped() -> dict[str, Path]:
    """Files of the questionnaires of the package, by short name."""
    folder = Path(str(files("compassion_trials.instruments").joinpath("data")))
    return {path.stem: path for path in folder.glob("*.yaml")}


@cache
def _read_shipped(name: str) -> Instrument:
    """A questionnaire of the package; an error in it is a programming error, so it is raised as it is.

    Raises
    ------
    KeyError
        The package has none of that name.
    """
    return load_instrument(_shipped()[name])


def _read(folder: Path) -> tuple[dict[str, Instrument], list[Finding]]:
    """A user's questionnaires and all their problems."""
    own: dict[str, Instrument] = {}
    found: list[Finding] = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            instrument = load_instrument(path)
        except InputError as error:
            found.extend(error.findings)
            continue
        if instrument.id in _shipped() and not instrument.replaces:
            advice = "choose another id, or write replaces: true to take its place"
            message = f'a questionnaire "{instrument.id}" is shipped already'
            found.append(
                Finding(
                    "error",
                    "instrument_shipped",
                    message,
                    file=path.name,
                    column="id",
                    value=instrument.id,
                    advice=advice,
                )
            )
        own[instrument.id] = instrument
    return own, found
