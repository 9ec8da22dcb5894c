"""Classical tests as special cases of the mixed model: exact, by a second route (statistics.md, section 6.1)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.unit.models.trials import EXACT, SLEEP, columns, two_arms

from compassion_trials.models import fit_lmm, fit_mmrm

TWO_VISIT_STRUCTURES = ("us", "csh", "arh1", "toeph", "adh")
SLEEP_ARGUMENTS = {"outcome": "y", "subject": "id", "visit": "drug", "visits": ["1", "2"], "design": "single_arm"}
NEWTON = 1e-8
"""Nonlinear parameterisations stop at a decrement of 1e-9 squared by one more step."""


def wide(data: pd.DataFrame) -> pd.DataFrame:
    return data.pivot(index=["id", "arm"], columns="visit", values="y").reset_index()


def ols(x, y):
    beta, rss = np.linalg.lstsq(x, y, rcond=None)[:2]
    df = len(y) - x.shape[1]
    return beta, rss[0] / df * np.linalg.inv(x.T @ x), df


@pytest.mark.parametrize("covariance", [*TWO_VISIT_STRUCTURES, "cs", "toep", "ar1", "ad"])
def test_two_visits_are_the_paired_t_test(covariance):
    fit = fit_mmrm(SLEEP, **SLEEP_ARGUMENTS, covariance=covariance, fallback=())
    row = fit.contrasts("change_from_baseline").iloc[0]
    expected = stats.ttest_rel(SLEEP["y"][10:], SLEEP["y"][:10])
    assert row["statistic"] == pytest.approx(expected.statistic, abs=NEWTON)
    assert row["df"] == pytest.approx(9, abs=NEWTON)
    assert row["p"] == pytest.approx(expected.pvalue, abs=EXACT)
    assert row["se"] == pytest.approx(0.3890, abs=5e-5)


@pytest.mark.parametrize("covariance", TWO_VISIT_STRUCTURES[1:])
def test_second_order_form_breaks_the_paired_t_test_as_in_sas(covariance):
    """statistics.md, section 3: SE .4036, p .0035 instead of .3890, .0028."""
    fit = fit_mmrm(SLEEP, **SLEEP_ARGUMENTS, covariance=covariance, df="kr(sas)", fallback=())
    row = fit.contrasts("change_from_baseline").iloc[0]
    assert row["se"] == pytest.approx(0.4036, abs=5e-5)
    assert row["p"] == pytest.approx(0.0035, abs=5e-5)


def test_complete_data_change_is_the_two_sample_t_test():
    data = two_arms(visits=2)
    fit = fit_mmrm(data, **columns(2))
    w = wide(data)
    change = w["post"] - w["pre"]
    expected = stats.ttest_ind(change[w["arm"] == "Treatment"], change[w["arm"] == "Control"])
    row = fit.contrasts("change_from_baseline").iloc[0]
    assert row["statistic"] == pytest.approx(expected.statistic, abs=EXACT)
    assert row["p"] == pytest.approx(expected.pvalue, abs=EXACT)
    at_post = fit.contrasts("arm").iloc[1]
    direct = stats.ttest_ind(w["post"][w["arm"] == "Treatment"], w["post"][w["arm"] == "Control"])
    assert at_post["statistic"] == pytest.approx(direct.statistic, abs=EXACT)
    assert at_post["df"] == pytest.approx(len(w) - 2, abs=EXACT)


def test_two_visit_structures_agree():
    data = two_arms(visits=2, dropout=0.5)
    tables = [fit_mmrm(data, **columns(2), covariance=c, fallback=()).contrasts("arm") for c in TWO_VISIT_STRUCTURES]
    for table in tables[1:]:
        np.testing.assert_allclose(table.iloc[:, 2:].to_numpy(), tables[0].iloc[:, 2:].to_numpy(), atol=NEWTON)


def test_one_post_visit_is_ancova():
    data = two_arms(visits=2, dropout=0.4)
    fit = fit_mmrm(data, **columns(2), design="baseline_adjusted")
    w = wide(data).dropna()
    x = np.column_stack([np.ones(len(w)), w["pre"], w["arm"] == "Treatment"]).astype(float)
    beta, cov, df = ols(x, w["post"].to_numpy())
    row = fit.contrasts("arm").iloc[0]
    assert row["estimate"] == pytest.approx(beta[2], abs=EXACT)
    assert row["se"] == pytest.approx(np.sqrt(cov[2, 2]), abs=EXACT)
    assert row["df"] == pytest.approx(df, abs=EXACT)


def test_baseline_by_visit_on_complete_data_is_ancova_per_visit():
    data = two_arms(visits=3)
    fit = fit_mmrm(data, **columns(3), design="baseline_adjusted")
    w = wide(data)
    x = np.column_stack([np.ones(len(w)), w["pre"], w["arm"] == "Treatment"]).astype(float)
    for i, visit in enumerate(["post", "fu"]):
        beta, cov, df = ols(x, w[visit].to_numpy())
        row = fit.contrasts("arm").iloc[i]
        assert row["estimate"] == pytest.approx(beta[2], abs=EXACT)
        assert row["se"] == pytest.approx(np.sqrt(cov[2, 2]), abs=EXACT)
        assert row["df"] == pytest.approx(df, abs=1e-9)


def test_joint_test_is_hotelling():
    data = two_arms(visits=4)
    test = fit_mmrm(data, **columns(4)).joint_test("arm_at_visits")
    w = wide(data)
    groups = [w.loc[w["arm"] == a, ["pre", "post", "fu", "year"]].to_numpy() for a in ("Treatment", "Control")]
    n1, n2, q = len(groups[0]), len(groups[1]), 4
    pooled = sum(np.cov(g.T) * (len(g) - 1) for g in groups) / (n1 + n2 - 2)
    d = groups[0].mean(0) - groups[1].mean(0)
    t2 = n1 * n2 / (n1 + n2) * d @ np.linalg.solve(pooled, d)
    f = (n1 + n2 - q - 1) / ((n1 + n2 - 2) * q) * t2
    assert test.f == pytest.approx(f, abs=EXACT)
    assert test.df_den == pytest.approx(n1 + n2 - q - 1, abs=1e-9)
    assert test.p == pytest.approx(stats.f.sf(f, q, n1 + n2 - q - 1), abs=EXACT)


@pytest.mark.parametrize("engine", ["mmrm", "lmm"])
def test_compound_symmetry_is_repeated_measures_anova(engine):
    data = two_arms(n=10, visits=3, seed=4)
    fit = (
        fit_mmrm(data, **columns(3), covariance="cs", fallback=()) if engine == "mmrm" else fit_lmm(data, **columns(3))
    )
    w = wide(data)
    y = w[["pre", "post", "fu"]].to_numpy()
    arm = (w["arm"] == "Treatment").to_numpy()
    cell = np.stack([y[~arm].mean(0), y[arm].mean(0)])
    subject = y.mean(1)
    interaction = cell - cell.mean(1, keepdims=True) - cell.mean(0) + cell.mean()
    ss = 10 * (interaction**2).sum()
    fitted = cell[arm.astype(int)] + (subject - cell[arm.astype(int)].mean(1))[:, None]
    error = ((y - fitted) ** 2).sum() / (2 * 18)
    test = fit.joint_test("arm:visit")
    assert test.f == pytest.approx(ss / 2 / error, abs=1e-9)
    assert test.df_den == pytest.approx(36, abs=1e-8)
    between = stats.ttest_ind(subject[arm], subject[~arm])
    main = fit.joint_test("arm")
    assert main.f == pytest.approx(between.statistic**2, abs=1e-9)
    assert main.p == pytest.approx(between.pvalue, abs=EXACT)


def test_clda_estimate_is_the_ancova_estimate_on_complete_data():
    data = two_arms(visits=3)
    clda = fit_mmrm(data, **columns(3), design="clda").contrasts("arm")
    ancova = fit_mmrm(data, **columns(3), design="baseline_adjusted").contrasts("arm")
    np.testing.assert_allclose(clda["estimate"], ancova["estimate"], atol=EXACT)
    assert np.abs(clda["se"] / ancova["se"] - 1).max() > 1e-6


def test_complete_data_conventions_agree_for_us():
    data = two_arms(visits=3)
    fit = fit_mmrm(data, **columns(3))
    for df in ("kr(sas)", "kr(expected)", "satterthwaite"):
        other = fit.with_inference(df).contrasts("arm")
        np.testing.assert_allclose(other["p"], fit.contrasts("arm")["p"], atol=1e-9)
