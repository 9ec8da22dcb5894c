"""Evidence across trials: effects of a field from published rows, meta-analyses, a CSV, and our own trials.

Positive effects favour the treatment: the direction of the outcome is applied here, before anything is pooled.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from typing import Literal

import numpy as np

from compassion_trials.core.errors import InputError, ModelError
from compassion_trials.core.files import read_table
from compassion_trials.core.findings import Finding
from compassion_trials.effects.meta.measures import standardized
from compassion_trials.effects.meta.multilevel import ThreeLevel, three_level
from compassion_trials.effects.meta.pool import Interval, Pooled, pool, q_profile
from compassion_trials.effects.meta.questions import Asymmetry, Filled, egger, leave_one_out, subgroups, trim_and_fill
from compassion_trials.effects.size import oriented
from compassion_trials.published.cells import cells
from compassion_trials.published.model import COVERED, Published
from compassion_trials.published.pooled import trials_of
from compassion_trials.published.printed import printed
from compassion_trials.study.context import Context

Origin = Literal["published rows", "published effects", "csv", "our analysis"]
"""Where an effect comes from."""

FEWEST = 3
"""Trials from which a field is pooled."""

PROBABLE_FIELDS: dict[str, str] = {
    "scs": "self_compassion",
    "scs_sf": "self_compassion",
    "ceas": "self_compassion",
    "ffmq39": "mindfulness",
    "ffmq15": "mindfulness",
    "maas": "mindfulness",
    "kims": "mindfulness",
    "bdi2": "depression",
    "phq9": "depression",
    "phq8": "depression",
    "cesd": "depression",
    "epds": "depression",
    "gad7": "anxiety",
    "pss10": "stress",
    "pss14": "stress",
    "rrs22": "rumination",
    "rrs10": "rumination",
    "fscrs": "self_criticism",
}
"""Field of a questionnaire of ours by its name; DASS scales carry theirs in the scale."""


@dataclass(frozen=True, slots=True)
class TrialEffect:
    """One effect in a field.

    Attributes
    ----------
    field : str
    trial, outcome : str
        Label of the trial (and arm); outcome in words.
    estimate, variance : float
        Hedges' g, positive = benefit.
    origin : Origin
    source : str
        File, or results row.
    group : str
        Randomized, not randomized, synthetic, or a column of a CSV.
    synthetic : bool
    cluster : str
        Trial whose arms or outcomes are not independent of each other; the label when empty.
    """

    field: str
    trial: str
    outcome: str
    estimate: float
    variance: float
    origin: Origin
    source: str
    group: str = ""
    synthetic: bool = False
    cluster: str = ""

    @property
    def own(self) -> bool:
        """Whether it is a trial that we analysed; drawn beside the evidence, never pooled with it."""
        return self.origin == "our analysis"


def published_effects(
    studies: Mapping[str, Published], moved: Mapping[str, Mapping[str, object]]
) -> Iterator[TrialEffect]:
    """Effects of printed rows at the visit that each table names, and printed effects of single trials."""
    for name, study in studies.items():
        for table in study.tables:
            if table.pooled_at is None or table.status == "not read" or table.name in moved.get(name, {}):
                continue
            here = cells(table)
            for key, measure in study.measures.items():
                for arm in study.arms:
                    a, b = (here.get((key, x, table.pooled_at)) for x in (arm, study.control or ""))
                    if measure.field is None or arm == study.control or a is None or b is None:
                        continue
                    if not (a.n and b.n and a.sd and b.sd):
                        continue
                    found = standardized(a.summary(a.mean.value, a.sd.value), b.summary(b.mean.value, b.sd.value))
                    trial = measure.trial or study.label + (f", {study.arms[arm]}" if len(study.arms) > 2 else "")
                    group = {True: "randomized", False: "not randomized", None: ""}[study.randomized]
                    outcome = measure.label.removeprefix(measure.trial).lstrip(": ")
                    yield TrialEffect(
                        measure.field,
                        trial,
                        outcome,
                        oriented(found.estimate, measure.better),
                        found.variance,
                        "published rows",
                        f"{name}.yaml, {table.name}",
                        group,
                        cluster=measure.trial or study.label,
                    )
        if study.trials is not None and study.trials.field is not None:
            given = trials_of(study)
            for trial, y, v in zip(given.names, given.y, given.v, strict=True):
                yield TrialEffect(
                    study.trials.field,
                    trial,
                    study.trials.metric,
                    float(y),
                    float(v),
                    "published effects",
                    f"{name}.yaml, trials",
                    "",
                )


def csv_effects(path: Path) -> list[TrialEffect]:
    """Effects of a CSV with the columns field, trial, estimate, se (positive = benefit), and outcome, group if wished.

    Raises
    ------
    InputError
        Missing columns, unknown fields, values that are no numbers, standard errors that are not above zero.
    """
    from compassion_trials.core.errors import nearest

    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows, head = list(reader), list(reader.fieldnames or [])
    problems = [
        Finding("error", "missing_column", "the file lacks a column", path.name, None, name, advice=nearest(name, head))
        for name in ("field", "trial", "estimate", "se")
        if name not in head
    ]
    found = []
    for number, row in enumerate(rows if not problems else [], start=2):
        if row["field"] not in COVERED:
            advice = nearest(row["field"], list(COVERED))
            problems.append(
                Finding(
                    "error",
                    "unknown_field",
                    "there is no such field",
                    path.name,
                    number,
                    "field",
                    row["field"],
                    "",
                    advice,
                )
            )
        try:
            estimate, se = float(row["estimate"]), float(row["se"])
        except ValueError:
            problems.append(Finding("error", "not_a_number", "estimate and se must be numbers", path.name, number))
            continue
        if not (se > 0 and isfinite(estimate)):
            problems.append(
                Finding("error", "bad_se", "a standard error is above zero", path.name, number, "se", row["se"])
            )
            continue
        found.append(
            TrialEffect(
                row["field"],
                row["trial"],
                row.get("outcome") or "",
                estimate,
                se**2,
                "csv",
                path.name,
                row.get("group") or "",
            )
        )
    if problems:
        raise InputError(problems)
    return found


def own_effects(context: Context) -> Iterator[TrialEffect]:
    """Hedges' g of a trial that we analysed, at the visit of its primary comparison, each arm against control."""
    path, design = context.results.results, context.plan.design
    if not path.is_file() or design.control is None:
        return
    results = read_table(path)
    synthetic = _synthetic(context)
    visit = context.plan.analysis.primary.contrast.visit or design.controlled_visits[-1]
    observed = results[(results["analysis"] == "observed") & (results["visit"] == visit)]
    n = {(r.outcome, r.arm): r.value for r in observed[observed["statistic"] == "n"].itertuples()}
    for key, outcome in context.outcomes.items():
        field = _field(context, key)
        if field is None or outcome.measure.endswith(("_locf", "_stored")):
            continue
        for arm in design.treated:
            term = f"difference: {arm} - {design.control}"
            rows = observed[
                (observed["outcome"] == key) & (observed["term"] == term) & (observed["statistic"] == "hedges_g")
            ]
            sizes = n.get((key, arm)), n.get((key, design.control))
            if len(rows) != 1 or not all(sizes):
                continue
            g, (n1, n2) = float(rows["value"].iloc[0]), (float(x or 0) for x in sizes)
            variance = 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))
            label = (
                context.study.name
                + (f", {arm}" if len(design.treated) > 1 else "")
                + (", SYNTHETIC" if synthetic else "")
            )
            yield TrialEffect(
                field,
                label,
                outcome.short,
                oriented(g, outcome.better),
                variance,
                "our analysis",
                str(rows["id"].iloc[0]),
                "randomized" if design.type == "randomized" else "not randomized",
                synthetic,
                context.study.name,
            )


def _synthetic(context: Context) -> bool:
    """Whether the trial's data were simulated."""
    from compassion_trials.core.files import read_json

    record = context.results.record("ingest")
    return bool(read_json(record).get("facts", {}).get("synthetic")) if record.is_file() else False


def _field(context: Context, key: str) -> str | None:
    """Field of an outcome: of its questionnaire's total, or of a scale named like a field."""
    measure, _, scale = key.partition(".")
    if scale in COVERED and context.plan.measures[measure].instrument not in PROBABLE_FIELDS:
        return scale
    spec = context.plan.measures[measure]
    if scale != "total":
        return None
    if spec.instrument is not None:
        return PROBABLE_FIELDS.get(spec.instrument)
    name = (spec.name or "").lower()
    return next((f for word, f in _NAMES.items() if word in name), None)


_NAMES = {
    "depression inventory": "depression",
    "depression rating": "depression",
    "anxiety": "anxiety",
    "self-compassion": "self_compassion",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Effects of one field with everything asked of them.

    Attributes
    ----------
    field : str
    effects : tuple of TrialEffect
        In the order of the plot; those of our own trials never enter the pooled effect.
    pooled : Pooled or None
        None below three trials.
    profile : Interval or None
        Of tau².
    dependent : ThreeLevel or None
        When trials have several effects.
    asymmetry : Asymmetry or None
    filled : Filled or None
    left_out : tuple of float
        Pooled effect without each effect in turn.
    groups : dict of str to (float, float, float, int)
        Estimate, limits and k of groups with two or more effects.
    groups_p : float
        Test between groups; NaN without groups.
    references : dict of str to float
        Pooled effects that other meta-analyses print.
    """

    field: str
    effects: tuple[TrialEffect, ...]
    pooled: Pooled | None
    profile: Interval | None
    dependent: ThreeLevel | None
    asymmetry: Asymmetry | None
    filled: Filled | None
    left_out: tuple[float, ...]
    groups: dict[str, tuple[float, float, float, int]]
    groups_p: float
    references: dict[str, float]

    @property
    def label(self) -> str:
        """The field in words."""
        return COVERED[self.field]

    @property
    def evidence(self) -> tuple[TrialEffect, ...]:
        """Effects that are pooled: published and from CSV, none of ours."""
        return tuple(e for e in self.effects if not e.own)

    @property
    def own(self) -> tuple[TrialEffect, ...]:
        """Effects of the trials that we analysed."""
        return tuple(e for e in self.effects if e.own)

    @property
    def headline(self) -> tuple[float, float, float]:
        """Pooled effect with limits: of the three-level model when trials have several effects."""
        fit = self.dependent or self.pooled
        assert fit is not None
        return float(fit.b[0]), float(fit.lower[0]), float(fit.upper[0])


def evidence(effects: Iterable[TrialEffect], studies: Mapping[str, Published]) -> list[Evidence]:
    """Effects by field, pooled where there are three or more."""
    given = list(effects)
    found = []
    for field in COVERED:
        mine = [e for e in given if e.field == field]
        if mine:
            references = {s.label: printed(s.reference[field]).value for s in studies.values() if field in s.reference}
            found.append(_one(field, mine, references))
    return found


def _one(field: str, mine: list[TrialEffect], references: dict[str, float]) -> Evidence:
    """One field."""
    order = {"published rows": 0, "published effects": 1, "csv": 2, "our analysis": 3}
    effects = tuple(sorted(mine, key=lambda e: (e.synthetic, order[e.origin], e.trial, e.outcome)))
    real = [e for e in effects if not e.own]
    if len({e.cluster or e.trial for e in real}) < FEWEST:
        return Evidence(field, effects, None, None, None, None, None, (), {}, nan, references)
    y, v = np.array([e.estimate for e in real]), np.array([e.variance for e in real])
    trials = [e.cluster or e.trial for e in real]
    dependent = three_level(y, v, trials) if 1 < len(set(trials)) < len(trials) else None
    groups, groups_p = _groups(real, y, v)
    return Evidence(
        field,
        effects,
        pool(y, v),
        q_profile(y, v),
        dependent,
        _egger(y, v),
        trim_and_fill(y, v),
        tuple(float(p.b[0]) for p in leave_one_out(y, v)),
        groups,
        groups_p,
        references,
    )


def _egger(y: np.ndarray, v: np.ndarray) -> Asymmetry | None:
    """Egger's test; none where all trials have one size."""
    try:
        return egger(y, v)
    except ModelError:
        return None


def _groups(
    real: list[TrialEffect], y: np.ndarray, v: np.ndarray
) -> tuple[dict[str, tuple[float, float, float, int]], float]:
    """Subgroups of effects that carry a group; groups with one effect are left out."""
    labels = np.array([e.group for e in real])
    kept = [g for g in dict.fromkeys(labels) if g and (labels == g).sum() > 1]
    if len(kept) < 2:
        return {}, nan
    keep = np.isin(labels, kept)
    try:
        parts = subgroups(y[keep], v[keep], list(labels[keep]))
    except ModelError:
        return {}, nan
    rows = {
        n: (float(p.b[0]), float(p.lower[0]), float(p.upper[0]), p.k)
        for n, p in zip(parts.names, parts.pooled, strict=True)
    }
    return rows, parts.p
