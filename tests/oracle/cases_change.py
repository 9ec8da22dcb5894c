"""Change, responders, families, margins, explained variance, pilot quantities and power against R and print."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from checks import Check, check

from compassion_trials.effects.groups.clustering import clustering
from compassion_trials.effects.outcomes.dosage import association
from compassion_trials.effects.outcomes.longitudinal_responders import responder_gee
from compassion_trials.effects.outcomes.proportion import exact, wilson
from compassion_trials.effects.outcomes.responders import IntervalEstimate, compare
from compassion_trials.effects.planning.power import Assumed, noncentral_power, simulated_power
from compassion_trials.effects.planning.precision import correlation_limits, sd_limits, sd_upper
from compassion_trials.effects.sizes.explained import partial_eta_squared, partial_omega_squared
from compassion_trials.effects.sizes.prepost import Gain, d_ppc2
from compassion_trials.models.inference.equivalence import equivalence, noninferiority
from compassion_trials.models.inference.multiplicity import adjust
from compassion_trials.models.inference.tables import Estimates

TITLE = "R: effectsize, metafor, emmeans, psych, gee, base (effects)"
R = json.loads((Path(__file__).parent / "change_responders.json").read_text(encoding="utf-8"))
SHARED_FORMULA = 1e-9
"""The same closed form in both programs; R stores 15 digits."""
NONCENTRAL = 2e-5
"""effectsize finds its limits by an optimizer that stops at about this size."""
PRINTED_2 = 5e-3
"""Two decimals are printed."""
ITERATED = 1e-6
"""Both programs iterate the correlation of a GEE; statsmodels stops at 1e-6 of the coefficients, R was told 1e-12."""
MONTE_CARLO = 3.5
"""Simulated power may differ from the closed form by this many Monte Carlo standard errors."""


def proportions(case: str) -> list[Check]:
    """Exact and Wilson limits, Newcombe's difference, ratios."""
    found = []
    for theirs in R["compared"]:
        k1, n1, k2, n2 = theirs["counts"]
        c, name = compare(k1, n1, k2, n2), f"{k1}/{n1} and {k2}/{n2}"
        e, w = exact(k1, n1), wilson(k1, n1)
        parts = {
            "exact limits": ((e.lower, e.upper), theirs["exact"], "binom.test"),
            "Wilson limits": ((w.lower, w.upper), theirs["wilson"], "prop.test"),
            "risk difference": (_three(c.risk_difference), theirs["difference"], "prop.test, Newcombe 1998"),
            "risk ratio": (_three(c.risk_ratio), theirs["risk_ratio"], "metafor escalc RR"),
            "odds ratio": (_three(c.odds_ratio), theirs["odds_ratio"], "metafor escalc OR"),
        }
        for what, (ours, reference, source) in parts.items():
            found.append(check(case, f"{name}: {what}", ours, reference, SHARED_FORMULA, source, "absolute"))
    return found


def _three(interval: IntervalEstimate) -> tuple[float, float, float]:
    return interval.estimate, interval.lower, interval.upper


def shares(case: str) -> list[Check]:
    """Partial eta squared and omega squared."""
    found = []
    for theirs in R["shares"]:
        eta, omega = (size(*theirs["test"]) for size in (partial_eta_squared, partial_omega_squared))
        for name, ours, reference in (("eta2", eta, theirs["eta"]), ("omega2", omega, theirs["omega"])):
            numbers = (ours.estimate, ours.lower, ours.upper)
            what, source = f"F = {theirs['test'][0]}: {name}", f"effectsize::F_to_{name}"
            found.append(check(case, what, numbers, reference, NONCENTRAL, source, "absolute"))
    return found


def families(case: str) -> list[Check]:
    """Corrections of a family."""
    p = np.array(R["p"])
    return [
        check(case, name, adjust(p, name), reference, SHARED_FORMULA, "p.adjust", "absolute")
        for name, reference in R["adjusted"].items()
    ]


def margins(case: str) -> list[Check]:
    """Equivalence and non-inferiority in both directions."""
    m = R["margins"]
    se = np.array([m["se"]])
    e = Estimates({}, np.zeros((1, 1)), np.array([m["estimate"]]), se, np.array([m["df"]]), np.diag(se**2))
    delta, source = m["delta"], "emmeans::test(delta =, side =)"
    ours = {
        "equivalence": equivalence(e, -delta, delta)["p"].iloc[0],
        "noninferiority": noninferiority(e, delta, "higher")["p"].iloc[0],
        "nonsuperiority": noninferiority(e, delta, "lower")["p"].iloc[0],
    }
    return [check(case, name, p, m[name], SHARED_FORMULA, source, "absolute") for name, p in ours.items()]


def groups(case: str) -> list[Check]:
    """Intraclass correlation with F limits."""
    y, ones = np.array(R["groups"]["y"]), np.repeat("a", 42)
    c = clustering(y, np.repeat([str(i) for i in range(7)], 6), ones)
    reference = R["groups"]["icc"]
    return [check(case, "ICC", (c.icc, c.lower, c.upper), reference, SHARED_FORMULA, "psych::ICC (ICC1)", "absolute")]


def pilot(case: str) -> list[Check]:
    """Limits of SD and correlation; dose against change."""
    p = R["pilot"]
    columns = {name: np.array(p[name], float) for name in ("x", "before", "after")}
    a = association(columns["x"], columns["before"], columns["after"], np.array(p["arm"]).astype(int))
    return [
        check(case, "SD limits", sd_limits(p["sd"], 29), p["sd_limits"], SHARED_FORMULA, "qchisq"),
        check(case, "SD upper limit", sd_upper(p["sd"], 29), p["sd_upper"], SHARED_FORMULA, "qchisq"),
        check(case, "correlation limits", correlation_limits(p["r"], 30), p["r_limits"], SHARED_FORMULA, "cor.test"),
        check(case, "slope, SE, p", (a.slope, a.se, a.p), [p["slope"][i] for i in (0, 1, 3)], SHARED_FORMULA, "lm"),
        check(case, "slope limits", (a.lower, a.upper), p["slope_limits"], SHARED_FORMULA, "lm"),
    ]


def power(case: str) -> list[Check]:
    """Noncentral t, and simulated trials of two complete visits, whose change is compared by an exact t test."""
    found = []
    for theirs in R["power"]:
        n, d = int(theirs["n"]), theirs["d"]
        closed = noncentral_power(d * np.sqrt(n / 2), 2 * n - 2)
        found.append(check(case, f"n = {n}, closed form", closed, theirs["power"], SHARED_FORMULA, "power.t.test"))
        covariance = np.array([[1.0, 0.5], [0.5, 1.0]])  # changes have variance 1
        arms = {"a": n, "b": n}
        nobody = dict.fromkeys(arms, (0.0, 0.0))
        assumed = Assumed(arms, nobody, covariance, d, "lda", ("pre", "post"), "post", ("a", "b"), in_change=True)
        p = simulated_power(assumed, 4000, 1)
        spread = (np.sqrt(theirs["power"] * (1 - theirs["power"]) / 4000),)
        found.append(
            check(case, f"n = {n}, simulated / MC error", p.power, theirs["power"], MONTE_CARLO, "power.t.test", spread)
        )
        ours, reference = (p.expected_power, p.df), (theirs["power"], 2 * n - 2)
        found.append(check(case, f"n = {n}, expected, df", ours, reference, SHARED_FORMULA, "power.t.test"))
    return found


def gee(case: str) -> list[Check]:
    """Responders over three visits, three arms, gaps: odds ratios with the bias-reduced sandwich."""
    theirs = R["gee"]
    seen = [[np.nan if cell == "NA" else cell for cell in row] for row in theirs["responded"]]
    ours = responder_gee(np.array(seen, float), np.array(theirs["arm"]), np.array(theirs["baseline"], float), 3)
    source = "gee::gee, Mancl-DeRouen written out in R"
    parts = {"odds_ratio": ours.estimate, "lower": ours.lower, "upper": ours.upper, "p": ours.p}
    return [
        check(case, name.replace("_", " "), found.ravel(), theirs[name], ITERATED, source)
        for name, found in parts.items()
    ]


def morris(case: str) -> list[Check]:
    """Table 5 of Morris (2008)."""
    treated = [(30.6, 38.5, 15.0, 0.47, 20), (23.5, 26.8, 3.1, 0.64, 50), (0.5, 0.7, 0.1, 0.77, 9)]
    treated += [(53.4, 75.9, 14.5, 0.89, 10), (35.6, 36.0, 4.7, 0.44, 14)]
    control = [(23.1, 19.7, 13.8, 0.47, 20), (24.9, 25.3, 4.1, 0.64, 42), (0.6, 0.6, 0.2, 0.77, 9)]
    control += [(55.7, 60.7, 17.3, 0.89, 11), (34.8, 33.4, 3.1, 0.44, 14)]
    ours = [d_ppc2(Gain(*t), Gain(*c)).estimate for t, c in zip(treated, control, strict=True)]
    source = "Morris 2008, doi:10.1177/1094428106291059, Table 5"
    return [check(case, "d_ppc2", ours, (0.77, 0.80, 1.20, 1.05, 0.44), PRINTED_2, source, "absolute")]


CASES: dict[str, Callable[[], list[Check]]] = {
    "proportions_and_ratios": proportions,
    "explained_variance": shares,
    "families_of_outcomes": families,
    "margins": margins,
    "therapy_groups_icc": groups,
    "pilot_quantities_and_dose": pilot,
    "power": power,
    "responders_over_visits": gee,
    "d_ppc2_of_morris": morris,
}
CASES = {name: partial(case, name) for name, case in CASES.items()}
