"""What must hold for any raw file, not only for the ones we thought of."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.ingest.trial import LONG, trial, write

from compassion_trials.core.errors import InputError
from compassion_trials.ingest.duplicates import resolve
from compassion_trials.ingest.readers.reading import read_raw
from compassion_trials.ingest.stage import ingest
from compassion_trials.ingest.values import CellCoding, numbers

ANSWER = st.sampled_from(["0", "1", "2", "3", ""])
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.sav", "a.dta"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused_in_words(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        with contextlib.suppress(InputError):  # any other error fails the test
            assert len(read_raw(path).frame)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.sampled_from([".", ","]))
def test_numbers_survive_the_way_through_text(values: list[float], decimal: str) -> None:
    frame = pd.DataFrame({"x": [f"{value:.17g}" for value in values]}, dtype="object")
    if decimal == "," and not frame["x"].str.contains("e", regex=False).any():
        frame["x"] = frame["x"].str.replace(".", ",", regex=False)
    elif decimal == ",":
        decimal = "."
    found = numbers(frame, CellCoding(decimal))
    np.testing.assert_array_equal(found.values[:, 0], values)


@given(st.lists(st.lists(ANSWER, min_size=8, max_size=8), min_size=3, max_size=6))
@SLOW
def test_long_and_wide_files_agree_and_row_order_does_not_matter(answers: list[list[str]]) -> None:
    names = [f"mini_{visit}_{item}" for visit in ("pre", "post") for item in range(1, 5)]
    arms = ["AB"[i % 2] for i in range(len(answers))]
    wide = [f"{i},{arms[i]},{','.join(row)}" for i, row in enumerate(answers)]
    long = [
        f"{i},{arms[i]},{t + 1},{','.join(row[4 * t : 4 * t + 4])}" for i, row in enumerate(answers) for t in (0, 1)
    ]
    part = {"file": "raw.csv", "id": "id", "arm": LONG["arm"], "items": "{instrument}_{visit}_{item}"}
    tables = []
    for lines, plan in (
        (["id,arm," + ",".join(names), *wide], part),
        (["id,arm,time,mini_1,mini_2,mini_3,mini_4", *long], LONG),
        (["id,arm,time,mini_1,mini_2,mini_3,mini_4", *reversed(long)], LONG),
    ):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), "raw.csv", *lines)
            result = ingest(trial(Path(folder), plan))
            if (
                result.record is None
            ):  # all answers 1 to 3 and none 0 is not an error, but must be the same in all three
                tables.append((frozenset(f.code for f in result.findings if f.severity == "error"),))
            else:
                tables.append((result.responses, result.flow))
    for other in tables[1:]:
        assert len(other) == len(tables[0])
        for a, b in zip(tables[0], other, strict=True):
            assert a.equals(b) if isinstance(a, pd.DataFrame) else a == b


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "1", "2"])), min_size=1, max_size=12))
def test_every_rule_keeps_exactly_one_row_each(rows: list[tuple[int, str]]) -> None:
    keys = pd.DataFrame({"participant": [str(p) for p, _ in rows]})
    cells = pd.DataFrame({"x": [word for _, word in rows]})
    for rule in ("first", "last", "most_complete", "error"):
        found = resolve(keys, cells, rule, "a.csv")
        kept = keys[found.keep]
        assert sorted(kept["participant"]) == sorted(keys["participant"].unique())
        assert len(found.findings) == len(keys) - len(kept)
