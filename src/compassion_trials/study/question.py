"""The question of a trial, decided here and nowhere else: which analysis, comparison and visit answer for an outcome.

Visit: the one that the plan names (the secondary analysis its own, else that of the primary one); where this outcome
was not planned then, the last visit with a concurrent control at which it was. The baseline answers nothing, unless it
is the only visit. Comparison: the pair that the plan names, else each arm against control. Contrast: of changes from
baseline where the model lets arms differ at baseline, else of the visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compassion_trials.study.outcomes import Outcome, primary_outcome
from compassion_trials.study.plan.analysis import Analysis, ContrastSpec
from compassion_trials.study.plan.design import Design
from compassion_trials.study.plan.study_plan import StudyPlan

DEFAULT_MODEL = {"randomized": "clda", "non_randomized": "lda", "single_arm": "single_arm"}
"""Model by design: equal baseline means are assumed only where randomisation justifies it."""

CONTROLLED_ONLY = ("ancova", "mixed_anova", "change_t")
"""Models in which every arm must have every visit, so that visits after the control's crossing over do not enter."""

OF_CHANGE = ("lda", "change_t")
"""Models that compare changes from baseline, whatever the design."""

OF_CHANGE_WITHOUT_RANDOMISATION = ("random_intercept", "random_slope")
"""Models that have the baseline means of the design's default: one for all arms only in a randomized trial."""

PRIMARY, SECONDARY = "primary", "secondary"
PLANNED = (PRIMARY, SECONDARY)
"""Names of the planned analyses; any other one is added to them."""

OUTCOME_ROLES = ("primary", "secondary", "mediator")
"""Roles whose outcomes are analysed; moderators and covariates are not outcomes."""

CHANGE = "change"
"""Term of the change within an arm."""

Pair = tuple[str, str]
"""Two arms: (arm, compared with)."""


@dataclass(frozen=True, slots=True)
class PlannedAnalysis:
    """One analysis of the plan.

    Attributes
    ----------
    name : str
        ``primary``, ``secondary`` or the name of an additional analysis.
    spec : Analysis
        The plan's words; a contrast that it leaves open is that of the primary analysis.
    outcomes : tuple of str
        Keys of the outcomes that it covers.
    """

    name: str
    spec: Analysis
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One outcome in one analysis: what is compared, and what of it answers the trial's question.

    Attributes
    ----------
    outcome : Outcome
    analysis : str
        Name of the analysis; empty where no analysis of the plan covers the outcome.
    spec : Analysis
        Its words.
    model : str
    visits : tuple of str
        Visits in the model, in order; for ancova those at which the arms are compared.
    baselines : tuple of str
        ancova: visits of the outcome to adjust for.
    arms : tuple of str
        Arms in the model, the reference last.
    pairs : tuple of (str, str)
        All pairs of arms that the model compares.
    asked : tuple of (str, str)
        Those that answer; none where there is one arm, whose change answers.
    visit : str
        Visit that answers; empty where there is none (`study.checks.answers` refuses such a plan).
    in_change : bool
        Whether changes from baseline are compared.
    """

    outcome: Outcome
    analysis: str
    spec: Analysis
    model: str
    visits: tuple[str, ...]
    baselines: tuple[str, ...]
    arms: tuple[str, ...]
    pairs: tuple[Pair, ...]
    asked: tuple[Pair, ...]
    visit: str
    in_change: bool

    @property
    def planned(self) -> bool:
        """Whether the primary or the secondary analysis answers, not one that the plan adds to them."""
        return self.analysis in PLANNED

    @property
    def terms(self) -> tuple[str, ...]:
        """Terms of the results table that answer."""
        return tuple(difference(pair, self.in_change) for pair in self.asked) or (CHANGE,)

    def asks(self, term: str) -> bool:
        """Whether a term compares what is asked, be it at the visit or in change, by this model or another one."""
        if not self.asked:
            return term.startswith(CHANGE)
        return any(term.endswith((f": {a} - {b}", f": {b} - {a}")) for a, b in self.asked)

    def among(self, design: Design, visits: Sequence[str]) -> str:
        """Of the visits that a part of the plan is about the one that answers: this, else the last controlled one."""
        return self.visit if self.visit in visits else last_controlled(design, visits)


def difference(pair: Pair, in_change: bool = False) -> str:
    """Term of a contrast between two arms."""
    return f"difference{' in change' if in_change else ''}: {pair[0]} - {pair[1]}"


def analyses(plan: StudyPlan, known: Mapping[str, Outcome]) -> list[PlannedAnalysis]:
    """Analyses of the plan, the primary one first, then the secondary one.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Outcome
        All outcomes of the plan by key.
    """
    given, primary = plan.analysis, primary_outcome(plan, known)
    others = tuple(o.key for o in known.values() if o.analysed and o.key != primary and o.role in OUTCOME_ROLES)
    found = [PlannedAnalysis(PRIMARY, given.primary, (primary,))] if primary is not None else []
    secondary = given.secondary or _like_primary(given.primary)
    found.append(PlannedAnalysis(SECONDARY, _with_contrast(plan, secondary), secondary.outcomes or others))
    everything = (*([primary] if primary else []), *others)
    repeated = tuple(key for key in everything if len(known[key].visits) > 1)
    for name, spec in given.additional.items():
        default = everything if spec.model in (None, "ancova") else repeated
        found.append(PlannedAnalysis(name, _with_contrast(plan, spec), spec.outcomes or default))
    return found


def question(plan: StudyPlan, known: Mapping[str, Outcome], outcome: str) -> Question:
    """What answers for an outcome: in the primary, the secondary, else the first additional analysis that covers it.

    Parameters
    ----------
    plan : StudyPlan
    known : mapping of str to Outcome
        All outcomes of the plan by key.
    outcome : str
        Key of one of them.
    """
    todo = analyses(plan, known)
    mine = next((analysis for analysis in todo if outcome in analysis.outcomes), None)
    if mine is None:  # described, not analysed: the trial's question says when and between whom
        mine = PlannedAnalysis("", _with_contrast(plan, _like_primary(plan.analysis.primary)), (outcome,))
    return in_analysis(plan, known[outcome], mine)


def covered(plan: StudyPlan, known: Mapping[str, Outcome]) -> tuple[Outcome, ...]:
    """Outcomes of the primary and secondary analyses, in the order of the plan.

    An outcome that only an additional analysis uses, such as a carried-forward copy of a score, is not among them.
    """
    planned = [analysis for analysis in analyses(plan, known) if analysis.name in PLANNED]
    keys = {key for analysis in planned for key in analysis.outcomes}
    return tuple(outcome for outcome in known.values() if outcome.analysed and outcome.key in keys)


def in_analysis(plan: StudyPlan, outcome: Outcome, analysis: PlannedAnalysis) -> Question:
    """The question that one analysis asks about an outcome."""
    design, spec = plan.design, analysis.spec
    model = spec.model or default_model(plan, outcome, spec)
    arms = _arms(design, spec)
    visits, baselines = _visits(design, outcome, spec, model, arms)
    pairs = _pairs(design, spec, arms)
    asked = _asked(design, spec, pairs)
    later = visits[1:] if model != "ancova" and len(visits) > 1 else visits  # the first is where a change begins
    visit = _visit(design, later, asked, spec.contrast.visit)
    if not visit and visits and analysis.name not in ("", *PLANNED):
        visit = visits[-1]  # what the plan adds may be about other visits, such as a comparison at baseline
    alone = design.type != "randomized" and model in OF_CHANGE_WITHOUT_RANDOMISATION
    in_change = bool(pairs) and (model in OF_CHANGE or alone)
    return Question(
        outcome=outcome,
        analysis=analysis.name,
        spec=spec,
        model=model,
        visits=visits,
        baselines=baselines,
        arms=arms,
        pairs=pairs,
        asked=asked,
        visit=visit,
        in_change=in_change,
    )


def default_model(plan: StudyPlan, outcome: Outcome, spec: Analysis) -> str:
    """Model that the design asks for; an outcome assessed once has no baseline and is compared by ancova."""
    visits = [v for v in spec.visits or outcome.visits if v in outcome.visits]
    arms = len(spec.arms) or len(plan.design.arms)
    if len(visits) < 2 and arms > 1:
        return "ancova"
    return DEFAULT_MODEL[plan.design.type if arms > 1 else "single_arm"]


def last_controlled(design: Design, visits: Sequence[str]) -> str:
    """Last of some visits that comes after the baseline and has a concurrent control; empty where there is none.

    In a study of one visit that visit.
    """
    later = [v for v in design.visits if v in visits and (v != design.baseline or len(design.visits) == 1)]
    return next((v for v in reversed(later) if v in design.controlled_visits), "")


def comparable(design: Design, visit: str, pair: Pair) -> bool:
    """Whether two arms can be compared at a visit: a control that has crossed over is not a control."""
    return design.control not in pair or visit in design.controlled_visits


def _visit(design: Design, visits: Sequence[str], asked: Sequence[Pair], wanted: str | None) -> str:
    """The visit asked for, if it is among these and the arms can be compared there; else the last controlled one."""
    later = wanted != design.baseline or len(design.visits) == 1
    if wanted is not None and wanted in visits and later and all(comparable(design, wanted, pair) for pair in asked):
        return wanted
    return last_controlled(design, visits)


def _like_primary(primary: Analysis) -> Analysis:
    """Secondary outcomes are analysed as the primary one, which alone has its own outcomes and label."""
    shared = {name: getattr(primary, name) for name in Analysis.model_fields if name not in ("outcomes", "label")}
    return Analysis(**shared)


def _with_contrast(plan: StudyPlan, spec: Analysis) -> Analysis:
    """An analysis whose contrast, where it leaves it open, is that of the primary analysis."""
    own, primary = spec.contrast, plan.analysis.primary.contrast
    shared = primary.between if primary.between and set(primary.between) <= set(_arms(plan.design, spec)) else None
    contrast = ContrastSpec(visit=own.visit or primary.visit, between=own.between or shared)
    return spec.model_copy(update={"contrast": contrast})


def _arms(design: Design, spec: Analysis) -> tuple[str, ...]:
    """Arms in the order of the plan, the control last."""
    chosen = spec.arms or tuple(design.arms)
    ordered = [arm for arm in design.arms if arm in chosen]
    return tuple(sorted(ordered, key=lambda arm: arm == design.control))


def _pairs(design: Design, spec: Analysis, arms: Sequence[str]) -> tuple[Pair, ...]:
    """Each arm against control, then the treated arms; the plan's own comparison in its own order, first."""
    pairs = [pair for pair in design.pairs if set(pair) <= set(arms)]
    between = spec.contrast.between
    if between is not None and set(between) <= set(arms):
        pairs = [between, *(pair for pair in pairs if set(pair) != set(between))]
    return tuple(pairs)


def _asked(design: Design, spec: Analysis, pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The plan's own comparison, else each arm against control; all pairs where the control is not in the model."""
    if spec.contrast.between in pairs:
        return pairs[:1]
    return tuple(pair for pair in pairs if design.control in pair) or pairs


def _visits(
    design: Design, outcome: Outcome, spec: Analysis, model: str, arms: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Visits of the model, and of ancova the visits to adjust for."""
    planned = [v for v in design.visits if v in outcome.visits]
    chosen = [v for v in planned if v in spec.visits] if spec.visits else planned
    if not spec.visits and model in CONTROLLED_ONLY and len(arms) > 1:
        chosen = [v for v in planned if v in design.controlled_visits]
    if model != "ancova":
        return tuple(chosen), ()
    first = planned[:1] if len(planned) > 1 else []
    baselines = first if spec.baselines is None else [v for v in spec.baselines if v in planned]
    return tuple(v for v in chosen if v not in baselines), tuple(baselines)
