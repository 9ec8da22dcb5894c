"""Everything the plan asks about mechanisms and missing values: rows, method sentences and findings in one call."""

from __future__ import annotations

from collections.abc import Callable

from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row
from compassion_trials.effects.mechanism.mechanism_words import mechanism_sentences
from compassion_trials.effects.mechanism.mediation_rows import mediation_rows
from compassion_trials.effects.mechanism.moderation_rows import moderation_rows
from compassion_trials.effects.missing.sensitivity import sensitivity_rows
from compassion_trials.trial.trial import Trial


def mechanism_rows(
    trial: Trial, progress: Callable[[str], None] | None = None
) -> tuple[list[Row], tuple[str, ...], tuple[Finding, ...]]:
    """Mediation, moderation and sensitivity analyses.

    Parameters
    ----------
    trial : Trial
    progress : callable, optional
        Told each part as it begins.

    Returns
    -------
    list of dict, tuple of str, tuple of Finding
        Result rows, sentences for the Methods section, findings.
    """
    found: list[Row] = []
    findings: tuple[Finding, ...] = ()
    for part in (mediation_rows, moderation_rows, sensitivity_rows):
        more, noticed = part(trial, progress)
        found, findings = found + more, findings + noticed
    return found, mechanism_sentences(trial, found), findings
