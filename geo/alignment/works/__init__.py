"""What a road is built of: cross-sections, earthwork, stations and their tables.

stationing     posts along a plan, the centreline in space, the line to draw
crosssection   cut and fill across the road, where side slopes meet the ground, walls
earthwork      volumes, mass haul, the land taken
tabulation     tables of chainages and structures, the quantities a road is paid by
"""
