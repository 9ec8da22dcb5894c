rule score:
    """Score the questionnaires of one study.

    Required: responses and stored totals. Makes: scores and the findings that need scores.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        responses="results/{study}/data/responses.parquet",
        stored="results/{study}/data/stored.parquet",
        participants="results/{study}/data/participants.parquet",
    output:
        scores=update("results/{study}/data/scores.parquet"),
        scores_csv=update("results/{study}/data/scores.csv"),
        issues=update("results/{study}/data/issues.score.csv"),
        record=update("results/{study}/data/score.json"),
        seal=update("results/{study}/seals/score.json"),
    log:
        "logs/{study}/score.log",
    priority: 70
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=fingerprint("scoring"),
    shell:
        "python -m compassion_trials score {input.plan:q} > {log:q} 2>&1"
