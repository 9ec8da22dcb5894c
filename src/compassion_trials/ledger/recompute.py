"""A publication against itself: every printed number of its tables with the definitions that may have given it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import nan
from typing import Final

from compassion_trials.ledger.checks.counts import count_lines
from compassion_trials.ledger.definitions import candidates
from compassion_trials.ledger.ledger_line import Candidate, LedgerLine, PrintedQuestion, answer
from compassion_trials.ledger.printed_effect import PrintedEffect, effects
from compassion_trials.ledger.reading.cells import Cells
from compassion_trials.ledger.reading.model import Published, Table


def recompute(name: str, study: Published, moved: Mapping[str, Cells] | None = None) -> list[LedgerLine]:
    """All lines of one publication.

    Parameters
    ----------
    name : str
        Of the file.
    study : Published
    moved : mapping of str to Cells, optional
        By table: the cells as they would be if rows found to be shifted stood in their place.
    """
    lines = count_lines(name, study)
    lines += answer(
        [q for t in study.tables for q in _questions(name, study, t, (moved or {}).get(t.repeats or t.name))]
    )
    for claim in study.claims:
        lines.append(
            LedgerLine(
                study=name,
                table="claims",
                source=study.count_source or "; ".join(study.sources),
                status=claim.status,
                what=claim.what,
                statistic="statement",
                printed=claim.value,
                recomputed=nan,
                lower=nan,
                upper=nan,
                definition="",
                formula="",
                verdict="cannot be checked",
                note=claim.reason,
            )
        )
    return lines


def _questions(name: str, study: Published, table: Table, moved: Cells | None) -> Iterator[PrintedQuestion]:
    """Every printed number of a table's effects."""
    for effect in effects(study, table, moved):
        for statistic, number in effect.numbers.items():
            found = candidates(effect, statistic)
            yield PrintedQuestion(
                study=name,
                table=table.name,
                source=table.source,
                status=table.status,
                what=effect.words,
                statistic=statistic,
                number=number,
                candidates=tuple(map(_moved, found) if effect.moved and statistic in _FROM_ROWS else found),
                signed=table.sign == "difference" or statistic not in _UNSIGNED,
                missing=_missing(effect, statistic),
            )


def _moved(candidate: Candidate) -> Candidate:
    """A candidate computed from rows that stand where the check of shifted rows puts them."""
    if candidate.definition.startswith("d_from_t"):  # from the printed test, not from rows
        return candidate
    return replace(candidate, formula=f"{candidate.formula}; rows where the check of shifted rows puts them")


_UNSIGNED: Final = ("d", "g", "t")
"""Statistics that papers print without their direction."""

_FROM_ROWS: Final = ("d", "g", "estimate", "t", "F")
"""Statistics computed from printed rows."""

_MISSING: Final[dict[str, str]] = {
    **dict.fromkeys(("df", "df2"), "n of the arms, or what kind of test it is, is not printed"),
    **dict.fromkeys(("F", "t"), "n, or means and SDs of the visits compared, are not printed"),
    **dict.fromkeys(("d", "g"), "n, M and SD were not read at a source"),
    "p": "neither the test statistic nor n, M and SD were read at a source",
    "estimate": "the means, or the single effects behind a pooled one, were not read at a source",
}
"""Why a statistic that no definition gives cannot be recomputed."""

def words(effect: PrintedEffect) -> str:
    """An effect in words: measure, arms, visits."""
    study, get = effect.study, effect.line.cells.get
    arms = " − ".join(study.arms[a] for a in (get("arm"), get("versus")) if a)
    visits = study.visits.get(get("visit", ""), "")
    if get("from"):
        visits += f" from {study.visits[get('from')]}"  # type: ignore[index]
    return ", ".join(part for part in (study.measures[get("measure", "")].label, arms, visits.strip()) if part)


def _candidates(effect: PrintedEffect, statistic: str) -> Iterator[Candidate]:
    """Definitions that apply to one printed number."""
    numbers, pair, model = dict(effect.numbers), effect.pair, effect.table.model
    if statistic in ("d", "g"):
        yield from _standardized(effect, statistic)
    elif statistic == "g_se" and pair:
        yield from standard_errors(pair)
    elif statistic == "p":
        yield from _p(effect)
    elif statistic in ("t", "F"):
        yield from _test(effect, statistic)
    elif statistic in ("df", "df2"):
        ns = [cell.n for cell in (effect.group if model == "anova" else (pair.a, pair.b) if pair else ())]
        yield from st.degrees(model, statistic, numbers, ns)
    elif statistic == "estimate" and pair:
        yield from st.estimates(pair)
    elif statistic in ("lower", "upper"):
        yield from st.limits(statistic, numbers, "", pair, effect.ns)
    elif statistic in ("d_lower", "d_upper"):
        yield from st.limits(statistic, numbers, "d_", pair, effect.ns)
    elif statistic == "eta2":
        yield from st.eta_squared(numbers)


def _standardized(effect: PrintedEffect, statistic: str) -> Iterator[Candidate]:
    """Definitions of a standardized difference."""
    if effect.table.model == "adjusted_means":
        yield from _adjusted(effect)
        return
    if effect.pair:
        yield from between(effect.pair)
    if effect.change:
        yield from within(*effect.change)
    if effect.line.cells.get("versus"):
        yield from st.from_test(dict(effect.numbers), effect.ns, effect.numbers[statistic])


def _adjusted(effect: PrintedEffect) -> Iterator[Candidate]:
    """Difference of adjusted means over the SD of the first visit."""
    if effect.pair is None:
        return
    first = next(iter(effect.study.visits))
    get = effect.line.cells.get
    before = [effect.everywhere.get((get("measure", ""), arm, first)) for arm in (get("arm", ""), get("versus", ""))]
    if not all(cell is not None and cell.sd is not None for cell in before):
        return
    means = (effect.pair.a.mean.range, effect.pair.b.mean.range)
    sds: tuple[Range, ...] = tuple(cell.sd for cell in before if cell is not None and cell.sd is not None)
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


def _p(effect: PrintedEffect) -> Iterator[Candidate]:
    """p from the printed test; from rows where no test is printed."""
    found = list(st.p_values(dict(effect.numbers), sum(effect.ns) if effect.ns else None))
    model = effect.table.model
    if not found and model == "anova":
        f = st.one_way_f(effect.group)
        if f is not None:
            text = f"one-way analysis of variance from n, M and SD, F({f[1]}, {f[2]})"
            yield Candidate("p_one_way", text, st.p_of_f(f[0], f[1], f[2]), decisive=True)
        elif len(effect.group) == len(effect.study.arms):
            yield from _p_allocated(effect)
    if not found and model == "t_test" and effect.pair and effect.pair.counted:
        df = sum(effect.ns or ()) - 2
        for t in st.two_sample_t(effect.pair):
            if t.definition == "t_student":
                yield Candidate("p_from_rows", f"two-sided tail of t({df}), t = {t.formula}", st.p_of_t(t.found, df))
    if not found and model == "adjusted_means" and effect.pair:
        total = sum(allocated(effect.study).values())
        yield from st.adjusted_contrast_p(effect.pair, total - len(effect.study.arms) - 1)
    yield from found


def _p_allocated(effect: PrintedEffect) -> Iterator[Candidate]:
    """One-way analysis of variance with the allocated n, where the rows print none; so it decides nothing."""
    counts = allocated(effect.study)
    if len(counts) == len(effect.group):
        group = [
            replace(cell, n=n) for cell, n in zip(effect.group, (counts[a] for a in effect.study.arms), strict=True)
        ]
        f = st.one_way_f(group)
        if f is not None:
            text = (
                "one-way analysis of variance with the allocated n (those of the row are not "
                f"printed), F({f[1]}, {f[2]})"
            )
            yield Candidate("p_one_way_allocated", text, st.p_of_f(f[0], f[1], f[2]))


def _test(effect: PrintedEffect, statistic: str) -> Iterator[Candidate]:
    """t or F from rows, or from the estimate and its limits."""
    model, pair = effect.table.model, effect.pair
    if model == "t_test" and pair and statistic == "t":
        yield from st.two_sample_t(pair)
    elif model == "ancova" and pair and statistic == "F":
        yield from st.ancova_f(pair)
    elif model == "mixed_anova" and pair and statistic == "F":
        yield from st.interaction_f(pair)
    elif model == "anova" and statistic == "F" and (f := st.one_way_f(effect.group)) is not None:
        yield Candidate(
            "f_one_way", f"one-way analysis of variance from n, M and SD, F({f[1]}, {f[2]})", f[0], decisive=True
        )
    if statistic == "t":
        yield from st.t_from_limits(dict(effect.numbers))


def _missing(effect: PrintedEffect, statistic: str) -> str:
    """Why a number cannot be recomputed."""
    reasons = _MISSING if effect.group else _MISSING | _MISSING_WITHOUT_ROWS
    return reasons.get(statistic, "")
