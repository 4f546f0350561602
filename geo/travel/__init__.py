"""How long and how dear it is to get somewhere: over terrain, by roads, and both together."""
