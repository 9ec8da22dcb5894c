"""Outcomes by visit and arm, as observed means, estimated means and missing data show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from compassion_trials.tables.material import Material
from compassion_trials.tables.spec import TableColumn, TableRow, heading, row
from compassion_trials.tables.text import Text, text

Place = tuple[str, str, str]
"""Outcome, visit, arm."""

VISITS_ACROSS = 3
"""Visits up to which a single arm has them side by side."""


def grid(
    material: Material,
    places: Iterable[Place],
    keys: list[str],
    heads: tuple[Text, ...],
    cells: Callable[[Place], list[str]],
) -> tuple[tuple[TableColumn, ...], tuple[TableRow, ...]]:
    """Columns and rows of a grid.

    Parameters
    ----------
    material : Material
    places : iterable of (outcome, visit, arm)
        Where there are numbers.
    keys : list of str
        Outcomes in order.
    heads : tuple of Text
        Heads of the numbers of one place.
    cells : callable
        Numbers of a place, one per head.

    Returns
    -------
    columns, rows
        Arms side by side and visits below each outcome; a single arm with few visits has the visits side by side.
    """
    present = {place for place in places if place[0] in keys}
    visits = [visit for visit in material.plan.design.visits if any(v == visit for _, v, _ in present)]
    arms = [arm for arm in material.plan.design.arms if any(a == arm for *_, a in present)]
    if len(arms) == 1 and 1 < len(visits) <= VISITS_ACROSS:
        columns = _columns("Outcome", [material.visit(visit) for visit in visits], heads)
        rows = [row(material.label(k), *_flat([cells((k, visit, arms[0])) for visit in visits])) for k in keys]
        return columns, tuple(rows)
    columns = _columns("Outcome and visit", [material.arm(arm) for arm in arms] if len(arms) > 1 else [""], heads)
    rows = []
    for key in keys:
        rows.append(heading(material.label(key)))
        for visit in visits:
            if any((key, visit, arm) in present for arm in arms):
                rows.append(row(material.visit(visit), *_flat([cells((key, visit, arm)) for arm in arms]), level=1))
    return columns, tuple(rows)


def _columns(stub: str, spanners: list[str], heads: tuple[Text, ...]) -> tuple[TableColumn, ...]:
    """The stub, then all heads below each spanner."""
    return (
        TableColumn(text(stub), "left"),
        *[TableColumn(h, "decimal", text(spanner)) for spanner in spanners for h in heads],
    )


def _flat(groups: list[list[str]]) -> list[str]:
    """Cells of all groups in a row."""
    return [cell for group in groups for cell in group]
