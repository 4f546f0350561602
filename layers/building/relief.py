"""The terrain, modelled from control heights.

Method: control heights are joined by a triangulation; noise breaks its facets; then, on cells of
90 m and afterwards of 30 m, streams cut down by the stream-power law while the surface is drawn
back to the control heights, until valleys branch as they do in nature. Depressions are breached.
Nothing but whole-number noise and + - * / √ is used, and heights are rounded between the stages.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from geo.grid import Grid
from geo.hydrology import accumulation, breach, fill, flow, incise
from geo.raster import Raster
from layers.building.facts import COARSE_M, FINE_M, grid
from layers.building.noise import octaves

Floats = NDArray[np.float64]

NOISE_HEIGHT = 0.05  # height of noise over its wave
COARSE_WAVES = (2400.0, 1200.0, 600.0, 300.0)
FINE_WAVES = (240.0, 120.0)
COARSE_STEPS, FINE_STEPS = 12, 1
STRENGTH = 0.006  # erodibility times time of a step, coarse
STEEPEST = 0.9  # grade beyond which slopes slide
FALL_M = 0.001  # along breached and filled ways
STEP_M = 0.1  # heights are stored in decimetres
MEAN_CELLS = 5  # half width of the window a mean height stands for, coarse cells


@dataclass(frozen=True, eq=False)
class Controls:
    """Control heights on a grid: their cells, heights, and which are means of an area."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    height: Floats
    mean: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles over a grid: three controls and their weights for every cell."""

    corners: NDArray[np.int64]
    weights: Floats
    shape: tuple[int, int]

    def spread(self, values: Floats) -> Floats:
        """Interpolate values of the controls linearly over the cells."""
        found = np.einsum("ij,ij->i", values[self.corners], self.weights)
        return np.asarray(found).reshape(self.shape)


def terrain(heights: gpd.GeoDataFrame, *, fixed: gpd.GeoDataFrame) -> Raster:
    """Model the terrain.

    Parameters
    ----------
    heights
        Control heights: points with `height_m` and `kind`, of which `mean` stands for the mean
        of its surroundings.
    fixed
        Points with `height_m` that the terrain must pass through, such as seats.

    Returns
    -------
    Raster
        Heights in whole decimetres, float32, without depressions.
    """
    coarse, fine = grid(COARSE_M), grid(FINE_M)
    heights = _with(heights, fixed)
    land = _coarse(heights, coarse)
    return _fine(land, fine)


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
    )


def _mesh(controls: Controls, cells: Grid) -> Mesh:
    corners = Delaunay(np.column_stack([controls.column, controls.row]).astype(float))
    rows, columns = cells.shape
    places = np.column_stack(
        [np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)]
    ).astype(float)
    triangle = corners.find_simplex(places)
    outside = triangle < 0
    turn = corners.transform[triangle]
    two = np.einsum("ijk,ik->ij", turn[:, :2], places - turn[:, 2])
    weights = np.column_stack([two, 1 - two.sum(axis=1)])
    weights[outside] = 0
    return Mesh(corners.simplices[triangle], weights, cells.shape)


def blurred(values: Floats, half: int) -> Floats:
    """Give the mean over squares of 2 · half + 1 cells, cut off at the rim."""
    found = values
    for axis in (0, 1):
        size = found.shape[axis]
        total = np.concatenate(
            [np.zeros_like(np.take(found, [0], axis)), np.cumsum(found, axis=axis)], axis=axis
        )
        low = np.maximum(np.arange(size) - half, 0)
        high = np.minimum(np.arange(size) + half + 1, size)
        span = (high - low).reshape(-1, 1) if axis == 0 else high - low
        found = (np.take(total, high, axis) - np.take(total, low, axis)) / span
    return found


def _missing(land: Floats, controls: Controls) -> Floats:
    """Give what the surface lacks at each control height."""
    around = blurred(land, MEAN_CELLS)
    found = np.where(
        controls.mean,
        around[controls.row, controls.column],
        land[controls.row, controls.column],
    )
    return controls.height - found


def _drained(land: Floats, cells: Grid) -> Raster:
    return fill(breach(Raster(np.round(land, 3), cells), fall=FALL_M), rise=FALL_M)


def _eroded(land: Floats, cells: Grid, strength: float) -> Floats:
    """Let streams cut down for one step."""
    ground = _drained(land, cells)
    ways = flow(ground)
    size = np.full(cells.shape, cells.resolution**2)
    return incise(
        ground,
        ways,
        area=accumulation(ways, size),
        strength=np.full(cells.shape, strength),
        steepest=STEEPEST,
    ).values.astype(np.float64)


def _coarse(heights: gpd.GeoDataFrame, cells: Grid) -> Floats:
    controls = _controls(heights, cells)
    mesh = _mesh(controls, cells)
    rough = NOISE_HEIGHT * octaves(cells, waves_m=COARSE_WAVES, seed=1)
    land = blurred(mesh.spread(controls.height), 2) + rough
    land += mesh.spread(_missing(land, controls))
    for _ in range(COARSE_STEPS):
        land = _eroded(land, cells, STRENGTH)
        lacking = np.clip(_missing(land, controls), -60, 60)
        land = np.round(land + 0.6 * blurred(mesh.spread(lacking), 2), 3)
    return land


def _fine(coarse: Floats, cells: Grid) -> Raster:
    times = round(COARSE_M / cells.resolution)
    land = blurred(np.kron(coarse, np.ones((times, times))).astype(np.float64), 1)
    land = land + NOISE_HEIGHT * octaves(cells, waves_m=FINE_WAVES, seed=11)
    for _ in range(FINE_STEPS):
        land = _eroded(land, cells, STRENGTH / 2)
    steps = np.round(_drained(land, cells).values.astype(np.float64) / STEP_M)
    return Raster((steps * STEP_M).astype(np.float32), cells)
