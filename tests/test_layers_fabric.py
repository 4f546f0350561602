"""The modelled land of the pilots: a whole, plausible fabric that the survey's rules accept."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.raster import sample
from geo.terrain import gradient
from layers.county import load
from layers.folder import SHIPPED
from layers.land import classes
from layers.source import Quality

SPEC = importlib.util.spec_from_file_location(
    "repeated_land", Path(__file__).with_name("repeated_land.py")
)
repeating = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(repeating)

LAND = ("parcels", "basic_farmland", "redline", "source_water")


@pytest.fixture(scope="module")
def county():
    return load("jingning")


@pytest.fixture(scope="module")
def parcels(county):
    return county.vector("parcels")


def test_parcels_cover_the_pilots_once(county, parcels):
    pilots = county.vector("pilots")
    assert shapely.coverage_is_valid(parcels.geometry.to_numpy())
    assert parcels.geom_type.eq("Polygon").all()
    assert parcels.is_valid.all()
    assert set(parcels.township) == set(pilots.index)
    whole = shapely.coverage_union_all(parcels.geometry.to_numpy())
    off = shapely.symmetric_difference(whole, pilots.union_all()).area
    assert off < 1e-7 * pilots.area.sum()  # vertices on the border lie within a millimetre
    assert (parcels.area.groupby(parcels.township).sum() - pilots.area).abs().max() < 1


def test_parcels_are_as_many_and_as_large_as_surveys_have_them(parcels):
    assert 25_000 <= len(parcels) <= 35_000
    field = parcels[parcels.DLBM.str.startswith("01")]
    forest = parcels[parcels.DLBM.str.startswith("03")]
    assert 300 <= field.TBMJ.median() <= 2_000
    assert forest.TBMJ.median() > 5 * field.TBMJ.median()
    assert parcels.TBMJ.min() > 20


def test_areas_are_the_shapes_to_the_hundredth_and_add_up(parcels):
    cents = (parcels[["TBMJ", "KCMJ", "TBDLMJ"]] * 100).round().astype(np.int64)
    assert np.allclose(parcels[["TBMJ", "KCMJ", "TBDLMJ"]] * 100, cents, atol=1e-3)
    assert (cents.TBMJ == cents.KCMJ + cents.TBDLMJ).all()
    assert (cents.KCMJ - parcels.TBMJ * parcels.KCXS * 100).abs().max() <= 0.5 + 1e-3
    assert (parcels.area - parcels.TBMJ).abs().max() <= 0.01 + 1e-6
    total = parcels.area.groupby(parcels.township).sum() * 100
    assert (cents.TBMJ.groupby(parcels.township).sum() - total).abs().max() <= 1


def test_codes_are_the_third_surveys_and_slope_classes_stand_with_cropland(parcels):
    assert classes.classes(parcels.DLBM).notna().all()
    assert {
        "0101",
        "0103",
        "0201",
        "0202",
        "0301",
        "0302",
        "0305",
        "0404",
        "0601",
        "0702",
        "1003",
        "1006",
        "1101",
        "1104",
        "1202",
    } <= set(parcels.DLBM)
    field = parcels.DLBM.str.startswith("01")
    assert (parcels.GDPDJB.notna() == field).all()
    limits = np.array([2, 6, 15, 25])
    by_hand = (parcels.slope_deg.to_numpy()[field, None] > limits).sum(axis=1) + 1
    assert (parcels.GDPDJB[field].astype(int) == by_hand).all()
    assert set(parcels.GDPDJB[field]) == set("12345")
    assert (parcels.KCXS[~field] == 0).all()


def test_owners_are_modelled_villages_of_the_township_without_names(county, parcels):
    homes = county.vector("settlements")
    assert set(parcels.QSDWDM) <= set(homes.index)
    assert (homes.township[parcels.QSDWDM].to_numpy() == parcels.township.to_numpy()).all()
    assert not {"QSDWMC", "ZLDWMC"} & set(parcels.columns)


def test_slopes_are_the_terrains(county, parcels):
    """A dozen parcels by hand: the mean of the slope at points inside is near the given one."""
    some = parcels[parcels.area > 20_000].iloc[::400]
    dem = county.raster("dem")
    down, right = gradient(dem)
    degrees = np.degrees(np.arctan(np.hypot(down, right)))
    for shape, given in zip(some.geometry, some.slope_deg, strict=True):
        west, south, east, north = shape.bounds
        x, y = (
            one.ravel() for one in np.meshgrid(np.arange(west, east, 5), np.arange(south, north, 5))
        )
        inside = shapely.contains_xy(shape, x, y)
        row, column = dem.grid.index(x[inside], y[inside])
        assert degrees[row, column].mean() == pytest.approx(given, abs=0.5)


def test_fields_on_slopes_run_along_the_contours(county, parcels):
    field = parcels[parcels.DLBM.str.startswith("01") & (parcels.slope_deg > 6)]
    boxes = shapely.minimum_rotated_rectangle(field.geometry.to_numpy())
    corners = shapely.get_coordinates(boxes).reshape(-1, 5, 2)
    sides = np.diff(corners, axis=1)[:, :2]
    length = np.hypot(*sides.transpose(2, 0, 1))
    long = sides[np.arange(len(sides)), length.argmax(axis=1)] / length.max(axis=1)[:, None]
    dem = county.raster("dem")
    x, y = field.centroid.x.to_numpy(), field.centroid.y.to_numpy()
    east = sample(dem, x + 15, y) - sample(dem, x - 15, y)
    north = sample(dem, x, y + 15) - sample(dem, x, y - 15)
    along = np.abs(long[:, 0] * east + long[:, 1] * north) / np.hypot(east, north)
    slender = length.max(axis=1) > 2 * length.min(axis=1)
    assert slender.mean() > 0.3
    assert np.nanmedian(along[slender]) < 0.35  # sine of 20°: random directions would give 0.71


def test_uses_follow_the_ground(county, parcels):
    kind = classes.classes(parcels.DLBM)
    slope = (parcels.slope_deg * parcels.TBMJ).groupby(kind).sum() / parcels.TBMJ.groupby(
        kind
    ).sum()
    assert slope["homestead"] < slope["orchard"] < slope["forest"]
    assert slope["cropland"] < slope["orchard"]
    paddy, dry = (parcels.slope_deg[code == parcels.DLBM].mean() for code in ("0101", "0103"))
    assert paddy < dry
    homes = parcels[parcels.DLBM == "0702"].centroid
    villages = shapely.MultiPoint(list(county.vector("settlements").geometry))
    assert np.median(shapely.distance(homes.to_numpy(), villages)) < 1_200


def test_basic_farmland_is_the_better_part_of_the_fields(county, parcels):
    basic = county.vector("basic_farmland")
    field = parcels[parcels.DLBM.str.startswith("01")]
    share = basic.area.groupby(basic.township).sum() / field.area.groupby(field.township).sum()
    assert share.between(0.7, 0.8).all()
    spots = field.representative_point()
    hit = shapely.STRtree(basic.geometry.to_numpy()).query(spots.to_numpy(), predicate="within")[0]
    inside = np.isin(np.arange(len(field)), hit)
    assert field.area[inside].sum() == pytest.approx(basic.area.sum(), rel=1e-6)
    assert field.slope_deg[inside].max() <= 25
    assert field.quality[inside].mean() < field.quality[~inside].mean()


def test_redline_and_source_zones_are_drawn_within_the_county(county):
    redline, park = county.vector("redline"), county.vector("park")
    outline = county.vector("outline").union_all()
    assert park.union_all().difference(redline.union_all().buffer(1)).area < 1e5
    assert redline.union_all().difference(outline.buffer(1)).area < 1
    assert 0.25 < redline.area.sum() / outline.area < 0.45
    basic = county.vector("basic_farmland").union_all()
    assert redline.union_all().intersection(basic).area < 1
    water = county.vector("source_water")
    zones = water.dissolve("grade").geometry
    assert zones["first"].intersection(zones["second"]).area < 1
    assert zones["second"].area > 5 * zones["first"].area


def test_every_layer_of_the_land_says_that_it_is_made_up(county):
    for name in LAND:
        source = county.sources[name]
        assert source.quality is Quality.SCHEMATIC
        assert any("schematic" in note for note in source.notes)


def test_what_is_assumed_stands_in_a_table():
    facts = (Path(SHIPPED) / "jingning" / "facts" / "zones.toml").read_text(encoding="utf-8")
    for part in ("[redline]", "[source_water]", "[basic_farmland]", "[towns]"):
        assert part in facts


def test_names_of_uses_are_the_surveys(parcels):
    with (Path(classes.TABLES) / "survey.csv").open(encoding="utf-8") as stream:
        names = {row["code"]: row["title_zh"] for row in csv.DictReader(stream)}
    pairs = parcels[["DLBM", "DLMC"]].drop_duplicates()
    assert all(names[code] == name for code, name in zip(pairs.DLBM, pairs.DLMC, strict=True))


def test_the_fabric_repeats_to_any_number(parcels):

    some = parcels.iloc[:500]
    many = repeating.repeated(some, 1_700)
    assert len(many) == 1_700
    assert many.index.is_unique
    assert many.TBMJ.sum() == pytest.approx(3 * some.TBMJ.sum() + some.TBMJ[:200].sum())
    assert shapely.coverage_is_valid(many.geometry.to_numpy())
    assert many.township.nunique() == 4 * some.township.nunique()
