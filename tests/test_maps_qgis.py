"""Styles for QGIS: inside a copy of the GeoPackage, the looks of the page, nothing else changed."""

import itertools
import sqlite3
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest

from geo.files import write_layers
from geo.words import Text
from maps import style
from maps.__main__ import main
from maps.qgis import geopackage, qml
from maps.qgis.wording import JOINER
from scenarios import record
from scenarios.running import folder as folders
from tests.made_up import pages as made_up
from tests.made_up import road


@pytest.fixture(scope="session")
def run():
    return made_up.run()


@pytest.fixture(scope="session")
def plain(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "layers.gpkg"
    frames = {
        one.id: record.with_identity(one.data)
        for one in run.result.layers
        if isinstance(one.data, gpd.GeoDataFrame)
    }
    write_layers(frames, path)
    return path


def parsed(text):
    return ET.fromstring(text.removeprefix("<!DOCTYPE qgis>\n"))  # noqa: S314 - the toolkit's own words


def styles(kept, tmp_path):
    path = tmp_path / "styled.gpkg"
    path.write_bytes(kept)
    with sqlite3.connect(path) as database:
        rows = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))
    database.close()
    return rows


def test_every_layer_of_shapes_has_a_style_and_keeps_its_features(run, plain, tmp_path):
    kept = geopackage.styled(plain.read_bytes(), run)
    found = styles(kept, tmp_path)
    names = {name for name, kind in pyogrio.list_layers(plain)}
    assert set(found) == names
    assert {n for n, _ in pyogrio.list_layers(tmp_path / "styled.gpkg")} == {*names, "layer_styles"}
    for name in names:
        before, after = (gpd.read_file(p, layer=name) for p in (plain, tmp_path / "styled.gpkg"))
        layer = next(one for one in run.result.layers if one.id == name)
        undeclared = set(layer.data.columns) - {"geometry", *geopackage.fields(layer)}
        assert before.drop(columns=undeclared).equals(after)
    assert geopackage.styled(plain.read_bytes(), run) == kept


def test_roads_have_the_colours_of_the_page(run, plain, tmp_path):
    found = styles(geopackage.styled(plain.read_bytes(), run), tmp_path)
    tree = parsed(found["roads"])
    categories = {one.get("value"): one.get("symbol") for one in tree.iter("category")}
    assert set(categories) == {"expressway", "national", "county", "planned"}
    for code, symbol in categories.items():
        (drawn,) = (one for one in tree.iter("symbol") if one.get("name") == symbol)
        top = drawn.findall("layer")[-1]
        colour = next(o.get("value") for o in top.iter("Option") if o.get("name") == "line_color")
        assert colour == ",".join(map(str, (*style.rgb(style.ROADS[code]["stroke"]), 255)))
        assert len(drawn.findall("layer")) == 2  # casing and line


def test_classes_meet_and_hold_every_value(run):
    layer = next(one for one in run.result.layers if one.id == "settlements")
    tree = parsed(qml.vector_qml(layer))
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in tree.iter("range")]
    assert [upper for _, upper in ranges[:-1]] == list(layer.breaks)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ranges))
    values = layer.data["minutes"]
    assert ranges[0][0] < values.min()
    assert ranges[-1][1] > values.max()


def test_rasters_have_a_colour_each_class(run):
    layer = next(one for one in run.result.layers if one.id == "time_after")
    tree = parsed(qml.raster_qml(layer))
    items = [(one.get("value"), one.get("label")) for one in tree.iter("item")]
    assert items[0] == ("15", "≤ 15")
    assert items[-1] == ("inf", "> 90")
    assert len({one.get("color") for one in tree.iter("item")}) == 6
    grey = qml.raster_qml(run.result.layers[0])
    assert "singlebandgray" in grey


def test_every_made_up_layer_is_written_as_xml():
    for layer in road.run().result.layers:
        if isinstance(layer.data, gpd.GeoDataFrame):
            parsed(qml.vector_qml(layer))


def test_hostile_titles_stay_text(run):
    layer = next(one for one in run.result.layers if one.id == "roads")
    bad = '"/><script>alert(1)</script>&x;'
    hostile = replace(
        layer, categories=tuple(replace(c, title=Text(bad, bad)) for c in layer.categories)
    )
    tree = parsed(qml.vector_qml(hostile))
    assert {one.get("label").replace(JOINER, "") for one in tree.iter("category")} == {bad}
    assert tree.find(".//script") is None


def test_the_command_writes_styles_beside_the_page(run, tmp_path, capsys):
    top = tmp_path / "run"
    run = replace(run, result=replace(run.result, metrics=()))
    with folders.locked(top):
        folders.write(run, top)
    before = (top / "layers.gpkg").read_bytes()
    assert main([str(top)]) == 0
    assert (top / "layers.gpkg").read_bytes() == before
    first = (top / "layers_qgis.gpkg").read_bytes()
    assert (top / "rasters" / "time_after.qml").is_file()
    capsys.readouterr()
    (top / "layers_qgis.gpkg").unlink()
    assert main([str(top)]) == 0
    assert (top / "layers_qgis.gpkg").read_bytes() == first
    assert main([str(top)]) == 0
    assert "page unchanged: " in capsys.readouterr().out
    with folders.locked(top):
        folders.write(replace(run, key="0" * 64), top)
    assert not (top / "layers_qgis.gpkg").exists()
