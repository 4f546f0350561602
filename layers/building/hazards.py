"""Hazard zones: slopes that may slide, torrents with their fans, and what rivers may flood.

No map of hazards is open. Zones are modelled on the modelled terrain; they show where one would
look, not where a known point lies. Figures stand in `facts/zones.toml`, assumed unless a source is
named here.

1. Landslide: ground of 25° and more, ten metres and more above a settlement, within 300 m of it;
   ground that hangs together is one zone. Its level is told by its mean slope (28°, 32°).
2. Debris flow: side valleys of 0.1 to 3 km² that join a drawn stream. The Melton ratio, relief
   over the root of the catchment, tells the level: from 0.3 debris floods, from 0.6 debris flows
   (Wilford, D. J. et al., 2004, Recognition of debris flow, debris flood and flood hazard through
   watershed morphometrics, Landslides 1), from 0.9 assumed. The zone is the channel up to 1,000 m
   from its mouth, and the fan around the mouth.
3. Of both together as many zones are kept as there are known points: those with most people near.
4. Flood: ground no higher above the bed of a stream of 10 km² and more, where its water reaches
   the bed (height above nearest drainage; Nobre, A. D. et al., 2011, J. Hydrology 404), than a
   stage of c·A^0.3 m, A being the catchment in km² there. The form is that of hydraulic geometry
   (Leopold, L. B. and Maddock, T., 1953); the exponent and c, 0.5, 1 and 2 for high, medium and
   low, are assumed. What lies between the lake's normal level and its flood level is high. The lake
   itself is no zone.

Catchments end at the rim of the terrain: of streams that come from other counties they are too
small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.hydrology import accumulation, drain
from geo.raster import Raster
from geo.terrain import slope
from geo.zonal import zonal
from layers.building.basins import FALL_M, first_below
from layers.building.curves import area_of
from layers.building.relief import blurred

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

EXACT_M = 0.001  # grid of coordinates
SIMPLE_M = 12.0  # lines of cells of 30 m are no better known
M2 = 1e6  # in a square kilometre
COLUMNS = ["id", "kind", "level", "geometry"]


@dataclass(frozen=True, eq=False)
class Ground:
    """A terrain, cell by cell of the flattened grid: height, slope, catchment, where water goes."""

    dem: Raster
    x: Floats
    y: Floats
    inside: Flags
    height: Floats
    slope_deg: Floats
    catchment_m2: Floats
    below: Whole

    def area(self, cells: Flags, least_m2: float) -> BaseGeometry:
        """Give the smooth shape of flattened cells."""
        shape = area_of(cells.reshape(self.dem.grid.shape), self.dem, least_m2=least_m2)
        return shapely.simplify(shape, SIMPLE_M)

    def near(self, x: float, y: float, within_m: float) -> Whole:
        """Give the flattened cells whose centre is so near to a place."""
        grid, reach = self.dem.grid, int(within_m / self.dem.grid.resolution) + 1
        row, column = (int(one) for one in grid.index(x, y))
        rows, columns = (
            np.arange(max(at - reach, 0), min(at + reach + 1, size))
            for at, size in zip((row, column), grid.shape, strict=True)
        )
        cells = (rows[:, None] * grid.shape[1] + columns).ravel()
        return np.asarray(cells[np.hypot(self.x[cells] - x, self.y[cells] - y) <= within_m])


def hazards(
    facts: dict[str, Any],
    dem: Raster,
    outline: BaseGeometry,
    settlements: gpd.GeoDataFrame,
    lake: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Draw the zones.

    Parameters
    ----------
    facts
        The figures of this module's rules.
    dem
        Terrain that drains.
    outline
        The county.
    settlements
        Points with `population`.
    lake
        Two surfaces, at normal and at flood level.

    Returns
    -------
    GeoDataFrame
        id, kind, level; none overlaps another of its kind.
    """
    ground = _ground(dem, outline)
    normal, flood = lake.geometry
    found = [*_landslides(facts, ground, settlements), *_torrents(facts, ground, settlements)]
    hills = gpd.GeoDataFrame(found, crs=dem.grid.crs)
    hills = _apart(_most_people(hills, settlements, facts), outline.difference(normal))
    floods = gpd.GeoDataFrame(
        list(_floods(facts, ground, normal, flood, outline)), crs=dem.grid.crs
    )
    whole = pd.concat([hills, floods], ignore_index=True)
    number = whole.groupby("kind").cumcount() + 1
    whole["id"] = whole["kind"] + "_" + number.map("{:03d}".format)
    return whole[COLUMNS]


def _ground(dem: Raster, outline: BaseGeometry) -> Ground:
    _, ways = drain(Raster(np.round(dem.values.astype(np.float64), 3), dem.grid), rise=FALL_M)
    size = accumulation(ways, np.full(dem.grid.shape, dem.grid.resolution**2)).ravel()
    x, y = (one.ravel() for one in dem.grid.xy(*np.indices(dem.grid.shape)))
    steep = np.degrees(np.arctan(blurred(slope(dem).values.astype(np.float64), 1))).ravel()
    return Ground(
        dem,
        x,
        y,
        shapely.contains_xy(outline, x, y),
        dem.values.astype(np.float64).ravel(),
        steep,
        size,
        np.where(ways.receiver < 0, np.arange(size.size), ways.receiver),
    )


def _level(value: float, limits: list[float]) -> str:
    return ("low", "medium", "high")[int(np.searchsorted(limits, value, side="right"))]


def _landslides(
    facts: dict[str, Any], ground: Ground, settlements: gpd.GeoDataFrame
) -> Iterator[dict[str, Any]]:
    """Give the slopes above settlements. RULE 1."""
    over = np.zeros(ground.height.size, dtype=bool)
    for place in settlements.geometry:
        cells = ground.near(place.x, place.y, facts["slide_m"])
        row, column = ground.dem.grid.index(place.x, place.y)
        home = ground.height[int(row) * ground.dem.grid.shape[1] + int(column)]
        over[cells[ground.height[cells] >= home + facts["slide_above_m"]]] = True
    over &= ground.inside & (ground.slope_deg >= facts["slide_deg"])
    parts = shapely.get_parts(ground.area(over, facts["least_m2"]))
    slopes = Raster(ground.slope_deg.reshape(ground.dem.grid.shape), ground.dem.grid)
    zones = gpd.GeoDataFrame(geometry=parts, crs=ground.dem.grid.crs)
    means = zonal(slopes, zones, stats=["mean"])["mean"]
    for steep, shape in zip(means, parts, strict=True):
        level = _level(float(steep), facts["slide_levels_deg"])
        yield {"kind": "landslide", "level": level, "geometry": shape}


def _torrents(
    facts: dict[str, Any], ground: Ground, settlements: gpd.GeoDataFrame
) -> Iterator[dict[str, Any]]:
    """Give the channels and fans of steep side valleys that may have people near. RULE 2."""
    size, below = ground.catchment_m2, ground.below
    stream = size >= facts["stream_km2"] * M2
    mouth = ~stream & stream[below] & (size >= facts["torrent_km2"] * M2)
    valley = first_below(below, mouth)
    top = np.full(size.size, -np.inf)
    np.maximum.at(top, valley, ground.height)
    mouths = np.flatnonzero(mouth & ground.inside)
    homes = shapely.STRtree(settlements.geometry.to_numpy())
    points = shapely.points(ground.x[mouths], ground.y[mouths])
    reach = facts["channel_m"] + facts["people_m"] + facts["fan_m"]
    for at in mouths[np.unique(homes.query(points, predicate="dwithin", distance=reach)[0])]:
        melton = float((top[at] - ground.height[at]) / np.sqrt(size[at]))
        if melton < facts["melton"]:
            continue
        near = ground.near(ground.x[at], ground.y[at], facts["channel_m"])
        channel = near[(valley[near] == at) & (size[near] >= facts["channel_km2"] * M2)]
        fan = ground.near(ground.x[at], ground.y[at], facts["fan_m"])
        low = fan[ground.height[fan] <= ground.height[at] + facts["fan_rise_m"]]
        shape = shapely.union(
            _line(ground, channel).buffer(facts["channel_half_m"]),
            shapely.union_all(_squares(ground, low)).buffer(0),
        )
        level = _level(melton, facts["melton_levels"])
        yield {"kind": "debris_flow", "level": level, "geometry": shape.simplify(SIMPLE_M)}


def _line(ground: Ground, cells: Whole) -> BaseGeometry:
    """Give the way of water from each of some cells to the next."""
    ends = np.stack([cells, ground.below[cells]], axis=1)
    return shapely.union_all(
        shapely.linestrings(np.stack([ground.x[ends], ground.y[ends]], axis=-1))
    )


def _squares(ground: Ground, cells: Whole) -> NDArray[np.object_]:
    half = ground.dem.grid.resolution / 2
    x, y = ground.x[cells], ground.y[cells]
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half))


def _most_people(
    zones: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame, facts: dict[str, Any]
) -> gpd.GeoDataFrame:
    """Keep the zones with most people near; ties: from the north, then from the west. RULE 3."""
    place, zone = shapely.STRtree(zones.geometry.to_numpy()).query(
        settlements.geometry.to_numpy(), predicate="dwithin", distance=facts["people_m"]
    )
    people = np.bincount(zone, settlements["population"].to_numpy()[place], minlength=len(zones))
    bounds = zones.bounds
    order = np.lexsort((bounds["minx"], -bounds["maxy"], -people))
    kept = [at for at in order if people[at] > 0][: facts["known_points"]]
    return zones.iloc[kept].reset_index(drop=True)


def _apart(zones: gpd.GeoDataFrame, land: BaseGeometry) -> gpd.GeoDataFrame:
    """Cut zones to the land, and from each what those before it of its kind hold."""
    shapely.prepare(land)
    shapes: list[BaseGeometry] = []
    for kind, shape in zip(zones["kind"], zones.geometry, strict=True):
        near = [
            one
            for one, other in zip(shapes, zones["kind"], strict=False)
            if other == kind and one.intersects(shape)
        ]
        free = shapely.intersection(shape, land)
        rest = shapely.difference(free, shapely.union_all(near), grid_size=EXACT_M)
        shapes.append(_largest(rest))
    kept = zones.set_geometry(gpd.GeoSeries(shapes, index=zones.index, crs=zones.crs))
    order = kept.bounds.assign(kind=kept["kind"], north=-kept.bounds["maxy"])
    return kept.loc[order.sort_values(["kind", "north", "minx"], kind="stable").index]


def _largest(shape: BaseGeometry) -> BaseGeometry:
    largest: BaseGeometry = max(shapely.get_parts(shape), key=lambda part: float(part.area))
    return largest


def _floods(
    facts: dict[str, Any],
    ground: Ground,
    normal: BaseGeometry,
    flood: BaseGeometry,
    outline: BaseGeometry,
) -> Iterator[dict[str, Any]]:
    """Give what streams and the lake flood, the higher levels first. RULE 4."""
    size = ground.catchment_m2
    bed = first_below(ground.below, size >= facts["flood_km2"] * M2)
    reached = size[bed] >= facts["flood_km2"] * M2
    stage = (size[bed] / M2) ** facts["stage_exponent"]
    taken: BaseGeometry = normal
    within: BaseGeometry = flood
    for level, factor in facts["stages"].items():
        wet = ground.inside & reached & (ground.height - ground.height[bed] <= factor * stage)
        within = shapely.union(within, ground.area(wet, facts["flood_least_m2"]))
        rest = shapely.difference(within.intersection(outline), taken, grid_size=EXACT_M)
        parts = [one for one in shapely.get_parts(rest) if one.geom_type == "Polygon"]
        parts = [one for one in parts if one.area >= facts["rim_least_m2"]]
        parts.sort(key=lambda one: (-one.bounds[3], one.bounds[0]))
        for part in parts:
            yield {"kind": "flood", "level": level, "geometry": part}
        taken = shapely.union(taken, within)
