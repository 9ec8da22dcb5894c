"""Exact identities: what MMRM with Kenward-Roger must be where a textbook test exists, by plain algebra."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import fits
import numpy as np
import pandas as pd
from checks import IDENTITY, Check, check
from scipy import stats

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.replicates.resample import jackknife

TITLE = "Identities"
BATCH = 1e-4
"""In standard errors: the batch engine stops at a decrement of 1e-10, which is 1e-5 standard errors."""
COMMON = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A"}


def trial(n: tuple[int, int], visits: int, seed: int) -> pd.DataFrame:
    """Complete data, two arms, unequal variances, correlated visits."""
    random = np.random.default_rng([seed, visits])
    total = sum(n)
    mix = np.tril(np.full((visits, visits), 0.6)) + np.diag(np.arange(1.0, visits + 1.0))
    y = 20 + random.standard_normal((total, visits)) @ mix.T
    y[n[0] :] += np.arange(visits)
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(total), visits),
            "arm": np.repeat(np.repeat(["A", "B"], n), visits),
            "visit": np.tile([f"v{k}" for k in range(visits)], total),
            "y": y.ravel(),
        }
    )


def wide(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes, people x visits, and whether each person is in arm B."""
    table = frame.pivot(index="id", columns="visit", values="y")
    return table.to_numpy(), (frame.groupby("id")["arm"].first() == "B").to_numpy()


def mmrm(frame: pd.DataFrame, **options: object):
    """MMRM of a complete trial."""
    visits = sorted(frame["visit"].unique())
    return fit_mmrm(frame, **{**COMMON, "visits": visits, "fallback": (), **options})


def t_checks(
    case: str, quantity: str, row: pd.Series, estimate: float, se: float, df: float, source: str
) -> list[Check]:
    """Estimate (in SE), SE, df and p of one t test."""
    p = 2 * stats.t.sf(abs(estimate / se), df)
    return [
        check(
            case,
            f"{quantity}: estimate, SE, df",
            row[["estimate", "se", "df"]],
            (estimate, se, df),
            IDENTITY,
            source,
            (se, se, df),
        ),
        check(case, f"{quantity}: p", row["p"], p, IDENTITY, source, "absolute"),
    ]


def paired_t(case: str, covariance: str) -> list[Check]:
    """R's sleep: two visits of one arm, every structure with Kenward-Roger is the paired t test."""
    before, after = (np.array(v) for v in fits.simulated.SLEEP.values())
    test = stats.ttest_rel(after, before)
    difference = after - before
    se = difference.std(ddof=1) / np.sqrt(len(difference))
    row = fits.mmrm("sleep", covariance=covariance, fallback=()).contrasts("change_from_baseline").iloc[0]
    out = t_checks(case, "change", row, difference.mean(), se, len(difference) - 1, "scipy.stats.ttest_rel")
    return [*out, check(case, "p of scipy", row["p"], test.pvalue, IDENTITY, "scipy.stats.ttest_rel", "absolute")]


def change_t(case: str) -> list[Check]:
    """Two arms, two visits, complete: us gives the t test of change scores, and the two-sample t test at each visit."""
    frame = trial((9, 12), 2, 1)
    y, treated = wide(frame)
    fit = mmrm(frame)
    out = []
    for quantity, values, row in (
        ("change", y[:, 1] - y[:, 0], fit.contrasts("change_from_baseline").iloc[0]),
        ("first visit", y[:, 0], fit.contrasts("arm").iloc[0]),
        ("second visit", y[:, 1], fit.contrasts("arm").iloc[1]),
    ):
        out += t_checks(case, quantity, row, *two_sample(values, treated), "two-sample t test")
    return out


def two_sample(values: np.ndarray, treated: np.ndarray) -> tuple[float, float, float]:
    """Difference in means, pooled SE and df."""
    a, b = values[~treated], values[treated]
    df = len(a) + len(b) - 2
    variance = (((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()) / df
    return b.mean() - a.mean(), np.sqrt(variance * (1 / len(a) + 1 / len(b))), df


def same_structures(case: str) -> list[Check]:
    """With two visits csh, arh1, toeph and adh are us: likelihood, standard errors and df."""
    frame = trial((8, 10), 2, 2)
    frame = frame.drop(index=[3, 9, 30])
    reference = mmrm(frame)
    out = []
    for covariance in ("csh", "arh1", "toeph", "adh"):
        fit = mmrm(frame, covariance=covariance)
        mine, theirs = fit.contrasts("arm"), reference.contrasts("arm")
        out.append(check(case, f"{covariance}: log-likelihood", fit.loglik, reference.loglik, IDENTITY, "us"))
        for column in ("se", "df"):
            out.append(check(case, f"{covariance}: {column}", mine[column], theirs[column], IDENTITY, "us"))
    return out


def ancova(case: str) -> list[Check]:
    """Baseline-adjusted MMRM on complete data is ANCOVA at every visit; with one later visit it is *the* ANCOVA."""
    out = []
    for visits in (2, 4):
        frame = trial((10, 13), visits, 3)
        y, treated = wide(frame)
        table = mmrm(frame, design="baseline_adjusted").contrasts("arm")
        for k in range(1, visits):
            X = np.column_stack([np.ones(len(y)), treated, y[:, 0]])
            estimate, se = least_squares(X, y[:, k], 1)
            out += t_checks(
                case, f"{visits} visits, visit {k}", table.iloc[k - 1], estimate, se, len(y) - 3, "ANCOVA by OLS"
            )
    return out


def least_squares(X: np.ndarray, y: np.ndarray, column: int) -> tuple[float, float]:
    """Coefficient and its standard error by ordinary least squares."""
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ y
    residual = y - X @ beta
    return beta[column], np.sqrt(residual @ residual / (len(y) - X.shape[1]) * inverse[column, column])


def hotelling(case: str) -> list[Check]:
    """Complete data, us: the joint arm x visit test is Hotelling's T squared of the differences (exact F)."""
    frame = trial((11, 14), 4, 4)
    y, treated = wide(frame)
    change = np.diff(y, axis=1)
    a, b = change[~treated], change[treated]
    n, k = len(change), change.shape[1]
    pooled = ((len(a) - 1) * np.cov(a.T) + (len(b) - 1) * np.cov(b.T)) / (n - 2)
    gap = b.mean(0) - a.mean(0)
    t2 = len(a) * len(b) / n * gap @ np.linalg.solve(pooled, gap)
    f, df = (n - 1 - k) / (k * (n - 2)) * t2, n - 1 - k
    ours = mmrm(frame).joint_test("arm:visit")
    return [
        check(case, "F, df", (ours.f, ours.df_den), (f, df), IDENTITY, "Hotelling's T squared"),
        check(case, "p", ours.p, stats.f.sf(f, k, df), IDENTITY, "Hotelling's T squared", "absolute"),
    ]


def repeated_measures_anova(case: str) -> list[Check]:
    """Balanced data: cs and the random intercept give the mixed ANOVA's interaction F with its df."""
    frame = trial((12, 12), 3, 5)
    frame["y"] += 4 * np.random.default_rng(6).standard_normal(24)[frame["id"]]  # a positive intraclass correlation
    y, treated = wide(frame)
    groups = [y[~treated], y[treated]]
    means = np.array([g.mean(0) for g in groups])
    interaction = means - means.mean(1, keepdims=True) - means.mean(0) + means.mean()
    within = sum(((g - g.mean(1, keepdims=True) - g.mean(0) + g.mean()) ** 2).sum() for g in groups)
    t, n = y.shape[1], len(y)
    df_num, df_den = t - 1, (n - 2) * (t - 1)
    f = 12 * (interaction**2).sum() / df_num / (within / df_den)
    visits = sorted(frame["visit"].unique())
    out = []
    for name, fit in (
        ("cs", mmrm(frame, covariance="cs")),
        ("random intercept", fit_lmm(frame, **COMMON, visits=visits, random="intercept")),
    ):
        test = fit.joint_test("arm:visit")
        out.append(
            check(case, f"{name}: F, df", (test.f, test.df_den), (f, df_den), IDENTITY, "repeated-measures ANOVA")
        )
    return out


def clda_is_ancova(case: str) -> list[Check]:
    """Complete data, two visits: the cLDA estimate is the ANCOVA estimate (not its standard error)."""
    frame = trial((10, 13), 2, 7)
    y, treated = wide(frame)
    estimate, se = least_squares(np.column_stack([np.ones(len(y)), treated, y[:, 0]]), y[:, 1], 1)
    row = mmrm(frame, design="clda").contrasts("arm").iloc[0]
    return [check(case, "estimate / SE", row["estimate"], estimate, IDENTITY, "ANCOVA by OLS", [se])]


def invariance(case: str) -> list[Check]:
    """Row order, participants' names, units of y, the reference arm and visits as numbers change nothing."""
    frame = trial((9, 11), 3, 8).drop(index=[2, 10, 11, 31, 50])
    base = mmrm(frame, design="clda")
    shuffled = frame.sample(frac=1, random_state=1)
    renamed = frame.assign(id=frame["id"].map(lambda i: f"x{(i * 7) % 20}"))
    scaled = frame.assign(y=1000 * frame["y"] - 5e5)
    out = []
    for name, other, factor in (("row order", shuffled, 1), ("names", renamed, 1), ("units", scaled, 1000)):
        out += same(case, name, mmrm(other, design="clda").contrasts("arm"), base.contrasts("arm"), factor)
    swapped = fit_mmrm(frame, **{**COMMON, "reference": "B"}, visits=sorted(frame["visit"].unique()), design="clda")
    return out + same(case, "arms swapped", swapped.contrasts("arm"), base.contrasts("arm"), -1)


def same(case: str, name: str, ours: pd.DataFrame, base: pd.DataFrame, factor: float) -> list[Check]:
    """Two tables of contrasts are one, the second times `factor`."""
    se = base["se"] * abs(factor)
    return [
        check(
            case, f"{name}: estimate / SE", ours["estimate"], base["estimate"] * factor, IDENTITY, "the same data", se
        ),
        check(case, f"{name}: SE", ours["se"], se, IDENTITY, "the same data"),
        check(case, f"{name}: df", ours["df"], base["df"], IDENTITY, "the same data"),
        check(case, f"{name}: p", ours["p"], base["p"], IDENTITY, "the same data", "absolute"),
    ]


def per_arm_is_separate(case: str) -> list[Check]:
    """One covariance per arm under lda is two separate single-arm models: change within each arm."""
    frame = trial((12, 14), 3, 9).drop(index=[2, 10, 11, 31, 50])
    both = mmrm(frame, per_arm=True).contrasts("within_arm")
    visits = sorted(frame["visit"].unique())
    out = []
    for arm in ("A", "B"):
        alone = fit_mmrm(
            frame[frame["arm"] == arm], outcome="y", subject="id", visit="visit", visits=visits, design="single_arm"
        ).contrasts("change_from_baseline")
        mine = both[both["contrast"].str.startswith(arm)]
        out += same(case, f"arm {arm}", mine, alone, 1)
    return out


def leave_one_out(case: str) -> list[Check]:
    """The batch engine's jackknife is the ordinary fit without that person, up to its own stopping rule."""
    frame = trial((12, 14), 3, 10).drop(index=[2, 10, 11, 31, 50])
    fit = mmrm(frame)
    found = jackknife(fit)
    out = []
    for left_out in (0, 7, 20):
        person = fit.prepared.long.row[fit.prepared.long.subject == left_out]
        alone = mmrm(frame.drop(index=frame.index[person]))
        se = alone.coefficients["se"]
        out.append(
            check(
                case, f"person {left_out}", found.beta[left_out], alone.beta, BATCH, "the fit without that person", se
            )
        )
    return out


def _cases() -> dict[str, Callable[[], list[Check]]]:
    found: dict[str, Callable[[], list[Check]]] = {
        f"sleep_is_paired_t_{c}": partial(paired_t, covariance=c)
        for c in ("us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh")
    }
    found |= {
        "change_score_t": change_t,
        "two_visits_same_structure": same_structures,
        "ancova": ancova,
        "hotelling": hotelling,
        "repeated_measures_anova": repeated_measures_anova,
        "clda_is_ancova": clda_is_ancova,
        "invariance": invariance,
        "per_arm_is_separate": per_arm_is_separate,
        "jackknife": leave_one_out,
    }
    return {name: partial(case, name) for name, case in found.items()}


CASES = _cases()
