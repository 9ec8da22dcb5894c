"""People who met in groups: intraclass correlation, cluster-robust and random-effect regressions."""
