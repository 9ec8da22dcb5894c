"""Reporting checklists: their items as YAML, and what the report answers."""
