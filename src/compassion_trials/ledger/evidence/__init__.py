"""Evidence across trials: effect sizes with variances, pooled, and what to ask of a pooled effect."""
