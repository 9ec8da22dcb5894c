"""The study plan: one file per section of study.yaml, each a checked model."""
