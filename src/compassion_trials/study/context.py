"""A study opened for work: plan, questionnaires, outcomes and paths together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compassion_trials.instruments.library import load_instruments
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.completion import complete
from compassion_trials.study.crosscheck import check_plan
from compassion_trials.study.layout import Results, Study, locate
from compassion_trials.study.loader import load_plan
from compassion_trials.study.outcomes import Outcome, outcomes, primary_outcome
from compassion_trials.study.plan import StudyPlan


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a stage needs to know about its study.

    Attributes
    ----------
    study : Study
        Name and folders.
    plan : StudyPlan
        The checked plan, with the analyses that its design asks for (`completion.complete`).
    instruments : mapping of str to Instrument
        Questionnaires by short name, shipped and the user's own.
    outcomes : mapping of str to Outcome
        All outcomes in the order of the plan, by key such as ``scs.total``.
    """

    study: Study
    plan: StudyPlan
    instruments: Mapping[str, Instrument]
    outcomes: Mapping[str, Outcome]

    @property
    def results(self) -> Results:
        """Paths of the study's results."""
        return self.study.results

    @property
    def raw(self) -> Path:
        """Folder of the raw files."""
        return self.study.raw(self.plan.data_root)

    @property
    def primary(self) -> str | None:
        """Key of the primary outcome."""
        return primary_outcome(self.plan, self.outcomes)

    @property
    def analysed(self) -> tuple[Outcome, ...]:
        """Outcomes that the analyses cover, in the order of the plan."""
        return tuple(outcome for outcome in self.outcomes.values() if outcome.analysed)


def open_study(study: str | Path) -> Context:
    """Open a study by name or by the path of its plan.

    Raises
    ------
    InputError
        With every problem of the plan.
    """
    found = locate(study)
    plan = load_plan(found.plan_file)
    instruments = load_instruments(found.instruments)
    check_plan(plan, instruments, found.plan_file.name)
    known = outcomes(plan, instruments)
    return Context(found, complete(plan, known), instruments, known)
