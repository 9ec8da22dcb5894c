"""The stage describe: scored data in, descriptive result rows and method sentences out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import read_table, write_table
from compassion_trials.core.record import Record
from compassion_trials.core.rows import Row
from compassion_trials.describe.baseline import baseline_rows
from compassion_trials.describe.correlations import NO_TEST, correlation_rows
from compassion_trials.describe.factors.rows import factor_rows
from compassion_trials.describe.factors.sentences import factor_methods
from compassion_trials.describe.flow import flow_rows
from compassion_trials.describe.missing import missing_rows
from compassion_trials.describe.observed import observed_rows
from compassion_trials.describe.reliability import reliability_rows
from compassion_trials.trial.trial import read_trial

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
    found: list[Row] = []
    parts = ("flow", "baseline", "observed", "missing", "reliability", "correlation")
    for name in (*parts, *(["factors"] if context.plan.analysis.factors is not None else [])):
        if progress is not None:
            progress(name)
        if name == "reliability":
            found += reliability_rows(trial, responses)
        elif name == "factors":
            found += factor_rows(trial, responses)
        else:
            found += _PARTS[name](trial)
    write_table(results_table(found), context.results.descriptives)
    said = (*_methods(found), *factor_methods(context.plan, found))
    Record("describe", said).write(context.results.record("describe"))


_PARTS = {
    "flow": flow_rows,
    "baseline": baseline_rows,
    "observed": observed_rows,
    "missing": missing_rows,
    "correlation": correlation_rows,
}


def _methods(found: list[Row]) -> tuple[str, ...]:
    """What was described and how; only what gave rows that tables print."""
    present = {(str(row["analysis"]), str(row["statistic"])) for row in found}
    how = [
        *(["mean and standard deviation (numbers)"] if ("baseline", "mean") in present else []),
        *(["counts and percentages (categories)"] if ("baseline", "percent") in present else []),
    ]
    said = [f"Baseline characteristics are described by {' and by '.join(how)}."] if how else []
    if ("baseline", "smd") in present:
        categories = "; categories: Yang & Dalton, 2012" if ("baseline", "percent") in present else ""
        said.append(
            f"Arms were compared at baseline by standardized mean differences (Austin, 2009{categories}), not by "
            "significance tests."
        )
    if ("reliability", "alpha") in present:
        omega = (
            " and by McDonald's omega total from one factor (minimum residuals)"
            if ("reliability", "omega") in present
            else ""
        )
        said.append(
            "Internal consistency at each visit was estimated from complete answers by Cronbach's alpha with Feldt's "
            f"confidence interval{omega}, items reversed as in scoring."
        )
    if ("correlation", "r") in present:
        said.append(_correlations(found))
    return tuple(said)


def _correlations(found: list[Row]) -> str:
    """Which correlations have a test."""
    notes = {str(row.get("note") or "") for row in found if row["analysis"] == "correlation"}
    tested = any(row["analysis"] == "correlation" and row["statistic"] == "p" for row in found)
    said = "Correlations of outcomes are Pearson's"
    said += ", with t tests that are not corrected for their number" if tested else ""
    return said + ("; those of changes have no test, as people met in groups." if NO_TEST in notes else ".")
