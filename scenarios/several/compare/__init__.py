"""Runs side by side: what differs in asking, in figures and on the land, and who loses by it."""
