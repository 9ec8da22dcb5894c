"""Checks between the parts of a plan."""
