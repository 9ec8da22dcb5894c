"""Questionnaires as data: one YAML file each, and the model that checks them. No item wording is shipped."""
