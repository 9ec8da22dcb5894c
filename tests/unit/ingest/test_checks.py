"""Warnings about the answers themselves."""

from __future__ import annotations

import pandas as pd

from compassion_trials.ingest.checks import constant


def test_an_item_that_all_answered_alike_counts_whole_participants() -> None:
    cells = pd.DataFrame({"file": "pre.csv", "column": "scs_1", "scale": "", "value": [3.0] * 6})
    (finding,) = constant(cells)
    assert finding.message == "all 6 participants gave the same answer"
    assert (finding.file, finding.column, finding.value) == ("pre.csv", "scs_1", "3")
