"""What one job gives back, and the words that its rows share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row
from compassion_trials.fit.analyses import Job
from compassion_trials.trial.trial import Trial


@dataclass(frozen=True, slots=True)
class JobResult:
    """Numbers of one job.

    Attributes
    ----------
    job : Job
    rows : list of dict
        Result rows.
    analysed : mapping of str to int
        Participants by arm who contributed.
    left_out : mapping of str to int
        Participants of the set by arm who did not.
    facts : dict
        JSON-able facts for tables: covariance used, degrees of freedom, certificate.
    findings : tuple of Finding
    diagnostics : dict
        Arrays of `fit.diagnostics`; only for the primary model.
    """

    job: Job
    rows: list[Row]
    analysed: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    diagnostics: dict[str, Any] = field(default_factory=dict)


def job_keys(trial: Trial, job: Job) -> dict[str, object]:
    """Keys of every row of a job."""
    return trial.keys | {
        "analysis": job.analysis,
        "model": job.model,
        "outcome": job.outcome.key,
        "population": job.population,
        "unit": job.outcome.unit,
        "prespecified": "yes" if job.spec.prespecified else "no",
    }


def estimate_statistics(e: Any) -> dict[str, float]:
    """Statistics of an estimate with a t test."""
    return {name: getattr(e, name) for name in ("estimate", "se", "df", "t", "p", "lower", "upper")}
