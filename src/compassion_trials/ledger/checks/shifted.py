"""Rows that slipped: would the block of one visit fit its outcomes better if it stood some lines further down or up?"""

from __future__ import annotations

from dataclasses import dataclass

from compassion_trials.core.findings import Finding
from compassion_trials.ledger.reading.cells import Cells, measures_of
from compassion_trials.ledger.reading.model import PrintedMeasure, Published, Table

FARTHEST = 4
"""Lines by which a block may have slipped."""

MUCH_BETTER = 0.5
"""Share of the misfit that a shift must leave at most."""

FITS = 1.5
"""Largest mean distance to the same outcome at other visits, in its SDs, at which a block fits."""

IMPOSSIBLE = 4.0
"""Distance counted for a mean outside the scale; also the largest distance counted."""


@dataclass(frozen=True, slots=True)
class BlockFit:
    """How well a block of rows fits the outcomes it would stand for.

    Attributes
    ----------
    misfit : float
        Mean distance to the outcome's other visits in SDs.
    impossible : int
        Means outside the scale.
    """

    misfit: float
    impossible: int


def shifted_rows(name: str, study: Published, table: Table, here: Cells) -> tuple[list[Finding], Cells | None]:
    """Look at the rows of each visit as a block, and try it some lines further down or up.

    A block is told when it holds impossible means, or fits badly, where it stands, and a shift leaves no impossible
    mean and at most half of the misfit.

    Returns
    -------
    tuple of list of Finding, Cells or None
        The cells as they would be with the blocks moved.
    """
    order = [m for m in study.measures if m in measures_of(here)]
    found: list[Finding] = []
    corrected: Cells | None = None
    for visit in dict.fromkeys(v for _, _, v in here):
        rows = [m for m in order if any((m, a, visit) in here for a in study.arms)]
        if len(rows) < 3:
            continue
        fits = {
            s: fit
            for s in range(-FARTHEST, FARTHEST + 1)
            if (fit := _fit(study, here, order, rows, visit, s)) is not None
        }
        if 0 not in fits:
            continue
        best = min(fits, key=lambda s: (fits[s].impossible, fits[s].misfit, abs(s)))
        if best and _convincing(fits[0], fits[best]):
            found.append(_finding(name, study, table, here, order, rows, visit, best, fits))
            corrected = _move(corrected or here, order, rows, visit, best, list(study.arms))
    return found, corrected


def _convincing(now: BlockFit, moved: BlockFit) -> bool:
    """Whether a shift explains what does not fit."""
    bad = now.impossible > 0 or now.misfit > FITS
    return bad and moved.impossible == 0 and moved.misfit <= FITS and moved.misfit <= MUCH_BETTER * now.misfit


def _fit(study: Published, here: Cells, order: list[str], rows: list[str], visit: str, shift: int) -> BlockFit | None:
    """Fit of a block moved by some lines; None when it would leave the table."""
    targets = [order.index(m) + shift for m in rows]
    if min(targets) < 0 or max(targets) >= len(order):
        return None
    distances: list[float] = []
    impossible = 0
    for row, target in zip(rows, targets, strict=True):
        for arm in study.arms:
            cell = here.get((row, arm, visit))
            if cell is None:
                continue
            mean = cell.mean.value
            outside = _outside(study.measures[order[target]], mean)
            impossible += outside
            distance = _distance(here, order[target], arm, visit, mean)
            if outside or distance is not None:
                distances.append(IMPOSSIBLE if outside else min(distance or 0.0, IMPOSSIBLE))
    return BlockFit(sum(distances) / len(distances), impossible) if distances else None


def _outside(measure: PrintedMeasure, mean: float) -> bool:
    """Whether a mean lies outside the scale."""
    return measure.range is not None and not measure.range[0] <= mean <= measure.range[1]


def _distance(here: Cells, measure: str, arm: str, visit: str, mean: float) -> float | None:
    """Distance to the outcome's mean at other visits, in its SDs; None without other visits."""
    others = [c for (m, a, v), c in here.items() if (m, a) == (measure, arm) and v != visit and c.sd is not None]
    if not others:
        return None
    usual = sum(c.mean.value for c in others) / len(others)
    spread = sum(c.sd.value for c in others if c.sd is not None) / len(others)
    return abs(mean - usual) / spread


def _move(here: Cells, order: list[str], rows: list[str], visit: str, shift: int, arms: list[str]) -> Cells:
    """Cells with one block moved; the lines it left are empty."""
    moved = {place: cell for place, cell in here.items() if place[2] != visit}
    for row in rows:
        for arm in arms:
            if (row, arm, visit) in here:
                moved[order[order.index(row) + shift], arm, visit] = here[row, arm, visit]
    return moved


def _finding(
    name: str,
    study: Published,
    table: Table,
    here: Cells,
    order: list[str],
    rows: list[str],
    visit: str,
    shift: int,
    fits: dict[int, BlockFit],
) -> Finding:
    """The finding in words."""
    label = {m: study.measures[m].label for m in order}
    pairs = "; ".join(f"printed at {label[m]}: would fit {label[order[order.index(m) + shift]]}" for m in rows)
    means = {m: next(here[m, a, visit].mean for a in study.arms if (m, a, visit) in here) for m in rows}
    seen = ", ".join(f"{label[m]} {mean.text}" for m, mean in means.items() if _outside(study.measures[m], mean.value))
    size, way = abs(shift), "down" if shift > 0 else "up"
    lines = f"{size} line{'s' * (size > 1)}"
    return Finding(
        "warning",
        "shifted_rows",
        f"{study.visits[visit]}: the rows seem to stand {lines} too {'high' if shift > 0 else 'low'}",
        file=name,
        column=table.name,
        value=seen or f"mean distance to the other visits {fits[0].misfit:.1f} SD",
        expected=f"moved {lines} {way}, every mean is possible and lies {fits[shift].misfit:.1f} SD "
        f"from the other visits on average ({pairs})",
        advice="an inference from the numbers alone: cells may have slipped when the table was set; only the authors "
        "can tell",
    )
