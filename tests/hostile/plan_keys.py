"""Family ``plan_keys``: keys of a plan misspelt, lost, repeated, moved, of another shape."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.hostile.kinds import PLANS, SAME, Truth, Unfit, kind, told
from tests.hostile.trial import Trial

OWN = frozenset(
    {"arms", "visits", "measures", "baseline", "clusters", "values", "harms", "families", "additional", "change", "n"}
    | {"excluded", "progression", "stored", "keep_if", "analysis_sets", "intercurrent", "answers", "imputed"}
)
"""Keys below which a plan has names of its own."""

Place = tuple[dict[Any, Any], str, str]
"""A mapping, one of its keys, and the dotted path to it."""


def places(node: Any, path: str = "", own: bool = False) -> Iterator[Place]:
    """Every key that the plan's language knows."""
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{path}.{key}".lstrip(".")
            if not own and isinstance(key, str):
                yield node, key, here
            yield from places(value, here, not own and key in OWN)
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from places(value, f"{path}.{n}", own)


def pick(trial: Trial, rng: random.Random, *keys: str) -> Place:
    """One key of the plan, of some names when they are given."""
    found = [place for place in places(trial.plan) if not keys or place[1] in keys]
    if not found:
        raise Unfit
    return rng.choice(found)


def rename(place: Place, word: str) -> None:
    """Give a key another name, in its place."""
    node, old, _ = place
    items = [(word if key == old else key, value) for key, value in node.items()]
    node.clear()
    node.update(items)


@kind("plan_keys", *PLANS)
def key_misspelt(trial: Trial, rng: random.Random) -> Truth:
    place = pick(trial, rng)
    key, at = place[1], rng.randrange(len(place[1]))
    word = rng.choice([key[:at] + key[at + 1 :], key[:at] + key[at] + key[at:], key + "s", key + "_", key[1:] + key[0]])
    if word in place[0] or not word or word == key:
        raise Unfit
    rename(place, word)
    return told(word, key)


@kind("plan_keys", *PLANS)
def key_other_case(trial: Trial, rng: random.Random) -> Truth:
    place = pick(trial, rng)
    word = rng.choice([place[1].capitalize(), place[1].upper()])
    rename(place, word)
    return told(word, place[1])


@kind("plan_keys", *PLANS)
def key_translated(trial: Trial, rng: random.Random) -> Truth:
    words = {
        "title": "titel", "arms": "gruppen", "visits": "zeitpunkte", "week": "woche", "file": "datei",
        "control": "kontrolle",
        "measures": "instruments", "label": "name", "id": "participant", "baseline": "demographics", "items": "columns",
        "values": "codes", "outcomes": "outcome", "range": "scale", "better": "direction", "role": "kind",
    }  # fmt: skip
    place = pick(trial, rng, *words)
    if words[place[1]] in place[0]:
        raise Unfit
    rename(place, words[place[1]])
    return told(words[place[1]], place[1])


@kind("plan_keys", *PLANS)
def key_with_blank(trial: Trial, rng: random.Random) -> Truth:
    """Blanks, hyphens and invisible signs inside a key."""
    place = pick(trial, rng)
    way = rng.choice(["{}\u200b", "\u00a0{}", "{} ", "-{}", "{}\u00ad"])
    rename(place, way.format(place[1]))
    return told(place[1])


@kind("plan_keys", *PLANS)
def key_missing(trial: Trial, rng: random.Random) -> Truth:
    """A key without which nobody can know what is meant."""
    node, key, path = pick(
        trial, rng, "title", "design", "data", "measures", "type", "file", "id", "control", "range", "better"
    )
    if path.startswith("analysis."):  # the type of a margin has a default
        raise Unfit
    del node[key]
    return told(key, path)


@kind("plan_keys", *PLANS)
def key_twice(trial: Trial, rng: random.Random) -> Truth:
    """A key a second time with another value, as copied lines leave it."""
    text = trial.yaml().split("\n")
    at = rng.choice([n for n, line in enumerate(text) if ": " in line and line.strip()[0] not in "-'\""])
    text.insert(at + 1, text[at].split(": ")[0] + ": something else")
    trial.plan_text = "\n".join(text)
    return told("twice")


@kind("plan_keys", *PLANS)
def key_in_wrong_place(trial: Trial, rng: random.Random) -> Truth:
    """A part of the plan one level too high or too low."""
    move = rng.choice(
        [
            ("design", "control"),
            ("design", "visits"),
            ("analysis", "primary"),
            ("design", "arms"),
            ("design", "clusters"),
        ]
    )
    part = trial.plan[move[0]]
    if move[1] not in part:
        raise Unfit
    if rng.random() < 0.5:
        trial.plan[move[1]] = part.pop(move[1])
    else:
        trial.plan.setdefault("report", {})[move[1]] = part.pop(move[1])
    return told(move[1])


@kind("plan_keys", *PLANS)
def key_of_other_shape(trial: Trial, rng: random.Random) -> Truth:
    """A list for a mapping, a mapping for a word, a word for a mapping."""
    node, key, path = pick(
        trial,
        rng,
        "design",
        "measures",
        "data",
        "arms",
        "visits",
        "type",
        "file",
        "control",
        "title",
        "analysis",
        "range",
        "week",
    )
    value = node[key]
    node[key] = rng.choice([["a", "b"], "word", 7, {"x": {"y": 1}}, [[1]], [], {}])
    if value == node[key] or (key == "title" and node[key] in ("word", 7)) or (key == "week" and node[key] == 7):
        raise Unfit
    if key in ("file", "control", "arms", "analysis") and node[key] in ({}, 7, "word", []):
        node[key] = [["a"]]
    return told(key, path, path.split(".")[0])


@kind("plan_keys", *PLANS)
def key_emptied(trial: Trial, rng: random.Random) -> Truth:
    """A key whose value was forgotten."""
    node, key, path = pick(
        trial, rng, "design", "measures", "data", "arms", "visits", "type", "file", "id", "title", "values", "column"
    )
    node[key] = None
    return told(key, path, path.rpartition(".")[0])


@kind("plan_keys", *PLANS)
def keys_in_other_order(trial: Trial, rng: random.Random) -> Truth:
    """The order of keys whose order means nothing."""
    for node in (trial.plan, trial.plan["design"], trial.plan["data"][0], trial.plan["analysis"]):
        items = list(node.items())
        rng.shuffle(items)
        node.clear()
        node.update(items)
    return SAME


@kind("plan_keys", *PLANS)
def key_unknown(trial: Trial, rng: random.Random) -> Truth:
    """A key that no plan knows, at some depth."""
    node, _, _ = pick(trial, rng)
    word = rng.choice(["alpha", "seed_", "notes", "columns", "exclude", "p_value", "options"])
    if word in node:
        raise Unfit
    node[word] = rng.choice([1, "x", [1], {"a": 1}])
    return told(word)
