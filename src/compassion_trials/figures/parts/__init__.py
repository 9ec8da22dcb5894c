"""What pictures are made of: theme, fonts, axes, legends, records from the results table."""
