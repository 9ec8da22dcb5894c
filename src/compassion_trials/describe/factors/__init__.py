"""Factor analysis of ordinal answers: polychorics, confirmatory factor models, omega, measurement invariance."""
