rule effects:
    """Effect sizes of one study, joined with all other results into the one results table.

    Required: rows of describe and fit. Makes: results.parquet and results.csv.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        participants="results/{study}/data/participants.parquet",
        flow="results/{study}/data/flow.parquet",
        scores="results/{study}/data/scores.parquet",
        descriptives="results/{study}/data/descriptives.parquet",
        models="results/{study}/models/models.parquet",
    output:
        results=update("results/{study}/effects/results.parquet"),
        results_csv=update("results/{study}/effects/results.csv"),
        issues=update("results/{study}/data/issues.effects.csv"),
        record=update("results/{study}/effects/effects.json"),
        seal=update("results/{study}/seals/effects.json"),
    log:
        "logs/{study}/effects.log",
    priority: 40
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        code=fingerprint("effects"),
    shell:
        "python -m compassion_trials effects {input.plan:q} > {log:q} 2>&1"
