"""How a centreline's bed leans and widens on curves, and what is seen along it.

Method: arcs are runs of three and more stations whose curvature (of the circle through three of
them) stays the same, and the sharpest station of a bend, or two alike, without one. Sight is tried
with straight lines from eyes to objects the sight distance ahead, point by point: over the heights
of the road every metre, and past the faces of cuts at the station nearest to each point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from geo.alignment.checker.stations import (
    NOISE,
    SHARE,
    SPACING,
    Codes,
    Flags,
    Floats,
    Limits,
    Row,
    Rule,
    runs,
    worst,
)

LEAN = ("crossfall", "left_m", "right_m")
FACES = ("foot_left_m", "toe_left_m", "top_left_m", "foot_right_m", "toe_right_m", "top_right_m")
ASKED = {
    "superelevation": (
        *("speed_kmh", "side_friction", "max_superelevation", "crown", "no_superelevation_m"),
    ),
    "runoff": ("lane_m", "min_runoff_m"),
    "widening": ("width_m", "widened_below_m", "widenings"),
    "sight_crest": ("stopping_sight_m", "eye_m", "object_m"),
    "sight_curve": ("stopping_sight_m", "eye_m", "object_m", "lane_m", "path_from_edge_m"),
}
"""Limits that each rule asks for."""
COLUMNS = {
    "superelevation": LEAN[:1],
    "runoff": LEAN[:1],
    "widening": LEAN,
    "sight_crest": (),
    "sight_curve": (*LEAN, *FACES),
}
"""Columns that each rule reads besides those of every centreline."""

# Tolerances
RATE = 1e-4  # m/m: curvature right to SHARE of a thousandth gives it to 1e-6 of the rate
WIDTH = 1e-3  # m
SEEN = 0.1  # m of sight
TOUCH = 1e-3  # m: heights between stations from a spline, on the tightest crests
ASIDE = 0.05  # m: where a line of sight crosses a section, tangents read from points
FINE = 1.0  # m between points of lines of sight over crests
GRAVITY = 127.0  # V² / (g R), V in km/h
PARTS = (1.0, 0.75, 0.5)  # of the sight distance, at which objects are looked for


def examinable(stations: pd.DataFrame, limits: Limits) -> frozenset[str]:
    """Give the rules for which all columns and limits are there; the others are not tested.

    >>> limits = {"lane_m": 3.5, "min_runoff_m": 125}
    >>> sorted(examinable(pd.DataFrame({"s": [0.0], "crossfall": [0.0]}), limits))
    ['runoff']
    """
    return frozenset(
        rule
        for rule in ASKED
        if set(COLUMNS[rule]) <= set(stations.columns) and set(ASKED[rule]) <= set(limits)
    )


def section(stations: pd.DataFrame, limits: Limits) -> list[Row]:
    """Test crossfall, runoff, widening and sight, as far as columns and limits are there."""
    asked = examinable(stations, limits)
    bend = _bends(stations)
    rows: list[Row] = []
    if "superelevation" in asked:
        rows += _lean(stations, bend, limits)
    if "runoff" in asked:
        rows += _runoff(stations, limits)
    if "widening" in asked:
        rows += _wide(stations, bend, limits)
    if "sight_crest" in asked:
        rows += _crests(stations, limits)
    if "sight_curve" in asked:
        rows += _curves(stations, limits)
    return rows


def _bends(stations: pd.DataFrame) -> tuple[Floats, Flags, Flags]:
    """Give curvature, positive to the left; where it stays the same; where a bend is sharpest."""
    x, y = (stations[name].to_numpy(dtype=np.float64) for name in ("x", "y"))
    dx, dy = np.diff(x), np.diff(y)
    third = np.maximum(np.hypot(x[2:] - x[:-2], y[2:] - y[:-2]), 1e-9)
    sides = np.hypot(dx, dy)
    circle = 2 * (dx[:-1] * dy[1:] - dy[:-1] * dx[1:]) / (sides[:-1] * sides[1:] * third)
    same = np.abs(np.diff(circle)) <= SHARE * np.abs(circle[1:]) + NOISE / 20
    arc, tip = np.zeros((2, circle.size), dtype=bool)
    for first, last in runs(same):
        # Two that are alike may stand on either side of a tip.
        (arc if last > first else tip)[first : last + 2] = True
    arc &= np.abs(circle) > NOISE
    tip &= np.abs(circle) > NOISE
    for first, last in [*runs(circle > NOISE), *runs(circle < -NOISE)]:
        tip[first + int(np.argmax(np.abs(circle[first : last + 1])))] = True
    # The ends bend as their neighbours: on an arc with them, but no tip of their own.
    bend, arc = (np.concatenate([one[:1], one, one[-1:]]) for one in (circle, arc))
    return bend, arc, np.concatenate([[False], tip, [False]])


def _steps(values: Floats) -> Floats:
    """Give the greater change to either neighbour."""
    step = np.abs(np.diff(values))
    return np.asarray(np.maximum(np.append(step, 0.0), np.append(0.0, step)))


def _short(s: Floats, found: Floats, asked: Floats, slack: Floats, rule: Rule) -> list[Row]:
    """Give one row a run of stations where something falls short, at the worst of them."""
    short = asked - found
    rows: list[Row] = []
    for first, last in runs(short > slack):
        at = first + int(np.argmax(short[first : last + 1]))
        rows.append((float(s[at]), rule, float(found[at]), float(asked[at])))
    return rows


def _lean(stations: pd.DataFrame, bends: tuple[Floats, Flags, Flags], limits: Limits) -> list[Row]:
    """Rates on arcs and at the tips of bends; none above the greatest, none to the wrong side."""
    s, fall = (stations[name].to_numpy(dtype=np.float64) for name in ("s", "crossfall"))
    bend, arc, tip = bends
    sharp = np.abs(bend)
    needed = limits["speed_kmh"] ** 2 * sharp / GRAVITY - limits["side_friction"]
    leans = sharp * limits["no_superelevation_m"] > 1 + SHARE
    needed = np.where(leans, np.maximum(needed, limits["crown"]), 0.0)
    needed = np.where(arc | tip, needed, 0.0)
    slack = RATE + np.where(arc, 0.0, _steps(fall))
    curved = sharp > NOISE
    inward = np.where(curved, -np.sign(bend) * fall, np.inf)
    rows = _short(s, inward, needed, slack, "superelevation")
    most = limits["max_superelevation"]
    steep = np.abs(fall)
    return rows + worst(s, steep, steep > most + RATE, "superelevation", most)


def _runoff(stations: pd.DataFrame, limits: Limits) -> list[Row]:
    """Metres along in which the outer edge of two lanes rises by one against the inner."""
    s, fall = (stations[name].to_numpy(dtype=np.float64) for name in ("s", "crossfall"))
    rise = np.abs(np.diff(fall)) * 2 * limits["lane_m"]
    metres = np.diff(s) / np.maximum(rise, 1e-12)
    least = limits["min_runoff_m"]
    return worst(s[:-1], metres, metres < least * (1 - SHARE), "runoff", least)


def _wide(stations: pd.DataFrame, bends: tuple[Floats, Flags, Flags], limits: Limits) -> list[Row]:
    """Half-widths: nowhere less than on straights, on the inside of curves more by the table."""
    s, left, right = (stations[name].to_numpy(dtype=np.float64) for name in ("s", *LEAN[1:]))
    bend, arc, tip = bends
    rows: list[Row] = []
    radius = (1 + SHARE) / np.maximum(np.abs(bend), NOISE)
    table = limits["widenings"]
    more = np.select(
        [radius > limits["widened_below_m"], *(radius >= least for least, _ in table)],
        [0.0, *(metres for _, metres in table)],
    )
    for side, half in ((1, left), (-1, right)):
        asked = np.where((arc | tip) & (side * bend > 0), more, 0.0)
        slack = WIDTH + np.where(tip & ~arc, _steps(half), 0.0)
        rows += _short(s, half - limits["width_m"] / 2, asked, slack, "widening")
    return rows


def _crests(stations: pd.DataFrame, limits: Limits) -> list[Row]:
    """Try stopping sight over the profile, both ways; beyond the ends of the road all is seen."""
    s, design = (stations[name].to_numpy(dtype=np.float64) for name in ("s", "design"))
    road = CubicSpline(s, design)
    most = float(limits["stopping_sight_m"])
    eye, low = limits["eye_m"], limits["object_m"]
    seen = np.full(s.size, most)

    def hidden(at: Floats, way: int, distance: float) -> Flags:
        ahead = np.linspace(0.0, 1.0, max(int(distance / FINE), 2) + 1)
        begin, end = road(at) + eye, road(at + way * distance) + low
        line = begin[:, None] + (end - begin)[:, None] * ahead
        return np.asarray((road(at[:, None] + way * distance * ahead) - line > TOUCH).any(axis=1))

    for way in (1, -1):
        inside = np.flatnonzero((s + way * most <= s[-1]) & (s + way * most >= s[0]))
        bad = inside[hidden(s[inside], way, most - SEEN)]
        for distance in np.arange(most - FINE, 0.0, -FINE):
            seen[bad] = np.minimum(seen[bad], distance)
            bad = bad[hidden(s[bad], way, float(distance))]
    return worst(s, seen, seen < most, "sight_crest", most)


class _Lane(NamedTuple):
    """A lane in the order of its travel, its inner side on the right; arrays of shape (n,).

    Centreline and unit tangents; height and chainage of the driver's path; face of the cut: edge's
    height, foot, toe, top (infinitely far off where there is none).
    """

    x: Floats
    y: Floats
    ahead_x: Floats
    ahead_y: Floats
    z: Floats
    along: Floats
    edge_z: Floats
    foot: Floats
    toe: Floats
    top: Floats


def _lane(stations: pd.DataFrame, limits: Limits, side: str) -> _Lane:
    """Read what a driver on the left lane (travelling back) or on the right lane has beside."""
    hand = 1 if side == "left" else -1
    named = stations.iloc[::-hand]
    x, y, design, fall = (
        named[name].to_numpy(dtype=np.float64) for name in ("x", "y", "design", "crossfall")
    )
    edge, foot, toe, top = (
        named[f"{name}_{side}_m"].to_numpy(dtype=np.float64)
        if name
        else named[f"{side}_m"].to_numpy(dtype=np.float64)
        for name in ("", "foot", "toe", "top")
    )
    ahead_x, ahead_y = np.gradient(x), np.gradient(y)
    size = np.hypot(ahead_x, ahead_y)
    ahead_x, ahead_y = ahead_x / size, ahead_y / size
    inner = limits["lane_m"] - limits["path_from_edge_m"]
    path_x, path_y = x + inner * ahead_y, y - inner * ahead_x
    along = np.append(0.0, np.cumsum(np.hypot(np.diff(path_x), np.diff(path_y))))
    # The bed turns about the inner edge of its inner lane, which keeps the height of the profile.
    axis = design + np.abs(fall) * limits["lane_m"]
    return _Lane(
        *(x, y, ahead_x, ahead_y, axis + hand * fall * inner, along, axis + hand * fall * edge),
        foot=np.where(np.isnan(foot), np.inf, foot),
        toe=toe,
        top=top,
    )


def _curves(stations: pd.DataFrame, limits: Limits) -> list[Row]:
    """Try stopping sight of either lane past the faces of cuts on its inner side."""
    s = stations["s"].to_numpy(dtype=np.float64)
    most = float(limits["stopping_sight_m"])
    seen = np.full(s.size, most)
    for side in ("left", "right"):
        lane = _lane(stations, limits, side)
        far = np.full(s.size, most)
        eyes = np.arange(s.size)
        bad = np.zeros(s.size, dtype=bool)
        for part in PARTS:
            bad |= _hidden(lane, eyes, part * most, limits)
        for distance in np.arange(most, 0.0, -SPACING):
            eyes = np.flatnonzero(bad)
            hides = eyes[_hidden(lane, eyes, float(distance), limits)]
            far[hides] = distance - SPACING
        seen = np.minimum(seen, far if side == "right" else far[::-1])
    return worst(s, seen, seen < most, "sight_curve", most)


def _hidden(lane: _Lane, eyes: Codes, distance: float, limits: Limits) -> Flags:
    """Say which eyes do not see an object so far along the path; beyond the end all is seen."""
    inner = limits["lane_m"] - limits["path_from_edge_m"]
    x, y = lane.x + inner * lane.ahead_y, lane.y - inner * lane.ahead_x
    there = lane.along[eyes] + distance
    begin = np.stack([v[eyes] for v in (x, y, lane.z + limits["eye_m"])])
    end = np.stack([np.interp(there, lane.along, v) for v in (x, y, lane.z + limits["object_m"])])
    dx, dy, dz = end - begin
    hides = np.zeros(eyes.size, dtype=bool)
    inside = there <= lane.along[-1]
    at = eyes + 1
    while True:
        at = np.minimum(at, lane.x.size - 1)
        between = inside & (lane.along[at] < there) & (at > eyes)
        if not between.any():
            return hides
        off_x, off_y = lane.x[at] - begin[0], lane.y[at] - begin[1]
        along, whole = (
            a * lane.ahead_x[at] + b * lane.ahead_y[at] for a, b in ((off_x, off_y), (dx, dy))
        )
        share = along / np.where(whole == 0, 1.0, whole)
        right = (share * dx - off_x) * lane.ahead_y[at] - (share * dy - off_y) * lane.ahead_x[at]
        inward = right - ASIDE - lane.foot[at]
        wide = np.maximum(lane.toe - lane.foot, 1e-9)[at]
        face = lane.edge_z[at] + lane.top[at] * np.clip(inward / wide, 0.0, 1.0)
        hides |= between & (inward > 0) & (face > begin[2] + share * dz + TOUCH)
        at = at + 1
