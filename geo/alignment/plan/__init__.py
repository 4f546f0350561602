"""How a road lies in plan: straights, transition curves and arcs, and their fit to a path.

plan        the road in plan, laid out from its points of intersection; points along it
fit         the legal plan that follows a path: lines fitted, and the best way through them
joining     compiled: the dynamic programme over those lines
following   compiled: how far a road lies off its path, and what that costs
bending     compiled: one curve between two lines, and whether it stays on allowed cells
clothoid    spirals: their course and the tangents they take
corners     whether curves fit the corners of a polygon, and the words if not
"""
