from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.core.keeping import fingerprint as module
from compassion_trials.core.keeping.fingerprint import fingerprint, folders


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = tmp_path / "compassion_trials"
    for folder, text in {
        "core": "",
        "ingest": "from compassion_trials.core.files import sha256\n",
        "scoring": "from compassion_trials.ingest.tidy import x\n",
        "report": "import compassion_trials.scoring.stage\n",
    }.items():
        (root / folder).mkdir(parents=True)
        (root / folder / "stage.py").write_text(text, encoding="utf-8")
    module._imported_folders.cache_clear()
    return root


def test_folders_follow_imports(package: Path) -> None:
    assert folders("ingest", package) == {"ingest", "core"}
    assert folders("report", package) == {"report", "scoring", "ingest", "core"}


def test_an_edit_changes_the_stage_and_those_above_only(package: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    before = {stage: fingerprint(stage, package, lock) for stage in ("ingest", "scoring", "report")}
    (package / "scoring" / "stage.py").write_text("from compassion_trials.ingest.tidy import y\n", encoding="utf-8")
    after = {stage: fingerprint(stage, package, lock) for stage in ("ingest", "scoring", "report")}
    assert after["ingest"] == before["ingest"]
    assert after["scoring"] != before["scoring"]
    assert after["report"] != before["report"]


def test_the_lock_counts(package: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    without = fingerprint("core", package, lock)
    lock.write_text("pandas==3\n", encoding="utf-8")
    assert fingerprint("core", package, lock) != without


def test_the_real_stages_do_not_depend_on_later_ones() -> None:
    assert "scoring" not in folders("ingest")
    assert "report" not in folders("fit")
