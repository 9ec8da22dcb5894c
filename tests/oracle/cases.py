"""All cases of the validation, by section. A case is a function that fits something and returns its checks."""

from __future__ import annotations

from functools import cache

import cases_change
import cases_dense
import cases_groups
import cases_identities
import cases_mechanisms
import cases_published
import cases_r
import cases_trials
from checks import Check

MODULES = (cases_identities, cases_published, cases_r, cases_dense, cases_trials, cases_change, cases_mechanisms,
           cases_groups)  # fmt: skip
CASES = {name: case for module in MODULES for name, case in module.CASES.items()}


def sections() -> dict[str, list[str]]:
    """Names of the cases of each section; without the folder shared the real trials are left out."""
    return {module.TITLE: list(module.CASES) for module in MODULES if module.CASES}


@cache
def run(name: str) -> list[Check]:
    """The checks of one case (computed once per process)."""
    return CASES[name]()
