rule figures:
    """Draw the figures of one study as SVG, PDF and PNG.

    Required: the results table, scores and flow. Makes: a folder of figures with figures.json.
    """
    input:
        plan="config/studies/{study}/study.yaml",
        questionnaires=questionnaire_files,
        results="results/{study}/effects/results.parquet",
        scores="results/{study}/data/scores.parquet",
        flow="results/{study}/data/flow.parquet",
        participants="results/{study}/data/participants.parquet",
        diagnostics="results/{study}/models/diagnostics.json",
        ingest="results/{study}/data/ingest.json",
    output:
        folder=report(
            directory("results/{study}/figures"),
            patterns=["{name}.png"],
            category="{study}",
            subcategory=figure_category,
            caption="../report/figure.rst",
            labels=figure_labels,
        ),
        seal=update("results/{study}/seals/figures.json"),
    log:
        "logs/{study}/figures.log",
    priority: 30
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        code=fingerprint("figures"),
    shell:
        "python -m compassion_trials figures {input.plan:q} > {log:q} 2>&1"
