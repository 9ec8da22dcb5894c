"""Results as sentences, generated from the rows that the tables show; the wording follows the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from compassion_trials.core.numbers import bounded, count
from compassion_trials.core.results import Results, arms_of
from compassion_trials.report.cite import cited, level, number, row
from compassion_trials.report.model import Cited, Inline, line, sentences
from compassion_trials.report.sections.contrasts import ReportedEstimate, f_test, find, statistics
from compassion_trials.report.wording import series
from compassion_trials.study.context import Context
from compassion_trials.study.outcomes import Outcome

MANY: Final = 3
"""Comparisons of one outcome from which they are listed in one sentence."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What every sentence needs to know.

    Attributes
    ----------
    context : Context
    results : Results
    """

    context: Context
    results: Results

    @property
    def level(self) -> Cited:
        """Coverage of the intervals, such as ``95%``."""
        return level(self.context)

    @property
    def alpha(self) -> Cited:
        """Level of the tests, such as ``.05``."""
        return cited(bounded(self.context.plan.analysis.alpha), "plan:analysis.alpha")

    @property
    def several_visits(self) -> bool:
        """Whether there is more than one visit after the baseline, so that a test must say which one it is about."""
        return len(self.context.plan.design.visits) > 2

    @property
    def pilot(self) -> bool:
        """Whether the study is a pilot: estimates with intervals, no tests in the text."""
        return self.context.plan.design.pilot

    def arm(self, key: str) -> str:
        """Name of an arm."""
        return self.context.plan.design.arms.get(key, key)

    def visit(self, key: str) -> str:
        """Name of a visit."""
        design = self.context.plan.design
        return design.visit_label(key) if key in design.visits else key

    def at(self, key: str) -> str:
        """A visit after the word "at"."""
        design = self.context.plan.design
        return design.visit_at(key) if key in design.visits else key

    @property
    def baseline(self) -> str:
        """Name of the first visit."""
        return self.visit(self.context.plan.design.baseline)


def outcome_text(words: Wording, outcome: Outcome) -> Inline:
    """All sentences about one outcome's planned comparison; empty when the results hold none."""
    question = words.context.question(outcome.key)
    if not question.planned:
        return ()
    analysis, at = question.analysis, question.visit
    if len(question.terms) >= MANY:
        found = [contrast_list(words, outcome, analysis, question.terms, at)]
    else:
        found = [contrast_sentence(words, outcome, analysis, term, at) for term in question.terms]
    found = [said for said in found if said]
    df_num = words.results.value("df_num", analysis=analysis, outcome=outcome.key, term="joint: arm:visit")
    same = bool(found) and df_num == 1  # the joint test of one contrast is that contrast
    return sentences(*found, () if same else joint_sentence(words, outcome, analysis))


def contrast_list(words: Wording, outcome: Outcome, analysis: str, terms: Sequence[str], visit: str) -> Inline:
    """Several comparisons of one outcome in one sentence, and which of them are clear."""
    parts: list[Inline] = []
    clear: list[str] = []
    for term in terms:
        estimate, arms = find(words.results, analysis, outcome.key, term, visit), arms_of(term)
        if estimate is None or arms is None:
            continue
        name = f"{words.arm(arms[0])} minus {words.arm(arms[1])}"
        clear += [name] if _clear(words, estimate) else []
        shown = _numbers(words, outcome, estimate)
        parts.append(line("; " if parts else "", f"{name} ", shown))
    if not parts:
        return ()
    change = f" in the change from {words.baseline}" if terms[0].startswith("difference in change") else ""
    head = line(f"At {words.at(visit)}, the estimated differences in {outcome.label}{change} were: ", *parts, ".")
    if words.pilot:
        return head
    if not clear:
        return sentences(head, line("None of them was significant at ", words.alpha, "."))
    return sentences(head, line("Significant at ", words.alpha, f": {'; '.join(clear)}."))


def contrast_sentence(words: Wording, outcome: Outcome, analysis: str, term: str, visit: str) -> Inline:
    """One comparison, or one change when there is a single arm."""
    arms = arms_of(term)
    if arms is None:
        arm = next(iter(words.context.plan.design.arms))
        estimate = find(words.results, analysis, outcome.key, term, visit, arm) or find(
            words.results, analysis, outcome.key, term, visit
        )
        return _change(words, outcome, visit, estimate) if estimate else ()
    estimate = find(words.results, analysis, outcome.key, term, visit)
    if estimate is None:
        return ()
    if term.startswith("difference in change"):
        return _difference_in_change(words, outcome, visit, arms, estimate, analysis)
    return _difference(words, outcome, visit, arms, estimate)


def _difference(words: Wording, outcome: Outcome, visit: str, arms: tuple[str, str], found: ReportedEstimate) -> Inline:
    """Difference of two arms at a visit."""
    treated, compared = (words.arm(arm) for arm in arms)
    numbers = _numbers(words, outcome, found)
    if words.pilot or not _clear(words, found):
        head = f"the estimated difference between {treated} and {compared} in {outcome.label} was "
        no = "" if words.pilot else ", which leaves open whether the arms differ"
        return line(f"At {words.at(visit)}, {head}", numbers, f"{no}.")
    way = "higher" if found.value > 0 else "lower"
    return line(
        f"At {words.at(visit)}, {outcome.label} was {way} in {treated} than in {compared}: difference ", numbers, "."
    )


def _difference_in_change(
    words: Wording, outcome: Outcome, visit: str, arms: tuple[str, str], found: ReportedEstimate, analysis: str
) -> Inline:
    """Difference of two arms in their change from baseline."""
    treated, compared = (words.arm(arm) for arm in arms)
    numbers = _numbers(words, outcome, found)
    since = f"from {words.baseline} to {words.visit(visit)}"
    if words.pilot or not _clear(words, found):
        no = "" if words.pilot else ", which leaves open whether the changes differ"
        head = (
            f"The estimated difference between {treated} and {compared} in the change of {outcome.label} {since} was "
        )
        return line(head, numbers, f"{no}.")
    verb = _verb(*(_own_change(words, outcome, analysis, arm, visit) for arm in arms))
    if verb is None:
        way = "higher" if found.value > 0 else "lower"
        return line(
            f"The change of {outcome.label} {since} was {way} in {treated} than in {compared}: difference in change ",
            numbers,
            ".",
        )
    return line(f"{outcome.label} {verb} in {treated} than in {compared} {since}: difference in change ", numbers, ".")


def _verb(treated: float, compared: float) -> str | None:
    """How two changes compare in words; None when they go in different directions or are not known."""
    if isnan(treated) or isnan(compared) or treated * compared <= 0:
        return None
    way = "increased" if treated > 0 else "decreased"
    return f"{way} {'more' if abs(treated) > abs(compared) else 'less'}"


def _own_change(words: Wording, outcome: Outcome, analysis: str, arm: str, visit: str) -> float:
    """Change of one arm since baseline as the model has it: a row of its own, or from its means."""
    keys = {"analysis": analysis, "outcome": outcome.key, "arm": arm}
    change = words.results.value("estimate", term="change", visit=visit, **keys)
    if not isnan(change):
        return change
    later, first = (
        words.results.value("estimate", term="mean", visit=at, **keys)
        for at in (visit, words.context.plan.design.baseline)
    )
    return later - first


def _change(words: Wording, outcome: Outcome, visit: str, found: ReportedEstimate) -> Inline:
    """Change of a single arm; never an effect."""
    numbers = _numbers(words, outcome, found)
    since = f"from {words.baseline} to {words.visit(visit)}"
    if words.pilot or not _clear(words, found):
        no = "" if words.pilot else ", which leaves open whether scores changed"
        return line(f"The estimated mean change of {outcome.label} {since} was ", numbers, f"{no}.")
    way = "increased" if found.value > 0 else "decreased"
    return line(f"{outcome.label} {way} {since}: mean change ", numbers, ".")


def _numbers(words: Wording, outcome: Outcome, found: ReportedEstimate) -> Inline:
    """The numbers of an estimate, without decimals on scales of thousands."""
    low, high = outcome.range
    decimals = 2 if high - low < 1000 else 0
    return statistics(found, words.level, outcome.unit, decimals=decimals, tests=not words.pilot)


def joint_sentence(words: Wording, outcome: Outcome, analysis: str) -> Inline:
    """The joint test of arm and visit, when there is one."""
    if words.pilot:
        return ()
    at = _tested_visits(words, outcome, analysis)
    for term, name in (
        ("joint: arm:visit", f"The joint test of all arm-by-visit differences{at} was "),
        ("interaction", "The interaction of arm and time was "),
    ):
        test = f_test(words.results, analysis=analysis, outcome=outcome.key, term=term)
        if test:
            return line(name, test, ".")
    return ()


def _tested_visits(words: Wording, outcome: Outcome, analysis: str) -> str:
    """Visits at which an analysis compares the arms: " (post and follow-up)"; nothing where there can be only one."""
    term = words.context.question(outcome.key).terms[0]
    tested = words.results.distinct("visit", analysis=analysis, outcome=outcome.key, term=term, statistic="p")
    names = [words.visit(visit) for visit in words.context.plan.design.visits if visit in tested]
    return f" ({', '.join(names[:-1])} and {names[-1]})" if len(names) > 1 else ""


def analysed_sentence(words: Wording, outcome: Outcome) -> Inline:
    """How many participants the analysis of an outcome used."""
    analysis = words.context.question(outcome.key).analysis
    rows = words.results.rows(analysis=analysis, outcome=outcome.key, statistic="n")
    whole = rows[(rows["term"] == "") & (rows["arm"] == "") & (rows["visit"] == "")]
    if not len(whole):
        return ()
    n = cited(count(float(whole["value"].iloc[0])), f"row:{whole.index[0] + 1}")
    return line("This analysis used ", n, " participants.")


def caution(words: Wording) -> str:
    """What the design does not allow to conclude; empty for a full randomized trial."""
    design = words.context.plan.design
    if design.type == "single_arm":
        return "There was no comparison group, so these changes cannot be attributed to the programme."
    parts = []
    if design.type == "non_randomized":
        parts.append(
            "Participants were not allocated at random, so differences between arms may have other causes than the "
            "programmes."
        )
    if design.pilot:
        parts.append(
            "This is a pilot study: intervals show the precision of the estimates, and no claim of efficacy is made."
        )
    return " ".join(parts)


def _clear(words: Wording, found: ReportedEstimate) -> bool:
    """Whether the test is significant at the plan's level; without a test, whether the interval excludes zero."""
    if not isnan(found.p):
        return found.p < words.context.plan.analysis.alpha
    return not isnan(found.lower + found.upper) and (found.lower > 0 or found.upper < 0)


def participants_text(words: Wording) -> Inline:
    """Allocation and attendance in sentences."""
    design, results = words.context.plan.design, words.results
    verb = {"randomized": "were randomized", "non_randomized": "were allocated", "single_arm": "enrolled"}[design.type]
    sizes = {arm: results.value("n", analysis="flow", term="allocated", arm=arm) for arm in design.arms}
    if any(isnan(n) for n in sizes.values()):
        return ()
    rows = {arm: row(results, "n", analysis="flow", term="allocated", arm=arm) for arm in design.arms}
    total = line("In total, ", cited(count(sum(sizes.values())), *rows.values()), f" participants {verb}")
    parts = [line(cited(count(n), rows[arm]), f" to {words.arm(arm)}") for arm, n in sizes.items()]
    first = line(total, " (", series(parts), ").") if len(sizes) > 1 else line(total, ".")
    return sentences(first, retention(words, sizes))


def retention(words: Wording, sizes: dict[str, float]) -> Inline:
    """Who was assessed at the visit of interest, of those allocated to each arm."""
    visit = words.context.answer_visit
    parts: list[Inline] = []
    for arm, n in sizes.items():
        keys = {"analysis": "flow", "arm": arm}
        assessed = number(words.results, "n", count, term="assessed", visit=visit, **keys)
        if assessed.sources and n:
            allocated = number(words.results, "n", count, term="allocated", **keys)
            people = "" if parts else " participants"
            where = f" in {words.arm(arm)}" if len(sizes) > 1 else ""
            parts.append(line(assessed, " of ", allocated, f"{people}{where}"))
    return line(f"At {words.at(visit)}, ", series(parts), " were assessed.") if parts else ()
