"""Against printed numbers: Potthoff & Roy's growth data, Student's sleep data, to the digits printed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import fits
import numpy as np
from checks import Check, check

from compassion_trials.models.likelihood.covariance import (
    Component,
    CovarianceModel,
    marginal_model,
)
from compassion_trials.models.likelihood.estimate import estimate, prepare
from compassion_trials.models.likelihood.structures import Linear, random_effects

TITLE = "Published numbers"
GROWTH = (
    "Jennrich & Schluchter 1986, doi:10.2307/2530695; Verbeke & Molenberghs 2000, doi:10.1007/978-1-4419-0300-6, ch. 17"
)
PRINTED_3 = 5e-4
"""Three decimals are printed."""
PRINTED_4 = 5e-5
"""Four decimals are printed."""
AGES = np.array([8.0, 10.0, 12.0, 14.0])


def saturated(case: str) -> list[Check]:
    """Model 1: a mean per sex and age, unstructured, ML."""
    fit = fits.mmrm("growth", reml=False, df="z")
    return [check(case, "-2 log L", -2 * fit.loglik, 416.509, PRINTED_3, GROWTH, "absolute")]


def lines(case: str, covariance: str, printed: float, parallel: bool = False) -> list[Check]:
    """Models 2-8: a line per sex (or parallel lines), ML."""
    base = fits.mmrm("growth").prepared
    long = base.long
    age, boy = AGES[long.visit], long.arm.astype(float)
    columns = [np.ones(len(age)), boy, age] + ([] if parallel else [age * boy])
    prepared = prepare(long, base.design, np.column_stack(columns))
    if covariance == "random lines":
        Z = np.column_stack([np.ones(4), AGES / 14])
        parts = (
            random_effects(Z, ("intercept", "slope"), np.ones(2)),
            Linear(("residual",), np.ones(1), np.eye(4)[None]),
        )
        model = CovarianceModel(tuple(Component(part, (0,)) for part in parts), 1, 4)
    elif covariance == "independent":
        model = CovarianceModel((Component(Linear(("residual",), np.ones(1), np.eye(4)[None]), (0,)),), 1, 4)
    else:
        model = marginal_model(covariance, long.visits, long.arms, False)
    found = estimate(prepared, model, reml=False)
    loglik = prepared.standard.log_likelihood(found.optimum.solution.objective, len(long.y), False)
    return [check(case, "-2 log L", -2 * loglik, printed, PRINTED_3, GROWTH, "absolute")]


def sleep(case: str) -> list[Check]:
    """The paired t test that R prints for its sleep data (help page of t.test)."""
    row = fits.mmrm("sleep").contrasts("change_from_baseline").iloc[0]
    source = "R, example(sleep): t = -4.0621, df = 9, p-value = 0.002833"
    return [
        check(case, "t, df", (row["statistic"], row["df"]), (4.0621, 9), PRINTED_4, source, "absolute"),
        check(case, "p", row["p"], 0.002833, 5e-7, source, "absolute"),
    ]


def sleep_second_order(case: str) -> list[Check]:
    """SAS's second-order form breaks the paired-t identity for csh; the option kr(sas) reproduces it."""
    row = fits.mmrm("sleep", covariance="csh", df="kr(sas)", fallback=()).contrasts("change_from_baseline").iloc[0]
    source = "SAS PROC MIXED type=csh ddfm=kr, as quoted in the project's specification"
    return [check(case, "SE, p", (row["se"], row["p"]), (0.4036, 0.0035), PRINTED_4, source, "absolute")]


CASES: dict[str, Callable[[], list[Check]]] = {
    "growth_model_1_us_saturated": saturated,
    "growth_model_2_us_lines": partial(lines, covariance="us", printed=419.477),
    "growth_model_3_us_parallel": partial(lines, covariance="us", printed=426.153, parallel=True),
    "growth_model_4_toeplitz": partial(lines, covariance="toep", printed=424.643),
    "growth_model_5_ar1": partial(lines, covariance="ar1", printed=440.681),
    "growth_model_6_random_lines": partial(lines, covariance="random lines", printed=427.806),
    "growth_model_7_cs": partial(lines, covariance="cs", printed=428.639),
    "growth_model_8_independent": partial(lines, covariance="independent", printed=478.242),
    "sleep_printed": sleep,
    "sleep_kr_sas": sleep_second_order,
}
CASES = {name: partial(case, name) for name, case in CASES.items()}
