"""Plots on a plane, basic farmland and township areas, on ground whose answers are known."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from scipy.optimize import linear_sum_assignment

from geo.grid import Grid
from geo.raster import Raster
from layers.building.fabric_ground import Ground
from layers.building.landcover import NUMBER, refined, top
from layers.building.parcels import RIDGES
from layers.building.pieces import connected
from layers.building.plots import SIZES, plots
from layers.building.protection import basic_farmland
from layers.building.townships import NEAR_CELLS, _settled, _tuned, friction

CRS_M = CRS(4549)
SIZE = 80


def plane(rise):
    """Give 400 m x 400 m of cells of 5 m that rise to the east."""
    cells = Grid((SIZE, SIZE), Affine(5, 0, 0, 0, -5, 5 * SIZE), CRS_M)
    one = np.ones(cells.shape)
    return Ground(
        grid=cells,
        height=100 + np.arange(SIZE) * 5.0 * rise * one,
        grade=rise * one,
        inside=one > 0,
        village=np.zeros(cells.shape, dtype=np.int64),
        facet=np.kron(np.arange(4).reshape(2, 2), np.ones((SIZE // 2, SIZE // 2), dtype=np.int64)),
        size=0 * one,
        water=np.arange(SIZE)[:, None] * 5.0 * one,
        road=0 * one,
    )


def test_fields_on_a_plane_lie_between_contours():
    # Grade 0.2 and bands of 21 m: 4.2 m of rise, next step 5.6 m, so bands are 5.6 / 0.2 = 28 m wide.
    ground = plane(0.2)
    code = np.full((SIZE, SIZE), NUMBER["0101"], dtype=np.int16)
    plot = plots(ground, code, np.zeros_like(code, dtype=np.int64))
    assert np.array_equal(connected(plot), plot)
    band = np.floor(ground.height / 5.6)
    for number in range(plot.max() + 1):
        assert len(set(band[plot == number])) <= 2  # two where a remainder has joined
    wide = [np.ptp(np.nonzero((plot == k).any(axis=0))[0]) + 1 for k in range(plot.max() + 1)]
    assert np.median(wide) * 5 == pytest.approx(28, abs=5)


def test_fields_on_flat_ground_lie_along_the_water():
    ground = plane(0.01)
    code = np.full((SIZE, SIZE), NUMBER["0101"], dtype=np.int16)
    plot = plots(ground, code, np.zeros_like(code, dtype=np.int64))
    tall = [np.ptp(np.nonzero((plot == k).any(axis=1))[0]) + 1 for k in range(plot.max() + 1)]
    # Bands of 1.4 x 21 = 29.4 m from the water, which runs along the north.
    assert np.median(tall) * 5 == pytest.approx(29.4, abs=5)


@pytest.mark.parametrize("name", ["0101", "0103", "0202", "0301"])
def test_plots_have_about_the_size_of_their_class(name):
    code = np.full((SIZE, SIZE), NUMBER[name], dtype=np.int16)
    plot = plots(plane(0.2), code, np.zeros_like(code, dtype=np.int64))
    area = np.bincount(plot.ravel()) * 25.0
    assert area.min() >= SIZES[name].least_m2
    assert 0.3 * SIZES[name].area_m2 < np.mean(area) < 2 * SIZES[name].area_m2


def test_forest_ends_at_facets_and_uses_are_not_mixed():
    ground = plane(0.4)
    code = np.full((SIZE, SIZE), NUMBER["0301"], dtype=np.int16)
    code[:, : SIZE // 4] = NUMBER["0302"]
    plot = plots(ground, code, np.zeros_like(code, dtype=np.int64))
    for number in range(plot.max() + 1):
        assert len(set(code[plot == number])) == 1
        assert len(set(ground.facet[plot == number])) == 1


def test_the_highest_scores_are_taken():
    score, free = np.array([[3.0, 9.0], [5.0, 7.0]]), np.array([[True, False], [True, True]])
    assert top(score, free, 2).tolist() == [[False, False], [True, True]]
    assert not top(score, free, 0).any()


def test_refined_classes_move_their_rims_by_less_than_forty_metres():
    coarse = np.zeros((60, 60), dtype=np.int16)
    coarse[:, 30:] = 1
    cells = Grid((120, 120), Affine(5, 0, 0, 0, -5, 600), CRS_M)
    fine = refined(coarse, cells)
    assert (fine[:, :52] == 0).all()
    assert (fine[:, 68:] == 1).all()
    rims = (np.diff(fine, axis=1) != 0).argmax(axis=1)
    assert len(set(rims)) > 3


def test_basic_farmland_is_the_best_of_what_may_be_taken():
    # Five fields of 1 ha side by side: good, good, steep, in the redline, poor; then a wood.
    squares = [shapely.box(150 * k, 0, 150 * k + 100, 100) for k in range(6)]
    parcels = gpd.GeoDataFrame(
        {
            "DLBM": ["0101"] * 5 + ["0301"],
            "quality": [5.0, 6.0, 5.0, 5.0, 12.0, 5.0],
            "slope_deg": [3.0, 3.0, 26.0, 3.0, 3.0, 3.0],
            "TBMJ": 10_000.0,
            "township": "t",
        },
        geometry=squares,
        index=[*"abcdef"],
        crs=CRS_M,
    )
    redline = shapely.box(440, 0, 560, 100)
    # 45 % of 5 ha are 2.25 ha: the two good ones fit, a third field does not.
    chosen = basic_farmland(parcels, redline, share=0.45, steepest_deg=25)
    assert chosen.id.tolist() == ["basic_t_0001", "basic_t_0002"]
    assert chosen.area.sum() == pytest.approx(20_000)
    assert chosen.union_all().equals(shapely.union_all(squares[:2]))
    every = basic_farmland(parcels, redline, share=1.0, steepest_deg=25)
    assert every.area.sum() == pytest.approx(30_000)


def most_off(seed):
    """Give by how many cells the township furthest off is off, of four on a plane."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((40, 50))
    places = rng.uniform((0, 0), (40, 50), (4, 2))
    costs = np.array([90 * np.hypot(rows - r, columns - c) for r, c in places])
    share = rng.uniform(0.6, 1.4, 4)
    wanted = share / share.sum() * rows.size
    owner, _ = _tuned(costs, np.ones(rows.shape, dtype=bool), wanted, np.zeros(4))
    return np.abs(np.bincount(owner.ravel(), minlength=4) - wanted).max()


# Newton's method alone lost a township of these, or left it more than 12 cells off: seats side by
# side, of which one is overgrown by a step.
OVERGROWN = (78, 79, 84, 93, 96, 189, 243, 291, 341, 457)


def test_head_starts_give_every_township_its_cells():
    seeds = {*range(60), *OVERGROWN}
    assert {seed: off for seed in seeds if (off := most_off(seed)) >= NEAR_CELLS} == {}


@pytest.mark.prove
def test_head_starts_give_every_township_of_ten_thousand_its_cells(seeds, figures):
    off = {seed: most_off(seed) for seed in seeds(10_000)}
    bad = {seed: most for seed, most in off.items() if most >= NEAR_CELLS}
    figures(f"{len(bad)} of {len(off):,} two cells off or more; worst {max(off.values()):.2f}")
    assert bad == {}


def test_a_township_without_a_cell_gets_its_cells_back():
    # With the second, cells cost 1, 1.1, 1.2, 1.3 more: at equal head starts it has none. Two cells
    # each: the second's are those dearer by 1 and 1.1, half way from 1.1 to 1.2 is its head start.
    costs = np.array([[[0.0, 1, 2, 3]], [[1.0, 2.1, 3.2, 4.3]]])
    settled = _settled(costs[:, 0], np.array([2.0, 2.0]), np.zeros(2))
    assert settled[1] - settled[0] == pytest.approx(1.15)
    owner, _ = _tuned(costs, np.ones((1, 4), dtype=bool), np.array([2.0, 2.0]), np.zeros(2))
    assert owner.tolist() == [[1, 1, 0, 0]]


def test_cells_are_settled_at_least_cost():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        choice = rng.uniform(0, 5000, (rng.integers(2, 6), 48))
        wanted = rng.uniform(1, 5, len(choice))
        lead = _settled(choice, wanted, np.zeros(len(choice)))
        owner = (choice - lead[:, None]).argmin(axis=0)
        count = np.bincount(owner, minlength=len(choice))
        assert np.abs(count - wanted * 48 / wanted.sum()).max() < 1
        # Hungarian method on one row a place: each township has as many as it has cells.
        places = choice[np.repeat(np.arange(len(choice)), count)]
        least = places[linear_sum_assignment(places)].sum()
        assert choice[owner, np.arange(48)].sum() == pytest.approx(least)


def test_growth_is_dear_on_steep_ground():
    cells = Grid((60, 60), Affine(90, 0, 0, 0, -90, 5400), CRS_M)
    x = np.arange(60) * 90.0 * np.ones((60, 1))
    flat, steep = Raster(x * 0.001, cells), Raster(x * 0.3, cells)
    # Grade 0.3 doubles a metre: 1 + (0.3 / 0.3)² = 2, where no divide adds to it.
    assert friction(flat).values.min() == pytest.approx(1, abs=1e-3)
    assert friction(steep).values.min() == pytest.approx(2, abs=1e-3)


def test_shares_of_ridges_grow_with_slope():
    for kind in RIDGES.values():
        assert list(kind.values()) == sorted(kind.values())
        assert kind["1"] == 0
