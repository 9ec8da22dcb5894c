"""One tree of expected errors. Each is shown as plain lines and exit code 2, never as a traceback."""

from __future__ import annotations

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
