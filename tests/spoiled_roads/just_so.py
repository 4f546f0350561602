"""Roads made by hand that obey every rule of the checker just so, for tests that break one a little.

A course is a plan of five curves and a straight, a profile of ten slopes, and what the road meets
on its last, level straight: cuts, structures, crossings, floods. In each of its parts one rule or
another is at its limit, and the rest have some slack. Nothing of the designer: bed, widening and
benches are worked out here.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.alignment.checker.crossings import COLUMNS
from tests.made_up_centreline import centreline, running
from tests.spoiled_roads.classes import CLASSES, limits_of

EARTH, BRIDGE, TUNNEL = 0, 1, 2
CLEAR_M, BELOW_M, UNDER_M = 6.5, 17.0, 5.2
GAP = 1e-6  # m by which a structure reaches past a strip, so that rounding leaves no earth in it


class Slope(NamedTuple):
    """From one PVI to the next; the curve at its end as so many least radii and least lengths."""

    run: float
    grade: float
    tight: float = 1.2
    least: float = 1.1


class Place(NamedTuple):
    """A stretch of the level straight: what the road is there, how high above ground, what it meets.

    `line`: columns of a line across the middle of it, its height `z` above the road; `flood`: by how
    much the road lies above the height asked of its kind for floods.
    """

    begin: float
    end: float
    kind: int = EARTH
    above: float = 0.0
    line: dict | None = None
    flood: float | None = None


class Road(NamedTuple):
    """What the checker reads."""

    stations: pd.DataFrame
    crossed: pd.DataFrame
    limits: dict


@dataclass(frozen=True)
class Course:
    """A road before it is laid out.

    `bends`: length and curvature at both ends of each part of the plan; `leans`: crossfall of each
    curve at its sharpest; `wall`: how far the face beside the first curve stands behind the last
    line of sight; `moved`: chainages of stations and by how much they are moved on.
    """

    limits: dict
    bends: dict
    leans: dict
    slopes: tuple
    places: dict
    spacing: float
    heading: float
    angles: dict
    waves: np.ndarray
    wall: float = 0.03
    moved: dict = field(default_factory=dict)

    def begin(self, part):
        """Chainage at which a part of the plan begins."""
        names = list(self.bends)
        return sum(self.bends[name][0] for name in names[: names.index(part)])

    def end(self, part):
        return self.begin(part) + self.bends[part][0]

    def pvi(self, number):
        """Chainage of the PVI at the end of a slope."""
        return sum(slope.run for slope in self.slopes[: number + 1])

    def curve_m(self, number):
        """Length of the vertical curve at the end of a slope."""
        one, other = self.slopes[number : number + 2]
        change = other.grade - one.grade
        radius = self.limits["min_sag_radius_m" if change > 0 else "min_vertical_radius_m"]
        return max(
            one.tight * radius * abs(change), one.least * self.limits["min_vertical_curve_m"]
        )

    def bent(self, part, length):
        """Make a part of the plan longer, and the last straight shorter."""
        parts = {
            name: (self.bends[name][0] + by, *self.bends[name][1:])
            for name, by in ((part, length), ("tail", -length))
        }
        return replace(self, bends=self.bends | parts)

    def sloped(self, number, **changed):
        slopes = list(self.slopes)
        slopes[number] = slopes[number]._replace(**changed)
        return replace(self, slopes=tuple(slopes))

    def placed(self, name, **changed):
        return replace(self, places=self.places | {name: self.places[name]._replace(**changed)})

    def lined(self, name, **changed):
        """Change the line met at a place."""
        return self.placed(name, line=self.places[name].line | changed)

    def limited(self, **limits):
        return replace(self, limits=self.limits | limits)

    @cached_property
    def road(self):
        """What the checker reads of it, laid out once."""
        return _laid(self)


def course(seed, of=None):
    """Draw a course of a class."""
    rng = np.random.default_rng(seed)
    of = of or CLASSES[int(rng.integers(len(CLASSES)))]
    limits = limits_of(of, rng)
    bends, leans = _plan(limits, rng)
    slopes = _profile(limits, rng)
    begin = max(sum(part[0] for part in bends.values()), sum(one.run for one in slopes)) + 60
    places = _places(begin, limits, rng)
    last = max(place.end for place in places.values()) + 40
    bends["tail"] = (last - sum(part[0] for part in bends.values()), 0, 0)
    angles = {name: rng.uniform(70, 110) for name in places}
    return Course(
        limits=limits,
        bends=bends,
        leans=leans,
        slopes=slopes,
        places=places,
        spacing=rng.uniform(4, 5),
        heading=rng.uniform(0, 2 * np.pi),
        angles=angles,
        waves=rng.uniform(-1, 1, (4, 2)),
    )


def _plan(limits, rng):
    """Curves 1 and 2 turn the same way, 3 the other, 4 and 5 at once back and on."""
    least, spiral = limits["min_radius_m"], limits["min_spiral_m"]
    side = float(rng.choice([-1, 1]))
    runoff = 2 * limits["lane_m"] * limits["min_runoff_m"]
    longer = limits["min_curve_m"] - 2 * spiral + rng.uniform(1, 15)
    steep = limits["max_superelevation"] * runoff * 1.05
    k1, k2, k3, k4, k5 = (
        side * turn / (least * times)
        for turn, times in (
            *((1, 1.0), (1, rng.uniform(1.35, 1.45)), (-1, rng.uniform(1.5, 1.7))),
            *((1, rng.uniform(1.22, 1.3)), (-1, rng.uniform(1.35, 1.45))),
        )
    )
    bends = {
        "lead": (rng.uniform(60, 100), 0, 0),
        **_curve(1, k1, (1.15 * spiral, limits["stopping_sight_m"] + 25, 1.15 * spiral)),
        "same": (limits["same_turn_m"], 0, 0),
        **_curve(2, k2, (spiral, longer, spiral)),
        "opposite": (limits["opposite_turn_m"], 0, 0),
        **_curve(3, k3, (1.05 * spiral, limits["min_curve_m"] - 2.1 * spiral, 1.05 * spiral)),
        "meet": (0.0, 0, 0),
        **_curve(4, k4, (max(steep, 1.1 * spiral), 27, max(steep, 1.1 * spiral))),
        "next": (limits["opposite_turn_m"] * rng.uniform(1.1, 1.5), 0, 0),
        **_curve(5, k5, (1.2 * spiral, 30, 1.2 * spiral)),
    }
    leans = {
        2: spiral / runoff,
        3: max(1.05 * asked(k3, limits), limits["crown"]),
        4: limits["max_superelevation"],
        5: spiral / runoff,
    }
    return bends, leans


def _curve(number, k, lengths):
    names = (f"{name} {number}" for name in ("in", "arc", "out"))
    return {
        name: (length, *ends)
        for name, length, ends in zip(names, lengths, ((0, k), (k, k), (k, 0)), strict=True)
    }


def asked(bend, limits):
    """Crossfall that a curve asks for."""
    rate = limits["speed_kmh"] ** 2 * abs(bend) / 127 - limits["side_friction"]
    return max(rate, limits["crown"])


def longest(grade, limits):
    return float(np.interp(grade, *np.transpose(limits["grade_lengths"])))


def _profile(limits, rng):
    """A climb of all that is allowed, a relief, a climb over the crest, the steepest fall, level.

    Each run is as long as asked, or as its curves are.
    """
    top, slope = limits["max_grade"], limits["min_slope_length_m"]
    share = rng.uniform(0.45, 0.55)
    bend = min(limits["min_vertical_curve_m"] / (1.4 * limits["min_vertical_radius_m"]), 0.2 * top)
    slopes = [
        Slope(slope * rng.uniform(1, 1.2), -0.45 * top, tight=1.0, least=0.5),
        Slope(share * longest(0.95 * top, limits), 0.95 * top),
        Slope((1 - share) * longest(0.85 * top, limits), 0.85 * top),
        Slope(slope, limits["relief_grade"]),
        Slope(0.35 * longest(0.8 * top, limits), 0.8 * top, tight=1.0, least=0.5),
        Slope(0.0, -0.6 * top),
        Slope(0.0, -top),
        Slope(0.0, -0.2 * top, tight=0.0, least=1.0),
        Slope(slope, -0.2 * top - bend),
        Slope(2 * slope, 0.0),
    ]
    draft = Course(limits, {}, {}, tuple(slopes), {}, 5, 0, {}, np.zeros((4, 2)))
    for number in (4, 5, 6, 7):
        halves = (draft.curve_m(number - 1) + draft.curve_m(number)) / 2
        slopes[number] = slopes[number]._replace(
            run=max(slopes[number].run, 1.05 * slope, halves + 10)
        )
    return tuple(slopes)


LINE = dict.fromkeys(COLUMNS, np.nan) | {"earth": True, "across": False, "flood": False}
EXPRESSWAY = LINE | {"half_m": 14.0, "earth": False}
ROAD = LINE | {"half_m": 4.0, "across": True}
STREAM = LINE | {"half_m": 3.0, "flood": True}


def _places(begin, limits, rng):
    """What the level straight meets, one after another; every height and length is just so."""
    shortest = limits["min_structure_m"]
    wanted = {
        "fill": (0.0, EARTH, limits["max_fill_m"], None, None),
        "cut": (0.0, EARTH, -limits["max_cut_m"], None, None),
        "long bridge": (limits["max_bridge_m"], BRIDGE, 8.0, None, None),
        "long tunnel": (limits["max_tunnel_m"], TUNNEL, -20.0, None, None),
        "short bridge": (shortest, BRIDGE, 8.0, None, None),
        "short tunnel": (shortest, TUNNEL, -20.0, None, None),
        "over": (0.0, BRIDGE, 8.0, EXPRESSWAY | {"z": -CLEAR_M, "bridge_above_m": CLEAR_M}, None),
        "under": (0.0, TUNNEL, -20.0, EXPRESSWAY | {"z": BELOW_M, "tunnel_below_m": BELOW_M}, None),
        "earth over": (20.0, EARTH, 3.0, ROAD | {"z": -2.5, "earth_above_m": 2.5}, None),
        "earth under": (20.0, EARTH, -1.0, ROAD | {"z": UNDER_M, "earth_below_m": UNDER_M}, None),
        "tunnel over": (26.0, TUNNEL, -20.0, ROAD | {"z": -9.0, "tunnel_above_m": 9.0}, None),
        "culvert": (20.0, EARTH, 3.0, STREAM | {"z": -2.5, "earth_above_m": 2.5}, None),
        "stream": (30.0, BRIDGE, 5.0, STREAM | {"z": -4.0, "bridge_above_m": 4.0}, None),
        "shore": (30.0, EARTH, 2.0, None, 0.0),
        "lake": (30.0, BRIDGE, 6.0, None, 0.0),
    }
    places = {}
    for name, (length, kind, above, line, flood) in wanted.items():
        wide = length
        if line is not None and not line["earth"]:
            wide = 2 * line["half_m"] / np.sin(np.radians(70)) + 0.1
        places[name] = Place(begin, begin + wide, kind, above, line, flood)
        begin += wide + rng.uniform(12, 20)
    return places


def _laid(made):
    length = sum(part[0] for part in made.bends.values())
    ends = [at for place in made.places.values() for at in (place.begin, place.end)]
    s = np.append(np.arange(0, length, made.spacing), length)
    s = np.unique(np.concatenate([s, ends]))
    for at, on in made.moved.items():
        s[np.searchsorted(s, at)] += on
    bends = [part for part in made.bends.values() if part[0] > 0]
    stations = centreline(bends, _grades(made, length), s, heading=made.heading)
    stations = _placed(made, stations)
    stations = stations.assign(**_section(made, s))
    return Road(stations, _crossed(made, stations), made.limits)


def _grades(made, length):
    parts, before = [], 0.0
    for number, slope in enumerate(made.slopes):
        after = made.curve_m(number) if number + 1 < len(made.slopes) else 0.0
        straight = slope.run - (before + after) / 2
        assert straight > 0, (number, straight)
        parts.append((straight, slope.grade, slope.grade))
        if after:
            parts.append((after, slope.grade, made.slopes[number + 1].grade))
        before = after
    return [*parts, (length - sum(part[0] for part in parts) + 1, 0, 0)]


def _placed(made, stations):
    """Put ground and structures under the road, and floods; elsewhere it lies on waves of ground."""
    s = stations["s"].to_numpy()
    above = sum(
        2 * high * np.sin(s / (60 + 30 * number) + 3 * phase)
        for number, (high, phase) in enumerate(made.waves)
    )
    kinds = np.zeros(s.size, dtype=int)
    flood, flood_bridge = np.full(s.size, np.nan), np.full(s.size, np.nan)
    for place in made.places.values():
        there = (s >= place.begin) & (s < place.end)
        kinds[there] = place.kind
        inside = (s >= place.begin) & (s <= place.end)
        if place.kind != EARTH:
            inside &= (s > place.begin) & (s < place.end)
        above[inside] = place.above
        if place.flood is not None:
            asked_of = flood if place.kind == EARTH else flood_bridge
            asked_of[(s >= place.begin) & (s <= place.end)] = 100 - place.flood
    design = stations["design"]
    level = float(design.iloc[-1])  # of the last straight
    return stations.assign(
        structure=kinds,
        ground=design - above,
        flood_m=flood - 100 + level,
        flood_bridge_m=flood_bridge - 100 + level,
    )


def _section(made, s):
    """Crossfall, half-widths and the faces of cuts beside curve 1, which grow along spirals."""
    limits = made.limits
    bends = [part for part in made.bends.values() if part[0] > 0]
    k = running(bends, s)[1]
    fall = np.zeros(s.size)
    left, right = np.full((2, s.size), limits["width_m"] / 2)
    faces = {
        f"{name}_{side}_m": np.full(s.size, np.nan)
        for side in ("left", "right")
        for name in ("foot", "toe", "top")
    }
    for number in range(1, 6):
        first, last = (f"{name} {number}" for name in ("in", "out"))
        begin, end, sharp = made.begin(first), made.end(last), made.bends[last][1]
        there = (s >= begin) & (s <= end)
        share = np.abs(k / sharp) * there
        lean = made.leans.get(number, asked(sharp, limits))
        fall -= np.sign(sharp) * lean * share
        inner = left if sharp > 0 else right
        inner += widened(1 / abs(sharp), limits) * share
        if number == 1:
            foot = last_line(1 / abs(sharp), limits) + made.wall
            side = "left" if sharp > 0 else "right"
            for name, value in (("foot", foot), ("toe", foot + 0.1), ("top", 8.0)):
                faces[f"{name}_{side}_m"][there] = value
    return {"crossfall": fall, "left_m": left, "right_m": right, **faces}


def widened(radius, limits):
    if radius > limits["widened_below_m"]:
        return 0.0
    return next(metres for least, metres in limits["widenings"] if radius >= least * (1 - 1e-9))


def last_line(radius, limits):
    """How far from the centreline a line of sight passes in the middle: path and middle ordinate."""
    path = limits["lane_m"] - limits["path_from_edge_m"]
    inner = radius - path
    return path + inner * (1 - np.cos(limits["stopping_sight_m"] / 2 / inner))


def _crossed(made, stations):
    rows = []
    for name, place in made.places.items():
        if place.line is None:
            continue
        middle = (place.begin + place.end) / 2
        x, y, design = (
            np.interp(middle, stations["s"], stations[column]) for column in ("x", "y", "design")
        )
        before, after = stations[stations["s"] <= middle].iloc[-1], stations.iloc[-1]
        ahead = np.arctan2(after["y"] - before["y"], after["x"] - before["x"])
        turn = ahead + np.radians(made.angles[name])
        dx, dy, z = 40 * np.cos(turn), 40 * np.sin(turn), design + place.line["z"]
        ends = {"x0": x - dx, "y0": y - dy, "z0": z, "x1": x + dx, "y1": y + dy, "z1": z}
        rows.append({column: (place.line | ends)[column] for column in COLUMNS})
    return pd.DataFrame(rows)
