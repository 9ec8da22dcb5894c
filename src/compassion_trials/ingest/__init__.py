"""Ingest: raw files to tidy responses, with everything found in them and nothing that identifies a person."""
