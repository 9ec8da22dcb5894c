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
    "plan": "the study plan",
}
"""Folders of the zip."""


def readme(context: Context, people: SharedPeople, names: Iterable[str], *, synthetic: bool) -> str:
    """The README as Markdown."""
    kept = list(names)
    present = {name.partition("/")[0] for name in kept}
    frozen = "plan/frozen.json" in kept
    folders = FOLDERS | ({"plan": "the study plan, and the plan as it was frozen"} if frozen else {})
    k, reached = context.plan.privacy.k, smallest(people.after)
    mark = ["**SYNTHETIC DATA.** These data were simulated; they say nothing about any real trial.", ""]
    lines = [f"# {' '.join(context.plan.title.split())}", "", *(mark if synthetic else [])]
    lines += [f"- `{folder}/`: {text}" for folder, text in folders.items() if folder in present]
    lines += ["", "## Protection of participants", ""]
    lines += [
        "- Ids are new numbers in an order made from a secret that stays with the raw data; names, addresses, dates,"
        " free text and clusters are not here.",
        "- Numbers that others may know are bands; those that could be ages are bands of ten or more, 90 and above"
        " together.",
        f"- Values of {', '.join(people.known[1:]) or 'no variable'} are blank where fewer than {k} participants of the"
        f" arm would share the combination; {'all' if reached >= k else 'not all'} participants share theirs with at"
        f" least {k - 1} others" + ("." if reached >= k else f" (the smallest class has {reached})."),
        f"- Counts of 1 to {k - 1} in the codebook are hidden, and counts from which they could be worked out.",
        _small_cells(context),
        _plots(context),
        "- Scores over several visits may still single out a person who knows them: decide with your ethics committee"
        " who gets the folder `data`.",
        "- Flow, harms and outcomes hold counts of small groups as a journal asks for them.",
        "- A text that a spreadsheet would take for a formula (it begins with =, +, - or @ and is not a number) has an"
        " apostrophe before it in every CSV and Excel file.",
    ]
    return "\n".join([*lines, ""])


def _small_cells(context: Context) -> str:
    """What the tables show of small baseline groups."""
    k = context.plan.privacy.k
    if context.plan.privacy.small_cells == "show":
        return "- Tables, report and results show every baseline count (`privacy.small_cells: show`)."
    return (
        f"- Baseline counts of 1 to {k - 1}, those from which they could be worked out, and levels that the data do not"
        " hold any more are hidden in tables, figures, report and results; the study's own results keep them."
    )


def _plots(context: Context) -> str:
    """Whether figures show single participants."""
    privacy = context.plan.privacy
    if not privacy.individual_plots:
        return "- No figure shows single participants (`privacy.individual_plots: false`)."
    if privacy.shared_plots == "show":
        return "- Figures show the scores of single participants, without ids (`privacy.shared_plots: show`)."
    return (
        "- Figures that draw the scores of single participants (courses, distributions, change before against after,"
        " residuals) are left out here, and the report is made without them; the study's own results keep them."
    )
