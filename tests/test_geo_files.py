import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from geo.errors import FileError, GridError, LimitError
from geo.files import (
    atomic,
    read_raster,
    read_vector,
    vector_driver,
    write_bytes,
    write_layers,
    write_raster,
    write_text,
    write_vector,
)
from geo.grid import Grid
from geo.raster import Raster

VRT = '<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
OGR_VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/x.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def raster(values, *, crs=4549, nodata=None):
    values = np.asarray(values)
    grid = Grid(values.shape, Affine(30, 0, 500_000, 0, -30, 3_100_000), CRS(crs))
    return Raster(values, grid, nodata)


def places():
    return gpd.GeoDataFrame(
        {"code": ["甲", "乙"], "people": [3, 4], "height_m": [1.5, None], "open": [True, False]},
        geometry=gpd.points_from_xy([500_000, 500_010], [3_100_000, 3_100_005]),
        crs=4549,
    )


# Atomic writing


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a[1]*.txt"  # signs that mean something to glob
    write_text(path, "旧 old\n")

    def half(stop):
        with atomic(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            temporary.with_name(temporary.name + "-journal").touch()
            raise stop

    for stop in (ValueError, KeyboardInterrupt):
        with pytest.raises(stop):
            half(stop)
    assert path.read_text(encoding="utf-8") == "旧 old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_leaves_is_hidden_and_has_another_ending(tmp_path):
    for name in ("result.json", "layers.gpkg", "dem.tif"):
        with atomic(tmp_path / name) as temporary:
            assert temporary.parent == tmp_path
            assert temporary.name.startswith(".")
            assert ".part" in temporary.name
            temporary.touch()
    script = (
        "import sys, pathlib\nfrom geo.files import write_bytes\nprint('on', flush=True)\n"
        "n = 0\nwhile True:\n    n += 1\n    write_bytes(pathlib.Path(sys.argv[1]), b'%08d' % n * 200_000)"
    )
    path = tmp_path / "deep" / "big.bin"
    for wait in (0.02, 0.05, 0.11):
        writer = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(wait)
        writer.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if path.exists():
            content = path.read_bytes()
            assert content == content[:8] * 200_000
    assert [p for p in path.parent.glob("*.bin") if p != path] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on a file's size")
def test_a_full_disk_leaves_the_old_files(tmp_path):
    write_vector(places(), tmp_path / "a.gpkg", layer="a")
    write_raster(raster(np.ones((2, 2))), tmp_path / "a.tif")
    write_text(tmp_path / "a.txt", "old")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    script = """
import resource, sys
from pathlib import Path
import geopandas as gpd, numpy as np
from affine import Affine
from pyproj import CRS
from geo import files
from geo.grid import Grid
from geo.raster import Raster
folder = Path(sys.argv[1])
noise = np.random.default_rng(0).random((500, 500))
many = gpd.GeoDataFrame({"a": noise[0]}, geometry=gpd.points_from_xy(noise[0], noise[1]), crs=4549)
big = Raster(noise, Grid((500, 500), Affine(30, 0, 0, 0, -30, 0), CRS(4549)))
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
for write in (
    lambda: files.write_vector(many, folder / "a.gpkg", layer="a"),
    lambda: files.write_raster(big, folder / "a.tif"),
    lambda: files.write_text(folder / "a.txt", "x" * 100_000),
):
    try:
        write()
    except OSError:
        print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused"] * 3, done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# GeoPackages


def test_layers_come_back_and_equal_frames_give_equal_bytes(tmp_path):
    shapes = gpd.GeoDataFrame({"id": ["p"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4549)
    empty = shapes.iloc[:0]
    frames = {"places": places(), "pool_160": shapes, "none": empty}
    for path in (tmp_path / "a.gpkg", tmp_path / "sub" / "b.gpkg"):
        write_layers(frames, path)
        os.utime(path, (0, 0))
        time.sleep(0.01)
    content = (tmp_path / "a.gpkg").read_bytes()
    assert content == (tmp_path / "sub" / "b.gpkg").read_bytes()
    # Bytes 60-63 of a GeoPackage hold its version: 10200 is 1.2.
    assert int.from_bytes(content[60:64], "big") == 10200
    back = read_vector(tmp_path / "a.gpkg", layer="places")
    assert back.crs.to_epsg() == 4549
    assert back["code"].tolist() == ["甲", "乙"]
    assert back["people"].dtype == np.int64
    assert back["open"].dtype == bool
    assert np.isnan(back["height_m"][1])
    assert back.geometry.geom_equals_exact(places().geometry, 0).all()
    assert len(read_vector(tmp_path / "a.gpkg", layer="none")) == 0
    with pytest.raises(FileError, match="places, pool_160, none") as caught:
        read_vector(tmp_path / "a.gpkg")
    assert "须指明图层：places, pool_160, none" in caught.value.said("zh")
    with pytest.raises(FileError):
        read_vector(tmp_path / "a.gpkg", layer="no_such")


def test_columns_named_like_the_driver_s_own_survive(tmp_path):
    frame = places().assign(fid=[7, 8], geom=["x", "y"])
    write_vector(frame, tmp_path / "a.gpkg", layer="a")
    back = read_vector(tmp_path / "a.gpkg")
    assert back["fid"].tolist() == [7, 8]
    assert back["geom"].tolist() == ["x", "y"]


def test_gdal_options_are_put_back(tmp_path):
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2020-01-01T00:00:00.000Z"})
    try:
        write_vector(places(), tmp_path / "a.gpkg", layer="a")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "2020-01-01T00:00:00.000Z"
        assert pyogrio.get_gdal_config_option("OGR_SQLITE_SYNCHRONOUS") is None
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_frames_that_cannot_be_stored_are_refused(tmp_path):
    twice = places().rename(columns={"people": "Code"})
    for frame in (places().set_crs(None, allow_override=True), twice):
        with pytest.raises(FileError):
            write_vector(frame, tmp_path / "a.gpkg", layer="a")
    assert list(tmp_path.iterdir()) == []


# What a file is


def test_files_are_known_by_content_not_by_name(tmp_path):
    write_vector(places(), tmp_path / "a.gpkg", layer="a")
    (tmp_path / "a.gpkg").rename(tmp_path / "named.shp")
    assert vector_driver(tmp_path / "named.shp") == "GPKG"
    places().to_crs(4326).to_file(tmp_path / "b.geojson", driver="GeoJSON")
    places().to_file(tmp_path / "c.shp", encoding="utf-8")
    assert vector_driver(tmp_path / "b.geojson") == "GeoJSON"
    assert vector_driver(tmp_path / "c.shp") == "ESRI Shapefile"
    with pytest.raises(FileError, match="found GeoJSON") as caught:
        read_vector(tmp_path / "b.geojson")
    assert "b.geojson：应为 GPKG，发现 GeoJSON" in caught.value.said("zh")
    assert len(read_vector(tmp_path / "b.geojson", drivers=("GeoJSON",))) == 2
    back = read_vector(tmp_path / "c.shp", drivers=("ESRI Shapefile",))
    assert back["code"].tolist() == ["甲", "乙"]


@pytest.mark.parametrize(
    "content",
    [
        OGR_VRT,
        VRT,
        "",
        "<html>not found</html>",
        "PK\x03\x04",
        "a,b\n1,2\n",
        '{"type": "Collection", "stac_version": "1.0.0"}',
        '{"type": "FeatureCollection", "stac_version": "1.0.0", "features": []}',
        '{"type": "FeatureCollection", "features": [',
        '{"a":' * 100_000,
        "SQLite format 3\x00",
    ],
)
def test_virtual_and_other_files_are_refused_whatever_their_name(tmp_path, content):
    for name in ("a.geojson", "a.shp", "a.gpkg", "a.csv", "a.tif"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with pytest.raises(FileError):
            read_vector(path, drivers=("GPKG", "GeoJSON", "ESRI Shapefile"))
        with pytest.raises(FileError):
            read_raster(path)


@pytest.mark.parametrize(
    "address",
    ["/vsicurl/http://127.0.0.1:9/a.tif", "http://127.0.0.1:9/a.gpkg", "/vsizip/a.zip/a.tif", "no"],
)
def test_addresses_and_missing_files_are_refused(address):
    for read in (read_vector, read_raster):
        with pytest.raises(FileError, match="no such file") as caught:
            read(Path(address))
        assert "：没有此文件" in caught.value.said("zh")


def test_a_ring_that_is_not_closed_is_named(tmp_path):
    path = tmp_path / "a.geojson"
    ring = "[[[119,28],[119.1,28],[119.1,28.1]]]"
    features = ",".join(
        f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"{kind}","coordinates":{shape}}}}}'
        for kind, shape in (("Point", "[119,28]"), ("Polygon", ring))
    )
    path.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}', encoding="utf-8")
    with pytest.raises(FileError, match="#2") as caught:
        read_vector(path, drivers=("GeoJSON",))
    assert "图形无法读取" in caught.value.said("zh")
    assert len(caught.value.problems) == 1


def test_a_table_without_shapes_is_refused(tmp_path):
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), tmp_path / "a.gpkg", driver="GPKG")
    with pytest.raises(FileError, match="no geometry"):
        read_vector(tmp_path / "a.gpkg")


# Rasters


@settings(max_examples=25)
@given(
    st.sampled_from([np.uint8, np.int16, np.int32, np.float32, np.float64]).flatmap(
        lambda kind: arrays(
            kind,
            (3, 4),
            elements={"allow_infinity": False} if kind in (np.float32, np.float64) else None,
        )
    )
)
def test_rasters_come_back_equal(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("raster") / "a.tif"
    nodata = None if np.issubdtype(values.dtype, np.floating) else 7
    write_raster(raster(values, nodata=nodata), path)
    back = read_raster(path)
    assert back.values.dtype == values.dtype
    np.testing.assert_array_equal(back.values, values)
    assert back.nodata == nodata
    assert back.grid == raster(values).grid


def test_heights_are_stored_in_decimetres_with_overviews_and_equal_bytes(tmp_path):
    values = np.random.default_rng(1).uniform(80, 1689, (700, 650)).astype(np.float32)
    values[:9, :5] = np.nan
    for name in ("a.tif", "b.tif"):
        write_raster(raster(values), tmp_path / name, scale=0.1)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as stored:
        assert stored.dtypes == ("int16",)
        assert stored.overviews(1) == [2]
        assert stored.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert stored.profile["compress"] == "deflate"
    back = read_raster(tmp_path / "a.tif")
    assert back.values.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(back.values), np.isnan(values))
    np.testing.assert_allclose(back.values, values, atol=0.0501)
    with pytest.raises(GridError, match="16 bits") as caught:
        write_raster(raster(values), tmp_path / "c.tif", scale=0.01)
    assert "超出 16 位" in caught.value.said("zh")


def test_truth_values_are_stored_as_zero_and_one(tmp_path):
    write_raster(raster([[True, False]]), tmp_path / "a.tif")
    assert read_raster(tmp_path / "a.tif").values.tolist() == [[1, 0]]


def plain(path, values, **profile):
    values = np.asarray(values)
    if values.ndim == 2:
        values = values[None]
    profile = {"crs": "EPSG:4549", "transform": Affine(30, 0, 5e5, 0, -30, 3e6), **profile}
    count, height, width = values.shape
    with rasterio.open(
        path, "w", "GTiff", width, height, count, dtype=values.dtype, **profile
    ) as out:
        out.write(values)


@pytest.mark.parametrize(
    ("values", "profile", "words"),
    [
        (np.ones((2, 3, 3)), {}, "one real band"),
        (np.ones((3, 3), np.complex64), {}, "one real band"),
        (np.ones((3, 3)), {"crs": None}, "no CRS"),
        (np.ones((3, 3)), {"transform": Affine(30, 5, 0, 5, -30, 0)}, "north-up"),
        (np.ones((3, 3)), {"transform": Affine(30, 0, 0, 0, 30, 0)}, "north-up"),
        (np.ones((3, 3)), {"transform": Affine(30, 0, 0, 0, -20, 0)}, "north-up"),
    ],
)
def test_rasters_that_are_no_plain_grid_are_refused(tmp_path, values, profile, words):
    plain(tmp_path / "a.tif", values, **profile)
    with pytest.raises(GridError, match=words):
        read_raster(tmp_path / "a.tif")


def test_a_raster_without_crs_or_place_is_refused_unless_the_crs_is_named(tmp_path):
    plain(tmp_path / "a.tif", np.ones((2, 2)), crs=None)
    assert read_raster(tmp_path / "a.tif", crs=CRS(4549)).grid.crs == CRS(4549)
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        plain(tmp_path / "b.tif", np.ones((2, 2)), transform=Affine.identity())
    with pytest.raises(GridError, match="north-up"):
        read_raster(tmp_path / "b.tif", crs=CRS(4549))


def test_no_data_becomes_nan_in_floats_and_stays_a_value_in_integers(tmp_path):
    plain(tmp_path / "f.tif", np.float32([[1, -9999]]), nodata=-9999)
    assert np.isnan(read_raster(tmp_path / "f.tif").values).tolist() == [[False, True]]
    plain(tmp_path / "i.tif", np.int16([[1, -9999]]), nodata=-9999)
    assert read_raster(tmp_path / "i.tif").valid.tolist() == [[True, False]]


def test_files_beside_a_raster_do_not_change_what_it_says(tmp_path):
    write_raster(raster(np.float32([[1, 2]])), tmp_path / "a.tif")
    (tmp_path / "a.tif.aux.xml").write_text(
        '<PAMDataset><PAMRasterBand band="1"><Scale>10</Scale></PAMRasterBand></PAMDataset>',
        encoding="utf-8",
    )
    assert read_raster(tmp_path / "a.tif").values.tolist() == [[1, 2]]


def test_a_raster_that_claims_to_be_huge_is_refused(tmp_path):
    size = {"width": 65_000, "height": 65_000, "count": 1, "dtype": "uint8"}
    where = {"crs": "EPSG:4549", "transform": Affine(30, 0, 0, 0, -30, 0)}
    kept = {"driver": "GTiff", "sparse_ok": True, "tiled": True}
    with rasterio.open(tmp_path / "a.tif", "w", **size, **where, **kept):
        pass
    with pytest.raises(LimitError, match="too many cells"):
        read_raster(tmp_path / "a.tif")


def test_a_damaged_raster_is_refused(tmp_path):
    values = np.random.default_rng(0).integers(0, 200, (300, 300), dtype=np.uint8)
    write_raster(raster(values), tmp_path / "a.tif")
    content = (tmp_path / "a.tif").read_bytes()
    write_bytes(tmp_path / "a.tif", content[: len(content) // 2])
    with pytest.raises(FileError):
        read_raster(tmp_path / "a.tif")
