"""A blinded reading from raw data to the zip: nothing tells an arm, nothing unmasks it before freezing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.workflow.outputs import texts

from compassion_trials.cli import main
from compassion_trials.core.keeping.secret import VARIABLE

ARMS = {"zebrafold": "Zebrafold course", "quillmoss": "Quillmoss list"}
VISITS = {"pre": 0, "post": 8, "fu": 20}
WORDS = ("zebrafold", "quillmoss")
KEY = "0123456789abcdef0123"  # letters are drawn by key: two folders give the same ones only with the same key

PLAN = {
    "title": "A Zebrafold course against the quillmoss list",
    "design": {
        "type": "randomized",
        "arms": ARMS,
        "control": "quillmoss",
        "visits": VISITS,
        "clusters": {"course": {"arms": ["zebrafold"], "label": "Zebrafold group"}},
    },
    "data": [
        {
            "file": "survey.csv",
            "id": "code",
            "arm": {"column": "group", "values": {1: "zebrafold", 2: "quillmoss"}},
            "baseline": {"age": {"column": "age", "unit": "years"}, "gender": "gender"},
            "clusters": {"course": "course"},
            "flow": {"withdrawn": "left", "reason": "why", "sessions": "sessions"},
        }
    ],
    "measures": {
        "dep": {"total": "dep_{visit}", "name": "Depression", "range": [0, 60], "better": "lower", "role": "primary"},
        "joy": {"total": "joy_{visit}", "name": "Joy", "range": [0, 60], "better": "higher"},
    },
    "analysis": {
        "primary": {
            "contrast": {"visit": "fu", "between": ["zebrafold", "quillmoss"]},
            "estimand": {
                "population": "people on the quillmoss list",
                "intercurrent": {"left the zebrafold course": "treatment policy"},
                "summary": "difference of zebrafold",
            },
        },
        "additional": {
            "only_zebrafold": {"model": "single_arm", "arms": ["zebrafold"], "outcomes": ["dep.total"]},
            "post": {"model": "ancova", "label": "Zebrafold course after treatment", "visits": ["post"]},
        },
    },
    "report": {"blind": True, "authors": ["A. Author"], "citation": "Author (2020). The Zebrafold trial."},
}


def write_study(root: Path, **design: str) -> Path:
    """A project with one small two-arm study whose raw file names the arms' codes."""
    folder = root / "config" / "studies" / "secret"
    folder.mkdir(parents=True)
    plan = {**PLAN, "design": {**PLAN["design"], **design}}
    write_plan(folder, plan)
    (folder / "text.yaml").write_text(
        "background: Quillmoss lists are cheap.\ninterventions: {zebrafold: {tidier: {why: folds}}}\n", encoding="utf-8"
    )
    raw = root / "data" / "secret" / "raw"
    raw.mkdir(parents=True)
    raw_table().to_csv(raw / "survey.csv", index=False)
    return folder


def write_plan(folder: Path, plan: dict) -> None:
    (folder / "study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")


def raw_table() -> pd.DataFrame:
    """48 people; only the treated arm has groups, sessions and a reason that names the arm."""
    rng = np.random.default_rng(5)
    n = 48
    group = np.repeat([1, 2], n // 2)
    table = pd.DataFrame({"code": [f"S{i:03}" for i in range(n)], "group": group, "age": rng.integers(20, 70, n)})
    table["gender"] = rng.choice(["female", "male"], n)
    table["course"] = np.where(group == 1, rng.integers(1, 4, n).astype("str"), "")
    table["sessions"] = np.where(group == 1, "6", "")
    gone = np.arange(n) % 8 == 0
    table["left"] = np.where(gone, "yes", "no")
    table["why"] = np.where(gone & (group == 1), "disliked zebrafold", "")
    for name, sign in (("dep", -1), ("joy", 1)):
        person = rng.normal(30, 5, n)
        for position, visit in enumerate(VISITS):
            score = person + sign * 3 * position * (group == 1) + rng.normal(0, 3, n)
            table[f"{name}_{visit}"] = np.where(gone & (position == 2), np.nan, score.round())
    return table


def run(*words: str) -> int:
    return main(list(words))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The blinded study, run to its report and packed."""
    root = tmp_path_factory.mktemp("blinded")
    write_study(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv(VARIABLE, KEY)
        assert run("run", "secret") == 0
        assert run("deliver", "secret") == 0
    return root


def test_no_output_holds_an_arm(project: Path) -> None:
    found = [name for name, text in texts(project / "results") if any(word in text.lower() for word in WORDS)]
    assert found == []


def test_the_scan_would_find_one(project: Path) -> None:
    read = dict(texts(project / "results"))
    kinds = {Path(name).suffix for name in read}
    assert {".csv", ".json", ".html", ".svg", ".xml", ".sav", ".parquet", ".md"} <= kinds
    assert "Arm A" in read["secret/report/report.html"]
    assert any("Arm A" in text for name, text in read.items() if name.endswith("report.docx!word/document.xml"))
    assert "Arm A" in read["secret/deliverables/secret.zip!secret/data/wide.sav"]


def test_contrasts_are_alphabetic(project: Path) -> None:
    results = pd.read_csv(project / "results/secret/effects/results.csv", keep_default_na=False)
    assert set(results["arm"]) == {"", "A", "B"}
    pairs = {term.rpartition(": ")[2] for term in results["term"] if " - " in term}
    assert pairs == {"A - B"}


def test_what_only_one_arm_has_is_left_out(project: Path) -> None:
    people = pd.read_csv(project / "results/secret/data/participants.csv")
    assert list(people.columns) == ["participant", "arm", "age", "gender", "withdrawn"]
    results = pd.read_csv(project / "results/secret/effects/results.csv", keep_default_na=False)
    assert "post" in set(results["analysis"])
    assert not any("only" in name for name in set(results["analysis"]))


def test_raw_files_do_not_change(project: Path) -> None:
    raw = (project / "data/secret/raw/survey.csv").read_text(encoding="utf-8")
    assert raw == raw_table().to_csv(index=False)


def test_which_arm_is_the_control_changes_no_number(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The direction of the design must not shine through: the other arm as control gives the same results."""
    write_study(tmp_path, control="zebrafold")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, KEY)
    for stage in ("ingest", "score", "describe", "fit", "effects"):
        assert run(stage, "secret") == 0
    table = "results/secret/effects/results.csv"
    assert (tmp_path / table).read_bytes() == (project / table).read_bytes()


def test_unmasking_needs_a_frozen_plan(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(project, root)
    folder = root / "config/studies/secret"
    monkeypatch.chdir(root)
    monkeypatch.setenv(VARIABLE, KEY)
    shown = {**PLAN, "report": {**PLAN["report"], "blind": False}}
    for report in (shown["report"], {"authors": ["A. Author"]}):  # blind: false, and the key taken away
        write_plan(folder, {**PLAN, "report": report})
        assert run("ingest", "secret") == 2
        assert "the arms stay masked until the plan is frozen" in capsys.readouterr().err
    write_plan(folder, PLAN)
    assert run("freeze", "secret") == 0
    assert run("ingest", "secret") == 0  # frozen, and still blinded
    assert set(pd.read_csv(root / "results/secret/data/participants.csv")["arm"]) == {"A", "B"}
    renamed = {**PLAN["design"], "arms": {**ARMS, "quillmoss": "Other list"}}
    write_plan(folder, {**PLAN, "design": renamed, "covariates": ["age"]})
    assert run("report", "secret") == 2
    assert "compassion-trials run secret" in capsys.readouterr().err
    assert run("run", "secret") == 0  # a change after freezing, still blinded: listed without names
    page = (root / "results/secret/report/report.html").read_text(encoding="utf-8")
    assert "design.arms.[arm]" in page
    assert "covariates" in page[page.index("Deviations From the Analysis Plan") :]
    assert not any(word in page.lower() for word in (*WORDS, "other list"))
    write_plan(folder, shown)
    assert run("ingest", "secret") == 0
    assert set(pd.read_csv(root / "results/secret/data/participants.csv")["arm"]) == set(ARMS)
    frozen = json.loads((folder / "frozen.json").read_text(encoding="utf-8"))
    assert run("freeze", "secret") == 0  # blind is not a part of the hash
    assert json.loads((folder / "frozen.json").read_text(encoding="utf-8")) == frozen
