"""All questionnaires: those shipped with the package and those a user adds as YAML files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.instruments.coherence import problems
from compassion_trials.instruments.model import Instrument


def load_instruments(folder: Path | None = None) -> dict[str, Instrument]:
    """The shipped questionnaires and those of a folder, by short name in alphabetical order.

    Parameters
    ----------
    folder : Path, optional
        The user's own questionnaires, one YAML file each (``config/instruments``); may be missing.

    Returns
    -------
    dict of str to Instrument
        Disabled ones stand in it with their reason.

    Raises
    ------
    InputError
        With every problem of every file of the user.
    """
    shipped = _shipped()
    own, found = _read(folder, shipped) if folder is not None and folder.is_dir() else ({}, [])
    if found:
        raise InputError(found)
    return dict(sorted({**shipped, **own}.items()))


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
    found = [Finding("error", "instrument_key", what, path.name, None, where) for where, what in problems(instrument)]
    if instrument.id != path.stem:
        found.append(
            Finding(
                "error",
                "instrument_id",
                "id and file name differ",
                path.name,
                None,
                "id",
                instrument.id,
                path.stem,
                f"name the file {instrument.id}.yaml or write id: {path.stem}",
            )
        )
    if found:
        raise InputError(found)
    return instrument


@cache
def _shipped() -> dict[str, Instrument]:
    """The questionnaires of the package; an error among them is a programming error, so it is raised as it is."""
    folder = Path(str(files("compassion_trials.instruments").joinpath("data")))
    return {path.stem: load_instrument(path) for path in sorted(folder.glob("*.yaml"))}


def _read(folder: Path, shipped: dict[str, Instrument]) -> tuple[dict[str, Instrument], list[Finding]]:
    """A user's questionnaires and all their problems."""
    own: dict[str, Instrument] = {}
    found: list[Finding] = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            instrument = load_instrument(path)
        except InputError as error:
            found.extend(error.findings)
            continue
        if instrument.id in shipped and not instrument.replaces:
            advice = "choose another id, or write replaces: true to take its place"
            message = f'a questionnaire "{instrument.id}" is shipped already'
            found.append(
                Finding("error", "instrument_shipped", message, path.name, None, "id", instrument.id, "", advice)
            )
        own[instrument.id] = instrument
    return own, found
