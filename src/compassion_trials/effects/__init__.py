"""Effect sizes, and the one results table in which all stages come together."""
