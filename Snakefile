"""From the raw export of a trial to its report: config, stages, targets.

A stage that fails leaves the files of its last success: `update()` in its rule gives them back.
"""

from compassion_trials.core.keeping.fingerprint import fingerprint
from compassion_trials.study import inputs


configfile: "config/config.yaml"


container: "docker://python:3.11-slim"


STUDIES = inputs.studies(config)


wildcard_constraints:
    study=r"[A-Za-z0-9_\-]+",


rule all:
    """The report of every study in config/config.yaml, and the zip with all that a reader gets."""
    input:
        expand("results/{study}/deliverables/{study}.zip", study=STUDIES),


rule reports:
    """The report of every study, without the zip."""
    input:
        expand("results/{study}/report/report.html", study=STUDIES),


rule scores:
    """Scored data of every study, nothing further."""
    input:
        expand("results/{study}/data/scores.csv", study=STUDIES),


rule results:
    """The results table of every study, without figures and report."""
    input:
        expand("results/{study}/effects/results.csv", study=STUDIES),


include: "workflow/rules/common.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/score.smk"
include: "workflow/rules/describe.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/effects.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/reproduce.smk"
include: "workflow/rules/deliver.smk"


onerror:
    # what was given back looks new: forget that the stage ran, and date its files back, so that it runs again
    for part in workflow.scheduler.failed:
        for job in part.jobs if part.is_group() else [part]:
            workflow.persistence.cleanup(job)
            inputs.date_back(job.output, job.input)
