"""One tree of expected errors. Each is shown as plain lines and exit code 2, never as a traceback."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from difflib import get_close_matches

from compassion_trials.core.findings import Finding


class CompassionTrialsError(Exception):
    """Base of every error that a user can mend.

    Parameters
    ----------
    message : str
        What is wrong and what to do, in plain words.
    """


class InputError(CompassionTrialsError):
    """Bad input: a plan, a questionnaire file or raw data, with all its problems together.

    Parameters
    ----------
    findings : sequence of Finding
        Every problem found; at least one. Warnings may stand among them.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.text() for finding in self.findings))


class ModelError(CompassionTrialsError):
    """A model cannot be fitted to these data; the message says which data and why."""


_ROOM = "make room and run the command again; what was finished before is kept"
_ALLOWED = ("this computer does not allow it", "close the file in other programs, or see who may read and write")

SYSTEM = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the disk quota is used up", _ROOM),
    errno.EACCES: _ALLOWED,
    errno.EPERM: _ALLOWED,
    errno.EROFS: ("the folder can only be read", "work in a folder in which files can be written"),
    errno.EISDIR: ("this is a folder, where a file is expected", "name the file inside it"),
    errno.ENOTDIR: ("this is a file, where a folder is expected", "rename or delete the file"),
    errno.EEXIST: ("this is a file, where a folder is expected", "rename or delete the file"),
    errno.ENOENT: ("the file does not exist", "see its name, or run the stages before"),
    errno.ENAMETOOLONG: ("the name is too long", "use a shorter one"),
    errno.EIO: ("it cannot be read or written; the disk or the file may be damaged", "copy the file from a backup"),
}
"""Failures of the system: what is wrong and what to do."""


def system_finding(error: OSError) -> Finding:
    """A failure of the system as one sentence: a full disk, a file that may not be read, a folder in place of a file.

    Parameters
    ----------
    error : OSError
        As the system raised it; its file name, when it has one, is told.
    """
    message, advice = SYSTEM.get(error.errno or 0, (f"the system answers: {error.strerror or error}", ""))
    return Finding("error", "system", message, str(error.filename or ""), advice=advice)


def nearest(word: str, valid: Sequence[str]) -> str:
    """Advice that lists what is valid and names the nearest valid word.

    Parameters
    ----------
    word : str
        What the user wrote.
    valid : sequence of str
        What could have been written.

    Returns
    -------
    str
        For example ``did you mean "control"? Valid: arms, control, visits``.
    """
    close = get_close_matches(str(word).lower(), [v.lower() for v in valid], n=1, cutoff=0.6)
    by_lower = {v.lower(): v for v in valid}
    hint = f'did you mean "{by_lower[close[0]]}"? ' if close else ""
    shown = ", ".join(list(valid)[:20]) + (", ..." if len(valid) > 20 else "")
    return f"{hint}Valid: {shown}" if valid else hint.strip()
