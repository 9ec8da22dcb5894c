"""All cases, what is right for each, and which of them wait for another part of the project.

A row that waits is a strict expected failure: once it is mended the test says so, and only its mark has to go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.cases import analyses as a
from tests.cases.expected import Right, folder_as_plan, guessed, guessed_visits, held, read, refused, warned


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table.

    Attributes
    ----------
    name : str
        Folder or file in ../shared/cases.
    right : callable
        Runs a copy and asserts what is right.
    waits : str
        Why it cannot pass yet; empty for a row that must pass.
    file : bool
        Whether it has a folder or file of its own.
    """

    name: str
    right: Right
    waits: str = ""
    file: bool = True


ALL = "40 participants (ACT 20, Wait-list 20)"
"""What most of the small inputs hold."""
SPSS = "40 participants (Compassion course 20, Wait-list 20)"

READING = (
    Case("b01_none_values", held(ALL, silent=True)),
    Case("b02_id_na", held(ALL)),
    Case("b04_ids_thousands", held(ALL)),
    Case("b10_thousand_few", read(bdi=2000)),
    Case("b10_thousand_german", read(bdi=2000)),
    Case("b15_excel", held(ALL, warned=("sex", "formula error"))),
    Case("b16_baseline_number", held(ALL, warned=("age", "999", "far outside"))),
    Case("b21_multi", held(ALL, warned=("row 2", "3,4", "more than one answer"))),
    Case("b22_words", held(ALL, silent=True)),
    Case("b53_quote", held(ALL, silent=True)),
    Case("b32_nfd", held(ALL, silent=True)),
    Case("b43_nfd_ids", held(ALL, warned=("ids", "look the same"))),
    Case("b40_withdrawn_12", refused("flow.withdrawn", "values: {1: yes, 2: no}")),
    Case("b40_ae12", refused("harms.adverse event", "values: {1: yes, 2: no}")),
    Case("spss_date_missing", held(SPSS, warned=("4 of 4 participants who withdrew",))),
    Case("spss_duration", held(SPSS, silent=True)),
    Case("excel_duration", held(SPSS, silent=True)),
    Case("b50_chart", held(ALL)),
    Case("b50_hidden", held(ALL)),
    Case("corrupt_xlsx", refused("arms", "same name")),
    Case("plan_is_folder", folder_as_plan),
    Case("b23_redcap", held(ALL, never=("baseline.dep",))),
    Case("b33_heads", held(ALL, silent=True)),
    Case("b34_writetable", held(ALL)),
    Case("typo_code", held("34 participants (Course 34)", warned=("row 4", "after the baseline only"))),
    Case("two_visits_one_column", refused("y_post", "two visits")),
    Case("no_control_at_primary_visit", refused("arm b", "fu", "control_until: post")),
    Case("booster_control", refused("arm vl", "T3", "control_until: T2")),
    Case("week_ignored", refused("row 13", "data.0.week", "leave week out")),
    Case("b05_yaml", refused("row 9", '"01"', "quotation marks")),
    Case("b51_yaml", refused("row 6", '"010"', "quotation marks")),
    Case("braces_in_yaml", refused("row 1", "quotation marks")),
    Case("arm_without_column", refused("row 4", "arm", "column")),
    Case("range_nan", refused("row 7", ".nan")),
    Case("week_inf", refused("row 2", ".inf")),
    Case("same_arm_label", refused("row 2", "same name")),
    Case("title_colon", refused("row 1", "colon")),
    Case("k_visits_T10", guessed_visits("d.csv", "bdi_T1", "bdi_T2", "bdi_T10"), waits="issue 13"),
    Case("k_visits_num", guessed_visits("d.csv", "bdi_0", "bdi_8", "bdi_20"), waits="issue 13"),
    Case("msforms_id", warned("row number"), waits="issue 13"),
    Case("msforms", guessed("Before the course(1-34).xlsx"), waits="issue 13"),
    Case("lime", guessed("results-survey112233.csv", "init_tokens_112233.csv.yaml"), waits="issue 13"),
    Case("lime_tokens", guessed("results-survey112233.csv"), waits="issue 13"),
    Case("digit_visit", guessed("export.csv", "plan.yaml"), waits="issue 13"),
    Case("google", guessed("Pre questionnaire (Responses) - Form Responses 1.csv"), waits="issue 13"),
    Case("sosci", guessed("data_project123456_2025-09-01_10-22.csv"), waits="issue 13"),
    Case("castor", guessed("Compassion_study_export_20250901.csv"), waits="issue 13"),
    Case("gorilla", guessed("data_exp_123456-v4_questionnaire.csv", "init_data_exp_123456-v4_questionnaire.csv.yaml"),
         waits="issue 13"),
    Case("gorilla_plan", held("participants"), waits="issue 13"),
    Case("long_by_test", held("participants"), waits="issue 13"),
    Case("diary", held("participants"), waits="issue 13"),
    Case("norsav", guessed("Selvmedfølelse_ferdig.sav"), waits="issue 13"),
    Case("omv", refused("trial.jasp", "damaged or cut off")),
    Case("two_plans", a.two_plans),
    Case("stale_deliver", a.stale),
)  # fmt: skip

ANALYSES = (
    Case("i02_groups_restart", refused("nested")),
    Case("i02_groups_unique", a.nested_groups),
    Case("i04_med_restart", refused("nested")),
    Case("cluster_singlevisit", a.cluster_at_one_visit),
    Case("c09_half", a.half),
    Case("feasibility_threshold.py", a.feasibility),
    Case("gate_closed", a.gate),
    Case("outcome_not_at_contrast_visit", a.family_kept),
    Case("two_visits", a.one_visit_decides),
    Case("single_visit", a.once_measured),
    Case("ri_common_baseline", a.separate_baselines, waits="issue 12"),
    Case("mixed_anova_unequal_arms", a.type_three),
    Case("i01_covariate_missing", a.covariate_missing),
    Case("n02_locf_data", held("24 participants", warned=("post", "fu", "same answers"))),
    Case("g04_levels", warned("covariate site", "one participant")),
    Case("c05_holm", a.no_sentence_contradicts),
    Case("c03_tipping", a.tipping),
    Case("c01_allmissing", a.all_missing),
    Case("c04_control_until", a.advice_names_control_until),
    Case("n01_tiny", a.tiny),
    Case("b24_rev_post_only", warned("reversed items of scs.total", "visit post")),
    Case("yesno", a.yes_or_no),
    Case("rho_one", a.perfect_correlation),
    Case("dup_harm", a.event_once),
    Case("ad_local_maximum", a.local_maximum),
    Case("max_t_pairwise", a.max_t),
    Case("options_unchecked", a.options),
)

EVIDENCE = (
    Case("hk_no_floor", a.hartung_knapp, waits="issue 12"),
    Case("d04_reml_evidence", a.evidence_survives),
    Case("three_level.json", a.best_of_starts),
    Case("q_profile_empty", a.empty_interval, waits="issue 12"),
    Case("three_level_single_trial", a.one_trial_level),
    Case("d03_comma", a.comma_in_print),
    Case("d05_trialnames", a.names_trimmed),
)

DELIVER = (
    Case("age_other_language", a.ages_in_bands),
    Case("level_leak", a.levels_stay),
    Case("control_char_label", a.control_character),
    Case("relink", a.relinked, file=False),
)

QUESTIONNAIRES = (
    Case("sscs_l", a.sscs_l),
    Case("ffmq15_subset", a.ffmq15),
)

CASES = (*READING, *ANALYSES, *EVIDENCE, *DELIVER, *QUESTIONNAIRES)
"""Every row of the table."""
