rule deliver:
    """Pack what a reader of one study gets: report, tables, figures, de-identified data, codebook, results, plan.

    Required: everything up to the report. Makes: one zip, the same bytes for the same results.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        author=author_files,
        participants="results/{study}/data/participants.parquet",
        scores="results/{study}/data/scores.parquet",
        ingest="results/{study}/data/ingest.json",
        results="results/{study}/effects/results.parquet",
        figures="results/{study}/figures",
        tables="results/{study}/tables",
        report="results/{study}/report/report.html",
    output:
        zip=update("results/{study}/deliverables/{study}.zip"),
    log:
        "logs/{study}/deliver.log",
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=fingerprint("deliver"),
    shell:
        "python -m compassion_trials deliver {input.plan:q} > {log:q} 2>&1"
