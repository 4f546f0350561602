"""Classes of roads and their limits, near those of the standards, for roads made by hand."""

from typing import NamedTuple

import numpy as np


class Class(NamedTuple):
    """Figures near those of the standards; lengths of grades (%: m); bed and lane without names."""

    speed: int
    grade: float
    radius: float
    spiral: float
    slope: float
    crest: float
    sag: float
    vertical: float
    sight: float
    runoff: float
    width: float
    lane: float
    lengths: dict
    relief: float


CLASSES = (
    Class(
        *(120, 0.04, 650, 100, 300, 11100, 4000, 100, 210, 200, 16, 3.75),
        *({3: 900, 4: 700}, 0.025),
    ),
    Class(100, 0.04, 400, 85, 250, 6500, 3000, 85, 160, 175, 15, 3.75, {3: 1000, 4: 800}, 0.025),
    Class(
        *(80, 0.05, 250, 70, 200, 3040, 2000, 70, 110, 150, 12, 3.75),
        *({3: 1100, 4: 900, 5: 700}, 0.03),
    ),
    Class(
        *(60, 0.06, 125, 50, 150, 1415, 1000, 50, 75, 125, 10, 3.5),
        *({3: 1200, 4: 1000, 5: 800, 6: 600}, 0.03),
    ),
    Class(
        *(40, 0.07, 60, 35, 120, 450, 450, 35, 40, 100, 7.5, 3.5),
        *({4: 1100, 5: 900, 6: 700, 7: 500}, 0.03),
    ),
    Class(
        *(30, 0.08, 30, 25, 100, 250, 250, 25, 30, 75, 7, 3.25),
        *({4: 1100, 5: 900, 6: 700, 7: 500, 8: 300}, 0.03),
    ),
    # The general radii of crests and sags: at 9 % none of 100 m is as long as 20 m.
    Class(
        *(20, 0.09, 15, 20, 60, 200, 200, 20, 20, 50, 6.5, 3.0),
        *({4: 1200, 5: 1000, 6: 800, 7: 600, 8: 400, 9: 300}, 0.03),
    ),
)


def limits_of(of, rng):
    """Limits of a class; figures that it leaves open are drawn."""
    friction = of.speed**2 / (127 * of.radius) - 0.08
    rate = of.spiral / (2 * of.lane * of.runoff)  # what the shortest spiral brings about
    least = of.speed**2 / (127 * (rate + friction))
    return {
        "max_grade": of.grade,
        "min_radius_m": least,
        "min_spiral_m": of.spiral,
        "min_curve_m": 2.1 * of.spiral + 27,
        "same_turn_m": 6.0 * of.speed,
        "opposite_turn_m": 2.0 * of.speed,
        "min_slope_length_m": of.slope,
        "min_vertical_radius_m": of.crest,
        "min_sag_radius_m": of.sag,
        "min_vertical_curve_m": of.vertical,
        "mean_grades": ((200.0, 500.0, 0.055), (500.0, np.inf, 0.05)),
        "window_m": 3000.0,
        "window_grade": 0.055,
        "grade_lengths": tuple((percent / 100, m) for percent, m in of.lengths.items()),
        "relief_grade": of.relief,
        "max_cut_m": rng.uniform(15, 30),
        "max_fill_m": rng.uniform(12, 20),
        "max_bridge_m": rng.uniform(60, 100),
        "max_tunnel_m": rng.uniform(80, 120),
        "min_structure_m": rng.uniform(20, 25),
        "speed_kmh": of.speed,
        "side_friction": friction,
        "max_superelevation": 0.08,
        "crown": 0.02,
        "no_superelevation_m": 12 * of.radius,
        "min_runoff_m": of.runoff,
        "lane_m": of.lane,
        "width_m": of.width,
        "widened_below_m": 2.5 * least,
        "widenings": ((1.7 * least, 0.4), (1.5 * least, 0.6), (1.2 * least, 0.7), (0, 0.9)),
        "stopping_sight_m": of.sight,
        "eye_m": 1.2,
        "object_m": 0.1,
        "path_from_edge_m": 1.5,
    }
