"""A road at close stations: where it runs, the ground under it, its line, what is tested."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.alignment.crossed import bounds
from geo.alignment.plan.plan import Plan, points
from geo.alignment.profile.verticals import heights
from geo.alignment.search.terrain import Zones
from geo.alignment.values import EARTH, Alignment, Floats, Profile, Stations
from geo.alignment.works.crosssection import Centreline
from geo.errors import GridError, Problem
from geo.raster import Raster, sample
from geo.words import Text

EVERY = 5.0  # m between posts: what an independent test of a centreline asks for


@dataclass(frozen=True, eq=False)
class Posts:
    """Points along a plan, evenly spaced, both ends among them; each array of shape (n,).

    Parameters
    ----------
    s, x, y, ground
        Chainage, coordinates and height of the ground, m.
    heading, curvature
        Radians counter-clockwise from x; 1/m, positive to the left.
    on_top
        What a metre costs on top, as `Stations.on_top`; None where nothing does.
    least, most
        Heights between which the line lies, as `Stations` has them; None where nothing is crossed.
    """

    s: Floats
    x: Floats
    y: Floats
    ground: Floats
    heading: Floats
    curvature: Floats
    on_top: Floats | None = None
    least: Floats | None = None
    most: Floats | None = None


def posts(plan: Plan, dem: Raster, *, zones: Zones | None = None, every: float = EVERY) -> Posts:
    """Set posts along a plan.

    Parameters
    ----------
    plan
        The road in plan, in the CRS of the terrain.
    dem
        Heights, m; read bilinearly.
    zones
        What it costs to run through places; an interval counts as the dearer of its ends. What is
        crossed binds both posts of an interval that touches its strip.
    every
        Greatest distance of posts, m.

    Raises
    ------
    GridError
        If the ground is unknown under a post; all such stretches are named.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.alignment.plan.plan import from_intersections
    >>> from geo.grid import Grid
    >>> level = Raster(np.full((9, 9), 7.0), Grid((9, 9), Affine(30, 0, 0, 0, -30, 270), CRS(4549)))
    >>> found = posts(from_intersections([(60, 60), (160, 60)], radii=[]), level, every=30)
    >>> found.s.tolist(), found.ground.tolist()
    ([0.0, 25.0, 50.0, 75.0, 100.0], [7.0, 7.0, 7.0, 7.0, 7.0])
    """
    count = max(math.ceil(plan.length_m / every - 1e-9), 4)
    s = np.linspace(0.0, plan.length_m, count + 1)
    x, y, heading, curvature = points(plan, s)
    ground = sample(dem, x, y)
    unknown = np.isnan(ground)
    if unknown.any():
        first, last = s[unknown][[0, -1]]
        raise GridError(
            Text("线位处无地形数据", "no terrain under the road"),
            problems=[Problem(row=f"{first:.0f} – {last:.0f} m", field="dem", found="NaN")],
        )
    if zones is None:
        return Posts(s, x, y, ground, heading, curvature)
    on_top = _on_top(zones, x, y)
    if zones.crossed is None:
        return Posts(s, x, y, ground, heading, curvature, on_top)
    least, most, shut = bounds(zones.crossed, x, y)
    on_top[shut] = np.inf
    return Posts(s, x, y, ground, heading, curvature, on_top, least, most)


def _on_top(zones: Zones, x: Floats, y: Floats) -> Floats:
    above = _read(zones.above, x, y)
    below = np.zeros_like(above) if zones.below is None else _read(zones.below, x, y)
    earth = above if zones.earth is None else above + _read(zones.earth, x, y)
    each = np.stack([earth, above, below], axis=1)
    return np.maximum(each[1:], each[:-1])


def _read(raster: Raster, x: Floats, y: Floats) -> Floats:
    """Give the values of the cells that hold points; beyond the raster nothing may be."""
    rows, columns = raster.grid.index(x, y)
    inside = raster.grid.inside(rows, columns)
    found = np.full(x.shape, np.inf)
    found[inside] = raster.values[rows[inside], columns[inside]]
    return found


def thinned(found: Posts, chosen: NDArray[np.int64]) -> Stations:
    """Give some of the posts as stations; what lies between costs the mean of its metres.

    Parameters
    ----------
    found
        The posts.
    chosen
        Their numbers, rising; shape (k,), k ≥ 2.
    """
    on_top = found.on_top
    if on_top is not None:
        length = np.diff(found.s)[:, None]
        part = (on_top * length)[chosen[0] : chosen[-1]]
        sums = np.add.reduceat(part, chosen[:-1] - chosen[0], axis=0)
        on_top = sums / np.diff(found.s[chosen])[:, None]
    s, x, y, ground = (v[chosen] for v in (found.s, found.x, found.y, found.ground))
    least, most = (None if v is None else v[chosen] for v in (found.least, found.most))
    return Stations(s, x, y, ground, on_top, least, most)


def structures_at(profile: Profile, s: Floats) -> NDArray[np.int64]:
    """Give the structure of intervals between chainages, by where they begin; shape (n − 1,)."""
    at = np.searchsorted(profile.s, s[:-1] + 1e-6, side="right") - 1
    return np.asarray(profile.structure[np.clip(at, 0, profile.structure.size - 1)])


def centreline(road: Alignment, *, every: float = EVERY) -> Centreline:
    """Give a road's centreline in space at posts and at every end of a structure.

    Parameters
    ----------
    road
        The road.
    every
        Greatest distance of stations, m.
    """
    count = max(math.ceil(road.plan.length_m / every - 1e-9), 4)
    s = np.linspace(0.0, road.plan.length_m, count + 1)
    ends = road.profile.s[1:-1][np.diff(road.profile.structure) != 0]
    far = np.abs(ends[:, None] - s[None, :]).min(axis=1, initial=np.inf) > 1e-6
    s = np.sort(np.concatenate([s, ends[far]]))
    x, y, heading, curvature = points(road.plan, s)
    design = heights(road.profile.pvi, s)
    return Centreline(s, x, y, heading, curvature, design, structures_at(road.profile, s))


def examined(found: Posts, profile: Profile, across: pd.DataFrame | None = None) -> pd.DataFrame:
    """Write a road as `geo.alignment.checker.breaches` reads it.

    Parameters
    ----------
    found, profile
        The road at its posts.
    across
        Further columns, indexed by chainage; every post is among them.
    """
    structure = structures_at(profile, found.s)
    stations = pd.DataFrame(
        {
            "s": found.s,
            "x": found.x,
            "y": found.y,
            "ground": found.ground,
            "design": heights(profile.pvi, found.s),
            "structure": np.append(structure, EARTH),
        }
    )
    if across is None:
        return stations
    more = across.reindex(found.s, method="nearest", tolerance=1e-6)
    return stations.assign(**{name: more[name].to_numpy() for name in more})


def drawn(road: Alignment, *, every: float = EVERY) -> Floats:
    """Give the vertices x, y, z of a polyline as long, seen from above, as the road; shape (n, 3).

    Parameters
    ----------
    road
        The road.
    every
        Greatest distance of vertices, m; on curves a tenth of the radius if that is less.

    Notes
    -----
    A chord is shorter than its arc by d³ κ² / 24; so vertices stand outside of the curve by
    d² κ / 24, at most 5 cm, and lengths measured on the line are those of the chainages. The two
    ends stay where they are.

    Examples
    --------
    A quarter of a circle of 100 m between tangents of 200 m: 557.08 m.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> plan = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100)
    >>> flat = Profile(np.array([0.0, plan.length_m]), np.zeros(2), np.array([EARTH]),
    ...     np.array([(0.0, 0.0, 0.0), (plan.length_m, 0.0, 0.0)]), 0.0, 0.0, 0.0)
    >>> line = drawn(Alignment(plan, flat, None))
    >>> round(float(np.hypot(*np.diff(line[:, :2], axis=0).T).sum()), 2)
    557.08
    """
    plan = road.plan
    s = [0.0]
    for start, length, bend in zip(plan.start, plan.length, np.abs(plan.bend), strict=True):
        step = min(every, 0.1 / bend) if bend > 0 else every
        count = math.ceil(length / step - 1e-9)
        s += (start + length * np.arange(1, count + 1) / count).tolist()
    at = np.append(np.minimum(s[:-1], plan.length_m), plan.length_m)
    x, y, heading, curvature = points(plan, at)
    gap = np.diff(at)
    square = np.append(gap, gap[-1]) * np.append(gap[0], gap)
    out = curvature * square / 24
    out[[0, -1]] = 0.0
    return np.stack(
        [x + out * np.sin(heading), y - out * np.cos(heading), heights(road.profile.pvi, at)],
        axis=1,
    )
