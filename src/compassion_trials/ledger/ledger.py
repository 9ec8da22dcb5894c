"""The ledger: lines of all publications and of all plans with printed numbers, findings, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compassion_trials.core.errors import InputError, nearest
from compassion_trials.core.findings import Finding
from compassion_trials.ledger.checks.checks import check_study
from compassion_trials.ledger.evidence.evidence import Evidence, evidence
from compassion_trials.ledger.evidence.own_effects import own_effects
from compassion_trials.ledger.evidence.pooled import pooled_lines
from compassion_trials.ledger.evidence.trial_effect import (
    csv_effects,
    published_effects,
)
from compassion_trials.ledger.ledger_line import VERDICTS, LedgerLine
from compassion_trials.ledger.raw import plans_with_print, rerun_lines
from compassion_trials.ledger.reading.loader import load_published
from compassion_trials.ledger.reading.model import Published
from compassion_trials.ledger.reading.place import TablePlace, find_tables, nothing_printed
from compassion_trials.ledger.recompute import recompute
from compassion_trials.study.context import Context, open_study
from compassion_trials.study.layout import named
from compassion_trials.study.provenance import require


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that was compared.

    Attributes
    ----------
    lines : tuple of LedgerLine
        Publications first, then plans with printed numbers.
    findings : tuple of Finding
        What does not fit, with innocent explanations.
    evidence : tuple of Evidence
        By field; empty for the ledger of one study.
    published : dict of str to Published
        By file name.
    plans : dict of str to Context
        Opened studies with printed numbers.
    place : TablePlace
        Where the publications were read.
    """

    lines: tuple[LedgerLine, ...]
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    published: dict[str, Published]
    plans: dict[str, Context]
    place: TablePlace

    def of(self, study: str) -> tuple[LedgerLine, ...]:
        """Lines of one study."""
        return tuple(line for line in self.lines if line.study == study)

    @property
    def studies(self) -> list[str]:
        """Names in order."""
        return list(dict.fromkeys(line.study for line in self.lines))

    def label(self, study: str) -> str:
        """A study by author and year, or the title of its plan."""
        return self.published[study].label if study in self.published else f"{study}, from its data"

    def counts(self, study: str | None = None) -> dict[str, int]:
        """Lines by verdict."""
        mine = self.lines if study is None else self.of(study)
        return {verdict: sum(line.verdict == verdict for line in mine) for verdict in VERDICTS}


def read_ledger(root: Path, names: Sequence[str] = (), extra: Sequence[Path] = ()) -> Ledger:
    """Recompute everything that is printed.

    Parameters
    ----------
    root : Path
        The project folder.
    names : sequence of str
        Published files or study plans; all when empty.
    extra : sequence of Path
        CSV files with further effects for the evidence across trials.

    Raises
    ------
    InputError
        With every problem of the files read; or no table is there and nothing else was asked for.
    """
    place = find_tables(root)
    files, plans = place.names, plans_with_print(root)
    unknown = [name for name in names if name not in files and name not in plans]
    if unknown:
        raise InputError(
            [
                Finding(
                    "error",
                    "no_such_study",
                    "nothing printed is known of this study",
                    value=name,
                    advice=nearest(name, [*files, *plans]),
                )
                for name in unknown
            ]
        )
    if not (files or names or extra):
        raise nothing_printed(place)
    opened = _opened(root, plans, names)
    refuse_stale(list(opened.values()))
    asked = tuple(name for name in files if not names or name in names)
    studies = load_published(place.folder, asked) if asked else {}
    lines, findings, moved = _published(studies)
    contexts: dict[str, Context] = {}
    for name in plans:
        if not names or name in names:
            mine, contexts[name] = rerun_lines(name, root)
            lines += mine
    pooled: list[Evidence] = []
    if not names:
        effects = [
            *published_effects(studies, moved),
            *(e for path in extra for e in csv_effects(path)),
            *(effect for context in opened.values() for effect in own_effects(context)),
        ]
        pooled = evidence(effects, studies)
    return Ledger(
        lines=tuple(lines),
        findings=tuple(findings),
        evidence=tuple(pooled),
        published=studies,
        plans=contexts,
        place=place,
    )


def ledger_of(studies: dict[str, Published], path: Path) -> Ledger:
    """The ledger of publications that stand in no project, such as a draft.

    Parameters
    ----------
    studies : dict of str to Published
        By name.
    path : Path
        Their file.
    """
    lines, findings, _ = _published(studies)
    place = TablePlace(path.parent, path.parent.name or ".", tuple(studies))
    return Ledger(
        lines=tuple(lines),
        findings=tuple(findings),
        evidence=(),
        published=studies,
        plans={},
        place=place,
    )


def _published(studies: dict[str, Published]) -> tuple[list[LedgerLine], list[Finding], dict[str, dict[str, object]]]:
    """Lines and findings of the publications; tables with shifted rows are computed again with the rows moved."""
    lines: list[LedgerLine] = []
    findings: list[Finding] = []
    moved: dict[str, dict[str, object]] = {}
    for name, study in studies.items():
        first = [*recompute(name, study), *pooled_lines(name, study)]
        found, corrected = check_study(name, study, first)
        if corrected:
            moved[name] = dict(corrected)
            first = [*recompute(name, study, corrected), *pooled_lines(name, study)]
        lines += first
        findings += found
    return lines, findings, moved


def _opened(root: Path, plans: Sequence[str], names: Sequence[str]) -> dict[str, Context]:
    """Studies whose own results are read: those with printed numbers, and in a whole ledger all that have results."""
    found = {path.parent.parent.name for path in (root / "results").glob("*/effects/results.parquet")}
    wanted = [name for name in sorted(found) if not names or (name in plans and name in names)]
    studies = {name: named(name, root) for name in wanted}
    return {name: open_study(study) for name, study in studies.items() if study.plan_file.is_file()}


def refuse_stale(contexts: Sequence[Context]) -> None:
    """Refuse own results that are not of their plan and data, of all studies at once.

    Raises
    ------
    InputError
        One finding per reason, with the verbs to run.
    """
    found: list[Finding] = []
    for context in contexts:
        try:
            require(context, "figures")  # what shows results, as a ledger does, needs all stages up to them
        except InputError as error:
            found += [replace(one, message=f"{context.study.name}: {one.message}") for one in error.findings]
    if found:
        raise InputError(found)
