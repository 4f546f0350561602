"""A layer that lies off the others as a whole is named, with how far and which way."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from shapely.affinity import translate

from geo.displacement import Displacement
from geo.raster import Raster, rasterize
from layers import twin
from layers.county import load
from layers.intake.shifted import gcj02_offset
from layers.soundness.fits import LAYERS, PAIRS, SHARP, Fit, Surfaces, fits
from layers.soundness.shifts import blamed, shifted
from layers.twin.place import frame, line
from tests.spoiled_county import spoiled, told

GCJ02 = (451.0, -381.0)
"""At the shipped county, m east and north."""


def off(east, north):
    return lambda layer: layer.set_geometry(layer.translate(east, north))


def test_townships_that_lie_off_the_outline():
    one = told(spoiled(townships=off(*GCJ02)))["townships.shifted"]
    assert one.standing == "doubtful"
    assert "m south-east" in one.found.en
    assert "GCJ-02" in one.found.en
    assert "which of the two is off cannot be told" in one.found.en
    assert "--crs GCJ-02" in one.remedy.en
    assert told(spoiled(townships=off(60, -60))).get("townships.shifted") is None


def test_a_shift_undone_twice_is_told():
    one = told(spoiled(townships=off(*(-v for v in GCJ02))))["townships.shifted"]
    assert "undone twice" in one.found.en
    assert "m north-west" in one.found.en


def winding(rng, layer, count=8, step=60):
    """Lines that wind through the twin, no two alike."""
    turn = rng.normal(0, 0.2, (count, 80)).cumsum(axis=1) + rng.uniform(0, 2 * np.pi, (count, 1))
    steps = step * np.stack([np.cos(turn), np.sin(turn)], axis=-1).cumsum(axis=1)
    places = rng.uniform([1000, 1000], [5000, 3800], (count, 1, 2)) + steps
    columns = twin.county().vector(layer).reset_index().iloc[[0] * count]
    columns = columns.drop(columns="geometry").assign(id=[f"w{n}" for n in range(count)])
    return frame(columns, [line([tuple(v) for v in one]) for one in places], "id")


def by_roads(rng, roads, count=120):
    """Settlements strewn along roads."""
    lines = roads.geometry.iloc[rng.integers(0, len(roads), count)]
    points = lines.interpolate(rng.uniform(0, 1, count), normalized=True)
    ids = [f"s{n}" for n in range(count)]
    columns = {"id": ids, "township": ["001"] * count, "population": np.arange(1.0, count + 1)}
    return frame(columns, list(points), "id")


def fitted(county):
    return {(fit.layer, fit.other): fit for fit in fits(county)}


def test_settlements_that_lie_off_the_roads():
    rng = np.random.default_rng(7)  # the seed says which roads and places
    roads = winding(rng, "roads")
    places = by_roads(rng, roads)
    assert not fitted(spoiled(roads=roads, settlements=places))["settlements", "roads"].differs
    county = spoiled(roads=roads, settlements=off(*GCJ02)(places))
    fit = fitted(county)["settlements", "roads"]
    assert (fit.off.east_m, fit.off.north_m) == pytest.approx(GCJ02, abs=60)
    [one] = shifted(county, "settlements")
    assert "GCJ-02" in one.found.en


def strewn(seed):
    """How sharply places that were strewn fit the roads."""
    rng = np.random.default_rng(seed)
    roads = winding(rng, "roads")
    places = by_roads(rng, roads)
    offs = rng.uniform(-1500, 1500, (len(places), 2))
    shapes = [translate(one, *off) for one, off in zip(places.geometry, offs, strict=True)]
    county = spoiled(roads=roads, settlements=places.set_geometry(shapes, crs=places.crs))
    [how] = [how for layer, other, how in PAIRS if (layer, other) == ("settlements", "roads")]
    return how(Surfaces(county), "settlements").sharpness


def test_places_that_are_strewn_fit_nothing():
    assert max(strewn(seed) for seed in range(5)) < SHARP


@pytest.mark.prove
def test_places_that_are_strewn_fit_nothing_a_thousand_times(seeds, figures):
    told = [strewn(seed) for seed in seeds(1000)]
    figures(f"sharpest of 1,000 fits by chance: {max(told):.2f}; {SHARP} is asked")
    assert max(told) < SHARP


def carved(shapes, slope):
    """The twin's terrain as ground that rises from shapes, 100 m at their edge."""
    grid = twin.county().raster("dem").grid
    inside = rasterize(shapes, grid, all_touched=True).values == 1
    away = ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside)
    return Raster((100 + slope * np.minimum(30 * away, 900)).astype(np.float32), grid)


@pytest.mark.parametrize("layer", ["rivers", "lake"])
def test_water_that_lies_off_its_terrain(layer):
    shapes = twin.county().vector(layer)
    if layer == "rivers":  # straight ones fit all along themselves
        shapes = winding(np.random.default_rng(7), layer)
    dem = carved(shapes, 0.3)
    still = fitted(spoiled(**{"dem": dem, layer: shapes}))[layer, "dem"]
    assert still.off.length_m < 60
    county = spoiled(**{"dem": dem, layer: off(*GCJ02)(shapes)})
    fit = fitted(county)[layer, "dem"]
    assert (fit.off.east_m, fit.off.north_m) == pytest.approx(GCJ02, abs=90)
    assert len(list(shifted(county, layer))) == 1


def test_a_flat_terrain_tells_nothing():
    assert set(fitted(twin.county())) == {("townships", "outline"), ("parcels", "pilots")}


def fit(layer, other, east, north, loss=1.0):
    rest = 10 + loss * 240
    return Fit(layer, other, Displacement(east, north, 10, rest, 250, 20), 200.0)


def test_the_layer_is_blamed_that_explains_most():
    # all points lie north-west of the roads, and agree with the terrain: the roads lie south-east
    found = [
        fit("settlements", "roads", -450, 380),
        fit("seats", "roads", -440, 390),
        fit("facilities", "roads", -460, 370),
        fit("settlements", "dem", 10, 0, loss=0.0),
        fit("roads", "dem", 450, -380),
    ]
    [one] = blamed(found)
    assert (one.layer, one.east_m, one.north_m, one.alone) == ("roads", 450, -380, False)
    assert len(one.fits) == 4
    # one layer off two that agree with each other
    found = [fit("seats", "roads", 0, 0, loss=0.0), fit("settlements", "roads", 450, -380)]
    [one] = blamed(found)
    assert (one.layer, one.alone) == ("settlements", False)
    # two of their own: which of them is not known
    [one] = blamed([fit("townships", "outline", 450, -380)])
    assert (one.layer, one.alone) == ("townships", True)
    # two layers, each off by its own
    found = [
        fit("seats", "roads", 0, 0, loss=0.0),
        fit("settlements", "roads", 450, -380),
        fit("rivers", "dem", 0, -1240),
    ]
    assert [(one.layer, one.north_m) for one in blamed(found)] == [
        ("settlements", -380),
        ("rivers", -1240),
    ]


def test_what_fits_well_enough_is_no_shift():
    assert list(blamed([fit("settlements", "roads", 450, -380, loss=0.4)])) == []
    assert list(blamed([fit("settlements", "roads", 150, -80)])) == []


@pytest.fixture(scope="module")
def shipped():
    return load("jingning", only=LAYERS)


def test_the_shipped_county_fits(shipped):
    known = {(fit.layer, fit.other) for fit in fits(shipped)}
    assert {("rivers", "dem"), ("lake", "dem"), ("townships", "outline")} <= known
    assert ("settlements", "roads") in known
    assert not any(fit.differs for fit in fits(shipped))


@pytest.mark.parametrize(
    "layer", ["facilities", "settlements", "roads", "rivers", "lake", "seats", "townships"]
)
def test_a_layer_of_the_shipped_county_in_gcj02_is_named_and_no_other(shipped, layer):
    outline = shipped.vector("outline").geometry.iloc[0].centroid
    shift = gcj02_offset(outline.x, outline.y, shipped.crs)
    county = replace(shipped, data={**shipped.data, layer: off(*shift)(shipped.vector(layer))})
    found = [one for name in LAYERS for one in shifted(county, name)]
    assert [one.layer for one in found] == [layer]
    assert "GCJ-02" in found[0].found.en
    assert "m south-east" in found[0].found.en
