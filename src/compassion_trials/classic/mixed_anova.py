"""Mixed analysis of variance, group x time, with type III sums of squares: the analysis of many pilot studies.

It needs every participant at every visit; whoever misses one is dropped and counted. The time effect averages the arms
with equal weights, as SPSS, jamovi and afex do (type III); group and interaction are the same in every type. With more
than two visits the Greenhouse-Geisser and Huynh-Feldt corrections for departure from sphericity stand beside the plain
p value.

Sources: Winer, Brown & Michels (1991, ch. 7); Greenhouse & Geisser (1959), doi:10.1007/BF02289823; Huynh & Feldt (1976)
with the correction of Lecoutre (1991), doi:10.3102/10769986016004371, as R's car has it; Olejnik & Algina (2003),
doi:10.1037/1082-989X.8.4.434 (generalised eta squared).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from compassion_trials.core.arrays import Array
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
    partial_eta_squared, generalized_eta_squared : float
        In [0, 1]: of effect and its own error; of effect and all that varies between and within participants.
    epsilon, p_corrected : float or None
        Greenhouse-Geisser epsilon and the p value it gives; None for the group effect and with two visits.
    epsilon_huynh_feldt, p_huynh_feldt : float or None
        The same by Huynh and Feldt with Lecoutre's correction; an epsilon above 1 counts as 1.
    """

    f: float
    df_num: float
    df_den: float
    p: float
    partial_eta_squared: float
    generalized_eta_squared: float
    epsilon: float | None = None
    p_corrected: float | None = None
    epsilon_huynh_feldt: float | None = None
    p_huynh_feldt: float | None = None


@dataclass(frozen=True, slots=True)
class MixedAnova:
    """The table of a mixed analysis of variance.

    Attributes
    ----------
    group, time, interaction : AnovaTest
    time_weighted : AnovaTest
        The time effect with arms weighted by their size (type I), as R's aov and some papers have it; `time` where the
        arms are of one size.
    n, n_dropped : mapping of str to int
        Participants by arm: analysed, and left out because a visit was missing.
    """

    group: AnovaTest
    time: AnovaTest
    interaction: AnovaTest
    time_weighted: AnovaTest
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
    group, time, interaction, weighted = anova_table(
        complete[list(visits)].to_numpy(dtype=np.float64), np.array([arms.index(a) for a in complete[arm]])
    )
    dropped = {a: int((present[arm] == a).sum()) - n[a] for a in arms}
    return MixedAnova(group=group, time=time, interaction=interaction, time_weighted=weighted, n=n, n_dropped=dropped)


def anova_table(y: Array, group: NDArray[np.intp]) -> tuple[AnovaTest, AnovaTest, AnovaTest, AnovaTest]:
    """Tests of group, time and interaction from complete scores, and of time with weighted arms.

    Parameters
    ----------
    y : ndarray, shape (N, T)
        Participants by visits, two visits or more.
    group : ndarray of int, shape (N,)
        0, 1, ...; two participants or more in each.

    Returns
    -------
    group, time, interaction, time_weighted : AnovaTest

    Raises
    ------
    ModelError
        The outcome does not vary.
    """
    people, visits = y.shape
    member = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    n = member.sum(0)
    contrasts = np.linalg.qr(np.column_stack([np.ones(visits), np.eye(visits)[:, 1:]]))[0][:, 1:]
    within, between = y @ contrasts, y.mean(1) * np.sqrt(visits)
    means, level = member.T @ within / n[:, None], member.T @ between / n
    residual = within - means[group]
    error = residual.T @ residual
    subjects, errors = float(((between - level[group]) ** 2).sum()), float(np.trace(error))
    if not np.var(y) > 0 or not errors > 0 or not subjects > 0:
        raise ModelError("the outcome does not vary" if not np.var(y) > 0 else "the outcome does not vary within arms")
    groups, df_error = len(n), people - len(n)
    squares = (
        float((n * (level - between.mean()) ** 2).sum()),
        float((means.mean(0) ** 2).sum() / (1 / n).sum() * groups**2),
        float((n[:, None] * (means - n @ means / people) ** 2).sum()),
        float(people * (within.mean(0) ** 2).sum()),
    )
    epsilon = _epsilon(error, df_error) if visits > 2 else None
    table = [
        _test(squares[0], groups - 1, subjects, df_error, errors, None),
        _test(squares[1], visits - 1, errors, df_error * (visits - 1), subjects, epsilon),
        _test(squares[2], (groups - 1) * (visits - 1), errors, df_error * (visits - 1), subjects, epsilon),
        _test(squares[3], visits - 1, errors, df_error * (visits - 1), subjects, epsilon),
    ]
    return table[0], table[1], table[2], table[3]


def _epsilon(error: Array, df: int) -> tuple[float, float]:
    """Epsilon of Greenhouse and Geisser, and of Huynh and Feldt (Lecoutre), from the pooled errors of contrasts."""
    k = len(error)
    box = float(np.trace(error) ** 2 / (k * np.trace(error @ error)))
    huynh = ((df + 1) * k * box - 2) / (k * (df - k * box))
    return box, min(1.0, huynh) if df > k * box else 1.0


def _test(
    effect: float, df_num: int, error: float, df_den: int, other: float, epsilon: tuple[float, float] | None
) -> AnovaTest:
    """F test of an effect from sums of squares; `other` is the error of the other stratum."""
    f = effect / df_num / (error / df_den)
    corrected = [float(fdtrc(e * df_num, e * df_den, f)) for e in epsilon or ()]
    return AnovaTest(
        f=f,
        df_num=float(df_num),
        df_den=float(df_den),
        p=float(fdtrc(df_num, df_den, f)),
        partial_eta_squared=effect / (effect + error),
        generalized_eta_squared=effect / (effect + error + other),
        epsilon=epsilon[0] if epsilon else None,
        p_corrected=corrected[0] if corrected else None,
        epsilon_huynh_feldt=epsilon[1] if epsilon else None,
        p_huynh_feldt=corrected[1] if corrected else None,
    )
