"""Which columns of a raw file hold which measure at which visit."""
