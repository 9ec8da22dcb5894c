"""The workflow as a user meets it: lint, plan, run, run again, edit, run again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDY = "raab2015"
STAGES = ["ingest", "score", "describe", "fit", "effects", "figures", "tables", "report"]


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


def test_lint_is_clean() -> None:
    done = snakemake(ROOT, "--lint")
    assert done.returncode == 0, done.stderr
    assert "Congratulations" in done.stderr + done.stdout


def test_the_run_leaves_every_result(project: Path) -> None:
    results = project / "results" / STUDY
    for name in ("report/report.html", "report/report.docx", "report/report.pdf", "effects/results.csv"):
        assert (results / name).stat().st_size > 0


def test_a_second_run_does_nothing(project: Path) -> None:
    assert planned(project) == set()


def test_an_edit_in_scoring_reruns_scoring_and_below(project: Path) -> None:
    source = project / "src" / "compassion_trials" / "scoring" / "stage.py"
    before = source.read_text(encoding="utf-8")
    source.write_text(before + "\n# an edit\n", encoding="utf-8")
    try:
        jobs = planned(project)
    finally:
        source.write_text(before, encoding="utf-8")
    assert jobs == {*STAGES, "all"} - {"ingest"}


def test_an_edit_in_the_report_reruns_the_report_only(project: Path) -> None:
    source = project / "src" / "compassion_trials" / "report" / "stage.py"
    before = source.read_text(encoding="utf-8")
    source.write_text(before + "\n# an edit\n", encoding="utf-8")
    try:
        jobs = planned(project)
    finally:
        source.write_text(before, encoding="utf-8")
    assert jobs == {"report", "all"}


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


def test_an_unknown_study_names_the_nearest(project: Path) -> None:
    done = snakemake(project, "--config", "studies=raab2051", "-n")
    assert done.returncode != 0
    assert 'did you mean "raab2015"?' in done.stderr + done.stdout


def test_snakemake_report(project: Path) -> None:
    done = snakemake(project, "--config", f"studies={STUDY}", "--report", "workflow.html")
    assert done.returncode == 0, done.stderr[-2000:]
    assert STUDY in (project / "workflow.html").read_text(encoding="utf-8")
