"""The study plan: the one file a researcher writes, read into checked models."""
