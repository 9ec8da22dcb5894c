"""Sentences say what the key and the counts say."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.scoring.tables import one_factor, responses

from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.answers import answers_of
from compassion_trials.scoring.methods import methods_of, stored_method
from compassion_trials.scoring.scores import questionnaire_scores
from compassion_trials.study.plan.measures import Coding, Measure

ALL = load_instruments(None)


def sentences(measure, values):
    instrument = ALL[measure.instrument].with_variant(measure.variant)
    got = answers_of(responses("x", values), "x", measure, instrument)
    return methods_of(measure, instrument, questionnaire_scores("x", got, instrument))


def test_scs():
    values = one_factor(10, [1] * 26, 1, 5)
    values[0, 0] = np.nan
    got = sentences(Measure(instrument="scs"), values)
    assert got[0] == (
        "The SCS total is the mean of the six subscale means (possible range 1 to 5); the negative subscales "
        "(self-judgment, isolation and over-identification) were recoded for the total only and are reported raw."
    )
    assert got[-1].endswith("1 of 10 scores was prorated from the answered items.")


def test_scales_scored_alike_share_a_sentence():
    got = sentences(Measure(instrument="dass21"), one_factor(5, [1] * 21, 0, 3))
    assert got[0] == (
        "The DASS-21 scales depression, anxiety and stress are each the sum of 7 items, multiplied by 2 "
        "(possible range 0 to 42)."
    )


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (
            Measure(instrument="pss10"),
            "The PSS-10 total is the sum of 10 items, 4 of them reversed (possible range 0 to 40).",
        ),
        (Measure(instrument="swemwbs"), "converted to the metric score"),
        (Measure(instrument="ghq12", variant="bimodal"), "Scoring variant of the GHQ-12: bimodal GHQ scoring 0-0-1-1"),
        (
            Measure(instrument="gad7", short="GAD", coding=Coding(min=1, max=4)),
            "stored as 1 to 4, were shifted to 0 to 3",
        ),
        (Measure(instrument="gad7", coding=Coding(min=0, max=3, reversed_items=(1, 2))), "Items 1 and 2 of the GAD-7"),
        (
            Measure(instrument="gad7", coding=Coding(min=0, max=3, reversed_items=(2,))),
            "Item 2 of the GAD-7, stored reversed, was turned back before scoring.",
        ),
        (Measure(instrument="gad7", item_order=(7, 6, 5, 4, 3, 2, 1)), "stored in another order"),
        (Measure(instrument="phq9"), "The PHQ-9 score is the sum of 9 items (possible range 0 to 27)."),
    ],
    ids=lambda value: value.instrument if isinstance(value, Measure) else "",
)
def test_what_was_done_is_said(measure, said):
    instrument = ALL[measure.instrument]
    values = one_factor(6, [1] * instrument.items, 1, 3)
    assert any(said in sentence for sentence in sentences(measure, values))


def test_complete_answers_are_said_to_be_so():
    assert (
        sentences(Measure(instrument="phq9"), one_factor(5, [1] * 9, 0, 3))[-1]
        == "All PHQ-9 scores rest on complete answers."
    )


def test_stored_totals_share_a_sentence():
    bdi = Measure(total="x", name="Beck Depression Inventory", range=(0, 63), better="lower")
    bai = Measure(total="x", name="Beck Anxiety Inventory", range=(0, 63), better="lower")
    start = "stored in the raw file (possible range in brackets)"
    one, two = "Beck Depression Inventory (0 to 63)", "Beck Anxiety Inventory (0 to 63)"
    assert stored_method([]) == ()
    assert stored_method([bdi]) == (f"The total {start} was used for {one}.",)
    assert stored_method([bdi, bai]) == (f"Totals {start} were used for {one} and {two}.",)


def test_answers_stored_as_the_questionnaire_has_them_are_not_called_shifted():
    measure = Measure(instrument="gad7", coding=Coding(min=0, max=3, reversed_items=(1, 2)))
    assert not any("were shifted" in sentence for sentence in sentences(measure, one_factor(6, [1] * 7, 1, 3)))
