"""Estimates with their t tests, as arrays and as data frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from compassion_trials.core.arrays import Array
from compassion_trials.models.inference.contrast_tests import p_two_sided, quantile


@dataclass(frozen=True, slots=True)
class Estimates:
    """Linear contrasts of the coefficients with their inference.

    Attributes
    ----------
    labels : dict of str to list of str
        Leading columns of the table, such as contrast and visit.
    contrasts : ndarray, shape (R, p)
        Contrasts of the coefficients.
    estimate, se, df : ndarray, shape (R,)
        Units of the outcome; df is inf under z.
    covariance : ndarray, shape (R, R)
        Covariance of the estimates that `se` comes from.
    """

    labels: dict[str, list[str]]
    contrasts: Array
    estimate: Array
    se: Array
    df: Array
    covariance: Array

    def table(self, level: float = 0.95, test: bool = True) -> pd.DataFrame:
        """Labels, estimate, se, df, (statistic, p,) lower, upper."""
        columns: dict[str, object] = dict(self.labels)
        half_width = quantile(self.df, 0.5 + level / 2) * self.se
        columns |= {"estimate": self.estimate, "se": self.se, "df": self.df}
        if test:
            with np.errstate(divide="ignore", invalid="ignore"):
                statistic = self.estimate / self.se
            columns |= {"statistic": statistic, "p": p_two_sided(statistic, self.df)}
        columns |= {"lower": self.estimate - half_width, "upper": self.estimate + half_width}
        return pd.DataFrame(columns)
