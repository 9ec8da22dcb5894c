rule fit:
    """Fit every model of the plan of one study.

    Required: scores and participants. Makes: rows of the results table.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        participants="results/{study}/data/participants.parquet",
        flow="results/{study}/data/flow.parquet",
        scores="results/{study}/data/scores.parquet",
    output:
        rows=update("results/{study}/models/models.parquet"),
        rows_csv=update("results/{study}/models/models.csv"),
        record=update("results/{study}/models/fit.json"),
        issues=update("results/{study}/data/issues.fit.csv"),
        diagnostics=update("results/{study}/models/diagnostics.json"),
        seal=update("results/{study}/seals/fit.json"),
    log:
        "logs/{study}/fit.log",
    priority: 60
    resources:
        mem_mb=1500,
        runtime=20,
    params:
        code=fingerprint("fit"),
    shell:
        "python -m compassion_trials fit {input.plan:q} > {log:q} 2>&1"
