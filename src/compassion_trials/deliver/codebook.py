"""The codebook: every variable, how alike participants are, and how many share each value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from compassion_trials.deliver.coarsen import smallest
from compassion_trials.deliver.data import Shared
from compassion_trials.deliver.people import SharedPeople
from compassion_trials.deliver.suppression import suppressed
from compassion_trials.deliver.variables import SharedVariable


def hidden_count(k: int) -> str:
    """What stands for a count that is not shown."""
    return f"fewer than {k}, or hidden to protect such a cell"


def variables_table(*tables: Shared) -> pd.DataFrame:
    """One row per variable: file, name, label, type, unit, range, coding, rule."""
    rows = [_row(shared.name, variable) for shared in tables for variable in shared.variables]
    return pd.DataFrame(rows).astype("str")


def anonymity_table(people: SharedPeople, k: int) -> pd.DataFrame:
    """How many participants are alike in what others may know, in the data of the study and in the shared files."""
    rows = [
        ("variables that others may know", ", ".join(people.known), ", ".join(people.known)),
        ("smallest number of participants with the same values", *_each(people, smallest)),
        (f"participants whose values fewer than {k} share", *_each(people, lambda sizes: (sizes < k).sum())),
        ("different combinations of values", *_each(people, lambda sizes: round(float((1 / sizes).sum())))),
    ]
    return pd.DataFrame(rows, columns=["", "in the data of the study", "as shared"]).astype("str")


def classes_table(people: SharedPeople, k: int) -> pd.DataFrame:
    """Combinations of what others may know in the shared data, with the number of participants; small ones hidden."""
    columns = list(people.known)
    counted = people.table[columns].groupby(columns, sort=True).size()
    hidden = suppressed(counted.to_numpy().astype(np.int64).reshape(-1, 1), k).reshape(-1)
    shown = [hidden_count(k) if small else str(n) for n, small in zip(counted, hidden, strict=True)]
    return counted.index.to_frame(index=False).replace("", "blank").assign(participants=shown)


def counts_table(people: SharedPeople, k: int) -> pd.DataFrame:
    """What others may know by arm, counts of 1 to k - 1 hidden, and those that would give them away."""
    arms = list(people.variables[1].values)
    rows = []
    for variable in people.variables:
        if variable.name not in people.known[1:]:
            continue
        cross = pd.crosstab(people.table[variable.name], people.table["arm"]).reindex(columns=arms, fill_value=0)
        hidden = suppressed(cross.to_numpy(dtype=np.int64), k)
        for line, level in enumerate(cross.index):
            cells = [hidden_count(k) if hidden[line, i] else str(cross.iloc[line, i]) for i in range(len(arms))]
            rows.append([variable.name, level or "blank", *cells])
    return pd.DataFrame(rows, columns=["variable", "value", *arms]).astype("str")


def _each(people: SharedPeople, count: Callable[[np.ndarray], float]) -> tuple[int, int]:
    """A number in the data of the study and in the shared files."""
    return int(count(people.before)), int(count(people.after))


def _row(file: str, variable: SharedVariable) -> dict[str, str]:
    """One variable."""
    coding = "; ".join(
        f"{code} = {word}" + (f" ({meaning})" if meaning != word else "")
        for code, (word, meaning) in enumerate(variable.values.items(), start=1)
    )
    return {
        "file": file,
        "variable": variable.name,
        "label": variable.label,
        "type": variable.kind,
        "unit": variable.unit,
        "range": f"{variable.range[0]:g} to {variable.range[1]:g}" if variable.range else "",
        "coding": coding,
        "rule": variable.rule,
    }
