rule tables:
    """Write the tables of one study as HTML, Markdown, CSV and JSON.

    Required: the results table, records and issues. Makes: a folder of tables with tables.json.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        results="results/{study}/effects/results.parquet",
        ingest="results/{study}/data/ingest.json",
        ingest_issues="results/{study}/data/issues.ingest.csv",
        score_issues="results/{study}/data/issues.score.csv",
        fit="results/{study}/models/fit.json",
    output:
        folder=directory("results/{study}/tables"),
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
