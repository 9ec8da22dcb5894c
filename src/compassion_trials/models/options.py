"""The words that users write, as types: one place for every option of the mixed models."""

from __future__ import annotations

from typing import Literal, get_args

from compassion_trials.core.errors import ModelError, nearest

DesignName = Literal["lda", "clda", "baseline_adjusted", "single_arm"]
"""Mean models by name (see `design`)."""

CovarianceName = Literal["us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag"]
"""Covariance structures over visits, named as in the R package mmrm (see `structures`)."""

RandomName = Literal["intercept", "slope", "none"]
"""Random effects of a linear mixed model: intercept, intercept and slope over real time, none beside therapy groups."""

DfMethod = Literal["kenward-roger", "kr(expected)", "kr(sas)", "satterthwaite", "between-within", "residual", "z"]
"""Degrees-of-freedom methods (see `inference`)."""

RobustName = Literal["CR0", "CR2", "CR3"]
"""Cluster-robust covariances, clusters = subjects or therapy groups (see `robust`)."""

Weights = Literal["proportional", "equal"]
"""How marginal means average over the levels of categorical covariates."""

DESIGNS: tuple[str, ...] = get_args(DesignName)
COVARIANCES: tuple[str, ...] = get_args(CovarianceName)
RANDOM: tuple[str, ...] = get_args(RandomName)
DF_METHODS: tuple[str, ...] = get_args(DfMethod)
ROBUST: tuple[str, ...] = get_args(RobustName)
KENWARD_ROGER: tuple[str, ...] = ("kenward-roger", "kr(expected)", "kr(sas)")


def check_option(what: str, value: str, valid: tuple[str, ...]) -> None:
    """Raise a `ModelError` that names the nearest valid word unless `value` is one of `valid`."""
    if value not in valid:
        raise ModelError(f'{what} "{value}" is not known; {nearest(str(value), valid)}')
