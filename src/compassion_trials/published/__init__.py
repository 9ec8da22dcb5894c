"""Published tables as data: recomputed, checked, compared with print in one ledger."""
