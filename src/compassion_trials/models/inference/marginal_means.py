"""Marginal means and their contrasts as rows of weights on the coefficients.

A marginal mean is the model's mean of one arm at one visit, covariates at their reference values. Every contrast here
is estimable: it is made from the means of cells that have data, never from raw coefficients of one coding.

Source: Searle, Speed & Milliken (1980), doi:10.1080/00031305.1980.10483031; Lenth, emmeans.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError, nearest
from compassion_trials.models.data.design import ModelDesign

Labels = dict[str, list[str]]

KINDS = ("arm", "pairwise", "change_from_baseline", "within_arm", "visit_average")


def means(design: ModelDesign, grid: Array) -> tuple[Labels, Array]:
    """Rows of all marginal means, arms within visits, cells without data left out.

    Parameters
    ----------
    design : ModelDesign
    grid : ndarray, shape (A, T, p)
        From `ModelDesign.grid`.

    Returns
    -------
    tuple of dict, ndarray
        Labels (arm, visit) and rows (R, p). Under cLDA the common baseline stands once per arm.
    """
    cells = [(a, t) for t in range(grid.shape[1]) for a in range(grid.shape[0]) if not np.isnan(grid[a, t, 0])]
    labels = {"arm": [design.arms[a] for a, _ in cells], "visit": [design.visits[t] for _, t in cells]}
    return labels, np.array([grid[a, t] for a, t in cells])


def reported(design: ModelDesign, grid: Array) -> tuple[list[str], Array]:
    """Names and rows (R, p) of all marginal means and of the differences between arms at each visit."""
    labels, rows = means(design, grid)
    names = [f"{arm} at {visit}" for arm, visit in zip(labels["arm"], labels["visit"], strict=True)]
    first = 1 if design.constrained else 0
    pairs = [(a, 0) for a in range(1, len(design.arms))]
    for name, visit, row in _between(design, grid, range(first, grid.shape[1]), pairs):
        if not np.isnan(row).any():
            names.append(f"{name} at {visit}")
            rows = np.vstack([rows, row])
    return names, rows


def contrast_rows(kind: str, design: ModelDesign, grid: Array) -> tuple[Labels, Array]:
    """Rows of a named set of contrasts.

    Parameters
    ----------
    kind : str
        "arm": each arm minus the reference arm, per visit (no baseline row under cLDA). "pairwise": all pairs of arms.
        "change_from_baseline": difference in change from the first visit between each arm and the reference;
        within-arm change for a single arm; the same as "arm" under cLDA. "within_arm": change within each arm.
        "visit_average": arm minus reference, averaged over the visits after baseline.

    Returns
    -------
    tuple of dict, ndarray
        Labels (contrast, visit) and rows (R, p); rows that cannot be estimated are left out.

    Raises
    ------
    ModelError
        Unknown kind, or a kind that the design does not have.
    """
    if kind not in KINDS:
        raise ModelError(f'contrasts "{kind}" are not known; {nearest(kind, KINDS)}')
    single = len(design.arms) == 1
    if single and kind in ("arm", "pairwise", "visit_average"):
        raise ModelError(f'contrasts "{kind}" compare arms, this model has one; use "change_from_baseline"')
    if kind in ("change_from_baseline", "within_arm") and not design.has_baseline:
        raise ModelError(
            "baseline_adjusted has no change from baseline: the first visit is a covariate there; use contrasts('arm')"
        )
    if kind == "within_arm" or (single and kind == "change_from_baseline"):
        found = _within(design, grid)
    elif kind == "change_from_baseline" and not design.constrained:
        found = _between(design, grid - grid[:, :1], range(1, grid.shape[1]), [(a, 0) for a in range(1, grid.shape[0])])
    elif kind == "visit_average":
        found = _average(design, grid)
    else:
        first = 1 if design.constrained else 0
        n_arms = grid.shape[0]
        pairs = [(a, 0) for a in range(1, n_arms)]
        if kind == "pairwise":
            pairs = [(a, b) for a in range(1, n_arms) for b in range(a)]
        found = _between(design, grid, range(first, grid.shape[1]), pairs)
    estimable = [(c, v, row) for c, v, row in found if not np.isnan(row).any()]
    if not estimable:
        raise ModelError(f'no contrast "{kind}" can be estimated: the arms have no visit in common')
    labels = {"contrast": [c for c, _, _ in estimable], "visit": [v for _, v, _ in estimable]}
    return labels, np.array([row for _, _, row in estimable])


def custom_row(weights: Mapping[tuple[str, str], float], design: ModelDesign, grid: Array) -> Array:
    """One contrast (p,) from weights on cells (arm, visit)."""
    row = np.zeros(grid.shape[2])
    for (arm, visit), weight in weights.items():
        if str(arm) not in design.arms:
            raise ModelError(f'arm "{arm}" is not in the model; {nearest(str(arm), design.arms)}')
        if str(visit) not in design.visits:
            raise ModelError(f'visit "{visit}" is not in the model; {nearest(str(visit), design.visits)}')
        row += weight * grid[design.arms.index(str(arm)), design.visits.index(str(visit))]
    if np.isnan(row).any():
        raise ModelError("the contrast uses an arm at a visit without data")
    return row


def joint_rows(term: str, design: ModelDesign, grid: Array) -> Array:
    """Rows (R, p) whose joint nullity is the hypothesis of a term.

    "arm:visit": the arms' differences do not change over visits (under cLDA: no difference at any visit after
    baseline). "arm": no difference between the arms' means, averaged over visits. "visit": no difference between
    visits, averaged over arms. "arm_at_visits": no difference between arms at any visit. A covariate's name: none of
    its coefficients; "x:visit", "x:arm", "x:arm:visit": none of its interactions. Cells without data take their rows
    out.
    """
    if term in ("arm", "arm:visit", "arm_at_visits") and len(design.arms) == 1:
        raise ModelError(f'"{term}" compares arms, this model has one')
    if term == "arm:visit":
        rows = (grid[1:] - grid[:1])[:, 1:] if design.constrained else _interaction(grid)
    elif term == "arm_at_visits":
        rows = (grid[1:] - grid[:1])[:, 1 if design.constrained else 0 :]
    elif term == "arm":
        complete = grid[:, ~np.isnan(grid[..., 0]).any(0)].mean(1)
        rows = complete[1:] - complete[:1]
    elif term == "visit":
        over_arms = grid[~np.isnan(grid[..., 0]).any(1)].mean(0)
        rows = over_arms[1:] - over_arms[:1]
    else:
        return _covariate_rows(term, design)
    rows = rows.reshape(-1, grid.shape[2])
    return rows[~np.isnan(rows).any(1)]


Row = tuple[str, str, Array]


def _between(design: ModelDesign, grid: Array, visits: Iterable[int], pairs: list[tuple[int, int]]) -> list[Row]:
    return [
        (f"{design.arms[a]} - {design.arms[b]}", design.visits[t], grid[a, t] - grid[b, t])
        for t in visits
        for a, b in pairs
    ]


def _within(design: ModelDesign, grid: Array) -> list[Row]:
    base = design.visits[0]
    return [
        (
            f"{arm}: change from {base}" if len(design.arms) > 1 else f"change from {base}",
            visit,
            grid[a, t] - grid[a, 0],
        )
        for t, visit in enumerate(design.visits)
        for a, arm in enumerate(design.arms)
        if t > 0
    ]


def _average(design: ModelDesign, grid: Array) -> list[Row]:
    later = range(1, len(design.visits)) if design.has_baseline else range(len(design.visits))
    label = " + ".join(design.visits[t] for t in later)
    averaged = grid[:, list(later)].mean(1)
    return [(f"{design.arms[a]} - {design.arms[0]}", label, averaged[a] - averaged[0]) for a in range(1, len(averaged))]


def _interaction(grid: Array) -> Array:
    """Differences in change between arms; with gaps, from the first visit that both arms of a pair have."""
    rows = []
    seen = ~np.isnan(grid[..., 0])
    for a in range(1, len(grid)):
        both = np.flatnonzero(seen[a] & seen[0])
        difference = grid[a] - grid[0]
        rows += [difference[t] - difference[both[0]] for t in both[1:]]
        rows += _other_arms(grid, seen, a)
    if not rows:
        raise ModelError('"arm:visit" cannot be tested: the arms share fewer than two visits')
    return np.array(rows)


def _other_arms(grid: Array, seen: NDArray[np.bool_], a: int) -> list[Array]:
    """Interaction rows at visits without the reference arm: arm `a` against the first arm that is there."""
    rows = []
    for t in np.flatnonzero(seen[a] & ~seen[0]):
        b = int(np.argmax(seen[:, t]))
        both = np.flatnonzero(seen[a] & seen[b])
        if b != a and both[0] != t:
            rows.append(grid[a, t] - grid[b, t] - grid[a, both[0]] + grid[b, both[0]])
    return rows


def _covariate_rows(term: str, design: ModelDesign) -> Array:
    valid = ("arm", "visit", "arm:visit", "arm_at_visits", *dict.fromkeys(design.covariate_names))
    moderated, by_visit = term.endswith((":arm", ":arm:visit")), term.endswith(":visit")
    name = term.removesuffix(":visit").removesuffix(":arm")
    owner = [design.covariate_names[c] if c >= 0 else "" for c in design.covariate]
    chosen = [
        j
        for j, o in enumerate(owner)
        if o == name and (design.arm[j] >= 0 or not moderated) and (design.visit[j] >= 0 or not by_visit)
    ]
    if not chosen:
        raise ModelError(f'"{term}" is not a term of this model; {nearest(term, valid)}')
    return np.eye(len(design.terms))[chosen]
