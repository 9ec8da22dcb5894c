"""A printed meta-analysis against its own effects, under both conventions in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compassion_trials.ledger.evidence.between_trials import q_profile
from compassion_trials.ledger.evidence.pool import Pooled, PooledError, i_squared_interval, pool
from compassion_trials.ledger.evidence.questions import egger, subgroups, trim_and_fill
from compassion_trials.ledger.ledger_line import Candidate, LedgerLine, PrintedQuestion, answer
from compassion_trials.ledger.reading.model import PooledNumbers, Published
from compassion_trials.ledger.reading.printed import Range, exactly, printed


@dataclass(frozen=True, slots=True)
class Trials:
    """Effects of single trials as arrays.

    Attributes
    ----------
    names : tuple of str
    y, v : ndarray, shape (k,)
    columns : dict of str to tuple of str
    """

    names: tuple[str, ...]
    y: NDArray[np.float64]
    v: NDArray[np.float64]
    columns: dict[str, tuple[str, ...]]

    def take(self, keep: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Effects and variances of some trials."""
        return self.y[keep], self.v[keep]


def trials_of(study: Published) -> Trials:
    """Effects of the single trials of a file."""
    assert study.trials is not None
    lines = study.trials.lines
    y = np.array([printed(line.cells["estimate"]).value for line in lines])
    se = np.array([printed(line.cells["se"]).value for line in lines])
    columns = {c: tuple(line.cells.get(c, "") for line in lines) for c in study.trials.columns}
    return Trials(tuple(line.cells["trial"] for line in lines), y, se**2, columns)


def pooled_lines(name: str, study: Published) -> list[LedgerLine]:
    """Every printed result of a meta-analysis; none for a file without single trials."""
    if study.trials is None:
        return []
    trials = trials_of(study)
    lines: list[LedgerLine] = []
    for result in study.results:
        found = dict(_found(result, trials))
        questions = [
            PrintedQuestion(
                study=name,
                table=result.name,
                source=result.source,
                status="read",
                what=_words(result),
                statistic=statistic,
                number=printed(text),
                candidates=tuple(found.get(statistic, ())),
            )
            for statistic, text in result.numbers.items()
        ]
        lines += answer(questions)
    return lines


def _words(result: PooledNumbers) -> str:
    """The analysis in words."""
    return {
        "all": "all trials",
        "without": f"without {', '.join(result.without)}",
        "subgroup": f"{result.by} = {result.group}",
        "between": f"between groups of {result.by}",
        "egger": "Egger's test",
        "trim_and_fill": "trim and fill",
    }[result.kind]


def _found(result: PooledNumbers, trials: Trials) -> Iterator[tuple[str, list[Candidate]]]:
    """Recomputed statistics of one analysis."""
    everyone = np.ones(len(trials.y), bool)
    if result.kind == "egger":
        yield from _egger(trials)
    elif result.kind == "between":
        parts = subgroups(trials.y, trials.v, trials.columns[result.by or ""])
        text = "chi-squared of the groups' Hartung-Knapp estimates, tau² of each group"
        for name, value in (("q", parts.q), ("q_df", float(parts.df)), ("q_p", parts.q_p)):
            yield name, [_one("between_groups", text, value)]
    elif result.kind == "trim_and_fill":
        yield from _filled(trials)
    else:
        keep = everyone
        if result.kind == "without":
            keep = ~np.isin(trials.names, result.without)
        elif result.kind == "subgroup":
            keep = np.array(trials.columns[result.by or ""]) == result.group
        y, v = trials.take(keep)
        yield from _random_effects(y, v)


def _one(definition: str, formula: str, value: float) -> Candidate:
    """A value without rounding in its inputs."""
    return Candidate(definition, formula, exactly(float(value)), decisive=True)


def _random_effects(y: NDArray[np.float64], v: NDArray[np.float64]) -> Iterator[tuple[str, list[Candidate]]]:
    """Everything about a pooled effect; prediction interval and I² under each convention."""
    fit = pool(y, v)
    yield from _common(fit, "REML, Hartung-Knapp, t with k − 1 df")
    profile = q_profile(y, v)
    i2, h = i_squared_interval(fit.q, fit.q_df)
    if profile is not None:
        yield "tau2_lower", [_one("q_profile", "Q-profile", profile.lower)]
        yield "tau2_upper", [_one("q_profile", "Q-profile", profile.upper)]
    for name, interval in (("i2", i2), ("h", h)):
        yield (
            f"{name}_lower",
            [_one("test_based", "test-based interval of H (Higgins & Thompson 2002)", interval.lower)],
        )
        yield (
            f"{name}_upper",
            [_one("test_based", "test-based interval of H (Higgins & Thompson 2002)", interval.upper)],
        )
    yield "h", [_one("h_from_q", "√(Q / df)", max(1.0, fit.q / fit.q_df) ** 0.5)]
    conventions: tuple[tuple[str, str, PooledError, int], ...] = (
        ("metafor", "metafor: t with k − 1 df, Hartung-Knapp SE", "hk", 1),
        ("meta_classic", "R meta: t with k − 2 df, classic SE", "classic", 2),
        ("meta_hk", "R meta: t with k − 2 df, Hartung-Knapp SE", "hk", 2),
    )
    for end in ("lower", "upper"):
        yield (
            f"prediction_{end}",
            [Candidate(name, text, _prediction(fit, se, less, end)) for name, text, se, less in conventions],
        )


REML_TOLERANCE = 1e-5
"""Change of tau² at which R's programs stop; their tau² may differ from the optimum by as much."""


def _prediction(fit: Pooled, se: PooledError, less: int, end: str) -> Range:
    """A limit of the prediction interval, with tau² up to the programs' tolerance larger than the optimum."""
    limit = getattr(fit.prediction_by(se, less), end)
    centre = float(fit.b[0])
    error = fit.se[0] if se == "hk" else fit.classic_se[0]
    wider = (limit - centre) * float(np.sqrt(1 + REML_TOLERANCE / (error**2 + fit.tau2)))
    return Range(min(limit, centre + wider), max(limit, centre + wider), limit)


def _common(fit: Pooled, text: str) -> Iterator[tuple[str, list[Candidate]]]:
    """Estimate, tests and heterogeneity."""
    values = {"estimate": fit.b[0], "lower": fit.lower[0], "upper": fit.upper[0], "t": fit.t[0], "p": fit.p[0]}
    for name, value in values.items():
        yield name, [_one("reml_hartung_knapp", text, value)]
    yield "k", [_one("count", "number of effects", fit.k)]
    yield "tau2", [_one("reml", "REML", fit.tau2)]
    yield "tau", [_one("reml", "square root of tau², REML", fit.tau2**0.5)]
    yield "q", [_one("cochran_q", "Σ w (y − fixed-effect mean)²", fit.q)]
    yield "q_df", [_one("cochran_q", "k − 1", fit.q_df)]
    yield "q_p", [_one("cochran_q", "upper tail of chi-squared", fit.q_p)]
    yield (
        "i2",
        [
            _one("i2_from_q", "(Q − df) / Q, as R meta", fit.i2_q),
            _one("i2_from_tau2", "tau² / (tau² + typical variance), as metafor", fit.i2_tau),
        ],
    )


def _egger(trials: Trials) -> Iterator[tuple[str, list[Candidate]]]:
    """Egger's test; limits with t and with the normal quantile."""
    test = egger(trials.y, trials.v)
    text = "regression of g/SE on 1/SE"
    yield "intercept", [_one("egger", text, test.intercept)]
    for end, sign in (("lower", -1), ("upper", 1)):
        normal = test.intercept + sign * 1.959963984540054 * test.se
        yield (
            f"intercept_{end}",
            [
                Candidate("egger_t", f"{text}, t with k − 2 df", exactly(getattr(test, end))),
                Candidate("egger_z", f"{text}, normal quantile", exactly(normal)),
            ],
        )
    yield "t", [_one("egger", text, test.t)]
    yield "df", [_one("egger", "k − 2", test.df)]
    yield "p", [_one("egger", f"{text}, t with k − 2 df", test.p)]


def _filled(trials: Trials) -> Iterator[tuple[str, list[Candidate]]]:
    """Trim and fill, the centre by fixed and by random effects."""
    versions = [
        (
            "fill_fixed_centre",
            "L0, centre by fixed effects while trimming (R meta)",
            trim_and_fill(trials.y, trials.v, centre_by="FE"),
        ),
        ("fill_random_centre", "L0, centre by REML while trimming (metafor)", trim_and_fill(trials.y, trials.v)),
    ]
    named = [(name, text, fill.added, dict(_common(fill.pooled, text))) for name, text, fill in versions]
    yield "added", [_one(name, text, added) for name, text, added, _ in named]
    for statistic in named[0][3]:
        candidates = [(name, text, parts[statistic]) for name, text, _, parts in named]
        yield (
            statistic,
            [
                _one(
                    f"{name}, {c.definition}",
                    f"{text}; {c.formula}" if text not in c.formula else c.formula,
                    c.found.value,
                )
                for name, text, found in candidates
                for c in found
            ],
        )
