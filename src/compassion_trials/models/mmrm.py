"""`fit_mmrm`: the marginal model for repeated measures, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from compassion_trials.core.errors import ModelError
from compassion_trials.models.data.cells import as_names
from compassion_trials.models.data.design import build, cautions
from compassion_trials.models.data.frame import read_long
from compassion_trials.models.fit import Fit, Methods
from compassion_trials.models.inference.conventions import inference_for
from compassion_trials.models.likelihood.estimate import estimate as estimate_model
from compassion_trials.models.likelihood.estimate import prepare
from compassion_trials.models.likelihood.fallback import FALLBACK, ROBUST_FALLBACK, follow
from compassion_trials.models.options import (
    BY_VISIT,
    COVARIANCES,
    DESIGNS,
    DF_METHODS,
    KENWARD_ROGER,
    ROBUST,
    WEIGHTS,
    CovarianceName,
    DesignName,
    DfMethod,
    RobustName,
    Weights,
    check_flags,
    check_frame,
    check_level,
    check_option,
)

if TYPE_CHECKING:
    import pandas as pd


def fit_mmrm(
    data: pd.DataFrame,
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str | None = None,
    reference: Any = None,
    visits: Sequence[Any] | None = None,
    design: DesignName = "lda",
    covariance: CovarianceName = "us",
    per_arm: bool = False,
    covariates: str | Sequence[str] | Mapping[str, object] = (),
    by_visit: str | Sequence[str] = (),
    by_arm: str | Sequence[str] = (),
    df: DfMethod = "kenward-roger",
    reml: bool = True,
    robust: RobustName | None = None,
    weights: Weights = "proportional",
    fallback: Sequence[CovarianceName] | None = None,
    level: float = 0.95,
) -> Fit:
    """Fit a mixed model for repeated measures.

    Outcomes of participant i follow N(X_i b, Sigma), restricted to the visits observed; the likelihood is valid when
    values are missing at random. Rows in any order; arms and visits by name.

    Parameters
    ----------
    data : DataFrame
        One row per participant and visit.
    outcome, subject, visit : str
        Columns.
    arm : str, optional
        Column of the arm; leave out for `design="single_arm"`.
    reference : label, optional
        Reference arm (a Categorical arm column has its own: the first category).
    visits : sequence of labels, optional
        Visits in time order, the first is the baseline.
    design : DesignName
        "lda": arm x visit. "clda": one baseline mean for all arms (randomized trials only). "baseline_adjusted": the
        first visit is a covariate, with one coefficient per visit. "single_arm": visits only.
    covariance : CovarianceName
        Structure of Sigma.
    per_arm : bool
        One Sigma per arm; refused below three times as many participants per arm as visits.
    covariates : sequence or mapping of column names
        Categorical ones get treatment coding; of a mapping the keys count, and a value "by visit" gives a covariate
        one coefficient per visit.
    by_visit : sequence of column names
        Covariates with one coefficient per visit.
    by_arm : sequence of column names
        Covariates that may moderate the arm's effect (see `Fit.moderation`); in `by_visit` too: differently by visit.
    df : DfMethod
        "kenward-roger" by default.
    reml : bool
        REML, or ML when False (then df must not be Kenward-Roger).
    robust : RobustName, optional
        Cluster-robust covariance with Bell-McCaffrey df instead of the model's.
    weights : Weights
        Levels of categorical covariates in marginal means.
    fallback : sequence of CovarianceName, optional
        Structures to try, in order, when `covariance` fails its certificate; the rest of us -> toeph -> arh1 -> csh
        after `covariance` by default; () for none. cs, where named, gets CR2 standard errors.
    level : float
        Confidence level of the tables.

    Returns
    -------
    Fit

    Raises
    ------
    ModelError
        Data or options that cannot give this model, in words.
    """
    check_option("covariance", covariance, COVARIANCES)
    check_options(data, design, df, reml, robust, arm, weights, level)
    check_flags({"per_arm": per_arm})
    structures = () if fallback is None else as_names(fallback)
    for name in structures:
        check_option("fallback structure", name, COVARIANCES)
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
    )
    long, layout, x = build(design, long, varying, weights, as_names(by_arm))
    if per_arm:
        check_per_arm(long)
    prepared = prepare(long, layout, x)
    order = FALLBACK[FALLBACK.index(covariance) + 1 :] if fallback is None and covariance in FALLBACK else structures
    used, estimate, tried = follow(prepared, covariance, order, per_arm, reml)
    if tried and robust is None:
        robust = ROBUST_FALLBACK.get(used)
    inference = inference_for(prepared, estimate, df, robust)
    methods = Methods(
        model="mmrm",
        design=design,
        covariance=used,
        covariance_planned=covariance,
        per_arm=per_arm,
        fallback=tried,
        df=df,
        convention=inference.note,
        robust=robust or "",
        estimator="REML" if reml else "ML",
        n_subjects=long.n_subjects,
        n_observations=len(x),
        n_groups=0,
        n_patterns=len(estimate.rows.index),
        notes=(*long.notes, *cautions(long, layout)),
    )
    model = estimate.problem.covariance
    return Fit(
        methods=methods,
        prepared=prepared,
        estimate=estimate,
        inference=inference,
        recipe=partial(estimate_model, model=model, reml=reml),
        level=level,
    ).noted()


def covariate_names(
    covariates: str | Sequence[str] | Mapping[str, object], by_visit: str | Sequence[str], by_arm: str | Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All covariate columns, and those with one coefficient per visit."""
    varying = as_names(by_visit)
    for name, role in covariates.items() if isinstance(covariates, Mapping) else ():
        if str(role).replace("_", " ") not in (BY_VISIT, "main"):
            raise ModelError(
                f'covariate "{name}" is "main" (one coefficient) or "{BY_VISIT}" (one per visit), not {role!r}; '
                "moderators stand in by_arm"
            )
        if role != "main" and name not in varying:
            varying += (name,)
    return tuple(dict.fromkeys((*as_names(covariates), *varying, *as_names(by_arm)))), varying


def check_per_arm(long: Any) -> None:
    """Refuse one covariance per arm below three participants per visit in the smallest arm."""
    import numpy as np

    for a, label in enumerate(long.arms):
        n = len(np.unique(long.subject[long.arm == a]))
        if n < 3 * len(long.visits):
            raise ModelError(
                f"one covariance per arm needs at least {3 * len(long.visits)} participants in each arm "
                f"(3 x {len(long.visits)} visits); {label} has {n}"
            )


def check_options(
    data: object, design: str, df: str, reml: bool, robust: str | None, arm: str | None, weights: str, level: float
) -> None:
    """Options that `fit_mmrm` and `fit_lmm` share; raises a `ModelError` in words."""
    check_frame(data)
    check_flags({"reml": reml})
    check_level(level)
    check_option("weights", weights, WEIGHTS)
    check_option("design", design, DESIGNS)
    check_option("df method", df, DF_METHODS)
    if robust is not None:
        check_option("robust covariance", robust, ROBUST)
    if not reml and df in KENWARD_ROGER and robust is None:
        raise ModelError('Kenward-Roger needs REML; with reml=False choose df="satterthwaite" or "z"')
    if arm is None and design != "single_arm":
        raise ModelError(f'design "{design}" needs an arm column; for one arm use design="single_arm"')
