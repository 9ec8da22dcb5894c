rule describe:
    """Describe one study: flow, baseline, observed means, missing data, drop-out, reliability, correlations.

    Required: what ingest and score made. Makes: rows of the results table.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        participants="results/{study}/data/participants.parquet",
        responses="results/{study}/data/responses.parquet",
        flow="results/{study}/data/flow.parquet",
        scores="results/{study}/data/scores.parquet",
    output:
        rows=update("results/{study}/data/descriptives.parquet"),
        rows_csv=update("results/{study}/data/descriptives.csv"),
        record=update("results/{study}/data/describe.json"),
        seal=update("results/{study}/seals/describe.json"),
    log:
        "logs/{study}/describe.log",
    priority: 50
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        code=fingerprint("describe"),
    shell:
        "python -m compassion_trials describe {input.plan:q} > {log:q} 2>&1"
