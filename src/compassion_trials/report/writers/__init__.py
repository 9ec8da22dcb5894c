"""The document in HTML, Word and PDF."""
