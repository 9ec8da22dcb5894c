"""The registry of open data names the raw files that the plans read, with the hashes they have."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compassion_trials.core.files import sha256
from compassion_trials.study.loader import load_plan

ROOT = Path(__file__).resolve().parents[2]
DATASETS = yaml.safe_load((ROOT / "data" / "registry.yaml").read_text(encoding="utf-8"))["datasets"]


@pytest.mark.parametrize("name", DATASETS)
def test_every_raw_file_of_the_plan_is_registered_with_its_hash(name, shared):
    plan = load_plan(ROOT / "config" / "studies" / name / "study.yaml")
    assert {raw.file for raw in plan.data} == set(DATASETS[name]["files"])
    for file, digest in DATASETS[name]["files"].items():
        assert sha256(shared / "data" / name / file) == digest


def test_every_data_set_has_doi_and_licence():
    assert all(entry["doi"] and entry["licence"] for entry in DATASETS.values())
