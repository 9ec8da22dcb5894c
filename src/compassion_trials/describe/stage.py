"""The stage describe: scored data in, descriptive result rows and method sentences out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import read_table, write_table
from compassion_trials.core.record import Record
from compassion_trials.describe.baseline import baseline_rows
from compassion_trials.describe.correlations import correlation_rows
from compassion_trials.describe.dropout import dropout_rows
from compassion_trials.describe.factors.rows import factor_rows
from compassion_trials.describe.factors.sentences import factor_methods
from compassion_trials.describe.flow import flow_rows
from compassion_trials.describe.missing import missing_rows
from compassion_trials.describe.observed import observed_rows
from compassion_trials.describe.reliability import reliability_rows
from compassion_trials.trial.trial import Trial, read_trial

if TYPE_CHECKING:
    from compassion_trials.study.context import Context


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Describe a study.

    Parameters
    ----------
    context : Context
        The opened study; ingest and score must have run.
    progress : callable, optional
        Told each part as it begins.
    """
    trial = read_trial(context)
    responses = read_table(context.results.responses)
    dropout: tuple[str, ...] = ()
    found = []
    parts = ("flow", "baseline", "observed", "missing", "dropout", "reliability", "correlation")
    for name in (*parts, *(["factors"] if context.plan.analysis.factors is not None else [])):
        if progress is not None:
            progress(name)
        if name == "dropout":
            rows, dropout = dropout_rows(trial)
            found += rows
        elif name == "reliability":
            found += reliability_rows(trial, responses)
        elif name == "factors":
            found += factor_rows(trial, responses)
        else:
            found += _PARTS[name](trial)
    write_table(results_table(found), context.results.descriptives)
    has_items = any(row["analysis"] == "reliability" for row in found)
    said = (*_methods(trial, has_items), *dropout, *factor_methods(context.plan, found))
    Record("describe", said).write(context.results.record("describe"))


_PARTS = {
    "flow": flow_rows,
    "baseline": baseline_rows,
    "observed": observed_rows,
    "missing": missing_rows,
    "correlation": correlation_rows,
}


def _methods(trial: Trial, has_items: bool) -> tuple[str, ...]:
    """What was described and how."""
    found = [
        "Numbers are described by mean (standard deviation) and median (quartiles), categories by counts and "
        "percentages."
    ]
    if trial.context.plan.design.pairs:
        found.append(
            "Arms were compared at baseline by standardized mean differences (Austin, 2009; categories: Yang & Dalton, "
            "2012), not by significance tests."
        )
    if has_items:
        found.append(
            "Internal consistency at each visit was estimated from complete answers by Cronbach's alpha with Feldt's "
            "confidence interval and by McDonald's omega total from one factor (minimum residuals), items reversed as "
            "in scoring."
        )
    return tuple(found)
