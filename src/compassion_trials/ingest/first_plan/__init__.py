"""A first study plan guessed from a raw file."""
