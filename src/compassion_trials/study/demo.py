"""The verb demo: the plans of the design twins, written into a folder of the user."""

from __future__ import annotations

from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import write_bytes
from compassion_trials.core.findings import Finding
from compassion_trials.study.shipped import STUDIES, TWINS, twin_plan


def write_demo(folder: Path) -> tuple[Path, ...]:
    """Write ``config/studies/<twin>/{study,simulate,text}.yaml`` of every twin.

    Parameters
    ----------
    folder : Path
        Becomes the project folder; made when missing.

    Returns
    -------
    tuple of Path
        The files, in order.

    Raises
    ------
    InputError
        Files with other content are there, or a file stands where a folder must; nothing is written then.
    """
    files = {
        folder / STUDIES / twin / source.name: source.read_bytes()
        for twin in TWINS
        for source in sorted(twin_plan(twin).parent.glob("*.yaml"))
    }
    if problems := [*_blocked(files), *_changed(files)]:
        raise InputError(problems)
    for path, content in files.items():
        write_bytes(content, path)
    return tuple(files)


def next_steps(folder: Path) -> str:
    """What to do with a demo folder, for the console."""
    enter = [] if folder == Path() else [f'  cd "{folder.as_posix()}"']
    runs = [f"  compassion-trials run {twin}" for twin in TWINS]
    return "\n".join(
        [
            "Three plans with SYNTHETIC data; each has the design of a published trial. Next:",
            *enter,
            *runs,
            "Each run makes its raw data and writes results/<name>/report/report.html, .docx and .pdf.",
            "Your own trial: compassion-trials init mydata.csv writes a first plan, or copy one of them and change it.",
        ]
    )


def _blocked(files: dict[Path, bytes]) -> list[Finding]:
    """Folders of the demo that cannot be made, since a file has their name."""
    parents = dict.fromkeys(parent for path in files for parent in path.parents)
    message = "a file stands where the demo needs a folder"
    return [
        Finding("error", "demo_blocked", message, parent.as_posix(), advice="name another folder")
        for parent in parents
        if parent.is_file()
    ]


def _changed(files: dict[Path, bytes]) -> list[Finding]:
    """Files of the demo that are there with other content."""
    message = "a file with other content is there and is not overwritten"
    return [
        Finding("error", "demo_exists", message, path.as_posix(), advice="name another folder, or move the file away")
        for path, content in files.items()
        if path.is_file() and path.read_bytes() != content
    ]
