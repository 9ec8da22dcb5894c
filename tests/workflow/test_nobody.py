"""No output of a study holds a person: not an address, not a name, not a place, in whatever format."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from tests.workflow.outputs import texts

from compassion_trials.cli import main
from compassion_trials.deliver.scan import identifying

ROOT = Path(__file__).resolve().parents[2]
FAKE = ("synthetic person", "synthetic comment", "example.org", "192.0.2.", "r_synthetic")
"""What the simulation invents to identify people (simulate/people.py, simulate/writers.py)."""

SOFTWARE = ("word/theme/", "word/styles.xml", "[Content_Types].xml")
"""Parts of a Word file that hold no text of ours."""


@pytest.fixture(
    scope="module",
    params=[
        "raab2015",
        pytest.param("yadavaia2014", marks=pytest.mark.slow),
        pytest.param("frostadottir2019", marks=pytest.mark.slow),
    ],
)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twin, run from raw data to the zip."""
    root = tmp_path_factory.mktemp(request.param)
    shutil.copytree(ROOT / "config", root / "config")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert main(["run", request.param]) == 0
        assert main(["deliver", request.param]) == 0
    return root


def test_no_output_holds_a_person(study: Path) -> None:
    found = {}
    for name, text in texts(study / "results"):
        kinds = [*identifying(text), *(word for word in FAKE if word in text.lower())]
        if kinds and not any(part in name for part in SOFTWARE):
            found[name] = kinds
    assert found == {}


def test_the_raw_files_do_hold_them(study: Path) -> None:
    """The scan can fail: it finds what the raw files hold."""
    raw = next((study / "data").iterdir()) / "raw"
    texts_of_raw = [text for _, text in texts(raw)]
    assert any(identifying(text) for text in texts_of_raw)
    assert any("synthetic person" in text.lower() for text in texts_of_raw) or "yadavaia" in study.name


def test_the_shared_data_hold_no_id_of_the_study(study: Path) -> None:
    name = next((study / "results").iterdir()).name
    read = dict(texts(study / "results"))
    shared = [
        read[f"{name}/deliverables/{name}.zip!{name}/data/{shape}.csv"].splitlines() for shape in ("wide", "long")
    ]
    ids = set(pd.read_csv(study / f"results/{name}/data/participants.csv", dtype="str")["participant"])
    for lines in shared:
        column = lines[0].split(",").index("participant")
        numbers = {line.split(",")[column] for line in lines[1:]}
        assert numbers.isdisjoint(ids)
        assert len(numbers) == len(ids)


def test_the_zip_is_the_same_on_every_run(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next((study / "results").iterdir()).name
    path = study / f"results/{name}/deliverables/{name}.zip"
    before = path.read_bytes()
    monkeypatch.chdir(study)
    assert main(["report", name]) == 0
    assert main(["deliver", name]) == 0
    assert path.read_bytes() == before
