rule tables:
    """Write the tables of one study as HTML, Markdown, CSV and JSON.

    Required: the results table, records and issues. Makes: a folder of tables with tables.json.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        results="results/{study}/effects/results.parquet",
        records=[
            "results/{study}/data/ingest.json",
            "results/{study}/data/score.json",
            "results/{study}/data/describe.json",
            "results/{study}/models/fit.json",
            "results/{study}/effects/effects.json",
        ],
        issues=expand(
            "results/{{study}}/data/issues.{stage}.csv",
            stage=["ingest", "score", "fit", "effects"],
        ),
    output:
        folder=directory("results/{study}/tables"),
        seal=update("results/{study}/seals/tables.json"),
    log:
        "logs/{study}/tables.log",
    priority: 20
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=fingerprint("tables"),
    shell:
        "python -m compassion_trials tables {input.plan:q} > {log:q} 2>&1"
