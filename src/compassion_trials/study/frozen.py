"""Freezing a plan, and what changed in it afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compassion_trials.core.errors import InputError
from compassion_trials.core.files import read_json, write_json
from compassion_trials.core.findings import Finding
from compassion_trials.study.layout import Study
from compassion_trials.study.loader import load_plan
from compassion_trials.study.plan.study_plan import StudyPlan

FILE: Final = "frozen.json"
"""Name of the file beside the plan; after the name of a plan that is not called ``study``."""

ABSENT: Final = "not given"
"""What stands for a key that the plan does not hold."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A plan as it was frozen.

    Attributes
    ----------
    sha256 : str
        Hash of the canonical plan, 64 hexadecimal digits.
    blind : bool
        Whether arms were masked then.
    plan : dict
        The canonical plan.
    """

    sha256: str
    blind: bool
    plan: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One key of the plan that differs from the frozen one, values as text."""

    key: str
    before: str
    after: str


def canonical(plan: StudyPlan) -> dict[str, Any]:
    """The plan as JSON content: what it says, without defaults and without ``report.blind``."""
    content: dict[str, Any] = plan.model_dump(mode="json", exclude_defaults=True)
    report = {key: value for key, value in content.pop("report", {}).items() if key != "blind"}
    return {**content, "report": report} if report else content


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def frozen_file(study: Study) -> Path:
    """Path of the frozen plan of a study, which need not exist."""
    return study.beside(FILE)


def freeze(study: Study) -> Frozen:
    """Record the plan of a study as it is now.

    Raises
    ------
    InputError
        A wrong plan, one that only the package holds, or one that was frozen before with other words: changes are
        then deviations.
    """
    if study.shipped:
        message = "this plan belongs to the package and cannot be frozen there"
        advice = "compassion-trials demo writes it into your folder"
        raise InputError([Finding("error", "plan_shipped", message, study.name, advice=advice)])
    plan = load_plan(study.plan_file)
    content = canonical(plan)
    now = Frozen(digest(content), plan.report.blind is True, content)
    before = read_frozen(study)
    if before is not None and before.sha256 != now.sha256:
        keys = ", ".join(change.key for change in changes(before.plan, content))
        message = "the plan was frozen before and has changed since; the report lists the changes as deviations"
        raise InputError([Finding("error", "already_frozen", message, FILE, None, "", value=keys)])
    if before is None:
        write_json({"sha256": now.sha256, "blind": now.blind, "plan": content}, frozen_file(study))
    return before or now


def read_frozen(study: Study) -> Frozen | None:
    """The frozen plan of a study, None when it was never frozen.

    Raises
    ------
    InputError
        The file was changed by hand: hash and plan do not agree.
    """
    path = frozen_file(study)
    if not path.is_file():
        return None
    try:
        content = read_json(path)
        found = Frozen(content["sha256"], bool(content["blind"]), content["plan"])
        if digest(found.plan) == found.sha256:
            return found
    except (InputError, KeyError, TypeError):
        pass  # a file of another form was changed too
    message = "the frozen plan and its hash do not agree; the file was changed after freezing"
    advice = "take the file back from version control"
    raise InputError([Finding("error", "frozen_changed", message, FILE, advice=advice)])


def check_unblinding(plan: StudyPlan, study: Study) -> None:
    """A study that was read blinded shows its arms only after its plan was frozen.

    Raises
    ------
    InputError
        ``report.blind`` is false, or was taken away after a blinded run, and there is no frozen plan.
    """
    if plan.report.blind is True or (plan.report.blind is None and not study.results.blinded.is_file()):
        return
    if read_frozen(study) is None:
        message = "the arms stay masked until the plan is frozen"
        advice = f"write blind: true, run compassion-trials freeze {study.word}, then write blind: false"
        raise InputError(
            [Finding("error", "blind_not_frozen", message, study.plan_file.name, None, "report.blind", advice=advice)]
        )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[PlanChange, ...]:
    """Keys that differ between two canonical plans, by key."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return tuple(
        PlanChange(key, old.get(key, ABSENT), new.get(key, ABSENT))
        for key in sorted({*old, *new})
        if old.get(key, ABSENT) != new.get(key, ABSENT)
    )


def _flat(content: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys and values as text; a list of plain values is one value."""
    if isinstance(content, Mapping) and content:
        for key, value in content.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(content, list) and any(isinstance(inner, Mapping | list) for inner in content):
        for position, inner in enumerate(content):
            yield from _flat(inner, f"{prefix}.{position}")
    else:
        yield prefix, _word(content)


def _word(value: Any) -> str:
    """A value as a person would write it."""
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, list):
        return ", ".join(_word(inner) for inner in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
