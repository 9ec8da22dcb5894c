"""A small trial made on the spot: a four-item questionnaire, a plan, raw files."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.ingest.stage import Ingested, ingest
from compassion_trials.study.context import Context, open_study

MINI = {
    "id": "mini", "short": "MINI", "name": "Four items", "citation": "Made up for tests", "items": 4,
    "response": {"min": 0, "max": 3},
    "scales": {"total": {"label": "Well-being", "items": [1, 2, 3, 4], "range": [0, 12], "better": "higher"}},
}  # fmt: skip

DESIGN = {
    "type": "randomized", "arms": {"act": "ACT", "wait": "Wait-list"},
    "control": "wait", "visits": {"pre": 0, "post": 8},
}  # fmt: skip

LONG = {
    "file": "raw.csv",
    "id": "id",
    "arm": {"column": "arm", "values": {"A": "act", "B": "wait"}},
    "visit": {"column": "time", "values": {"1": "pre", "2": "post"}},
    "items": "{instrument}_{item}",
}

HEADER = "id,arm,time,mini_1,mini_2,mini_3,mini_4"
ROWS = ("1,A,1,0,1,2,3", "1,A,2,1,1,2,3", "2,B,1,3,0,1,1", "2,B,2,2,0,1,0", "3,A,1,1,2,3,1", "4,B,1,1,3,3,2")


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    """A text file of lines."""
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def trial(folder: Path, data: list[dict] | dict | None = None, **changes: object) -> Context:
    """A study opened from a plan in a folder; the raw files lie beside the plan."""
    instruments = folder / "config" / "instruments"
    instruments.mkdir(parents=True, exist_ok=True)
    (instruments / "mini.yaml").write_text(yaml.safe_dump(MINI), encoding="utf-8")
    plan = {
        "title": "Trial",
        "design": DESIGN,
        "data_root": ".",
        "data": data or LONG,
        "measures": {"mini": {"instrument": "mini", "role": "primary"}},
    } | changes
    (folder / "study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    return open_study(folder / "study.yaml")


def long(folder: Path, *rows: str, header: str = HEADER, **part: object) -> Ingested:
    """The standard long file with other rows or plan keys, ingested."""
    write(folder, "raw.csv", header, *(rows or ROWS))
    return ingest(trial(folder, LONG | part))


def codes(result: Ingested, severity: str | None = None) -> list[str]:
    """Codes of the findings."""
    return [finding.code for finding in result.findings if severity is None or finding.severity == severity]


def one(result: Ingested, code: str) -> Finding:
    """The only finding with a code."""
    found = [finding for finding in result.findings if finding.code == code]
    assert len(found) == 1, [finding.text() for finding in result.findings]
    return found[0]


def refused(call: object, *arguments: object) -> list[Finding]:
    """Findings of the InputError that a call must raise."""
    with pytest.raises(InputError) as caught:
        call(*arguments)  # type: ignore[operator]
    return list(caught.value.findings)
