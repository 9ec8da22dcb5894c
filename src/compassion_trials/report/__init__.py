"""The report: results, tables, figures and records become one document in HTML, DOCX and PDF."""
