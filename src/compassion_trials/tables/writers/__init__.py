"""One table specification in every format."""
