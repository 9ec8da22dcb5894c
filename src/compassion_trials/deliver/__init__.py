"""What a reader gets: report, tables, figures and de-identified data in one zip."""
