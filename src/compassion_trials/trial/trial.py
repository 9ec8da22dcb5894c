"""The data of a trial as the describing and fitting stages need them: participants, flow, and scores side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from compassion_trials.core.arrays import Array
from compassion_trials.core.errors import ModelError
from compassion_trials.core.files import read_table, sha256
from compassion_trials.study.outcomes import Outcome
from compassion_trials.trial.gaps import SUFFIX, missing, without_gaps

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.study.context import Context


@dataclass(frozen=True)
class Trial:
    """A study's scored data.

    Attributes
    ----------
    context : Context
        Plan, questionnaires, outcomes.
    participants : DataFrame
        Indexed by participant, with arm, baseline variables, clusters.
    flow : DataFrame
        `core.columns.FLOW`.
    scores : DataFrame
        `core.columns.SCORES`.
    source : str
        First 12 digits of the scores' SHA-256.
    """

    context: Context
    participants: pd.DataFrame
    flow: pd.DataFrame
    scores: pd.DataFrame
    source: str

    @cached_property
    def _columns(self) -> dict[tuple[str, str, str], Array]:
        """Scores by measure, scale and visit, one per participant."""
        table = self.scores.pivot(index="participant", columns=["measure", "scale", "visit"], values="score")
        table = table.astype("float64").reindex(self.participants.index)
        return {(key[0], key[1], key[2]): table[key].to_numpy() for key in table.columns}

    @cached_property
    def _arms(self) -> dict[str, NDArray[np.bool_]]:
        """Participants of each arm; all for ``""``."""
        arms = {arm: (self.participants["arm"] == arm).to_numpy(bool) for arm in self.context.plan.design.arms}
        return {"": np.ones(len(self.participants), bool), **arms}

    @cached_property
    def filled(self) -> dict[str, pd.Series]:
        """Covariates of a randomized trial whose gaps are filled in; not strata, which decided the allocation."""
        plan = self.context.plan
        if plan.design.type != "randomized" or plan.analysis.missing_covariates == "leave_out":
            return {}
        known = list(dict.fromkeys(name for raw in plan.data for name in raw.baseline if name in self.participants))
        asked = [plan.analysis.primary, plan.analysis.secondary, *plan.analysis.additional.values()]
        names = dict.fromkeys((*plan.covariates, *(name for spec in asked if spec for name in spec.covariates)))
        return without_gaps(self.participants[known], [n for n in names if n in known and n not in plan.design.strata])

    @property
    def alpha(self) -> float:
        """Two-sided significance level of the plan."""
        return self.context.plan.analysis.alpha

    @property
    def keys(self) -> dict[str, object]:
        """What every result row of the study carries."""
        study, design = self.context.study.name, self.context.plan.design.type
        return {"study": study, "design": design, "source": self.source, "prespecified": "yes"}

    def score(self, outcome: Outcome, visit: str) -> Array:
        """Scores of an outcome at a visit, one per participant, NaN where there is none."""
        found = self._columns.get((outcome.measure, outcome.scale, visit))
        return np.full(len(self.participants), np.nan) if found is None else found

    def yes_no(self, outcome: Outcome) -> bool:
        """Whether an outcome is a yes or no: 0 or 1, whose means are shares."""
        if tuple(outcome.range) != (0, 1):
            return False
        known = np.concatenate([self.score(outcome, visit) for visit in outcome.visits] or [np.empty(0)])
        return bool(np.isin(known[~np.isnan(known)], (0.0, 1.0)).all())

    def in_arm(self, arm: str) -> NDArray[np.bool_]:
        """Which participants are in an arm; all for ``""``."""
        return self._arms[arm]

    def expected(self, arm: str, visit: str) -> bool:
        """Whether an arm was to be assessed at a visit: a control that has crossed over only if somebody was."""
        design = self.context.plan.design
        if arm != design.control or visit in design.controlled_visits:
            return True
        here = (self.flow["arm"] == arm) & (self.flow["visit"] == visit)
        return bool(self.flow.loc[here, "assessed"].astype(bool).any())

    def frame(self, outcome: Outcome, visits: Sequence[str], variables: Sequence[str] = ()) -> pd.DataFrame:
        """One row per participant: arm, the baseline variables asked for, one column of scores per visit.

        Gaps of covariates are `filled`; a name that ends in `trial.gaps.SUFFIX` is the indicator of these gaps.

        Raises
        ------
        ModelError
            The data do not hold a variable.
        """
        marks = [name for name in variables if name.removesuffix(SUFFIX) in self.filled and name.endswith(SUFFIX)]
        variables = [name for name in variables if name not in marks]
        if absent := [name for name in variables if name not in self.participants]:
            raise ModelError(f"the data do not hold the baseline variable {', '.join(absent)}")
        table = self.participants[["arm", *variables]].copy()
        for name in variables:
            gaps = missing(table[name])
            table[name] = self.filled.get(name, table[name].mask(gaps) if gaps.any() else table[name])
        for name in marks:
            table[name] = missing(self.participants[name.removesuffix(SUFFIX)]).astype("float64")
        for visit in visits:
            table[visit] = self.score(outcome, visit)
        return table


def read_trial(context: Context) -> Trial:
    """Read what ingest and scoring wrote."""
    results = context.results
    participants = read_table(results.participants).set_index("participant")
    participants = participants.loc[participants["arm"].isin(list(context.plan.design.arms))]
    return Trial(
        context=context,
        participants=participants,
        flow=read_table(results.flow),
        scores=read_table(results.scores),
        source=sha256(results.scores)[:12],
    )
