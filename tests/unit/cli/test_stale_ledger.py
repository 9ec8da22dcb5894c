"""A ledger of own results that are not of their plan and data is refused, with the verb to run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.unit.cli.test_stale import PLAN, write_raw

from compassion_trials.cli import main
from compassion_trials.ledger.ledger import read_ledger


def test_stale_own_results_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    folder = tmp_path / "config" / "studies" / "made"
    folder.mkdir(parents=True)
    printed = [{"source": "Table 1", "numbers": "analysis  outcome  term  visit  statistic  value\n"
                "primary  y.total  \"difference: a - b\"  post  estimate  3.1\n"}]  # fmt: skip
    (tmp_path / "data" / "made").mkdir(parents=True)
    write_raw(tmp_path / "data" / "made")
    plan = {name: part for name, part in PLAN.items() if name != "data_root"} | {"printed": printed}
    (folder / "study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["ingest", "made"]) == 0
    for verb in ("score", "describe", "fit", "effects"):
        assert main([verb, "made"]) == 0
    assert main(["reproduce", "made"]) == 0
    assert {line.verdict for line in read_ledger(tmp_path, ("made",)).lines} != {"not in results"}
    raw = tmp_path / "data" / "made" / "raw" / "d.csv"
    table = pd.read_csv(raw)
    table.assign(y_post=table["y_post"].clip(upper=30)).to_csv(raw, index=False)
    capsys.readouterr()
    assert main(["reproduce", "made"]) == 2
    told = capsys.readouterr().err
    assert "made: changed since the last run of ingest" in told
    assert "compassion-trials run made" in told
    assert main(["run", "made"]) == 0
    assert main(["reproduce", "made"]) == 0
