"""t and F tests of linear contrasts: Kenward-Roger in three conventions, Satterthwaite, between-within, residual, z.

Default `kenward-roger`: Kenward & Roger (1997) without second derivatives, observed information (SAS
`ddfm=kr(firstorder)`). For structures linear in their parameters this is `ddfm=kr`. `kr(expected)` takes the expected
information (pbkrtest); `kr(sas)` adds the second derivatives in the variances and correlations that PROC MIXED prints.

Sources: Kenward & Roger (1997), doi:10.2307/2533558; Kenward & Roger (2009), doi:10.1016/j.csda.2008.12.013; Halekoh &
Hojsgaard (2014), doi:10.18637/jss.v059.i09; Fai & Cornelius (1996), doi:10.1080/00949659608811740; Schluchter &
Elashoff (1990), doi:10.1080/00949659008811295 (between-within).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import fdtrc, ndtr, ndtri, stdtr, stdtrit

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.models.likelihood.reml import Derivatives, Problem, Solution


@dataclass(frozen=True, slots=True)
class FTest:
    """A joint test.

    Attributes
    ----------
    f : float
        F statistic, scaled where the method scales it.
    df_num, df_den : float
        Degrees of freedom; df_den is inf for a chi-squared / df test.
    p : float
    """

    f: float
    df_num: int
    df_den: float
    p: float


class Inference(Protocol):
    """Covariance of the coefficients with its degrees of freedom; contrasts in the standardised space."""

    @property
    def method(self) -> str:
        """Name of the method."""

    @property
    def covariance(self) -> Array:
        """Covariance of the standardised coefficients that standard errors use, shape (p, p)."""

    @property
    def note(self) -> str:
        """The convention in words, with what had to be done differently."""

    def df(self, contrasts: Array) -> Array:
        """Degrees of freedom of each contrast (R, p)."""

    def f_test(self, contrasts: Array, values: Array) -> FTest:
        """Joint test that all contrasts (R, p) with estimates `values` (R,) are zero."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Satterthwaite and Kenward-Roger: degrees of freedom from the covariance of the variance parameters.

    Attributes
    ----------
    method, covariance, note
        See `Inference`.
    phi : ndarray, shape (p, p)
        (X' V^-1 X)^-1, without the small-sample adjustment.
    turned : ndarray, shape (K, p, p)
        dPhi / d theta_k = Phi X' V^-1 D_k V^-1 X Phi.
    weights : ndarray, shape (K, K)
        Covariance of the variance parameters.
    scaled : bool
        Whether joint tests carry the Kenward-Roger scale (else Fai-Cornelius).
    """

    method: str
    covariance: Array
    note: str
    phi: Array
    turned: Array
    weights: Array
    scaled: bool

    def df(self, contrasts: Array) -> Array:
        """2 (l'Phi l)^2 / (g'W g) with g_k = l' dPhi/d theta_k l, for each row of contrasts (R, p)."""
        variance = ((contrasts @ self.phi) * contrasts).sum(1)
        slope = ((contrasts @ self.turned) * contrasts).sum(2)
        spread = ((self.weights @ slope) * slope).sum(0)
        with np.errstate(divide="ignore", invalid="ignore"):
            df: Array = 2.0 * variance**2 / spread
            return df

    def f_test(self, contrasts: Array, values: Array) -> FTest:
        """Joint test with the Kenward-Roger scale and degrees of freedom, or Satterthwaite's by Fai & Cornelius."""
        contrasts, values = independent_rows(contrasts, values)
        test = _kenward_roger_f if self.scaled else _satterthwaite_f
        return test(self, contrasts, values)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Residual, between-within and z: degrees of freedom known beforehand, one per coefficient.

    Attributes
    ----------
    method, covariance, note
        See `Inference`.
    by_term : ndarray, shape (p,)
        Degrees of freedom of each coefficient in the coding of `to_terms`.
    to_terms : ndarray, shape (p, p)
        Turns standardised contrasts into contrasts of the coefficients (only zero or not matters).
    """

    method: str
    covariance: Array
    note: str
    by_term: Array
    to_terms: Array

    def df(self, contrasts: Array) -> Array:
        """The smallest degrees of freedom among the coefficients that a contrast uses."""
        used = contrasts @ self.to_terms
        used = np.abs(used) > 1e-8 * np.abs(used).max(1, keepdims=True)
        smallest: Array = np.where(used, self.by_term, np.inf).min(1)
        return smallest

    def f_test(self, contrasts: Array, values: Array) -> FTest:
        """Wald F."""
        df_den = float(self.df(contrasts).min())
        contrasts, values = independent_rows(contrasts, values)
        return wald_f(contrasts, values, self.covariance, df_den)


def moments(
    method: str, problem: Problem, at: Solution, slope: Derivatives, expected: Derivatives | None = None
) -> Moments:
    """Inference by `satterthwaite` or one of the Kenward-Roger conventions.

    Parameters
    ----------
    method : DfMethod
    problem, at, slope
        The fit, standardised.
    expected : Derivatives, optional
        Derivatives over all parameters of a fit on the boundary, for `kr(expected)`.
    """
    if method != "satterthwaite" and not problem.reml:
        raise ModelError(
            "Kenward-Roger needs REML; with reml=False choose satterthwaite or z (for likelihood-ratio tests)"
        )
    note = ""
    if method == "kr(expected)":
        information = slope.expected
    else:
        information = slope.observed
        if np.linalg.eigvalsh(information)[0] <= 0:
            information, note = slope.expected, "observed information not positive definite, expected information used"
    weights = 2.0 * np.asarray(np.linalg.pinv(information, hermitian=True), dtype=float)
    turned = at.phi @ slope.slopes @ at.phi
    covariance = at.phi
    if method != "satterthwaite":
        covariance = kenward_roger_covariance(problem, at, slope, weights, second=method == "kr(sas)")
    return Moments(
        method=method,
        covariance=covariance,
        note=note,
        phi=at.phi,
        turned=turned,
        weights=weights,
        scaled=method != "satterthwaite",
    )


def kenward_roger_covariance(problem: Problem, at: Solution, slope: Derivatives, weights: Array, second: bool) -> Array:
    """Phi + 2 Phi {sum_kl W_kl (Q_kl - P_k Phi P_l - R_kl / 4)} Phi, shape (p, p); R_kl only when `second`.

    Q_kl = X'V^-1 D_k V^-1 D_l V^-1 X, R_kl = X'V^-1 D_kl V^-1 X (Kenward & Roger 1997).
    """
    p, k = problem.p, len(at.theta)
    first = problem.covariance.first(at.theta)
    bend = problem.covariance.second(at.theta) if second else None
    total = -(slope.slopes @ at.phi @ (weights @ slope.slopes.reshape(k, -1)).reshape(k, p, p)).sum(0)
    for block, inverse in zip(problem.blocks, at.inverse, strict=True):
        d = block.embed(first)
        mixed = (weights @ d.reshape(k, -1)).reshape(d.shape)
        inner = (d @ inverse @ mixed).sum(0)
        if bend is not None:
            inner = inner - block.embed(np.tensordot(weights, bend, 2)) / 4.0
        core = inverse @ inner @ inverse
        total += block.quadratic((core + core.swapaxes(1, 2)) / 2)[:p, :p]
    adjusted = at.phi + 2.0 * at.phi @ total @ at.phi
    symmetric: Array = (adjusted + adjusted.T) / 2
    return symmetric


def _kenward_roger_f(on: Moments, contrasts: Array, values: Array) -> FTest:
    """F, its scale lambda and denominator df (Kenward & Roger 1997; guards as in pbkrtest)."""
    q = len(contrasts)
    root = np.linalg.inv(np.linalg.cholesky(contrasts @ on.phi @ contrasts.T))
    left = root @ contrasts
    u = left @ on.turned @ left.T
    trace = np.trace(u, axis1=1, axis2=2)
    a1 = float(trace @ on.weights @ trace)
    a2 = float(((on.weights @ u.reshape(len(u), -1)) * u.swapaxes(1, 2).reshape(len(u), -1)).sum())
    if a2 <= 0:
        return wald_f(contrasts, values, on.covariance, np.inf)
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    c = 3 * q + 2 * (1 - g)
    v0, v1, v2 = 1 + g / c * b, 1 - (q - g) / c * b, 1 - (q + 2 - g) / c * b
    v0 = 0.0 if abs(v0) < 1e-10 else v0
    shrink = 1 - a2 / q
    rho = (shrink / v1) ** 2 * v0 / v2 / q
    df_den = 4 + (q + 2) / (q * rho - 1)
    scale = 1.0 if abs(df_den - 2) < 1e-2 else df_den * shrink / (df_den - 2)
    return wald_f(contrasts, values, on.covariance, df_den, scale)


def _satterthwaite_f(on: Moments, contrasts: Array, values: Array) -> FTest:
    """F with denominator df from the df of its orthogonal parts (Fai & Cornelius 1996; guards as in lmerTest)."""
    q = len(contrasts)
    _, vectors = np.linalg.eigh(contrasts @ on.phi @ contrasts.T)
    parts = on.df(vectors.T @ contrasts)
    if q == 1 or np.ptp(parts) < 1e-8 * parts.max():
        df_den = float(parts.mean())
    elif (parts <= 2).any():
        df_den = 2.0
    else:
        expected = float((parts / (parts - 2)).sum())
        df_den = 2 * expected / (expected - q)
    return wald_f(contrasts, values, on.covariance, df_den)


def wald_f(contrasts: Array, values: Array, covariance: Array, df_den: float, scale: float = 1.0) -> FTest:
    """Wald F = scale * values' (L C L')^-1 values / rank, with its p value (chi-squared / df when df_den is inf)."""
    q = len(contrasts)
    f = scale * float(values @ np.linalg.solve(contrasts @ covariance @ contrasts.T, values)) / q
    p = float(fdtrc(q, df_den if np.isfinite(df_den) else 1e12, f)) if df_den > 0 else float("nan")
    return FTest(f, q, df_den, p)


def independent_rows(contrasts: Array, values: Array) -> tuple[Array, Array]:
    """The contrasts (R, p) and their estimates; when rows depend on each other, orthonormal rows that span them.

    Independent rows are kept as they are, because Satterthwaite's F depends on the basis: the field's programs take
    differences in change from baseline, as `marginal_means.joint_rows` does.

    Raises
    ------
    ModelError
        No contrast at all.
    """
    if not len(contrasts):
        raise ModelError("there is nothing to test jointly")
    u, s, _ = np.linalg.svd(contrasts, full_matrices=False)
    keep = s > 1e-9 * s[0]
    if keep.sum() == len(contrasts):
        return contrasts, values
    mix = u[:, keep].T / s[keep][:, None]
    return mix @ contrasts, mix @ values


def p_two_sided(statistic: Array, df: Array) -> Array:
    """Two-sided p values of t statistics; the normal distribution where df is inf."""
    size = -np.abs(statistic)
    finite = np.isfinite(df)
    return 2.0 * np.where(finite, stdtr(np.where(finite, df, 1.0), size), ndtr(size))


def quantile(df: Array, level: float) -> Array:
    """Quantile of t at `level`; of the normal distribution where df is inf."""
    finite = np.isfinite(df)
    return np.where(finite, stdtrit(np.where(finite, df, 1.0), level), ndtri(level))
