"""Readers: one per format, each from a file (or a grid of cells) to one `table.RawTable`."""
