"""What the authors wrote in ``text.yaml``, in the section that each key belongs to."""

from __future__ import annotations

from typing import Final

from compassion_trials.report.cite import cited
from compassion_trials.report.model import Block, Bullets, Inline, Paragraph, line, sentences
from compassion_trials.report.source import Source
from compassion_trials.study.text import SECTIONS, Tidier, paragraphs
from compassion_trials.tables.text import Run

LEADS: Final = {
    "mechanism": "Mechanism",
    "eligibility": "Eligibility",
    "settings": "Settings",
    "recruitment": "Recruitment",
    "ended": "End of the trial",
    "pilot.consent": "Identification and consent",
    "pilot.ended": "End of the pilot",
    "pilot.future": "The later trial",
    "pilot.unintended": "Unintended consequences",
    "interests.incentives": "Incentives",
    "providers": "Providers",
    "collection": "Data collection",
    "interim": "Interim analyses",
    "randomization.sequence": "Sequence",
    "randomization.restriction": "Restriction",
    "randomization.concealment": "Concealment",
    "randomization.implementation": "Implementation",
    "randomization.assignment": "Assignment",
    "blinding.who": "Masking",
    "blinding.how": "How masking was done",
    "delivery.adherence": "Adherence",
    "delivery.concomitant": "Other care",
    "generalizability": "Generalizability",
    "protocol": "Protocol",
    "sap": "Analysis plan",
    "data_access": "Access to data and materials",
    "ethics": "Ethics",
    "funding": "Funding",
    "conflicts": "Conflicts of interest",
    "interests.allegiance": "Other interests",
    "interests.developer": "Developers of the intervention",
    "ppi": "Patient and public involvement",
    "acknowledgements": "Acknowledgements",
}
"""Words before a text of the authors; a text without one stands alone."""

PARTS: Final = {
    "randomization": ("sequence", "restriction", "concealment", "implementation", "assignment"),
    "blinding": ("who", "how"),
    "delivery": ("adherence", "concomitant"),
    "interests": ("allegiance", "developer"),
}
"""Keys that are set one by one."""

_ELSEWHERE: Final = ("abstract", "deviations")
"""Keys whose text other modules place."""

_TIDIER: Final = {
    "why": "Why",
    "materials": "Materials",
    "procedures": "Procedures",
    "provider": "Provider",
    "how": "Mode",
    "where": "Place",
    "dose": "Dose",
    "tailoring": "Tailoring",
    "modifications": "Modifications",
    "planned_fidelity": "Planned fidelity",
    "actual_fidelity": "Actual fidelity",
}


def authored(source: Source, section: str) -> tuple[Block, ...]:
    """Blocks of the authors' text for a section.

    Parameters
    ----------
    source : Source
    section : str
        Key of the section, as `study.text.SECTIONS` names it.
    """
    blocks: list[Block] = []
    for key in (key for key, place in SECTIONS.items() if place == section and key not in _ELSEWHERE):
        if key == "interventions":
            blocks += _interventions(source)
        elif key == "hypotheses":
            blocks += _hypotheses(source)
        else:
            for part in (f"{key}.{name}" for name in PARTS[key]) if key in PARTS else (key,):
                blocks += _texts(source, part)
    return tuple(blocks)


def _texts(source: Source, key: str) -> list[Block]:
    """Paragraphs under one key, its lead in bold before the first."""
    found: list[Block] = []
    for i, part in enumerate(paragraphs(source.text.get(key))):
        lead = (Run(f"{LEADS[key]}. ", "bold"),) if i == 0 and key in LEADS else ()
        found.append(Paragraph(line(lead, cited(part, f"text:{key}"))))
    return found


def _hypotheses(source: Source) -> list[Block]:
    """Hypotheses as a list."""
    said = source.text.hypotheses
    items = tuple(line(cited(hypothesis, "text:hypotheses")) for hypothesis in said)
    return [Paragraph(line("The hypotheses were:"), "intro"), Bullets(items)] if items else []


def _interventions(source: Source) -> list[Block]:
    """A paragraph per arm with the items of TIDieR."""
    found: list[Block] = []
    for arm, label in source.context.plan.design.arms.items():
        part = source.text.interventions.get(arm)
        said = _tidier(arm, part.tidier) if part else ()
        if said:
            found.append(Paragraph(line(Run(f"{label}. ", "bold"), said)))
    return found


def _tidier(arm: str, tidier: Tidier) -> Inline:
    """Items that the authors filled in, each after its name in italics."""
    parts: list[Inline] = []
    if tidier.name:
        parts.append(line(cited(_stopped(tidier.name), f"text:interventions.{arm}.tidier.name")))
    for key, name in _TIDIER.items():
        said = getattr(tidier, key)
        if said:
            text = cited(_stopped(said), f"text:interventions.{arm}.tidier.{key}")
            parts.append(line(Run(f"{name}:", "italic"), " ", text))
    return sentences(*parts)


def _stopped(text: str) -> str:
    """A text that ends in a full stop, on one line."""
    shown = " ".join(text.split())
    return shown if shown.endswith((".", "!", "?")) else f"{shown}."
