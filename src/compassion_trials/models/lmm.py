"""`fit_lmm`: random intercepts, random slopes over real time, and therapy groups.

Covariances are kept positive semi-definite (lme4's convention); see `boundary`.

Source: Bates, Maechler, Bolker & Walker (2015), doi:10.18637/jss.v067.i01; Roberts & Roberts (2005),
doi:10.1191/1740774505cn076oa (partially nested designs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.cells import as_names, label_of, visit_codes
from compassion_trials.models.data.design import build, cautions
from compassion_trials.models.data.frame import read_long
from compassion_trials.models.fit import Fit, Methods
from compassion_trials.models.inference.conventions import inference_for
from compassion_trials.models.likelihood.boundary import Effects, estimate_lmm
from compassion_trials.models.likelihood.estimate import Estimate, Prepared, prepare
from compassion_trials.models.mmrm import check_options, covariate_names
from compassion_trials.models.options import (
    COVARIANCES,
    RANDOM,
    CovarianceName,
    DesignName,
    DfMethod,
    RandomName,
    RobustName,
    Weights,
    check_flags,
    check_option,
)

if TYPE_CHECKING:
    import pandas as pd


FEW_GROUPS = 10
"""Below this number of therapy groups the group variance is too uncertain for z tests."""


def fit_lmm(
    data: pd.DataFrame,
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str | None = None,
    reference: Any = None,
    visits: Sequence[Any] | None = None,
    design: DesignName = "lda",
    random: RandomName = "intercept",
    time: str | Mapping[Any, float] | None = None,
    mean: Literal["visits", "linear"] = "visits",
    group: str | None = None,
    nested: bool | None = None,
    residual: CovarianceName | str = "independent",
    per_arm: bool = False,
    bounded: bool = True,
    covariates: str | Sequence[str] | Mapping[str, object] = (),
    by_visit: str | Sequence[str] = (),
    by_arm: str | Sequence[str] = (),
    df: DfMethod = "kenward-roger",
    reml: bool = True,
    robust: RobustName | None = None,
    weights: Weights = "proportional",
    level: float = 0.95,
) -> Fit:
    """Fit a linear mixed model.

    Parameters
    ----------
    data, outcome, subject, visit, arm, reference, visits, design
        As in `fit_mmrm`.
    covariates, by_visit, by_arm, df, reml, robust, weights, level
        As in `fit_mmrm`.
    random : {"intercept", "slope", "none"}
        Random intercept, or random intercept and slope over `time`; none leaves the covariance of a participant's
        visits to `residual` alone, for therapy groups beside any structure of `fit_mmrm`.
    time : str or mapping
        Column (numeric, one value per visit) or {visit: weeks}; needed for "slope" and for a linear mean.
    mean : {"visits", "linear"}
        One mean per visit, or a straight line over `time` in each arm (under clda one common value at time 0).
    group : str, optional
        Column of the therapy group, missing for participants without one (the control arm of a partially nested
        trial). Members share a random effect at visits after the baseline: before, the groups have not met.
    nested : bool, optional
        Needed where a label occurs in two arms: True for groups of one arm, numbered anew in each, which are then told
        apart by arm; False for a site, school or therapist with participants in several arms.
    residual : "independent" or CovarianceName
        Residual structure beside the random effects.
    per_arm : bool
        One residual variance (or structure) per arm.
    bounded : bool
        Keep random-effects and residual covariances positive semi-definite; False gives the unrestricted optimum.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError
        Data or options that cannot give this model, in words.
    """
    check_options(data, design, df, reml, robust, arm, weights, level)
    check_flags({"per_arm": per_arm, "bounded": bounded} | ({} if nested is None else {"nested": nested}))
    _check_effects(random, residual, group)
    names, varying = covariate_names(covariates, by_visit, by_arm)
    long = read_long(
        data,
        outcome=outcome,
        subject=subject,
        arm=arm,
        visit=visit,
        reference=reference,
        visits=visits,
        covariates=names,
        group=group,
        nested=nested,
    )
    check_option("mean", mean, ("visits", "linear"))
    needed = random == "slope" or mean == "linear"
    times = visit_times(data, visit, time, visits) if needed else None
    long, layout, x = build(design, long, varying, weights, as_names(by_arm), times if mean == "linear" else None)
    weeks = times[-len(long.visits) :] if times is not None and random == "slope" else None
    prepared = prepare(long, layout, x)
    n_groups = len(np.unique(long.group[long.group >= 0]))
    if group is not None:
        _check_groups(n_groups, df, robust)
    effects = _effects(prepared, random, weeks, group is not None, residual, per_arm)
    estimate, boundary = estimate_lmm(prepared, effects, reml, bounded)
    inference = inference_for(prepared, estimate, df, robust)
    described = _described(random, group, residual)
    told = [f"only {n_groups} therapy groups: their variance is uncertain"] if 0 < n_groups < FEW_GROUPS else []
    told += [] if bounded else ["random effects unbounded"]
    methods = Methods(
        model="lmm",
        design=design,
        covariance=described,
        covariance_planned=described,
        per_arm=per_arm,
        fallback=(),
        df=df,
        convention=inference.note,
        robust=robust or "",
        estimator="REML" if reml else "ML",
        n_subjects=long.n_subjects,
        n_observations=len(x),
        n_groups=n_groups,
        n_patterns=len(estimate.rows.index),
        notes=(*long.notes, *cautions(long, layout), *boundary, *told),
    )
    return Fit(
        methods=methods,
        prepared=prepared,
        estimate=estimate,
        inference=inference,
        recipe=Refitter(effects, reml, bounded),
        level=level,
    ).noted()


@dataclass(frozen=True, slots=True)
class Refitter:
    """Estimates the same linear mixed model from other data prepared in the same way."""

    effects: Effects
    reml: bool
    bounded: bool

    def __call__(self, prepared: Prepared) -> Estimate:
        """The estimate for other data."""
        return estimate_lmm(prepared, self.effects, self.reml, self.bounded)[0]


def _check_effects(random: str, residual: str, group: str | None) -> None:
    """Refuse random effects and residuals that are unknown or say the same twice."""
    check_option("random", random, RANDOM)
    check_option("residual", residual, ("independent", *COVARIANCES))
    if random == "none" and group is None:
        raise ModelError('random="none" is for models with therapy groups; without them use fit_mmrm')
    if residual in ("us", "cs", "toep") and random != "none":
        raise ModelError(f'residual "{residual}" already holds what a random intercept adds; use fit_mmrm')


def visit_times(data: pd.DataFrame, visit: str, time: str | Mapping[Any, float] | None, visits: Any) -> Array:
    """Time of each visit in order, shape (T,)."""
    codes, labels = visit_codes(data[visit], visits)
    if time is None:
        raise ModelError('random="slope" and mean="linear" need time=: a column, or {visit: weeks}')
    if isinstance(time, Mapping):
        given = {label_of(k): float(v) for k, v in time.items()}
        missing = [v for v in labels if v not in given]
        if missing:
            raise ModelError(f"time has no value for visit {missing[0]}")
        return np.array([given[v] for v in labels])
    values = data[time].to_numpy(dtype=float, na_value=np.nan)
    times = np.array([np.nanmedian(values[codes == t]) for t in range(len(labels))])
    known = (codes >= 0) & ~np.isnan(values)
    if (np.abs(values[known] - times[codes[known]]) > 1e-9 * (1 + np.abs(times).max())).any():
        raise ModelError(f'"{time}" differs between participants at one visit; give the planned time, {{visit: weeks}}')
    return times


def _described(random: str, group: str | None, residual: str) -> str:
    """The random part of a model in words."""
    if random == "none":
        return f"{residual} + therapy group"
    return f"random {random}" + (" + therapy group" if group else "") + (f" + {residual}" * (residual != "independent"))


def _effects(
    prepared: Prepared, random: str, weeks: Array | None, grouped: bool, residual: str, per_arm: bool
) -> Effects:
    visits = prepared.design.visits
    ones = np.ones(len(visits))
    unit = 1.0 if weeks is None else float(np.abs(weeks).max())
    if weeks is not None and (len(visits) < 3 or np.ptp(weeks) == 0):
        raise ModelError('random="slope" needs at least three visits at different times')
    z = ones[:, None] if weeks is None else np.column_stack([ones, weeks / unit])
    met = ones.copy()
    if prepared.design.has_baseline:
        met[0] = 0.0
    labels: tuple[str, ...] = ("intercept",) if weeks is None else ("intercept", "slope")
    if random == "none":
        z, labels = z[:, :0], ()
    arms = prepared.design.arms
    return Effects(
        z=z,
        time_unit=unit,
        labels=labels,
        group=met if grouped else None,
        residual=residual,
        n_arms=len(arms) if per_arm else 1,
        arms=arms,
        visits=visits,
    )


def _check_groups(n_groups: int, df: str, robust: str | None) -> None:
    if n_groups < 2:
        raise ModelError(f"{n_groups} therapy group has data; a group variance needs at least two")
    if n_groups < FEW_GROUPS and df == "z" and robust is None:
        raise ModelError(f'{n_groups} therapy groups are too few for z tests; use df="kenward-roger"')
