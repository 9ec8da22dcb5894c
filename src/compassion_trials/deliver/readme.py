"""The README of the zip: what is in it and how participants are protected."""

from __future__ import annotations

from collections.abc import Iterable

from compassion_trials.deliver.coarsen import smallest
from compassion_trials.deliver.people import SharedPeople
from compassion_trials.study.context import Context

FOLDERS = {
    "report": "the report as HTML, Word and PDF",
    "tables": "every table as Word and CSV",
    "figures": "every figure as SVG, PDF and PNG (300 dpi)",
    "data": "scored, de-identified data, wide and long, as SPSS, Excel and CSV",
    "codebook": "variables, coding, scoring rules; how many participants are alike (k-anonymity)",
    "results": "the results table: every number of the report, one per row, in full precision",
    "plan": "the study plan, and the plan as it was frozen",
}
"""Folders of the zip."""


def readme(context: Context, people: SharedPeople, names: Iterable[str], *, synthetic: bool) -> str:
    """The README as Markdown."""
    present = {name.partition("/")[0] for name in names}
    k, reached = context.plan.privacy.k, smallest(people.after)
    mark = ["**SYNTHETIC DATA.** These data were simulated; they say nothing about any real trial.", ""]
    lines = [f"# {' '.join(context.plan.title.split())}", "", *(mark if synthetic else [])]
    lines += [f"- `{folder}/`: {text}" for folder, text in FOLDERS.items() if folder in present]
    lines += ["", "## Protection of participants", ""]
    lines += [
        "- Ids are new numbers in random order; names, addresses, dates, free text and clusters are not here.",
        "- Years are ten-year bands, 90 and above together.",
        f"- Values of {', '.join(people.known[1:]) or 'no variable'} are blank where fewer than {k} participants of the"
        f" arm would share the combination; {'all' if reached >= k else 'not all'} participants share theirs with at"
        f" least {k - 1} others" + ("." if reached >= k else f" (the smallest class has {reached})."),
        "- Counts of 1 to 4 in the codebook are hidden, and counts from which they could be worked out.",
        "- Scores over several visits may still single out a person who knows them: decide with your ethics committee"
        " who gets the folder `data`.",
        "- Report, tables and results table are meant for publication and hold counts of small groups as a journal asks"
        " for them.",
    ]
    return "\n".join([*lines, ""])
