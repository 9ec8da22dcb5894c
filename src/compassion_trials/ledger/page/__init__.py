"""The ledger as files: CSV, figures, and a page in HTML, Word and PDF."""
