"""Roads: the standard, prices, changes to the network, and what lies in the way."""
