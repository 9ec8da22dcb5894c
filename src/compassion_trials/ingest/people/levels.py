"""Categories of covariates that adjust for nobody or for one person only."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from compassion_trials.core.findings import Finding
from compassion_trials.study.plan.study_plan import StudyPlan


def sparse_levels(plan: StudyPlan, people: pd.DataFrame) -> Iterator[Finding]:
    """Warnings for categorical covariates with one value, or with a level that a single participant has.

    The coefficient of such a level fits its participant exactly, so that the outcome of that person counts for nothing.

    Parameters
    ----------
    plan : StudyPlan
    people : pandas.DataFrame
        The participants table.
    """
    primary, secondary = plan.analysis.primary, plan.analysis.secondary
    analyses = [primary, *([secondary] if secondary else []), *plan.analysis.additional.values()]
    named = [*plan.covariates, *plan.design.strata, *(name for one in analyses for name in one.covariates)]
    for name in dict.fromkeys(named):
        if name not in people or pd.api.types.is_numeric_dtype(people[name]):
            continue
        counts = people[name].dropna().value_counts()
        if len(counts) == 1:
            message = f"covariate {name}: all participants have the same value, so it adjusts for nothing"
            yield Finding("warning", "one_level", message, column=f"baseline.{name}", advice="leave it out")
        elif single := int((counts == 1).sum()):
            message = f"covariate {name}: {single} of {len(counts)} levels have one participant each"
            advice = (
                f"join levels with data.baseline.{name}.values; a level of one person takes that person's outcome out"
            )
            yield Finding("warning", "level_of_one", message, column=f"baseline.{name}", advice=advice)
