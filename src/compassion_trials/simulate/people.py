"""Baseline variables, attendance of sessions, reasons, and identities that are plainly invented."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.simulate.recipe import Sessions, Variable


def baseline_values(variable: Variable, n: int, rng: np.random.Generator) -> NDArray[Any]:
    """Values of a baseline variable: rounded normal numbers within limits, or categories by their shares.

    Returns
    -------
    array, shape (n,)
        Float or text.
    """
    if variable.shares:
        return rng.choice(np.array(list(variable.shares)), size=n, p=list(variable.shares.values()))
    assert variable.mean is not None  # checked by Variable
    assert variable.sd is not None
    drawn = variable.mean + variable.sd * rng.standard_normal(n)
    return np.clip(np.round(drawn, variable.decimals), variable.min, variable.max)


def sessions_attended(
    sessions: Sessions | None, treated: NDArray[np.bool_], stayed: NDArray[np.bool_], rng: np.random.Generator
) -> Array:
    """Number of sessions attended; NaN without treatment. Those who were lost came to about half as many."""
    attended = np.full(len(treated), np.nan)
    if sessions is not None:
        probability = np.where(stayed, sessions.attendance, sessions.attendance / 2)
        drawn = rng.binomial(sessions.planned, probability)
        attended[treated] = drawn[treated]
    return attended


def reasons(counts: dict[str, int], lost: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.object_]:
    """A reason of withdrawal for some of those lost, in the planned numbers as far as there are so many."""
    reason = np.full(len(lost), "", dtype=object)
    chosen = rng.permutation(np.flatnonzero(lost))
    named = [word for word, n in counts.items() for _ in range(n)]
    for person, word in zip(chosen, named, strict=False):
        reason[person] = word
    return reason


def stop_weeks(
    kept: int | None,
    treated: NDArray[np.bool_],
    present: NDArray[np.bool_],
    weeks: Array,
    rng: np.random.Generator,
) -> Array:
    """Week in which the treatment was stopped (n,), NaN for those who did not stop.

    Treated participants who were lost stopped some time before the first visit they missed; of those assessed to the
    end `kept` stopped before the first visit after baseline. Nobody is recorded when `kept` is None.
    """
    found = np.full(len(treated), np.nan)
    if kept is None:
        return found
    for i in np.flatnonzero(treated & ~present.all(axis=1)):
        found[i] = np.floor(rng.uniform(0, weeks[int(np.argmin(present[i]))]))
    stayed = rng.permutation(np.flatnonzero(treated & present.all(axis=1)))[:kept]
    found[stayed] = np.floor(rng.uniform(0, weeks[1], len(stayed)))
    return found


def unwanted(
    rates: Sequence[float], arm: NDArray[np.int64], present: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Unwanted events reported at each visit after the baseline (n, visits), Poisson with the rate of the arm."""
    drawn = rng.poisson(np.array(rates)[arm][:, None], present.shape)
    return np.where(present & (np.arange(present.shape[1]) > 0), drawn, 0)


def identity(number: int) -> dict[str, str]:
    """Invented identifying details: reserved names and addresses that can belong to nobody.

    The addresses are those kept for documentation: ``example.org`` (RFC 2606), 192.0.2.0/24 (RFC 5737).
    """
    return {
        "first": "Synthetic",
        "last": f"Person {number}",
        "name": f"Synthetic Person {number}",
        "email": f"person{number}@example.org",
        "ip": f"192.0.2.{number % 254 + 1}",
        "born": f"{1950 + number % 45}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "comment": f"Synthetic comment {number}: no real person wrote this." if number % 4 == 0 else "",
    }
