"""Family ``plan_values``: values of a plan that are of the wrong type, unknown, contradictory or impossible."""

from __future__ import annotations

import random
from typing import Any

from tests.hostile.kinds import PLANS, Truth, Unfit, kind, told
from tests.hostile.plan_keys import pick
from tests.hostile.trial import Trial


def change(trial: Trial, rng: random.Random, keys: tuple[str, ...], *values: Any) -> Truth:
    """One key of some names gets another value."""
    node, key, path = pick(trial, rng, *keys)
    node[key] = rng.choice(values)
    return told(key, path, path.split(".")[0])


@kind("plan_values", *PLANS)
def word_unknown(trial: Trial, rng: random.Random) -> Truth:
    """A word where the plan knows a few words."""
    return change(
        trial,
        rng,
        ("type", "role", "duplicates", "format", "model", "correction", "better", "covariance", "df"),
        "best",
        "RCT",
        "randomised ",
        "0",
        "x",
    )


@kind("plan_values", *PLANS)
def arm_of_plan_unknown(trial: Trial, rng: random.Random) -> Truth:
    """A part of the plan names an arm that the design does not have."""
    choices: list[tuple[Any, str, Any]] = [(trial.plan["design"], "control", "placebo")]
    for part in trial.plan["data"]:
        if "values" in part.get("arm", {}):
            choices.append((part["arm"], "values", {**part["arm"]["values"], 1: "placebo", "A": "placebo"}))
        elif "value" in part.get("arm", {}):
            choices.append((part["arm"], "value", "placebo"))
    for cluster in trial.plan["design"].get("clusters", {}).values():
        choices.append((cluster, "arms", ["placebo"]))
    if trial.host != "raab2015":
        choices.append(
            (
                trial.plan["analysis"]["primary"].setdefault("contrast", {}),
                "between",
                ["placebo", trial.plan["design"]["control"]],
            )
        )
    node, key, value = rng.choice(choices)
    node[key] = value
    return told("placebo", "control")


@kind("plan_values", *PLANS)
def visit_of_plan_unknown(trial: Trial, rng: random.Random) -> Truth:
    choices: list[tuple[Any, str, Any]] = (
        [(trial.plan["design"], "control_until", "month6")] if trial.host != "raab2015" else []
    )
    for measure in trial.plan["measures"].values():
        choices.append((measure, "visits", ["pre", "month6"]))
    choices.append((trial.plan["analysis"]["primary"].setdefault("contrast", {}), "visit", "month6"))
    for part in trial.plan["data"]:
        if "values" in part.get("visit", {}):
            word = rng.choice(list(part["visit"]["values"]))
            choices.append((part["visit"]["values"], word, "month6"))
    node, key, value = rng.choice(choices)
    node[key] = value
    return told("month6")


@kind("plan_values", *PLANS)
def measure_of_plan_unknown(trial: Trial, rng: random.Random) -> Truth:
    """A questionnaire, scale or outcome that does not exist."""
    analysis = trial.plan["analysis"]
    family = next(iter(analysis["families"].values()))
    extra = next(iter(analysis["additional"].values()))
    choices = [
        (trial.plan["measures"]["scs"], "instrument", "scz"), (trial.plan["measures"]["scs"], "scales", ["kindness_"]),
        (trial.plan["measures"]["scs"], "variant", "scz"), (analysis["primary"], "outcome", "scz.total"),
        (family, "outcomes", ["scz.total", "scs.total"]), (extra, "outcomes", ["scs.scz"]), (family, "after", "scz"),
        (analysis["change"], "scz.total", {"reliability": "sample"}),
    ]  # fmt: skip
    node, key, value = rng.choice(choices)
    node[key] = value
    return told("scz", "kindness_")


@kind("plan_values", *PLANS)
def column_of_plan_unknown(trial: Trial, rng: random.Random) -> Truth:
    """A column that the file does not have."""
    choices: list[tuple[Any, str, Any]] = [(part, "id", "no_such") for part in trial.plan["data"]]
    for part in trial.plan["data"]:
        for name in part.get("baseline", {}):
            choices.append((part["baseline"][name], "column", "no_such"))
        for name in part.get("clusters", {}):
            choices.append((part["clusters"], name, "no_such"))
        for name in ("arm", "visit"):
            if "column" in part.get(name, {}):
                choices.append((part[name], "column", "no_such"))
        if "items" in part:
            choices.append((part, "items", "no_such_{visit}_{item}" if trial.host == "raab2015" else "no_such_{item}"))
    node, key, value = rng.choice(choices)
    node[key] = value
    return told("no_such", "measures")


@kind("plan_values", *PLANS)
def weeks_wrong(trial: Trial, rng: random.Random) -> Truth:
    """Weeks in the wrong order, twice the same, negative beyond reason, words, dates, units."""
    visits = trial.plan["design"]["visits"]
    last = list(visits)[-1]
    visits[last]["week"] = rng.choice([0, -3, "eight", "8 weeks", "2020-01-01", None, [8], "3 months", 1e400])
    return told("week", "visits", "study.yaml, row")


@kind("plan_values", *PLANS)
def number_impossible(trial: Trial, rng: random.Random) -> Truth:
    """Shares above one, sizes below zero, numbers as words."""
    analysis, host = trial.plan["analysis"], trial.host
    choices: list[tuple[Any, str, Any]] = [
        (analysis["change"]["scs.total"], "reliability", rng.choice([1.4, -0.2, 84, "high", "84 %"]))
    ]
    if host != "raab2015":
        choices.append((analysis["power"], "effect", rng.choice(["medium", [0.5], None])))
        choices.append((analysis["power"], "dropout", rng.choice([20, -0.1, 1.5, "20%"])))
        choices.append((trial.plan["screening"], "screened", rng.choice([-5, "many", 2.5])))
    if host == "frostadottir2019":
        choices.append((analysis["margins"][0], "margin", rng.choice([-0.5, 0, "half"])))
        choices.append((trial.plan["progression"]["retention"], "green", rng.choice([180, -4, "most"])))
    node, key, value = rng.choice(choices)
    node[key] = value
    return told(key, "analysis", "screening", "progression")


@kind("plan_values", *PLANS)
def range_reversed(trial: Trial, rng: random.Random) -> Truth:
    """Highest before lowest, a width that the questionnaire does not have, limits that contradict."""
    scs = trial.plan["measures"]["scs"]
    choices: list[tuple[Any, str, Any]] = [
        (scs, "coding", {"min": 5, "max": 1}), (scs, "coding", {"min": 0, "max": 5}), (scs, "coding", {"min": 1}),
        (scs, "coding", {"min": 1, "max": 5, "reversed_items": [27]}), (scs, "item_order", [1, 2, 3]),
        (scs, "range", [5, 1]),
    ]  # fmt: skip
    if trial.host == "raab2015":
        choices += [
            (trial.plan["measures"]["qoli"], "range", value) for value in ([6, -6], [0], "0-6", [0, 0], ["low", "high"])
        ]
    if trial.host == "frostadottir2019":
        choices.append((trial.plan["progression"]["recruitment"], "red", 90))
    node, key, value = rng.choice(choices)
    node[key] = value
    return told("measures", "progression")


@kind("plan_values", *PLANS)
def design_contradicts(trial: Trial, rng: random.Random) -> Truth:
    """One arm with a control, two arms without; a type that does not fit."""
    design = trial.plan["design"]
    if trial.host == "raab2015":
        key, value = rng.choice(
            [
                ("control", "mbsr"),
                ("type", "randomized"),
                ("type", "non_randomized"),
                ("arms", {"mbsr": "M", "wait": "W"}),
            ]
        )
    else:
        treated = next(arm for arm in design["arms"] if arm != design["control"])
        key, value = rng.choice(
            [
                ("type", "single_arm"),
                ("control", None),
                ("arms", {treated: "T"}),
                ("arms", dict.fromkeys(design["arms"], "Same name")),
            ]
        )
    design[key] = value
    return told("design")


@kind("plan_values", *PLANS)
def roles_contradict(trial: Trial, rng: random.Random) -> Truth:
    """Two primary measures, none, a total and a questionnaire in one."""
    others = [name for name in trial.plan["measures"] if name != "scs"]
    way = rng.choice(["two", "both", "none"])
    if way == "two":
        if trial.plan["analysis"]["primary"].get("outcome"):
            raise Unfit
        trial.plan["measures"][rng.choice(others)]["role"] = "primary"
    elif way == "both":
        trial.plan["measures"]["scs"]["total"] = "scs_total_{visit}"
    else:
        if trial.plan["analysis"]["primary"].get("outcome"):
            raise Unfit
        trial.plan["measures"]["scs"]["role"] = "secondary"
    return told("measures", "primary")


@kind("plan_values", *PLANS)
def pattern_wrong(trial: Trial, rng: random.Random) -> Truth:
    """Patterns of columns with open braces, unknown words, no item, too wide a star."""
    part = trial.plan["data"][0]
    part["items"] = rng.choice(
        [
            "{instrument}_{itme}",
            "{instrument}_{item",
            "{instrument}",
            "scs_*_{item}x",
            "",
            "{instrument}_{item:x}",
            "{0}_{item}",
            "*",
            "{instrument}_{item!r}",
            "{instrument.x}_{item}",
            "{item}",
        ]
    )
    return told("items", "measures", "pattern")


@kind("plan_values", *PLANS)
def file_wrong(trial: Trial, rng: random.Random) -> Truth:
    """Files that are not there, folders, paths elsewhere, formats that are not theirs."""
    part = trial.plan["data"][0]
    key, value = rng.choice(
        [
            ("file", "nothing.csv"),
            ("file", ""),
            ("file", "."),
            ("file", "../raw"),
            ("file", "a\x00b.csv"),
            ("format", "excel"),
            ("format", "stata"),
            ("format", "limesurvey"),
            ("encoding", "utf-99"),
            ("encoding", "utf-16"),
            ("delimiter", ";;"),
            ("delimiter", ""),
            ("sheet", "Data"),
            ("header_rows", 0),
            ("header_rows", 9),
            ("decimal", ";"),
        ]
    )
    if (
        trial.host == "raab2015"
        and key in ("encoding", "delimiter", "sheet", "header_rows", "decimal")
        and value not in (0, 9, ";")
    ):
        raise Unfit
    if trial.host == "frostadottir2019" and key == "sheet":
        raise Unfit
    if key == "sheet":
        raise Unfit
    part[key] = value
    return told("data", "file", str(value) or "file", trial.file)
