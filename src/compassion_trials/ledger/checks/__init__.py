"""Internal consistency of published numbers: what does not fit together."""
