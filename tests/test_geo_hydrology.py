"""Water: worked by hand, by law, and against searches that try everything."""

import math

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
usual = settings(max_examples=60)


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


@usual
@given(terrains)
def test_water_takes_the_first_of_the_steepest_neighbours(values):
    ground, ways = drain(raster(values))
    filled = ground.values
    for row, column in np.argwhere(~np.isnan(values)):
        falls = [
            ((filled[row, column] - filled[one]) / math.dist(one, (row, column)), one)
            for one in neighbours(values.shape, row, column)
            if filled[one] < filled[row, column]
        ]
        below = ways.receiver[row * values.shape[1] + column]
        if falls and not is_outlet(values, row, column):
            steep = max(fall for fall, _ in falls)
            wanted = next(one for fall, one in falls if fall == pytest.approx(steep, rel=1e-12))
            assert divmod(int(below), values.shape[1]) == wanted


@usual
@given(terrains, st.integers(0, 1000))
def test_amounts_add_up_along_every_way(values, seed):
    # Each amount walks down by itself until it is out.
    amounts = np.random.default_rng(seed).uniform(0, 3, values.shape)
    amounts[np.isnan(values)] = 0
    ways = flow(raster(values))
    expected = np.zeros(values.size)
    for cell in np.flatnonzero(~np.isnan(values.ravel())).tolist():
        at = cell
        while at >= 0:
            expected[at] += amounts.ravel()[cell]
            at = int(ways.receiver[at])
    np.testing.assert_allclose(accumulation(ways, amounts).ravel(), expected, rtol=1e-12)


@usual
@given(terrains, st.integers(1, 4))
def test_orders_follow_strahlers_words(values, least):
    # A stream of order n begins where two of order n - 1 meet; larger ones swallow smaller.
    ways = flow(raster(values))
    there = ~np.isnan(values)
    streams = there & (accumulation(ways, there.astype(float)) >= least)
    arms = {cell: [] for cell in range(values.size)}
    for cell in np.flatnonzero(streams.ravel()).tolist():
        if ways.receiver[cell] >= 0:
            arms[int(ways.receiver[cell])].append(cell)

    def order(cell):
        above = sorted((order(one) for one in arms[cell]), reverse=True)
        if not above:
            return 1
        return above[0] + (len(above) > 1 and above[0] == above[1])

    expected = [order(cell) if streams.ravel()[cell] else 0 for cell in range(values.size)]
    assert strahler(ways, streams).ravel().tolist() == expected


@usual
@given(terrains, st.integers(0, 1000))
def test_cutting_down_solves_its_equations(values, seed):
    # h' + f (h' - h'_below) = h with f = strength √area / length, all cells at once by numpy.
    rng = np.random.default_rng(seed)
    ground, ways = drain(raster(values))
    area, strength = rng.uniform(100, 900, values.shape), rng.uniform(0, 2, values.shape)
    cut = incise(ground, ways, area=area, strength=strength, steepest=1e9).values.ravel()
    system, columns = np.eye(values.size), values.shape[1]
    for cell, below in enumerate(ways.receiver.tolist()):
        if below >= 0:
            length = 10 * math.dist(divmod(cell, columns), divmod(below, columns))
            factor = strength.ravel()[cell] * math.sqrt(area.ravel()[cell]) / length
            system[cell, cell] += factor
            system[cell, below] -= factor
    there = ~np.isnan(values.ravel())
    heights = np.where(there, ground.values.ravel(), 0.0)
    np.testing.assert_allclose(cut[there], np.linalg.solve(system, heights)[there], atol=1e-9)


def test_amounts_must_fit():
    with pytest.raises(GridError, match="do not fit") as caught:
        accumulation(flow(raster([[1.0]])), np.ones((2, 2)))
    assert "数量 (2, 2) 与格网 (1, 1) 不符" in caught.value.said("zh")
