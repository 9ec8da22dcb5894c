from compassion_trials.study import reproducible


rule reproduce:
    """Recompute published numbers: one ledger over all publications and over the trials whose data are here.

    Required: data/published/*.yaml; results of the studies, where a plan lists printed numbers or the forest plots need them.
    Makes: the ledger as CSV, HTML, DOCX and PDF, findings, evidence across trials, figures.
    """
    input:
        published=reproducible.published_files(),
        plans=reproducible.plans(),
        results=reproducible.results(STUDIES),
    output:
        table=update("results/ledger/ledger.csv"),
        findings=update("results/ledger/findings.csv"),
        evidence=update("results/ledger/evidence.csv"),
        pooled=update("results/ledger/pooled.csv"),
        html=report(
            update("results/ledger/ledger.html"),
            category="ledger",
            labels={"figure": "ledger"},
        ),
        docx=update("results/ledger/ledger.docx"),
        pdf=update("results/ledger/ledger.pdf"),
        figures=directory("results/ledger/figures"),
    log:
        "logs/reproduce.log",
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        code=fingerprint("ledger"),
    shell:
        "python -m compassion_trials reproduce > {log:q} 2>&1"
