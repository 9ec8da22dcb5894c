"""The verb check: plan and data looked through without writing anything."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from compassion_trials.core.findings import Finding, has_errors
from compassion_trials.ingest.stage import Ingested, ingest
from compassion_trials.scoring.stage import score
from compassion_trials.study.checks.mechanism import mechanism_warnings
from compassion_trials.study.context import Context
from compassion_trials.study.loader import unanswered
from compassion_trials.study.words import in_words


def check_study(context: Context) -> int:
    """Say the plan in words, then everything found in the data; nothing is written.

    Parameters
    ----------
    context : Context
        A study whose plan has been read and checked.

    Returns
    -------
    int
        2 when an error must be mended before the study can run, else 0.
    """
    for line in in_words(context.plan, context.outcomes):
        print(line)
    result = ingest(context)
    findings = [*unanswered(context.study.plan_file), *mechanism_warnings(context.plan), *result.findings]
    if result.record is not None:
        print(_counted(context, result))
        findings += score(context, result.responses, result.stored).findings
    _tell(findings)
    if has_errors(findings):
        return 2
    warnings = sum(finding.severity == "warning" for finding in findings)
    print(f"The study can run: no errors, {warnings} warning{'s' * (warnings != 1)}.")
    return 0


def _counted(context: Context, result: Ingested) -> str:
    """Participants by arm, and answers found."""
    arms = result.participants["arm"].value_counts()
    by_arm = ", ".join(f"{context.plan.design.arms[key]} {arms.get(key, 0)}" for key in context.plan.design.arms)
    visits = result.flow.loc[result.flow["assessed"], "visit"].value_counts()
    by_visit = ", ".join(
        f"{context.plan.design.visit_label(key)} {visits.get(key, 0)}" for key in context.plan.design.visits
    )
    return f"The data hold {len(result.participants)} participants ({by_arm}); assessed: {by_visit}."


def _tell(findings: Iterable[Finding]) -> None:
    """Findings by severity: errors to standard error, the rest to standard output."""
    rank = {"error": 0, "warning": 1, "note": 2}
    for finding in sorted(findings, key=lambda f: rank[f.severity]):
        print(finding.text(), file=sys.stderr if finding.severity == "error" else sys.stdout)
