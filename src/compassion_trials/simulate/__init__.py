"""Synthetic trials at item level, written as raw exports: design twins, and a dry run of any plan."""
