"""Blinded reading: a plan whose arms are called A, B, ... and which says nothing that tells them apart.

Everything after the plan works with the masked keys, so that no output can hold a real one. What treats arms
differently (clusters of one arm, attendance, margins, analyses of some arms) is left out until the reading is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import ascii_uppercase
from typing import Any, Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.findings import Finding
from compassion_trials.core.keeping.secret import shuffled
from compassion_trials.study.plan.sensitivity import REFERENCE_BASED
from compassion_trials.study.plan.study_plan import StudyPlan

NEUTRAL: Final = "[arm]"
"""Stands in texts in place of the name of any arm."""

TEXTS: Final = ("title", "label", "name", "short", "reason", "assessed", "citation", "data_source", "affiliation")
"""Keys whose values are words for people."""

_REFERENCE: Final = (*REFERENCE_BASED, "tipping_point")
"""Sensitivity analyses that treat the control differently."""

_NAMED: Final = ("data", "data_root", "measures")
"""Parts of a plan that hold names of columns and files."""

_SHORT_KEY: Final = re.compile(r"[\w.]*")

Content = dict[str, Any]
"""A plan as plain dictionaries."""


def masks(plan: StudyPlan, key: bytes) -> dict[str, str]:
    """Letter of each arm: a shuffle that nobody can repeat without the key.

    Parameters
    ----------
    plan : StudyPlan
    key : bytes
        `study.sharing.sharing_key` for "blind".
    """
    return dict(zip(shuffled(plan.design.arms, key), ascii_uppercase, strict=False))


def masked(plan: StudyPlan, key: bytes) -> StudyPlan:
    """The plan with masked arms.

    Contrasts are alphabetic: the last letter takes the place of the control, whichever arm it is.

    Raises
    ------
    InputError
        A raw file that holds one arm only: its name and number of rows would tell the arm.
    """
    _refuse_files_of_one_arm(plan)
    letters = masks(plan, key)
    content: Content = plan.model_dump(exclude_unset=True)
    gone = _gone_visits(plan)
    content["design"] = _design(content["design"], letters, gone)
    content["data"] = [_raw_file(raw, letters, gone) for raw in content["data"]]
    content["measures"] = {key: _measure(part, gone) for key, part in content["measures"].items()}
    _leave_out(content, plan, gone)
    neutral = neutralizer(plan)
    return StudyPlan.model_validate(_neutral_texts(content, neutral))


def neutralizer(plan: StudyPlan, more: Iterable[str] = ()) -> re.Pattern[str]:
    """Pattern of every key and label of an arm, and of more such words, as whole words in any case."""
    words = sorted({*plan.design.arms, *plan.design.arms.values(), *more}, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z0-9])", re.IGNORECASE)


def _refuse_files_of_one_arm(plan: StudyPlan) -> None:
    """Refuse raw files whose name stands for an arm."""
    message = "this raw file holds one arm only, so its name and its number of rows tell the arm"
    advice = "join the files of the arms and name the column of the arm, or delete report.blind"
    found = [
        Finding("error", "blind_file", message, "study.yaml", None, f"data.{position}.arm.value", advice=advice)
        for position, raw in enumerate(plan.data)
        if len(plan.design.arms) > 1 and raw.arm is not None and raw.arm.value is not None
    ]
    if found:
        raise InputError(found)


def _gone_visits(plan: StudyPlan) -> tuple[str, ...]:
    """Visits at which the control arm is not a control any more: what is missing then would tell the arm."""
    kept = plan.design.controlled_visits
    return tuple(visit for visit in plan.design.visits if visit not in kept)


def _design(design: Content, letters: Mapping[str, str], gone: tuple[str, ...]) -> Content:
    """Arms by letter, the last one in place of the control; no clusters, no visits after the control ended."""
    kept = {key: value for key, value in design.items() if key not in ("clusters", "control_until")}
    ordered = sorted(letters.values())
    kept["arms"] = {letter: f"Arm {letter}" for letter in ordered}
    if len(ordered) > 1:
        kept["control"] = ordered[-1]
    kept["visits"] = {key: value for key, value in design["visits"].items() if key not in gone}
    return kept


def _raw_file(raw: Content, letters: Mapping[str, str], gone: tuple[str, ...]) -> Content:
    """A raw file whose values lead to letters; nothing that tells arms apart is read (attendance, reasons)."""
    kept = {key: value for key, value in raw.items() if key not in ("clusters", "harms")}
    if arm := kept.get("arm"):
        values = arm.get("values") or {key: key for key in letters}
        named = {key: letters.get(value, value) for key, value in values.items()}
        single = {"value": letters[arm["value"]]} if arm.get("value") else {"values": named}
        kept["arm"] = {**{key: value for key, value in arm.items() if key not in ("values", "value")}, **single}
    if flow := kept.get("flow"):
        kept["flow"] = {key: value for key, value in flow.items() if key == "withdrawn"}
    if (visit := kept.get("visit")) and visit.get("values"):
        values = {k: "exclude" if v in gone else v for k, v in visit["values"].items() if k not in gone}
        kept["visit"] = {**visit, "values": values}
    return kept


def _measure(measure: Content, gone: tuple[str, ...]) -> Content:
    """A measure without the visits that are left out."""
    kept = dict(measure)
    for key in ("total", "items", "imputed"):
        if isinstance(kept.get(key), dict):
            kept[key] = {visit: columns for visit, columns in kept[key].items() if visit not in gone}
    if kept.get("visits"):
        kept["visits"] = tuple(visit for visit in kept["visits"] if visit not in gone)
    return kept


def _leave_out(content: Content, plan: StudyPlan, gone: tuple[str, ...]) -> None:
    """Take out of the plan, in place, what treats arms differently."""
    tied = {*plan.design.clusters, "sessions"}
    sets = {n for n, part in plan.analysis_sets.items() if part.column in tied or {*part.complete_visits} & {*gone}}
    words = {*plan.design.arms, *tied, *sets, *gone, *_REFERENCE}
    content["analysis_sets"] = {n: part for n, part in content.get("analysis_sets", {}).items() if n not in sets}
    content["progression"] = {
        name: part
        for name, part in content.get("progression", {}).items()
        if part.get("quantity") != "attendance" and not _mentions(part, words)
    }
    for key in ("harms", "printed"):
        content.pop(key, None)
    analysis = content["analysis"] = dict(content.get("analysis", {}))
    for key in ("margins", "dose"):
        analysis.pop(key, None)
    pairs = _unpaired if len(plan.design.arms) == 2 else _as_it_is  # with two arms a pair says only its direction
    for key, part in list(analysis.items()):
        if key in ("primary", "secondary") and part is not None:
            analysis[key] = _symmetric(part, words)
        elif isinstance(part, Mapping):
            kept = {n: x for n, x in pairs(part).items() if not (_mentions(x, words) or _named(n, plan))}
            analysis[key] = _with_gatekeeper(kept) if key == "families" else kept
        elif isinstance(part, list | tuple):
            analysis[key] = tuple(x for x in map(pairs, part) if not _mentions(x, words))


def _with_gatekeeper(families: Content) -> Content:
    """Families whose gatekeeper is left out wait too."""
    kept = {n: x for n, x in families.items() if x.get("after") in (None, "primary", *families)}
    return kept if len(kept) == len(families) else _with_gatekeeper(kept)


def _symmetric(part: Content, words: set[str]) -> Content:
    """An analysis of all arms in all comparisons."""
    kept = {k: v for k, v in part.items() if k not in ("arms", "random_group")}
    if kept.get("contrast"):
        kept["contrast"] = {k: v for k, v in kept["contrast"].items() if k != "between"}
    always = ("contrast", "outcome", "outcomes", *TEXTS)
    return {key: value for key, value in kept.items() if key in always or not _mentions(value, words)}


def _unpaired(part: Any) -> Any:
    """A part without pairs of arms: the comparisons of the design take their place."""
    if isinstance(part, Mapping):
        return {key: _unpaired(value) for key, value in part.items() if key != "between"}
    return part


def _as_it_is(part: Any) -> Any:
    """A part unchanged: a pair out of more than two arms tells which arm is not in it."""
    return part


def _mentions(part: Any, words: set[str]) -> bool:
    """Whether a part names one of some words as a key or as a whole value, texts for people left aside."""
    if isinstance(part, Mapping):
        return any(key in words or (key not in TEXTS and _mentions(value, words)) for key, value in part.items())
    if isinstance(part, list | tuple):
        return any(_mentions(inner, words) for inner in part)
    return isinstance(part, str) and part in words


def _named(name: str, plan: StudyPlan) -> bool:
    """Whether an analysis is named after an arm."""
    return neutralizer(plan).search(name.replace("_", " ")) is not None


def _neutral_texts(part: Any, pattern: re.Pattern[str], key: str = "", *, named: bool = False) -> Any:
    """Texts for people without names of arms.

    A text is the value of a key of `TEXTS`, and everywhere but in `_NAMED` (columns and files, which must be found)
    whatever is not a short key.
    """
    if isinstance(part, Mapping):
        if key == "arms":
            return part
        names = {name: pattern.sub(NEUTRAL, name) if key in ("excluded", "intercurrent") else name for name in part}
        return {
            names[name]: _neutral_texts(value, pattern, name, named=named or name in _NAMED)
            for name, value in part.items()
        }
    if isinstance(part, list | tuple):
        return tuple(_neutral_texts(inner, pattern, key, named=named) for inner in part)
    spoken = isinstance(part, str) and (key in TEXTS or not (named or _SHORT_KEY.fullmatch(part)))
    return pattern.sub(NEUTRAL, part) if spoken else part
