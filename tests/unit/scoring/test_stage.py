"""The stage as a whole: files in, files out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.scoring.tables import one_factor, responses, stored

from compassion_trials.core.columns import SCORES
from compassion_trials.core.files import write_table
from compassion_trials.core.findings import FINDING_COLUMNS
from compassion_trials.core.record import Record
from compassion_trials.scoring.scores import in_order
from compassion_trials.scoring.stage import run
from compassion_trials.study.context import open_study

PLAN = """
title: A made-up trial
design:
  type: randomized
  arms: {a: Course, b: Wait-list}
  control: b
  visits: {pre: 0, post: 8}
data:
  - file: survey.csv
    id: id
    arm: {column: arm, values: {1: a, 2: b}}
    items: "{instrument}_{visit}_{item}"
measures:
  scs: {instrument: scs, role: primary, stored: {total: "SCS_{visit}"}}
  phq: {instrument: phq9}
  bdi: {total: "BDI_{visit}", name: Beck Depression Inventory, range: [0, 63], better: lower}
"""


@pytest.fixture
def context(tmp_path):
    (tmp_path / "study.yaml").write_text(PLAN, encoding="utf-8")
    context = open_study(tmp_path / "study.yaml")
    scs = one_factor(25, [1] * 26, 1, 5)
    phq = one_factor(25, [1] * 9, 0, 3, seed=2)
    phq[0, :4] = np.nan
    table = pd.concat(
        [responses("phq", phq, "post"), responses("phq", phq), responses("scs", scs), responses("scs", scs, "post")]
    )
    write_table(table, context.results.responses)
    totals = pd.concat([stored("bdi", range(20)), stored("scs", [3.0] * 25)])
    write_table(totals, context.results.stored)
    return context


def test_scores_findings_and_record(context):
    told = []
    run(context, told.append)
    assert told == ["scs", "phq", "bdi"]
    scores = pd.read_parquet(context.results.scores)
    assert tuple(scores.columns) == SCORES
    assert scores["measure"].drop_duplicates().tolist() == ["scs", "phq", "bdi"]
    assert scores.groupby("measure")["scale"].nunique().to_dict() == {"bdi": 1, "phq": 1, "scs": 9}
    assert not scores.duplicated(["participant", "visit", "measure", "scale"]).any()
    phq = scores[scores["measure"] == "phq"]
    assert phq["visit"].head(2).tolist() == ["pre", "post"]
    assert phq["flag"].head(2).tolist() == ["too many missing"] * 2
    found = pd.read_csv(context.results.findings("score"), keep_default_na=False)
    assert tuple(found.columns) == FINDING_COLUMNS
    assert {"already_reversed", "stored_total_differs", "risk_items"} <= set(found["code"])
    record = Record.read(context.results.record("score"))
    assert record.facts["scores"]["phq.total"] == {"n": 50, "prorated": 0, "missing": 2}
    assert record.facts["measures"]["phq"]["bands"]["total"]["source"] == "Kroenke et al. 2001"
    assert record.facts["measures"]["phq"]["response"] == [0, 3]
    assert record.facts["measures"]["scs"]["response"] == [1, 5]
    assert record.facts["measures"]["bdi"]["stored_total"] is True
    assert any("was used for Beck Depression Inventory (0 to 63)." in sentence for sentence in record.methods)


def test_no_participant_is_named(context):
    run(context)
    text = context.results.findings("score").read_text() + context.results.record("score").read_text()
    assert not any(f"p{person}" in text for person in range(25))


def test_the_same_input_gives_the_same_bytes(context):
    run(context)
    paths = [context.results.scores, context.results.findings("score"), context.results.record("score")]
    before = [path.read_bytes() for path in paths]
    run(context)
    assert [path.read_bytes() for path in paths] == before


def test_input_is_not_changed(context):
    before = context.results.responses.read_bytes()
    run(context)
    assert context.results.responses.read_bytes() == before


def test_a_measure_without_answers_is_said(context):
    table = pd.read_parquet(context.results.responses)
    write_table(table[table["measure"] != "phq"], context.results.responses)
    run(context)
    found = pd.read_csv(context.results.findings("score"))
    assert "measure_empty" in set(found["code"])


def test_columns_have_one_type_whatever_the_tables_had(context):
    run(context)
    scores = pd.read_parquet(context.results.scores)
    mixed = in_order(scores.astype(object), context.plan.measures, ["pre", "post"])
    pd.testing.assert_frame_equal(mixed, scores)
    assert (scores.dtypes[["participant", "arm", "visit", "measure", "scale", "band", "flag"]] == "str").all()
