"""The ledger's files: complete, the same on every run, and without the real trials' data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from compassion_trials.cli import main
from compassion_trials.ledger.ledger import read_ledger
from compassion_trials.ledger.ledger_line import VERDICTS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The project's published numbers and plans, with nothing else beside them."""
    root = tmp_path_factory.mktemp("deep") / "project"
    shutil.copytree(ROOT / "data" / "published", root / "data" / "published")
    for name in ("strom2013", "garnaes_pgwbi"):
        (root / "config" / "studies" / name).mkdir(parents=True)
        shutil.copy(ROOT / "config" / "studies" / name / "study.yaml", root / "config" / "studies" / name)
    return root


@pytest.fixture(scope="module")
def written(project: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        assert main(["reproduce"]) == 0
    return project / "results" / "ledger"


def test_all_files_are_there(written):
    names = {path.name for path in written.iterdir()}
    assert {
        "ledger.csv",
        "ledger.html",
        "ledger.docx",
        "ledger.pdf",
        "findings.csv",
        "evidence.csv",
        "pooled.csv",
        "figures",
    } <= names
    assert (written / "figures" / "forest.depression.svg").is_file()
    assert (written / "figures" / "funnel.stress.png").is_file()


def test_real_trials_say_that_their_data_are_not_here(written):
    table = pd.read_csv(written / "ledger.csv", keep_default_na=False)
    mine = table[table["study"] == "strom2013"]
    assert len(mine) == 60
    assert set(mine["note"]) == {"its data are not here"}


def test_page_counts_by_verdict_and_names_formulas(written):
    table = pd.read_csv(written / "ledger.csv", keep_default_na=False)
    page = (written / "ledger.html").read_text(encoding="utf-8")
    assert set(table["verdict"]) <= set(VERDICTS)
    for verdict in set(table["verdict"]):
        assert f"{verdict} {int((table['verdict'] == verdict).sum())}" in page
    assert "√((SD1² + SD2²) / 2)" in page
    assert "the rows seem to stand 2 lines too high" in page
    assert str(ROOT) not in page
    assert str(written) not in page


def test_one_study(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert main(["reproduce", "schanche_2020"]) == 0
    assert "agrees" in capsys.readouterr().out
    page = (project / "results" / "ledger" / "schanche_2020.html").read_text(encoding="utf-8")
    assert "Ledger of Schanche et al. (2020)" in page
    assert "Nakamura" not in page


def test_same_bytes_on_every_run(project, written, monkeypatch):
    monkeypatch.chdir(project)
    first = {
        path.name: path.read_bytes()
        for path in written.iterdir()
        if path.suffix in {".csv", ".html", ".docx", ".pdf"} and path.stem == "ledger"
    }
    assert main(["reproduce"]) == 0
    assert {name: (written / name).read_bytes() for name in first} == first


def test_a_csv_of_further_effects(project, tmp_path):
    more = tmp_path / "more.csv"
    more.write_text("field,trial,estimate,se\nself_compassion,New 2025,0.80,0.20\n", encoding="utf-8")
    before, after = read_ledger(project), read_ledger(project, extra=[more])
    pooled = [{e.field: e.pooled for e in ledger.evidence} for ledger in (before, after)]
    assert pooled[1]["self_compassion"].k == pooled[0]["self_compassion"].k + 1


def test_self_criticism_is_drawn_with_its_reference_line_and_a_word_on_the_measure(written):
    assert (written / "figures" / "forest.self_criticism.png").is_file()
    page = (written / "ledger.html").read_text(encoding="utf-8")
    assert "The subscale self-judgment of the Self-Compassion Scale stands for self-criticism here" in page
    assert "Not drawn are" not in page


def test_figures_of_an_earlier_ledger_are_gone(project, written, monkeypatch):
    monkeypatch.chdir(project)
    old = written / "figures" / "forest.boredom.svg"
    old.write_text("<svg/>", encoding="utf-8")
    assert main(["reproduce"]) == 0
    assert not old.exists()
    assert (written / "figures" / "forest.stress.svg").is_file()


EFFECTS = "field,trial,estimate,se\nself_compassion,New 2025,0.80,0.20\nself_compassion,New 2024,0.60,0.20\n"


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """An empty folder with a file of further effects beside it."""
    folder = tmp_path / "bare"
    folder.mkdir()
    (tmp_path / "more.csv").write_text(EFFECTS, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def test_without_a_folder_of_tables_the_shipped_ones_are_used(bare, capsys):
    assert main(["reproduce", "schanche_2020"]) == 0
    assert "published tables: the tables that come with compassion-trials" in capsys.readouterr().out
    page = (bare / "results" / "ledger" / "schanche_2020.html").read_text(encoding="utf-8")
    assert "File: schanche_2020.yaml in the tables that come with compassion-trials" in page


def test_the_folder_of_the_project_is_used_and_named(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert main(["reproduce", "schanche_2020"]) == 0
    assert "published tables: data/published, 38 files" in capsys.readouterr().out
    page = (project / "results" / "ledger" / "schanche_2020.html").read_text(encoding="utf-8")
    assert "File: data/published/schanche_2020.yaml." in page


def test_a_folder_without_a_table_is_told_in_one_sentence(bare, capsys):
    (bare / "data" / "published").mkdir(parents=True)
    assert main(["reproduce"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: data/published: there is no published table (*.yaml) to recompute; add one")
    assert said.count("\n") == 1
    assert not (bare / "results").exists()


def test_further_effects_need_no_published_table(bare, capsys):
    (bare / "data" / "published").mkdir(parents=True)
    assert main(["reproduce", "--effects", "../more.csv"]) == 0
    assert "no printed number was compared" in capsys.readouterr().out
    table = pd.read_csv(bare / "results" / "ledger" / "evidence.csv")
    assert set(table["trial"]) == {"New 2025", "New 2024"}


def test_further_effects_join_the_shipped_tables(bare):
    ledger = read_ledger(bare, extra=[bare.parent / "more.csv"])
    pooled = next(e.pooled for e in ledger.evidence if e.field == "self_compassion")
    assert pooled.k > 4
