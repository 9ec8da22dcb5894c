"""The fixed list of definitions: each printed number is tried by those of its kind of test, and by no other."""

from __future__ import annotations

from typing import get_args

import pytest
from tests.unit.ledger.test_checks import FAIR, SCALES

from compassion_trials.ledger.definitions import DEFINITIONS, candidates
from compassion_trials.ledger.printed_effect import effects
from compassion_trials.ledger.reading.model import NUMBERS, Model, Published

ROWS = """measure arm visit n mean sd
phq a pre 20 12.1 5.0
phq b pre 20 12.6 5.5
phq a post 20 9.1 4.4
phq b post 20 12.0 5.2
"""
WITHOUT_N = "\n".join(" ".join(w for i, w in enumerate(line.split()) if i != 3) for line in ROWS.splitlines())
COUNTS = "what arm n\nrandomized a 20\nrandomized b 20\n"
BETWEEN = ["cohen_d", "hedges_g", "hedges_g_approximate", "d_pooled_n"]


def definitions(model: str, head: str, numbers: str, statistic: str, rows: str = ROWS, counts: str = "") -> list[str]:
    """Names of the definitions that are tried on one number of a made line."""
    line = f"measure arm versus visit from {head}\nphq a b post pre {numbers}\n"
    table = {"name": "t", "source": "s", "rows": rows, "effects": line, "model": model}
    study = Published.model_validate({**FAIR, "measures": SCALES, "tables": [table], "counts": counts})
    (effect,) = effects(study, study.tables[0])
    return [candidate.definition for candidate in candidates(effect, statistic)]


def test_every_entry_is_of_a_known_test_and_statistic():
    assert {model for model, _ in DEFINITIONS} == set(get_args(Model))
    assert {statistic for _, statistic in DEFINITIONS} == set(NUMBERS) - {"se", "chi2"}
    assert all(DEFINITIONS.values())


@pytest.mark.parametrize(
    ("model", "head", "numbers", "statistic", "expected"),
    [
        ("t_test", "t", "-2.10", "t", ["t_student", "t_welch"]),
        ("other", "t", "-2.10", "t", []),
        ("other", "t estimate lower upper", "-2.1 -3.9 -7.0 -.8", "t", ["t_from_limits"]),
        ("t_test", "t estimate lower upper", "-2.1 -3.9 -7.0 -.8", "t", ["t_student", "t_welch", "t_from_limits"]),
        ("anova", "F", "3.6", "F", ["f_one_way"]),
        ("ancova", "F", "3.6", "F", ["f_ancova"]),
        ("mixed_anova", "F", "3.6", "F", ["f_interaction"]),
        ("mixed_model", "F", "3.6", "F", []),
        ("other", "estimate", "-2.9", "estimate", ["difference_in_change", "difference"]),
        ("other", "eta2 F df df2", ".09 3.6 1 38", "eta2", ["eta_squared"]),
        ("other", "g_se", ".31", "g_se", ["se_hedges", "se_uncorrected_d", "se_corrected", "se_df"]),
        ("adjusted_means", "d", ".6", "d", ["adjusted_rms_before", "adjusted_sd_control_before"]),
        ("other", "chi2 se", "3.6 .2", "chi2", []),
    ],
)
def test_definitions_of_a_number(model, head, numbers, statistic, expected):
    assert definitions(model, head, numbers, statistic) == expected


@pytest.mark.parametrize("statistic", ["d", "g"])
def test_a_standardized_difference_from_rows_and_from_its_test(statistic):
    found = definitions("t_test", f"{statistic} t df", ".6 -2.1 38", statistic)
    assert found[:4] == BETWEEN
    assert found[-3:] == ["d_from_t", "d_from_t_df", "d_from_t_equal_arms"]


@pytest.mark.parametrize(
    ("model", "own"),
    [("t_test", ["p_from_rows"]), ("anova", ["p_one_way"]), ("ancova", []), ("mixed_model", []), ("paired", [])],
)
def test_p_is_of_the_rows_only_where_no_test_is_printed(model, own):
    assert definitions(model, "p", ".04", "p") == own
    assert definitions(model, "p t df", ".04 -2.1 38", "p") == ["p_from_t"]
    assert definitions(model, "p F df df2", ".04 4.4 1 38", "p") == ["p_from_f"]


def test_the_allocated_n_stands_in_only_where_the_rows_print_none():
    assert definitions("anova", "p", ".04", "p", WITHOUT_N) == []
    assert definitions("anova", "p", ".04", "p", WITHOUT_N, COUNTS) == ["p_one_way_allocated"]
    assert definitions("anova", "p", ".04", "p", ROWS, COUNTS) == ["p_one_way"]


@pytest.mark.parametrize(
    ("model", "df2"), [("t_test", 38), ("anova", 38), ("mixed_anova", 38), ("ancova", 37), ("other", None)]
)
def test_degrees_of_freedom(model, df2):
    line = "measure arm versus visit F df df2\nphq a b post 3.6 1 38\nphq a b post - 38 -\n"
    table = {"name": "t", "source": "s", "rows": ROWS, "effects": line, "model": model}
    study = Published.model_validate({**FAIR, "measures": SCALES, "tables": [table]})
    f, t = effects(study, study.tables[0])
    of_f = [(c.definition, c.found.value) for c in candidates(f, "df")]
    residual = [] if df2 is None else [("df_from_n", df2)]
    assert of_f == [("df_arms", 1)]
    assert [(c.definition, c.found.value) for c in candidates(f, "df2")] == residual
    assert [(c.definition, c.found.value) for c in candidates(t, "df")] == residual


@pytest.mark.parametrize("name", ["lower", "upper"])
def test_limits_by_the_number_they_belong_to(name):
    other = "upper" if name == "lower" else "lower"
    assert definitions("other", f"estimate t {name} {other}", "-3 -2 -6 0", name) == [
        "limits_from_t",
        "mirror_of_other_limit",
    ]
    assert definitions("other", f"estimate {name}", "-3 -6", name) == []
    assert definitions("other", f"d t d_{name} d_{other}", ".6 -2 .1 1.1", f"d_{name}") == [
        "limits_normal",
        "mirror_of_other_limit",
    ]
    assert definitions("other", f"d d_{name}", ".6 .1", f"d_{name}", WITHOUT_N) == []
