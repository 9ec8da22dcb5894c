"""Tests, intervals and marginal means of a fitted model."""
