"""How far towns may grow, and the levelled land of the new town; neither is openly drawn.

1. Land that may be built on lies in the towns' townships, outside of permanent basic farmland with
   a margin, and of the ecological redline; spits and gaps narrower than 30 m are no building land.
2. The county town grows over gentle ground from its seat to an assumed area; the new town is its
   schematic extent and its levelled land, so far as rule 1 lets it. That is the concentrated zone.
3. The flexible zone lies around it, a fixed share of its area (exact).
4. What lies within so many metres of a drawn stream is the zone of special use, but levelled land.
5. Levelled land has its published area (exact): ground up to a grade, by rule 1, in the new town's
   extent, which is widened as far as it takes. Its built part is what lies nearest to the seat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.raster import Raster, crop
from geo.terrain import slope
from layers.building.curves import BISECTIONS, area_of, fitted
from layers.building.relief import blurred
from layers.building.zones import grown

EXACT_M = 0.001  # grid of coordinates
CRUMB_M2 = 10.0  # what rounding leaves between shapes is less
NARROW_M = 15.0  # half the width that no building land is narrower than
MARGIN_M, MARGIN_SIMPLE_M = 8.0, 4.0  # around farmland; its line is drawn no finer
AROUND_M = 2000.0  # beyond which no farmland matters


@dataclass(frozen=True, eq=False)
class Scene:
    """What towns grow on: terrain, townships, seats by code, land that is kept, streams, extent."""

    dem: Raster
    townships: gpd.GeoDataFrame
    seats: gpd.GeoDataFrame
    kept: BaseGeometry
    rivers: gpd.GeoDataFrame
    new_town: BaseGeometry


def levelled_land(facts: dict[str, Any], scene: Scene) -> gpd.GeoDataFrame:
    """Draw the levelled land. RULE 5.

    Parameters
    ----------
    facts
        `township`, `area_km2`, `built_km2`, `grade`, `least_m2` of a part.
    scene
        The county's layers.

    Returns
    -------
    GeoDataFrame
        id, state; parts from the north, those built first.
    """
    free = _free(scene, [facts["township"]], scene.new_town)
    dem = crop(scene.dem, scene.new_town.buffer(AROUND_M).bounds)
    flat = blurred(slope(dem).values.astype(np.float64), 1) <= facts["grade"]
    open_to = _opened(area_of(flat, dem, least_m2=facts["least_m2"]).intersection(free))
    whole = fitted(
        scene.new_town, facts["area_km2"] * 1e6, _parts_of(open_to, least_m2=facts["least_m2"])
    )
    whole = shapely.set_precision(whole, EXACT_M)
    seat = scene.seats.geometry[facts["township"]]
    built = _nearest(whole, seat, facts["built_km2"] * 1e6)
    rest = shapely.difference(whole, built, grid_size=EXACT_M)
    return _numbered({"built": built, "vacant": rest}, "state", "levelled", scene.dem)


def development_boundary(
    facts: dict[str, Any], scene: Scene, levelled: BaseGeometry
) -> gpd.GeoDataFrame:
    """Draw the boundary around the county town and the new town. RULES 1 to 4.

    Parameters
    ----------
    facts
        `town` and `new_town` (townships, seat, area_km2 of the first, name), `flexible_share`,
        `stream_m`, `least_m2` of a part.
    scene
        The county's layers.
    levelled
        The levelled land.

    Returns
    -------
    GeoDataFrame
        id, zone, name; town by town, concentrated, flexible, special, parts from the north.
    """
    frames = []
    for label in ("town", "new_town"):
        about = facts[label]
        allowed = shapely.union_all(scene.townships.geometry[about["townships"]].to_numpy())
        hearth = scene.new_town.union(levelled)
        if label == "town":
            seat = scene.seats.geometry[about["seat"]]
            hearth = grown(allowed, seat, scene.dem, about["area_km2"] * 1e6)
        cut = _parts_of(_free(scene, about["townships"], hearth), least_m2=facts["least_m2"])
        inner = cut(hearth)
        if label == "town":
            inner = fitted(hearth, about["area_km2"] * 1e6, cut)
        else:
            inner = inner.union(levelled)
        zones = _zones(facts, scene, inner, _wider(hearth, inner, cut, facts["flexible_share"]))
        if label == "new_town":
            zones = {name: shape.difference(levelled) for name, shape in zones.items()}
            zones["concentrated"] = zones["concentrated"].union(levelled)
        frame = _numbered(zones, "zone", label, scene.dem)
        frames.append(frame.assign(name=about["name"]))
    return pd.concat(frames, ignore_index=True)[["id", "zone", "name", "geometry"]]


def _wider(
    hearth: BaseGeometry,
    inner: BaseGeometry,
    cut: Callable[[BaseGeometry], BaseGeometry],
    share: float,
) -> BaseGeometry:
    """Widen a town until a share of its area is added. RULE 3."""
    return fitted(hearth, inner.area * (1 + share), lambda shape: cut(shape).union(inner))


def _zones(
    facts: dict[str, Any], scene: Scene, inner: BaseGeometry, outer: BaseGeometry
) -> dict[str, BaseGeometry]:
    """Tell the zones apart. RULES 2 to 4."""
    near = scene.rivers.geometry[scene.rivers.intersects(outer)]
    strip = shapely.union_all(near.to_numpy()).buffer(facts["stream_m"]).simplify(2.0)
    return {
        "concentrated": inner.difference(strip),
        "flexible": outer.difference(inner).difference(strip),
        "special": outer.intersection(strip),
    }


def _free(scene: Scene, townships: list[str], around: BaseGeometry) -> BaseGeometry:
    """Give the land around a town that may be built on. RULE 1."""
    near = around.buffer(AROUND_M)
    land = shapely.union_all(scene.townships.geometry[townships].to_numpy()).intersection(near)
    kept = scene.kept.intersection(near).buffer(MARGIN_M).simplify(MARGIN_SIMPLE_M)
    return _opened(land.difference(kept))


def _opened(shape: BaseGeometry) -> BaseGeometry:
    """Leave out what is narrow, and round nothing off."""
    wide = shape.buffer(-NARROW_M).buffer(NARROW_M, join_style="mitre")
    return wide.intersection(shape)


def _parts_of(free: BaseGeometry, *, least_m2: float) -> Callable[[BaseGeometry], BaseGeometry]:
    """Give a way to cut shapes to land, parts too small left out."""
    shapely.prepare(free)

    def cut(shape: BaseGeometry) -> BaseGeometry:
        parts = shapely.get_parts(shapely.intersection(shape, free))
        large = [one for one in parts if one.geom_type == "Polygon" and one.area >= least_m2]
        return shapely.MultiPolygon(large)

    return cut


def _nearest(whole: BaseGeometry, seat: shapely.Point, area_m2: float) -> BaseGeometry:
    """Give what of a shape lies within the circle around a seat that holds so much of it."""
    low, high = 0.0, float(shapely.hausdorff_distance(whole, seat))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        held = shapely.intersection(whole, seat.buffer(middle, quad_segs=32)).area
        low, high = (middle, high) if held < area_m2 else (low, middle)
    return shapely.intersection(whole, seat.buffer(high, quad_segs=32), grid_size=EXACT_M)


def _numbered(
    shapes: dict[str, BaseGeometry], column: str, label: str, like: Raster
) -> gpd.GeoDataFrame:
    """Give the parts of shapes as rows, each from the north."""
    rows = []
    for value, shape in shapes.items():
        pieces = shapely.get_parts(shapely.set_precision(shape, EXACT_M))
        parts = [one for one in pieces if one.area >= CRUMB_M2]
        parts.sort(key=lambda one: (-one.bounds[3], one.bounds[0]))
        rows += [{column: value, "geometry": part} for part in parts]
    ids = [f"{label}_{number:03d}" for number in range(1, len(rows) + 1)]
    return gpd.GeoDataFrame(rows, crs=like.grid.crs).assign(id=ids)[["id", column, "geometry"]]
