"""A paper's own file, Word, HTML or CSV: its tables as a draft of published numbers, each cell with its place."""
