"""From one effect size to another, for tables of papers that print what ours do not."""

from __future__ import annotations

from math import pi, sqrt


def d_from_t(t: float, n_treated: int, n_comparison: int) -> float:
    """Cohen's d of a two-sample t test: ``t sqrt(1/n1 + 1/n2)``."""
    return t * sqrt(1 / n_treated + 1 / n_comparison)


def d_from_r(r: float) -> float:
    """d from a point-biserial correlation of arms of equal size: ``2 r / sqrt(1 - r^2)``."""
    return 2 * r / sqrt(1 - r**2)


def r_from_d(d: float, n_treated: int | None = None, n_comparison: int | None = None) -> float:
    """Point-biserial correlation, ``d / sqrt(d^2 + a)`` with ``a = N^2 / (n1 n2)``, 4 for equal arms.

    Borenstein et al. (2009), doi:10.1002/9780470743386, ch. 7.
    """
    a = (
        4.0
        if n_treated is None or n_comparison is None
        else (n_treated + n_comparison) ** 2 / (n_treated * n_comparison)
    )
    return d / sqrt(d**2 + a)


def log_odds_ratio_from_d(d: float) -> float:
    """``d pi / sqrt(3)`` (Hasselblad & Hedges 1995, doi:10.1037/0033-2909.117.1.167)."""
    return d * pi / sqrt(3)


def d_from_log_odds_ratio(log_odds_ratio: float) -> float:
    """Inverse of `log_odds_ratio_from_d`."""
    return log_odds_ratio * sqrt(3) / pi
