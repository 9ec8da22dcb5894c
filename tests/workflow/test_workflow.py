"""The workflow as a user meets it: lint, plan, run, run again, edit, run again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDY = "raab2015"
STAGES = ["ingest", "score", "describe", "fit", "effects", "figures", "tables", "report", "deliver"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with its own sources, so that they can be edited, and one small twin run to its report."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("src", "workflow", "config", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("Snakefile", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    done = snakemake(folder, "--config", f"studies={STUDY}")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def snakemake(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run snakemake in a project folder against its own sources."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PATH": path}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def planned(folder: Path) -> set[str]:
    """Rules that a dry run would execute."""
    done = snakemake(folder, "--config", f"studies={STUDY}", "-n", "--quiet", "host")
    assert done.returncode == 0, done.stderr[-3000:]
    return set(re.findall(r"^(?:local)?rule (\w+):", done.stdout + done.stderr, re.MULTILINE))


def planned_after_edit(folder: Path, stage: str) -> set[str]:
    """Rules that a dry run would execute after an edit in one stage, which is taken back."""
    source = folder / "src" / "compassion_trials" / stage / "stage.py"
    before = source.read_text(encoding="utf-8")
    source.write_text(before + "\n# an edit\n", encoding="utf-8")
    try:
        return planned(folder)
    finally:
        source.write_text(before, encoding="utf-8")


def test_lint_is_clean() -> None:
    done = snakemake(ROOT, "--lint")
    assert done.returncode == 0, done.stderr
    assert "Congratulations" in done.stderr + done.stdout


def test_the_run_leaves_every_result(project: Path) -> None:
    results = project / "results" / STUDY
    report = ("report/report.html", "report/report.docx", "report/report.pdf", "report/todo.md")
    for name in (*report, "effects/results.csv", f"deliverables/{STUDY}.zip"):
        assert (results / name).stat().st_size > 0


def test_a_second_run_does_nothing(project: Path) -> None:
    assert planned(project) == set()


def test_an_edit_in_scoring_reruns_scoring_and_below(project: Path) -> None:
    assert planned_after_edit(project, "scoring") == {*STAGES, "all"} - {"ingest"}


def test_an_edit_in_the_report_reruns_the_report_only(project: Path) -> None:
    assert planned_after_edit(project, "report") == {"report", "deliver", "all"}


def test_author_text_reruns_the_report_only(project: Path) -> None:
    path = project / "config" / "studies" / STUDY / "text.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "interim: None.\n", encoding="utf-8")
    try:
        jobs = planned(project)
    finally:
        path.write_text(before, encoding="utf-8")
        stamp = (project / "results" / STUDY / "report" / "report.html").stat().st_mtime - 60
        os.utime(path, (stamp, stamp))
    assert jobs == {"report", "deliver", "all"}


def test_a_broken_plan_stops_with_its_message_and_keeps_the_report(project: Path) -> None:
    plan = project / "config" / "studies" / STUDY / "study.yaml"
    before = plan.read_text(encoding="utf-8")
    plan.write_text(before.replace("title:", "titel:", 1), encoding="utf-8")
    try:
        done = snakemake(project, "--config", f"studies={STUDY}")
    finally:
        plan.write_text(before, encoding="utf-8")
    assert done.returncode != 0
    assert 'did you mean "title"?' in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert (project / "results" / STUDY / "report" / "report.html").is_file()


@pytest.mark.slow
def test_a_failed_stage_keeps_its_last_results_and_runs_again(project: Path) -> None:
    """The raw file is made unreadable for the plan: ingest fails after Snakemake has prepared its outputs."""
    results, raw = project / "results" / STUDY, project / "data" / STUDY / "raw" / "mbsr.sav"
    kept = sorted(path for path in results.rglob("*") if path.is_file())
    before, content = {path: path.read_bytes() for path in kept}, raw.read_bytes()
    mark = raw.with_name("SYNTHETIC.json").read_bytes()
    try:
        raw.write_bytes(b"no SPSS file")
        raw.with_name("SYNTHETIC.json").unlink()
        done = snakemake(project, "--config", f"studies={STUDY}")
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        assert {path: path.read_bytes() for path in kept} == before
        assert planned(project) == {*STAGES, "all"}
    finally:
        raw.write_bytes(content)
        raw.with_name("SYNTHETIC.json").write_bytes(mark)
    assert planned(project) == {*STAGES, "all"}
    done = snakemake(project, "--config", f"studies={STUDY}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert planned(project) == set()
    assert {path: path.read_bytes() for path in kept} == before


def test_an_unknown_study_names_the_nearest(project: Path) -> None:
    done = snakemake(project, "--config", "studies=raab2051", "-n")
    assert done.returncode != 0
    assert 'did you mean "raab2015"?' in done.stderr + done.stdout


def test_snakemake_report(project: Path) -> None:
    done = snakemake(project, "--config", f"studies={STUDY}", "--report", "workflow.html")
    assert done.returncode == 0, done.stderr[-2000:]
    page = (project / "workflow.html").read_text(encoding="utf-8")
    assert STUDY in page
    figures = json.loads((project / "results" / STUDY / "figures" / "figures.json").read_text(encoding="utf-8"))
    assert figures
    for figure in figures:
        assert figure["category"] in page
        assert _plain(figure["title"]) in _plain(page)
        assert _plain(figure["note"]) in _plain(page)


def _plain(text: str) -> str:
    """Letters and digits only: the page holds its captions as HTML inside JSON."""
    return re.sub(r"[^A-Za-z0-9]", "", re.sub(r"&#?\w+;|</?\w+[^>]*>|\\u[0-9a-f]{4}", "", text))
