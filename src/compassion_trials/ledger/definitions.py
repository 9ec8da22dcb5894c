"""The fixed list: which definitions may have given a printed number, by the kind of test and the statistic.

`DEFINITIONS` is the whole list; a number that no entry covers cannot be recomputed. Each definition reads a printed
line of effects and yields what it gives there, or nothing where an input is not printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, get_args

from compassion_trials.ledger import statistics as st
from compassion_trials.ledger.checks.counts import allocated
from compassion_trials.ledger.ledger_line import Candidate
from compassion_trials.ledger.printed_effect import PrintedEffect
from compassion_trials.ledger.reading.model import Model
from compassion_trials.ledger.reading.printed import Printed, Range, corners
from compassion_trials.ledger.sizes import ArmPair, between, standard_errors, within

Definition = Callable[[PrintedEffect, str], Iterator[Candidate]]
"""From a printed line of effects and the name of the statistic to the values that it may have."""


def _of_pair(function: Callable[[ArmPair], Iterator[Candidate]]) -> Definition:
    """A definition that reads the cells of two arms."""
    return lambda effect, _: function(effect.pair) if effect.pair else iter(())


def _of_numbers(function: Callable[[Mapping[str, Printed]], Iterator[Candidate]]) -> Definition:
    """A definition that reads the other numbers of the line."""
    return lambda effect, _: function(effect.numbers)


def _limit(function: Callable[[str, Mapping[str, Printed]], Iterator[Candidate]]) -> Definition:
    """A definition of a lower or upper limit from the other numbers of the line."""
    return lambda effect, statistic: function(statistic, effect.numbers)


def _first_of(*definitions: Definition) -> Definition:
    """The first definition that gives something; the others are for lines that lack what it needs."""

    def first(effect: PrintedEffect, statistic: str) -> Iterator[Candidate]:
        for definition in definitions:
            found = list(definition(effect, statistic))
            if found:
                yield from found
                return

    return first


def _within(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """Change of one arm."""
    if effect.change:
        yield from within(*effect.change)


def _from_test(effect: PrintedEffect, statistic: str) -> Iterator[Candidate]:
    """d from the printed t or F of two arms."""
    if effect.line.cells.get("versus"):
        yield from st.from_test(effect.numbers, effect.ns, effect.numbers[statistic])


def _adjusted(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """Difference of adjusted means over the SD of the first visit."""
    if effect.pair is None:
        return
    first = next(iter(effect.study.visits))
    get = effect.line.cells.get
    before = [effect.everywhere.get((get("measure", ""), arm, first)) for arm in (get("arm", ""), get("versus", ""))]
    sds: tuple[Range, ...] = tuple(cell.sd for cell in before if cell is not None and cell.sd is not None)
    if len(sds) < 2:
        return
    means = (effect.pair.a.mean.range, effect.pair.b.mean.range)
    for name, formula, divisor in (
        (
            "adjusted_rms_before",
            "difference of adjusted means / √((SD1² + SD2²) / 2) before",
            lambda s, t: ((s * s + t * t) / 2) ** 0.5,
        ),
        (
            "adjusted_sd_control_before",
            "difference of adjusted means / SD of the comparison arm before",
            lambda s, t: t,
        ),
    ):
        yield Candidate(name, formula, corners(lambda x, y, s, t, f=divisor: (x - y) / f(s, t), *means, *sds))


def _p_printed(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """p from the printed test."""
    yield from st.p_values(effect.numbers, sum(effect.ns) if effect.ns else None)


def _p_one_way(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """p of the one-way analysis of variance of the printed rows."""
    f = st.one_way_f(effect.group)
    if f is not None:
        text = f"one-way analysis of variance from n, M and SD, F({f[1]}, {f[2]})"
        yield Candidate("p_one_way", text, st.p_of_f(f[0], f[1], f[2]), decisive=True)


def _p_allocated(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """One-way analysis of variance with the allocated n, where the rows print none; so it decides nothing."""
    counts = allocated(effect.study)
    if not len(counts) == len(effect.group) == len(effect.study.arms):
        return
    group = [replace(cell, n=n) for cell, n in zip(effect.group, (counts[a] for a in effect.study.arms), strict=True)]
    f = st.one_way_f(group)
    if f is not None:
        text = (
            f"one-way analysis of variance with the allocated n (those of the row are not printed), F({f[1]}, {f[2]})"
        )
        yield Candidate("p_one_way_allocated", text, st.p_of_f(f[0], f[1], f[2]))


def _p_student(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """p of Student's t of two printed rows."""
    if effect.pair and effect.pair.counted:
        df = sum(effect.ns or ()) - 2
        for t in st.two_sample_t(effect.pair):
            if t.definition == "t_student":
                yield Candidate("p_from_rows", f"two-sided tail of t({df}), t = {t.formula}", st.p_of_t(t.found, df))


def _p_adjusted(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """p of the difference of two adjusted means."""
    if effect.pair:
        total = sum(allocated(effect.study).values())
        yield from st.adjusted_contrast_p(effect.pair, total - len(effect.study.arms) - 1)


def _f_one_way(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """F of the one-way analysis of variance of the printed rows."""
    f = st.one_way_f(effect.group)
    if f is not None:
        text = f"one-way analysis of variance from n, M and SD, F({f[1]}, {f[2]})"
        yield Candidate("f_one_way", text, f[0], decisive=True)


def _limits_from_n(effect: PrintedEffect, statistic: str) -> Iterator[Candidate]:
    """Limits of d from d and n."""
    yield from st.limits_from_n(statistic, effect.numbers, effect.ns)


def _compared(effect: PrintedEffect) -> list[int | None]:
    """n of the arms that the line compares: all of them in an analysis of variance."""
    compared = effect.group if effect.table.model == "anova" else (effect.pair.a, effect.pair.b) if effect.pair else ()
    return [cell.n for cell in compared]


def _df_arms(effect: PrintedEffect, _: str) -> Iterator[Candidate]:
    """Numerator df of an F between arms."""
    if "F" in effect.numbers:
        yield from st.df_arms(len(_compared(effect)))


def _df_from_n(formula: str, covariates: int = 0) -> Definition:
    """df from n, less one for each arm and covariate."""
    return lambda effect, _: st.df_from_n(_compared(effect), covariates, formula)


_MODELS: Final[tuple[Model, ...]] = get_args(Model)
_STANDARDIZED = (_of_pair(between), _within, _from_test)
_WITHOUT_COVARIATE = _df_from_n("N − arms")
_WITH_COVARIATE = _df_from_n("N − arms − 1 covariate", covariates=1)
_WITH_LIMITS = _of_numbers(st.t_from_limits)

_OF_EVERY_MODEL: Final[dict[str, tuple[Definition, ...]]] = {
    "estimate": (_of_pair(st.estimates),),
    "lower": (_limit(st.limits_from_t), _limit(st.mirrored_limit)),
    "upper": (_limit(st.limits_from_t), _limit(st.mirrored_limit)),
    "t": (_WITH_LIMITS,),
    "df": (_df_arms,),
    "p": (_p_printed,),
    "d": _STANDARDIZED,
    "d_lower": (_limits_from_n, _limit(st.mirrored_limit)),
    "d_upper": (_limits_from_n, _limit(st.mirrored_limit)),
    "g": _STANDARDIZED,
    "g_se": (_of_pair(standard_errors),),
    "eta2": (_of_numbers(st.eta_squared),),
}
"""Definitions that hold whatever the printed test is."""

DEFINITIONS: Final[dict[tuple[Model, str], tuple[Definition, ...]]] = {
    **{(model, statistic): found for model in _MODELS for statistic, found in _OF_EVERY_MODEL.items()},
    ("t_test", "t"): (_of_pair(st.two_sample_t), _WITH_LIMITS),
    ("t_test", "p"): (_first_of(_p_printed, _p_student),),
    ("t_test", "df"): (_first_of(_df_arms, _df_from_n("N − 2")),),
    ("t_test", "df2"): (_df_from_n("N − 2"),),
    ("anova", "F"): (_f_one_way,),
    ("anova", "p"): (_first_of(_p_printed, _p_one_way, _p_allocated),),
    ("anova", "df"): (_first_of(_df_arms, _WITHOUT_COVARIATE),),
    ("anova", "df2"): (_WITHOUT_COVARIATE,),
    ("mixed_anova", "F"): (_of_pair(st.interaction_f),),
    ("mixed_anova", "df"): (_first_of(_df_arms, _WITHOUT_COVARIATE),),
    ("mixed_anova", "df2"): (_WITHOUT_COVARIATE,),
    ("ancova", "F"): (_of_pair(st.ancova_f),),
    ("ancova", "df"): (_first_of(_df_arms, _WITH_COVARIATE),),
    ("ancova", "df2"): (_WITH_COVARIATE,),
    ("adjusted_means", "p"): (_first_of(_p_printed, _p_adjusted),),
    ("adjusted_means", "d"): (_adjusted,),
    ("adjusted_means", "g"): (_adjusted,),
}
"""The definitions that apply to a printed number, by what the test of its table is and by the statistic."""


def candidates(effect: PrintedEffect, statistic: str) -> list[Candidate]:
    """What the definitions of one printed number give, in the order of the list."""
    return [
        candidate
        for definition in DEFINITIONS.get((effect.table.model, statistic), ())
        for candidate in definition(effect, statistic)
    ]
