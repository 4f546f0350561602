"""A road of two curves on made-up hills, built as the designer builds it, for tests of sections."""

import numpy as np
from affine import Affine
from pyproj import CRS

from geo.alignment.plan.plan import from_intersections, points
from geo.alignment.values import EARTH
from geo.alignment.works.bed import bed
from geo.alignment.works.crosssection import Centreline, Template
from geo.alignment.works.sight import Sight
from geo.alignment.works.superelevation import Superelevation
from geo.alignment.works.widening import Widening
from geo.grid import Grid
from geo.raster import Raster

LEAN = Superelevation(60, 3600 / (127 * 125) - 0.08, 0.08, 0.02, 1500, 125, 3.5)  # 8 % at 125 m
WIDE = Widening(
    250, ((200, 0.6), (150, 0.7), (100, 0.9), (70, 1.2), (50, 1.5), (30, 2.0), (0, 2.5))
)
SIGHT = Sight(75, 1.2, 0.1, 1.5, 3.5)
TEMPLATE = Template(10, cut_slope=0.75, fill_slope=1.5)
LIMITS = {
    "speed_kmh": 60,
    "side_friction": LEAN.friction,
    "max_superelevation": 0.08,
    "crown": 0.02,
    "no_superelevation_m": 1500,
    "min_runoff_m": 125,
    "lane_m": 3.5,
    "width_m": 10,
    "widened_below_m": 250,
    "widenings": WIDE.rows,
    "stopping_sight_m": 75,
    "eye_m": 1.2,
    "object_m": 0.1,
    "path_from_edge_m": 1.5,
}
CORNERS = ((100.0, 100.0), (350.0, 100.0), (350.0, 450.0), (620.0, 520.0))


def ground(height, *, cell=4.0):
    """Heights of a function of x and y over 800 m by 640 m."""
    shape = (round(640 / cell), round(800 / cell))
    grid = Grid(shape, Affine(cell, 0, 0, 0, -cell, 640), CRS(4549))
    x, y = grid.xy(*np.mgrid[: shape[0], : shape[1]])
    return Raster(np.asarray(height(x, y) + 0.0 * x, dtype=float), grid)


def hills(seed, *, steep=0.25):
    """Smooth random hills about 100 m, up to four times as steep as told."""
    rng = np.random.default_rng(seed)
    waves = [(rng.uniform(60, 160), rng.uniform(0, 2 * np.pi, 2)) for _ in range(4)]

    def height(x, y):
        total = 100.0 + 0 * x
        for length, (angle, phase) in waves:
            k = 2 * np.pi / length
            total = total + steep / k * np.sin(k * (x * np.cos(angle) + y * np.sin(angle)) + phase)
        return total

    return height


def laid(corners=CORNERS, radii=(140, 160), spirals=(50, 60), *, design=98.0, every=5.0):
    """Give the plan, the centreline and the bed of a road; `design` a height or one by chainage."""
    plan = from_intersections(corners, radii=radii, spirals=spirals)
    count = int(np.ceil(plan.length_m / every))
    s = np.linspace(0, plan.length_m, count + 1)
    x, y, heading, bend = points(plan, s)
    z = design(s) if callable(design) else np.full(s.size, design)
    line = Centreline(s, x, y, heading, bend, z, np.full(count, EARTH, dtype=np.int64))
    return plan, line, bed(plan, s, 10.0, LEAN, WIDE)
