"""The primary model refitted by engines that share no numerical code with ours, as result rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from compassion_trials.core.findings import Finding
from compassion_trials.core.rows import Row, rows, word
from compassion_trials.fit.analyses import Job

if TYPE_CHECKING:
    from compassion_trials.models import Fit


def second_opinion(
    base: Mapping[str, object], job: Job, fit: Fit
) -> tuple[list[Row], dict[str, Any], tuple[Finding, ...]]:
    """Differences between our fit and independent ones; R takes part when it is installed.

    Returns
    -------
    list of dict
        Term ``model``: ``cross_check`` in words, and per engine (``level``) the differences in log-likelihood, in
        estimates (standard errors) and in standard errors (relative).
    dict
        ``cross_check``: verdict, agreement, engines left out and why.
    tuple of Finding
        One warning when an engine disagrees.
    """
    from compassion_trials.models.crosscheck.crosscheck import crosscheck

    check = crosscheck(fit, r=True)
    keys = dict(base) | {"term": "model", "unit": ""}
    said = "agrees" if check.agrees else "differs" if check.engines else "no engine could fit it"
    engines = f" ({len(check.engines)} engines)" if check.engines else ""
    found = [word(keys, "cross_check", said + engines)]
    for engine in check.engines:
        differences = {
            "loglik_difference": engine.loglik_difference,
            "estimate_difference": engine.estimate_difference,
            "se_difference": engine.se_difference,
        }
        found += rows(keys | {"level": engine.name, "note": engine.verdict}, differences)
    facts = {"cross_check": {"verdict": check.verdict, "agrees": check.agrees, "left_out": list(check.left_out)}}
    if check.agrees or not check.engines:
        return found, facts, ()
    message = f"{job.analysis}, {job.outcome.key}: an independent engine gives other results"
    return found, facts, (Finding("warning", "cross_check_differs", message, advice=check.verdict),)
