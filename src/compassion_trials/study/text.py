"""What only the authors can say: ``text.yaml`` beside the plan, for the report and its checklists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, Field

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.core.yaml import load_yaml, validate
from compassion_trials.study.layout import Study
from compassion_trials.study.plan.base import Key, Part, text_keys
from compassion_trials.study.plan.design import Design

FILE: Final = "text.yaml"
"""Name of the file beside the plan."""


class Eligibility(Part):
    """Who could take part."""

    participants: str | None = Field(None, description="Criteria for participants.")
    providers: str | None = Field(None, description="Criteria for sites and for those who delivered the interventions.")


class Tidier(Part):
    """An intervention in the twelve items of TIDieR (Hoffmann et al., 2014); the control condition too."""

    name: str | None = Field(None, description="1. Brief name.")
    why: str | None = Field(None, description="2. Rationale, theory or goal.")
    materials: str | None = Field(None, description="3. Materials, and where they can be had.")
    procedures: str | None = Field(None, description="4. What was done.")
    provider: str | None = Field(None, description="5. Who provided it: background and training.")
    how: str | None = Field(None, description="6. Mode of delivery; alone or in groups.")
    where: str | None = Field(None, description="7. Places.")
    dose: str | None = Field(None, description="8. When and how much: sessions, length, weeks.")
    tailoring: str | None = Field(None, description="9. What was adapted to the person.")
    modifications: str | None = Field(None, description="10. What changed during the study.")
    planned_fidelity: str | None = Field(None, description="11. How adherence or fidelity was to be assessed.")
    actual_fidelity: str | None = Field(None, description="12. How far it was delivered as planned.")


class Intervention(Part):
    """One arm."""

    tidier: Tidier = Field(default_factory=Tidier, description="The twelve items of TIDieR.")


class HarmsText(Part):
    """Harms."""

    method: str | None = Field(None, description="How harms were defined and asked for.")
    results: str | None = Field(None, description="What happened, beyond the counts in the plan.")


class Randomization(Part):
    """How the allocation came about."""

    sequence: str | None = Field(None, description="Who made the sequence, and how.")
    restriction: str | None = Field(None, description="Blocks, strata, matching.")
    concealment: str | None = Field(None, description="How the sequence was concealed until assignment.")
    implementation: str | None = Field(None, description="Who enrolled, who assigned, who had access to the sequence.")
    assignment: str | None = Field(
        None, description="Not randomized: unit and method of assignment, steps against bias."
    )


class Blinding(Part):
    """Masking."""

    who: str | None = Field(None, description="Who did not know the arm: participants, providers, assessors, analysts.")
    how: str | None = Field(None, description="How, and how alike the interventions were.")


class Delivery(Part):
    """What participants really got."""

    adherence: str | None = Field(None, description="Delivery as given, attendance, homework, fidelity.")
    concomitant: str | None = Field(None, description="Other care during the trial, by arm.")


class Pilot(Part):
    """A pilot or feasibility trial."""

    rationale: str | None = Field(None, description="Why a pilot, and its questions for the later trial.")
    consent: str | None = Field(None, description="How people were identified and consented.")
    ended: str | None = Field(None, description="Why the pilot ended.")
    unintended: str | None = Field(None, description="Unintended consequences.")
    future: str | None = Field(None, description="Whether and how to go on, changes proposed.")


class Interests(Part):
    """Interests of a social or psychological intervention trial (CONSORT-SPI)."""

    allegiance: str | None = Field(None, description="Other interests, such as allegiance to an approach.")
    developer: str | None = Field(None, description="Part that developers of the intervention had in the trial.")
    incentives: str | None = Field(None, description="Payments and other incentives.")


class Deviation(Part):
    """One change after the start of the trial."""

    key: str | None = Field(None, description="Key of the plan it concerns, such as analysis.primary.covariance.")
    date: str | None = Field(None, description="When it was decided.")
    change: str | None = Field(None, description="What changed, when it is not a key of the plan.")
    reason: str | None = Field(None, description="Why.")


class AuthorText(Part):
    """All author text; every key is optional, all of it is plain text (blank lines part paragraphs)."""

    abstract: str | None = Field(None, description="Background of the abstract; the report fills in the numbers.")
    background: str | None = Field(None, description="Background and rationale.")
    mechanism: str | None = Field(None, description="How the intervention is thought to work.")
    hypotheses: tuple[str, ...] = Field((), description="Hypotheses, primary first.")
    eligibility: Eligibility = Field(default_factory=Eligibility, description="Who could take part.")
    settings: str | None = Field(None, description="Settings and places.")
    recruitment: str | None = Field(None, description="How and when participants were recruited and followed up.")
    ended: str | None = Field(None, description="Why recruitment or the trial ended.")
    interventions: Annotated[dict[Key, Intervention], BeforeValidator(text_keys)] = Field(
        {}, description="Intervention of each arm by its key."
    )
    providers: str | None = Field(None, description="How providers were assigned to arms.")
    collection: str | None = Field(None, description="How data were collected, and by whom.")
    harms: HarmsText = Field(default_factory=HarmsText, description="Harms.")
    sample_size: str | None = Field(None, description="How the number of participants was chosen.")
    interim: str | None = Field(None, description="Interim analyses and stopping rules, or none.")
    randomization: Randomization = Field(default_factory=Randomization, description="Allocation.")
    blinding: Blinding = Field(default_factory=Blinding, description="Masking.")
    delivery: Delivery = Field(default_factory=Delivery, description="What participants really got.")
    pilot: Pilot = Field(default_factory=Pilot, description="What a pilot must say.")
    interpretation: str | None = Field(None, description="Interpretation beside other evidence.")
    limitations: str | None = Field(None, description="Limitations.")
    generalizability: str | None = Field(None, description="To whom the results apply.")
    protocol: str | None = Field(None, description="Where the protocol can be had.")
    sap: str | None = Field(None, description="Where the analysis plan can be had.")
    data_access: str | None = Field(None, description="Who gets de-identified data, code and materials, and how.")
    ethics: str | None = Field(None, description="Committee, number, consent.")
    funding: str | None = Field(None, description="Funding and role of the funder.")
    conflicts: str | None = Field(None, description="Interests of the authors.")
    interests: Interests = Field(default_factory=Interests, description="Allegiance, developers, incentives.")
    ppi: str | None = Field(None, description="Involvement of patients and the public, or none.")
    deviations: tuple[Deviation, ...] = Field((), description="Changes after the start, dated.")
    acknowledgements: str | None = Field(None, description="Thanks.")

    def get(self, key: str) -> str:
        """Text under a dotted key such as ``harms.method``; several texts are joined, nothing is the empty text."""
        value: Any = self
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
        return "\n\n".join(_texts(value))


SECTIONS: Final[Mapping[str, str]] = {
    "abstract": "summary",
    "background": "introduction",
    "mechanism": "introduction",
    "hypotheses": "introduction",
    "pilot.rationale": "introduction",
    "eligibility": "participants-methods",
    "settings": "participants-methods",
    "recruitment": "participants-methods",
    "ended": "participants-methods",
    "pilot.consent": "participants-methods",
    "pilot.ended": "participants-methods",
    "interests.incentives": "participants-methods",
    "interventions": "interventions",
    "providers": "interventions",
    "collection": "measures",
    "harms.method": "harms-methods",
    "sample_size": "sample-size",
    "interim": "sample-size",
    "randomization": "allocation",
    "blinding": "allocation",
    "delivery": "delivery",
    "harms.results": "harms",
    "pilot.unintended": "harms",
    "interpretation": "discussion",
    "limitations": "discussion",
    "generalizability": "discussion",
    "pilot.future": "discussion",
    "protocol": "declarations",
    "sap": "declarations",
    "data_access": "declarations",
    "ethics": "declarations",
    "funding": "declarations",
    "conflicts": "declarations",
    "interests": "declarations",
    "ppi": "declarations",
    "acknowledgements": "declarations",
    "deviations": "deviations",
}
"""Section of the report (`report.model.Section.key`) in which the text under a key stands."""


def section_of(key: str) -> str:
    """Section of the report for a dotted key: that of the longest key of `SECTIONS` it begins with."""
    parts = key.split(".")
    for n in range(len(parts), 0, -1):
        if (found := SECTIONS.get(".".join(parts[:n]))) is not None:
            return found
    return ""


def text_file(study: Study) -> Path:
    """Path of the author text of a study, which need not exist."""
    return study.plan_file.with_name(FILE)


def load_text(study: Study, design: Design | None = None) -> AuthorText:
    """Author text of a study; empty when there is no file.

    Parameters
    ----------
    study : Study
    design : Design, optional
        To check that the interventions are arms of the plan.

    Raises
    ------
    InputError
        Unknown keys, wrong types, unknown arms: all of them, with the nearest valid word.
    """
    path = text_file(study)
    if not path.is_file():
        return AuthorText()
    content = load_yaml(path)
    if content is None:
        return AuthorText()
    if not isinstance(content, dict):
        raise InputError([Finding("error", "text_empty", "the author text holds no keys", path.name, expected="keys")])
    text: AuthorText = validate(AuthorText, content, path.name)
    if design is not None:
        _check_arms(text, design, path.name)
    return text


def paragraphs(text: str) -> tuple[str, ...]:
    """Paragraphs of a text: parted by blank lines, line breaks inside become spaces."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def _check_arms(text: AuthorText, design: Design, file: str) -> None:
    """Interventions are arms of the plan."""
    arms = list(design.arms)
    problems = [
        Finding("error", "text_arm", "there is no such arm", file, None, f"interventions.{arm}", value=arm, advice=hint)
        for arm in text.interventions
        if arm not in arms and (hint := nearest(arm, arms))
    ]
    if problems:
        raise InputError(problems)


def _texts(value: Any) -> Iterator[str]:
    """Texts inside a value, in order."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _texts(inner)
    elif value:
        yield str(value)
