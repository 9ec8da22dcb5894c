"""Meta-analysis: effect sizes with their variances, pooled over trials, and what to ask of a pooled effect."""
