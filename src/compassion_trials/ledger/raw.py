"""Printed numbers of a study plan against the trial's own results."""

from __future__ import annotations

from math import nan
from pathlib import Path

from compassion_trials.core.errors import ModelError, nearest
from compassion_trials.core.results import ANY, KEYS, Result, Results
from compassion_trials.core.texttable import TextLine
from compassion_trials.ledger.ledger_line import Candidate, LedgerLine, PrintedQuestion, answer, line_without
from compassion_trials.ledger.reading.printed import Printed, Range, exactly, printed
from compassion_trials.study.context import Context, open_study
from compassion_trials.study.plan.printed import PrintedNumbers


def plans_with_print(root: Path, names: tuple[str, ...] = ()) -> list[str]:
    """Studies below ``config/studies`` whose plan lists printed numbers."""
    found = []
    for path in sorted((root / "config" / "studies").glob("*/study.yaml")):
        name = path.parent.name
        if (not names or name in names) and "\nprinted:" in path.read_text(encoding="utf-8"):
            found.append(name)
    return found


def rerun_lines(name: str, root: Path) -> tuple[list[LedgerLine], Context]:
    """Ledger lines of one study plan; without data or results each says so."""
    context = open_study(root / "config" / "studies" / name / "study.yaml")
    why = _absent(context)
    results = None if why else Results.read(context.results.results)
    lines: list[LedgerLine] = []
    for i, block in enumerate(context.plan.printed, start=1):
        texts = [_question(context, f"printed.{i}", block, line) for line in block.lines]
        if results is None:
            lines += [line_without(question, why) for question in texts]
        elif block.rerun is not None:
            lines += _refitted(context, block, texts)
        else:
            lines += _compared(results, block, texts)
    return lines, context


def _compared(results: Results, block: PrintedNumbers, texts: list[PrintedQuestion]) -> list[LedgerLine]:
    """Numbers of one table of the paper against rows of the results table."""
    siblings = {_identity(line): printed(line.cells["value"]) for line in block.lines}
    asked = [_with_result(q, line, results, siblings, block) for q, line in zip(texts, block.lines, strict=True)]
    return answer(asked)


def _absent(context: Context) -> str:
    """Why the study's own results are not there."""
    if context.results.results.is_file():
        return ""
    raw = context.raw
    if not all((raw / part.file).is_file() for part in context.plan.data):
        return "its data are not here"
    return f"not analysed yet: compassion-trials run {context.study.word}"


def _question(context: Context, table: str, block: PrintedNumbers, line: TextLine) -> PrintedQuestion:
    """A printed number without its candidates."""
    cells = dict(line.cells)
    outcome = cells.get("outcome") or (block.rerun.outcome if block.rerun else "")
    arm = context.plan.design.arms.get(cells.get("arm", ""), "")
    visit = cells.get("visit", "")
    shown = context.plan.design.visits[visit].label or visit if visit in context.plan.design.visits else visit
    label = context.outcomes[outcome].label if outcome in context.outcomes else outcome
    parts = (label, cells.get("term", ""), str(getattr(arm, "label", arm)), shown)
    return PrintedQuestion(
        study=context.study.name,
        table=table,
        source=block.source,
        status=block.status,
        what=", ".join(p for p in parts if p),
        statistic=cells["statistic"],
        number=printed(cells["value"]),
        candidates=(),
        note=cells.get("note", ""),
    )


def _named(line: TextLine) -> dict[str, str]:
    """Keys that a printed number names."""
    return {key: line.cells[key] for key in (*ANY, *KEYS) if key in line.cells}


def _identity(line: TextLine) -> tuple[str, ...]:
    """Keys of a printed number, the statistic last."""
    return tuple(line.cells.get(key, "") for key in (*ANY, *KEYS))


def _with_result(
    question: PrintedQuestion,
    line: TextLine,
    results: Results,
    siblings: dict[tuple[str, ...], Printed],
    block: PrintedNumbers,
) -> PrintedQuestion:
    """The question with what the results table gives."""
    from dataclasses import replace

    wanted = _named(line)
    turned = block.sign == "reversed" and wanted["statistic"] not in UNTURNED
    if turned:  # the other way round, the lower limit is the upper one
        wanted["statistic"] = _other_end(wanted["statistic"])
    rows = results.find(wanted)
    if len(rows) != 1:
        statistics = sorted(results.distinct("statistic", outcome=line.cells.get("outcome", "")))
        hint = nearest(line.cells["statistic"], statistics) if statistics else ""
        many = f"{len(rows)} rows of the results table match; name analysis, model, term, arm and visit"
        return replace(question, missing=many if rows else f"no row of the results table matches; {hint}")
    sign = -1 if turned else 1
    text = f"row {rows[0].id} of the results table" + (", sign reversed" if turned else "")
    found = [Candidate("own_rerun", text, exactly(sign * rows[0].value), decisive=True)]
    found += _from_rounded(line, rows[0], results, siblings, sign)
    return replace(question, candidates=tuple(found))


def _from_rounded(
    line: TextLine, row: Result, results: Results, siblings: dict[tuple[str, ...], Printed], sign: int
) -> list[Candidate]:
    """A limit that the authors may have computed from the estimate they had rounded."""
    statistic = line.cells["statistic"]
    stem = (
        {"lower": "estimate", "upper": "estimate"}.get(statistic, statistic)
        .removesuffix("_lower")
        .removesuffix("_upper")
    )
    rounded = siblings.get((*_identity(line)[:-1], stem))
    centre = results.only(_named(line) | {"model": row.model, "population": row.population, "statistic": stem})
    if stem == statistic or rounded is None or centre is None:
        return []
    moved = sign * row.value + rounded.value - sign * centre.value
    formula = "limit moved by the rounding of the printed estimate"
    return [Candidate("from_rounded_estimate", formula, Range(moved, moved, moved))]


def _other_end(statistic: str) -> str:
    """The opposite limit; other statistics as they are."""
    for end, other in (("lower", "upper"), ("upper", "lower")):
        if statistic == end or statistic.endswith(f"_{end}"):
            return statistic.removesuffix(end) + other
    return statistic


UNTURNED = ("p", "se", "sd", "df", "df_num", "df_den", "F", "n", "mean", "chi2", "loglik", "aic", "variance")
"""Statistics that are the same whichever way a difference is counted."""


def _refitted(context: Context, block: PrintedNumbers, questions: list[PrintedQuestion]) -> list[LedgerLine]:
    """Numbers of a model that only the ledger fits."""
    from dataclasses import replace

    from compassion_trials.ledger.rerun import rerun
    from compassion_trials.trial.trial import read_trial

    assert block.rerun is not None
    try:
        found = rerun(read_trial(context), block.rerun)
    except ModelError as error:
        return [line_without(question, str(error)) for question in questions]
    asked = []
    for question, line in zip(questions, block.lines, strict=True):
        value = found.numbers.get((line.cells.get("term", ""), line.cells["statistic"]), nan)
        candidate = Candidate(f"rerun_{block.rerun.kind}", found.formula, exactly(value), decisive=True)
        known = sorted({" ".join(key).strip() for key in found.numbers})
        wanted = f"{line.cells.get('term', '')} {line.cells['statistic']}".strip()
        asked.append(
            replace(question, candidates=(candidate,))
            if value == value
            else replace(question, missing=nearest(wanted, known))
        )
    return answer(asked)
