"""Rivers from the flow over the modelled terrain, and the lake that floods its valley."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy import ndimage

from geo.hydrology import Flow, accumulation, fill, flow, strahler
from geo.raster import Raster
from layers.building.curves import area_of, smoothed
from layers.building.facts import in_millimetres, metres

STREAM_M2 = 3e6  # catchment from which a stream is drawn
SPACING_M = 8.0  # between the heights of a bed
LEAST_LINK_M = 150.0  # shorter ends of streams at the border are left out
LEAST_POOL_M2 = 20_000.0  # smaller pools and islands are left out
MOUTH_CELLS = 12  # around the place above the dam: the lake is the pool that has most of it
EXACT_M = 0.001  # grid of coordinates


def catchments(dem: Raster) -> tuple[Flow, NDArray[np.float64]]:
    """Give the flow over a terrain and each cell's catchment, m²."""
    ways = flow(dem)
    return ways, accumulation(ways, np.full(dem.grid.shape, dem.grid.resolution**2))


@dataclass(frozen=True, eq=False)
class Stream:
    """A stream from a source or confluence to the next: its line, bed heights, order and stem.

    `height` stands at equal parts of the way along the line; `main` says that it is part of the
    main stem.
    """

    line: shapely.LineString
    height: NDArray[np.float64]
    order: int
    main: bool


def streams(dem: Raster, outline: shapely.Polygon) -> list[Stream]:
    """Trace the streams over a terrain without depressions, and draw them as smooth lines.

    The main stem is that of the largest catchment within the outline.
    """
    ways, size = catchments(dem)
    wet = size >= STREAM_M2
    orders = strahler(ways, wet).ravel()
    stem = _stem(ways, size, wet, dem, outline)
    traced = []
    for cells in _links(ways, wet.ravel()):
        x, y = dem.grid.xy(cells // dem.grid.shape[1], cells % dem.grid.shape[1])
        course = shapely.LineString(np.column_stack([x, y]))
        line = smoothed(course, spacing_m=30.0, turns=4)
        parts = np.linspace(0, 1, int(line.length // SPACING_M) + 2)
        at = shapely.line_locate_point(
            course, line.interpolate(parts, normalized=True), normalized=True
        )
        steps = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        level = np.interp(at * steps[-1], steps, dem.values.ravel()[cells].astype(np.float64))
        main = bool(stem[cells[:-1]].all())
        traced.append(Stream(line, np.minimum.accumulate(level), int(orders[cells[0]]), main))
    return traced


def bedded(dem: Raster, traced: list[Stream], *, step_m: float) -> Raster:
    """Lower the terrain under the smooth lines of streams, so that it falls along them.

    Heights stay whole steps, and no depression is left.
    """
    heights = dem.values.astype(np.float64)
    for stream in traced:
        known = np.linspace(0, 1, len(stream.height))
        corners = shapely.points(shapely.get_coordinates(stream.line))
        at = shapely.line_locate_point(stream.line, corners, normalized=True)
        parts = np.union1d(known, at)
        spots = shapely.get_coordinates(stream.line.interpolate(parts, normalized=True))
        row, column = dem.grid.index(spots[:, 0], spots[:, 1])
        np.minimum.at(heights, (row, column), np.interp(parts, known, stream.height))
    whole = np.round(fill(Raster(heights, dem.grid)).values.astype(np.float64) / step_m)
    return Raster((whole * step_m).astype(np.float32), dem.grid)


def rivers(
    traced: list[Stream], outline: shapely.Polygon, main: dict[str, str], crs: CRS
) -> gpd.GeoDataFrame:
    """Give the streams of the county.

    Parameters
    ----------
    traced
        Streams.
    outline
        The county: streams end at its border.
    main
        `name` and `name_en` of the main stem.
    crs
        CRS of the lines.

    Returns
    -------
    GeoDataFrame
        Columns id, name, name_en, order; lines run downstream.
    """
    rows = [
        {
            "name": main["name"] if stream.main else None,
            "name_en": main["name_en"] if stream.main else None,
            "order": stream.order,
            "geometry": part,
        }
        for stream in traced
        for part in shapely.get_parts(stream.line.intersection(outline))
        if part.geom_type == "LineString" and part.length > (0 if stream.main else LEAST_LINK_M)
    ]
    frame = gpd.GeoDataFrame(rows, crs=crs)
    frame["geometry"] = in_millimetres(frame.geometry)
    frame.insert(0, "id", [f"river_{k:04d}" for k in range(1, len(frame) + 1)])
    return frame


def _links(ways: Flow, streams: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Trace the streams from every source and confluence to the next confluence."""
    below = np.where(streams, ways.receiver, -1)
    feeders = np.bincount(below[below >= 0], minlength=below.size)
    links = []
    for head in np.flatnonzero(streams & (feeders != 1)):
        cells = [int(head)]
        while True:
            step = int(below[cells[-1]])
            if step < 0:
                break
            cells.append(step)
            if feeders[step] != 1:
                break
        if len(cells) > 1:
            links.append(np.array(cells))
    return links


def _stem(
    ways: Flow,
    size: NDArray[np.float64],
    streams: NDArray[np.bool_],
    dem: Raster,
    outline: shapely.Polygon,
) -> NDArray[np.bool_]:
    """Mark the main stem: up from the largest catchment in the county, always the larger arm."""
    rows, columns = np.nonzero(streams)
    x, y = dem.grid.xy(rows, columns)
    within = shapely.contains_xy(outline, x, y)
    flat = (rows * dem.grid.shape[1] + columns)[within]
    total = size.ravel()
    stem = np.zeros(total.size, dtype=bool)
    largest: dict[int, int] = {}
    for cell in np.flatnonzero(streams.ravel()).tolist():
        below = int(ways.receiver[cell])
        if below >= 0 and total[cell] > total[largest.get(below, cell)] - (below not in largest):
            largest[below] = cell
    up = int(flat[total[flat].argmax()])
    stem[up] = True
    while up in largest:
        up = largest[up]
        stem[up] = True
    return stem


def pools(
    dem: Raster, outline: shapely.Polygon, levels: pd.Series, lake: dict[str, Any]
) -> gpd.GeoDataFrame:
    """Give the lake's surface within the county at each level.

    Parameters
    ----------
    dem
        Terrain with the valley as it was before the dam.
    outline
        The county.
    levels
        Water levels by id, m.
    lake
        `name`, `name_en`, and `mouth_lon`, `mouth_lat`: a place in the valley above the dam.

    Returns
    -------
    GeoDataFrame
        Columns id, name, name_en, level_m, area_km2.
    """
    row, column = (int(v) for v in dem.grid.index(*metres(lake["mouth_lon"], lake["mouth_lat"])))
    rows = []
    for name, level in levels.items():
        wet, _ = ndimage.label(dem.values <= level, structure=np.ones((3, 3)))
        window = wet[
            max(row - MOUTH_CELLS, 0) : row + MOUTH_CELLS + 1,
            max(column - MOUTH_CELLS, 0) : column + MOUTH_CELLS + 1,
        ]
        lake_part = np.bincount(window[window > 0]).argmax()
        shape = area_of(wet == lake_part, dem, least_m2=LEAST_POOL_M2).intersection(outline)
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        water = shapely.MultiPolygon([part for part in parts if part.area >= LEAST_POOL_M2])
        rows.append(
            {
                "id": name,
                "name": lake["name"],
                "name_en": lake["name_en"],
                "level_m": level,
                "area_km2": round(water.area / 1e6, 2),
                "geometry": shapely.set_precision(water, EXACT_M),
            }
        )
    return gpd.GeoDataFrame(rows, crs=dem.grid.crs)
