"""Therapy groups and courses in the mixed models: the fit with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from compassion_trials.core.errors import ModelError
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.study.plan.analysis import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.models import Fit
    from compassion_trials.models.options import DesignName

SUFFIX = " + therapy group"


def fit_with_groups(
    long: pd.DataFrame, group: str, design: DesignName, spec: Analysis, shared: Mapping[str, Any]
) -> Fit:
    """MMRM with a shared effect of each therapy group after baseline.

    Roberts & Roberts (2005), doi:10.1191/1740774505cn076oa. Covariances of the visits are tried in the order of
    the plan until one has a valid certificate; cs instead of the planned one gets CR2 standard errors.

    Raises
    ------
    ModelError
        Fewer than two groups with data, or no covariance that can be estimated.
    """
    from compassion_trials.models import fit_lmm
    from compassion_trials.models.likelihood.fallback import ROBUST_FALLBACK

    tried: list[tuple[str, str]] = []
    for covariance in dict.fromkeys((spec.covariance, *spec.fallback)):
        options: dict[str, Any] = {"residual": covariance, "robust": ROBUST_FALLBACK.get(covariance) if tried else None}
        try:
            fit = fit_lmm(long, design=design, random="none", group=group, **options, **shared)
        except ModelError as error:
            tried.append((covariance, str(error)))
            continue
        if fit.certificate.valid:
            return replace(
                fit, methods=replace(fit.methods, fallback=tuple(tried), covariance_planned=spec.covariance + SUFFIX)
            )
        tried.append((covariance, "; ".join(fit.certificate.reasons)))
    raise ModelError("; ".join(f"{name}: {why}" for name, why in tried))


def group_statistics(base: Mapping[str, object], fit: Fit) -> list[Row]:
    """Number of groups, and the intraclass correlation after baseline: group variance over all variance."""
    if not fit.methods.n_groups:
        return []
    names = fit.variance_parameters.set_index("parameter")["estimate"]
    shared = [value for name, value in names.items() if str(name).startswith("therapy group")]
    own = fit.covariances[0].diagonal()
    own = own[1:] if fit.prepared.design.has_baseline else own
    numbers = {"n_groups": float(fit.methods.n_groups)}
    if shared:
        numbers["icc"] = float(shared[0]) / float(own.mean())
    return rows(dict(base) | {"term": "model", "unit": ""}, numbers)


def without_groups(where: str, group: str, why: str) -> Finding:
    """A warning that the groups did not enter."""
    message = f"{where}: {group} could not enter the model; participants count as independent"
    return Finding("warning", "groups_ignored", message, column=f"design.clusters.{group}", advice=why)
