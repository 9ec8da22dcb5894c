"""Mediation, moderation, Rubin's rules and reference-based imputation against R and an R script of our own."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from checks import DEFAULT_GLS, GLS, IDENTITY, SHARED, Check, check

from compassion_trials.effects.mechanism.mediation import mediate
from compassion_trials.effects.mechanism.moderation import Moderated, moderate
from compassion_trials.effects.missing.imputation import impute, pool
from compassion_trials.effects.missing.incomplete import Incomplete, lay_out
from compassion_trials.effects.missing.reference_answers import MAR, conditional_mean_answer
from compassion_trials.effects.missing.reference_based import STRATEGIES
from compassion_trials.fit.analyses import Job
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.analysis import Analysis

TITLE = "R: lavaan, emmeans, mice, nlme for mechanisms and missing values; rbmi"
REFERENCES = Path(__file__).with_name("mechanisms.json")

REAL_TRIAL = "antidepressant trial, week 6"
"""The one case here that comes from a real trial, read in the folder shared."""

LAVAAN = 1e-6
"""lavaan iterates to maximum likelihood, whose estimates are those of least squares."""
JACKKNIFE = 1e-5
"""Every jackknife fit of nlme stops at about 3e-7 of a standard error; 58 of them add up."""
PRINTED = 5e-4
"""rbmi's jackknife standard error, printed with three digits."""
IMPUTED = 0.06
"""Two independent sets of 400 imputations differ by their Monte Carlo error, about .03 standard errors each."""
IMPUTED_SE = 0.06
"""mice fits arms together, visit after visit, with its own prior: standard errors differ by a few percent at n = 58."""


@cache
def references() -> dict:
    """Stored values of mechanisms.R."""
    return json.loads(REFERENCES.read_text(encoding="utf-8"))


def lavaan(two: bool) -> list[Check]:
    """Paths and indirect effects; lavaan's standard errors have divisor n, ours the residual degrees of freedom."""
    stored = references()["mediation"]
    d = pd.DataFrame(stored["data"]).astype(float)
    mediators, base = (["m1", "k1"], ["m0", "k0", "y0"]) if two else (["m1"], ["m0", "y0"])
    ours = mediate(d["x"].to_numpy(), d[mediators].to_numpy(), d["y1"].to_numpy(), d[base].to_numpy())
    theirs = stored["two" if two else "one"]
    case = f"mediation, {len(mediators)} mediator{'s' * two}"
    a, b = (["a1", "a2"], ["b1", "b2"]) if two else (["a"], ["b"])
    products = ["ab1", "ab2"] if two else ["ab"]
    paths = dict(zip([*a, *b, "cp"], [*ours.a, *ours.b, ours.direct], strict=True))
    estimate = [theirs[name][0] for name in paths]
    divisor = [np.sqrt(p.df / len(d)) for p in paths.values()]
    out = [
        check(case, "paths", [p.estimate for p in paths.values()], estimate, LAVAAN, "lavaan"),
        check(case, "SE of paths", [p.se * k for p, k in zip(paths.values(), divisor, strict=True)],
              [theirs[name][1] for name in paths], LAVAAN, "lavaan"),
        check(case, "indirect effects", ours.indirect[: len(mediators)],
              [theirs[name][0] for name in products], LAVAAN, "lavaan"),
        check(case, "total = direct + indirect", ours.total.estimate, ours.direct.estimate + ours.indirect[-1],
              IDENTITY, "identity"),
    ]  # fmt: skip
    return (
        out if two else [*out, check(case, "total effect", ours.total.estimate, theirs["total"][0], LAVAAN, "lavaan")]
    )


@cache
def moderated(by: str) -> Moderated:
    """The moderation model of the stored trial."""
    w = pd.DataFrame(references()["moderation"]["data"])
    w["participant"] = w["id"].astype("str")
    long = w.melt(["participant", "arm"], ["y0", "post", "fu"], "visit", "score")
    long["score"] = long["score"].astype(float)
    values = w.set_index("participant")[by]
    return moderate(long.dropna(), values, visits=["y0", "post", "fu"], reference="control", design="baseline_adjusted",
                    df="residual")  # fmt: skip


def emmeans(what: str) -> list[Check]:
    """Slopes and simple effects of three arms at two visits."""
    stored = references()["moderation"]
    model = moderated("sex" if what == "by_sex" else "z")
    rows, estimate, se = [], [], []
    for line in stored[what]:
        pair = tuple(line["contrast"].split(" - "))
        if what == "trends":
            rows.append(model.slopes(pair, line["visit"])[0])
        else:
            rows.append(model.difference(pair, line["visit"], line["sex"] if what == "by_sex" else line["z"]))
        estimate.append(line["estimate"])
        se.append(line["SE"])
    found = model.fit.estimates({"contrast": [str(i) for i in range(len(rows))]}, np.array(rows))
    case = {"trends": "moderation, slopes", "simple": "moderation, simple effects", "by_sex": "moderation, subgroups"}[
        what
    ]
    source = "emtrends on gls" if what == "trends" else "emmeans on gls"
    return [
        check(case, "estimate / SE", found.estimate, estimate, GLS, source, np.array(se)),
        check(case, "SE", found.se, se, GLS, source),
    ]


def rubin() -> list[Check]:
    """Rubin's rules with Barnard-Rubin degrees of freedom."""
    stored = references()["pooling"]
    q, u = np.array(stored["q"]), np.array(stored["u"])
    ours, large = pool(q, u, stored["n"] - stored["k"]), pool(q, u, np.inf)
    names = ("estimate", "se", "df", "between", "within")
    case = "Rubin's rules"
    return [
        check(
            case,
            ", ".join(names),
            [getattr(ours, n) for n in names],
            [stored[n] for n in names],
            1e-12,
            "mice pool.scalar",
        ),
        check(case, "df, complete df infinite", large.df, stored["df_infinite"], 1e-12, "mice pool.scalar"),
    ]


@cache
def trial(real: bool) -> Incomplete:
    """The stored trial, or the antidepressant trial."""
    if real:
        raw = pd.read_csv(SHARED / "data" / "rbmi_antidepressant" / "antidepressant_data.csv")
        w = raw.pivot(index="PATIENT", columns="VISIT", values="HAMDTL17").astype(float)
        w.columns = [f"v{c}" for c in w.columns]
        first = raw.drop_duplicates("PATIENT").set_index("PATIENT")
        w = w.assign(y0=first["BASVAL"].astype(float), arm=first["THERAPY"].str.lower())
        w.index = w.index.astype("str")
        visits = ("y0", "v4", "v5", "v6", "v7")
    else:
        w = pd.DataFrame(references()["reference"]["data"]).set_index("id")
        w.index = w.index.astype("str")
        visits = ("y0", "v1", "v2", "v3")
    w = w.astype({v: float for v in visits})
    outcome = Outcome("y.total", "y", "total", "Y", "Y", (0, 52), "lower", "points", "primary", visits, True)
    job = Job("primary", "baseline_adjusted", outcome, visits, ("drug", "placebo"), (("drug", "placebo"),), (), (),
              visits[-1], Analysis())  # fmt: skip
    return lay_out(job, w)


def own_script(strategy: str) -> list[Check]:
    """Conditional means and jackknife against refits by nlme and conditional means by hand."""
    stored = references()["reference"]["answers"]["mar" if strategy == MAR else strategy]
    estimate, se, _ = conditional_mean_answer(trial(False), strategy, "placebo")
    case, source = f"conditional mean, {strategy}", "own R script on nlme"
    return [
        check(case, "estimate / SE", estimate, stored["estimate"], JACKKNIFE, source, np.array([stored["se"]])),
        check(case, "jackknife SE", se, stored["se"], JACKKNIFE, source),
    ]


def mice() -> list[Check]:
    """Proper imputation, pooled, against mice on the same data."""
    data, stored = trial(False), references()["reference"]["proper"]
    draws = impute(data.joint, data.fit.beta, data.fit.covariances[0], 400, seed=20140910)
    fits = data.solver(draws.y).fit(data.outcome(draws.y))
    ours = pool(fits.estimate[:, 0], fits.variance[:, 0], fits.df)
    case, source = "multiple imputation", "mice, method norm, 400 imputations"
    return [
        check(case, "estimate / SE", ours.estimate, stored["estimate"], IMPUTED, source, np.array([stored["se"]])),
        check(case, "SE", ours.se, stored["se"], IMPUTED_SE, source),
    ]


def rbmi() -> list[Check]:
    """The antidepressant trial: the MMRM of the reference file, the jackknife error of rbmi's jump to reference."""
    data = trial(True)
    mar = data.fit.contrast_estimates("arm")
    _, se, _ = conditional_mean_answer(data, "jump_to_reference", "placebo")
    plain = data.fit.with_inference(df="satterthwaite").contrast_estimates("arm")
    path = SHARED / "data" / "rbmi_antidepressant" / "reference_R.json"
    stored = json.loads(path.read_text(encoding="utf-8"))["contrast_drug_minus_placebo_df_error"][-1]
    case = REAL_TRIAL
    return [
        check(case, "MMRM, estimate", mar.estimate[-1], stored["estimate"], DEFAULT_GLS, "nlme"),
        check(case, "MMRM, SE", plain.se[-1], stored["SE"], DEFAULT_GLS, "nlme"),
        check(case, "jump to reference, jackknife SE", se, 0.858, PRINTED, "rbmi", "absolute"),
    ]


CASES = {
    "lavaan, one mediator": lambda: lavaan(False),
    "lavaan, two mediators": lambda: lavaan(True),
    **{f"emmeans, {what}": (lambda what=what: emmeans(what)) for what in ("trends", "simple", "by_sex")},
    "Rubin's rules": rubin,
    **{f"conditional mean, {s}": (lambda s=s: own_script(s)) for s in (MAR, *STRATEGIES)},
    "multiple imputation": mice,
}
if (SHARED / "data" / "rbmi_antidepressant").is_dir():
    CASES["rbmi, antidepressant trial"] = rbmi
