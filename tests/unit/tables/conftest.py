"""A small two-arm trial and a single-arm study as results tables, made by the conventions of the stages."""

from __future__ import annotations

import pandas as pd
import pytest

from compassion_trials.core.columns import results_table
from compassion_trials.core.record import Record
from compassion_trials.core.results import Results
from compassion_trials.core.rows import rows, word
from compassion_trials.study.outcomes import Outcome
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.tables.material import Material

ARMS = ("act", "waitlist")
VISITS = ("pre", "post")


def plan(**design) -> StudyPlan:
    content = {
        "title": "A trial",
        "design": {
            "type": "randomized",
            "arms": {"act": "ACT workshop", "waitlist": "Wait-list"},
            "control": "waitlist",
            "visits": {"pre": {"week": 0, "label": "Baseline"}, "post": {"week": 8, "label": "Post-treatment"}},
        }
        | design,
        "data": {
            "file": "a.csv",
            "id": "id",
            "arm": "arm",
            "visit": {"column": "visit"},
            "baseline": {"age": {"column": "age", "label": "Age", "unit": "years"}, "gender": {"column": "sex"}},
        },
        "measures": {
            "scs": {"total": "scs", "name": "Self-Compassion", "range": [1, 5], "better": "higher", "role": "primary"},
            "dass": {"total": "dass", "name": "DASS-21 Depression <b>", "range": [0, 42], "better": "lower"},
        },
        "analysis": {
            "additional": {"completers": {"model": "ancova", "label": "Complete cases", "prespecified": False}}
        },
    }
    return StudyPlan.model_validate(content)


def outcome(key: str, label: str, short: str, analysed: bool = True) -> Outcome:
    role = "primary" if key == "scs.total" else "secondary"
    measure, scale = key.split(".")
    return Outcome(key, measure, scale, label, short, (1, 5), "higher", "points", role, VISITS, analysed)


OUTCOMES = {
    o.key: o
    for o in (
        outcome("scs.total", "Self-Compassion Scale", "SCS"),
        outcome("scs.isolation", "SCS Isolation", "Isolation", analysed=False),
        outcome("dass.total", "DASS-21 Depression <b>", "DASS-D"),
    )
}


def describe_rows(arms=ARMS) -> list[dict]:
    found = [*flow_rows(arms), *baseline_rows(arms)]
    for key in OUTCOMES:
        for arm in arms:
            for visit in VISITS:
                at = {"outcome": key, "arm": arm, "visit": visit}
                found += rows({"analysis": "observed"} | at, {"n": 36, "mean": 2.345, "sd": 0.6, "lower": 2.1})
                expected = {"n_expected": 36, "n_missing": 3, "percent": 100 / 12}
                found += rows({"analysis": "missing"} | at, expected)
                if key != "dass.total":
                    items = {"n_expected": 936, "n_missing": 4, "percent": 0.43}
                    found += rows({"analysis": "missing", "term": "items"} | at, items)
        for visit in VISITS:
            statistics = {
                "alpha": 0.914,
                "alpha_lower": 0.88,
                "alpha_upper": 0.94,
                "omega": 0.92,
                "n": 70,
                "n_items": 26,
            }
            found += rows({"analysis": "reliability", "outcome": key, "visit": visit}, statistics)
    pair = {"analysis": "correlation", "outcome": "scs.total", "term": "dass.total"}
    for visit, level in (("pre", ""), ("post", "change")):
        found += rows(pair | {"visit": visit, "level": level}, {"r": -0.46, "p": 0.004, "n": 70})
    odds = {"odds_ratio": 1.4, "lower": 0.6, "upper": 3.2, "p": 0.42, "n": 72}
    base = {"analysis": "dropout", "outcome": "scs.total", "visit": "post"}
    found += rows(base | {"term": "arm", "level": "act", "note": "against waitlist"}, odds)
    firth = "per standard deviation (9.1); Firth's penalized likelihood, the data are separated"
    found += rows(base | {"term": "age", "note": firth}, odds)
    return found


def flow_rows(arms) -> list[dict]:
    found: list[dict] = []
    for term, level, n in (("screened", "", 532), ("excluded", "", 460), ("excluded", "declined", 460)):
        found += rows({"analysis": "flow", "term": term, "level": level}, {"n": n})
    for arm in arms:
        found += rows({"analysis": "flow", "term": "allocated", "arm": arm}, {"n": 36})
        for visit, n in zip(VISITS, (36, 33), strict=True):
            found += rows({"analysis": "flow", "term": "assessed", "arm": arm, "visit": visit}, {"n": n})
            found += rows({"analysis": "flow", "term": "missing", "arm": arm, "visit": visit}, {"n": 36 - n})
    reason = {"analysis": "flow", "term": "missing", "arm": arms[0], "visit": "post", "level": "moved"}
    return found + rows(reason, {"n": 3})


def baseline_rows(arms) -> list[dict]:
    found: list[dict] = []
    for arm in (*arms, ""):
        size = 36 if arm else 36 * len(arms)
        age = {"n": size - 1 if arm == arms[0] else size, "mean": 34.56, "sd": 9.1, "median": 33}
        found += rows({"analysis": "baseline", "outcome": "age", "arm": arm}, age)
        found += rows({"analysis": "baseline", "outcome": "gender", "arm": arm}, {"n": size})
        for level, share in (("female", 75.0), ("male", 25.0)):
            shown = {"n": size * share / 100, "percent": share}
            found += rows({"analysis": "baseline", "outcome": "gender", "arm": arm, "level": level}, shown)
    if len(arms) > 1:
        for variable, smd in (("age", -0.104), ("gender", 0.05)):
            keys = {"analysis": "baseline", "outcome": variable, "term": "act - waitlist"}
            found += rows(keys, {"smd": smd})
    return found


def model_rows() -> list[dict]:
    found: list[dict] = []
    effect = {"estimate": 0.512, "se": 0.15, "df": 66.42, "t": 3.4, "p": 0.0004, "lower": 0.213, "upper": 0.811}
    sizes = {"hedges_g": 0.745, "hedges_g_lower": 0.3, "hedges_g_upper": 1.19}
    for analysis, key in (("primary", "scs.total"), ("secondary", "dass.total"), ("completers", "scs.total")):
        ancova = analysis == "completers"
        common = {
            "analysis": analysis,
            "outcome": key,
            "model": "ancova" if ancova else "clda",
            "population": "all",
            "df_method": "residual" if ancova else "Kenward-Roger",
            "convergence": "" if ancova else "flagged: small eigenvalue" if key == "dass.total" else "converged",
            "prespecified": "false" if ancova else "true",
            "n": 72,
        }
        found += rows(common | {"term": "difference: act - waitlist", "visit": "post"}, effect | sizes)
        for arm in ARMS:
            mean = {"estimate": 2.9, "lower": 2.7, "upper": 3.1}
            found += rows(common | {"term": "mean", "arm": arm, "visit": "post"}, mean)
            found += rows(common | {"term": "change", "arm": arm, "visit": "post"}, effect)
        joint = {"F": 11.6, "df_num": 1, "df_den": 66.42, "p": 0.0011}
        found += rows(common | {"term": "joint: arm:visit"}, joint)
        found.append(word(common, "covariance", "us"))
    return found


RECORD = Record(
    "ingest",
    facts={
        "synthetic": True,
        "inputs": [
            {"file": "a.csv", "sha256": "ab" * 32, "format": "csv", "encoding": "utf-8", "rows": 150, "columns": 60}
        ],
        "dropped": [{"file": "a.csv", "rule": "identifier", "n": 1}],
        "removed_rows": [
            {"file": "a.csv", "reason": "preview", "n": 2},
            {"file": "a.csv", "reason": "unfinished", "n": 0},
        ],
    },
)  # fmt: skip
FINDINGS = pd.DataFrame(
    [
        {"severity": "warning", "code": "out_of_range", "message": "answer outside the range", "file": "a.csv",
         "row": str(row), "column": f"scs_{row}", "value": "77", "expected": "1 to 5", "advice": "check the row"}
        for row in range(2, 7)
    ]
)  # fmt: skip


@pytest.fixture(scope="session")
def trial() -> Material:
    table = results_table([*describe_rows(), *model_rows()])
    return Material(plan(), OUTCOMES, Results(table), {"ingest": RECORD}, FINDINGS)


@pytest.fixture(scope="session")
def single() -> Material:
    design = {"type": "single_arm", "arms": {"act": "ACT workshop"}, "control": None}
    change = {
        "estimate": 0.4,
        "df": 21,
        "p": 0.003,
        "lower": 0.15,
        "upper": 0.65,
        "d_av": 0.6,
        "d_av_lower": 0.2,
        "d_av_upper": 1,
    }
    keys = {
        "analysis": "primary",
        "outcome": "scs.total",
        "model": "paired",
        "term": "change",
        "arm": "act",
        "visit": "post",
    }
    table = results_table([*describe_rows(("act",)), *rows(keys | {"n": 22}, change)])
    return Material(plan(**design), OUTCOMES, Results(table), {}, pd.DataFrame())
