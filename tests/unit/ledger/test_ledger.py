"""The publications reproduce as they can, and their oddities are found by the general checks."""

from __future__ import annotations

from collections import Counter

import pytest

GOOD = ("agrees", "within rounding")


def test_schanche_d_is_over_the_root_mean_square(lines):
    d = lines("schanche_2020", statistic="d")
    assert len(d) == 20
    assert {x.definition for x in d} == {"d_root_mean_square"}
    assert {x.verdict for x in d} <= set(GOOD)
    itt = lines("schanche_2020", statistic="d", table="itt", what="RRQ")[0]
    assert (itt.verdict, round(itt.recomputed, 3)) == ("within rounding", 0.351)


def test_schanche_p_values_of_completers(lines):
    p = lines("schanche_2020", statistic="p", table="completers")
    assert {x.verdict for x in p} == {"agrees"}


def test_schanche_oddities_are_found(lines, findings):
    itt = lines("schanche_2020", statistic="df2", table="itt")
    assert [(x.verdict, x.recomputed) for x in itt] == [("contradicts", 61.0)] * 7
    assert len(findings("schanche_2020", "df2_contradicts")) == 1
    star = [x for x in lines("schanche_2020", statistic="p") if x.verdict == "contradicts"]
    assert [(x.printed, round(x.recomputed, 4)) for x in star] == [("<.001", 0.0015)]


def test_nakamura_baseline_and_contrasts(lines):
    baseline = {x.what.split(",")[0]: x for x in lines("nakamura_2013", table="baseline")}
    for name, p in (("CES-D", 0.9433), ("Age in years", 0.3067), ("Total sleep time in hours", 0.6841)):
        assert baseline[name].verdict in GOOD
        assert baseline[name].recomputed == pytest.approx(p, abs=1e-4)
    sleep = baseline["MOS sleep problems index II"]
    assert (sleep.verdict, round(sleep.recomputed, 4)) == ("not reproduced", 0.2377)  # its n is not printed
    contrasts = lines("nakamura_2013", table="adjusted", statistic="p")
    assert len(contrasts) == 18
    assert {x.verdict for x in contrasts} <= {*GOOD, "possible"}


def test_kraft_rows_are_found_to_be_shifted(lines, findings, ledger):
    found = findings("kraft_2017", "shifted_rows")
    assert len(found) == 1
    assert found[0].message == "Before randomization: the rows seem to stand 2 lines too high"
    moved = ledger[2]["kraft_2017"]["outcomes"]
    assert moved["phq9", "ig", "prerand"].mean.text == "7.88"
    assert moved["scsd", "cg", "prerand"].mean.text == "2.61"
    d = [x for x in lines("kraft_2017", table="outcomes", statistic="d") if not x.definition.startswith("d_from_t")]
    assert d
    assert all("where the check of shifted rows puts them" in x.formula for x in d)
    t = lines("kraft_2017", table="baseline", statistic="t")
    assert [round(x.recomputed, 3) for x in t] == [-3.365, -1.983, 1.980, 2.175]
    assert {x.verdict for x in t} <= set(GOOD)


def test_van_gordon(lines, findings):
    estimates = {x.what: x for x in lines("van_gordon_2017", statistic="estimate")}
    for what, line in estimates.items():
        assert line.definition == "difference_in_change"
        assert (line.verdict in GOOD) == ("RBPS" not in what), what
    found = findings("van_gordon_2017", "repeated_estimates")
    assert [f.message for f in found] == [
        "Work engagement and Work involvement have the same estimates, limits and tests"
    ]
    assert "their printed means change by the same amounts too" in found[0].expected
    df = [x for x in lines("van_gordon_2017", statistic="df", table="baseline") if x.verdict == "contradicts"]
    assert {x.recomputed for x in df} == {71.0}


def test_thirdwave_under_both_conventions(lines):
    found = lines("thirdwave")
    verdicts = Counter(x.verdict for x in found)
    assert verdicts["not reproduced"] == 2  # the printed limits of Egger's intercept
    assert verdicts["contradicts"] == 0
    assert {x.definition for x in lines("thirdwave", table="pooled", statistic="i2")} == {"i2_from_q"}
    assert {x.definition for x in lines("thirdwave", table="pooled", statistic="prediction_lower")} == {"meta_classic"}
    assert {x.definition for x in lines("thirdwave", table="without_outliers", statistic="prediction_upper")} == {
        "meta_hk"
    }
    assert {x.definition for x in lines("thirdwave", table="trim_and_fill", statistic="added")} == {"fill_fixed_centre"}


def test_metapsy_definition_is_found(lines, findings):
    g = lines("metapsy_depression", statistic="g")
    assert len(g) == 25
    assert {(x.definition, x.verdict) for x in g} == {("hedges_g_approximate", "agrees")}
    assert {x.definition for x in lines("metapsy_depression", statistic="g_se")} == {"se_uncorrected_d"}
    assert [f.value for f in findings("metapsy_depression", "sd_too_large")] == ["47.8"]


@pytest.mark.parametrize("study", ["frostadottir_2019", "raab_2015", "yadavaia_2014"])
def test_every_number_of_the_cited_trials_has_a_verdict_or_a_reason(lines, study):
    found = lines(study)
    assert found
    for line in found:
        assert line.verdict == "agrees" or (line.verdict == "cannot be checked" and line.note), line
    assert all(x.verdict == "cannot be checked" for x in found if x.status == "not read")


def test_numbers_not_read_are_never_compared(ledger):
    unread = [x for x in ledger[0] if x.status == "not read"]
    assert unread
    assert {x.verdict for x in unread} == {"cannot be checked"}
    assert all(x.recomputed != x.recomputed for x in unread)


def test_sums_of_participants(lines):
    assert [x.verdict for x in lines("frostadottir_2019", table="counts", what="llocated")] == ["agrees"] * 4
    wrong = [x for x in lines("han_kim_2023", table="counts", what="Anuwatgasem") if x.verdict == "contradicts"]
    assert [(x.printed, x.recomputed) for x in wrong] == [("44", 34.0)]


def test_every_compared_line_names_formula_and_source(ledger):
    for line in ledger[0]:
        assert line.source, line
        assert bool(line.formula) == bool(line.definition)
        assert line.definition or line.verdict == "cannot be checked"
        assert line.definition or line.note, line


def test_limits_of_printed_pooled_effects_are_compared_with_each_other(lines):
    limits = [x for x in lines("wilson_2019", table="pooled") if x.statistic in ("lower", "upper")]
    assert len(limits) == 6
    assert {x.definition for x in limits} == {"mirror_of_other_limit"}
    assert {x.verdict for x in limits} <= set(GOOD)


def test_counts_keep_how_they_were_read(lines):
    assert {x.status for x in lines("friis_2016", table="counts")} == {"secondary"}
    assert {x.status for x in lines("schanche_2020", table="counts")} == {"read"}


def test_unmoved_rows_of_a_shifted_table_are_taken_as_printed(lines):
    t = lines("kraft_2017", table="baseline", statistic="t")
    assert not [x for x in t if "shifted rows" in x.formula]
