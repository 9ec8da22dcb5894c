"""The words that users write, as types: one place for every option of the mixed models."""

from __future__ import annotations

from collections.abc import Mapping
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
WEIGHTS: tuple[str, ...] = get_args(Weights)
KENWARD_ROGER: tuple[str, ...] = ("kenward-roger", "kr(expected)", "kr(sas)")


BY_VISIT = "by visit"
"""Value of a covariate, where covariates are a mapping, that gives it one coefficient per visit."""


def check_option(what: str, value: object, valid: tuple[str, ...]) -> None:
    """Raise a `ModelError` that names the nearest valid word unless `value` is one of `valid`."""
    if not isinstance(value, str) or value not in valid:
        raise ModelError(f'{what} "{value}" is not known; {nearest(str(value), valid)}')


def check_flags(flags: Mapping[str, object]) -> None:
    """Raise a `ModelError` unless each value is True or False: any word would count as True."""
    for name, value in flags.items():
        if type(value).__name__ not in ("bool", "bool_"):  # numpy's, too, which is not imported for a name
            raise ModelError(f"{name} is True or False, not {value!r}")


def check_level(level: object) -> None:
    """Raise a `ModelError` unless a confidence level lies between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        advice = f"; write {level / 100:g}" if isinstance(level, int | float) and 1 < level < 100 else ""
        raise ModelError(f"the confidence level is a share between 0 and 1, such as 0.95, not {level!r}{advice}")


def check_frame(data: object) -> None:
    """Raise a `ModelError` unless the data are a pandas DataFrame."""
    kind = type(data)
    if any(base.__name__ == "DataFrame" and base.__module__.split(".")[0] == "pandas" for base in kind.__mro__):
        return
    advice = "; pass data.to_pandas()" if hasattr(data, "to_pandas") else ""
    raise ModelError(f"the data are a {kind.__module__.split('.')[0]} {kind.__name__}, not a pandas DataFrame{advice}")
