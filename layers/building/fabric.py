"""Plots, roads and streams joined into one fabric of parcels without gaps and overlaps."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import shared_borders
from geo.grid import Grid
from layers.building.borders import borders

Whole = NDArray[np.int64]
Shapes = NDArray[np.object_]

LEAST_M2, THIN_M = 90.0, 2.2  # smaller or thinner faces join a neighbour; thinness is 2 area / rim
ROUNDS = 4  # a joined face may still be too small; after a few hardly any is
CHAIN = 8  # doublings: chains of up to 2⁸ faces that join one another end at one target
SAME_PLOT, ON_A_WAY = 10, 0.1  # a border counts so much more within a plot, less with a road
EXACT_M = 0.001  # grid of coordinates


def fabric(
    plot: Whole, grid: Grid, pilots: gpd.GeoDataFrame, ways: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Draw the parcels.

    Parameters
    ----------
    plot
        Number of every cell's plot; -1 outside.
    grid
        The cells.
    pilots
        Polygons by township code; parcels end at their borders.
    ways
        Roads and streams: polygons with `code`, which do not overlap.

    Returns
    -------
    GeoDataFrame
        A valid coverage of the pilots. Columns `township`, `way` (row of `ways`, -1 for others)
        and `row`, `column`: the cell of a place inside.
    """
    lines = _without(borders(plot, grid), ways.geometry.to_numpy())
    rims = shapely.boundary(np.concatenate([ways.geometry.to_numpy(), pilots.geometry.to_numpy()]))
    noded = shapely.union_all(np.concatenate([lines, rims]), grid_size=EXACT_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    frame = gpd.GeoDataFrame(geometry=faces, crs=pilots.crs)
    spots = shapely.point_on_surface(faces)
    frame["town"] = _within(spots, pilots.geometry.to_numpy())
    frame["way"] = _within(spots, ways.geometry.to_numpy())
    frame = frame[frame["town"] >= 0].reset_index(drop=True)
    frame = _gathered(_placed(frame, plot, grid), plot, grid)
    frame["township"] = pilots.index.to_numpy()[frame.pop("town")]
    return frame


def _without(lines: Shapes, areas: Shapes) -> Shapes:
    """Cut away what of lines lies within areas."""
    tree = shapely.STRtree(areas)
    line, area = tree.query(lines, predicate="intersects")
    lines = lines.copy()
    order = np.argsort(line, kind="stable")
    first = np.flatnonzero(np.diff(line[order], prepend=-1))
    for group in np.split(order, first[1:]):
        if group.size:
            hide = shapely.union_all(areas[area[group]], grid_size=EXACT_M)
            lines[line[group[0]]] = shapely.difference(lines[line[group[0]]], hide)
    parts = shapely.get_parts(lines)
    return np.asarray(parts[(shapely.length(parts) > 0) & (shapely.get_dimensions(parts) == 1)])


def _within(spots: Shapes, areas: Shapes) -> Whole:
    """Give the row of the area each point lies in, -1 for none."""
    spot, area = shapely.STRtree(areas).query(spots, predicate="within")
    row = np.full(len(spots), -1, dtype=np.int64)
    row[spot[::-1]] = area[::-1]
    return row


def _placed(frame: gpd.GeoDataFrame, plot: Whole, grid: Grid) -> gpd.GeoDataFrame:
    """Give each face the cell of a place inside, and its plot."""
    spots = shapely.point_on_surface(frame.geometry.to_numpy())
    row, column = grid.index(shapely.get_x(spots), shapely.get_y(spots))
    return frame.assign(row=row, column=column, plot=plot[row, column])


def _gathered(frame: gpd.GeoDataFrame, plot: Whole, grid: Grid) -> gpd.GeoDataFrame:
    """Let faces too small or too thin join the neighbour with the longest border."""
    for _ in range(ROUNDS):
        thin = 2 * frame.area / frame.length
        small = (frame.area < LEAST_M2) | (thin < THIN_M)
        small &= (frame["way"] < 0) | (frame.area < LEAST_M2 / 3)
        if not small.any():
            break
        target = _targets(frame, small.to_numpy())
        if np.array_equal(target, np.arange(len(frame))):
            break
        frame = _placed(_dissolved(frame, target), plot, grid)
    return frame


def _targets(frame: gpd.GeoDataFrame, small: NDArray[np.bool_]) -> Whole:
    """Give for each face the one it joins: itself, or a neighbour in its township."""
    pairs = shared_borders(frame[["geometry"]], tolerance_m=EXACT_M / 2)
    a = np.concatenate([pairs["left"], pairs["right"]])
    b = np.concatenate([pairs["right"], pairs["left"]])
    border = np.concatenate([pairs["length_m"], pairs["length_m"]])
    town, way, plot = (frame[name].to_numpy() for name in ("town", "way", "plot"))
    fits = small[a] & (town[a] == town[b]) & (~small[b] | (a > b))
    a, b, border = a[fits], b[fits], border[fits]
    worth = border * np.where(plot[a] == plot[b], SAME_PLOT, 1) * np.where(way[b] >= 0, ON_A_WAY, 1)
    order = np.lexsort((b, -worth, a))
    best = order[np.unique(a[order], return_index=True)[1]]
    target = np.arange(len(frame))
    target[a[best]] = b[best]
    for _ in range(CHAIN):
        target = target[target]
    return np.asarray(target)


def _dissolved(frame: gpd.GeoDataFrame, target: Whole) -> gpd.GeoDataFrame:
    """Join faces that have one target."""
    count = np.bincount(target, minlength=len(frame))
    heads = np.flatnonzero(count)
    shapes = frame.geometry.to_numpy().copy()
    joined = np.flatnonzero(count[target] > 1)
    order = joined[np.argsort(target[joined], kind="stable")]
    first = np.flatnonzero(np.diff(target[order], prepend=-1))
    for group in np.split(order, first[1:]):
        if group.size:
            shapes[target[group[0]]] = shapely.union_all(shapes[group], grid_size=EXACT_M)
    return frame.set_geometry(shapes, crs=frame.crs).iloc[heads].reset_index(drop=True)
