"""Tables of mechanisms and of sensitivity analyses."""
