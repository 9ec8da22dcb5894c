"""Consistency of print: what does not fit together."""
