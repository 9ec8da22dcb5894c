"""From the raw export of a self-compassion trial to the tables, figures and report of its paper."""

__version__ = "0.1.0"
