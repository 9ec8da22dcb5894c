"""What stands in the tables of a two-arm trial and of a single-arm study."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from tests.unit.tables import conftest as made

from compassion_trials.core.columns import results_table
from compassion_trials.core.results import Results
from compassion_trials.core.rows import rows, word
from compassion_trials.tables.spec import TableSpec
from compassion_trials.tables.stage import build_all
from compassion_trials.tables.text import plain
from compassion_trials.tables.wording import degrees_words

BUILT: dict[int, tuple[object, dict[str, TableSpec]]] = {}


def by_name(material) -> dict[str, TableSpec]:
    """Tables by name; the shared fixtures are built once."""
    if id(material) not in BUILT:
        BUILT[id(material)] = (material, {table.name: table for table in build_all(material)})
    return BUILT[id(material)][1]


def body(table: TableSpec) -> list[list[str]]:
    return [[plain(cell).replace("\u00a0", " ") for cell in row.cells] for row in table.rows]


def heads(table: TableSpec) -> list[str]:
    return [plain(column.header).replace("\u00a0", " ") for column in table.columns]


def note(table: TableSpec) -> str:
    parts = [table.notes.general, *[n for _, n in table.notes.specific], table.notes.probability]
    return " ".join(plain(part) for part in parts).replace("\u00a0", " ")


def with_rows(material, *found: dict):
    """The material with only these result rows."""
    return replace(material, results=Results(results_table(list(found))))


def test_order_and_names(trial):
    assert [table.name for table in by_name(trial).values()] == [
        "flow", "baseline", "reliability", "reliability.scales", "observed", "observed.scales", "effects",
        "effects.completers", "changes", "means", "tests", "tests.completers", "models", "correlations.pre",
        "correlations.change", "missing", "missing.scales", "dropout", "issues", "inputs", "deidentification",
        "removed_rows", "software",
    ]  # fmt: skip


def test_synthetic_data_say_so_first_in_every_table(trial, single):
    assert all(note(table).startswith("SYNTHETIC data.") for table in by_name(trial).values())
    assert not any("SYNTHETIC" in note(table) for table in by_name(single).values())


def test_nothing_to_show_gives_no_table(trial):
    empty = replace(trial, results=Results(results_table([])), records={}, findings=pd.DataFrame())
    assert [table.name for table in build_all(empty)] == ["software"]


def test_a_single_arm_has_changes_and_no_effects_of_anything(single):
    words = " ".join(f"{t.plain_title} {note(t)} {' '.join(heads(t))}" for t in by_name(single).values()).lower()
    assert "effect" not in words
    assert "difference between" not in words
    effects = by_name(single)["effects"]
    assert effects.plain_title == "Change From Baseline by Outcome"
    assert heads(effects) == ["Outcome", "n", "Change", "95% CI", "df", "p", "dav", "95% CI"]
    assert body(effects) == [
        ["Self-Compassion Scalea", "22", "0.40", "[0.15, 0.65]", "21", ".003", "0.60", "[0.20, 1.00]"]
    ]


def test_flow_counts_reasons_and_totals(trial):
    assert body(by_name(trial)["flow"]) == [
        ["Assessed for eligibility", "—", "—", "532"],
        ["Excluded", "—", "—", "460"],
        ["Declined", "—", "—", "460"],
        ["Randomized", "36", "36", "72"],
        ["Assessed: Baseline", "36", "36", "72"],
        ["Not assessed", "0", "0", "0"],
        ["Assessed: Post-treatment", "33", "33", "66"],
        ["Not assessed", "3", "3", "6"],
        ["Moved", "3", "0", "3"],
        ["Reason not recorded", "0", "3", "3"],
    ]


def test_flow_of_a_single_arm_has_one_column(single):
    flow = by_name(single)["flow"]
    assert heads(flow) == ["Stage", "n"]
    assert ["Assessed for eligibility", "532"] in body(flow)
    assert ["Enrolled", "36"] in body(flow)


def test_baseline(trial):
    table = by_name(trial)["baseline"]
    assert heads(table) == ["Characteristic", "ACT workshop (n = 36)", "Wait-list (n = 36)", "All (n = 72)", "SMD"]
    assert body(table) == [
        ["Age (years)a, M (SD)", "34.56 (9.10)", "34.56 (9.10)", "34.56 (9.10)", "−0.10"],
        ["Gender, n (%)", "", "", "", "0.05"],
        ["female", "27 (75.0%)", "27 (75.0%)", "54 (75.0%)", ""],
        ["male", "9 (25.0%)", "9 (25.0%)", "18 (25.0%)", ""],
    ]
    assert "Available: n = 35 in ACT workshop." in note(table)
    assert "p" not in heads(table)


def test_baseline_with_several_contrasts_names_the_arms(trial):
    found = rows({"analysis": "baseline", "outcome": "age", "arm": "act"}, {"mean": 30, "sd": 5, "n": 36})
    for term in ("act - waitlist", "waitlist - act"):
        found += rows({"analysis": "baseline", "outcome": "age", "term": term}, {"smd": 0.1})
    table = by_name(with_rows(trial, *found))["baseline"]
    assert heads(table)[-2:] == ["ACT workshop − Wait-list", "Wait-list − ACT workshop"]
    assert plain(table.columns[-1].spanner) == "SMD"


def test_baseline_with_many_arms_shows_the_largest_difference(trial):
    found = rows({"analysis": "baseline", "outcome": "age", "arm": "act"}, {"mean": 30, "sd": 5, "n": 36})
    for i, smd in enumerate((0.1, -0.42, 0.3, 0.0)):
        found += rows({"analysis": "baseline", "outcome": "age", "term": f"a{i} - b"}, {"smd": smd})
    table = by_name(with_rows(trial, *found))["baseline"]
    assert (heads(table)[-1], body(table)[0][-1]) == ("SMD", "0.42")
    assert "the largest of all pairs of arms" in note(table)


def test_an_outcome_not_assessed_at_baseline_is_left_out(trial):
    found = rows({"analysis": "baseline", "outcome": "age", "arm": "act"}, {"mean": 30, "sd": 5, "n": 36})
    found += rows({"analysis": "baseline", "outcome": "dass.total", "arm": "act"}, {"n": 0})
    assert len(by_name(with_rows(trial, *found))["baseline"].rows) == 1


def test_observed_means(trial):
    table = by_name(trial)["observed"]
    assert [plain(c.spanner) for c in table.columns] == ["", "ACT workshop", "ACT workshop", "Wait-list", "Wait-list"]
    assert body(table)[:2] == [["Self-Compassion Scale"], ["Baseline", "36", "2.35 (0.60)", "36", "2.35 (0.60)"]]
    assert [row[0] for row in body(table) if len(row) == 1] == ["Self-Compassion Scale", "DASS-21 Depression <b>"]
    assert body(by_name(trial)["observed.scales"])[0] == ["SCS Isolation"]


def test_a_single_arm_has_its_visits_side_by_side(single):
    table = by_name(single)["observed"]
    assert [plain(c.spanner) for c in table.columns] == ["", "Baseline", "Baseline", "Post-treatment", "Post-treatment"]
    assert body(table)[0] == ["Self-Compassion Scale", "36", "2.35 (0.60)", "36", "2.35 (0.60)"]


def test_scales_of_thousands_have_no_decimals(trial):
    wide = replace(trial.outcomes["scs.total"], range=(0, 20000))
    found = rows(
        {"analysis": "observed", "outcome": "scs.total", "arm": "act", "visit": "pre"},
        {"n": 9, "mean": 1234.5, "sd": 56.7},
    )
    material = with_rows(replace(trial, outcomes={"scs.total": wide}), *found)
    assert body(by_name(material)["observed"])[1] == ["Baseline", "9", "1,235 (57)"]


def test_reliability(trial):
    table = by_name(trial)["reliability"]
    assert heads(table) == ["Scale and visit", "Items", "n", "α", "95% CI", "ω"]
    assert body(table)[1] == ["Baseline", "26", "70", ".91", "[.88, .94]", ".92"]


def test_remarks_on_reliability(trial):
    keys = {"analysis": "reliability", "outcome": "scs.total", "visit": "pre"}
    remark = "omega from an improper one-factor solution; imprecise, n = 12"
    found = rows(keys | {"note": remark}, {"alpha": -0.2, "n": 12, "n_items": 3})
    table = by_name(with_rows(trial, *found))["reliability"]
    assert body(table) == [["Self-Compassion Scale: Baselinea", "3", "12", "−.20", "—", "—"]]
    assert "few participants" in note(table)
    assert "Omega from an improper one-factor solution." in note(table)
    assert "— = not estimable" in note(table)


def test_effects(trial):
    table = by_name(trial)["effects"]
    assert table.analyses == ("primary", "secondary")
    assert heads(table) == ["Outcome", "n", "Difference", "95% CI", "df", "p", "g", "95% CI"]
    assert body(table) == [
        ["Self-Compassion Scalea", "72", "0.51", "[0.21, 0.81]", "66.4", "< .001", "0.75", "[0.30, 1.19]"],
        ["DASS-21 Depression <b>b", "72", "0.51", "[0.21, 0.81]", "66.4", "< .001", "0.75", "[0.30, 1.19]"],
    ]
    assert "Differences are ACT workshop minus Wait-list." in note(table)
    assert "Degrees of freedom: Kenward-Roger." in note(table)
    assert "The fit is flagged: small eigenvalue." in note(table)
    assert "CI = confidence interval" in note(table)


def test_post_hoc_analyses_are_marked_and_named(trial):
    table = by_name(trial)["effects.completers"]
    assert table.plain_title == "Differences Between Arms by Outcome and Visit: Complete cases"
    assert "Post hoc analysis." in note(table)


def test_changes_within_arms_claim_nothing(trial):
    table = by_name(trial)["changes"]
    assert body(table)[:3] == [
        ["Self-Compassion Scalea"],
        ["ACT workshop", "72", "0.51", "[0.21, 0.81]", "66.4", "< .001"],
        ["Wait-list", "72", "0.51", "[0.21, 0.81]", "66.4", "< .001"],
    ]
    assert "do not show what caused them" in note(table)


def estimate(term: str, visit: str, value: float, **more) -> list[dict]:
    keys = {"analysis": "primary", "outcome": "scs.total", "model": "lda", "term": term, "visit": visit, **more}
    return rows(keys, {"estimate": value, "df": 40, "p": 0.5})


@pytest.mark.parametrize(("design", "shown"), [("randomized", "1.00"), ("non_randomized", "2.00")])
def test_without_randomization_changes_are_compared(trial, design, shown):
    found = estimate("difference: act - waitlist", "post", 1.0)
    found += estimate("difference: act - waitlist", "pre", 9.0)
    found += estimate("difference in change: act - waitlist", "post", 2.0)
    material = replace(with_rows(trial, *found), plan=made.plan(type=design))
    assert body(by_name(material)["effects"]) == [["Self-Compassion Scalea", shown, "—", "40", ".500"]]


def test_several_contrasts_and_visits_are_nested(trial):
    found = [
        r
        for pair in ("act - waitlist", "waitlist - act")
        for v in ("post", "pre2")
        for r in estimate(f"difference: {pair}", v, 1.0)
    ]
    table = by_name(with_rows(trial, *found))["effects"]
    assert [(row.group, row.level) for row in table.rows[:4]] == [(True, 0), (True, 1), (False, 2), (False, 2)]
    assert "the first arm named minus the second" in note(table)


def test_participants_behind_a_difference_are_those_of_both_arms(trial):
    found = estimate("difference: act - waitlist", "post", 1.0)
    for arm, n in (("act", 30), ("waitlist", 28)):
        found += rows({"analysis": "primary", "outcome": "scs.total", "model": "lda", "arm": arm}, {"n": n})
    table = by_name(with_rows(trial, *found))["effects"]
    assert (heads(table)[1], body(table)[0][1]) == ("n", "58")


def test_effect_sizes_without_estimates_have_a_table(trial):
    keys = {"analysis": "completers", "outcome": "scs.total", "model": "mixed_anova", "visit": "post"}
    sizes = {"d_pooled_n": 0.5, "d_pooled_n_lower": 0.1, "d_pooled_n_upper": 0.9}
    table = by_name(with_rows(trial, *rows(keys | {"term": "difference: act - waitlist"}, sizes)))["effects.completers"]
    assert heads(table) == ["Outcome", "d", "95% CI"]
    assert table.plain_title.startswith("Standardized Differences")


def test_mixed_anova(trial):
    keys = {"analysis": "completers", "outcome": "scs.total", "model": "mixed_anova"}
    found: list[dict] = []
    for term, f in (("group", 0.004), ("time", 12.5), ("interaction", 4.24)):
        f_test = {"F": f, "df_num": 2, "df_den": 92, "p": 0.95, "partial_eta_squared": 0.08}
        corrected = {} if term == "group" else {"p_greenhouse_geisser": 0.96}
        found += rows(keys | {"term": term}, f_test | corrected)
    for arm in ("act", "waitlist"):
        found += rows(keys | {"arm": arm}, {"n": 24, "n_dropped": 1})
    table = by_name(with_rows(trial, *found))["tests.completers"]
    assert heads(table) == ["Outcome and source", "F", "df", "p", "pGG", "η2p"]
    assert body(table) == [
        ["Self-Compassion Scalea"],
        ["Arm", "0.00", "2, 92", ".950", "—", ".08"],
        ["Visit", "12.50", "2, 92", ".950", ".960", ".08"],
        ["Arm × visit", "4.24", "2, 92", ".950", ".960", ".08"],
    ]
    assert "Complete cases: n = 48; 2 left out because a visit is missing." in note(table)


def test_models(trial):
    table = by_name(trial)["models"]
    assert (
        "Primary analysis: constrained longitudinal data analysis (mixed model); unstructured covariance; "
        "degrees of freedom Kenward-Roger" in (row[0] for row in body(table))
    )
    assert [row[-1] for row in body(table) if len(row) > 1] == ["converged", "flagged: small eigenvalue", "exact"]


def test_copies_of_an_outcome_are_further_scales(trial):
    keys = {"outcome": "scs.copy", "model": "ancova"}
    copy = made.outcome("scs.copy", "SCS carried forward", "SCS (LOCF)")
    seen = {"analysis": "observed", "outcome": "scs.copy", "arm": "act", "visit": "pre"}
    more = [
        *rows(
            keys | {"analysis": "completers", "term": "difference: act - waitlist", "visit": "post"}, {"estimate": 1}
        ),
        *rows(seen, {"n": 20, "mean": 2.5, "sd": 0.5}),
        *rows(seen | {"analysis": "baseline", "visit": ""}, {"n": 20, "mean": 2.5, "sd": 0.5}),
    ]
    found = results_table([*trial.results.table.drop(columns="id").to_dict("records"), *more])
    material = replace(trial, results=Results(found), outcomes={**trial.outcomes, "scs.copy": copy})
    tables = by_name(material)
    assert material.copies() == {"scs.copy"}
    assert not any("carried forward" in line[0] for line in body(tables["baseline"]))
    assert not any("carried forward" in line[0] for line in body(tables["observed"]))
    assert any("carried forward" in line[0] for line in body(tables["observed.scales"]))


def test_a_covariance_that_was_not_planned_is_told(trial):
    keys = {"analysis": "primary", "outcome": "scs.total", "model": "lda", "term": "model"}
    fallback = {"note": "covariance csh instead of us (us: singular), REML", "convergence": "converged"}
    found = [word(keys | fallback, "covariance", "csh"), *rows(keys | fallback, {"n_subjects": 40, "loglik": -99.5})]
    table = by_name(with_rows(trial, *found))["models"]
    assert "heterogeneous compound symmetry covariance" in body(table)[0][0]
    assert body(table)[1][0] == "Self-Compassion Scalea"
    said = "Covariance heterogeneous compound symmetry instead of unstructured (unstructured: singular), REML."
    assert said in note(table)


def test_correlations(trial):
    table = by_name(trial)["correlations.pre"]
    assert body(table) == [["1. Self-Compassion Scale", "(.91)", ""], ["2. DASS-21 Depression <b>", "−.46**", "(.91)"]]
    assert "***p < .001." in note(table)
    change = by_name(trial)["correlations.change"]
    assert change.plain_title == "Correlations Between Changes From Baseline to Post-treatment"
    assert body(change)[0] == ["1. Self-Compassion Scale", "—", ""]


def test_missing_data(trial):
    table = by_name(trial)["missing"]
    assert body(table)[1] == ["Baseline", "36", "3 (8.3%)", "0.4", "36", "3 (8.3%)", "0.4"]
    assert body(table)[-1] == ["Post-treatment", "36", "3 (8.3%)", "—", "36", "3 (8.3%)", "—"]


def test_dropout_names_arms_and_the_reference(trial):
    table = by_name(trial)["dropout"]
    assert body(table) == [
        ["Arm: ACT workshop (vs. Wait-list)", "72", "1.40", "[0.60, 3.20]", ".420"],
        ["Age (years)a", "72", "1.40", "[0.60, 3.20]", ".420"],
    ]
    assert "Firth's penalized likelihood, the data are separated." in note(table)


def test_issues_are_counted_and_show_no_value(trial):
    table = by_name(trial)["issues"]
    assert body(table) == [
        ["Warnings"],
        ["Answer outside the range", "a.csv", "scs_2, scs_3, scs_4 and 2 more", "5", "Check the row"],
    ]
    assert "77" not in str(table.to_dict())


def test_provenance(trial):
    tables = by_name(trial)
    assert body(tables["inputs"]) == [["a.csv", "csv", "utf-8", "150", "60", "abababababababab"]]
    assert body(tables["deidentification"]) == [["a.csv", "identifier", "1"]]
    assert body(tables["removed_rows"]) == [["a.csv", "preview", "2"]]
    assert [row[0] for row in body(tables["software"])][:3] == ["Python", "compassion-trials", "numpy"]


def test_every_abbreviation_is_explained(trial, single):
    meanings = {"M": "mean", "SD": "standard deviation", "CI": "confidence interval", "df": "degrees of freedom",
                "SMD": "standardized mean difference", "OR": "odds ratio", "α": "Cronbach’s alpha"}  # fmt: skip
    for table in (*by_name(trial).values(), *by_name(single).values()):
        words = set(" ".join(heads(table)).replace("(", " ").replace(")", " ").split())
        for symbol in words & set(meanings):
            assert f"{symbol} = {meanings[symbol]}" in note(table), (table.name, symbol)


def test_dashes_are_explained_where_they_stand(trial, single):
    for table in (*by_name(trial).values(), *by_name(single).values()):
        stands = any(cell == "—" for row in body(table) for cell in row)
        assert ("— =" in note(table)) == stands, table.name


def test_reasons_add_up_to_those_not_assessed(trial):
    keys = {"analysis": "flow", "term": "missing", "visit": "post"}
    found = [
        *rows(keys | {"arm": "act"}, {"n": 6}),
        *rows(keys | {"arm": "act", "level": "no_time"}, {"n": 2}),
        *rows(keys | {"arm": "waitlist"}, {"n": 1}),
        *rows(keys | {"arm": "waitlist", "level": "no_time"}, {"n": 1}),
    ]
    shown = body(by_name(with_rows(trial, *found))["flow"])
    assert ["No time", "2", "1"] in shown
    assert ["Reason not recorded", "4", "0"] in shown


def test_the_bound_of_degrees_of_freedom_of_clusters_is_told():
    assert degrees_words(["Bell-McCaffrey"]) == "Bell-McCaffrey (at most the fewest clusters of an arm minus one)"
    assert degrees_words(["n - 1"]) == "n − 1"
