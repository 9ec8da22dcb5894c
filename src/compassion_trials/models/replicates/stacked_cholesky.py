"""Many small symmetric matrices at once: Cholesky inverse and determinant, vectorised over the stack.

LAPACK pays about a microsecond of overhead per matrix; for stacks of thousands of matrices of a few rows it is an order
of magnitude faster to loop over the entries and let every operation run over the stack.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array


def invert(stack: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Inverse and log-determinant of symmetric matrices.

    Parameters
    ----------
    stack : ndarray, shape (..., d, d)

    Returns
    -------
    tuple of ndarray
        Inverses (..., d, d), log-determinants (...), and whether each matrix is positive definite (...); results of
        those that are not are meaningless but finite.
    """
    shape, d = stack.shape[:-2], stack.shape[-1]
    a = np.ascontiguousarray(stack.reshape(-1, d, d).transpose(1, 2, 0))
    lower = np.zeros_like(a)
    positive = np.ones(a.shape[2], dtype=bool)
    log_det = np.zeros(a.shape[2])
    for j in range(d):
        column = a[j:, j] - (lower[j:, :j] * lower[j, :j]).sum(1) if j else a[:, 0].copy()
        pivot = column[0]
        good = pivot > 1e-12 * np.abs(a[j, j])
        positive &= good
        root = np.sqrt(np.where(good, pivot, 1.0))
        log_det += 2.0 * np.log(root)
        lower[j, j] = root
        lower[j + 1 :, j] = column[1:] / root
    inverse = _inverse_lower(lower)
    out = np.empty_like(a)
    for i in range(d):
        for j in range(i + 1):
            out[i, j] = out[j, i] = (inverse[i:, i] * inverse[i:, j]).sum(0)
    return out.transpose(2, 0, 1).reshape(*shape, d, d), log_det.reshape(shape), positive.reshape(shape)


def _inverse_lower(lower: Array) -> Array:
    """Inverse of lower triangular matrices (d, d, M)."""
    d = len(lower)
    inverse = np.zeros_like(lower)
    for i in range(d):
        inverse[i, i] = 1.0 / lower[i, i]
        for j in range(i):
            inverse[i, j] = -inverse[i, i] * (lower[i, j:i] * inverse[j:i, j]).sum(0)
    return inverse
