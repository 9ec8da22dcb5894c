"""The shared data of a made trial: nobody's id, nobody alone, every score in both shapes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.unit.made_trial import trial
from tests.unit.study.plans import plan_with

from compassion_trials.cli import main
from compassion_trials.core.files import read_table
from compassion_trials.deliver import codebook
from compassion_trials.deliver.coarsen import class_sizes
from compassion_trials.deliver.readme import readme
from compassion_trials.deliver.stage import shared_data


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    return trial(tmp_path_factory.mktemp("shared"), n=25, privacy={"k": 4})


def test_nobody_stands_out(context) -> None:
    people, _ = shared_data(context)
    assert people.known == ("arm", "age", "sex")
    classes = people.table.groupby(list(people.known)).size()
    assert classes.min() >= 4
    assert people.after.min() >= 4
    assert people.before.min() < 4
    assert set(people.table["age"]) - {""} <= {f"{low}-{low + 9}" for low in range(0, 90, 10)} | {"90+"}


def test_ids_are_new_and_in_another_order(context) -> None:
    people, _ = shared_data(context)
    raw = read_table(context.results.participants)
    assert set(people.table["participant"]).isdisjoint(raw["participant"])
    assert people.table["participant"].is_unique
    assert [people.numbers[p] for p in raw["participant"]] != sorted(people.numbers.values())


def test_every_score_is_in_both_shapes(context) -> None:
    people, (wide, long) = shared_data(context)
    scores = read_table(context.results.scores)
    assert len(long.table) == len(scores)
    for row in scores.itertuples():
        person = people.numbers[row.participant]
        value = wide.table.set_index("participant").loc[person, f"{row.measure}_{row.scale}_{row.visit}"]
        assert value == pytest.approx(row.score)
    assert list(wide.table.columns) == [variable.name for variable in wide.variables]
    assert list(long.table.columns) == [variable.name for variable in long.variables]


def test_the_arm_stays_with_its_person(context) -> None:
    people, _ = shared_data(context)
    raw = read_table(context.results.participants)
    shared = people.table.set_index("participant")["arm"]
    assert all(shared[people.numbers[row.participant]] == row.arm for row in raw.itertuples())


def test_the_codebook_names_every_variable_and_hides_small_cells(context) -> None:
    people, tables = shared_data(context)
    book = codebook.variables_table(*tables)
    assert len(book) == sum(len(table.variables) for table in tables)
    assert book.loc[book["variable"] == "dep_total_pre", "range"].tolist() == ["0 to 100"]
    shown = codebook.counts_table(people, context.plan.privacy.k)
    counts = pd.to_numeric(shown[list(context.plan.design.arms)].stack(), errors="coerce").dropna()
    assert not counts.between(1, 4).any()


def test_small_classes_are_hidden_where_the_plan_allows_them(tmp_path: Path) -> None:
    people, _ = shared_data(trial(tmp_path, n=25, privacy={"k": 2}))
    assert people.after.min() in (2, 3, 4)
    shown = codebook.classes_table(people, 5)["participants"]
    assert (shown == codebook.hidden_count(5)).sum() >= 2
    assert not pd.to_numeric(shown, errors="coerce").between(1, 4).any()


def test_blank_counts_as_a_value(context) -> None:
    people, _ = shared_data(context)
    codes = people.table[list(people.known)].apply(lambda column: pd.factorize(column)[0]).to_numpy()
    assert (class_sizes(codes) == people.after).all()


def test_a_study_that_has_not_run_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "config" / "studies" / "new"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(plan_with(), sort_keys=False), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["deliver", "new"]) == 2
    assert "compassion-trials run new" in capsys.readouterr().err


@pytest.mark.parametrize("frozen", [True, False])
def test_the_readme_names_a_frozen_plan_only_where_one_is_in_the_zip(context, frozen: bool) -> None:
    people, _ = shared_data(context)
    names = ["plan/study.yaml", *(["plan/frozen.json"] if frozen else [])]
    assert ("as it was frozen" in readme(context, people, names, synthetic=True)) == frozen
