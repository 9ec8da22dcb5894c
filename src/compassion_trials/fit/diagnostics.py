"""Arrays behind the pictures of the primary model's residuals and covariance, small enough for a JSON file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compassion_trials.core.seeds import named_seed

if TYPE_CHECKING:
    from compassion_trials.models import Fit

DRAWS = 200
"""Data sets drawn from the model for the envelope of the residuals."""


def diagnostics(fit: Fit, seed: int, level: float) -> dict[str, Any]:
    """Normalized residuals against normal quantiles with their envelope; covariance observed and fitted.

    Parameters
    ----------
    fit : Fit
    seed : int
        The plan's seed.
    level : float
        Pointwise level of the envelope.

    Returns
    -------
    dict
        ``residuals``: lists theoretical, observed, lower, upper, each sorted, without any mark of a participant;
        ``covariance``: one entry per pair of visits (and arm, where arms differ); ``draws``, ``level``.
    """
    from compassion_trials.models.diagnostics import covariance_fit, qq_envelope

    quantiles = qq_envelope(fit, n=DRAWS, seed=named_seed(seed, "residuals"), level=level)
    covariance = covariance_fit(fit).astype(object)
    return {
        "level": level,
        "draws": DRAWS,
        "residuals": {name: [round(float(v), 6) for v in quantiles[name]] for name in quantiles},
        "covariance": covariance.where(covariance.notna(), None).to_dict("records"),
    }
