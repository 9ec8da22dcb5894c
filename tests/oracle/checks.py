"""One comparison of ours with a reference: what the tests assert and what docs/validation.md prints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
"""Real trials and their reference fits; read in place, tests skip without them."""

LOGLIK_SHORTFALL = 1e-7
"""Our log-likelihood may never lie further below a reference: else ours is not the optimum."""
IDENTITY = 1e-10
"""Exact identities, relative: what double precision leaves after a few hundred operations."""
GLS = 1e-6
"""Estimate over SE and relative SE against nlme at tight settings (its optim stops at about 3e-7)."""
LMER = 1e-8
"""The same against lme4, whose optimum the script polishes with Newton steps; df relative."""
LME = 1e-6
"""Against nlme::lme at tight settings."""
DENSE = 1e-6
"""Against our own dense engine with numeric derivatives (central differences leave about 1e-8)."""
DF_OBSERVED = 1e-5
"""Satterthwaite and Kenward-Roger df, relative, where the reference differentiates numerically."""
DEFAULT_GLS = 2e-4
"""Against nlme at its default settings (real trials), in SE units and relative."""
DEFAULT_LMER = 1e-6
"""Against lme4 at its default settings (real trials)."""
MMRM = 1e-4
"""Against the R package mmrm at its default settings (real trials)."""


@dataclass(frozen=True, slots=True)
class Check:
    """Numbers of ours beside those of a reference.

    Attributes
    ----------
    case, quantity, source : str
    ours, reference : tuple of float
    tolerance : float
        Largest difference allowed.
    scale : tuple of float
        What each difference is divided by (a standard error, the reference itself, or 1).
    one_sided : bool
        Only falling short of the reference counts (log-likelihoods of references at default settings).
    """

    case: str
    quantity: str
    ours: tuple[float, ...]
    reference: tuple[float, ...]
    tolerance: float
    source: str
    scale: tuple[float, ...]
    one_sided: bool = False

    @property
    def difference(self) -> float:
        """Largest scaled difference; infinite when something is missing."""
        if len(self.ours) != len(self.reference) or not self.ours:
            return math.inf
        gaps = (np.asarray(self.reference) - np.asarray(self.ours)) / np.asarray(self.scale)
        largest = float(np.max(gaps if self.one_sided else np.abs(gaps)))
        return math.inf if math.isnan(largest) else max(largest, 0.0)

    @property
    def passed(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance

    def __str__(self) -> str:
        return (
            f"{self.case}: {self.quantity} differs by {self.difference:.3g} (tolerance {self.tolerance:g}); "
            f"ours {self.ours}, {self.source} {self.reference}"
        )


def numbers(values: object) -> tuple[float, ...]:
    """Any scalar, sequence or array as a tuple of floats."""
    return tuple(float(v) for v in np.asarray(values, dtype=float).ravel())


def check(
    case: str, quantity: str, ours: object, reference: object, tolerance: float, source: str, scale: object = "relative"
) -> Check:
    """A two-sided check; scale is "relative" (to the reference), "absolute" or an array (standard errors)."""
    mine, theirs = numbers(ours), numbers(reference)
    if isinstance(scale, str):
        size = {"absolute": np.ones(len(theirs)), "relative": np.maximum(np.abs(theirs), 1e-300)}[scale]
    else:
        size = np.asarray(scale, dtype=float)
    return Check(case, quantity, mine, theirs, tolerance, source, numbers(size))


def loglik_checks(case: str, ours: float, reference: float, source: str, equal: float | None = 1e-6) -> list[Check]:
    """Never below the reference; and equal to it within `equal`, unless that is None."""
    short = Check(case, "log-likelihood, not below", (ours,), (reference,), LOGLIK_SHORTFALL, source, (1.0,), True)
    return (
        [short] if equal is None else [short, check(case, "log-likelihood", ours, reference, equal, source, "absolute")]
    )


def table_checks(
    case: str,
    what: str,
    ours: pd.DataFrame,
    reference: Sequence[dict],
    keys: Sequence[str],
    source: str,
    tolerance: float,
    df: float | None = None,
) -> list[Check]:
    """Estimates over SE, SE relative and, when `df` gives a tolerance, df, p and limits, matched by label.

    Parameters
    ----------
    case, what, source : str
    ours : DataFrame
        Columns `keys`, estimate, se, df, p, lower, upper.
    reference : sequence of dict
        Rows of the reference with the same names.
    keys : sequence of str
        Columns by which rows are matched.
    tolerance : float
        Of estimates and standard errors.
    df : float, optional
        Relative tolerance of df; p is compared absolutely with the same.
    """
    theirs = pd.DataFrame(list(reference)).set_index(list(keys))
    mine = ours.set_index(list(keys)).reindex(theirs.index)
    out = [
        check(case, f"{what}: estimate / SE", mine["estimate"], theirs["estimate"], tolerance, source, theirs["se"]),
        check(case, f"{what}: SE", mine["se"], theirs["se"], tolerance, source),
    ]
    if df is not None:
        out.append(check(case, f"{what}: df", mine["df"], theirs["df"], df, source))
        if "p" in theirs:
            out.append(check(case, f"{what}: p", mine["p"], theirs["p"], df, source, "absolute"))
        if "lower" in theirs:
            limits = ["lower", "upper"]
            spread = np.repeat(theirs["se"].to_numpy(), 2)
            out.append(
                check(case, f"{what}: limits / SE", mine[limits], theirs[limits], max(df, tolerance), source, spread)
            )
    return out


def failures(checks: Iterable[Check]) -> str:
    """Every check that fails, one line each; empty when all pass."""
    return "\n".join(str(c) for c in checks if not c.passed)
