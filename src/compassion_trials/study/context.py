"""A study opened for work: plan, questionnaires, outcomes and paths together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compassion_trials.core.errors import InputError
from compassion_trials.core.yaml import with_rows
from compassion_trials.instruments.library import load_instruments
from compassion_trials.instruments.model import Instrument
from compassion_trials.study.blinding import masked
from compassion_trials.study.checks.crosscheck import check_plan
from compassion_trials.study.completion import complete
from compassion_trials.study.frozen import check_unblinding
from compassion_trials.study.layout import ResultPaths, Study, locate
from compassion_trials.study.loader import load_plan
from compassion_trials.study.outcomes import Outcome, outcomes, primary_outcome
from compassion_trials.study.plan.study_plan import StudyPlan
from compassion_trials.study.question import Question, covered, last_controlled, question
from compassion_trials.study.sharing import sharing_key
from compassion_trials.study.text import AuthorText, load_text


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
    leaving : bool
        Whether what is made of it goes into the zip that is shared.
    """

    study: Study
    plan: StudyPlan
    instruments: Mapping[str, Instrument]
    outcomes: Mapping[str, Outcome]
    leaving: bool = False

    @property
    def results(self) -> ResultPaths:
        """Paths of the study's results."""
        return self.study.results

    @property
    def raw(self) -> Path:
        """Folder of the raw files."""
        return self.study.raw(self.plan.data_root)

    @property
    def blind(self) -> bool:
        """Whether arms are masked."""
        return self.plan.report.blind is True

    @property
    def shows_people(self) -> bool:
        """Whether figures may show single participants: as the plan says, in the shared zip only where it says so."""
        privacy = self.plan.privacy
        return privacy.individual_plots and (not self.leaving or privacy.shared_plots == "show")

    @property
    def text(self) -> AuthorText:
        """What the authors wrote in ``text.yaml``; nothing while arms are masked, for it would name them."""
        return AuthorText() if self.blind else load_text(self.study, self.plan.design)

    @property
    def primary(self) -> str | None:
        """Key of the primary outcome."""
        return primary_outcome(self.plan, self.outcomes)

    @property
    def analysed(self) -> tuple[Outcome, ...]:
        """Outcomes that the analyses cover, in the order of the plan."""
        return tuple(outcome for outcome in self.outcomes.values() if outcome.analysed)

    @property
    def covered(self) -> tuple[Outcome, ...]:
        """Outcomes of the primary and secondary analyses, in the order of the plan."""
        return covered(self.plan, self.outcomes)

    def question(self, outcome: str) -> Question:
        """Which analysis, comparison and visit answer for an outcome, by its key."""
        return question(self.plan, self.outcomes, outcome)

    @property
    def answer_visit(self) -> str:
        """Visit that answers for the primary outcome; without one the last visit with a concurrent control."""
        design = self.plan.design
        return self.question(self.primary).visit if self.primary else last_controlled(design, tuple(design.visits))


def open_study(study: str | Path | Study, *, unmasked: bool = False) -> Context:
    """Open a study by name, by the path of its plan, or as `layout.locate` found it.

    Parameters
    ----------
    study : str, Path or Study
    unmasked : bool
        Show the arms of a plan with ``report.blind`` too; only for what makes raw data.

    Raises
    ------
    InputError
        With every problem of the plan, or of the author text beside it.
    """
    found = study if isinstance(study, Study) else locate(study)
    plan = load_plan(found.plan_file)
    instruments = load_instruments(found.instruments)
    try:
        check_plan(plan, instruments, found.plan_file.name)
    except InputError as error:
        raise InputError(with_rows(error.findings, found.plan_file)) from None
    load_text(found, plan.design)  # its problems are told before anything runs
    if not unmasked:
        check_unblinding(plan, found)
        plan = masked(plan, sharing_key(found, plan, "blind")) if plan.report.blind else plan
    known = outcomes(plan, instruments)
    return Context(found, complete(plan, known), instruments, known)
