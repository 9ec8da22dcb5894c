"""Declarations: where data and code are, and what the authors declare."""

from __future__ import annotations

from compassion_trials.report.cite import cited
from compassion_trials.report.model import Block, Inline, Paragraph, Reference, Section, line, sentences
from compassion_trials.report.sections.authored import authored
from compassion_trials.report.source import Source
from compassion_trials.report.wording import stopped
from compassion_trials.tables.builders.people.provenance import versions
from compassion_trials.tables.text import Run


def declarations(source: Source) -> Section:
    """The whole section."""
    statement: tuple[Block, ...] = (
        Paragraph(line(Run("Data availability. ", "bold"), data_statement(source))),
        Paragraph(line(Run("Code availability. ", "bold"), code_statement(source))),
    )
    return Section("declarations", "Declarations", (*_of_plan(source), *statement, *authored(source, "declarations")))


def data_statement(source: Source) -> Inline:
    """What is shared, in which form, and what was taken out."""
    where = source.context.plan.report.data_source
    said = line("Data: ", cited(stopped(where), "plan:report.data_source")) if where else ()
    parts: list[Inline] = [said]
    if source.material.synthetic:
        parts.append(line("All data of this report are simulated and may be shared freely."))
    else:
        shared = (
            "Scored data without direct identifiers, with a codebook, are in the folder of deliverables of this study"
        )
        parts.append(line(f"{shared}; the authors decide who may have them."))
    table = Reference("table", "deidentification")
    if source.has(table):
        parts.append(line("What was dropped to protect participants is listed in ", table, "."))
    return sentences(*parts)


def code_statement(source: Source) -> Inline:
    """Program, version and command that give this report again."""
    version = versions().get("compassion-trials", "")
    name = source.context.study.name
    return line(
        "All results, tables and figures were made by compassion-trials ",
        cited(version, "software:compassion-trials"),
        " (free software) from the raw files and one study plan; the command ",
        cited(f"compassion-trials run {name}", "plan:name"),
        " makes them again, with the same numbers.",
    )


def _of_plan(source: Source) -> tuple[Block, ...]:
    """Ethics and funding of the plan, where the authors say nothing else."""
    meta, text = source.context.plan.report, source.text
    found: list[Block] = []
    for name, said, told in (("Ethics", meta.ethics, text.ethics), ("Funding", meta.funding, text.funding)):
        if said and not told:
            found.append(Paragraph(line(Run(f"{name}. ", "bold"), cited(stopped(said), f"plan:report.{name.lower()}"))))
    return tuple(found)
