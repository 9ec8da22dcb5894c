"""One file per picture: records in, a matplotlib figure out."""
