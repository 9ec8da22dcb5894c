"""The analyses of a plan, carried out: which model for which outcome, on whom, and its numbers as result rows."""
