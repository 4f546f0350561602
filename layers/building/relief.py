"""The terrain, modelled from control heights.

Method: control heights are joined by a triangulation; noise breaks its facets, more of it where
controls are far apart; then, on cells of 90 m and afterwards of 30 m, streams cut down by the
stream-power law, slopes creep, and the surface is drawn back to the control heights, until valleys
branch as they do in nature. The beds of larger streams run through control heights in their order,
so that nothing dams them; other depressions are breached or filled. Nothing but whole-number noise
and + - * / √ is used, and heights are rounded between the stages, so that machines agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, maximum_filter, minimum_filter
from scipy.spatial import Delaunay

from geo.grid import Grid
from geo.hydrology import Flow, accumulation, breach, drain, incise
from geo.raster import Raster, sample
from layers.building.curves import smoothed
from layers.building.facts import COARSE_M, FINE_M, grid
from layers.building.noise import noise

Floats = NDArray[np.float64]

NOISE_HEIGHT = 0.2  # height of noise over its wave, on slopes of `SLOPE`
SLOPE = 0.4
WIDE_WAVES = (3600.0, 1800.0)  # only where controls are far apart
COARSE_WAVES = (900.0, 450.0, 225.0)
FINE_WAVES = (240.0, 120.0)
CLOSE_M, FAR_M = 1500.0, 4000.0  # sides of triangles that count as small, as large
COARSE_STEPS = 12
COARSE_STRENGTH, FINE_STRENGTH = 0.09, 0.01  # erodibility times the time of a step
STIR, STIR_WAVE_M = 5.0, 200.0  # noise of every step, m, that keeps rills from running straight
CREEP = {COARSE_M: 0.25, FINE_M: 0.15}  # share by which a step evens out every cell
HALF = 5  # half width of the windows, twice, whose mean the surface is drawn back to, coarse cells
PULL, MOST_PULL_M = 0.6, 60.0  # share of what lacks at the controls that a step gives back; most
VALLEY_GRADE, VALLEY_M = 0.28, 500.0  # sides of stream valleys, and how far they reach
DEEPEST_CUT_M = 60.0  # of a step; deeper depressions are filled
STEEPEST = 0.9  # grade beyond which slopes slide
PIN_M = 900.0  # radius of what is raised or lowered around a fixed height
FALL_M = 0.001  # along breached and filled ways
STEP_M = 0.1  # heights are stored in decimetres
COARSE_SEED, FINE_SEED, STIR_SEED = 1, 11, 100  # of the first wave, of the first step
MEAN_CELLS = 5  # half width of the window a mean height stands for, coarse cells


@dataclass(frozen=True, eq=False)
class Controls:
    """Control heights on a grid: their cells, heights, and which are means or stream beds."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    height: Floats
    mean: NDArray[np.bool_]
    floor: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Beds:
    """Cells that the larger streams run through, and the heights of their beds."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    height: Floats

    def carve(self, land: Floats) -> Floats:
        """Give a surface the heights of the beds where they run."""
        land[self.row, self.column] = np.inf
        np.minimum.at(land, (self.row, self.column), self.height)
        return land


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles over a grid: three controls and their weights for every cell."""

    corners: NDArray[np.int64]
    weights: Floats
    shape: tuple[int, int]

    def spread(self, values: Floats) -> Floats:
        """Interpolate values of the controls linearly over the cells."""
        parts = values[self.corners] * self.weights
        return np.asarray(parts[:, 0] + parts[:, 1] + parts[:, 2]).reshape(self.shape)


def terrain(heights: gpd.GeoDataFrame, *, fixed: gpd.GeoDataFrame) -> Raster:
    """Model the terrain.

    Parameters
    ----------
    heights
        Control heights: points with `height_m`; `kind`: `point`, `mean` of its surroundings,
        `floor` of a valley, or `valley`, a floor where nothing is known of the sides; and
        `stream`, the name of the stream in whose bed they lie, in order.
    fixed
        Points with `height_m` that the terrain must pass through, such as seats.

    Returns
    -------
    Raster
        Heights in whole decimetres, float32, without depressions.
    """
    coarse, fine = grid(COARSE_M), grid(FINE_M)
    return _fine(_coarse(heights, fixed, coarse), _beds(heights, fine), fixed, fine)


def _beds(heights: gpd.GeoDataFrame, cells: Grid) -> Beds:
    """Draw the larger streams through their control heights, falling evenly between them."""
    rows, columns, levels = [], [], []
    for _, points in heights[heights["stream"].notna()].groupby("stream"):
        if len(points) < 2:
            continue
        xy = np.column_stack([points.geometry.x, points.geometry.y])
        course = smoothed(shapely.LineString(xy), spacing_m=120.0, turns=4)
        along = np.arange(0.0, course.length, cells.resolution / 3)
        spots = shapely.get_coordinates(course.interpolate(along))
        row, column = cells.index(spots[:, 0], spots[:, 1])
        known = [course.project(point) for point in points.geometry]
        level = np.interp(along, known, np.minimum.accumulate(points["height_m"]))
        kept = cells.inside(row, column)
        rows.append(row[kept])
        columns.append(column[kept])
        levels.append(level[kept])
    return Beds(np.concatenate(rows), np.concatenate(columns), np.concatenate(levels))


def _valleys(land: Floats, heights: gpd.GeoDataFrame, cells: Grid) -> Floats:
    """Open valleys whose sides are not known: no ground near the bed stands above an even side."""
    beds = _beds(heights[heights["kind"] == "valley"], cells)
    level = np.full(cells.shape, np.inf)
    np.minimum.at(level, (beds.row, beds.column), beds.height)
    away, (row, column) = distance_transform_edt(np.isinf(level), return_indices=True)
    away *= cells.resolution
    side = level[row, column] + VALLEY_GRADE * away
    return np.where(away < VALLEY_M, np.minimum(land, side), land)


def _with(heights: gpd.GeoDataFrame, fixed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the fixed points to the control heights, in place of those near them."""
    near = heights.geometry.apply(lambda point: fixed.distance(point).min() < 2 * COARSE_M)
    kept = heights[~near | (heights["kind"] == "mean")]
    x = np.concatenate([kept.geometry.x, fixed.geometry.x])
    y = np.concatenate([kept.geometry.y, fixed.geometry.y])
    return gpd.GeoDataFrame(
        {
            "height_m": np.concatenate([kept["height_m"], fixed["height_m"]]),
            "kind": [*kept["kind"], *["point"] * len(fixed)],
        },
        geometry=gpd.points_from_xy(x, y),
        crs=heights.crs,
    )


def _controls(heights: gpd.GeoDataFrame, cells: Grid) -> Controls:
    row, column = cells.index(heights.geometry.x, heights.geometry.y)
    kept = np.flatnonzero(cells.inside(row, column))
    _, first = np.unique(row[kept] * cells.shape[1] + column[kept], return_index=True)
    kept = kept[first]
    return Controls(
        row[kept],
        column[kept],
        heights["height_m"].to_numpy(dtype=float)[kept],
        (heights["kind"] == "mean").to_numpy()[kept],
        heights["kind"].isin(("floor", "valley")).to_numpy()[kept],
    )


def _mesh(controls: Controls, cells: Grid) -> Mesh:
    """Join the controls by a Delaunay triangulation; weights are ratios of whole numbers."""
    corner = np.column_stack([controls.column, controls.row])
    triangles = Delaunay(corner.astype(float))
    rows, columns = cells.shape
    place = np.column_stack(
        [np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)]
    )
    triangle = triangles.find_simplex(place.astype(float))
    corners = triangles.simplices[triangle].astype(np.int64)
    away = corner[corners] - place[:, None, :]
    twice = np.column_stack([_cross(away[:, (k + 1) % 3], away[:, (k + 2) % 3]) for k in range(3)])
    weights = twice / twice.sum(axis=1, keepdims=True)
    weights[triangle < 0] = 0
    return Mesh(corners, weights, cells.shape)


def _cross(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def blurred(values: Floats, half: int) -> Floats:
    """Give the mean over squares of 2 · half + 1 cells, cut off at the rim."""
    mean = values
    for axis in (0, 1):
        size = mean.shape[axis]
        total = np.concatenate(
            [np.zeros_like(np.take(mean, [0], axis)), np.cumsum(mean, axis=axis)], axis=axis
        )
        low = np.maximum(np.arange(size) - half, 0)
        high = np.minimum(np.arange(size) + half + 1, size)
        span = (high - low).reshape(-1, 1) if axis == 0 else high - low
        mean = (np.take(total, high, axis) - np.take(total, low, axis)) / span
    return mean


def _missing(land: Floats, controls: Controls) -> Floats:
    """Give what the surface lacks at each control height, or at the best of the cells around."""
    around = blurred(land, MEAN_CELLS)
    here = (controls.row, controls.column)
    near = np.clip(controls.height, minimum_filter(land, 3)[here], maximum_filter(land, 3)[here])
    standing = np.where(controls.mean, around[here], near)
    return np.where(controls.floor, 0.0, controls.height - standing)  # beds are cut, not raised


def _drained(land: Floats, cells: Grid) -> tuple[Raster, Flow]:
    """Cut a way out of depressions, so far as the cut is not too deep, and fill what is left."""
    land = np.round(land, 3)
    cut = breach(Raster(land, cells), fall=FALL_M).values.astype(np.float64)
    return drain(Raster(np.maximum(cut, land - DEEPEST_CUT_M), cells), rise=FALL_M)


def _worn(land: Floats, cells: Grid, strength: float) -> Floats:
    """Let streams cut down and slopes creep for one step."""
    ground, ways = _drained(land, cells)
    cut = incise(
        ground,
        ways,
        area=accumulation(ways, np.full(cells.shape, cells.resolution**2)),
        strength=np.full(cells.shape, strength),
        steepest=STEEPEST,
    ).values.astype(np.float64)
    return cut + CREEP[cells.resolution] * (blurred(cut, 1) - cut)


def _roughness(land: Floats, cells: Grid) -> Floats:
    """Give the height of noise by the slope of the ground: plains stay plain."""
    down, right = np.gradient(land, cells.resolution)
    tilt = blurred(np.sqrt(down * down + right * right), round(540 / cells.resolution) // 2)
    return NOISE_HEIGHT * np.clip(tilt / SLOPE, 0.3, 1.3)


def _coarse(heights: gpd.GeoDataFrame, fixed: gpd.GeoDataFrame, cells: Grid) -> Floats:
    controls, beds = _controls(_with(heights, fixed), cells), _beds(heights, cells)
    mesh = _mesh(controls, cells)
    land = _valleys(mesh.spread(controls.height), heights, cells)
    base = land
    loose = np.clip((_spacing(controls, mesh) - CLOSE_M) / (FAR_M - CLOSE_M), 0, 1)
    rough = _roughness(land, cells)
    land = blurred(land, 2) * (1 - loose) + blurred(blurred(land, 8), 8) * loose
    for seed, wave in enumerate((*WIDE_WAVES, *COARSE_WAVES), COARSE_SEED):
        part = loose if wave in WIDE_WAVES else 1.0
        land = land + rough * part * wave * noise(cells, wave_m=wave, seed=seed)
    base = base * (1 - loose) + land * loose  # where little is known the noise stays
    land += blurred(mesh.spread(_missing(land, controls)), 1)
    for step in range(COARSE_STEPS):
        land += STIR * noise(cells, wave_m=STIR_WAVE_M, seed=STIR_SEED + step)
        land = _worn(beds.carve(land), cells, COARSE_STRENGTH)
        land += blurred(blurred(base - land, HALF), HALF)
        land = np.round(land + PULL * _lacking(land, controls, mesh), 3)
        land = np.maximum(land, controls.height.min())
    return beds.carve(np.round(land + _lacking(land, controls, mesh), 3))


def _lacking(land: Floats, controls: Controls, mesh: Mesh) -> Floats:
    """Spread what lacks at the controls over the cells."""
    return blurred(mesh.spread(np.clip(_missing(land, controls), -MOST_PULL_M, MOST_PULL_M)), 1)


def _spacing(controls: Controls, mesh: Mesh) -> Floats:
    """Give the longest side of the triangle each cell lies in, smoothed, m."""
    places = np.column_stack([controls.column, controls.row]).astype(float)[mesh.corners]
    sides = places - np.roll(places, 1, axis=1)
    longest = np.sqrt((sides * sides).sum(axis=2)).max(axis=1) * COARSE_M
    return blurred(longest.reshape(mesh.shape), 8)


def _fine(coarse: Floats, beds: Beds, fixed: gpd.GeoDataFrame, cells: Grid) -> Raster:
    times = round(COARSE_M / cells.resolution)
    land = blurred(blurred(np.kron(coarse, np.ones((times, times))).astype(np.float64), 1), 1)
    rough = _roughness(land, cells)
    for seed, wave in enumerate(FINE_WAVES, FINE_SEED):
        land += rough * wave * noise(cells, wave_m=wave, seed=seed)
    land = _worn(beds.carve(land), cells, FINE_STRENGTH)
    land = np.maximum(beds.carve(_pinned(land, fixed, cells)), coarse.min())
    steps = np.round(_drained(land, cells)[0].values.astype(np.float64) / STEP_M)
    return Raster((steps * STEP_M).astype(np.float32), cells)


def _pinned(land: Floats, fixed: gpd.GeoDataFrame, cells: Grid) -> Floats:
    """Raise or lower the ground around fixed heights so that it passes through them."""
    reach = int(PIN_M / cells.resolution)
    for _ in range(3):  # fixed heights near one another move each other's ground
        for spot, height in zip(fixed.geometry, fixed["height_m"], strict=True):
            row, column = (int(v) for v in cells.index(spot.x, spot.y))
            rows = slice(max(row - reach, 0), row + reach + 1)
            columns = slice(max(column - reach, 0), column + reach + 1)
            near = np.indices(land[rows, columns].shape)
            down, right = near[0] + rows.start - row, near[1] + columns.start - column
            part = np.clip(1 - (down * down + right * right) / reach**2, 0, None)
            off = height - float(sample(Raster(land, cells), [spot.x], [spot.y])[0])
            land[rows, columns] += off * part * part
    return land
