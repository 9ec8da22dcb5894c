"""The three twins have the sizes, drop-out, planted trouble and marks that their recipes say."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_json, sha256
from compassion_trials.simulate.mark import is_synthetic
from compassion_trials.simulate.recipe import Recipe, load_recipe
from compassion_trials.simulate.stage import recipe_file, run
from compassion_trials.simulate.trial import SyntheticTrial, simulate
from compassion_trials.study.context import Context, open_study
from compassion_trials.study.inputs import MARK, sources

ROOT = Path(__file__).resolve().parents[3]
TWINS = ("frostadottir2019", "raab2015", "yadavaia2014")

RECOVERY = 0.08
"""Standardized differences of 4,000 per arm have a standard error of .022; the rest is what ordinal answers lose."""


def copy(name: str, folder: Path) -> Context:
    """A twin in a project of its own."""
    studies = folder / "config" / "studies" / name
    shutil.copytree(ROOT / "config" / "studies" / name, studies)
    return open_study(studies / "study.yaml")


@pytest.fixture(scope="module")
def twins(tmp_path_factory) -> dict[str, Context]:
    found = {name: copy(name, tmp_path_factory.mktemp(name)) for name in TWINS}
    for context in found.values():
        run(context.study)
    return found


def rows(context: Context, file: str) -> list[dict[str, str]]:
    with (context.raw / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", TWINS)
def test_the_same_recipe_gives_the_same_bytes_and_overwrites_only_itself(twins, name):
    context = twins[name]
    before = {path.name: sha256(path) for path in context.raw.iterdir()}
    run(context.study)
    assert {path.name: sha256(path) for path in context.raw.iterdir()} == before


@pytest.mark.parametrize("name", TWINS)
def test_every_file_says_synthetic(twins, name):
    files = [path for path in twins[name].raw.iterdir() if path.name != MARK]
    assert files
    assert all(is_synthetic(path) for path in files)


@pytest.mark.parametrize("name", TWINS)
def test_the_workflow_finds_the_hashes_of_the_files_that_were_made(twins, name):
    context = twins[name]
    made = read_json(context.raw / MARK)["files"]
    assert made == {path.name: sha256(path) for path in context.raw.iterdir() if path.name != MARK}
    assert sources(name, context.study.root) == [f"data/{name}/raw/{MARK}"]


def test_every_row_of_a_csv_says_synthetic(twins):
    for file in ("redcap_export.csv", "redcap_dictionary.csv"):
        assert {row["SYNTHETIC"] for row in rows(twins["frostadottir2019"], file)} == {"SYNTHETIC"}
    assert {row["SYNTHETIC"] for row in rows(twins["yadavaia2014"], "randomization.csv")} == {"SYNTHETIC"}


@pytest.mark.parametrize("name", TWINS)
def test_a_real_raw_file_is_never_overwritten(tmp_path, name):
    context = copy(name, tmp_path)
    context.raw.mkdir(parents=True)
    target = context.raw / context.plan.data[0].file
    target.write_bytes(b"id,group\n1,1\n")
    with pytest.raises(InputError, match="never overwritten"):
        run(context.study)
    assert target.read_bytes() == b"id,group\n1,1\n"


def test_redcap_twin_has_the_published_sizes_and_follow_up(twins):
    export = rows(twins["frostadottir2019"], "redcap_export.csv")
    arm = {row["record_id"]: row["arm"] for row in export if row["arm"]}
    assert Counter(arm.values()) == {"1": 20, "2": 18, "3": 20}
    answered = {(row["record_id"], row["redcap_event_name"]) for row in export if row["scs_complete"] == "2"}
    followed = Counter(arm[person] for person, event in answered if event == "followup_arm_1")
    assert followed == {"1": 17, "2": 13, "3": 13}


def test_redcap_twin_has_its_planted_trouble(twins):
    export = rows(twins["frostadottir2019"], "redcap_export.csv")
    pairs = Counter((row["record_id"], row["redcap_event_name"]) for row in export)
    assert sum(n == 2 for n in pairs.values()) == 2
    blank = [row for row in export if row["scs_complete"] == "0"]
    assert len(blank) == 3
    assert not any(row[f"scs_{item}"] for row in blank for item in range(1, 27))
    assert sum(bool(row["withdrawal_reason"]) for row in export) >= 6


def test_redcap_dictionary_flags_the_identifiers(twins):
    flagged = {
        row["Variable / Field Name"]
        for row in rows(twins["frostadottir2019"], "redcap_dictionary.csv")
        if row["Identifier?"] == "y"
    }
    assert flagged == {"participant_name", "email", "date_of_birth", "notes"}


def test_qualtrics_twin_has_three_header_rows_and_its_planted_trouble(twins):
    with (twins["yadavaia2014"].raw / "qualtrics_export.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.reader(stream))
    header, imports, body = table[0], table[2], [dict(zip(table[0], row, strict=True)) for row in table[3:]]
    assert imports[0] == '{"ImportId":"startDate"}'
    assert header.count("scs_26") == header.count("dass_21") == header.count("ghq_12") == header.count("aaq_7") == 1
    assert sum(row["Status"] == "1" for row in body) == 3
    assert sum(row["Finished"] == "0" for row in body) == 4
    kept = [row for row in body if row["Status"] == "0" and row["Finished"] == "1"]
    waves = Counter((row["ParticipantCode"], row["wave"]) for row in kept)
    assert sum(n == 2 for n in waves.values()) == 2
    assert Counter(wave for _, wave in waves) == {"T1": 73, "T2": 70, "T3": 63}
    assert {row["dass_1"] for row in body} <= {"", "1", "2", "3", "4"}


def test_randomization_list_has_the_arm_sizes_balanced_within_gender(twins):
    people = rows(twins["yadavaia2014"], "randomization.csv")
    assert Counter(row["condition"] for row in people) == {"A": 36, "B": 37}
    men = Counter(row["condition"] for row in people if row["gender"] == "2")
    assert abs(men["A"] - men["B"]) <= 2
    assert all(bool(row["workshop"]) == (row["condition"] == "A") for row in people)


def test_spss_twin_has_labels_user_missing_courses_and_one_duplicate(twins):
    import pyreadstat

    path = twins["raab2015"].raw / "mbsr.sav"
    table, meta = pyreadstat.read_sav(path, user_missing=True)
    assert table["code"].nunique() == 22
    assert len(table) == 23
    assert table["course"].nunique() == 4
    assert meta.missing_ranges["scs_pre_1"] == [{"lo": -99.0, "hi": -99.0}]
    assert meta.variable_value_labels["mbi_post_22"] == {-99.0: "no answer"}
    assert meta.column_names_to_labels["qoli_pre"] == "QOLI total"
    items = table[[c for c in table if c.startswith("scs_")]]
    assert (items == -99).sum().sum() > 0
    assert items.stack().isin([-99, 1, 2, 3, 4, 5]).all()
    assert table["qoli_post"].between(-6, 6).all()


def large(context: Context, per_arm: int = 4000) -> SyntheticTrial:
    """The twin with many participants, all assessed, without groups."""
    recipe: Recipe = load_recipe(recipe_file(context.study), context.plan, context.instruments)
    sizes = {arm: per_arm for arm in recipe.arms}
    grown = recipe.model_copy(update={"arms": sizes, "assessed": {}, "clusters": {}, "withdrawn": {}})
    return simulate(context.plan, grown, context.instruments)


def g(values: np.ndarray, arm: np.ndarray, treated: int, control: int) -> float:
    """Mean difference over the pooled SD of two arms of equal size."""
    a, b = values[arm == treated], values[arm == control]
    return float((a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2))


def test_large_twin_recovers_the_meta_analytic_effects(twins):
    trial = large(twins["yadavaia2014"])
    assert g(trial.latent["scs"][:, 2], trial.arm, 0, 1) == pytest.approx(0.52, abs=RECOVERY)
    assert g(trial.latent["scs"][:, 0], trial.arm, 0, 1) == pytest.approx(0, abs=RECOVERY)
    anxiety = [item - 1 for item in twins["yadavaia2014"].instruments["dass21"].scales["anxiety"].items]
    depression = [item - 1 for item in twins["yadavaia2014"].instruments["dass21"].scales["depression"].items]
    scores = {name: np.nanmean(trial.answers["dass"][:, 2][:, j], axis=1) for name, j in
              (("anxiety", anxiety), ("depression", depression))}  # fmt: skip
    # Seven ordinal items: an observed scale shows about four fifths of the latent difference.
    assert g(scores["anxiety"], trial.arm, 0, 1) == pytest.approx(-0.46 * 0.85, abs=RECOVERY)
    assert g(scores["depression"], trial.arm, 0, 1) == pytest.approx(-0.40 * 0.85, abs=RECOVERY)


def test_large_twin_recovers_three_arms_and_the_moderation_of_one(twins):
    trial = large(twins["frostadottir2019"])
    assert g(trial.latent["scs"][:, 2], trial.arm, 0, 2) == pytest.approx(0.55, abs=RECOVERY)
    assert g(trial.latent["scs"][:, 2], trial.arm, 1, 2) == pytest.approx(0.52, abs=RECOVERY)
    gain = trial.latent["ffmq"][:, 1] - trial.latent["ffmq"][:, 0]
    start = trial.latent["rrs"][:, 0]
    slopes = [np.polyfit(start[trial.arm == arm], gain[trial.arm == arm], 1)[0] for arm in (0, 1, 2)]
    assert slopes[0] - slopes[2] == pytest.approx(0.25 * np.sqrt(0.7), abs=RECOVERY)
    assert slopes[1] - slopes[2] == pytest.approx(0, abs=RECOVERY)


def test_measures_correlate_with_the_sign_of_their_direction(twins):
    trial = large(twins["frostadottir2019"], 2000)
    scs, ffmq, rrs, dass = (trial.latent[m][:, 0] for m in ("scs", "ffmq", "rrs", "dass"))
    assert np.corrcoef(scs, ffmq)[0, 1] > 0.2
    assert np.corrcoef(scs, dass)[0, 1] < -0.2
    assert np.corrcoef(rrs, dass)[0, 1] > 0.2
