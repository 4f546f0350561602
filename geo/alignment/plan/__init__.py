"""How a road lies in plan: straights, transition curves and arcs, and their fit to a path."""
