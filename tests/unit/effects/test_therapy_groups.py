"""Therapy groups in mediation, moderation, imputed data and the bootstrap of g: identities, and what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit import made_trial

from compassion_trials.core.files import read_table
from compassion_trials.core.record import Record
from compassion_trials.describe.stage import run as describe
from compassion_trials.effects.groups.group_effect import group_solver
from compassion_trials.effects.mechanism.mediation import (
    bootstrap_indirect,
    jackknife_indirect,
    mediate,
)
from compassion_trials.effects.missing.imputation import pool
from compassion_trials.effects.missing.least_squares import Regressions, solver
from compassion_trials.effects.missing.reference_based import stratified_jackknife
from compassion_trials.effects.missing.tipping_point import delta_curve
from compassion_trials.effects.sizes.bootstrap_g import studentized
from compassion_trials.effects.stage import run as effects
from compassion_trials.fit.stage import run as fit
from compassion_trials.models.inference.clustered import cluster_robust, strata, units

EXACT = 1e-9
OPTIMUM = 1e-7
"""Two optimisers of one likelihood, relative to the standard error."""
GROUPS, SIZE, ALONE = 5, 7, 30


def nested(seed: int = 1, spread: float = 1.0, data_sets: int = 6):
    """Baseline, arm, group codes and outcomes of people of whom the treated met in groups."""
    rng = np.random.default_rng(seed)
    group = np.r_[np.repeat(np.arange(GROUPS), SIZE), np.full(ALONE, -1)]
    arm = (group >= 0).astype(float)
    base = rng.standard_normal(len(group))
    shared = spread * rng.standard_normal((data_sets, GROUPS))
    y = 0.5 * base + 0.4 * arm + rng.standard_normal((data_sets, len(group)))
    return base, arm, group, y + np.where(group >= 0, shared[:, group], 0.0)


def plain(base, arm):
    return solver(np.column_stack([np.ones(len(arm)), arm]), np.array([[0.0, 1.0, 0.0]]), base[None])


@pytest.mark.parametrize("spread", [1.0, 0.3])
def test_group_effect_of_completed_data_is_that_of_the_mixed_model(spread):
    from compassion_trials.models import fit_lmm

    base, arm, group, y = nested(spread=spread)
    found = group_solver(plain(base, arm), group).fit(y)
    for k in range(len(y)):
        wide = pd.DataFrame({"id": range(len(arm)), "arm": np.where(arm > 0, "t", "w"), "pre": base, "post": y[k],
                             "g": np.where(group >= 0, group.astype(str), None)})  # fmt: skip
        mixed = fit_lmm(wide.melt(["id", "arm", "g"], ["pre", "post"], "visit", "y"), outcome="y", subject="id",
                        visit="visit", arm="arm", reference="w", visits=["pre", "post"], design="baseline_adjusted",
                        random="none", residual="us", group="g").contrasts("arm").iloc[0]  # fmt: skip
        assert found.estimate[k, 0] == pytest.approx(mixed["estimate"], abs=OPTIMUM * mixed["se"])
        ours = np.sqrt(found.variance[k, 0]), found.df[k, 0]
        assert ours == pytest.approx((mixed["se"], mixed["df"]), rel=OPTIMUM)


def test_groups_that_are_no_more_alike_than_others_give_least_squares():
    base, arm, group, y = nested()
    means = np.array([[row[group == g].mean() for g in range(GROUPS)] for row in y])
    lowered = np.array([[base[group == g].mean() for g in range(GROUPS)]])
    y = y - np.where(group >= 0, (means - 0.5 * lowered)[:, group], 0.0)  # every group's adjusted mean is the same
    found, ordinary = group_solver(plain(base, arm), group).fit(y), plain(base, arm).fit(y)
    assert found.estimate == pytest.approx(ordinary.estimate, rel=EXACT)
    assert found.variance == pytest.approx(ordinary.variance, rel=EXACT)
    assert (found.df == ordinary.df).all()


def test_one_group_per_arm_cannot_be_told_from_the_arms():
    base, arm, group, _ = nested()
    assert group_solver(plain(base, arm), np.where(group >= 0, 0, -1)) is None
    assert group_solver(plain(base, arm), np.where(group >= 0, 0, 1)) is None
    assert group_solver(plain(base, arm), np.full(len(arm), -1)) is None


def test_baselines_of_their_own_give_what_each_data_set_gives_alone():
    base, arm, group, y = nested()
    varying = base + 0.1 * np.random.default_rng(5).standard_normal(y.shape)
    fixed, row = np.column_stack([np.ones(len(arm)), arm]), np.array([[0.0, 1.0, 0.0]])
    together = group_solver(solver(fixed, row, varying), group).fit(y)
    for k in range(len(y)):
        alone = group_solver(solver(fixed, row, varying[k : k + 1]), group).fit(y[k : k + 1])
        assert together.estimate[k] == pytest.approx(alone.estimate[0], rel=EXACT)
        assert together.df[k] == pytest.approx(alone.df[0], rel=1e-6)


def test_delta_curve_with_groups_equals_moving_the_values_and_analysing_again():
    base, arm, group, y = nested()
    moved = (arm == 1) & (np.arange(len(arm)) % 4 == 0)
    fixed, row = np.column_stack([np.ones(len(arm)), arm]), np.array([[0.0, 1.0, 0.0]])
    varying = base + 0.1 * np.random.default_rng(5).standard_normal(y.shape)
    for design in (plain(base, arm), solver(fixed, row, varying)):
        solve = group_solver(design, group)
        curve, again = delta_curve(solve, y, moved), solve.fit(y + 1.7 * moved)
        ours, by_hand = curve.at(1.7), pool(again.estimate[:, 0], again.variance[:, 0], again.complete_df(0))
        assert (ours.estimate, ours.se, ours.df) == pytest.approx((by_hand.estimate, by_hand.se, by_hand.df), rel=1e-6)
        assert curve.p_values(np.array([0.0, 1.7]))[1] == pytest.approx(curve.p(1.7), rel=EXACT)


def test_df_of_a_mean_variance():
    one = Regressions(np.zeros((3, 1)), np.full((3, 1), 2.0), np.full((3, 1), 5.0))
    assert one.complete_df(0) == pytest.approx(5.0)
    mixed = Regressions(np.zeros((2, 1)), np.array([[1.0], [3.0]]), np.array([[50.0], [4.0]]))
    assert mixed.complete_df(0) == pytest.approx(2.0**2 / ((1 / 50 + 9 / 4) / 2))


def test_jackknife_of_two_means_of_groups_is_welch():
    """Left-out means: the squared error of each arm is s^2 / J, its df Welch's."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 2, 5), rng.normal(1, 1, 9)
    left = [np.delete(a, i).mean() - b.mean() for i in range(5)] + [a.mean() - np.delete(b, i).mean() for i in range(9)]
    se, df = stratified_jackknife(np.array(left)[:, None], np.repeat([0, 1], [5, 9]))
    parts = a.var(ddof=1) / 5, b.var(ddof=1) / 9
    assert se[0] == pytest.approx(np.sqrt(sum(parts)), rel=EXACT)
    assert df[0] == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 4 + parts[1] ** 2 / 8), rel=EXACT)


def mediation_data(seed: int = 1):
    base, arm, group, y = nested(seed, 0.8, 2)
    m = y[0][:, None] - arm[:, None]
    return arm, m, -0.4 * m[:, 0] + y[1], np.column_stack([base, np.roll(base, 3)]), group


def test_everybody_alone_is_the_ungrouped_bootstrap_and_hc2():
    import statsmodels.api as sm

    x, m, y, c, _ = mediation_data()
    alone = np.arange(len(x))
    assert np.array_equal(bootstrap_indirect(x, m, y, c, 500, 7), bootstrap_indirect(x, m, y, c, 500, 7, alone))
    assert np.array_equal(jackknife_indirect(x, m, y, c), jackknife_indirect(x, m, y, c, alone))
    design = np.column_stack([np.ones(len(x)), x, c])
    ols = sm.OLS(m[:, 0], design).fit(cov_type="HC2")
    fit, grouped = mediate(x, m, y, c), mediate(x, m, y, c, unit=alone)
    assert grouped.a[0].se == pytest.approx(ols.bse[1], rel=EXACT)
    assert grouped.indirect == pytest.approx(fit.indirect, rel=EXACT)
    assert grouped.total.estimate == pytest.approx(grouped.direct.estimate + grouped.indirect[-1], rel=EXACT)


def test_groups_are_drawn_whole():
    x, m, y, c, group = mediation_data()
    unit = units(group, np.zeros(len(group), int))
    assert len(np.unique(unit)) == GROUPS + ALONE
    assert [len(own) for own in strata(unit, x)] == [ALONE, GROUPS]
    people, groups = (bootstrap_indirect(x, m, y, c, 2000, 1, u) for u in (None, unit))
    assert groups.std(0)[0] > 1.2 * people.std(0)[0]  # members are alike, so that there is less to learn
    left_out = jackknife_indirect(x, m, y, c, unit)
    first = np.flatnonzero(unit != 0)
    alone = mediate(x[first], m[first], y[first], c[first]).indirect
    assert left_out[0] == pytest.approx(alone, rel=1e-6)


def test_robust_errors_of_unequal_groups_do_not_depend_on_their_names():
    x, m, _, c, group = mediation_data()
    design = np.column_stack([np.ones(len(x)), x, c])
    bread = np.linalg.inv(design.T @ design)
    residual = m[:, 0] - design @ bread @ design.T @ m[:, 0]
    one, other = (
        cluster_robust(design, residual, bread, units(g, np.zeros(len(g), int)))
        for g in (group, np.where(group < 0, -1, 9 - group))
    )
    assert one.covariance == pytest.approx(other.covariance, rel=EXACT)
    assert one.df(np.eye(4)) == pytest.approx(other.df(np.eye(4)), rel=EXACT)


def test_a_therapist_of_both_arms_is_a_stratum_of_their_own():
    arm, unit = np.array([0.0, 1, 1, 0, 0]), np.array([0, 0, 1, 2, 3])
    assert [list(own) for own in strata(unit, arm)] == [[2, 3], [1], [0]]


def test_bootstrap_t_of_a_normal_pivot_is_the_t_interval():
    """With a fixed standardizer the quantiles of the studentised replicates are those of t."""
    from scipy import stats

    rng = np.random.default_rng(1)
    errors = np.sqrt(rng.chisquare(8, 200_000) / 8)
    values = 1.0 + rng.standard_normal(200_000)
    lower, upper = studentized(1.0, 1.0, values, errors, np.inf, [0.025, 0.975])
    assert (lower, upper) == pytest.approx((1 - stats.t.ppf(0.975, 8), 1 + stats.t.ppf(0.975, 8)), abs=0.03)


ASKED = {
    "mediation": [{"mediator": "anx.total", "mediator_visit": "post", "outcome": "dep.total", "outcome_visit": "fu",
                   "replicates": 500}],
    "moderation": [{"moderator": "age"}],
    "sensitivity": [{"multiple_imputation": {"imputations": 40}}, "jump_to_reference", "tipping_point", "locf",
                    "statsmodels_lmm"],
}  # fmt: skip


def whole(folder, groups: int, shared: float = 6.0):
    """A made trial whose treated arm met in so many groups, through describe, fit and effects."""
    design = {"clusters": {"course": {"arms": ["act"]}}}
    plan = made_trial.plan(analysis=ASKED, design=design, data={"clusters": {"course": "course"}})
    people = made_trial.people(("act", "waitlist"), 36)
    treated = (people["arm"] == "act").to_numpy()
    code = np.arange(len(people)) % groups
    people["course"] = np.where(treated, np.char.add("c", code.astype(str)), None)
    scores = made_trial.scored(people, plan.design.visits)
    lift = dict(zip(people["participant"], np.where(treated, shared * np.cos(2.1 * code), 0.0), strict=True))
    scores["score"] += scores["participant"].map(lift) * (scores["visit"] != "pre")
    context = made_trial.write(folder, plan, people, scores)
    for stage in (describe, fit, effects):
        stage(context)
    return context, read_table(context.results.results)


@pytest.fixture(scope="module")
def grouped(tmp_path_factory):
    return whole(tmp_path_factory.mktemp("grouped"), groups=6)


def rows(table, **keys):
    for name, wanted in keys.items():
        table = table[table[name] == wanted]
    return table


def test_every_analysis_says_that_it_knows_the_groups(grouped):
    context, table = grouped
    said = " ".join(Record.read(context.results.record("effects")).methods)
    for words in ("cluster-robust", "with the random effect of the therapy group", "leaves out whole therapy groups",
                  "imputation itself does not know the groups", "bootstrap-t interval"):  # fmt: skip
        assert words in said, words
    ignored = table[table["note"].str.contains("therapy groups not modelled")]
    assert set(ignored["model"]) == {"statsmodels_lmm"}


def test_few_degrees_of_freedom_of_few_groups_are_kept_everywhere(grouped):
    _, table = grouped
    term = "difference: act - waitlist"
    primary = rows(table, analysis="primary", term=term, visit="fu", statistic="se")["value"].iloc[0]
    for model in ("multiple_imputation", "locf"):
        mine = rows(table, analysis="sensitivity", model=model, term=term).set_index("statistic")["value"]
        assert mine["df"] < 12
        assert mine["se"] == pytest.approx(primary, rel=0.25)
    simple = rows(table, analysis="moderation", level="mean", visit="fu").set_index("statistic")["value"]
    slope = rows(table, analysis="moderation", term="interaction: act - waitlist", visit="fu").set_index("statistic")
    assert simple["df"] < 12 < slope["value"]["df"]


def test_few_groups_put_the_monte_carlo_interval_first_and_say_why(grouped):
    _, table = grouped
    first = rows(table, analysis="mediation", term="indirect: act - waitlist")
    assert set(first["df_method"]) == {"Monte Carlo, t with the df of the paths"}
    assert first["note"].str.contains("only 6 groups").all()
    assert len(rows(table, analysis="mediation", term="indirect, bootstrap: act - waitlist")) == 3
    limits = {s: rows(table, analysis="primary", statistic=f"model_g_boot_{s}")["value"].iloc[0] for s in
              ("lower", "upper")}  # fmt: skip
    g = rows(table, analysis="primary", statistic="model_g", visit="fu")["value"].iloc[0]
    assert limits["lower"] < g < limits["upper"]


def test_jackknife_of_groups_has_degrees_of_freedom(grouped):
    _, table = grouped
    mine = rows(table, model="jump_to_reference", level="conditional mean, jackknife").set_index("statistic")
    assert set(mine["df_method"]) == {"jackknife of therapy groups, t"}
    assert 3 < mine["value"]["df"] < 20


def test_one_group_in_the_treated_arm_leaves_groups_out_and_says_so(tmp_path):
    context, table = whole(tmp_path, groups=1)
    for analysis in ("mediation", "moderation", "sensitivity"):
        assert rows(table, analysis=analysis)["note"].str.contains("therapy groups not modelled").any(), analysis
    assert not (table["text"] == "not estimable").any()
    issues = context.results.findings("effects").read_text(encoding="utf-8")
    assert issues.count("groups_ignored") == 2  # mediation and moderation
    said = " ".join(Record.read(context.results.record("effects")).methods)
    assert "Some analyses of mediation and moderation do not model therapy groups" in said
    assert "cluster-robust" not in said


def test_the_tables_show_them(grouped):
    from compassion_trials.tables.builders.mechanism import mediation, moderation, sensitivity
    from compassion_trials.tables.material import gather
    from compassion_trials.tables.writers.markdown import to_markdown

    material = gather(grouped[0])
    text = "".join(to_markdown(spec) for part in (mediation, moderation, sensitivity) for spec in part.build(material))
    for words in ("cluster-robust (CR2", "Therapy groups have a random effect", "only 6 groups", "(ab), bootstrap",
                  "with the random effect of the therapy group", "not modelled in: Random intercept"):  # fmt: skip
        assert words in text, words


def test_two_groups_in_all_cannot_carry_robust_errors():
    from compassion_trials.core.errors import ModelError

    x, m, y, c, _ = mediation_data()
    with pytest.raises(ModelError, match="too few therapy groups"):
        mediate(x, m, y, c, unit=x.astype(int))
