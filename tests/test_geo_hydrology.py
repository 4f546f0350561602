"""Water: worked by hand, by law, and against searches that try everything."""

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from geo.errors import GridError
from geo.grid import Grid
from geo.hydrology import Flow, accumulation, breach, drain, fill, flow, incise, strahler
from geo.raster import Raster

terrains = arrays(
    np.float64,
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    elements=st.integers(0, 9).map(float) | st.just(np.nan),
)
usual = settings(deadline=None, max_examples=60, derandomize=True)


def raster(values):
    values = np.asarray(values, dtype=float)
    return Raster(values, Grid(values.shape, Affine(10, 0, 0, 0, -10, 0), CRS(4549)))


def neighbours(shape, row, column):
    for r in range(row - 1, row + 2):
        for c in range(column - 1, column + 2):
            if (r, c) != (row, column) and 0 <= r < shape[0] and 0 <= c < shape[1]:
                yield r, c


def is_outlet(values, row, column):
    around = list(neighbours(values.shape, row, column))
    return len(around) < 8 or any(np.isnan(values[one]) for one in around)


def spill_levels(values):
    """Lowest level at which water leaves each cell: relax until nothing changes."""
    level = np.where(np.isnan(values), np.nan, np.inf)
    for row, column in np.argwhere(~np.isnan(values)):
        if is_outlet(values, row, column):
            level[row, column] = values[row, column]
    changed = True
    while changed:
        changed = False
        for row, column in np.argwhere(~np.isnan(values)):
            for near in neighbours(values.shape, row, column):
                through = max(values[row, column], level[near])
                if through < level[row, column]:
                    level[row, column], changed = through, True
    return level


@usual
@given(terrains)
def test_filling_gives_the_spill_level_of_every_cell(values):
    np.testing.assert_array_equal(fill(raster(values)).values, spill_levels(values))


@usual
@given(terrains)
def test_filled_terrain_stays_and_breached_terrain_has_no_pit(values):
    filled = fill(raster(values))
    np.testing.assert_array_equal(fill(filled).values, filled.values)
    cut = breach(raster(values))
    np.testing.assert_array_equal(fill(cut).values, cut.values)
    assert np.all((cut.values <= values) | np.isnan(values))


@usual
@given(terrains)
def test_with_a_rise_every_cell_has_a_lower_neighbour(values):
    filled = fill(raster(values), rise=0.5).values
    for row, column in np.argwhere(~np.isnan(values)):
        if not is_outlet(values, row, column):
            lowest = min(filled[one] for one in neighbours(values.shape, row, column))
            assert lowest <= filled[row, column] - 0.5


@usual
@given(terrains)
def test_all_water_leaves(values):
    ways = flow(raster(values))
    amounts = np.where(np.isnan(values), 0.0, 1.0)
    total = accumulation(ways, amounts).ravel()
    there = ~np.isnan(values.ravel())
    out = there & (ways.receiver < 0)
    assert total[out].sum() == amounts.sum()
    place = {int(cell): k for k, cell in enumerate(ways.order)}
    assert set(place) == set(np.flatnonzero(there).tolist())
    for cell, below in enumerate(ways.receiver.tolist()):
        if below >= 0:
            assert place[below] < place[cell]
            assert total[below] > total[cell] - 1e-9


def test_water_takes_the_steepest_way():
    # From 5: to 3 straight a fall of 2; to 2 across 3 / 1.414 = 2.12, which is steeper.
    ways = flow(raster([[9, 9, 9], [9, 5, 3], [9, 9, 2]]))
    assert ways.receiver[4] == 8


def test_strahler_counts_only_equal_arms():
    # 0 ← 1 ← {2, 3}, 0 ← 4: two sources make order 2, one more of order 1 changes nothing.
    ways = Flow(np.array([-1, 0, 1, 1, 0], np.int32), np.arange(5, dtype=np.int32), (1, 5))
    assert strahler(ways, np.ones((1, 5), bool)).tolist() == [[2, 2, 1, 1, 1]]


def test_a_breach_falls_all_the_way():
    # The pit of 1 goes out over the sill of 3 at 1 - 0.25 and on.
    cut = breach(raster([[9, 9, 9, 9], [9, 1, 3, 4], [9, 9, 9, 9]]), fall=0.25).values
    assert cut[1].tolist() == [9, 1, 0.75, 0.5]


def test_streams_never_cut_below_what_they_drain_to():
    rng = np.random.default_rng(3)
    ground, ways = drain(raster(rng.random((20, 20)) * 100), rise=0.01)
    area = accumulation(ways, np.full((20, 20), 100.0))
    cut = incise(ground, ways, area=area, strength=np.full((20, 20), 0.5), steepest=1.0).values
    flat, inner = cut.ravel(), ways.receiver >= 0
    assert np.all(flat[inner] >= flat[ways.receiver[inner]])
    assert np.all(cut <= ground.values)
    step = np.abs(np.flatnonzero(inner) - ways.receiver[inner])
    length = np.where(np.isin(step, (1, 20)), 10.0, 10 * 2**0.5)
    assert np.all(flat[inner] - flat[ways.receiver[inner]] <= length + 1e-9)


def test_amounts_must_fit():
    with pytest.raises(GridError, match="do not fit"):
        accumulation(flow(raster([[1.0]])), np.ones((2, 2)))
