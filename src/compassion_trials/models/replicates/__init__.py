"""Many data sets at once: refits, bootstrap, jackknife, simulated trials."""
