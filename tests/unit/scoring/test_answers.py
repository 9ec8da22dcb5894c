"""Raw responses become a matrix in the questionnaire's coding, order and direction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.scoring.tables import responses

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.answers import answers_of
from compassion_trials.study.plan.measures import Coding, Measure

GAD = load_instruments(None)["gad7"]
PLAIN = Measure(instrument="gad7")


def test_plain_answers():
    got = answers_of(responses("gad", [[0, 1, 2, 3, 0, 1, np.nan]]), "gad", PLAIN, GAD)
    np.testing.assert_array_equal(got.values, [[0, 1, 2, 3, 0, 1, np.nan]])
    assert got.rows.to_dict("records") == [{"participant": "p0", "arm": "a", "visit": "pre"}]
    assert not got.invalid.any()


def test_rows_keep_their_order_and_are_matched_by_label():
    table = pd.concat([responses("gad", [[1] * 7], visit="post"), responses("gad", [[0] * 7, [2] * 7])])
    shuffled = table.sample(frac=1, random_state=3)
    a, b = (answers_of(t, "gad", PLAIN, GAD) for t in (table, shuffled))
    assert a.rows["visit"].tolist() == ["post", "pre", "pre"]
    left = a.rows.assign(total=a.values.sum(axis=1))
    right = b.rows.assign(total=b.values.sum(axis=1))
    pd.testing.assert_frame_equal(left.merge(right), left)


def test_coding_is_shifted_and_keeps_its_width():
    measure = Measure(instrument="gad7", coding=Coding(min=1, max=4))
    got = answers_of(responses("gad", [[1, 2, 3, 4, 1, 1, 5]]), "gad", measure, GAD)
    np.testing.assert_array_equal(got.values, [[0, 1, 2, 3, 0, 0, np.nan]])
    assert got.invalid.tolist() == [[False] * 6 + [True]]


def test_items_that_the_file_holds_reversed_are_turned_back():
    measure = Measure(instrument="gad7", coding=Coding(min=0, max=3, reversed_items=(2,)))
    got = answers_of(responses("gad", [[0, 0, 0, 0, 0, 0, 0]]), "gad", measure, GAD)
    np.testing.assert_array_equal(got.values, [[0, 3, 0, 0, 0, 0, 0]])


def test_item_order_was_applied_by_ingest_and_is_not_applied_again():
    measure = Measure(instrument="gad7", item_order=(7, 6, 5, 4, 3, 2, 1))
    got = answers_of(responses("gad", [[0, 1, 2, 3, 0, 1, 2]]), "gad", measure, GAD)
    np.testing.assert_array_equal(got.values, [[0, 1, 2, 3, 0, 1, 2]])


def test_what_ingest_called_out_of_range_is_remembered():
    table = responses("gad", [[0, np.nan, 0, 0, 0, 0, 0]], reasons={(0, 1): "out of range"})
    got = answers_of(table, "gad", PLAIN, GAD)
    assert got.invalid[0].tolist() == [False, True, *[False] * 5]
    assert np.isnan(got.values[0, 1])


def test_columns_that_are_absent_are_missing_items():
    table = responses("gad", [[0, 1, 2, 3, 0]])
    assert np.isnan(answers_of(table, "gad", PLAIN, GAD).values[0, 5:]).all()


def test_errors_of_ingest_do_not_pass():
    with pytest.raises(ValueError, match="item 8"):
        answers_of(responses("gad", [[0] * 8]), "gad", PLAIN, GAD)
    table = responses("gad", [[0] * 7])
    with pytest.raises(ValueError, match="twice"):
        answers_of(pd.concat([table, table]), "gad", PLAIN, GAD)


def test_other_measures_do_not_matter():
    table = pd.concat([responses("gad", [[0] * 7]), responses("gad_partner", [[3] * 7])])
    assert answers_of(table, "gad", PLAIN, GAD).values.sum() == 0
