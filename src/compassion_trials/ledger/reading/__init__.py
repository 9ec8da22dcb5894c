"""Published tables as data: what was printed, with the range that its rounding leaves."""
