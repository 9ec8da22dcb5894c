"""Nobody is found again from the zip, the source code and the list of all ids."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from tests.unit.made_trial import people, plan, scored, write

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_table
from compassion_trials.core.keeping.secret import SHARING, VARIABLE, derived, shuffled
from compassion_trials.deliver.people import new_numbers
from compassion_trials.deliver.stage import shared_data

SECRETS, PEOPLE = 200, 40
CHANCE = 0.23
"""Matches of two unrelated orders are Poisson(1): the mean of 200 has a standard error of .071; this is 3.25 of it."""
MOST = 7
"""More matches than this have a probability of 1e-5 in one order, .002 in 200."""


def _context(tmp_path: Path, **parts: object):
    made = plan(**parts)
    who = people(("act", "waitlist"), PEOPLE // 2)
    return write(tmp_path, made, who, scored(who, ("pre", "post", "fu")))


def _matches(guess: list[str], truth: list[str]) -> int:
    return sum(a == b for a, b in zip(guess, truth, strict=True))


def test_no_guess_at_the_order_is_better_than_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = _context(tmp_path)
    column = read_table(context.results.participants)["participant"]
    ids = column.tolist()
    seed = context.plan.analysis.seed
    guesses = {
        "in order": ids,
        "public seed": sorted(ids, key=lambda w: hashlib.sha256(f"{seed}/share/made/{w}".encode()).digest()),
        "no secret": shuffled(ids, derived(b"", "share/made")),
        "seed as secret": shuffled(ids, derived(f"SYNTHETIC/{seed}".encode(), "share/made")),
    }
    found: dict[str, list[int]] = {name: [] for name in guesses}
    for number in range(SECRETS):
        monkeypatch.setenv(VARIABLE, f"a secret of the tests {number}")
        order = sorted(ids, key=new_numbers(context, column).__getitem__)
        for name, guess in guesses.items():
            found[name].append(_matches(guess, order))
    for name, matches in found.items():
        assert abs(np.mean(matches) - 1) <= CHANCE, name
        assert max(matches) <= MOST, name


def test_uses_of_one_secret_have_nothing_in_common() -> None:
    ids = [f"p{i}" for i in range(PEOPLE)]
    matches = [
        _matches(shuffled(ids, derived(secret, "share/x")), shuffled(ids, derived(secret, "blind/x")))
        for secret in (f"secret {n}".encode() for n in range(SECRETS))
    ]
    assert abs(np.mean(matches) - 1) <= CHANCE
    assert max(matches) <= MOST


def test_a_join_on_baseline_columns_finds_one_of_k(tmp_path: Path) -> None:
    context = _context(tmp_path)
    k = context.plan.privacy.k
    shared, (wide, _) = shared_data(context)
    columns = [name for name in wide.table if name in shared.known]
    assert columns == ["arm", "age", "sex"]
    true = shared.table.set_index("participant")
    for number in shared.numbers.values():
        alike = wide.table[(wide.table[columns] == true.loc[number, columns]).all(axis=1)]
        assert len(alike) >= k


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    context = _context(tmp_path)
    first, _ = shared_data(context)
    path = context.raw / SHARING
    assert path.stat().st_mode & 0o077 == 0
    assert shared_data(context)[0].numbers == first.numbers
    path.unlink()
    assert shared_data(context)[0].numbers != first.numbers


def test_a_folder_that_cannot_be_written_asks_for_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    context = _context(tmp_path)
    context.raw.parent.mkdir(parents=True, exist_ok=True)
    context.raw.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        shared_data(context)
    (finding,) = refused.value.findings
    assert finding.code == "key_unwritable"
    assert VARIABLE in finding.advice
