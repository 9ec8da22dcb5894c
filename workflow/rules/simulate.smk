rule simulate:
    """Make the synthetic raw data of a design twin from its simulate.yaml; never touches real raw data."""
    input:
        spec="config/studies/{study}/simulate.yaml",
    output:
        mark=update("data/{study}/raw/SYNTHETIC.json"),
    log:
        "logs/{study}/simulate.log",
    priority: 90
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=fingerprint("simulate"),
    shell:
        "python -m compassion_trials simulate {wildcards.study:q} > {log:q} 2>&1"
