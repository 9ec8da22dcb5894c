"""Shares of variance explained by an F test: partial eta squared and omega squared, limits from the noncentral F."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import ncfdtr


@dataclass(frozen=True, slots=True)
class Share:
    """A share of variance.

    Attributes
    ----------
    estimate, lower, upper : float
        In [0, 1); omega squared can be below zero before it is cut.
    """

    estimate: float
    lower: float
    upper: float


def partial_eta_squared(f: float, df_num: float, df_den: float, alpha: float = 0.05) -> Share:
    """``F df1 / (F df1 + df2)``; limits ``ncp / (ncp + df2)`` (R's ``effectsize::F_to_eta2``, two-sided).

    Steiger (2004), doi:10.1037/1082-989X.9.2.164, for the noncentral F.
    """
    low, high = noncentral_f_limits(f, df_num, df_den, alpha)
    return Share(f * df_num / (f * df_num + df_den), low / (low + df_den), high / (high + df_den))


def partial_omega_squared(f: float, df_num: float, df_den: float, alpha: float = 0.05) -> Share:
    """``(F - 1) df1 / (F df1 + df2 + 1)``, not below zero.

    Limits as ``effectsize::F_to_omega2`` has them: those of the F that would give this share as partial eta squared.
    """
    omega = max((f - 1) * df_num / (f * df_num + df_den + 1), 0.0)
    shrunk = omega / (1 - omega) * df_den / df_num
    low, high = noncentral_f_limits(shrunk, df_num, df_den, alpha)
    return Share(omega, low / (low + df_den), high / (high + df_den))


def noncentral_f_limits(f: float, df_num: float, df_den: float, alpha: float = 0.05) -> tuple[float, float]:
    """Confidence limits of the noncentrality of an observed F; 0 where even the central F makes it small."""

    from scipy.optimize import brentq  # a quarter of a second that few verbs need

    def limit(probability: float) -> float:
        def excess(ncp: float) -> float:  # falls as ncp grows
            return float(ncfdtr(df_num, df_den, ncp, f)) - probability

        if f <= 0 or excess(1e-12) <= 0:
            return 0.0
        top = max(10.0, 4 * f * df_num)
        while excess(top) > 0:
            top *= 2
        return float(brentq(excess, 1e-12, top, xtol=1e-12, rtol=1e-14))

    return limit(1 - alpha / 2), limit(alpha / 2)
