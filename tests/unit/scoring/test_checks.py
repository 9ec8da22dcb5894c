"""Each check finds what it is for, and nothing in clean data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.scoring.tables import one_factor, responses, stored

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.answers import Answers, answers_of
from compassion_trials.scoring.checks.correlation import correlate, cronbach
from compassion_trials.scoring.checks.repeated import repeated
from compassion_trials.scoring.checks.reversal import _against, negative_alpha, reversal
from compassion_trials.scoring.checks.spread import coding, constant_items, spread
from compassion_trials.scoring.checks.stored import agreement, impossible_totals, undoubled
from compassion_trials.scoring.scores import questionnaire_scores, stored_scores
from compassion_trials.study.plan.measures import Measure

ALL = load_instruments(None)
SCS_NEGATIVE = [1, 2, 4, 6, 8, 11, 13, 16, 18, 20, 21, 24, 25]
SCS_SIGNS = [-1 if item in SCS_NEGATIVE else 1 for item in range(1, 27)]
PSS_SIGNS = [-1 if item in (4, 5, 7, 8) else 1 for item in range(1, 11)]


def answers(name, values):
    return answers_of(responses(name, values), name, Measure(instrument=name), ALL[name])


def codes(findings):
    return [finding.code for finding in findings]


def test_correlation_of_complete_pairs():
    x, y = np.array([1.0, 2, 3, 4, np.nan]), np.array([2.0, 1, 4, 3, 9])
    got = correlate(x, y)
    assert (got.n, got.r) == (4, pytest.approx(0.6))
    assert got.lower < got.r < got.upper
    assert np.isnan(correlate(x, np.ones(5)).r)
    half = 1.959964  # 1 / sqrt(n - 3) is 1 for four pairs
    assert got.lower == pytest.approx(np.tanh(np.arctanh(0.6) - half))
    assert got.upper == pytest.approx(np.tanh(np.arctanh(0.6) + half))
    assert np.isnan(correlate(x[:3], y[:3]).r)
    assert np.isnan(correlate(np.ones(5), y).r)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_perfect_correlation_keeps_an_interval(sign):
    """Fisher's z of 1 is infinite; r counts as .999999 at most."""
    got = correlate(np.arange(4.0), sign * np.arange(4.0))
    assert got.r == pytest.approx(sign)
    nearest_to_zero = got.lower if sign > 0 else got.upper
    assert sign * nearest_to_zero == pytest.approx(np.tanh(np.arctanh(0.999999) - 1.959964), abs=1e-12)
    assert sign * nearest_to_zero < 1


@pytest.mark.parametrize(("name", "signs", "ends"), [("scs", SCS_SIGNS, (1, 5)), ("pss10", PSS_SIGNS, (0, 4))])
def test_clean_answers_raise_no_suspicion(name, signs, ends):
    assert reversal(name, answers(name, one_factor(120, signs, *ends)), ALL[name]) == []


@pytest.mark.parametrize(("name", "signs", "ends"), [("scs", SCS_SIGNS, (1, 5)), ("pss10", PSS_SIGNS, (0, 4))])
def test_items_stored_reversed_are_found_as_a_set(name, signs, ends):
    found = reversal(name, answers(name, one_factor(120, np.abs(signs), *ends)), ALL[name])
    assert codes(found) == ["already_reversed"]
    assert "reversed_items: [" in found[0].advice
    assert str(next(i + 1 for i, sign in enumerate(signs) if sign < 0)) in found[0].value


def test_items_that_the_plan_turns_back_by_mistake():
    turned = tuple(SCS_NEGATIVE)
    found = reversal("scs", answers("scs", one_factor(120, [1] * 26, 1, 5)), ALL["scs"], turned)
    assert codes(found) == ["already_reversed"]
    assert "take them out of coding.reversed_items" in found[0].advice


def test_one_item_against_its_scale():
    values = one_factor(120, PSS_SIGNS, 0, 4)
    values[:, 8] = 4 - values[:, 8]
    found = reversal("pss10", answers("pss10", values), ALL["pss10"])
    assert codes(found) == ["item_against_scale"]
    assert found[0].value == "item 9"


def at_three_visits(turn):
    """Clean answers to the PSS-10 of 40 people at three visits; ``turn`` changes the block of the second in place."""
    values = one_factor(120, PSS_SIGNS, 0, 4)
    turn(values[1::3])
    rows = [(f"p{i // 3}", "a", ("pre", "post", "fu")[i % 3]) for i in range(120)]
    return Answers(
        pd.DataFrame(rows, columns=["participant", "arm", "visit"]), values, np.zeros_like(values, dtype=bool)
    )


def test_items_reversed_at_one_visit_only_are_found_there():
    def turn(block):
        block[:, [3, 4, 6, 7]] = 4 - block[:, [3, 4, 6, 7]]

    found = reversal("pss10", at_three_visits(turn), ALL["pss10"])
    assert codes(found) == ["already_reversed"]
    assert "at visit post only" in found[0].message
    assert "reversed_items would turn them at every visit" in found[0].advice
    assert reversal("pss10", at_three_visits(lambda block: None), ALL["pss10"]) == []


def test_one_item_reversed_at_one_visit_only_is_found_there():
    def turn(block):
        block[:, 8] = 4 - block[:, 8]

    (finding,) = reversal("pss10", at_three_visits(turn), ALL["pss10"])
    assert (finding.code, finding.value) == ("item_against_scale", "item 9")
    assert "at visit post only" in finding.message


def test_a_negative_alpha_is_told():
    def turn(block):
        block[:, :5] = 4 - block[:, :5]

    found = list(negative_alpha("pss10", at_three_visits(turn), ALL["pss10"]))
    assert found
    assert all("at visit post" in finding.message for finding in found)
    assert list(negative_alpha("pss10", at_three_visits(lambda block: None), ALL["pss10"])) == []


def test_cronbach_is_that_of_the_formula():
    values = np.array([[1.0, 2, 1], [2, 3, 4], [4, 4, 5], [3, 5, 2], [np.nan, 1, 1]])
    covariance = np.cov(values[:4], rowvar=False)
    alpha, n = cronbach(values)
    assert n == 4
    assert alpha == pytest.approx(3 / 2 * (1 - np.trace(covariance) / covariance.sum()))
    assert np.isnan(cronbach(values[:, :1])[0])
    assert np.isnan(cronbach(np.ones((5, 3)))[0])


def test_when_half_of_the_items_run_against_the_others_none_is_blamed():
    """Two of the reversed items of the PSS-10 and three others are turned: nobody can say which half is right."""
    values = one_factor(120, PSS_SIGNS, 0, 4, loading=0.95)
    turned = [0, 1, 2, 3, 4]  # items 4 and 5 are reversed ones
    values[:, turned] = 4 - values[:, turned]
    assert reversal("pss10", answers("pss10", values), ALL["pss10"]) == []


def test_cronbach_of_two_items_and_two_people():
    """Item variances 0.5 and 2, variance of the sums 4.5."""
    alpha, n = cronbach(np.array([[1.0, 2], [2, 4]]))
    assert (alpha, n) == (pytest.approx(2 * (1 - 2.5 / 4.5)), 2)
    assert np.isnan(cronbach(np.array([[1.0, 2]]))[0])


PRE = np.array([3.0, 9, 4, 7, 5])


@pytest.mark.parametrize(
    ("pre", "post", "told"),
    [
        (PRE, 2 * PRE + 1, ["visits_correlated"]),
        (PRE[:4], 2 * PRE[:4] + 1, []),  # four people may agree by chance
        (PRE, PRE, []),  # told where the file is read
        (PRE, 20 - PRE, []),  # turned round, not copied
        (PRE, PRE + 1e-3 * np.arange(5), []),
        (PRE, np.full(5, 4.0), []),
    ],
)
def test_a_visit_computed_from_another_is_seen(pre, post, told):
    people = [f"p{i}" for i in range(len(pre))]
    visits = [pd.DataFrame({"participant": people, "visit": v, "score": s}) for v, s in (("pre", pre), ("post", post))]
    found = list(repeated("phq.total", pd.concat(visits)))
    assert codes(found) == told
    assert all(f.value == "pre and post" for f in found)


@pytest.mark.parametrize(("agree", "told"), [(28, []), (27, [1])])
def test_an_item_runs_against_its_scale_below_minus_a_fifth(agree, told):
    """Of 140 people, 2 x 28 answer the item as they answer the two others, which are alike: r = (56 - 84) / 140."""
    item = np.repeat([1.0, -1.0], 70)
    others = np.repeat([1.0, -1.0, 1.0, -1.0], [agree, 70 - agree, 70 - agree, agree])
    assert [place for place, *_ in _against((1, 2, 3), np.column_stack([item, others, others]))] == told


def test_few_answers_prove_nothing():
    assert reversal("pss10", answers("pss10", one_factor(15, [1] * 10, 0, 4)), ALL["pss10"]) == []


def test_spread():
    same = pd.DataFrame({"visit": "pre", "score": [12.0] * 12})
    ends = pd.DataFrame({"visit": "pre", "score": [0.0, 27] * 10})
    plain = pd.DataFrame({"visit": "pre", "score": np.arange(20.0)})
    few = same.head(5)
    assert codes(spread("phq.total", (0, 27), same)) == ["no_spread"]
    assert codes(spread("phq.total", (0, 27), ends)) == ["large_spread"]
    assert codes(spread("phq.total", (0, 27), plain)) == []
    assert codes(spread("phq.total", (0, 27), few)) == []


@pytest.mark.parametrize(("end", "told"), [(1.0, []), (0.9, ["large_spread"])])
def test_an_sd_above_nine_tenths_of_the_largest_is_near_it(end, told):
    """Half of twenty people at each end of 1 to 19, in a range of 0 to 20: exactly .9 of the largest SD."""
    scores = pd.DataFrame({"visit": "pre", "score": [end, 20 - end] * 10})
    assert codes(spread("x.total", (0, 20), scores)) == told


def test_constant_items_are_noted_by_visit():
    values = one_factor(30, [1] * 9, 0, 3)
    values[:, 8] = 0
    found = list(constant_items("phq9", answers("phq9", values), ["pre"]))
    assert codes(found) == ["item_constant"]
    assert found[0].severity == "note"
    assert found[0].value == "item 9"


def test_another_coding_is_suspected():
    values = one_factor(60, [1] * 9, 0, 3)
    assert codes(coding("phq9", answers("phq9", values), ALL["phq9"], (0, 3))) == []
    shifted = answers("phq9", values + 1)
    found = list(coding("phq9", shifted, ALL["phq9"], (0, 3)))
    assert codes(found) == ["coding_doubtful", "coding_doubtful"]
    assert "were set missing" in found[0].message
    assert "lowest answer 0" in found[1].message


@pytest.mark.parametrize(("impossible", "told"), [(5, []), (6, ["coding_doubtful"])])
def test_more_than_one_impossible_answer_in_twenty_throws_doubt_on_the_coding(impossible, told):
    values = np.tile([0.0, 1, 2, 3], 25).reshape(10, 10)[:, :9]
    values = np.vstack([values, [0, 1, 2, 3, 0, 1, 2, 3, 0], [1] + [np.nan] * 8])
    values.ravel()[:impossible] = 9  # of a hundred
    found = list(coding("phq9", answers("phq9", values), ALL["phq9"], (0, 3)))
    assert codes(found) == told
    assert all(f.message.startswith("6 % of the answers to phq9 lie outside 0 to 3") for f in found)


def test_fractional_answers_are_suspected():
    values = one_factor(30, [1] * 9, 0, 3)
    values[0, 0] = 1.5
    assert "fractional_answers" in codes(coding("phq9", answers("phq9", values), ALL["phq9"], (0, 3)))


def compare(name, values, totals, scale="total", variant=None):
    measure = Measure(instrument=name, stored={scale: "x"}, variant=variant)
    instrument = ALL[name].with_variant(variant)
    table = questionnaire_scores(name, answers_of(responses(name, values), name, measure, instrument), instrument)
    file = stored(name, totals, scale).drop(columns="measure")
    return agreement(name, measure, instrument, table, file)


def test_equal_totals_are_silent():
    values = one_factor(30, [1] * 9, 0, 3)
    assert compare("phq9", values, values.sum(axis=1)) == []


def test_totals_that_differ_are_counted_without_names():
    values = one_factor(30, [1] * 9, 0, 3)
    totals = values.sum(axis=1)
    totals[3] += 2
    found = compare("phq9", values, totals)
    assert codes(found) == ["stored_total_differs"]
    assert found[0].message.startswith("1 of 30 stored totals of phq9.total at pre differ")
    assert "largest difference 2" in found[0].message
    assert "p3" not in found[0].text()


def test_rounded_stored_means_are_equal():
    values = one_factor(30, SCS_SIGNS, 1, 5)
    instrument = ALL["scs"]
    table = questionnaire_scores("scs", answers("scs", values), instrument)
    totals = table.loc[table["scale"] == "total", "score"].round(2)
    assert compare("scs", values, totals) == []


def test_undoubled_totals_are_recognised():
    values = one_factor(30, [1] * 21, 0, 3)
    half = values[:, [i - 1 for i in ALL["dass21"].items_of("stress")]].sum(axis=1)
    found = compare("dass21", values, half, "stress")
    assert codes(found) == ["stored_total_differs", "stored_total_scaled"]
    assert "0.5 times" in found[1].message


def test_scales_of_the_dass21_are_doubled():
    values = one_factor(6, [1] * 21, 0, 3)
    table = questionnaire_scores("dass21", answers("dass21", values), ALL["dass21"])
    items = [item - 1 for item in ALL["dass21"].items_of("stress")]
    assert table.loc[table["scale"] == "stress", "score"].tolist() == (2 * values[:, items].sum(axis=1)).tolist()


def test_shifted_totals_are_recognised():
    values = one_factor(30, [1] * 9, 0, 3)
    assert codes(compare("phq9", values, values.sum(axis=1) + 9)) == ["stored_total_differs", "stored_total_shifted"]


def test_a_stored_total_without_items_is_noted():
    values = one_factor(30, [1] * 9, 0, 3)
    totals = values.sum(axis=1)
    values[0, :5] = np.nan
    assert codes(compare("phq9", values, totals)) == ["stored_total_alone"]


def test_impossible_stored_totals():
    measure = Measure(total="x", name="BDI", range=(0, 63), better="lower")
    table = stored_scores("bdi", measure, stored("bdi", [10, 999, np.nan]))
    assert table["score"].isna().tolist() == [False, True, True]
    assert table["flag"].tolist() == ["", "out of range", ""]
    found = list(impossible_totals("bdi", measure, table))
    assert codes(found) == ["total_out_of_range"]
    assert found[0].value == "1 totals"


def test_undoubled_stored_totals_of_the_dass21():
    for name, limits, said in (
        ("Depression (DASS-21)", (0, 42), ["dass_not_doubled"]),
        ("Depression (DASS-21)", (0, 21), []),
        ("Depression (DASS-42)", (0, 42), []),
    ):
        measure = Measure(total="x", name=name, range=limits, better="lower")
        table = stored_scores("dass", measure, stored("dass", [2, 7, 11]))
        assert codes(undoubled("dass", measure, table)) == said


def test_the_items_about_risk_are_named_where_a_questionnaire_has_them():
    """PHQ-9 asks about self-harm in item 9, the PSS-10 nowhere."""
    from compassion_trials.scoring.stage import _checks

    for name, n, ends, expected in (("phq9", 9, (0, 3), ["items 9"]), ("pss10", 10, (0, 4), [])):
        measure = Measure(instrument=name)
        values = one_factor(30, [1] * n if name == "phq9" else PSS_SIGNS, *ends)
        given = answers_of(responses("x", values), "x", measure, ALL[name])
        table = questionnaire_scores("x", given, ALL[name])
        found = _checks("x", measure, ALL[name], given, table, ["pre"])
        assert [f.value for f in found if f.code == "risk_items"] == expected


@pytest.mark.parametrize(("n", "found"), [(19, []), (20, ["already_reversed"])])
def test_twenty_people_are_enough_to_suspect(n, found):
    assert codes(reversal("scs", answers("scs", one_factor(n, [1] * 26, 1, 5, loading=0.95)), ALL["scs"])) == found


@pytest.mark.parametrize(("n", "found"), [(19, []), (20, ["item_against_scale"])])
def test_twenty_people_are_enough_to_suspect_one_item(n, found):
    values = one_factor(n, [1] * 9, 0, 3, loading=0.95)
    values[:, 4] = 3 - values[:, 4]
    assert codes(reversal("phq9", answers("phq9", values), ALL["phq9"])) == found
