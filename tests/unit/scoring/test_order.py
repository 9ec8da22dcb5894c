"""From the raw file to the score: the order of the item columns does not matter when the plan names it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from compassion_trials.ingest.stage import ingest
from compassion_trials.instruments.library import load_instruments
from compassion_trials.scoring.stage import score
from compassion_trials.study.context import open_study


def scored(folder: Path, name: str, answers: np.ndarray, order: list[int] | None) -> pd.DataFrame:
    """Scores of a file whose item columns stand in the given order."""
    n_items = answers.shape[1]
    columns = order or list(range(1, n_items + 1))
    frame = pd.DataFrame(answers[:, [item - 1 for item in columns]], columns=[f"m_{i}" for i in range(1, n_items + 1)])
    frame.insert(0, "id", range(1, len(answers) + 1))
    folder.mkdir()
    frame.to_csv(folder / "raw.csv", index=False)
    measure = {"instrument": name, "role": "primary"} | ({"item_order": order} if order else {})
    plan = {
        "title": "Order of items",
        "design": {"type": "single_arm", "arms": {"course": "Course"}, "visits": {"pre": 0}},
        "data_root": ".",
        "data": [{"file": "raw.csv", "id": "id", "visit": {"value": "pre"}, "items": "{instrument}_{item}"}],
        "measures": {"m": measure},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    context = open_study(folder / "study.yaml")
    result = ingest(context)
    return score(context, result.responses, result.stored).scores


@pytest.mark.parametrize("name", ["pss10", "scs_sf", "core10", "scs"])
def test_the_order_of_items_in_the_file_does_not_matter(name: str, tmp_path: Path) -> None:
    instrument = load_instruments(None)[name]
    rng = np.random.default_rng(11)
    answers = rng.integers(instrument.response.min, instrument.response.max + 1, size=(12, instrument.items))
    order = [int(item) for item in rng.permutation(instrument.items) + 1]
    plain, mapped = scored(tmp_path / "plain", name, answers, None), scored(tmp_path / "mapped", name, answers, order)
    assert plain["score"].notna().all()
    pd.testing.assert_frame_equal(plain, mapped)
