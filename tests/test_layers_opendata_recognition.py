"""What files of a folder are: named for layers, companions, those nobody knows."""

import json
import zipfile

import numpy as np
import pytest
import rasterio
from affine import Affine

from layers.opendata.recognition import files
from tests.intake_files import feature, geojson, point, polygon

SQUARE = [[119.5, 27.9], [119.6, 27.9], [119.6, 28.0], [119.5, 28.0], [119.5, 27.9]]


def seen(folder):
    return {one.name: one for one in files(folder)}


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("townships.geojson", "townships"),
        ("our_townships_2024.geojson", "townships"),
        ("县乡镇界.geojson", "townships"),
        ("townships/a.geojson", "townships"),
        ("mytownshipsfile.geojson", ""),
        ("a.geojson", ""),
    ],
)
def test_a_file_is_a_layer_by_its_name_or_its_folders(tmp_path, name, layer):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    geojson(path, feature(polygon(SQUARE), code="1", name="甲"))
    found = seen(tmp_path)[name]
    assert found.layers == ((layer,) if layer else ())
    assert found.kind == ("layer" if layer else "unknown")


def test_a_layer_by_name_is_none_without_its_shapes_and_fields(tmp_path):
    geojson(tmp_path / "townships.geojson", feature(point(119.5, 27.9), name="甲"))
    found = seen(tmp_path)["townships.geojson"]
    assert found.kind == "unknown"
    assert "shapes should be MultiPolygon | Polygon" in found.what.en
    assert "it lacks code" in found.what.en


def test_rows_of_the_survey_are_known_by_their_codes_and_numbered_where_they_bear_no_id(tmp_path):
    geojson(tmp_path / "a.geojson", feature(polygon(SQUARE), DLBM="0103"))
    geojson(tmp_path / "b.geojson", feature(polygon(SQUARE), DLBM="0103", BSM="7"))
    found = seen(tmp_path)
    assert [one.layers for one in found.values()] == [("parcels",), ("parcels",)]
    assert found["a.geojson"].fields == {"BSM": "#"}
    assert found["b.geojson"].fields == {}


def test_companions_hidden_files_and_folders_are_no_files_of_their_own(tmp_path):
    profile = {"driver": "GTiff", "width": 3, "height": 3, "count": 1, "dtype": "uint8"}
    place = Affine(1, 0, 0, 0, -1, 3)
    with rasterio.open(tmp_path / "plain.tif", "w", transform=place, **profile):
        pass
    for name in ("plain.tfw", "plain.tif.aux.xml", "plain.tif.ovr", "a.gpkg-wal", ".hidden"):
        (tmp_path / name).write_text("1", encoding="utf-8")
    (tmp_path / "lonely.prj").write_text("x", encoding="utf-8")
    found = seen(tmp_path)
    assert set(found) == {"plain.tif", "lonely.prj"}
    assert "no CRS" in found["plain.tif"].what.en


def test_a_raster_in_a_zip_is_to_be_unpacked(tmp_path):
    heights = np.full((1201, 1201), 300, dtype=">i2").tobytes()
    with zipfile.ZipFile(tmp_path / "N27E119.hgt.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N27E119.hgt", heights)
    found = seen(tmp_path)["N27E119.hgt.zip"]
    assert found.kind == "unknown"
    assert "unpack it first" in found.what.en


def test_no_path_of_the_machine_stands_in_what_a_file_is(tmp_path):
    (tmp_path / "list.json").write_text(json.dumps([1]), encoding="utf-8")
    (tmp_path / "page.html").write_text("<html></html>", encoding="utf-8")
    for one in seen(tmp_path).values():
        assert str(tmp_path) not in one.what.en
        assert str(tmp_path) not in one.what.zh
        assert one.what.en.startswith(one.name)


def test_a_dangling_link_is_no_file(tmp_path):
    (tmp_path / "gone.osm").symlink_to(tmp_path / "nowhere.osm")
    assert seen(tmp_path) == {}
