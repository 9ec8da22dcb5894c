"""The declared order of covariance structures when the planned one cannot be estimated.

The trigger is a failed identifiability check or certificate, never AIC or a p value; what was tried, and why it failed,
stands in the fit's methods.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.frame import Longitudinal
from compassion_trials.models.likelihood.covariance import marginal_model
from compassion_trials.models.likelihood.estimate import Estimate, Prepared, estimate
from compassion_trials.models.options import RobustName

FALLBACK = ("us", "toeph", "arh1", "csh")
"""From general to plain (Mallinckrodt et al. 2008, doi:10.1177/009286150804200402), as in the study plan.

Equal variances (cs) are rarely true of a trial: they follow only where somebody names them, with `ROBUST_FALLBACK`."""

ROBUST_FALLBACK: Final[dict[str, RobustName]] = {"cs": "CR2"}
"""Structures that stand in for the planned one only with cluster-robust standard errors."""


def follow(
    prepared: Prepared, planned: str, order: tuple[str, ...], per_arm: bool, reml: bool
) -> tuple[str, Estimate, tuple[tuple[str, str], ...]]:
    """Fit the planned structure, or the first of `order` with a valid certificate.

    Returns
    -------
    tuple
        Structure used, its estimate, and (structure, reason) of those that failed before it. With an empty `order`
        a planned fit without valid certificate is returned as it is: flagged.

    Raises
    ------
    ModelError
        Nothing could be fitted; every structure is named with its reason.
    """
    tried: list[tuple[str, str]] = []
    for name in (planned, *order):
        problem = identifiable(prepared.long, name, per_arm)
        if problem:
            tried.append((name, problem))
            continue
        long = prepared.long
        try:
            found = estimate(prepared, marginal_model(name, long.visits, long.arms, per_arm), reml)
        except ModelError as error:
            tried.append((name, str(error)))
            continue
        if found.certificate.valid or not order:
            return name, found, tuple(tried)
        tried.append((name, "; ".join(found.certificate.reasons)))
    raise ModelError("no covariance can be estimated. " + ". ".join(f"{name}: {why}" for name, why in tried))


def identifiable(long: Longitudinal, name: str, per_arm: bool) -> str:
    """Why a structure cannot be estimated from these data, in words; "" when it can.

    us needs every pair of visits observed together and (complete cases - between-subject rank) >= visits.
    """
    if name != "us" or len(long.visits) == 1:
        return ""
    seen = np.zeros((long.n_subjects, len(long.visits)), dtype=bool)
    seen[long.subject, long.visit] = True
    arm = np.zeros(long.n_subjects, dtype=int)
    arm[long.subject] = long.arm
    n_columns = sum(max(len(c.levels) - 1, 1) for c in long.covariates)
    for a in range(len(long.arms)) if per_arm else (None,):
        part = seen if a is None else seen[arm == a]
        where = "" if a is None else f" in arm {long.arms[a]}"
        together = part.T.astype(float) @ part
        pairs = np.argwhere(together == 0)
        if len(pairs):
            first, second = (long.visits[int(t)] for t in sorted(pairs[0]))
            return f"nobody{where} was observed at both {first} and {second}"
        complete = part.all(1)
        rank = n_columns + (1 if a is not None else len(np.unique(arm[complete])))
        if complete.sum() - rank < len(long.visits):
            return (
                f"{int(complete.sum())} complete cases{where} with {rank} mean parameters each visit are too few for "
                f"{len(long.visits)} visits"
            )
    return ""
