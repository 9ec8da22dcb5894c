"""The ledger: published numbers recomputed, checked, pooled over trials, on one page."""
