rule ingest:
    """Read the raw files of one study into tidy, de-identified responses.

    Required: the plan and the raw files it names. Makes: responses, stored totals, participants, flow, issues.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        raw=raw_files,
        questionnaires=questionnaire_files,
    output:
        responses=update("results/{study}/data/responses.parquet"),
        responses_csv=update("results/{study}/data/responses.csv"),
        stored=update("results/{study}/data/stored.parquet"),
        stored_csv=update("results/{study}/data/stored.csv"),
        participants=update("results/{study}/data/participants.parquet"),
        participants_csv=update("results/{study}/data/participants.csv"),
        flow=update("results/{study}/data/flow.parquet"),
        flow_csv=update("results/{study}/data/flow.csv"),
        issues=update("results/{study}/data/issues.ingest.csv"),
        record=update("results/{study}/data/ingest.json"),
        seal=update("results/{study}/seals/ingest.json"),
    log:
        "logs/{study}/ingest.log",
    priority: 80
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=fingerprint("ingest"),
    shell:
        "python -m compassion_trials ingest {input.plan:q} > {log:q} 2>&1"
