"""Classic analyses against R (tests/oracle/effectsizes.R), SciPy and statsmodels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from compassion_trials.classic.ancova import ancova
from compassion_trials.classic.change_t import two_sample
from compassion_trials.classic.mixed_anova import mixed_anova
from compassion_trials.classic.paired import paired_change
from compassion_trials.core.errors import ModelError

R = json.loads((Path(__file__).resolve().parents[2] / "oracle" / "effectsizes.json").read_text(encoding="utf-8"))
EXACT = 1e-10
"""Closed forms on both sides: only rounding differs."""
TO_R = 1e-8
"""R's printed 15 digits and its own root finding."""


@pytest.fixture(scope="module")
def three() -> pd.DataFrame:
    return pd.DataFrame(R["three"]["data"])


def columns(name: str) -> np.ndarray:
    return np.array(R["two"][name])


def test_ancova_equals_emmeans(three):
    fit = ancova(three, "post", "arm", ["mbct", "cft", "control"], ["pre", "age", "sex"])
    for row in R["three"]["means"]:
        m = fit.means[row["arm"]]
        found = (m.estimate, m.se, m.df, m.lower, m.upper)
        assert found == pytest.approx([row[k] for k in ("emmean", "SE", "df", "lower.CL", "upper.CL")], abs=TO_R)
    for row in R["three"]["contrasts"]:
        c = fit.contrasts[tuple(row["contrast"].split(" - "))]
        expected = [row[k] for k in ("estimate", "SE", "df", "t.ratio", "p.value", "lower.CL", "upper.CL")]
        assert (c.estimate, c.se, c.df, c.t, c.p, c.lower, c.upper) == pytest.approx(expected, abs=TO_R)


def test_ancova_without_baseline_is_the_two_sample_t_test(three):
    two = three[three["arm"] != "cft"]
    c = ancova(two, "post", "arm", ["mbct", "control"]).contrasts["mbct", "control"]
    a, b = (two.loc[two["arm"] == arm, "post"] for arm in ("mbct", "control"))
    test = stats.ttest_ind(a, b)
    interval = test.confidence_interval()
    assert (c.t, c.p, c.df) == pytest.approx((test.statistic, test.pvalue, len(two) - 2), abs=EXACT)
    assert (c.lower, c.upper) == pytest.approx((interval.low, interval.high), abs=EXACT)


def test_ancova_does_not_depend_on_the_order_of_rows_or_arms(three):
    one = ancova(three, "post", "arm", ["mbct", "cft", "control"], ["pre", "sex"])
    other = ancova(three.sample(frac=1, random_state=3), "post", "arm", ["control", "mbct", "cft"], ["sex", "pre"])
    for pair, c in one.contrasts.items():
        assert other.contrasts[pair].estimate == pytest.approx(c.estimate, abs=EXACT)
        assert other.contrasts[pair].p == pytest.approx(c.p, abs=EXACT)
    assert one.contrasts["mbct", "control"].estimate == -one.contrasts["control", "mbct"].estimate


def test_ancova_drops_incomplete_cases_and_counts_them(three):
    gap = three.copy()
    gap.loc[gap.index[gap["arm"] == "cft"][:3], "pre"] = np.nan
    fit = ancova(gap, "post", "arm", ["mbct", "cft", "control"], ["pre"])
    assert fit.n_dropped == {"mbct": 0, "cft": 3, "control": 0}
    assert fit.n["cft"] == 7


@pytest.mark.parametrize("covariate", ["constant", "double"])
def test_ancova_names_a_covariate_that_says_nothing(three, covariate):
    spoiled = three.assign(constant=1.0, double=2 * three["pre"])
    with pytest.raises(ModelError, match="does not vary or is determined"):
        ancova(spoiled, "post", "arm", ["mbct", "control"], ["pre", covariate])


def test_ancova_names_an_empty_arm(three):
    with pytest.raises(ModelError, match="no complete cases in arm cft"):
        ancova(three.assign(post=three["post"].where(three["arm"] != "cft")), "post", "arm", ["mbct", "cft", "control"])


def test_mixed_anova_equals_aov_and_afex(three):
    fit = mixed_anova(three, "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"])
    expected = R["three"]["anova"]
    for name, error_df in zip(("group", "time", "interaction"), (0, 1, 1), strict=True):
        test = getattr(fit, name)
        if name == "time":  # aov's time effect is of type I: it weights the arms by their size
            weighted = fit.time_weighted
            assert (weighted.f, weighted.df_num, weighted.p) == pytest.approx(expected[name], abs=TO_R)
        else:
            assert (test.f, test.df_num, test.p) == pytest.approx(expected[name], abs=TO_R)
        assert test.df_den == expected["error_df"][error_df]
        assert test.partial_eta_squared == pytest.approx(
            test.f * test.df_num / (test.f * test.df_num + test.df_den), abs=EXACT
        )
    assert fit.interaction.epsilon == pytest.approx(expected["epsilon"], abs=TO_R)
    assert fit.interaction.p_corrected == pytest.approx(expected["p_interaction"], abs=TO_R)


def time_by_regression(wide: pd.DataFrame, visits: list[str]) -> float:
    """F of the time effect: contrasts of visits regressed on arms in effect coding; the intercept is of type III."""
    y = wide[visits].to_numpy(float)
    arms = sorted(wide["arm"].unique())
    coded = np.column_stack([(wide["arm"] == a).astype(float) - (wide["arm"] == arms[-1]) for a in arms[:-1]])
    x = np.column_stack([np.ones(len(y)), coded])
    helmert = np.array([np.r_[np.full(k, -1.0), k, np.zeros(len(visits) - k - 1)] for k in range(1, len(visits))]).T
    z = y @ (helmert / np.linalg.norm(helmert, axis=0))
    b, residuals = np.linalg.lstsq(x, z, rcond=None)[:2]
    df = len(visits) - 1
    return (b[0] ** 2).sum() / np.linalg.inv(x.T @ x)[0, 0] / df / (residuals.sum() / (df * (len(y) - len(arms))))


def test_time_effect_gives_every_arm_the_same_weight(three):
    fit = mixed_anova(three, "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"])
    assert fit.time.f == pytest.approx(time_by_regression(three, ["pre", "post", "fu"]), abs=EXACT)
    assert fit.time.f != pytest.approx(R["three"]["anova"]["time"][0], abs=0.1)  # type I


def test_mixed_anova_of_equal_arms_is_that_of_pingouin(three):
    import pingouin

    equal = three.groupby("arm").head(10).reset_index(drop=True)
    fit = mixed_anova(equal, "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"])
    long = equal.reset_index().melt(["index", "arm"], ["pre", "post", "fu"], "visit", "y")
    table = pingouin.mixed_anova(long, "y", "visit", "index", "arm", correction=True, effsize="ng2").set_index("Source")
    for source, test in (("arm", fit.group), ("visit", fit.time), ("Interaction", fit.interaction)):
        row = table.loc[source]
        assert (test.f, test.p) == pytest.approx((row["F"], row["p_unc"]), abs=TO_R)
        assert test.generalized_eta_squared == pytest.approx(row["ng2"], abs=TO_R)
    assert fit.time.epsilon == pytest.approx(table.loc["visit", "eps"], abs=TO_R)
    assert fit.time.p_corrected == pytest.approx(table.loc["visit", "p_GG_corr"], abs=TO_R)


def test_huynh_and_feldt_with_lecoutres_correction(three):
    """epsilon = ((N - g + 1) k e - 2) / (k (N - g - k e)): 36 people, 3 arms, k = 2 contrasts."""
    test = mixed_anova(three, "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"]).interaction
    k, e, df = 2, test.epsilon, 36 - 3
    assert test.epsilon_huynh_feldt == pytest.approx(((df + 1) * k * e - 2) / (k * (df - k * e)), abs=EXACT)
    assert test.p < test.p_huynh_feldt < test.p_corrected


def test_scores_that_do_not_vary_within_arms_are_refused(three):
    flat = three.assign(pre=three["arm"].map({"mbct": 1.0, "cft": 2.0, "control": 3.0}))
    with pytest.raises(ModelError, match="does not vary within arms"):
        mixed_anova(
            flat.assign(post=flat["pre"], fu=flat["pre"]), "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"]
        )


def test_interaction_of_two_arms_and_visits_is_the_t_test_of_change(three):
    two = three[three["arm"] != "cft"]
    fit = mixed_anova(two, "arm", ["mbct", "control"], ["pre", "post"])
    change = two["post"] - two["pre"]
    test = two_sample(*(change[two["arm"] == arm].to_numpy() for arm in ("mbct", "control")))
    assert fit.interaction.f == pytest.approx(test.pooled.t**2, abs=EXACT)
    assert fit.interaction.p == pytest.approx(test.pooled.p, abs=EXACT)
    assert fit.interaction.epsilon is None


def test_mixed_anova_drops_listwise_and_counts_by_arm(three):
    gap = three.copy()
    gap.loc[gap.index[gap["arm"] == "control"][:4], "fu"] = np.nan
    fit = mixed_anova(gap, "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"])
    assert fit.n == {"mbct": 12, "cft": 10, "control": 10}
    assert fit.n_dropped == {"mbct": 0, "cft": 0, "control": 4}


def test_mixed_anova_needs_two_complete_people_per_arm(three):
    empty = three.assign(fu=three["fu"].where(three["arm"] != "cft"))
    with pytest.raises(ModelError, match="fewer than two participants with all 3 visits in arm cft"):
        mixed_anova(empty, "arm", ["mbct", "cft", "control"], ["pre", "post", "fu"])


def test_paired_and_change_tests_equal_r():
    paired = paired_change(columns("a_pre"), columns("a_post")).change
    expected = R["two"]["paired"]
    assert (paired.t, paired.df, paired.p) == pytest.approx([expected[k] for k in ("t", "df", "p")], abs=TO_R)
    assert (paired.lower, paired.upper) == pytest.approx(expected["ci"], abs=TO_R)
    welch = two_sample(columns("a_post") - columns("a_pre"), columns("b_post") - columns("b_pre")).welch
    expected = R["two"]["welch"]
    assert (welch.t, welch.df, welch.p) == pytest.approx([expected[k] for k in ("t", "df", "p")], abs=TO_R)
    assert (welch.lower, welch.upper) == pytest.approx(expected["ci"], abs=TO_R)
    student = two_sample(columns("a_post"), columns("b_post")).pooled
    expected = R["two"]["student"]
    assert (student.t, student.df, student.p) == pytest.approx([expected[k] for k in ("t", "df", "p")], abs=TO_R)


def test_paired_leaves_out_half_observed_pairs():
    before, after = np.array([1.0, 2, 3, np.nan]), np.array([2.0, 4, np.nan, np.nan])
    found = paired_change(before, after)
    assert (found.n, found.n_dropped) == (2, 1)
    assert found.change.estimate == 1.5
    with pytest.raises(ModelError, match="1 participants have both visits"):
        paired_change(before[1:], after[1:])
