"""Against R on simulated trials, the sleep data and Potthoff & Roy's: nlme, lme4, pbkrtest, emmeans, clubSandwich."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import fits
import numpy as np
from checks import DF_OBSERVED, GLS, LME, LMER, Check, check, loglik_checks, table_checks

TITLE = "R: nlme, lme4, lmerTest, pbkrtest, emmeans, clubSandwich, glmmTMB"
REFERENCES = Path(__file__).with_name("references.json")

TMB = 1e-5
"""glmmTMB reports the Laplace approximation, exact for Gaussian outcomes but rounded to about 3e-6."""
COVARIANCE = 1e-5
"""Estimated covariance, relative to its largest entry: flat directions of the likelihood, nlme stops at 1e-6."""
ROBUST = 1e-6
"""clubSandwich works at nlme's optimum."""
MAX_T = 2e-4
"""Both integrate by quasi-random points, ours with an error of about 1e-4."""
EXACT = 1e-12
"""Adjusted p values: sums and minima of the same numbers."""


@cache
def references() -> dict[str, dict]:
    """Stored values of references.R."""
    return json.loads(REFERENCES.read_text(encoding="utf-8"))["cases"]


def gls(case: str, trial: str, **options: object) -> list[Check]:
    """An MMRM against nlme::gls, with its residual df."""
    stored, reml = references()[case], options.get("reml", True)
    fit = fits.mmrm(trial, **{"df": "residual", **options})
    out = loglik_checks(case, fit.loglik, stored["loglik"], stored["source"])
    covariance = np.asarray(stored["covariance"])
    out.append(
        check(case, "covariance", fit.covariance, covariance, COVARIANCE, stored["source"],
              np.full(covariance.size, covariance.max()))
    )  # fmt: skip
    if "arm" in stored and reml:
        # without df: emmeans takes covariance parameters off the residual df of gls
        out += table_checks(case, "arm", fits.contrasts(fit), stored["arm"], ("arm", "visit"), stored["source"], GLS)
    if "change" in stored:
        change = fits.contrasts(fit, "change_from_baseline")
        out += table_checks(case, "change", change, stored["change"], ("arm", "visit"), stored["source"], GLS)
    return out


def lmer(case: str, trial: str, **options: object) -> list[Check]:
    """A linear mixed model against lmer: means, contrasts, changes and the joint test."""
    stored = references()[case]
    fit = fits.lmm(trial, **options)
    out = loglik_checks(case, fit.loglik, stored["loglik"], stored["source"])
    tables = {"arm": lambda: fits.contrasts(fit), "means": fit.marginal_means,
              "change": lambda: fits.contrasts(fit, "change_from_baseline")}  # fmt: skip
    df = LMER if options["df"] == "kr(expected)" else DF_OBSERVED
    for what, make in tables.items():
        if stored.get(what):
            rows = [{k: v for k, v in row.items() if what != "means" or k != "p"} for row in stored[what]]
            out += table_checks(case, what, make(), rows, ("arm", "visit"), stored["source"], LMER, df)
    if stored.get("joint"):
        ours = fit.joint_test("arm:visit")
        for name in ("f", "df_den", "p"):
            scale = "absolute" if name == "p" else "relative"
            tolerance = max(df, 1e-7) if name == "f" else df
            out.append(
                check(
                    case,
                    f"joint {name}",
                    getattr(ours, name),
                    stored["joint"][name],
                    tolerance,
                    stored["source"],
                    scale,
                )
            )
    return out


def lme(case: str, trial: str, **options: object) -> list[Check]:
    """A linear mixed model against nlme::lme: log-likelihood, contrasts and their standard errors."""
    stored = references()[case]
    fit = fits.lmm(trial, df="satterthwaite", **options)
    out = loglik_checks(case, fit.loglik, stored["loglik"], stored["source"])
    return out + table_checks(case, "arm", fits.contrasts(fit), stored["arm"], ("arm", "visit"), stored["source"], LME)


def robust(case: str, trial: str, covariance: str) -> list[Check]:
    """Cluster-robust standard errors with Bell-McCaffrey degrees of freedom against clubSandwich."""
    stored = references()[case]
    out = []
    for kind in ("CR0", "CR2", "CR3"):
        fit = fits.mmrm(trial, covariance=covariance, robust=kind)
        source = f"{stored['source']}, {kind}"
        out += table_checks(case, kind, fits.contrasts(fit), stored[kind], ("arm", "visit"), source, ROBUST, ROBUST)
    ours, theirs = fits.mmrm(trial, covariance=covariance, robust="CR2").joint_test("arm:visit"), stored["joint"]
    source = f"{stored['source']}, CR2, HTZ"
    out.append(check(case, "joint F, df", (ours.f, ours.df_den), (theirs["f"], theirs["df_den"]), ROBUST, source))
    return [*out, check(case, "joint p", ours.p, theirs["p"], ROBUST, source, "absolute")]


def per_arm(case: str) -> list[Check]:
    """One covariance per arm: the restricted log-likelihoods of separate fits add up."""
    stored = references()[case]
    fit = fits.mmrm("two_arms", covariance="us", per_arm=True)
    return loglik_checks(case, fit.loglik, stored["loglik"], stored["source"])


def tmb(case: str, trial: str, covariance: str) -> list[Check]:
    """Log-likelihood and covariance against glmmTMB."""
    stored = references()[case]
    fit = fits.mmrm(trial, covariance=covariance)
    theirs = np.asarray(stored["covariance"])
    scale = np.full(theirs.size, theirs.max())
    return [
        check(case, "log-likelihood", fit.loglik, stored["loglik"], TMB, stored["source"], "absolute"),
        check(case, "covariance", fit.covariance, theirs, 1e-3, stored["source"], scale),
    ]


def adjusted_p(case: str) -> list[Check]:
    """Multiplicity adjustments."""
    from compassion_trials.models.inference.multiplicity import adjust

    stored = references()[case]
    return [
        check(case, name, adjust(np.asarray(stored["p"]), name), stored[name], EXACT, stored["source"], "absolute")
        for name in ("holm", "hochberg", "hommel", "bh")
    ]


def max_t(case: str) -> list[Check]:
    """Single-step adjusted p values under a multivariate t."""
    from compassion_trials.models.inference.multiplicity import max_t as ours

    stored = references()[case]
    p = ours(np.asarray(stored["statistic"]), np.asarray(stored["correlation"]), stored["df"])
    return [check(case, "p", p, stored["p"], MAX_T, stored["source"], "absolute")]


def means_age(case: str) -> list[Check]:
    """Marginal means with a numeric covariate at its mean over the rows."""
    stored = references()[case]
    fit = fits.mmrm("two_arms", covariates=("age",), df="residual")
    return table_checks(case, "means", fit.marginal_means(), stored["means"], ("arm", "visit"), stored["source"], GLS)


def means_stratum(case: str) -> list[Check]:
    """Marginal means over the levels of a factor, and all pairs of arms."""
    stored = references()[case]
    fit = fits.mmrm("three_arms", covariates=("stratum",), df="residual")
    out = []
    for weights in ("equal", "proportional"):
        means = fit.marginal_means(weights=weights)
        out += table_checks(case, weights, means, stored[weights], ("arm", "visit"), stored["source"], GLS)
    pairs = fit.contrasts("pairwise")
    return out + table_checks(case, "pairs", pairs, stored["pairwise"], ("contrast", "visit"), stored["source"], GLS)


def visit_average(case: str) -> list[Check]:
    """Arm difference averaged over the visits after baseline, Kenward-Roger."""
    stored = references()[case]
    table = fits.contrasts(fits.lmm("two_arms", random="intercept", df="kr(expected)"), "visit_average")
    return table_checks(case, "average", table, stored["average"], ("arm",), stored["source"], LMER, LMER)


def margins(case: str) -> list[Check]:
    """Two one-sided tests and non-inferiority against a margin of 4 points."""
    from compassion_trials.models.inference.equivalence import equivalence, noninferiority

    stored = references()[case]
    found = fits.lmm("two_arms", random="intercept", df="kr(expected)").contrast_estimates("arm")
    tables = {
        "equivalence": equivalence(found, -4, 4),
        "noninferiority": noninferiority(found, 4, "higher"),
        "nonsuperiority": noninferiority(found, 4, "lower"),
    }
    out = []
    for name, table in tables.items():
        theirs = {row["visit"]: row["p"] for row in stored[name]}
        p = [theirs[visit] for visit in table["visit"]]
        out.append(check(case, name, table["p"], p, LMER, stored["source"], "absolute"))
    return out


def _cases() -> dict[str, Callable[[], list[Check]]]:
    found: dict[str, Callable[[], list[Check]]] = {}
    for name in ("us", "cs", "csh", "ar1", "arh1", "diag"):
        for trial in ("two_arms", "growth"):
            found[f"{trial}_lda_{name}"] = partial(gls, trial=trial, covariance=name)
    for name in ("us", "csh", "ar1"):
        found[f"two_arms_ml_{name}"] = partial(gls, trial="two_arms", covariance=name, reml=False)
    for name in ("us", "csh", "ar1", "arh1", "cs"):
        found[f"sleep_single_{name}"] = partial(gls, trial="sleep", covariance=name)
    found |= {
        "one_arm_single_us": partial(gls, trial="one_arm"),
        "two_arms_lda_age_us": partial(gls, trial="two_arms", covariates=("age",)),
        "three_arms_lda_us": partial(gls, trial="three_arms"),
        "three_arms_lda_stratum_us": partial(gls, trial="three_arms", covariates=("stratum",)),
        "two_arms_clda_us": partial(gls, trial="two_arms", design="clda"),
        "two_arms_clda_age_us": partial(gls, trial="two_arms", design="clda", covariates=("age",)),
        "three_arms_clda_stratum_us": partial(gls, trial="three_arms", design="clda", covariates=("stratum",)),
        "two_arms_adjusted_us": partial(gls, trial="two_arms", design="baseline_adjusted"),
        "three_arms_adjusted_us": partial(gls, trial="three_arms", design="baseline_adjusted"),
        "two_arms_lda_us_per_arm": per_arm,
        "two_arms_robust_us": partial(robust, trial="two_arms", covariance="us"),
        "two_arms_robust_cs": partial(robust, trial="two_arms", covariance="cs"),
        "growth_robust_cs": partial(robust, trial="growth", covariance="cs"),
    }
    for key, df in (("kr", "kr(expected)"), ("satt", "satterthwaite")):
        for trial in ("two_arms", "three_arms", "growth", "slopes"):
            found[f"{trial}_intercept_{key}"] = partial(lmer, trial=trial, random="intercept", df=df)
        found[f"slopes_slope_{key}"] = partial(lmer, trial="slopes", random="slope", time="weeks", df=df)
        found[f"grouped_nested_{key}"] = partial(lmer, trial="grouped", random="intercept", group="group", df=df)
        found[f"partly_grouped_partial_{key}"] = partial(
            lmer, trial="partly_grouped", random="intercept", group="group", df=df
        )
        found[f"two_arms_clda_intercept_{key}"] = partial(
            lmer, trial="two_arms", random="intercept", design="clda", df=df
        )
    found |= {
        "slopes_intercept_by_arm": partial(lme, trial="slopes", random="intercept", per_arm=True),
        "slopes_slope_by_arm": partial(lme, trial="slopes", random="slope", time="weeks", per_arm=True),
        "slopes_intercept_ar1": partial(lme, trial="slopes", random="intercept", residual="ar1"),
        "two_arms_toeph": partial(tmb, trial="two_arms", covariance="toeph"),
        "growth_toeph": partial(tmb, trial="growth", covariance="toeph"),
        "growth_us_tmb": partial(tmb, trial="growth", covariance="us"),
        "p_adjust": adjusted_p,
        "max_t": max_t,
        "means_age": means_age,
        "means_stratum": means_stratum,
        "visit_average": visit_average,
        "margins": margins,
    }
    return {name: partial(case, name) for name, case in found.items()}


CASES = _cases()
