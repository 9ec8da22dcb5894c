"""Synthetic trials at item level, written as raw exports: design twins of real trials, and a dry run of any study plan."""
