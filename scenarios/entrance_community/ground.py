"""The county's cells, held to what keeps a community from standing there.

1. A cell is refused by a zone as soon as any of it lies in the zone, so that what is left lies
   outside of all zones with its whole area; by slope and minutes by its own, by the distance to the
   nearest gate at its centre.
2. What is left must hang together: see `scenarios.answers.screening.pieces`.
3. A layer that is not there is not known, and never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geo.errors import InputError, MissingLayer, Problem
from geo.grid import Grid
from geo.raster import Raster
from geo.terrain import slope
from geo.words import Text, headed
from geo.zonal import covered
from layers import ground, projects, travel
from layers.county import County
from layers.land.hazards import LEVELS
from layers.people.services import offering
from layers.roads.edits import edited_roads
from layers.zones import ZONES, area, bound
from scenarios.answers.backdrop import importing
from scenarios.answers.criteria import Criterion, Limit
from scenarios.answers.screening import Pieces, cells, pieces, screen
from scenarios.entrance_community.terms import EntranceCommunity

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
GRAIN_M2 = 0.01  # of a cell: less is how borders are rounded
GATES = "park_gates"
HAZARDS: Mapping[str, Text] = MappingProxyType(
    {
        "landslide": Text("滑坡风险区", "landslide hazard"),
        "debris_flow": Text("泥石流风险区", "debris-flow hazard"),
        "flood": Text("洪水风险区", "flood hazard"),
    }
)
"""Kinds of the layer `hazards`."""
LAKE = "lake"
REFUSING = ("park", "redline", "basic_farmland", "source_water", LAKE, *HAZARDS)
"""What refuses land, in the order in which it is said to bind first."""


@dataclass(frozen=True, eq=False)
class Land:
    """The county's cells and what is left of them.

    Attributes
    ----------
    dem
        Heights on the cells.
    gates
        Points, by id.
    places
        Cells that lie in the county whole, as `screening.cells` gives them, with gate_m, slope_deg,
        gate_min, seat_min, service_min (NaN: not known; infinite: no way) and the area in each
        zone.
    held
        What the criteria say of them.
    """

    dem: Raster
    gates: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    held: Pieces

    @property
    def open_places(self) -> gpd.GeoDataFrame:
        """Cells that may be taken, those that are not known among them, with their piece."""
        return self.places.loc[self.held.number.index].assign(piece=self.held.number)


def land(county: County, params: EntranceCommunity) -> Land:
    """Hold the county's cells to all criteria."""
    dem = ground.heights(county, params.cell_m)
    gates = gates_of(county, params)
    within_m2: Floats = covered_cells(dem.grid, county.vector("outline")).values.astype(float)
    inside = within_m2 >= dem.grid.resolution**2 - GRAIN_M2
    rasters = {"gate_m": _away(dem.grid, gates), "slope_deg": _degrees(dem)}
    rasters |= {
        f"{name}_m2": covered_cells(dem.grid, shapes(county, name, params.hazard_level))
        for name in REFUSING
    }
    places = cells(dem.grid, rasters, inside=inside)
    places = places.assign(**_minutes(county, params, Ways(dem, gates, inside)))
    held = pieces(screen(places, criteria(params)), places, least_ha=params.site_ha)
    return Land(dem, gates, places, held)


def gates_of(county: County, params: EntranceCommunity) -> gpd.GeoDataFrame:
    """Give the gates of the park: the planner's own, or those of the layer.

    Raises
    ------
    InputError
        If one of the planner's is no point.
    MissingLayer
        If there are none.
    """
    if params.gates is None:
        if GATES in county:
            return county.vector(GATES).sort_index()
        words = Text("没有公园入口", "there are no gates of the park")
        more = Problem(layer=GATES, remedy=importing(GATES))
        own = Problem(field="params.gates", remedy="--set gates=FILE.geojson")
        raise MissingLayer(words, problems=[more, own])
    frame = projects.drawn(params.gates, county.crs)
    wrong = frame[frame.geom_type != "Point"]
    if len(wrong):
        words = Text("入口须为点", "gates must be points")
        found = zip(wrong.index, wrong.geom_type, strict=True)
        raise InputError(words, problems=[Problem(row=str(a), found=str(b)) for a, b in found])
    labels = [f"gate_{number:02d}" for number in range(1, len(frame) + 1)]
    return frame[["name", "geometry"]].set_axis(labels)


def shapes(county: County, name: str, level: str = "low") -> gpd.GeoDataFrame | None:
    """Give the polygons of what refuses land; None where that is not known.

    Parameters
    ----------
    county
        The county.
    name
        One of `REFUSING`; of the lake its widest surface counts.
    level
        Least level of a hazard that counts.

    Examples
    --------
    >>> from layers import twin
    >>> county = twin.county()
    >>> [int(shapes(county, name).area.sum().round()) for name in ("park", "redline")]
    [2250000, 120000]
    """
    if name == LAKE:
        return county.vector(LAKE).sort_index() if LAKE in county else None
    if name not in HAZARDS:
        return bound(name, area(county, name))
    frame = area(county, "hazards")
    if frame is None:
        return None
    levels = LEVELS[: LEVELS.index(level) + 1]  # the highest stands first
    return frame[(frame["kind"] == name) & frame["level"].isin(levels)]


def covered_cells(grid: Grid, zone: gpd.GeoDataFrame | None) -> Raster:
    """Give the area of each cell that lies in a zone, m²; NaN everywhere where it is not known.

    Polygons that overlap count once.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from shapely import box
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> zone = gpd.GeoDataFrame(geometry=[box(5, 0, 12, 10), box(5, 0, 10, 10)], crs=4549)
    >>> covered_cells(grid, zone).values.round(3).tolist()
    [[50.0, 20.0]]
    """
    if zone is None:
        return Raster(np.full(grid.shape, np.nan), grid)
    values = np.zeros(grid.shape)
    if len(zone):
        whole = gpd.GeoDataFrame(geometry=[zone.union_all()], crs=zone.crs)
        parts = covered(grid, whole)
        values[parts["row"], parts["column"]] = parts["share"] * grid.resolution**2
    return Raster(values, grid)


def criteria(params: EntranceCommunity) -> tuple[Criterion, ...]:
    """Give what refuses a cell, in the order in which it is said to bind first.

    >>> [one.id for one in criteria(EntranceCommunity())][:3]
    ['gate_m', 'park', 'redline']
    """
    return (
        _limit("gate_m", Text("距入口超过", "from a gate"), params.gate_m, " m"),
        *(
            Criterion(
                name, headed(title(name)), Limit(f"{name}_m2", "at most", GRAIN_M2), rule(name)
            )
            for name in REFUSING
        ),
        _limit("slope_deg", Text("坡度超过", "of slope"), params.slope_deg, "°"),
        _limit("gate_min", Text("到入口超过", "to a gate"), params.gate_min, " min"),
        _limit("seat_min", Text("到县城超过", "to the county seat"), params.seat_min, " min"),
    )


def title(name: str) -> Text:
    """Say what refuses land, as it stands within a sentence."""
    if name == LAKE:
        return Text("水库水面", "lake")
    return HAZARDS[name] if name in HAZARDS else ZONES[name].title


def rule(name: str) -> str:
    """Give the id of the rule on land taken, or nothing."""
    return ZONES[name].taking if name in ZONES else ""


def _limit(column: str, words: Text, most: float, unit: str) -> Criterion:
    more = Text(f"{words.zh} {most:g}{unit}", f"More than {most:g}{unit} {words.en}")
    return Criterion(column, more, Limit(column, "at most", most))


def _degrees(dem: Raster) -> Raster:
    return Raster(np.degrees(np.arctan(slope(dem).values.astype(float))), dem.grid)


def _away(grid: Grid, gates: gpd.GeoDataFrame) -> Raster:
    """Give the distance of cell centres to the nearest gate, m; infinite where there is none."""
    if gates.empty:
        return Raster(np.full(grid.shape, np.inf), grid)
    x, y = (one.ravel() for one in grid.xy(*np.indices(grid.shape)))
    tree = KDTree(np.column_stack([gates.geometry.x, gates.geometry.y]))
    return Raster(tree.query(np.column_stack([x, y]))[0].reshape(grid.shape), grid)


@dataclass(frozen=True, eq=False)
class Ways:
    """Heights, gates, and the cells of the county."""

    dem: Raster
    gates: gpd.GeoDataFrame
    inside: Flags


def _minutes(county: County, params: EntranceCommunity, over: Ways) -> dict[str, Floats]:
    """Give minutes to a gate, to the county seat, and on average to services, by cell inside.

    They are the least by road and on foot; NaN where they are not known, infinite without a way.
    """
    roads = edited_roads(county, opened=params.open_roads)
    water = ground.lake(county, "", over.dem.grid)
    ways = travel.ways(over.dem, roads[roads["after"]], water=water)
    unsure = ground.undecided(over.dem, over.inside, water)[over.inside]

    def to(points: gpd.GeoSeries | None) -> Floats:
        if points is None:
            return np.full(int(over.inside.sum()), np.nan)
        found = travel.minutes(ways, points).cells(over.inside).values[over.inside].astype(float)
        return np.where(np.isnan(found) & ~unsure, np.inf, found)

    seat = offering(county, "county_seat", county_seat=params.county_seat)
    services = [to(offering(county, one)) for one in dict.fromkeys(params.services)]
    return {
        "gate_min": to(over.gates.geometry),
        "seat_min": to(seat),
        "service_min": np.mean(services, axis=0),
    }
