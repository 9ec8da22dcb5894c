"""All cases of the validation, by section. A case is a function that fits something and returns its checks."""

from __future__ import annotations

from functools import cache

import cases_change
import cases_dense
import cases_factors
import cases_groups
import cases_identities
import cases_mechanisms
import cases_published
import cases_r
import cases_trials
from checks import Check

MODULES = (cases_identities, cases_published, cases_r, cases_dense, cases_trials, cases_change, cases_mechanisms,
           cases_groups, cases_factors)  # fmt: skip
CASES = {name: case for module in MODULES for name, case in module.CASES.items()}


def sections() -> dict[str, list[str]]:
    """Names of the cases of each section; without the folder shared those of real trials are missing."""
    return {module.TITLE: list(module.CASES) for module in MODULES}


def from_real_trial(title: str, case: str) -> bool:
    """Whether a line of the page, by section and case, comes from a real trial and so from the folder shared."""
    if title == cases_factors.TITLE:
        return case in cases_factors.REAL_CASES
    return title == cases_trials.TITLE or (title, case) == (cases_mechanisms.TITLE, cases_mechanisms.REAL_TRIAL)


@cache
def run(name: str) -> list[Check]:
    """The checks of one case (computed once per process)."""
    return CASES[name]()
