"""What maps stand on: contours and spot heights are those of the terrain layer, within the county."""

import numpy as np
import pytest

from layers import twin
from scenarios.answers import backdrop


@pytest.fixture(scope="module")
def relief():
    county = twin.county()
    layers = {one.id: one for one in backdrop.ground(county)}
    return county, layers["contours"], layers["spot_heights"]


def test_contours_stand_a_hundred_metres_apart_within_the_county(relief):
    county, lines, _ = relief
    heights = lines.data["height_m"]
    assert set(heights % backdrop.INTERVAL_M) == {0.0}
    assert set(heights) == {200.0}  # the twin county lies between 100 and 250 m
    inside = county.vector("outline").geometry.union_all().buffer(1.0)
    assert lines.data.within(inside).all()
    assert lines.data.index.is_unique


def test_contours_lie_where_the_terrain_has_their_height(relief):
    county, lines, _ = relief
    dem = backdrop._coarse(county, backdrop.RELIEF_M)
    for height, line in zip(lines.data["height_m"], lines.data.geometry, strict=True):
        at = line.interpolate(0.5, normalized=True)
        row, column = (int(v) for v in dem.grid.index(at.x, at.y))
        around = dem.values[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3]
        assert np.nanmin(around) <= height <= np.nanmax(around)


def test_spot_heights_are_the_highest_cells_around(relief):
    county, _, spots = relief
    dem = backdrop._coarse(county, backdrop.RELIEF_M)
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    assert len(spots.data)
    for height, point in zip(spots.data["height_m"], spots.data.geometry, strict=True):
        near = np.hypot(x - point.x, y - point.y) <= backdrop.SUMMITS_M
        assert height == pytest.approx(float(np.nanmax(dem.values[near])))
