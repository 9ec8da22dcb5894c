"""Responses to scores: recode, check, reverse, prorate, add up. Never in place."""
