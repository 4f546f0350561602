"""How a road lies in plan: straights, transition curves and arcs, and their fit to a path.

plan        the road in plan, laid out from its points of intersection; points along it
fit         the legal plan that follows a path: lines fitted, and the best way through them
joining     compiled: the dynamic programme over those lines
gates       what a curve leaves to the next one: half of a straight, or their common point
settling    curves laid anew into corners that were moved, straights kept or spirals made to meet
following   compiled: how far a road lies off its path, and what that costs
meeting     compiled: a curve whose tangents are given, so that its spirals meet the next one's
bending     compiled: one curve between two lines, and whether it stays on allowed cells
clothoid    spirals: their course and the tangents they take
curves      the curves of a road, spirals and arc as one, and the straights between
corners     whether curves fit the corners of a polygon, and the words if not
"""
