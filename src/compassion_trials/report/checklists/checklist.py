"""Reporting checklists: which apply, and what the report answers where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field, StringConstraints

from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.study.plan.base import Part
from compassion_trials.study.plan.design import DesignType
from compassion_trials.study.plan.sensitivity import IMPUTING
from compassion_trials.study.plan.study_plan import ChecklistName, StudyPlan
from compassion_trials.study.text import FILE, AuthorText, section_of

FOLDER: Final = Path(__file__).parent

Status = Literal["filled", "author text present", "missing", "not applicable"]
"""What the report has for an item: made from plan and data, written by the authors, nothing, nothing wanted."""

Need = Annotated[str, StringConstraints(pattern=r"^(title|plan|rows|table|figure|section|text|tidier|frozen):\S")]
"""``kind:name``, alternatives parted by `` | ``."""


class Applies(Part):
    """Designs to which a checklist belongs."""

    designs: tuple[DesignType, ...] = Field(description="Designs.")
    pilot: bool | None = Field(None, description="true: pilots only; false: no pilots; left out: both.")


class Item(Part):
    """One item of a checklist."""

    id: str = Field(description="Number, with the checklist's letters.")
    report: str = Field(description="What must be reported, in own words.")
    needs: tuple[Need, ...] = Field(description="What fills it; all of them.")
    section: str | None = Field(None, description="Section in which the plan's part of it is printed.")
    when: str | None = Field(None, description="Condition under which it applies (`CONDITIONS`).")
    todo: str | None = Field(None, description="Advice when it is missing, where the need does not say it.")


class Checklist(Part):
    """A reporting checklist."""

    id: str = Field(description="Short name.")
    title: str = Field(description="Name in the report.")
    citation: str = Field(description="Where it is published.")
    doi: str = Field(description="DOI.")
    status: str = Field(description="How far the items were compared with the source.")
    applies: Applies = Field(description="Designs to which it belongs.")
    items: tuple[Item, ...] = Field(description="Items in order.", min_length=1)


CONDITIONS: Final[Mapping[str, tuple[Callable[[StudyPlan], bool], str]]] = {
    "controlled": (lambda plan: plan.design.type != "single_arm", "there is one arm only"),
    "additional": (
        lambda plan: bool(
            plan.analysis.additional or plan.analysis.mediation or plan.analysis.moderation or plan.analysis.sensitivity
        ),
        "the plan has no further analysis",
    ),
    "mediation": (lambda plan: bool(plan.analysis.mediation), "the plan has no mediation"),
    "imputation": (
        lambda plan: any(wanted.method in IMPUTING for wanted in plan.analysis.sensitivity),
        "nothing was to be imputed",
    ),
    "bayesian": (lambda plan: False, "no analysis is Bayesian"),
}
"""Conditions of items: whether they hold for a plan, and what is said when they do not."""


@dataclass(frozen=True, slots=True)
class ReportContents:
    """What a report holds, as far as checklists ask.

    Attributes
    ----------
    plan : StudyPlan
    text : AuthorText
    analyses : frozenset of str
        Analyses of which the results table holds numbers; ``further`` where an additional analysis of the plan is
        among them, ``imputation`` where a sensitivity analysis imputed. What was planned and gave nothing is missing.
    blocks : dict of (str, str) to str
        Label such as "Table 3" of each table and figure, by ``("table", name)``; more names (categories) may lead
        to the same label.
    sections : dict of str to str
        Title of each section by its key.
    unchanged : bool
        The plan was frozen and is as it was.
    """

    plan: StudyPlan
    text: AuthorText
    analyses: frozenset[str]
    blocks: Mapping[tuple[str, str], str]
    sections: Mapping[str, str]
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One item as the report answers it.

    Attributes
    ----------
    item : Item
    status : {"filled", "author text present", "missing", "not applicable"}
    place : str
        Sections, tables, figures; for what does not apply the reason.
    todo : str
        What the authors can do, where something is missing.
    """

    item: Item
    status: Status
    place: str
    todo: str = ""


@cache
def library() -> Mapping[str, Checklist]:
    """All checklists by short name."""
    found = [validate(Checklist, load_yaml(path), path.name) for path in sorted(FOLDER.glob("*.yaml"))]
    return {checklist.id: checklist for checklist in found}


def applicable(plan: StudyPlan) -> tuple[Checklist, ...]:
    """Checklists of a study: those the plan names, or those of its design."""
    known, asked = library(), plan.report.checklists
    if asked != "auto":
        return tuple(known[name] for name in asked)
    return tuple(known[name] for name in get_args(ChecklistName) if _belongs(known[name].applies, plan))


def answer(checklist: Checklist, evidence: ReportContents) -> tuple[ItemAnswer, ...]:
    """Answers to all items of a checklist."""
    return tuple(_answer(item, evidence) for item in checklist.items)


def _belongs(applies: Applies, plan: StudyPlan) -> bool:
    """Whether a checklist belongs to a design."""
    return plan.design.type in applies.designs and applies.pilot in (None, plan.design.pilot)


def _answer(item: Item, evidence: ReportContents) -> ItemAnswer:
    """One item."""
    if item.when is not None:
        holds, reason = CONDITIONS[item.when]
        if not holds(evidence.plan):
            return ItemAnswer(item, "not applicable", f"{reason[:1].upper()}{reason[1:]}")
    met = [_met(need, evidence) for need in item.needs]
    places = list(dict.fromkeys(place for found in met if found for place in _places(found, item, evidence)))
    lacking = [need for need, found in zip(item.needs, met, strict=True) if found is None]
    if lacking:
        advice = item.todo or "; ".join(_advice(need, evidence) for need in lacking)
        return ItemAnswer(item, "missing", "; ".join(places), advice)
    written = any(found and found.startswith(("text:", "tidier:")) for found in met)
    return ItemAnswer(item, "author text present" if written else "filled", "; ".join(places))


def _met(need: str, evidence: ReportContents) -> str | None:
    """The first alternative of a need that the report holds."""
    return next((option for option in need.split(" | ") if _holds(option, evidence)), None)


def _holds(option: str, evidence: ReportContents) -> bool:
    """Whether the report holds one thing."""
    kind, _, name = option.partition(":")
    if kind in ("table", "figure"):
        return (kind, name) in evidence.blocks
    if kind == "tidier":
        return not _arms_without(name, evidence)
    found: dict[str, Callable[[], bool]] = {
        "title": lambda: name in evidence.plan.title.lower(),
        "plan": lambda: bool(_value(evidence.plan, name)),
        "rows": lambda: name in evidence.analyses,
        "section": lambda: name in evidence.sections,
        "text": lambda: bool(evidence.text.get(name)),
        "frozen": lambda: evidence.unchanged,
    }
    return found[kind]()


def _value(part: Any, key: str) -> Any:
    """Value of a dotted key of the plan; None when a part on the way is not given."""
    for name in key.split("."):
        part = None if part is None else getattr(part, name)
    return part


def _arms_without(item: str, evidence: ReportContents) -> list[str]:
    """Arms without a text for an item of TIDieR."""
    return [arm for arm in evidence.plan.design.arms if not evidence.text.get(f"interventions.{arm}.tidier.{item}")]


def _places(option: str, item: Item, evidence: ReportContents) -> Iterator[str]:
    """Where the report answers a need."""
    kind, _, name = option.partition(":")
    if kind in ("table", "figure"):
        yield evidence.blocks[kind, name]
    elif kind == "title":
        yield "Title"
    elif kind in ("text", "tidier"):
        key = name if kind == "text" else "interventions"
        yield evidence.sections.get(section_of(key), f"{FILE}, {key}")
    else:
        section = name if kind == "section" else item.section or ""
        if section in evidence.sections:
            yield evidence.sections[section]
        elif kind == "rows":
            yield f"Results table, analysis {name}"


def _advice(need: str, evidence: ReportContents) -> str:
    """What the authors can do about a need: the first alternative that is theirs, else the first."""
    options = need.split(" | ")
    kind, _, name = next((o for o in options if o.startswith(("text:", "tidier:", "plan:"))), options[0]).partition(":")
    if kind == "text":
        return f"write {name} in {FILE}"
    if kind == "tidier":
        arms = ", ".join(f"interventions.{arm}.tidier.{name}" for arm in _arms_without(name, evidence))
        return f"write {arms} in {FILE}"
    if kind == "plan":
        return f"give {name} in study.yaml"
    return {
        "table": f"the report has no table of {name}: the data or the plan give none",
        "figure": f"the report has no figure of {name}: the data or the plan give none",
        "rows": f"the results hold no {_KEYS.get(name, name)}: see {_KEYS.get(name, name)} in config/README.md",
        "section": f"the report has no section {name}",
        "frozen": "freeze the plan",
        "title": f"mention {name} in the title",
    }[kind]


_KEYS: Final = {"further": "additional analyses", "imputation": "sensitivity analyses"}
"""Names of `ReportContents.analyses` that are none of the plan's, in words."""
