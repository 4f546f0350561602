"""How far points lie off a surface: by hand, against brute force, and what is no answer."""

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geo.displacement import displacement
from geo.grid import Grid
from geo.raster import Raster

SIDE, CELL = 40, 30.0
GRID = Grid((SIDE, SIDE), Affine(CELL, 0, 0, 0, -CELL, SIDE * CELL), CRS(4549))


def brute(cells, rows, columns, wanted, most, k):
    """Every shift in plain Python; None where fewer than half the points are known."""
    table = {}
    for down in range(-k, k + 1):
        for right in range(-k, k + 1):
            offs = []
            for row, column, value in zip(rows, columns, wanted, strict=True):
                r, c = row + down, column + right
                if 0 <= r < SIDE and 0 <= c < SIDE and not np.isnan(cells[r, c]):
                    offs.append(min(abs(cells[r, c] - value), most))
            if 2 * len(offs) >= len(rows):
                table[down, right] = sum(offs) / len(offs)
    return table


@given(st.integers(0, 10**6))
def test_it_is_the_best_of_all_shifts(seed):
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 50, (SIDE, SIDE)).astype(float)
    cells[rng.uniform(size=cells.shape) < 0.1] = np.nan
    rows, columns = rng.integers(0, SIDE, (2, 15))
    wanted = rng.integers(0, 50, 15).astype(float)
    table = brute(cells, rows, columns, wanted, 20.0, 12)
    off = displacement(Raster(cells, GRID), *GRID.xy(rows, columns), wanted, most=20, reach_m=360)
    if off is None:
        assert (0, 0) not in table
        return
    assert off.best == pytest.approx(min(table.values()))
    assert off.rest == pytest.approx(table[0, 0])
    down, right = round(off.north_m / CELL), round(-off.east_m / CELL)
    near = [table.get((down + i, right + j), np.inf) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert min(near) == pytest.approx(off.best)  # a parabola moves it by half a cell at most
    assert off.loss >= 0


def test_points_moved_are_found_moved_by_as_much():
    rng = np.random.default_rng(5)
    cells = rng.uniform(0, 100, (SIDE, SIDE))
    rows, columns = rng.integers(10, 30, (2, 60))
    x, y = GRID.xy(rows, columns)
    off = displacement(
        Raster(cells, GRID), x + 90, y - 120, cells[rows, columns], most=50, reach_m=360
    )
    assert (off.east_m, off.north_m) == pytest.approx((90, -120), abs=CELL / 2)
    assert off.best == 0
    assert off.sharpness > 8
    assert off.loss == pytest.approx(1, abs=0.2)


def test_what_fits_everywhere_is_not_sharp():
    off = displacement(
        Raster(np.zeros((SIDE, SIDE)), GRID), [600.0], [600.0], 0, most=9, reach_m=360
    )
    assert (off.east_m, off.north_m, off.sharpness, off.loss) == (0, 0, 0, 0)


def test_points_off_the_surface_have_no_answer():
    flat = Raster(np.zeros((SIDE, SIDE)), GRID)
    assert displacement(flat, [-600.0], [600.0], 0, most=9, reach_m=360) is None
    assert displacement(flat, [], [], 0, most=9, reach_m=360) is None
    empty = Raster(np.full((SIDE, SIDE), np.nan), GRID)
    assert displacement(empty, [600.0], [600.0], 0, most=9, reach_m=360) is None
