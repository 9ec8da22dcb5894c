"""Families of outcomes: p values corrected together, families tested in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows
from compassion_trials.effects.primary_contrast import PlannedEstimate, answer, job_of
from compassion_trials.fit.analyses import Job
from compassion_trials.models.inference.multiplicity import adjust
from compassion_trials.study.plan.family import Family
from compassion_trials.trial.trial import Trial

CORRECTIONS = {
    "none": "no correction",
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "bh": "Benjamini-Hochberg (false discovery rate)",
    "fixed-sequence": "fixed sequence",
}
"""Corrections in words."""

PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class Tested:
    """One hypothesis of a family.

    Attributes
    ----------
    found : PlannedEstimate
        Its estimate.
    p, adjusted : float
        Raw and adjusted, the gatekeeper included.
    """

    found: PlannedEstimate
    p: float
    adjusted: float


def gated(adjusted: NDArray[np.float64], gate: float) -> NDArray[np.float64]:
    """Adjusted p values behind a gatekeeper: a hypothesis is rejected only where the gate is too.

    Serial gatekeeping (Westfall & Krishen 2001, doi:10.1016/S0378-3758(01)00077-5): the largest adjusted p of the
    family before is a lower limit.
    """
    return np.maximum(adjusted, gate)


def family_rows(trial: Trial, models: pd.DataFrame, jobs: Sequence[Job]) -> tuple[list[Row], list[Finding]]:
    """Adjusted p values beside the estimates (``p_adjusted``), and the families themselves (analysis ``families``)."""
    families = trial.context.plan.analysis.families
    found: dict[str, list[Tested]] = {}
    sizes: dict[str, int] = {}
    findings: list[Finding] = []
    gates = {PRIMARY: _primary_gate(trial, models, jobs)}
    for name in in_order(families):
        family = families[name]
        answers, missing = _hypotheses(trial, models, jobs, family)
        findings += [_not_estimable(name, outcome) for outcome in missing]
        gate = gates[family.after] if family.after else 0.0
        found[name] = _test(answers, len(missing), family.correction, gate)
        gates[name] = 1.0 if missing else max((t.adjusted for t in found[name]), default=1.0)
        sizes[name] = len(answers) + len(missing)
    out = [row for name, tested in found.items() for row in _rows(trial, name, families[name], tested, sizes[name])]
    return out, findings


def in_order(families: dict[str, Family]) -> list[str]:
    """Families with their gatekeepers first."""
    done: list[str] = []
    while len(done) < len(families):
        done += [n for n, f in families.items() if n not in done and (f.after in (None, PRIMARY) or f.after in done)]
    return done


def _primary_gate(trial: Trial, models: pd.DataFrame, jobs: Sequence[Job]) -> float:
    """Largest p of the primary comparisons; 1 when there is none."""
    job = next((job for job in jobs if job.analysis == PRIMARY), None)
    if job is None:
        return 1.0
    pairs: Sequence[tuple[str, str] | None] = job.asked or [None]
    answers = [answer(trial, models, job, job.answer_visit, pair) for pair in pairs]
    return max((a.values.get("p", 1.0) if a else 1.0) for a in answers)


def _hypotheses(
    trial: Trial, models: pd.DataFrame, jobs: Sequence[Job], family: Family
) -> tuple[list[PlannedEstimate], list[str]]:
    """Estimates of a family, and outcomes without one."""
    found: list[PlannedEstimate] = []
    missing: list[str] = []
    for outcome in family.outcomes:
        job = job_of(trial, jobs, outcome)
        pairs: Sequence[tuple[str, str] | None] = [family.between] if family.between else (job.asked if job else ())
        for pair in pairs or [None]:
            one = answer(trial, models, job, family.visit or job.answer_visit, pair) if job else None
            if one is None or "p" not in one.values:
                missing.append(outcome)
            else:
                found.append(one)
    return found, missing


def _test(answers: list[PlannedEstimate], missing: int, correction: str, gate: float) -> list[Tested]:
    """Correct over all planned hypotheses; one without an estimate counts as p = 1."""
    if not answers:
        return []
    p = np.array([a.values["p"] for a in answers] + [1.0] * missing)
    adjusted = p if correction == "none" else adjust(p, correction)
    final = gated(np.asarray(adjusted), gate)
    return [Tested(a, float(p[i]), float(final[i])) for i, a in enumerate(answers)]


def _rows(trial: Trial, name: str, family: Family, tested: list[Tested], planned: int) -> list[Row]:
    """Rows of a family of so many planned hypotheses, of which some may have no estimate."""
    label = family.label or name.replace("_", " ")
    note = f"family {label}: {CORRECTIONS[family.correction]} over {planned}"
    note += f" ({planned - len(tested)} without an estimate, p = 1)" if planned > len(tested) else ""
    note += f", tested after {family.after.replace('_', ' ')}" if family.after else ""
    mark = {"prespecified": "yes" if family.prespecified else "no", "note": note, "unit": ""}
    found: list[Row] = []
    for one in tested:
        found += rows(one.found.all_keys | mark, {"p_adjusted": one.adjusted})
        keys = one.found.all_keys | mark | {"analysis": "families", "level": name, "model": family.correction}
        rejected = float(one.adjusted < trial.alpha)
        found += rows(keys, {"p": one.p, "p_adjusted": one.adjusted, "rejected": rejected})
        found += rows(keys | {"unit": one.found.keys["unit"]}, {"estimate": one.found.values["estimate"]})
    return found


def _not_estimable(name: str, outcome: str) -> Finding:
    message = f"family {name}: {outcome} has no estimate and counts as not significant (p = 1)"
    return Finding("warning", "family_incomplete", message, column=f"analysis.families.{name}")
