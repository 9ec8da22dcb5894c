"""The stage effects: descriptives, drop-out, models and effect sizes become the one results table of the study."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import read_table, write_csv, write_table
from compassion_trials.core.findings import FINDING_COLUMNS, as_rows
from compassion_trials.core.record import Record
from compassion_trials.effects.extensions import asked_methods, asked_rows
from compassion_trials.effects.mechanism.mechanism_rows import mechanism_rows
from compassion_trials.effects.outcomes.dropout import dropout_rows
from compassion_trials.effects.rows import change_rows, classic_rows, model_change_rows, model_rows, observed_rows
from compassion_trials.fit.analyses import Job
from compassion_trials.fit.covariates import trial_jobs
from compassion_trials.trial.trial import Trial, read_trial

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.study.context import Context


def run(context: Context, progress: Callable[[str], None] | None = None) -> None:
    """Compute effect sizes and join all result rows.

    Parameters
    ----------
    context : Context
        The opened study; describe and fit must have run.
    progress : callable, optional
        Told each part as it begins.
    """
    import pandas as pd

    if progress is not None:
        progress("effect sizes")
    trial = read_trial(context)
    descriptives, models = read_table(context.results.descriptives), read_table(context.results.models)
    sizes = effect_sizes(trial, models)
    rows, findings = asked_rows(trial, descriptives, models, estimable(trial, models), progress)
    asked = results_table(rows)
    more, sentences, noticed = mechanism_rows(trial, progress)
    mechanisms = results_table(more)
    gone, dropout = dropout_rows(trial)
    parts = [part for part in (descriptives, results_table(gone), models, sizes, asked, mechanisms) if len(part)]
    results = pd.concat(parts, ignore_index=True)
    if results["id"].duplicated().any():
        raise ValueError(f"results with the same identity: {results.loc[results['id'].duplicated(), 'id'].iloc[0]}")
    write_table(results, context.results.results)
    write_csv(
        pd.DataFrame(as_rows([*findings, *noticed]), columns=list(FINDING_COLUMNS)), context.results.findings("effects")
    )
    methods = (*dropout, *_methods(trial, sizes), *asked_methods(trial, asked), *sentences)
    Record("effects", methods, {"n_results": len(results)}).write(context.results.record("effects"))


def estimable(trial: Trial, models: pd.DataFrame) -> list[Job]:
    """Jobs that left rows in the models' table."""
    present = set(zip(models["analysis"], models["outcome"], strict=True))
    return [job for job in trial_jobs(trial) if (job.analysis, job.outcome.key) in present]


def effect_sizes(trial: Trial, models: pd.DataFrame) -> pd.DataFrame:
    """Effect-size rows of a study as a results table."""
    todo = estimable(trial, models)
    found = [
        *observed_rows(trial),
        *model_rows(trial, models, todo),
        *classic_rows(trial, todo),
        *model_change_rows(trial, models, todo),
        *change_rows(trial, todo, models),
    ]
    return results_table(found)


def _methods(trial: Trial, sizes: pd.DataFrame) -> tuple[str, ...]:
    """Definitions of the effect sizes that tables print; observed differences at a visit stand in the results only."""
    between = (sizes["analysis"] == "observed") & (sizes["term"] != "change")
    present = set(sizes.loc[~between, "statistic"])
    sentences = {
        "model_g": "Standardized differences and changes of the models (g) are the estimate over the pooled standard "
        "deviation at baseline, with Hedges' exact small-sample correction; their intervals combine the standard error "
        "of the estimate and the sampling error of the standard deviation.",
        "hedges_g": "Hedges' g of observed means is over the pooled standard deviation of the visit, with the exact "
        "small-sample correction and limits from the noncentral t distribution.",
        "d_av": "Observed changes within arms, of participants with both scores, are standardized by the average "
        "standard deviation of the two visits (d_av) and by the standard deviation of the change (d_z), with limits "
        "from the noncentral t distribution.",
        "d_pooled_n": "Cohen's d beside the mixed analysis of variance and unadjusted comparisons is over the pooled "
        "standard deviation with divisor n1 + n2.",
    }
    found = [text for name, text in sentences.items() if name in present]
    observed = [words for name, words in OBSERVED.items() if name in present]
    if observed and any(name in trial.participants for name in trial.context.plan.design.clusters):
        said = ", ".join(observed[:-1]) + " and " + observed[-1] if len(observed) > 1 else observed[0]
        found.append(f"Limits of {said} take people as independent, also those who met in groups.")
    return tuple(found)


OBSERVED = {"hedges_g": "Hedges' g", "d_av": "d_av and d_z", "d_pooled_n": "Cohen's d"}
"""Effect sizes of observed scores, which know no therapy groups."""
