rule report:
    """Write the report of one study as HTML, DOCX and PDF.

    Required: results, figures, tables and the records of all stages. Makes: report.html, report.docx, report.pdf, todo.md.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        author=author_files,
        results="results/{study}/effects/results.parquet",
        figures="results/{study}/figures",
        tables="results/{study}/tables",
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
        html=report(
            update("results/{study}/report/report.html"),
            category="{study}",
            subcategory="report",
            caption="../report/report.rst",
            labels={"figure": "the whole report"},
        ),
        docx=update("results/{study}/report/report.docx"),
        pdf=update("results/{study}/report/report.pdf"),
        todo=update("results/{study}/report/todo.md"),
        numbers=update("results/{study}/report/results.csv"),
        record=update("results/{study}/report/report.json"),
        seal=update("results/{study}/seals/report.json"),
    log:
        "logs/{study}/report.log",
    priority: 10
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        code=fingerprint("report"),
    shell:
        "python -m compassion_trials report --unchecked {input.plan:q} > {log:q} 2>&1"
