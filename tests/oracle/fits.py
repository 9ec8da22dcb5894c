"""Fits of the simulated trials by short words, shared by the cases."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import simulated

from compassion_trials.models import fit_mmrm
from compassion_trials.models.crosscheck.bases import RandomTerm
from compassion_trials.models.crosscheck.dense import DenseProblem, dense_problem

REFERENCE = {
    "two_arms": "Control",
    "three_arms": "Waitlist",
    "slopes": "Control",
    "partly_grouped": "Control",
    "grouped": "Support",
    "growth": "girl",
}
"""Reference arm of each trial with arms."""


@cache
def data() -> dict[str, pd.DataFrame]:
    """The simulated trials."""
    return simulated.trials()


def visits(name: str) -> list[str]:
    """Visits of a trial in time order."""
    return list(data()[name].sort_values("weeks")["visit"].unique())


def common(name: str) -> dict[str, object]:
    """Columns and labels that every fit of a trial shares."""
    arm = {"arm": "arm", "reference": REFERENCE[name]} if name in REFERENCE else {"arm": None}
    return {"outcome": "y", "subject": "id", "visit": "visit", "visits": visits(name)} | arm


def mmrm(name: str, **options: object):
    """MMRM of a simulated trial."""
    design = "lda" if name in REFERENCE else "single_arm"
    return fit_mmrm(data()[name], **{**common(name), "design": design, **options})


def lmm(name: str, **options: object):
    """Linear mixed model of a simulated trial."""
    from compassion_trials.models import fit_lmm

    design = "lda" if name in REFERENCE else "single_arm"
    return fit_lmm(data()[name], **{**common(name), "design": design, **options})


def contrasts(fit: object, kind: str = "arm") -> pd.DataFrame:
    """Contrasts with the arm that is compared as a column of its own."""
    table = fit.contrasts(kind)
    return table.assign(arm=table["contrast"].str.split(" - ").str[0])


def cells(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """y, X of cell means (arms within ... visits fastest), subject, visit and arm codes of a simulated trial."""
    frame = data()[name]
    arms = [REFERENCE.get(name, frame["arm"].iloc[0])]
    arms += [a for a in frame["arm"].unique() if a not in arms]
    visit = pd.Index(visits(name)).get_indexer(frame["visit"])
    arm = pd.Index(arms).get_indexer(frame["arm"])
    cell = arm * (visit.max() + 1) + visit
    X = (cell[:, None] == np.arange(cell.max() + 1)).astype(float)
    return frame["y"].to_numpy(), X, pd.factorize(frame["id"])[0], visit, arm


def arm_rows(name: str) -> np.ndarray:
    """Contrasts of cell means: second arm minus the reference at each visit, shape (T, p)."""
    t = len(visits(name))
    X = cells(name)[1]
    rows = np.zeros((t, X.shape[1]))
    rows[:, :t], rows[:, t : 2 * t] = -np.eye(t), np.eye(t)
    return rows


def dense_mmrm(name: str, covariance: str, per_arm: bool = False) -> DenseProblem:
    """The same MMRM for the dense engine."""
    y, X, subject, visit, arm = cells(name)
    return dense_problem(y, X, subject, visit, residual=covariance, block=arm if per_arm else None)


def dense_lmm(name: str, random: str, group: bool = False, per_arm: bool = False) -> DenseProblem:
    """The same LMM for the dense engine; with `group`, therapy groups share an effect after the baseline."""
    y, X, subject, visit, arm = cells(name)
    frame = data()[name]
    one, weeks = np.ones((len(y), 1)), frame["weeks"].to_numpy(dtype=float)[:, None]
    terms = [RandomTerm(one if random == "intercept" else np.hstack([one, weeks]), subject)]
    cluster = subject
    if group:
        cluster = pd.factorize(frame["group"].where(frame["group"].notna(), frame["id"]))[0]
        there = (visit > 0) & frame["group"].notna().to_numpy()
        terms.append(RandomTerm(there[:, None].astype(float), cluster))
    return dense_problem(
        y,
        X,
        subject,
        visit,
        residual="independent",
        block=arm if per_arm else None,
        terms=tuple(terms),
        cluster=cluster,
    )
