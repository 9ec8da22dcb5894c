"""Classic analyses by name: ANCOVA, mixed ANOVA, paired t tests, change scores. Numbers only; `fit` makes the rows."""
