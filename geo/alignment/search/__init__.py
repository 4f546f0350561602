"""The search for where a road runs: lattice, legs, the space searched and its bounds.

terrain     `search`: the rules of the problem, coarse and fine passes, the path found
legs        long roads leg by leg
task        what is asked: places, limits, prices, zones, fineness
lattice     headings, straight steps, turns and hairpins
space       the problem of one pass as arrays: terrain, nodes, rules
run         one pass from its problem to its answer
states      compiled: states, their costs, the queue of columns; values shared by all kernels
expand      compiled: how states lead to others on earth
earth       compiled: what earthwork under a move costs
spans       compiled: bridges and tunnels
lending     how arrays and figures are handed to compiled code without a price
loosening   why there is no road: which limit binds, and the least that has to give
steepness   whether a path climbs more than mean grades allow
"""
