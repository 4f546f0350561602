"""Terrain spoiled in one way is named, by its cells and by what the source says of it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from geo.raster import Raster
from layers import soundness, twin
from layers.county import load
from tests.spoiled_county import columns, spoiled, told
from tests.test_geo_artefacts import hills


def dem(change):
    """The twin's terrain after a change of its cells."""
    own = twin.county().raster("dem")
    cells = own.values.copy()
    cells = cells if (changed := change(cells)) is None else changed
    return Raster(cells.astype(np.float32), own.grid)


def put(rows, columns, height):
    def change(cells):
        cells[rows, columns] = height

    return change


@pytest.mark.parametrize(
    ("height", "doubted"), [(129, False), (131, True), (900, True), (65, True)]
)
def test_a_spike(height, doubted):
    # the plane lies at 100 m, 30 m is allowed
    found = told(spoiled(dem=dem(put(120, 100, height))))
    assert set(found) == ({"dem.spikes"} if doubted else set())
    if doubted:
        one = found["dem.spikes"]
        assert (one.standing, one.count) == ("doubtful", 1)
        grid = twin.county().raster("dem").grid
        assert (one.places[0].x, one.places[0].y) == tuple(float(v) for v in grid.xy(120, 100))


@pytest.mark.parametrize(("height", "doubted"), [(0, True), (300, True), (108, False)])
def test_a_block_of_one_height(height, doubted):
    # 20 x 20 cells of 900 m²: 0.36 km²
    found = told(spoiled(dem=dem(put(slice(110, 130), slice(30, 50), height))))
    assert set(found) == ({"dem.blocks"} if doubted else set())
    if doubted:
        assert f"0.36 km² in all, at {height} m" in found["dem.blocks"].found.en


def test_a_lake_is_no_block():
    # the pool: 5000 to 5800 m east, 400 to 800 m north; its level is that of the plane
    low = dem(put(slice(133, 147), slice(166, 194), 60))
    assert "dem.blocks" not in told(spoiled(dem=low))
    without = spoiled(dem=low)
    data = {name: one for name, one in without.data.items() if name != "lake"}
    assert "dem.blocks" in told(replace(without, data=data))


@pytest.mark.parametrize(("step", "doubted"), [(5, True), (1.5, False)])
def test_a_step_between_tiles(step, doubted):
    def change(cells):
        cells[:, 100:] += step

    found = told(spoiled(dem=dem(change)))
    assert set(found) == ({"dem.seams"} if doubted else set())
    if doubted:
        assert found["dem.seams"].found.en == "1 of them, 4.8 km in all, a step of 5.0 m"


def test_terrain_in_feet():
    def change(cells):
        return cells / 0.3048

    one = told(spoiled(dem=dem(change)))["dem.feet"]
    assert one.found.en == "3.28 times the heights told at 12 places (median)"
    assert "dem.feet" not in told(spoiled(seats=columns(height_m=328.08)))  # these are in feet
    unknown = spoiled(
        dem=dem(change), seats=columns(height_m=np.nan), settlements=columns(height_m=np.nan)
    )
    assert "dem.feet" not in told(unknown)


def test_terrain_that_does_not_reach():
    one = told(spoiled(dem=dem(put(slice(0, 160), slice(0, 20), np.nan))))["dem.lacking"]
    assert one.found.en == "2.9 km² (10 %)"  # 600 m of 6000


def rough(county_dem, times):
    """The twin's terrain as hills whose heights stand so many cells apart."""
    ground = hills(3, side=512)[::times, ::times]
    ground = ndimage.zoom(ground, times, order=1, mode="nearest", grid_mode=True)
    return Raster(ground[:160, :200].astype(np.float32), county_dem.grid)


@pytest.mark.parametrize(
    ("times", "said", "doubted"),
    [(1, 30.0, False), (16, 30.0, True), (16, None, True), (16, 480.0, False)],
)
def test_heights_coarser_than_cells_are_recognised(times, said, doubted):
    county = spoiled(dem=rough(twin.county().raster("dem"), times))
    source = replace(county.sources["dem"], resolution_m=said)
    county = replace(county, sources={**county.sources, "dem": source})
    found = {one.id: one for one in soundness.findings(county, ["dem"])}
    assert ("detail" in found) == doubted
    if doubted:
        words = "says nothing" if said is None else "30 m"
        assert f"the source says: {words}" in found["detail"].found.en


def test_the_shipped_terrain_is_sound():
    county = load("jingning", only={"dem", "outline", "lake", "seats"})
    assert [one.id for one in soundness.findings(county, ["dem"])] == []
