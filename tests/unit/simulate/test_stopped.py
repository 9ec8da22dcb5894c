"""A simulation that is stopped leaves no raw folder that `run` would take for whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from compassion_trials.simulate import stage
from compassion_trials.study.layout import locate


def test_a_stopped_simulation_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study = locate("raab2015")

    def stop(content: object, path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stage, "write_json", stop)
        with pytest.raises(KeyboardInterrupt):
            stage.run_if_missing(study)
    raw = study.raw(None)
    assert not raw.exists()
    assert [path.name for path in raw.parent.iterdir()] == ["raw.part"]
    (raw.parent / "raw.part" / "of another plan.csv").touch()
    stage.run_if_missing(study)
    assert sorted(path.name for path in raw.iterdir()) == ["SYNTHETIC.json", "mbsr.sav"]
    assert [path.name for path in raw.parent.iterdir()] == ["raw"]
