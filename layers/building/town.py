"""Towns of the pilots: blocks between streets, on the gentle ground around a seat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from geo.grid import Grid
from geo.raster import Raster
from geo.travel.costpath import accumulate
from layers.building.fabric_ground import Ground, Window
from layers.building.landcover import NUMBER, Codes, top
from layers.building.noise import hashed, noise

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

GENTLE = 0.14  # grade on which a metre of growth costs two
BLOCK_M, DEEP_M, STREET_M = 95.0, 70.0, 8.0
SWAY_M, SWAY_WAVE_M = 30.0, 420.0  # streets are no straight lines
RAGGED, RAGGED_WAVE_M = 0.5, 160.0
CORE_M = 500.0  # distance at which half of what stands at the centre is left
RIM_SEED, SWAY_SEED, KIND_SEED = 51, 52, 53
LATTICE = 997  # blocks of a row that are told apart: more than any town has


@dataclass(frozen=True, eq=False)
class Blocks:
    """The lattice of streets over a window: the two numbers of a cell's block, and the streets."""

    along: Whole
    across: Whole
    street: NDArray[np.bool_]


def build(
    ground: Ground, spot: shapely.Point, code: Codes, *, area_m2: float, turn: float
) -> Whole:
    """Build a town into the classes of cells.

    Parameters
    ----------
    ground
        Fine cells.
    spot
        Its centre.
    code
        Classes, changed in place.
    area_m2
        Of the town within the pilots.
    turn
        Direction of its streets: metres north on a metre east.

    Returns
    -------
    ndarray
        Number of the block of every cell; 0 for streets and outside.
    """
    block = np.zeros(ground.grid.shape, dtype=np.int64)
    window = ground.near(spot, 1.5 * area_m2**0.5)
    reached = _reached(ground, spot, window)
    rough = 1 + RAGGED * noise(ground.grid, wave_m=RAGGED_WAVE_M, seed=RIM_SEED)[window]
    built = top(-reached * rough, ground.inside[window], area_m2 / ground.grid.resolution**2)
    blocks = _lattice(ground, window, turn)
    drawn = _kinds(hashed(blocks.along, blocks.across, KIND_SEED), reached)
    code[window][built] = np.where(blocks.street, NUMBER["1004"], drawn)[built]
    number = 1 + (blocks.along % LATTICE) * LATTICE + blocks.across % LATTICE
    block[window][built] = np.where(blocks.street, 0, number)[built]
    return block


def _reached(ground: Ground, spot: shapely.Point, window: Window) -> Floats:
    dear = ground.grade[window] / GENTLE
    west = ground.grid.bounds[0] + window.columns.start * ground.grid.resolution
    north = ground.grid.bounds[3] - window.rows.start * ground.grid.resolution
    cell = ground.grid.resolution
    grid = Grid(dear.shape, Affine(cell, 0, west, 0, -cell, north), ground.grid.crs)
    origin = [tuple(int(one) for one in grid.index(spot.x, spot.y))]
    cost = Raster(np.round(1 + dear**4, 6), grid)
    return np.asarray(accumulate(cost, origins=origin, neighbours=16).cost)


def _lattice(ground: Ground, window: Window, turn: float) -> Blocks:
    """Lay streets at equal distances, at right angles, that sway."""
    rows, columns = np.indices(ground.grid.shape, sparse=True)
    cell = ground.grid.resolution
    east, north = columns[:, window.columns] * cell, -rows[window.rows] * cell
    sway = SWAY_M * noise(ground.grid, wave_m=SWAY_WAVE_M, seed=SWAY_SEED)[window]
    length = (1 + turn * turn) ** 0.5
    along = (east + turn * north) / length + sway
    across = (north - turn * east) / length + sway
    street = (np.mod(along, BLOCK_M) < STREET_M) | (np.mod(across, DEEP_M) < STREET_M)
    row, column = np.floor(along / BLOCK_M), np.floor(across / DEEP_M)
    return Blocks(row.astype(np.int64), column.astype(np.int64), street)


def _kinds(draw: Floats, reached: Floats) -> Codes:
    """Draw what stands in a block: offices and shops at the centre, works at the rim.

    The shares are assumptions; homes have the rest.
    """
    core = 1 / (1 + (reached / CORE_M) ** 2)
    parts = (
        ("08H1", 0.16 * core + 0.02),
        ("05H1", 0.14 * core + 0.03),
        ("08H2", 0.04 * core + 0.04),
        ("0810", 0.02 * core + 0.04),
        ("0809", 0.03 + 0 * core),
        ("0601", 0.10 * (1 - core)),
    )
    limits = np.cumsum([share for _, share in parts], axis=0)
    numbers = [NUMBER[name] for name, _ in parts]
    kinds = np.select([draw < limit for limit in limits], numbers, NUMBER["0701"])
    return np.asarray(kinds, dtype=np.int16)
