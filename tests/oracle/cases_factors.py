"""Factor models of ordinal answers against lavaan: polychorics, loadings, scaled tests, indices, omega, invariance."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from checks import SHARED, Check, check

from compassion_trials.describe.factors.adequacy import Adequacy, adequacy
from compassion_trials.describe.factors.dwls import correlations_of, fit, independence_test, moments_of, scaled_test
from compassion_trials.describe.factors.invariance import invariance
from compassion_trials.describe.factors.omega import omega, steps_of
from compassion_trials.describe.factors.polychoric import coded
from compassion_trials.describe.factors.structure import confirmatory

TITLE = "R: lavaan for factor models of ordinal answers"
REFERENCES = Path(__file__).with_name("factors.json")
DATA = SHARED / "data"

POLYCHORIC = 1e-6
"""Absolute; asked for is 1e-4. lavaan maximizes each likelihood to about 1e-8."""
LOADING = 1e-4
"""Loadings, correlations of factors, omega: absolute; asked for is 1e-3. lavaan's optimum is good to about 1e-5."""
STANDARD_ERROR = 1e-3
"""Relative; of a weakly identified bifactor model the least sure number."""
STATISTIC = 1e-4
"""Relative: statistics are flat at the optimum."""
INDEX = 1e-5
"""Absolute: indices of fit, and p."""
TWO_GROUPS = 1e-3
"""p of a difference in two groups: lavaan stops a little before the optimum."""

SCS = ((5, 12, 19, 23, 26), (1, 8, 11, 16, 21), (3, 7, 10, 15), (4, 13, 18, 25), (9, 14, 17, 22), (2, 6, 20, 24))
TWO = (SCS[0] + SCS[2] + SCS[4], SCS[1] + SCS[3] + SCS[5])
RADLOFF = ((3, 6, 9, 10, 14, 17, 18), (4, 8, 12, 16), (1, 2, 5, 7, 11, 13, 20), (15, 19))
DUPUY = ((5, 8, 17, 19, 22), (3, 7, 11), (1, 9, 15, 20), (4, 14, 18), (2, 10, 13), (6, 12, 16, 21))

INDICES = {
    "cfi": "cfi.scaled",
    "tli": "tli.scaled",
    "rmsea": "rmsea.scaled",
    "rmsea_lower": "rmsea.ci.lower.scaled",
    "rmsea_upper": "rmsea.ci.upper.scaled",
    "srmr": "srmr",
}


@cache
def references() -> dict:
    """Stored values of factors.R."""
    return json.loads(REFERENCES.read_text(encoding="utf-8"))


def digits(rows: Sequence[str]) -> np.ndarray:
    """Answers stored as one string per person."""
    return np.array([[float(digit) for digit in row] for row in rows])


@cache
def woodworth() -> pd.DataFrame:
    """Positive psychology online, the first row of a repeated visit, four CES-D items turned."""
    frame = pd.read_csv(DATA / "woodworth2017" / "ahi-cesd.csv").drop_duplicates(["id", "occasion"])
    turned = [f"cesd{i:02}" for i in (4, 8, 12, 16)]
    frame[turned] = 5 - frame[turned]
    return frame


def at_baseline(stem: str, items: int) -> np.ndarray:
    """Complete answers at the first visit."""
    names = [f"{stem}{i:02}" for i in range(1, items + 1)]
    return woodworth().query("occasion == 0")[names].dropna().to_numpy(float)


def pgwbi() -> np.ndarray:
    """Exercise in pregnancy: PGWBI scores of the first visit."""
    frame = pd.read_csv(DATA / "garnaes_pgwbi" / "garnaes_wide.csv")
    names = [
        next(c for c in (f"Q{i}_Score_pre", f"Q{i}_ScorePre", f"Q{i}_Score_Pre") if c in frame) for i in range(1, 23)
    ]
    return frame[names].dropna().to_numpy(float)


def pattern(parts: Sequence[Sequence[int]]) -> np.ndarray:
    """Items of each factor as a pattern of loadings."""
    found = np.zeros((max(map(max, parts)), len(parts)), bool)
    for k, items in enumerate(parts):
        found[np.array(items) - 1, k] = True
    return found


def one_group(case: str, answers: np.ndarray, reference: dict, loads: np.ndarray, correlated: bool) -> list[Check]:
    """One model of one group at one visit."""
    (codes,), values = coded([answers])
    sample, ordinal = correlations_of(codes, np.array([len(v) for v in values]))
    structure, start = confirmatory(loads, correlated)
    fitted = fit([sample], [structure], start)
    phi, loadings = (part.at(fitted.parameters) for part in (structure.factor_covariances, structure.loadings))
    found = adequacy(fitted, scaled_test(fitted), independence_test([sample], [len(sample.moments)]))
    reliability = omega(loadings, phi, ordinal.matrix, ordinal.thresholds, steps_of(values))
    source = "lavaan cfa(estimator = WLSMV)"
    below = np.triu_indices(len(loads), 1)  # R runs down the columns of the lower triangle
    places = structure.loadings.free[loads]
    theirs, their_se = (np.reshape(np.array(reference[part], float), loads.shape) for part in ("loadings", "se"))
    signs = np.sign((theirs * loadings).sum(axis=0))
    out = [
        check(case, "polychorics", ordinal.matrix[below], reference["rho"], POLYCHORIC, source, "absolute"),
        check(case, "loadings", (loadings * signs)[loads], theirs[loads], LOADING, source, "absolute"),
        check(case, "SE of loadings", fitted.se[places], their_se[loads], STANDARD_ERROR, source),
        check(case, "correlations of factors", phi * np.outer(signs, signs), reference["phi"], LOADING, source,
              "absolute"),
        check(case, "omega (total, first factor)", (reliability.total, reliability.hierarchical), reference["omega"],
              LOADING, "Green & Yang 2009 written out in R with pbivnorm", "absolute"),
    ]  # fmt: skip
    return out + adequacy_checks(case, found, reference["measures"], source)


def adequacy_checks(case: str, found: Adequacy, theirs: dict, source: str) -> list[Check]:
    """Statistics and indices of one model."""
    statistics = (found.test.plain, found.test.statistic, found.test.df, found.independence.statistic)
    names = ("chisq", "chisq.scaled", "df", "baseline.chisq.scaled")
    ours = [getattr(found, name) for name in INDICES]
    return [
        check(case, "chi-squared, scaled, df, baseline", statistics, [theirs[n] for n in names], STATISTIC, source),
        check(case, "CFI, TLI, RMSEA with limits, SRMR", ours, [theirs[n] for n in INDICES.values()], INDEX, source,
              "absolute"),
        check(case, "p", found.test.p, theirs["pvalue.scaled"], INDEX, source, "absolute"),
    ]  # fmt: skip


def simulated(case: str, model: str) -> list[Check]:
    """Simulated SCS answers, n = 400."""
    stored = references()["simulated"]
    loads = {"one": np.ones((26, 1), bool), "two": pattern(TWO), "six": pattern(SCS)}
    loads["bifactor"] = np.hstack([loads["one"], loads["six"]])
    return one_group(case, digits(stored["answers"]), stored[model], loads[model], model != "bifactor")


def invariance_checks(
    case: str, groups: list[np.ndarray], loads: np.ndarray, reference: dict, tolerance: float
) -> list[Check]:
    """Levels of invariance over two visits and as many groups as there are."""
    p = len(loads)
    cells = [part for answers in groups for part in (answers[:, :p], answers[:, p:])]
    codes, values = coded(cells)
    categories = np.array([len(v) for v in values])
    both = [np.hstack(codes[i : i + 2]) for i in range(0, len(codes), 2)]
    out = []
    for step in invariance([moments_of(c, np.tile(categories, 2)) for c in both], loads, 2, categories):
        theirs = reference[step.level]
        name, source = f"{case}, {step.level}", "lavaan(estimator = WLSMV, parameterization = delta)"
        out += adequacy_checks(name, step.adequacy, theirs["measures"], source)
        if step.difference is not None:
            d, test = step.difference, "lavTestLRT(method = satorra.2000)"
            out.append(check(name, "difference, df", (d.statistic, d.df), theirs["difference"][:2], tolerance, test))
            out.append(check(name, "difference, p", d.p, theirs["difference"][2], tolerance, test, "absolute"))
        if step.level == "intercepts":
            means = np.concatenate([s.means.factor_means.at(step.fitted.parameters) for s in step.fitted.structures])
            out.append(check(name, "means of factors", means, theirs["means"], LOADING, source, "absolute"))
    return out


def visits(case: str, groups: bool) -> list[Check]:
    """Simulated, eight items of two factors, two visits, one item that drifts."""
    stored = references()["visits"]
    answers, group = digits(stored["answers"]), np.array(stored["group"])
    parts = [answers[group == g] for g in (1, 2)] if groups else [answers]
    reference = stored["two_groups" if groups else "one_group"]
    return invariance_checks(
        case, parts, pattern(((1, 2, 3, 4), (5, 6, 7, 8))), reference, TWO_GROUPS if groups else STATISTIC
    )


def real(case: str, answers: Callable[[], np.ndarray], parts: Sequence[Sequence[int]]) -> list[Check]:
    """A questionnaire of a real trial at its first visit."""
    return one_group(case, answers(), references()["in_place"][case], pattern(parts), True)


def cesd_visits(case: str) -> list[Check]:
    """CES-D before and after, one factor; answers that a visit lacks are merged."""
    names = [f"cesd{i:02}" for i in range(1, 21)]
    before, after = (woodworth().query(f"occasion == {v}")[["id", *names]] for v in (0, 1))
    both = before.merge(after, on="id").dropna().drop(columns="id").to_numpy(float)
    reference = references()["in_place"][case]
    n = check(case, "people at both visits", len(both), reference["n"], 0.0, "count", "absolute")
    return [n, *invariance_checks(case, [both], np.ones((20, 1), bool), reference, TWO_GROUPS)]


REAL = {
    "cesd_one": partial(real, answers=partial(at_baseline, "cesd", 20), parts=(range(1, 21),)),
    "cesd_four": partial(real, answers=partial(at_baseline, "cesd", 20), parts=RADLOFF),
    "ahi_one": partial(real, answers=partial(at_baseline, "ahi", 24), parts=(range(1, 25),)),
    "pgwbi_one": partial(real, answers=pgwbi, parts=(range(1, 23),)),
    "pgwbi_six": partial(real, answers=pgwbi, parts=DUPUY),
    "cesd_visits": cesd_visits,
}
CASES = {
    **{f"SCS, {model}": partial(simulated, model=model) for model in ("one", "two", "six", "bifactor")},
    "two visits": partial(visits, groups=False),
    "two visits, two groups": partial(visits, groups=True),
    **(REAL if DATA.is_dir() else {}),
}
CASES = {name: partial(case, name) for name, case in CASES.items()}
REAL_CASES = {*REAL, *(f"cesd_visits, {level}" for level in ("configural", "thresholds", "loadings", "intercepts"))}
