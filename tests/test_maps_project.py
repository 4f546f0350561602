"""Projects of QGIS: groups, order and titles of the page; words that stay words; no secrets."""

import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest

from geo.words import Text
from maps import draw
from maps.handoff import project as writer
from maps.qgis.layout import MAP_PLACE, SCALE_TEXT, round_scale
from maps.qgis.project import placed, project
from maps.qgis.wording import JOINER, both
from scenarios.result import Result
from tests.made_up import hostile, pages
from tests.made_up.handed import notes, packed, parsed, words_of

PLANTED = "planted-7191"


@pytest.fixture(scope="module")
def run():
    return pages.run()


@pytest.fixture(scope="module")
def tree(run):
    return parsed(project(run))


def test_groups_and_layers_stand_in_the_order_of_the_page(run, tree):
    groups = tree.findall("layer-tree-group/layer-tree-group")
    themes = list(dict.fromkeys(both(one.theme) for one in run.result.layers))
    assert [one.get("name") for one in groups] == themes
    told = [[node.get("name") for node in one.findall("layer-tree-layer")] for one in groups]
    assert told == [
        [both(one.title) for one in run.result.layers if both(one.theme) == theme]
        for theme in themes
    ]


def test_what_the_page_hides_is_hidden_and_themes_switch(run, tree):
    on = {
        node.get("id").rsplit("_", 1)[0]: node.get("checked") == "Qt::Checked"
        for node in tree.iter("layer-tree-layer")
        if node.get("checked")
    }
    for layer in run.result.layers:
        assert on[layer.id] == (layer.shown and layer.side in {"both", "after", "planned"})
    assert any(one.side == "before" for one in run.result.layers)
    themes = {
        one.get("name"): {layer.get("id").rsplit("_", 1)[0] for layer in one}
        for one in tree.iter("visibility-preset")
    }
    assert set(themes) == {"现状 Baseline", "情景 Scenario", "差异 Difference"}
    sides = {one.id: one.side for one in run.result.layers}
    assert {sides[name] for name in themes["现状 Baseline"]} == {"both", "before"}


def test_what_is_planned_alone_is_seen_and_is_no_part_of_the_baseline(run):
    layers = tuple(
        replace(one, side="planned") if one.id == "second" else one for one in run.result.layers
    )
    tree = parsed(project(replace(run, result=replace(run.result, layers=layers))))
    nodes = [n for n in tree.iter("layer-tree-layer") if n.get("id").startswith("second_")]
    assert {one.get("checked") for one in nodes if one.get("checked")} == {"Qt::Checked"}
    themes = {
        one.get("name")
        for one in tree.iter("visibility-preset")
        if any(layer.get("id").startswith("second_") for layer in one)
    }
    assert themes == {"情景 Scenario", "差异 Difference"}
    sheet = tree.find(".//Layout")
    assert "second_" in ET.tostring(sheet, encoding="unicode")


def test_layers_are_drawn_in_the_order_of_the_panes(run, tree):
    order = [one.text.rsplit("_", 1)[0] for one in tree.findall(".//custom-order/item")]
    assert sorted(order) == sorted(one.id for one in run.result.layers)
    heights = dict(draw.PANES)
    by_id = {one.id: one for one in run.result.layers}
    drawn = [heights[draw.pane(by_id[name])] for name in order]
    assert drawn == sorted(drawn, reverse=True)
    assert order[-1] == "hillshade"


def test_files_are_named_from_the_folder_and_crs_and_titles_are_told(run, tree):
    sources = {one.find("id").text: one.find("datasource").text for one in tree.iter("maplayer")}
    assert all(one.startswith(("./layers_qgis.gpkg|", "./rasters/")) for one in sources.values())
    codes = {one.findtext("srs/spatialrefsys/authid") for one in tree.iter("maplayer")}
    assert codes == {run.crs}
    for one in placed(run):
        columns = {column.name for column in one.layer.columns}
        (kept,) = (e for e in tree.iter("maplayer") if e.findtext("id") == one.key)
        assert columns <= {alias.get("field") for alias in kept.iter("alias")}


def test_the_sheet_has_a_round_scale_and_holds_the_focus(tree):
    (box,) = tree.findall(".//LayoutItem[@id='main']/Extent")
    west, south, east, north = (float(box.get(n)) for n in ("xmin", "ymin", "xmax", "ymax"))
    view = tree.find(".//DefaultViewExtent")
    ends = tuple(float(view.get(n)) for n in ("xmin", "ymin", "xmax", "ymax"))
    assert (east - west) * 1000 / MAP_PLACE.wide == pytest.approx(round_scale(ends))
    assert west <= ends[0]
    assert south <= ends[1]
    assert east >= ends[2]
    assert north >= ends[3]


def test_the_same_run_gives_the_same_bytes_and_none_without_layers(run):
    (first,), (second,) = (tuple(writer.files(run)) for _ in range(2))
    assert first.content == second.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        assert archive.namelist() == ["project.qgs"]
        assert archive.read("project.qgs").decode() == project(run)
    assert not tuple(writer.files(replace(run, result=Result())))


def test_hostile_words_are_neither_markup_nor_expressions_nor_links(run, tmp_path):
    bad = (
        "[% env('HOME') %]",
        "[[% 7*191 %]%]",
        "http://evil.example/[%",
        "www.evil.example a@evil.example",
        "<a href='x'>",
    )
    cases = (hostile.hostile_words(), (f"{bad[n % len(bad)]}\x07·{n}·" for n in range(10**6)))
    for words in cases:
        poisoned = replace(hostile.poisoned(run, words), key=run.key, crs=run.crs)
        text = project(poisoned)
        found = parsed(text)
        told = {word for one in found.iter() for word in words_of(one)}
        told |= set(notes(packed(poisoned, tmp_path)))
        for one in told - {SCALE_TEXT}:
            assert "[%" not in one
            assert not re.search(r"<[a-z!/?]", one, re.IGNORECASE) or one.startswith("<!DOCTYPE qg")
            assert "://" not in one.replace("http://mrcc.com/qgis.dtd", "")
        named = {
            one.get("name").replace(JOINER, "")
            for one in found.findall("layer-tree-group//layer-tree-layer")
        }
        titles = {f"{one.title.zh} {one.title.en}" for one in poisoned.result.layers}
        clean = {re.sub(r"\s", " ", one.replace("\x07", "")) for one in titles}
        assert named == clean


def test_the_geopackage_tells_titles_and_keeps_what_is_not_declared_to_itself(run, tmp_path):
    layers = tuple(
        replace(one, data=one.data.assign(owner=PLANTED))
        if isinstance(one.data, gpd.GeoDataFrame)
        else one
        for one in run.result.layers
    )
    planted = replace(run, result=replace(run.result, layers=layers))
    path = packed(planted, tmp_path)
    assert PLANTED.encode() in (tmp_path / "layers.gpkg").read_bytes()
    assert PLANTED.encode() not in path.read_bytes()
    assert PLANTED not in project(planted)
    for one in layers:
        if isinstance(one.data, gpd.GeoDataFrame):
            told = pyogrio.read_info(path, layer=one.id)
            assert told["layer_metadata"]["IDENTIFIER"] == both(one.title)
            assert {column.name for column in one.columns} <= set(told["fields"])
            read = gpd.read_file(path, layer=one.id)
            assert read.geometry.geom_equals(one.data.geometry.reset_index(drop=True)).all()
            assert "owner" not in read


def test_layers_named_alike_are_told_apart(run):
    twins = tuple(
        replace(one, title=Text("同名", "Alike")) if one.id in {"roads", "rivers"} else one
        for one in run.result.layers
    )
    named = [one.name for one in placed(replace(run, result=replace(run.result, layers=twins)))]
    assert len(set(named)) == len(named)
