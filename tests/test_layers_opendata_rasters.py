"""WorldPop, GHS-POP, WorldCover and GLO-30 from small files in their exact format."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS

from geo.crs import reproject
from geo.errors import GridError
from layers.opendata import land, population
from layers.opendata.declared import tables
from layers.opendata.recognition import file
from tests.open_rasters import ghspop, glo30, srtm3, worldcover, worldpop

CRS_M = CRS(4549)
PLACE = (119.5, 27.5, 119.6, 27.6)
"""Covered by the files, in degrees; the county lies within."""
RING = [(119.51, 27.512), (119.585, 27.51), (119.59, 27.58), (119.53, 27.59), (119.51, 27.512)]


@pytest.fixture(scope="module")
def outline():
    frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(RING)], crs=4490)
    return reproject(frame, CRS_M)


@pytest.fixture(scope="module")
def towns():
    """Two townships that leave the north of the county without one."""
    halves = [shapely.box(119.5, 27.5, 119.55, 27.57), shapely.box(119.55, 27.5, 119.6, 27.57)]
    parts = [shapely.intersection(shapely.Polygon(RING), one) for one in halves]
    return reproject(gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=parts, crs=4490), CRS_M)


def middles(transform, shape):
    rows, columns = np.indices(shape)
    return transform.c + (columns + 0.5) * transform.a, transform.f + (rows + 0.5) * transform.e


def village(rows, columns):
    """Some people everywhere, many in two villages, a gap without data."""
    people = 0.3 + 0.01 * ((rows * 7 + columns * 13) % 10)
    people[40:44, 50:53] = 20.0
    people[70:73, 90:91] = 31.0
    people[20:30, 60:70] = -99999
    return people


def test_the_people_of_worldpop_are_kept_to_one(tmp_path, outline, towns):
    path = worldpop(tmp_path, PLACE, village)
    made = population.settlements(path, outline, towns)
    # Another way: every cell's centre as a point in the county, one by one.
    with rasterio.open(path) as source:
        cells = source.read(1).astype(float)
        x, y = middles(source.transform, cells.shape)
    ring = shapely.Polygon(RING)
    inside = shapely.contains_xy(ring, x, y)
    there = inside & (cells >= 0)
    frame = made.frame
    assert frame["population"].sum() == pytest.approx(cells[there].sum(), abs=1e-6)
    assert (inside & (cells < 0)).sum() == 100
    assert "100 of them without data" in made.steps[0].en
    assert "count for nobody" in made.warnings[0].en
    # Each township holds its own: those of cells in none go to the nearest, here straight below.
    west = there & (x < 119.55)
    assert frame.loc[frame["township"] == "w", "population"].sum() == pytest.approx(
        cells[west].sum(), abs=1e-6
    )
    assert shapely.within(frame.geometry.to_numpy(), outline.geometry.iloc[0]).all()
    # The villages: 12 × 20 and 3 × 31 people, and who is close by in no square of their own.
    largest = frame["population"].nlargest(2).to_numpy()
    assert largest[0] >= 240
    assert largest[1] >= 93
    assert frame["id"].is_unique
    assert len(frame) < 100


def test_the_people_of_ghspop_are_kept_in_their_own_grid(tmp_path, outline, towns):
    corner = (11_112_220, 3_362_851)  # 119.49 E 27.61 N in Mollweide, by PROJ
    random = np.random.default_rng(5)
    values = np.where(random.random((170, 170)) < 0.3, random.random((170, 170)) * 9, -200.0)
    path = ghspop(tmp_path, corner, values)
    found = file(path, path.name)
    assert (found.kind, found.year) == ("ghspop", 2020)
    made = population.settlements(path, outline, towns)
    with rasterio.open(path) as source:
        ring = reproject(outline, CRS.from_wkt(source.crs.to_wkt())).geometry.iloc[0]
        x, y = middles(source.transform, values.shape)
    there = shapely.contains_xy(ring, x, y) & (values >= 0)
    assert made.frame["population"].sum() == pytest.approx(values[there].sum(), abs=1e-6)
    assert there.sum() > 1000


def test_a_population_raster_from_elsewhere_is_refused(tmp_path, outline, towns):
    path = worldpop(tmp_path, (110.0, 30.0, 110.1, 30.1), village)
    with pytest.raises(GridError, match="outside"):
        population.settlements(path, outline, towns)


def stripes(rows, columns):
    """Forest with 200 m wide stripes of cropland, and what no table holds."""
    classes = np.where(columns // 24 % 5 == 0, 40, 10)
    classes[(rows >= 500) & (rows < 600)] = 77
    return classes


def test_worldcover_becomes_parcels_by_the_table(tmp_path, outline, towns):
    path = worldcover(tmp_path, PLACE, stripes)
    found = file(path, path.name)
    assert (found.kind, found.year, found.layers) == ("worldcover", 2021, ("parcels",))
    made = land.cover(path, tables(), outline, towns)
    frame = made.frame
    assert set(frame["DLBM"]) == {"0301", "0103"}
    assert "77" in made.warnings[1].en
    assert frame["BSM"].is_unique
    assert frame.is_valid.all()
    assert frame.union_all().area == pytest.approx(frame.area.sum())
    # A stripe in five is cropland, 24 of 120 cells of 10 m.
    share = frame.area[frame["DLBM"] == "0103"].sum() / frame.area.sum()
    assert share == pytest.approx(0.2, abs=0.02)
    # What no table holds is 100 rows from 27.6 - 500/12000 degrees on; all else is covered.
    band = shapely.box(119.5, 27.6 - 600 / 12000, 119.6, 27.6 - 500 / 12000)
    without = shapely.Polygon(RING).difference(band).area / shapely.Polygon(RING).area
    assert frame.area.sum() == pytest.approx(outline.area.sum() * without, rel=0.02)
    by_town = frame.dissolve("township", dropna=False).area
    assert by_town[["w", "e"]].sum() == pytest.approx(
        by_town.sum() - frame.area[frame["township"].isna()].sum()
    )


def test_worldcover_of_elsewhere_is_refused(tmp_path, outline, towns):
    path = worldcover(tmp_path, (117.1, 30.1, 117.2, 30.2), stripes, corner=(117, 30))
    with pytest.raises(GridError, match="outside"):
        land.cover(path, tables(), outline, towns)


def test_terrain_is_known_by_its_name_and_place(tmp_path):
    found = file(glo30(tmp_path, PLACE, lambda rows, columns: rows + columns), "a/b.tif")
    assert (found.kind, found.layers, found.corner) == ("glo30", ("dem",), (119, 27))
    found = file(srtm3(tmp_path, lambda rows, _: rows), "c.hgt")
    assert (found.kind, found.corner) == ("srtm3", (119, 27))


@pytest.mark.parametrize(
    ("name", "change", "word"),
    [
        ("Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif", {"dtype": "int16"}, "int16"),
        ("ESA_WorldCover_10m_2021_v200_N27E117_Map.tif", {"dtype": "float32"}, "float32"),
        ("chn_ppp_2020_UNadj.tif", {"crs": "EPSG:32650"}, "EPSG:32650"),
        ("chn_ppp_2020_UNadj.tif", {"count": 2}, "2 bands"),
        ("GHS_POP_E2020_GLOBE_R2023A_54009_100_V1_0.tif", {}, "EPSG:4326"),
    ],
)
def test_what_is_only_named_so_is_not_taken(tmp_path, name, change, word):
    profile = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "float32"}
    place = {"crs": "EPSG:4326", "transform": Affine(0.1, 0, 119, 0, -0.1, 28)}
    with rasterio.open(tmp_path / name, "w", **{**profile, **place, **change}):
        pass
    found = file(tmp_path / name, name)
    assert (found.kind, found.layers) == ("unknown", ())
    assert "but it is not" in found.what.en
    assert word in found.what.en
