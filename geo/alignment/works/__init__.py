"""What a road is built of: cross-sections, earthwork, stations and their tables.

stationing     posts along a plan, the centreline in space, the line to draw
superelevation how curves lean, and the runoff along spirals
widening       how much wider the bed is on curves
bed            both of them at stations, with benches beside
crosssection   cut and fill across the road, where side slopes meet the ground, walls
sight          what is seen over crests and past cuts, benches cut for it
earthwork      volumes, mass haul, the land taken
tabulation     tables of chainages and structures, the quantities a road is paid by
outlines       cross-sections at round chainages, to tell and to draw
"""
