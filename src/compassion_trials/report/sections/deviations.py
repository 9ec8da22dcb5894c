"""What changed in the plan after it was frozen, and what the authors say about it."""

from __future__ import annotations

import re

from compassion_trials.core.numbers import DASH
from compassion_trials.report.cite import cited
from compassion_trials.report.model import Paragraph, Reference, Section, line
from compassion_trials.study.blinding import NEUTRAL, neutralizer
from compassion_trials.study.context import Context
from compassion_trials.study.frozen import PlanChange, canonical, changes, read_frozen
from compassion_trials.study.loader import load_plan
from compassion_trials.study.text import AuthorText, Deviation
from compassion_trials.tables.spec import Orientation, TableColumn, TableRow, TableSpec, row
from compassion_trials.tables.text import text
from compassion_trials.tables.wording import dash, notes


def since_freezing(context: Context) -> tuple[PlanChange, ...] | None:
    """Keys that differ from the frozen plan; None when no plan was frozen. Arms stay masked while they are."""
    frozen = read_frozen(context.study)
    if frozen is None:
        return None
    plan = load_plan(context.study.plan_file)
    found = changes(frozen.plan, canonical(plan))
    if not context.blind:
        return found
    earlier = frozen.plan["design"]["arms"]
    pattern = neutralizer(plan, (*earlier, *earlier.values()))
    return tuple(PlanChange(*(_neutral(word, pattern) for word in (c.key, c.before, c.after))) for c in found)


def section(context: Context) -> Section:
    """State of the analysis plan, and the table of deviations."""
    found, told = since_freezing(context), context.text
    frozen = read_frozen(context.study)
    if frozen is None or found is None:
        said = line("The analysis plan was not frozen, so that later changes of it cannot be listed.")
    else:
        while_masked = " while the arms were masked" if frozen.blind else ""
        since = " It has been changed since." if found else " It has not been changed since."
        digest = cited(f"SHA-256 {frozen.sha256}", "file:frozen")
        said = line(f"The analysis plan was frozen{while_masked} (", digest, f").{since}")
    table = deviations_table(found or (), told)
    listed = line(" Changes are listed in ", Reference("table", table.name), ".") if table else ()
    lead = Paragraph(line(said, listed), "intro" if table else "plain")
    return Section("deviations", "Changes of the Plan", (lead, *([table] if table else [])))


def deviations_table(found: tuple[PlanChange, ...], told: AuthorText) -> TableSpec | None:
    """One row per changed key, then what the authors add; None when there is neither."""
    body = [_changed(change, told) for change in found]
    rest = [part for part in told.deviations if not any(_about(part, change.key) for change in found)]
    body += [row(part.key or "", part.change or "", "", "", part.date or "", part.reason or "") for part in rest]
    if not body:
        return None
    rows = tuple(TableRow(tuple(cell or text(DASH) for cell in line.cells)) for line in body)
    heads = ("Key of the plan", "Change", "Before", "After", "Date", "Reason")
    kept = [i for i in range(len(heads)) if i == 0 or any(line.cells[i] != text(DASH) for line in rows)]
    rows = tuple(TableRow(tuple(line.cells[i] for i in kept)) for line in rows)
    about = "Keys of the plan that differ from the frozen plan, and changes that the authors report; dates and reasons "
    columns = tuple(TableColumn(text(heads[i]), "left") for i in kept)
    orientation: Orientation = "portrait" if len(columns) < 5 else "landscape"
    return TableSpec(
        name="deviations",
        title=text("Deviations From the Analysis Plan"),
        columns=columns,
        rows=rows,
        notes=notes(text(f"{about}are theirs. ", dash(rows, "not given"))),
        category="appendix",
        orientation=orientation,
    )


def _changed(change: PlanChange, told: AuthorText) -> TableRow:
    """A changed key with the authors' words about it."""
    said = next((part for part in told.deviations if _about(part, change.key)), Deviation())
    return row(change.key, said.change or "", change.before, change.after, said.date or "", said.reason or "")


def _about(said: Deviation, key: str) -> bool:
    """Whether the authors' deviation names a key or a part of the plan above it."""
    return said.key is not None and (key == said.key or key.startswith(f"{said.key}."))


def _neutral(word: str, pattern: re.Pattern[str]) -> str:
    """A text without names of arms; underscores part words."""
    return pattern.sub(NEUTRAL, word)
