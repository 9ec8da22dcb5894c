"""Mixed analysis of variance, group x time, through pingouin: the analysis of many pilot studies.

It needs every participant at every visit; whoever misses one is dropped and counted. With more than two visits the
Greenhouse-Geisser correction for departure from sphericity stands beside the plain p value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.core.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class AnovaTest:
    """One F test of the table.

    Attributes
    ----------
    f, df_num, df_den, p : float
        Without correction of the degrees of freedom.
    partial_eta_squared : float
        In [0, 1].
    epsilon, p_corrected : float or None
        Greenhouse-Geisser epsilon and the p value it gives; None for the group effect and with two visits.
    """

    f: float
    df_num: float
    df_den: float
    p: float
    partial_eta_squared: float
    epsilon: float | None = None
    p_corrected: float | None = None


@dataclass(frozen=True, slots=True)
class MixedAnova:
    """The table of a mixed analysis of variance.

    Attributes
    ----------
    group, time, interaction : AnovaTest
    n, n_dropped : mapping of str to int
        Participants by arm: analysed, and left out because a visit was missing.
    """

    group: AnovaTest
    time: AnovaTest
    interaction: AnovaTest
    n: Mapping[str, int]
    n_dropped: Mapping[str, int]


def mixed_anova(data: pd.DataFrame, arm: str, arms: Sequence[str], visits: Sequence[str]) -> MixedAnova:
    """Analyse complete cases by a group x time analysis of variance.

    Parameters
    ----------
    data : DataFrame
        One row per participant, one column per visit.
    arm : str
        Column of the arm.
    arms, visits : sequence of str
        Two or more each.

    Returns
    -------
    MixedAnova

    Raises
    ------
    ModelError
        Fewer than two visits or arms, or an arm with fewer than two complete cases.
    """
    if len(visits) < 2 or len(arms) < 2:
        raise ModelError("a mixed analysis of variance needs at least two arms and two visits")
    present = data.loc[data[arm].isin(arms), [arm, *visits]].reset_index(drop=True)
    complete = present.dropna()
    n = {a: int((complete[arm] == a).sum()) for a in arms}
    if few := [a for a in arms if n[a] < 2]:
        raise ModelError(f"fewer than two participants with all {len(visits)} visits in arm {', '.join(few)}")
    tests = _table(complete, arm, list(visits))
    dropped = {a: int((present[arm] == a).sum()) - n[a] for a in arms}
    return MixedAnova(group=tests[0], time=tests[1], interaction=tests[2], n=n, n_dropped=dropped)


def _table(complete: pd.DataFrame, arm: str, visits: list[str]) -> list[AnovaTest]:
    """Rows group, time, interaction of pingouin's table."""
    import pingouin

    long = complete.melt(id_vars=arm, value_vars=visits, var_name="visit", value_name="score", ignore_index=False)
    long = long.rename_axis("participant").reset_index()
    if not long["score"].var() > 0:
        raise ModelError("the outcome does not vary")
    table = pingouin.mixed_anova(
        long, dv="score", within="visit", subject="participant", between=arm, correction=len(visits) > 2
    ).set_index("Source")
    corrected = "p_GG_corr" in table.columns
    tests = []
    for source in (arm, "visit", "Interaction"):
        row = table.loc[source]
        repeated = source != arm and corrected
        tests.append(
            AnovaTest(
                f=float(row["F"]),
                df_num=float(row["DF1"]),
                df_den=float(row["DF2"]),
                p=float(row["p_unc"]),
                partial_eta_squared=float(row["np2"]),
                epsilon=float(row["eps"]) if repeated else None,
                p_corrected=float(row["p_GG_corr"]) if repeated else None,
            )
        )
    return tests
