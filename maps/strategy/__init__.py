"""The page of a strategy: plans against plans, what fits together, ledger, timeline by year."""
