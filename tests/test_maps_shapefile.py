"""Shapefiles on request: read by GDAL, short names told, nothing undeclared, the same bytes."""

import csv
import io
import zipfile
from dataclasses import replace

import geopandas as gpd
import pytest

from maps.__main__ import main
from maps.handoff.shapefile import MOST_NAME, NAMES, shapefiles
from maps.qgis.wording import both
from scenarios.running import folder as folders
from tests.made_up import hostile, pages

PLANTED = "planted-7191"


def shapes(run):
    return [one for one in run.result.layers if isinstance(one.data, gpd.GeoDataFrame)]


@pytest.fixture(scope="module")
def run():
    return pages.run()


@pytest.fixture(scope="module")
def packed(run):
    return shapefiles(run)


def table(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(NAMES).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_layer_is_read_again_with_its_values(run, packed, tmp_path):
    path = tmp_path / "shapefiles.zip"
    path.write_bytes(packed)
    names = {
        (row["图层 layer"], row["原字段 column"]): row["shp 字段 field"] for row in table(packed)
    }
    for layer in shapes(run):
        read = gpd.read_file(f"zip://{path}!{layer.id}.shp")
        assert read.crs == run.crs
        assert len(read) == len(layer.data)
        assert read.geometry.area.sum() == pytest.approx(layer.data.geometry.area.sum())
        for column in layer.columns:
            short = names[layer.id, column.name]
            assert len(short) <= MOST_NAME
            values = layer.data[column.name]
            if values.dtype.kind in "if":
                assert read[short].to_numpy() == pytest.approx(values.to_numpy(), nan_ok=True)
            else:
                assert read[short].fillna("").tolist() == values.fillna("").astype(str).tolist()


def test_code_page_and_titles_are_told(run, packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for layer in shapes(run):
            assert archive.read(f"{layer.id}.cpg") == b"UTF-8"
    titles = {
        (row["图层 layer"], row["原字段 column"]): row["字段名称 title of the field"]
        for row in table(packed)
    }
    for layer in shapes(run):
        for column in layer.columns:
            assert titles[layer.id, column.name] == both(column.title)


def test_the_same_bytes_again_and_nothing_that_is_not_declared(run, packed):
    assert shapefiles(pages.run()) == packed
    layers = [
        replace(one, data=one.data.assign(owner=PLANTED)) if one in shapes(run) else one
        for one in run.result.layers
    ]
    planted = shapefiles(replace(run, result=replace(run.result, layers=tuple(layers))))
    with zipfile.ZipFile(io.BytesIO(planted)) as archive:
        assert not [n for n in archive.namelist() if PLANTED.encode() in archive.read(n)]


def test_hostile_words_and_long_texts_are_told_and_are_no_formula(run):
    words = (
        f"=7*191+{number}" if number % 2 else f"{number}{'长' * 100}" for number in range(10**6)
    )
    poisoned = replace(hostile.poisoned(run, words), crs=run.crs)
    rows = table(shapefiles(poisoned))
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
    assert sum(int(row["截断的文字数 texts cut"]) for row in rows) > 0


def test_the_command_writes_them_and_another_run_takes_them_away(run, tmp_path, capsys):
    top = tmp_path / "run"
    run = replace(run, result=replace(run.result, metrics=(), layers=tuple(shapes(run))))
    with folders.locked(top):
        folders.write(run, top)
    assert main([str(top), "--shapefile", "--lang", "en"]) == 0
    assert "shapefiles: " in capsys.readouterr().out
    assert (top / "shapefiles.zip").is_file()
    assert not (top / "index.html").exists()
    with folders.locked(top):
        folders.write(replace(run, key="0" * 64), top)
    assert not (top / "shapefiles.zip").exists()
