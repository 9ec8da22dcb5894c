"""Everything about effects that the plan asks for by name, module after module."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from compassion_trials.core.columns import results_table
from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row
from compassion_trials.effects.groups.group_rows import group_rows
from compassion_trials.effects.outcomes.clinical import clinical_rows
from compassion_trials.effects.outcomes.dose import dose_rows
from compassion_trials.effects.outcomes.estimands import estimand_rows
from compassion_trials.effects.outcomes.families import family_rows
from compassion_trials.effects.outcomes.harms import harm_rows
from compassion_trials.effects.outcomes.margins import margin_rows
from compassion_trials.effects.planning.feasibility import feasibility_rows
from compassion_trials.effects.planning.planning_rows import planning_rows
from compassion_trials.effects.rows import yes_no_findings
from compassion_trials.effects.sizes.bootstrap_g import bootstrap_rows
from compassion_trials.effects.sizes.prepost_rows import explained_rows, prepost_rows
from compassion_trials.fit.analyses import Job
from compassion_trials.trial.trial import Trial


def asked_rows(
    trial: Trial,
    descriptives: pd.DataFrame,
    models: pd.DataFrame,
    jobs: Sequence[Job],
    progress: Callable[[str], None] | None = None,
) -> tuple[list[Row], list[Finding]]:
    """Rows of all parts of the plan that are about effects, and what could not be given.

    Parameters
    ----------
    trial : Trial
    descriptives, models : DataFrame
        Result rows of the stages before.
    jobs : sequence of Job
        Jobs that gave estimates.
    progress : callable, optional
        Told each part as it begins.
    """
    found: list[Row] = [*prepost_rows(trial), *explained_rows(models, trial.alpha), *estimand_rows(trial, jobs)]
    findings: list[Finding] = yes_no_findings(trial)
    parts: dict[str, Callable[[], tuple[list[Row], list[Finding]]]] = {
        "reliable and clinically significant change": lambda: clinical_rows(trial, descriptives),
        "families of outcomes": lambda: family_rows(trial, models, jobs),
        "margins": lambda: margin_rows(trial, models, jobs),
        "bootstrap of the primary effect size": lambda: bootstrap_rows(trial, jobs),
        "dose": lambda: dose_rows(trial),
        "power": lambda: planning_rows(trial, jobs),
    }
    for name, part in parts.items():
        if progress is not None:
            progress(name)
        more, noticed = part()
        found, findings = found + more, findings + noticed
    so_far = results_table(found)
    found += [*group_rows(trial), *harm_rows(trial, so_far, descriptives), *feasibility_rows(trial, so_far)]
    return found, findings


def asked_methods(trial: Trial, made: pd.DataFrame) -> tuple[str, ...]:
    """Sentences for the Methods section about what was really computed."""
    from compassion_trials.effects.sentences import sentences

    return sentences(trial, made)
