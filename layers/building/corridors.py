"""Roads and streams of the pilots as areas: lines made as wide as their class."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.raster import Raster, sample

WIDE_M: Mapping[str, float] = MappingProxyType(
    {
        "expressway": 26.0,
        "national": 12.0,
        "provincial": 10.0,
        "county": 9.0,
        "township": 7.5,
        "village": 5.5,
    }
)
"""Land of a road by its class: assumptions, near the beds that roads.widths asks for."""
STREAM_M: Mapping[int, float] = MappingProxyType({1: 4.0, 2: 8.0, 3: 14.0, 4: 25.0, 5: 45.0})
FARM_ROAD, ROAD, STREAM = "1006", "1003", "1101"  # codes of the survey
FARM_ROADS = ("village",)
LONG_M = 700.0  # a parcel of road or stream is about as long
TUNNEL_GRADE = 0.2  # an expressway is in a tunnel or on a bridge where the ground is steeper
SIMPLE_M = 1.0  # how far an edge may be from the line
SPACING_M = 25.0  # of the places where the ground under an expressway is asked for
CORNERS = 2  # of a quarter circle
STEP_M, LEAST_M2 = 0.1, 20.0  # coordinates are whole decimetres; smaller parts are left out


class Course(NamedTuple):
    """A piece of a road or stream before it is given its width; roads come before streams."""

    width_m: float
    road: bool
    code: str
    line: BaseGeometry


def corridors(
    roads: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame, land: BaseGeometry, grade: Raster
) -> gpd.GeoDataFrame:
    """Give roads and streams within the land as polygons that do not overlap.

    Where two meet the wider road has the place, and roads have it before streams.

    Parameters
    ----------
    roads, rivers
        Lines of the county.
    land
        What is to be divided into parcels.
    grade
        Grade of the ground.

    Returns
    -------
    GeoDataFrame
        Columns code and width_m; coordinates in whole decimetres.
    """
    courses: list[Course] = []
    existing = roads[(roads["status"] == "existing") & roads.intersects(land)]
    for line, kind in zip(existing.geometry, existing["class"], strict=True):
        course = _open(line, grade) if kind == "expressway" else line
        code = FARM_ROAD if kind in FARM_ROADS else ROAD
        courses += [Course(WIDE_M[kind], True, code, part) for part in _pieces(course, land)]
    for line, order in zip(rivers.geometry, rivers["order"], strict=True):
        if line.intersects(land):
            wide = STREAM_M[int(order)]
            courses += [Course(wide, False, STREAM, part) for part in _pieces(line, land)]
    courses.sort(key=lambda one: (not one.road, -one.width_m))
    shapes: list[BaseGeometry] = []
    for one in courses:
        shape = one.line.buffer(one.width_m / 2, quad_segs=CORNERS)
        shape = shapely.set_precision(shape, STEP_M)
        before = [other for other in shapes if other.intersects(shape)]
        free = shapely.difference(
            shape, shapely.union_all(before, grid_size=STEP_M), grid_size=STEP_M
        )
        shapes.append(free if before else shape)
    frame = gpd.GeoDataFrame(
        {"code": [one.code for one in courses], "width_m": [one.width_m for one in courses]},
        geometry=shapes,
        crs=roads.crs,
    ).explode(ignore_index=True)
    return frame[frame.geometry.area > LEAST_M2].reset_index(drop=True)


def _pieces(line: BaseGeometry, land: BaseGeometry) -> list[BaseGeometry]:
    """Cut what lies within the land into parts of equal length."""
    pieces: list[BaseGeometry] = []
    for part in shapely.get_parts(line.intersection(land)):
        if part.geom_type != "LineString" or part.length < 1:
            continue
        simple = shapely.simplify(part, SIMPLE_M)
        count = max(round(simple.length / LONG_M), 1)
        cuts = np.linspace(0, 1, count + 1)
        pieces += [substring(simple, low, high, normalized=True) for low, high in pairwise(cuts)]
    return pieces


def _open(line: shapely.LineString, grade: Raster) -> BaseGeometry:
    """Give what of an expressway may lie in the open."""
    count = max(int(line.length // SPACING_M), 2)
    cuts = np.linspace(0, 1, count + 1)
    middle = shapely.get_coordinates(line.interpolate((cuts[1:] + cuts[:-1]) / 2, normalized=True))
    steep = sample(grade, middle[:, 0], middle[:, 1])
    parts = [
        substring(line, cuts[k], cuts[k + 1], normalized=True)
        for k in np.flatnonzero(steep < TUNNEL_GRADE)
    ]
    return shapely.line_merge(shapely.union_all(parts)) if parts else shapely.LineString()
