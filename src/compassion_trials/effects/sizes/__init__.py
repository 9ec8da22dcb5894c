"""Standardized differences and changes, with their intervals."""
