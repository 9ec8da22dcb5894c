"""The wheel is the whole product: every data file of the package, the twins' plans, the published tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from compassion_trials.study.shipped import FOLDER, TWINS, sources

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "src" / "compassion_trials"
NEEDED = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "src", "config", "data/published")


def build(project: Path, target: Path, kind: str) -> Path:
    """Build a wheel or an sdist of a project folder with the setuptools that is installed."""
    target.mkdir(exist_ok=True)
    program = f"import sys; from setuptools.build_meta import build_{kind}; build_{kind}(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", program, str(target)], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(target.iterdir())


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of what the build reads, so that it leaves nothing in the checkout."""
    folder = tmp_path_factory.mktemp("project with spaces, ä")
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.pyc")
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=leave)
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(project, tmp_path_factory) -> dict[str, bytes]:
    """Files of the wheel with their content; an earlier build left a module that is no more."""
    old = project / "build" / "lib" / "compassion_trials" / "gone.py"
    old.parent.mkdir(parents=True)
    old.write_text("", encoding="utf-8")
    return content(build(project, tmp_path_factory.mktemp("wheel"), "wheel"))


def content(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def expected() -> dict[str, bytes]:
    """Every file of the package in src, and the shipped files in their place."""
    files = {
        path.relative_to(ROOT / "src").as_posix(): path.read_bytes()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    return files | {f"{FOLDER}/{place}": path.read_bytes() for path, place in sources(ROOT).items()}


def test_wheel_holds_every_file_of_the_package_and_no_other(wheel):
    assert sorted(wheel) == sorted(expected())
    assert [name for name, bytes_ in expected().items() if wheel[name] != bytes_] == []


def test_wheel_holds_the_twins_and_no_plan_that_needs_other_data(wheel):
    for twin in TWINS:
        for name in ("study.yaml", "simulate.yaml", "text.yaml"):
            assert f"{FOLDER}/studies/{twin}/{name}" in wheel
    shipped = {name.split("/")[3] for name in wheel if name.startswith(f"{FOLDER}/studies/")}
    assert shipped == set(TWINS)
    assert len([name for name in wheel if name.startswith(f"{FOLDER}/published/")]) > 30


def test_a_wheel_built_from_the_source_distribution_is_the_same(project, wheel, tmp_path):
    with tarfile.open(build(project, tmp_path / "sdist", "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    unpacked = next((tmp_path / "unpacked").iterdir())
    assert content(build(unpacked, tmp_path / "again", "wheel")) == wheel


def test_the_package_of_the_wheel_finds_its_plans_and_tables(wheel, tmp_path):
    for name, bytes_ in wheel.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_bytes(bytes_)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from compassion_trials.study.shipped import TWINS, published_tables, twin_plan\n"
        "assert published_tables().is_relative_to(sys.argv[1]) and list(published_tables().glob('*.yaml'))\n"
        "assert all(twin_plan(t).is_relative_to(sys.argv[1]) and twin_plan(t).is_file() for t in TWINS)\n"
        "from compassion_trials.cli import main\n"
        "sys.exit(main(['check', 'raab2015']) != 2 or main(['simulate', 'raab2015']) or main(['check', 'raab2015']))\n"
    )
    folder = tmp_path / "an empty folder"
    folder.mkdir()
    command = [sys.executable, "-c", program, str(tmp_path / "site")]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "The study can run" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["data"]
