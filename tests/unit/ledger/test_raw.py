"""Printed numbers of study plans against the trial's own results: here without data, and on a made results table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compassion_trials.core.columns import results_table
from compassion_trials.core.errors import InputError
from compassion_trials.core.files import write_table
from compassion_trials.ledger.raw import plans_with_print, rerun_lines
from compassion_trials.study.context import open_study

ROOT = Path(__file__).resolve().parents[3]

PLAN = """
title: Made up
design: {type: randomized, arms: {act: ACT, wl: Wait-list}, control: wl, visits: {pre: 0, post: 8}}
data:
  - {file: a.csv, id: id, arm: {column: arm, values: {1: act, 2: wl}}, items: "{instrument}_{visit}_{item}"}
measures:
  scs: {instrument: scs, role: primary}
printed:
  - source: Table 2
    sign: reversed
    numbers: |
      analysis  outcome    term                      visit  statistic        value
      primary   scs.total  "difference: act - wl"    post   estimate         0.50
      primary   scs.total  "difference: act - wl"    post   upper            1.00
      primary   scs.total  "difference: act - wl"    post   p                .04
      primary   scs.total  "difference: act - wll"   post   p                .04
  - source: memory
    status: not read
    numbers: |
      analysis  outcome    term                      visit  statistic        value
      primary   scs.total  "difference: act - wl"    post   estimate         9.99
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    plan = tmp_path / "config" / "studies" / "made" / "study.yaml"
    plan.parent.mkdir(parents=True)
    plan.write_text(PLAN, encoding="utf-8")
    return tmp_path


def test_without_data_every_number_says_so(project):
    lines, _ = rerun_lines("made", project)
    assert len(lines) == 5
    assert {(x.verdict, x.note) for x in lines[:4]} == {("cannot be checked", "its data are not here")}


def test_with_data_but_without_results_the_command_is_named(project):
    raw = project / "data" / "made" / "raw"
    raw.mkdir(parents=True)
    (raw / "a.csv").write_text("id,arm\n1,1\n", encoding="utf-8")
    plan = (project / "config" / "studies" / "made" / "study.yaml").as_posix()  # the test stands in another folder
    assert rerun_lines("made", project)[0][0].note == f"not analysed yet: compassion-trials run {plan}"


def test_against_results(project):
    context = open_study(project / "config" / "studies" / "made" / "study.yaml")
    keys = {
        "study": "made",
        "analysis": "primary",
        "model": "clda",
        "outcome": "scs.total",
        "population": "all",
        "term": "difference: act - wl",
        "visit": "post",
    }
    values = {"estimate": -0.5049, "lower": -1.0080, "p": 0.0351}
    write_table(
        results_table([{**keys, "statistic": s, "value": v} for s, v in values.items()]), context.results.results
    )
    lines, _ = rerun_lines("made", project)
    assert [x.verdict for x in lines] == ["agrees", "agrees", "agrees", "cannot be checked", "cannot be checked"]
    assert lines[0].recomputed == 0.5049
    assert lines[1].definition == "from_rounded_estimate"  # 1.0080 less what the estimate lost by rounding is 1.0031
    assert "no row of the results table matches" in lines[3].note
    assert lines[4].note == "not read at source"


def test_a_contradiction(project):
    context = open_study(project / "config" / "studies" / "made" / "study.yaml")
    row = {
        "study": "made",
        "analysis": "primary",
        "model": "clda",
        "outcome": "scs.total",
        "population": "all",
        "term": "difference: act - wl",
        "visit": "post",
        "statistic": "p",
        "value": 0.0451,
    }
    write_table(results_table([row]), context.results.results)
    verdicts = {x.statistic: x.verdict for x in rerun_lines("made", project)[0][:3]}
    assert verdicts["p"] == "contradicts"


def test_a_bad_table_is_a_finding(project):
    plan = project / "config" / "studies" / "made" / "study.yaml"
    plan.write_text(PLAN.replace("9.99", "much"), encoding="utf-8")
    with pytest.raises(InputError, match='the value "much" is not a number'):
        open_study(plan)


def test_the_real_trials_say_so_when_their_data_are_not_here(tmp_path):
    names = plans_with_print(ROOT)
    assert set(names) == {"strom2013", "garnaes_pgwbi", "btheb", "woodworth2017"}
    for name in names:
        target = tmp_path / "a" / "b" / "config" / "studies" / name
        target.mkdir(parents=True)
        shutil.copy(ROOT / "config" / "studies" / name / "study.yaml", target)
        lines, _ = rerun_lines(name, tmp_path / "a" / "b")
        assert lines
        assert {x.note.split(";")[0] for x in lines} == {"its data are not here"}
