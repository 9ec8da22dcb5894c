"""Moderation: the mixed model with arm x moderator x visit, and what follows from it for one visit.

Numeric moderators are centred at their mean, categorical ones get treatment coding. Every arm but the reference has its
own moderator columns, one coefficient per visit, so that differences between arms, simple effects and slopes are linear
contrasts of one fit with its Kenward-Roger inference (as `emtrends` and `emmeans` of R's emmeans compute them). Therapy
groups share the random effect after baseline that they have in the primary model.

Sources: Aiken & West (1991), Multiple Regression; Wang, Lagakos, Ware, Hunter & Drazen (2007), doi:10.1056/NEJMsr077003
(subgroups: interaction tests, not tests within subgroups).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.fit.grouped import fit_with_groups
from compassion_trials.study.plan.analysis import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.models import Fit, FTest
    from compassion_trials.models.options import DesignName


FEWEST = 3
"""Participants that every level of a categorical moderator needs in every arm."""
MAIN, BY_ARM = "moderator", "moderator_by_arm"
"""Stems of the moderator's columns."""


@dataclass(frozen=True, slots=True)
class Moderated:
    """A fitted moderation model.

    Attributes
    ----------
    fit : Fit
    levels : tuple of str
        Levels of a categorical moderator, the reference first; empty for a numeric one.
    centre, sd : float
        Mean and standard deviation of a numeric moderator among those analysed; NaN for a categorical one.
    in_change : bool
        Whether differences in change from the first visit are asked about.
    """

    fit: Fit
    levels: tuple[str, ...]
    centre: float
    sd: float
    in_change: bool

    @property
    def width(self) -> int:
        """Columns of the moderator."""
        return max(len(self.levels) - 1, 1)

    def at(self, value: float | str) -> Array:
        """Columns (K,) of the moderator at a value in its own units, or at a level."""
        if not self.levels:
            return np.array([float(value) - self.centre])
        return np.array([float(value == level) for level in self.levels[1:]])

    def difference(self, pair: tuple[str, str], visit: str, value: float | str) -> Array:
        """Contrast (p,) for the difference between two arms at a visit and a value of the moderator."""
        return self._difference(pair, visit) + self.at(value) @ self.slopes(pair, visit)

    def slopes(self, pair: tuple[str, str], visit: str) -> Array:
        """Contrasts (K, p): change of the difference per unit of the moderator, or against its first level."""
        here = self._slopes(pair, visit)
        return here - self._slopes(pair, self.fit.prepared.design.visits[0]) if self.in_change else here

    def test(self, pairs: Sequence[tuple[str, str]], visits: Sequence[str]) -> FTest:
        """Joint test that the moderator changes no difference at these visits."""
        rows = np.concatenate([self.slopes(pair, visit) for pair in pairs for visit in visits])
        standard = self.fit.prepared.standard.contrasts(rows)
        return self.fit.inference.f_test(standard, rows @ self.fit.beta)

    def _difference(self, pair: tuple[str, str], visit: str) -> Array:
        """Contrast (p,) for the difference at the moderator's centre, or first level."""
        design = self.fit.prepared.design
        grid = design.grid()
        a, b = (design.arms.index(arm) for arm in pair)
        t = design.visits.index(visit)
        row = grid[a, t] - grid[b, t]
        row = row - (grid[a, 0] - grid[b, 0]) if self.in_change else row
        if np.isnan(row).any():
            raise ModelError(f"an arm has no data at visit {visit}")
        contrast: Array = row
        return contrast

    def _slopes(self, pair: tuple[str, str], visit: str) -> Array:
        design = self.fit.prepared.design
        t = design.visits.index(visit)
        rows = np.zeros((self.width, len(design.terms)))
        for arm, sign in zip(pair, (1.0, -1.0), strict=True):
            for k in range(self.width):
                if arm != design.arms[0]:
                    label = f"{BY_ARM}_{design.arms.index(arm)}_{k}"
                    rows[k, design.terms.index(label)] += sign
                    if t > 0:
                        rows[k, design.terms.index(f"{label}:visit[{visit}]")] += sign
        return rows


def moderate(
    long: pd.DataFrame,
    moderator: pd.Series,
    *,
    visits: Sequence[str],
    reference: str,
    design: DesignName,
    own_baseline: bool = False,
    covariates: Sequence[str] = (),
    level: float = 0.95,
    df: str = "kenward-roger",
    group: str | None = None,
    spec: Analysis | None = None,
) -> Moderated:
    """Fit arm x moderator x visit.

    Parameters
    ----------
    long : DataFrame
        participant, arm, visit, score and the covariates, one row per observed value.
    moderator : Series
        Indexed by participant; numbers, or words for a categorical moderator.
    visits : sequence of str
        In order; the first is the baseline.
    reference : str
        Reference arm.
    design : {"baseline_adjusted", "lda"}
        Differences at a visit given the baseline, or differences in change.
    own_baseline : bool
        The moderator is the outcome's own baseline, which `baseline_adjusted` has among its covariates already.
    covariates : sequence of str
    level : float
        Confidence level.
    df : DfMethod
    group : str, optional
        Column of the therapy group, missing for people without one.
    spec : Analysis, optional
        The plan's covariance and its fallback.

    Raises
    ------
    ModelError
        The moderator does not vary, a level is too rare in an arm, or the group effect cannot be estimated.
    """
    from compassion_trials.models import fit_mmrm

    spec = spec or Analysis()
    data = long.loc[long["participant"].map(moderator).notna()].reset_index(drop=True)
    if design == "baseline_adjusted":  # who has no baseline is not analysed, and must not move the centre
        first = data.loc[data["visit"] == visits[0], "participant"]
        later = data.loc[data["visit"] != visits[0], "participant"]
        data = data.loc[data["participant"].isin(first) & data["participant"].isin(later)].reset_index(drop=True)
    people = data.drop_duplicates("participant").set_index("participant")
    values = moderator.reindex(people.index)
    columns, levels, centre, sd = _code(values, people["arm"])
    arms = [reference, *sorted(set(people["arm"]) - {reference})]
    names = []
    for k, column in enumerate(columns):
        per_row = data["participant"].map(column)
        if not own_baseline or design != "baseline_adjusted":
            data[f"{MAIN}_{k}"] = per_row
            names.append(f"{MAIN}_{k}")
        for a in range(1, len(arms)):
            data[f"{BY_ARM}_{a}_{k}"] = per_row * (data["arm"] == arms[a])
            names.append(f"{BY_ARM}_{a}_{k}")
    shared: dict[str, Any] = {
        "outcome": "score", "subject": "participant", "visit": "visit", "arm": "arm", "reference": reference,
        "visits": list(visits), "covariates": (*covariates, *names), "by_visit": names, "df": df, "level": level,
    }  # fmt: skip
    if group is not None:
        fit = fit_with_groups(data, group, design, spec, shared)
    else:
        fallback = [name for name in spec.fallback if name != spec.covariance]
        fit = fit_mmrm(data, **shared, design=design, covariance=spec.covariance, fallback=fallback)
    return Moderated(fit, levels, centre, sd, design == "lda")


def _code(values: pd.Series, arm: pd.Series) -> tuple[list[pd.Series], tuple[str, ...], float, float]:
    """Columns of the moderator by participant, its levels, mean and standard deviation."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        centre, sd = float(values.mean()), float(values.std(ddof=1))
        if not sd > 0:
            raise ModelError("the moderator does not vary")
        return [values.astype(float) - centre], (), centre, sd
    text = values.astype("str")
    counts = pd.crosstab(text, arm)
    if len(counts) < 2:
        raise ModelError("the moderator has only one level among those analysed")
    rare = counts.index[(counts < FEWEST).any(axis=1)]
    if len(rare):
        raise ModelError(f"the moderator's level {rare[0]} has fewer than {FEWEST} participants in an arm")
    levels = tuple(counts.index)
    return [(text == level).astype(float) for level in levels[1:]], levels, float("nan"), float("nan")
