"""Results that may leave: small baseline counts hidden, levels nobody shares not named, everything else as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from compassion_trials.core.columns import N_HIDDEN, results_table
from compassion_trials.core.rows import rows
from compassion_trials.deliver.small_cells import shared_results

ARMS = ("act", "wait")
K = 5


def table(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Baseline rows of one category, a subgroup, a coefficient, an age, a flow row."""
    found = []
    for level, cells in counts.items():
        for arm, n in (*zip(ARMS, cells, strict=True), ("", sum(cells))):
            found += rows(
                {"analysis": "baseline", "outcome": "living", "arm": arm, "level": level}, {"n": n, "percent": n}
            )
        term = f"coefficient: living[{level}]"
        found += rows({"analysis": "primary", "model": "clda", "outcome": "y", "term": term}, {"estimate": 1.0})
        found += rows(
            {"analysis": "moderation", "model": "living", "outcome": "y", "arm": "act", "level": level}, {"n": 9}
        )
    found += rows({"analysis": "baseline", "outcome": "living", "term": "act - wait"}, {"smd": 0.3})
    found += rows({"analysis": "baseline", "outcome": "age", "arm": "act", "n": 3}, {"n": 3, "mean": 41.0, "sd": 2.0})
    found += rows({"analysis": "flow", "term": "missing", "arm": "act"}, {"n": 2})
    return results_table(found)


def leaving(counts: dict[str, tuple[int, int]], levels: frozenset[str] = frozenset()) -> pd.DataFrame:
    return shared_results(table(counts), ("living", "age"), {"living": levels}, ARMS, K)


def test_small_counts_and_what_would_give_them_away() -> None:
    found = leaving({"alone": (2, 20), "together": (18, 9), "elsewhere": (30, 31)})
    baseline = found[(found["analysis"] == "baseline") & (found["outcome"] == "living")]
    hidden = baseline[baseline["statistic"] == N_HIDDEN]
    assert hidden["value"].isna().all()
    assert set(zip(hidden["level"], hidden["arm"], strict=True)) >= {("alone", "act"), ("alone", "wait")}
    shown = set(zip(hidden["level"], hidden["arm"], strict=True))
    percents = baseline[baseline["statistic"] == "percent"]
    assert shown.isdisjoint(zip(percents["level"], percents["arm"], strict=True))
    assert "smd" not in set(baseline["statistic"])
    assert found["id"].is_unique


def test_hidden_counts_cannot_be_worked_out_from_the_totals() -> None:
    """No hidden cell is a linear combination of totals that are known: the size of each arm, and levels shown."""
    rng = np.random.default_rng(7)
    some = 0
    for _ in range(8):
        counts = {f"l{i}": (int(a), int(b)) for i, (a, b) in enumerate(rng.integers(0, 12, (3, 2)))}
        found = leaving(counts)
        mine = found[(found["outcome"] == "living") & (found["analysis"] == "baseline") & (found["statistic"] == "n")]
        shown = set(zip(mine["level"], mine["arm"], strict=True))
        free = [(level, arm) for level in counts for arm in ARMS if (level, arm) not in shown]
        known = [[arm == mine for _, arm in free] for mine in ARMS]
        known += [[level == mine for level, _ in free] for mine in counts if (mine, "") in shown]
        rank = np.linalg.matrix_rank(np.array(known, dtype=float)) if free else 0
        for place in range(len(free)):
            more = np.vstack([np.array(known, dtype=float), np.eye(len(free))[place]])
            assert np.linalg.matrix_rank(more) > rank, (counts, free[place])
        some += bool(free)
    assert some > 5


def test_a_level_that_the_data_do_not_hold_is_named_nowhere() -> None:
    found = leaving({"alone": (2, 1), "together": (18, 19)}, frozenset({"alone"}))
    assert not found.astype("str").apply(lambda column: column.str.contains("alone")).any(axis=None)
    assert "together" in set(found["level"])


def test_subgroups_do_not_give_a_hidden_count_away() -> None:
    assert (leaving({"a": (9, 9), "b": (9, 9)})["analysis"] == "moderation").sum() == 2
    assert (leaving({"alone": (2, 20), "together": (18, 9)})["analysis"] == "moderation").sum() == 0


def test_numbers_of_few_people_have_no_mean() -> None:
    found = leaving({"a": (9, 9), "b": (9, 9)})
    assert set(found.loc[found["outcome"] == "age", "statistic"]) == {"n"}


def test_everything_else_stays() -> None:
    found = leaving({"alone": (2, 20), "together": (18, 9)})
    assert found.loc[found["analysis"] == "flow", "value"].tolist() == [2.0]
    assert len(found[found["analysis"] == "primary"]) == 2


def test_nothing_to_hide_is_the_table_itself() -> None:
    whole = table({"a": (9, 9), "b": (9, 9)})
    whole = whole[whole["outcome"] != "age"]
    assert shared_results(whole, ("living",), {}, ARMS, K) is whole
