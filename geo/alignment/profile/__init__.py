"""How a road lies in height: grades and vertical curves, and the program that finds them.

optimum      `optimise`: the profile of least cost along stations; what it is and what it proves
long         roads of any length, piece by piece, cut and fill held at close posts
cost         what a profile costs
verticals    the grid of PVIs, heights along it, how high it can be, mean grades
climbs       lengths of grades: what a climb uses of them, where it is too much
reliefs      lengths of grades as rows of the program
search       how sweeps and programs take turns until the gap is small
boxes        bounds by dynamic programming over boxes of heights; cutting off
sweeps       compiled: the sweeps of `boxes`
model        the profile problem as a mixed-integer program
program      such programs put together and solved by HiGHS, work counted
relaxation   why no profile exists: which limit binds, and by how much
"""
