"""Ids and pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
from pathlib import Path

import pandas as pd
from tests.unit.ingest.trial import refused

from compassion_trials.core.keeping.secret import VARIABLE
from compassion_trials.ingest.people import identity

KEY = "0123456789abcdef0123"


def test_ids_are_trimmed_and_whole() -> None:
    assert identity.clean(pd.Series(["1.0", "a  b", "NA", "007"])).tolist() == ["1", "a b", "", "007"]


def test_order_of_people() -> None:
    assert identity.in_order(["p10", "p2", "10", "9", "p2"]) == ["9", "10", "p2", "p10"]


def test_ids_that_look_alike() -> None:
    (group,) = identity.alike(["P1", "p-1", "P01", "P2", "10", "1"])
    assert set(group) == {"P1", "p-1", "P01"}
    assert identity.alike(["1", "10", "100", "2"]) == []


def test_pseudonyms_are_a_keyed_hash() -> None:
    digest = hmac.new(KEY.encode(), b"anna", hashlib.sha256).hexdigest()
    assert identity.pseudonyms(["anna", "bert"], KEY.encode())["anna"] == "P" + digest[:12]
    assert identity.pseudonym("anna", KEY.encode()) != identity.pseudonym("anna", b"another key of length")


def test_key_from_environment_before_file(tmp_path: Path) -> None:
    (tmp_path / identity.KEY_FILE).write_text(f"{KEY}file\n", encoding="utf-8")
    assert identity.read_key(tmp_path, {VARIABLE: KEY}) == KEY.encode()
    assert identity.read_key(tmp_path, {}) == f"{KEY}file".encode()


def test_key_missing_short_or_tracked(tmp_path: Path) -> None:
    finding = refused(identity.read_key, tmp_path, {})[0]
    assert finding.code == "key_missing"
    assert "secrets.token_hex" in finding.advice
    assert refused(identity.read_key, tmp_path, {VARIABLE: "short"})[0].code == "key_short"
    (tmp_path / identity.KEY_FILE).write_text(KEY, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-f", identity.KEY_FILE], cwd=tmp_path, check=True)
    assert refused(identity.read_key, tmp_path, {})[0].code == "key_tracked"
