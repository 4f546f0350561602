"""Results as values and as files: what is kept, what is refused, what comes back."""

import json
import math
from dataclasses import replace
from io import StringIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from geopandas.testing import assert_geodataframe_equal
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from pyproj import CRS

from geo.errors import FileError, SchemaError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers.rulebook import Rule
from layers.source import Quality, Source
from scenarios import record
from scenarios.result import (
    Category,
    Check,
    Column,
    Layer,
    Metric,
    Proof,
    Result,
    Run,
    Table,
    load,
)
from scenarios.running import runs

EPSG = CRS(4549)
T = Text("题", "title")
SOURCE = Source("dem", T, "p", "CC0-1.0", "2020-01-01", "EPSG:4549", "0" * 64, 1, Quality.OPEN)
RULE = Rule("r.1", "文件", "第一条", "verified", "2020-01-01", "", {"limit": {"value": 1.5}})


def run(*layers, tables=(), metrics=(), checks=(), **more):
    result = Result(tuple(layers), tuple(tables), tuple(metrics), tuple(checks), **more)
    return Run(
        "k" * 64,
        "made_up",
        T,
        T,
        (4, 8),
        {"a": [1, 2.5, None, "x"]},
        {"a": [1]},
        "tiny",
        T,
        "EPSG:4549",
        "2020-01-01",
        Quality.OPEN,
        (SOURCE,),
        (RULE,),
        result,
        T,
    )


def vector(frame, *names, **said):
    kept = record.shapes_kept(frame, names, what="v")
    return Layer("v", T, T, "place", kept, columns=tuple(Column(n, T) for n in names), **said)


def back(saved, folder):
    runs.save(saved, folder)
    return load(folder)


def frame(index=None, **columns):
    count = len(next(iter(columns.values())))
    points = [shapely.Point(500_000 + 10 * n, 3e6 + 0.1 * n) for n in range(count)]
    return gpd.GeoDataFrame(columns, geometry=points, crs=EPSG, index=index)


def test_everything_a_result_says_comes_back(tmp_path):
    said = {
        "value": "kind",
        "unit": "m",
        "label": "kind",
        "categories": (Category("a", T), Category("b", Text("乙", "b"))),
        "breaks": (1.0, 2.5),
        "side": "after",
        "better": "lower",
        "shown": False,
        "sources": ("dem",),
        "rules": ("r.1",),
        "binding": "bound_by",
    }
    layer = vector(frame(kind=["a", "b"], bound_by=["r.1;r.2", ""]), "kind", "bound_by", **said)
    metric = Metric(
        "m", T, 0.1 + 0.2, "km²", 1e-300, 1e22, "higher", 3, Text("注", "note"), "v", ("0", "1")
    )
    check = Check(
        "c",
        T,
        "unknown",
        Text("发现", "found"),
        Text("允许", ""),
        "r.1",
        "v",
        ("0",),
        Text("处理", "do"),
    )
    saved = run(layer, metrics=[metric, Metric("n", T, 5, "m")], checks=[check])
    read = back(saved, tmp_path)
    assert replace(read, result=saved.result) == saved
    assert read.result.metrics == saved.result.metrics
    assert read.result.checks == saved.result.checks
    assert read.quality is Quality.OPEN
    (found,) = read.result.layers
    assert replace(found, data=None).__dict__ == replace(layer, data=None).__dict__
    assert_geodataframe_equal(found.data, layer.data)


@pytest.mark.parametrize("chart", ["profile", "front"])
def test_charts_of_roads_and_of_plans_come_back(chart, tmp_path):
    cells = pd.DataFrame({"a": [0.5, 1.5], "b": [2.0, math.nan], "chosen": [True, False]})
    kept = record.columns_kept(cells, list(cells), what="t")
    table = Table("t", T, kept, tuple(Column(n, T) for n in cells), chart)
    (found,) = back(run(tables=[table]), tmp_path).result.tables
    assert found.chart == chart
    assert_frame_equal(found.frame, kept)


def test_proofs_come_back_byte_by_byte_and_what_is_not_reproducible_says_so(tmp_path):
    proofs = (
        Proof("exchange", T, Text("距离", "gap"), Text("年度", "years"), b"PK\r\n\0", "v", "gap"),
        Proof("sites", T, T, T, bytes(range(256))),
    )
    saved = run(proofs=proofs, reproducible=False)
    read = back(saved, tmp_path)
    assert read.result.proofs == proofs
    assert not read.result.reproducible
    assert (tmp_path / "proofs" / "exchange.zip").read_bytes() == b"PK\r\n\0"
    named = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert {"proofs/exchange.zip", "proofs/sites.zip"} <= set(named)
    (tmp_path / "proofs" / "sites.zip").write_bytes(b"spoiled")
    with pytest.raises(FileError, match=r"sites\.zip"):
        load(tmp_path)


def test_rules_that_bind_single_features_are_named():
    layer = vector(frame(bound_by=["r.1;r.2", None, "", "r.2"]), "bound_by", binding="bound_by")
    assert runs.binding(layer) == {"r.1", "r.2"}
    assert runs.binding(replace(layer, binding="")) == set()


@pytest.mark.parametrize(
    "index",
    [
        None,
        pd.Index(["b", "a", "乙"], name="code"),
        pd.Index(["x", "y", "z"]),
        pd.Index([7, 3, 5], name="id"),
        pd.Index([7, 3, 5], dtype=np.int32, name="flag"),
        pd.RangeIndex(0, 3, name="n"),
        pd.Index([0.5, 1.5, 2.5]),
        pd.Index(["1", "2", "3"], dtype=object, name="fid"),
    ],
)
def test_labels_and_dtypes_come_back(index, tmp_path):
    original = frame(
        index,
        id=["7", None, "007"],
        flag=[True, False, True],
        small=np.array([1, -2, 3], dtype=np.int16),
        byte=np.array([1, 2, 255], dtype=np.uint8),
        whole=np.array([2**53 + 1, 0, -1]),
        half=np.array([0.1, np.nan, -1e-30], dtype=np.float32),
        real=[0.1 + 0.2, math.nan, -0.0],
        mixed=pd.Series(["", "乙", None], dtype=object).to_numpy(),
    )
    names = [name for name in original.columns if name != "geometry"]
    layer = vector(original, *names)
    table = Table(
        "t",
        T,
        record.columns_kept(
            pd.DataFrame(original.drop(columns="geometry").replace({"mixed": {"": "-"}})),
            names,
            what="t",
        ),
        tuple(Column(n, T) for n in names),
    )
    read = back(run(layer, tables=[table]), tmp_path).result
    assert_geodataframe_equal(read.layers[0].data, layer.data)
    assert_frame_equal(read.tables[0].frame, table.frame, check_exact=True)
    assert layer.data["mixed"].tolist()[:2] == ["", "乙"]
    assert list(read.layers[0].data.index) == list(original.index)


@pytest.mark.parametrize("index", [pd.Index([], dtype="str", name="id"), pd.RangeIndex(0)])
def test_empty_frames_come_back(index, tmp_path):
    empty = gpd.GeoDataFrame({"n": np.zeros(0), "t": []}, geometry=[], crs=EPSG, index=index)
    empty["t"] = empty["t"].astype("str")
    layer = vector(empty, "n", "t")
    table = Table("t", T, pd.DataFrame(layer.data)[["n", "t"]], (Column("n", T), Column("t", T)))
    read = back(run(layer, tables=[table]), tmp_path).result
    assert_geodataframe_equal(read.layers[0].data, layer.data)
    assert_frame_equal(read.tables[0].frame, table.frame)
    assert_geodataframe_equal(back(run(layer), tmp_path).result.layers[0].data, layer.data)


SQUARE = shapely.box(500_000, 3e6, 500_010, 3_000_010)
HOLE = SQUARE.difference(SQUARE.buffer(-2, join_style="mitre"))


@pytest.mark.parametrize(
    "shapes",
    [
        [shapely.Point(500_000.123456789, 3e6, 12.5)],
        [SQUARE, HOLE],
        [SQUARE, shapely.MultiPolygon([SQUARE])],
        [shapely.LineString([(5e5, 3e6, 1), (5e5 + 9, 3e6, 2)])],
        [
            shapely.LineString([(5e5, 3e6), (5e5 + 9, 3e6)]),
            shapely.MultiLineString([[(5e5, 3e6), (5e5, 3e6 + 7)]]),
        ],
    ],
)
def test_shapes_come_back(shapes, tmp_path):
    original = gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=EPSG)
    layer = vector(original.rename_geometry("shape"), "n")
    (read,) = back(run(layer), tmp_path).result.layers
    assert_array_equal(shapely.to_wkb(read.data.geometry), shapely.to_wkb(layer.data.geometry))
    assert shapely.equals(original.geometry.to_numpy(), read.data.geometry.to_numpy()).all()
    assert len(set(read.data.geometry.geom_type)) == 1


@pytest.mark.parametrize(
    ("values", "nodata"),
    [
        (np.array([[1, 2], [3, 255]], dtype=np.uint8), 255),
        (np.array([[True, False], [True, True]]), None),
        (np.array([[-1, 2], [3, -32768]], dtype=np.int16), -32768),
        (np.array([[1, 2], [3, 4]], dtype=np.int32), None),
        (np.array([[0.1, np.nan], [1 / 3, -0.0]]), None),
        (np.array([[0.1, np.nan], [1 / 3, 2]], dtype=np.float32), None),
    ],
)
def test_rasters_come_back(values, nodata, tmp_path):
    grid = Grid((2, 2), Affine(30, 0, 500_000, 0, -30, 3e6), EPSG)
    layer = Layer("r", T, T, "amount", Raster(values, grid, nodata), unit="m")
    (read,) = back(run(layer), tmp_path).result.layers
    assert_array_equal(read.data.values, values)
    assert (read.data.values.dtype, read.data.nodata) == (values.dtype, nodata)
    assert read.data.grid == grid


cells = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    st.sampled_from(
        ["=1+1", "'=1", "''@x", "-", "+8", "'", "NaN", "None", "true", " x ", "1e5", "＝1", "\t=1"]
    ),
)


@given(
    st.lists(st.tuples(cells, st.floats(allow_infinity=False), st.integers(-(2**63), 2**63 - 1)))
)
@settings(max_examples=150)
def test_every_table_comes_back_from_csv(rows):
    table = pd.DataFrame(rows, columns=["text", "real", "whole"])
    table = table.astype({"text": object, "real": float, "whole": "int64"})
    kept = record.columns_kept(table, ["text", "real", "whole"], what="t")
    read = pd.read_csv(
        StringIO(record.csv(kept), newline=""), dtype=str, keep_default_na=False, na_values=[""]
    )
    assert_frame_equal(record.from_csv(read, record.kinds(kept)), kept, check_exact=True)


@given(st.text(min_size=1, max_size=8))
@example("=1+1")
@example("＠1")
@example("\t=1")
@settings(max_examples=100)
def test_no_cell_begins_as_a_formula(text):
    kept = pd.DataFrame({"t": pd.Series([text], dtype="str"), "n": [1]})
    cell = record.csv(kept).split("\r\n", 1)[1].lstrip('"')
    assert not cell.startswith(tuple("=+-@＝＋－＠\t"))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"index": pd.Index(["a", "a"])}, "unique"),
        ({"index": pd.MultiIndex.from_tuples([(1, 2), (1, 3)])}, "one level"),
        ({"n": [1.0, math.inf]}, "infinite"),
        ({"n": [object(), object()]}, "numbers, truth or text"),
        ({"n": ["a", "b\0c"]}, "numbers, truth or text"),
        ({"n": [1, "a"]}, "numbers, truth or text"),
        ({"n": [1j, 2j]}, "numbers, truth or text"),
        ({"m": [1, 2]}, "no such columns"),
    ],
)
def test_frames_that_files_cannot_keep_are_refused(change, error):
    index = change.pop("index", None)
    with pytest.raises(SchemaError, match=error):
        vector(frame(index, **(change or {"n": [1, 2]})), "n")


def test_a_column_geopackages_keep_for_themselves_is_refused():
    with pytest.raises(ValueError, match="FID"):
        vector(frame(FID=[1, 2]), "FID")


def test_figures_that_are_none_are_refused_by_their_path(tmp_path):
    metrics = [Metric("a", T, 1.0, "m"), Metric("b", T, math.nan, "m")]
    with pytest.raises(ValueError, match=r"result\.metrics\.1\.value"):
        runs.save(run(metrics=metrics), tmp_path)
    assert not (tmp_path / "manifest.json").exists()
    with pytest.raises(SchemaError, match=r"^a\.0: does not fit into JSON: object$") as caught:
        record.tree({"a": [object()]})
    assert caught.value.said("zh") == "a.0：无法写入 JSON：object"


@pytest.mark.parametrize("ids", [("a", "A"), ("a", "a"), ("../a",), ("a b",), ("",)])
def test_ids_must_name_files_on_any_system(ids):
    from scenarios.running.folder import require_ids

    tables = tuple(Table(one, T, pd.DataFrame(), ()) for one in ids)
    proofs = tuple(Proof(one, T, T, T, b"") for one in ids)
    for result in (Result(tables=tables), Result(proofs=proofs)):
        with pytest.raises(ValueError, match="unique"):
            require_ids(result)


def test_a_folder_without_a_run_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(FileError, match="no whole run") as caught:
            load(folder)
        assert "没有完整的情景运行结果" in caught.value.said("zh")
