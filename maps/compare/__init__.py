"""The page of a comparison: the runs themselves on one map, and what differs between them."""
