"""Joining drawn lines to a network: the network joins only where lines share a vertex."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import GeometryError
from geo.words import Text


class Attached(NamedTuple):
    """Lines that were drawn, moved to where they join, and those they join, with vertices there."""

    drawn: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame


def attach(drawn: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, *, within: float) -> Attached:
    """Move both ends of drawn lines onto the nearest line, and give that line a vertex there.

    Parameters
    ----------
    drawn
        LineStrings that should join, in the order in which they do.
    lines
        LineStrings they may join. Their course stays, they only gain vertices; a vertex of theirs
        within the distance is preferred to a new one.
    within
        Greatest distance, m. An end further from every line stays where it is.

    Returns
    -------
    Attached
        The same rows with their new shapes.

    Raises
    ------
    GeometryError
        If a shape is no LineString.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (100, 0)])], crs=4549)
    >>> drawn = gpd.GeoDataFrame(geometry=[LineString([(40, 5), (40, 90)])], crs=4549)
    >>> drawn, lines = attach(drawn, lines, within=10)
    >>> drawn.geometry.iloc[0].wkt, lines.geometry.iloc[0].wkt
    ('LINESTRING (40 0, 40 90)', 'LINESTRING (0 0, 40 0, 100 0)')
    """
    for frame in (drawn, lines):
        wrong = frame.geometry.geom_type != "LineString"
        if wrong.any():
            rows = list(frame.index[wrong])
            raise GeometryError(Text(f"须为单线：行 {rows}", f"LineStrings expected: rows {rows}"))
    shapes = [shapely.get_coordinates(line) for line in lines.geometry]
    moved = []
    for line in drawn.geometry:
        course = shapely.get_coordinates(line)
        for end in (0, -1):
            course[end] = _joined(course[end], shapes, within)
        moved.append(shapely.LineString(course))
    joined = map(shapely.LineString, shapes)
    return Attached(
        drawn.set_geometry(gpd.GeoSeries(moved, index=drawn.index, crs=drawn.crs)),
        lines.set_geometry(gpd.GeoSeries(joined, index=lines.index, crs=lines.crs)),
    )


def _joined(
    end: NDArray[np.float64], shapes: list[NDArray[np.float64]], within: float
) -> NDArray[np.float64]:
    """Give the place where an end joins; the line that it joins gains a vertex there."""
    if not shapes:
        return end
    point = shapely.Point(end)
    distance = np.array([shapely.LineString(shape).distance(point) for shape in shapes])
    nearest = int(distance.argmin())
    if distance[nearest] > within:
        return end
    shape = shapes[nearest]
    away = np.hypot(*(shape - end).T)
    if away.min() <= within:
        return np.array(shape[away.argmin()])
    legs = [shapely.LineString(leg) for leg in itertools.pairwise(shape)]
    leg = int(np.array([one.distance(point) for one in legs]).argmin())
    place = shapely.get_coordinates(legs[leg].interpolate(legs[leg].project(point)))[0]
    shapes[nearest] = np.insert(shape, leg + 1, place, axis=0)
    return np.array(place)
