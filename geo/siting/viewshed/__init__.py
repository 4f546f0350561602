"""What observers see over terrain: exact lines of sight to every cell, for many observers.

    seen = viewshed(dem, towers, sight=Sight(eye_m=25, target_m=2, range_m=15_000))
    cover(seen, weights)          # what each sees of what is to be watched
    union(seen, by=2)             # cells that two of them see
    least_visible_height(dem, place, sight=Sight(eye_m=1.7))
    line_of_sight(dem, a, b, sight=Sight(eye_m=1.7, target_m=10))

Rules
    1. The eye stands `eye_m` above the centre of the cell that holds the observer; of a cell its
       centre is looked at, `target_m` above ground. A cell is within the range when its centre is
       (closed).
    2. The Earth's curve lowers every cell centre, d away from the eye, by (1 − k) d² / 2R, where k
       is the coefficient of refraction and R = 6,371,008.8 m the mean radius of the Earth.
    3. The line of sight crosses the grid lines that join cell centres, rows and columns alike. At
       each crossing the terrain is interpolated linearly between the two centres beside it; at a
       centre it is that one's height.
    4. A cell is seen when no crossing rises above the line; ties, to a micrometre at the target,
       are seen. Surfaces between grid lines do not matter.
    5. Three states. Hidden is what known terrain hides. Else unknown is what has no height itself,
       or whose line crosses terrain of unknown height. Else seen. A cell beyond the range is not
       seen, whatever its terrain.

What a line meets does not depend on the end it is looked along: with equal heights of eye and
target A sees B as B sees A. Tools differ in rule 3: GDAL passes the horizon on from cell to cell
(Wang and others 2000), which blurs it; GRASS interpolates within cells on a sweep line.

Method: in the directions of one octant the horizon is a chain of straight lines, to which every
edge between neighbouring centres adds one (`horizon`); no cell's line is followed for itself.

Sources: the rule is that of algorithm R3, Franklin, W. R., Ray, C. K., Mehta, S. (1994), Geometric
algorithms for siting of air defense missile batteries. Upper envelopes of a terrain's edges from
near to far: Cole, R., Sharir, M. (1989), Visibility problems for polyhedral terrains, Journal of
Symbolic Computation 7.
"""

from geo.siting.viewshed.line import LineOfSight, line_of_sight
from geo.siting.viewshed.seeing import Counts, counts, cover, seen, seen_from, union
from geo.siting.viewshed.sheds import Shed, Viewsheds, least_visible_height, viewshed
from geo.siting.viewshed.sight import Sight

__all__ = [
    "Counts",
    "LineOfSight",
    "Shed",
    "Sight",
    "Viewsheds",
    "counts",
    "cover",
    "least_visible_height",
    "line_of_sight",
    "seen",
    "seen_from",
    "union",
    "viewshed",
]
