"""Family ``plan_yaml``: YAML that reads otherwise than it looks, or that is none; other spellings of the same."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import yaml
from tests.hostile.kinds import PLANS, SAME, Truth, Unfit, either, kind, told
from tests.hostile.trial import Trial


def replaced(trial: Trial, old: str, new: str) -> None:
    """The plan with the first place of a text replaced."""
    text = trial.yaml()
    assert old in text, old
    trial.plan_text = text.replace(old, new, 1)


def line_with(trial: Trial, rng: random.Random, pattern: str) -> tuple[list[str], int]:
    """Lines of the plan, and one that fits a pattern."""
    lines = trial.yaml().split("\n")
    return lines, rng.choice([n for n, line in enumerate(lines) if re.search(pattern, line)])


@kind("plan_yaml", *PLANS)
def yaml_odd_number(trial: Trial, rng: random.Random) -> Truth:
    """Base eight, base sixty, other bases, no number, underscores, in a week."""
    word = rng.choice(["010", "1:30", "0x10", "0b11", ".nan", ".inf", "1_0", "12e", "1,5", "0o10", "-.inf"])
    lines, at = line_with(trial, rng, r"^      week: [1-9]")
    lines[at] = f"      week: {word}"
    trial.plan_text = "\n".join(lines)
    return told("week", f"row {at + 1}")


@kind("plan_yaml", *PLANS)
def yaml_yes_no(trial: Trial, rng: random.Random) -> Truth:
    """yes, no, on, off stay the words that they are where a name is expected."""
    word = rng.choice(["yes", "no", "on", "off", "y", "n", "Yes", "NO"])
    replaced(trial, f"title: {trial.plan['title']}", f"title: {word}")
    trial.plan["title"] = word
    return Truth("same")


@kind("plan_yaml", *PLANS)
def yaml_syntax(trial: Trial, rng: random.Random) -> Truth:
    """An open quote or bracket, a tab, a second colon, a lost colon, a wrong indent."""
    lines, at = line_with(trial, rng, r"^ +[a-z_]+: [A-Za-z]")
    line = lines[at]
    start = len(line) - len(line.lstrip())
    if not any(
        other.startswith(line[:start]) and other[start : start + 1].strip() for other in lines[at - 1 : at + 2 : 2]
    ):
        raise Unfit  # an only child may stand further in
    lines[at] = rng.choice(
        [line.replace(": ", ': "', 1), line.replace(": ", ": [", 1), line.replace(": ", ": {", 1), "\t" + line.lstrip(),
         f"{line}: x", line.replace(": ", " ", 1), line[:start] + " " + line[start:], line.replace(": ", ": @", 1),
         line.replace(": ", ": %", 1), line.replace(": ", ":", 1), line.replace(": ", ": &", 1) + " *"]
    )  # fmt: skip
    trial.plan_text = "\n".join(lines)
    return told("row", "key")


@kind("plan_yaml", *PLANS)
def yaml_other_colons(trial: Trial, rng: random.Random) -> Truth:
    """Signs that only look like those of YAML: full-width colons, no-break indents, long dashes."""
    lines, at = line_with(trial, rng, r"^  [a-z_]+: ")
    line = lines[at]
    lines[at] = rng.choice(
        [line.replace(":", "：", 1), "\u00a0\u00a0" + line[2:], line.replace("  ", "\u2003", 1), "– " + line[2:]]
    )
    trial.plan_text = "\n".join(lines)
    return told("row", "key")


@kind("plan_yaml", *PLANS)
def yaml_other_spelling(trial: Trial, rng: random.Random) -> Truth:
    """Flow style, quotes, long lines, comments, document marks, line ends: the same plan."""
    way = rng.choice(
        ["flow", "double", "single", "narrow", "comments", "marks", "crlf", "bom", "json", "none at end", "blank"]
    )
    plan, text = trial.plan, trial.yaml()
    styles = {"flow": {"default_flow_style": True}, "narrow": {"width": 40}}
    if way in styles:
        text = yaml.safe_dump(plan, sort_keys=False, allow_unicode=True, **styles[way])
    elif way in ("double", "single"):
        sign = {"double": '"', "single": "'"}[way]
        text = re.sub(
            r"^( +(?:label|column|title|file|instrument|control): )([\w ]+)$", rf"\1{sign}\2{sign}", text, flags=re.M
        )
    elif way == "comments":
        text = "# first\n" + text.replace("\ndesign:", "   # why\n\n# the design\ndesign:", 1)
    elif way == "marks":
        text = f"%YAML 1.1\n---\n{text}...\n"
    elif way == "blank":
        text = text.replace("\n", " \n\n")
    elif way == "none at end":
        text = text.rstrip("\n")
    trial.plan_text = {"crlf": text.replace("\n", "\r\n"), "bom": "\ufeff" + text}.get(way, text)
    return SAME


@kind("plan_yaml", *PLANS)
def yaml_anchors(trial: Trial, rng: random.Random) -> Truth:
    """Anchors and aliases for a value that stands twice."""
    del rng
    text = trial.yaml().replace("instrument: scs\n", "instrument: &scs scs\n", 1)
    trial.plan_text = text.replace("\n  scs:\n", "\n  scs: &all\n", 1)
    return SAME


@kind("plan_yaml", *PLANS)
def yaml_bombs(trial: Trial, rng: random.Random) -> Truth:
    """Aliases that hold themselves or billions, objects of Python, a thousand levels."""
    letters = "abcdefghi"
    grown = "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise(letters))
    bombs = [
        "x: &a [*a]", f"a: &a [{','.join('1' * 9)}]\n{grown}", "x: !!python/object/apply:os.getcwd []",
        f"x: {'[' * 1000}{']' * 1000}", "x: !!binary gIGC", "x: !own y", "x: *none", "? {a: b}\n: c", "<<: [1]",
        "<<: *none", "x: !!timestamp 2020-99-99", "? [1]\n: c", "1: 2", "null: 1", "true: 1", "2020-01-01: 1",
    ]  # fmt: skip
    trial.plan_text = f"{trial.yaml()}\n{rng.choice(bombs)}\n"
    return told("study.yaml")


@kind("plan_yaml", *PLANS)
def yaml_no_plan(trial: Trial, rng: random.Random) -> Truth:
    """Something else under the name of the plan."""
    found = [
        "",
        "\n\n",
        "# nothing yet\n",
        "[]",
        "42",
        "just words",
        "a\x00b: 1",
        "---\n---\n",
        "<html></html>",
        "- a\n- b\n",
        trial.yaml()[: len(trial.yaml()) // 3] + '"',
        trial.yaml() + "---\n" + trial.yaml(),
        "\x07: 1\n",
    ]
    trial.plan_text = rng.choice(found)
    return told("study.yaml")


@kind("plan_yaml", *PLANS)
def yaml_encoding(trial: Trial, rng: random.Random) -> Truth:
    """A plan that is not UTF-8: refused, or read as the same."""
    trial.plan["title"] = "größer, café"
    trial.plan_text = trial.yaml()
    trial.plan_encoding = rng.choice(["cp1252", "utf-16", "latin-1", "utf-16-le", "mac-roman", "cp850"])
    return either("study.yaml")


@kind("plan_yaml", *PLANS)
def yaml_values_as_words(trial: Trial, rng: random.Random) -> Truth:
    """Numbers, codes and booleans in quotation marks mean the same."""
    del rng
    text = re.sub(r"^( +week: )(\d+)$", r'\1"\2"', trial.yaml(), flags=re.M)
    trial.plan_text = re.sub(r"^( +)(\d): (\w+)$", r'\1"\2": \3', text, flags=re.M)
    return SAME


@kind("plan_yaml", *PLANS)
def yaml_smart_quotes(trial: Trial, rng: random.Random) -> Truth:
    """Typographic quotes around a name, which then are part of it: told, or the same."""
    lines, at = line_with(trial, rng, r"^ +(control|instrument|file|type|column): \w+")
    key, value = lines[at].split(": ", 1)
    lines[at] = f"{key}: {rng.choice(['“{}”', '‘{}’', '„{}“', '«{}»']).format(value)}"
    trial.plan_text = "\n".join(lines)
    return either(value, key.strip())
