"""The land of the synthetic county is what its docstring sums up."""

import numpy as np
import pytest
import shapely

from layers import twin
from layers.land.survey import SLOPE_CLASSES, slope_class
from layers.twin.land import MAP


@pytest.fixture(scope="module")
def county():
    return twin.county()


@pytest.fixture(scope="module")
def land(county):
    return county.vector("parcels")


def kinds(land, letter):
    return land[[MAP[int(label[1:3])][int(label[3:])] == letter for label in land.index]]


def test_parcels_fill_the_pilots_without_overlap(county, land):
    assert len(land) == 240
    assert land.union_all().equals(county.vector("pilots").union_all())
    assert land.area.sum() == pytest.approx(14.4e6)
    townships = county.vector("townships").geometry
    assert all(townships[p.township].covers(p.geometry) for p in land.itertuples())


def test_cropland_and_its_slope_are_those_of_the_docstring(land):
    crops = land[land.DLBM.str.startswith("01")]
    assert len(crops) == 79
    assert crops.slope_deg.sum() == 68 * 4 + 18 + sum(range(16, 26)) == 495
    assert kinds(land, "S").slope_deg.tolist() == [25.0 - k for k in range(10)]
    assert kinds(land, "G").slope_deg.tolist() == [1 + 0.5 * k for k in range(10)]
    after = 495 - kinds(land, "S").slope_deg.sum() + kinds(land, "G").slope_deg.sum()
    assert after == 322.5


def test_steep_fields_stand_alone_and_gaps_have_fields_all_around(land):
    crops = land[land.DLBM.str.startswith("01")]
    tree = shapely.STRtree(crops.geometry.to_numpy())
    for letter, neighbours in (("S", 1), ("G", 8)):  # S finds itself
        for shape in kinds(land, letter).geometry:
            assert len(tree.query(shape, predicate="intersects")) == neighbours, letter


def test_what_is_protected_lies_on_whole_parcels(county, land):
    basic = county.vector("basic_farmland")
    by_town = basic.area.groupby(basic.township).sum() / 1e4
    assert by_town.to_dict() == {"003": 144, "004": 144}
    inside = land[shapely.covered_by(land.geometry.to_numpy(), basic.union_all())]
    assert inside.DLBM.str.startswith("01").all()
    assert len(inside) == 48
    assert set(kinds(land, "T").index) <= set(inside.index)
    for layer, letter in (("redline", "R"), ("source_water", "W")):
        zone = county.vector(layer).union_all()
        assert zone.equals(kinds(land, letter).union_all())


def test_slope_classes_are_closed_on_the_right(land):
    crops = land[land.GDPDJB.notna()]
    limits = np.array([0, 2, 6, 15, 25, 91])
    for slope, found in zip(crops.slope_deg, crops.GDPDJB, strict=True):
        place = SLOPE_CLASSES.index(found)
        assert limits[place] < slope <= limits[place + 1]
    assert slope_class(crops.slope_deg).equals(crops.GDPDJB)
