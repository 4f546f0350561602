"""Runs compared: with themselves, mirrored, closing in area, agreement counted by hand."""

import json
import re
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.errors import GeometryError, UsageError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from jingning import main
from layers import county as counties
from layers import twin
from scenarios.access import Access
from scenarios.consolidation import SCENARIO as CONSOLIDATION
from scenarios.result import Claim, Column, Layer, Metric, Result, load
from scenarios.running.runs import Order, fulfil, perform
from scenarios.several.compare import comparing
from scenarios.several.compare.command import obey
from scenarios.several.compare.comparing import compared
from scenarios.several.compare.consensus import consensus
from scenarios.several.compare.figures import dominated
from scenarios.several.compare.shapes import difference
from scenarios.several.compare.staleness import Since, since
from tests.made_up import pages

OPEN = {"cell_m": 120, "open_roads": ("second_passage",)}


def asked(**params):
    return perform(Order("access", twin.county(), Access(**params)))


@pytest.fixture(scope="module")
def today():
    return asked(cell_m=120)


@pytest.fixture(scope="module")
def opened():
    return asked(**OPEN)


def layer(shapes, values=None, *, name="land", index=None):
    rows = {} if values is None else {"use": values}
    frame = gpd.GeoDataFrame(rows, geometry=list(shapes), index=index, crs=4549)
    frame.index.name = "id"
    columns = (Column("use", Text("用途", "Use")),) if values is not None else ()
    value = "use" if values is not None else ""
    return Layer(
        name,
        Text("地", "land"),
        Text("地", "land"),
        "category",
        frame,
        value=value,
        columns=columns,
    )


def table(run, name):
    return next(one.frame for one in run.result.tables if one.id == name)


def verdicts(run):
    return {check.id: check.verdict for check in run.result.checks}


def test_a_run_against_itself_differs_nowhere(opened):
    found = compared([opened, opened], aged={})
    assert [metric.value for metric in found.result.metrics if metric.id == "differing"] == [0]
    assert not [
        one
        for one in found.result.layers
        if one.theme.en == "Difference" and one.meaning != "change"
    ]
    for one in found.result.layers:
        if one.meaning == "change":
            assert not np.nan_to_num(one.data.values).any()
    assert (table(found, "layers")[["changed", "added", "gone"]] == 0).all(axis=None)
    assert table(found, "asked").empty
    assert not (table(found, "losers")["than"] == "A").any()
    assert set(verdicts(found).values()) == {"pass"}


def test_figures_are_those_of_the_runs_and_the_mirror_turns_every_difference(today, opened):
    found, mirror = compared([today, opened], aged={}), compared([opened, today], aged={})
    figures, turned = (table(one, "figures").set_index("run") for one in (found, mirror))
    for metric in opened.result.metrics:
        assert figures.loc["B", metric.id] == metric.value == turned.loc["A", metric.id]
    assert np.array_equal(figures.loc["B − A"], -turned.loc["B − A"])
    one, other = table(found, "layers"), table(mirror, "layers")
    assert (
        one[["added", "gone"]].to_numpy().tolist() == other[["gone", "added"]].to_numpy().tolist()
    )
    assert one["same"].tolist() == other["same"].tolist()
    changes = {one.id: one.data for one in found.result.layers if one.meaning == "change"}
    for one in mirror.result.layers:
        if one.meaning == "change":
            assert np.array_equal(changes[one.id].values, -one.data.values, equal_nan=True)


def test_the_second_passage_takes_nobody_further_and_s22_is_worse_off_without_it(today, opened):
    """Seat 002 to the county seat: 7.2 min, 3.9 min with the passage."""
    found = compared([opened, today], aged={})
    worse = table(found, "losers").query("than == 'A'")
    assert set(worse["run"]) == {"B"}
    assert (
        not table(compared([today, opened], aged={}), "losers").query("than == 'A'")["place"].size
    )
    assert dominated({"A": opened, "B": today}) == {"A": [], "B": ["A"]}


def test_parameters_that_differ_are_named(today, opened):
    rows = table(compared([today, opened], aged={}), "asked").set_index("parameter")
    assert rows.index.tolist() == ["open_roads"]
    assert json.loads(rows.loc["open_roads", "value_B"]) == ["second_passage"]


def test_what_is_unlike_is_said_and_not_held_together(today, opened):
    other = replace(opened, county="elsewhere", code="1")
    found = compared([today, other], aged={"B": Since(Text("程序", "the code"))})
    assert verdicts(found) == {
        "stale_b": "unknown",
        "same_county": "unknown",
        "same_layer_versions": "pass",
        "same_rule_date": "pass",
        "same_code_version": "unknown",
    }
    assert not found.result.layers
    coarse = asked(cell_m=150)
    told = verdicts(compared([today, coarse], aged={}))
    assert told["layer_time_hospital_after_b"] == told["layer_time_school_after_b"] == "unknown"


def test_a_layer_of_a_county_in_a_folder_that_has_changed_since_is_told(tmp_path, capsys):
    """Both runs are of before the terrain was lifted by a metre."""
    folder, county, place = tmp_path / "county", twin.county(), tmp_path / "one"
    counties.save(county, folder)
    run, _ = fulfil(Order("access", counties.load(folder), Access(cell_m=120)), place)
    assert since([run], str(folder)) == {}
    dem = county.raster("dem")
    lifted = Raster(dem.values + np.float32(1), dem.grid)
    counties.write_layer(folder, "dem", lifted, county.sources["dem"])
    words = ["compare", str(place), str(place), "-o", str(tmp_path / "all")]
    assert main([*words, "--county", str(folder), "--lang", "en"]) == 0
    assert "! B: changed since the run: dem\n" in capsys.readouterr().out
    told = {one.id: one for one in load(tmp_path / "all").result.checks}
    assert told["stale_b"].found.en == "changed since: dem"
    assert "since_a" not in told
    page = (tmp_path / "all" / "index.html").read_text("utf-8")
    assert re.search(r'"stale":\[\{"code":"A".{1,400}changed since: dem', page)
    asked = Namespace(folders=[place, place], output=tmp_path / "all", county="")
    obey(asked)
    assert "? A" in capsys.readouterr().out
    assert verdicts(load(tmp_path / "all"))["since_a"] == "unknown"
    asked.county = "jingning"
    with pytest.raises(UsageError):
        obey(asked)


def test_what_of_a_run_may_have_changed(today):
    other = replace(today, code="1")
    assert since([replace(today, county="nowhere"), other])["B"].changed.en == "the code"
    apart = since([replace(other, scenario="mine", county="jingning")])["A"]
    assert apart.unknown.en == "the question's own file"
    left = [replace(one, steps=(f"park {'0' * 64}",)) for one in today.sources]
    told = since([replace(today, county="jingning", sources=tuple(left[:1]))])["A"]
    assert told == Since(unknown=told.unknown)
    assert told.unknown.en.endswith("(left by an earlier run)")


def test_two_are_the_least(today):
    with pytest.raises(ValueError, match="two"):
        compared([today], aged={})


def test_fields_cut_by_each_other():
    """A: one field of 4 ha. B: its east half under another id and use, and 1 ha beside it."""
    one = layer([shapely.box(0, 0, 400, 100)], ["0101"], index=["f"])
    other = layer(
        [shapely.box(200, 0, 400, 100), shapely.box(400, 0, 500, 100)],
        ["0201", "0101"],
        index=["g", "h"],
    )
    found = difference(one, other)
    assert found.amounts() == {"same": 0, "changed": 2, "added": 1, "gone": 2}
    cells = found.shapes.set_index("state")[["feature", "other", "before", "after"]]
    assert cells.loc["changed"].tolist() == ["f", "g", "0101", "0201"]
    assert cells.loc["gone"].fillna("").tolist() == ["f", "", "0101", ""]
    assert cells.loc["added"].fillna("").tolist() == ["", "h", "", "0101"]


def test_polygons_that_touch_share_no_land_and_parts_are_cut_apart():
    """B has the left part of A's field; beside the right part, touching it, lies another of B."""
    left, right = shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)
    one = layer([shapely.union(left, right)], ["0101"], index=["f"])
    other = layer([left, shapely.box(300 + 1e-7, 0, 400, 100)], ["0101", "0101"], index=["g", "h"])
    found = difference(one, other)
    assert {name: round(ha, 6) for name, ha in found.amounts().items()} == {
        "same": 1,
        "changed": 0,
        "added": 1,
        "gone": 1,
    }
    assert found.partnerless()["feature"].tolist() == ["h"]
    assert found.differing()["state"].tolist() == ["gone", "added"]


def test_pieces_below_rounding_join_no_features():
    """A and B overlap by 1 µm over 10 m, 1e-5 m²."""
    one = layer([shapely.box(0, 0, 10, 10)], index=["f"])
    other = layer([shapely.box(10 - 1e-6, 0, 20, 10)], index=["g"])
    found = difference(one, other)
    assert found.amounts()["same"] * 1e4 == pytest.approx(1e-5, rel=0.01)
    assert found.partnerless()["feature"].tolist() == ["f", "g"]


def test_coverages_that_nearly_touch_are_cut_whole():
    """Fields dissolved, drawn out and in again by 5 cm: their outlines nearly meet, as dissolved
    land of surveys does. Cut in floating numbers one of this seed, 86 m² large, stays open.
    """
    dice = np.random.default_rng(28)
    points = shapely.MultiPoint(np.array([500_000, 3_090_000]) + dice.uniform(0, 60, (12, 2)))
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(points)))
    cells = shapely.intersection(cells, shapely.box(500_000, 3_090_000, 500_060, 3_090_060))
    sides = [shapely.union_all(cells[dice.random(len(cells)) < 0.6]) for _ in range(2)]
    sides = [
        one.buffer(0.05, join_style="mitre").buffer(-0.05, join_style="mitre") for one in sides
    ]
    found = difference(*(layer([one]) for one in sides)).amounts()
    both = found["same"] + found["changed"]
    assert both + found["gone"] == pytest.approx(sides[0].area / 1e4, rel=1e-8)
    assert both + found["added"] == pytest.approx(sides[1].area / 1e4, rel=1e-8)


def test_lines_and_points_go_by_their_label():
    road, moved = shapely.LineString([(0, 0), (1000, 0)]), shapely.LineString([(0, 0), (0, 2000)])
    found = difference(
        layer([road, road, road], ["a", "a", "a"], index=["same", "value", "gone"]),
        layer(
            [road, road, moved, moved], ["a", "b", "a", "a"], index=["same", "value", "added", "x"]
        ),
    )
    assert found.amounts() == {"same": 1, "changed": 1, "added": 4, "gone": 1}
    found = difference(layer([road], index=["a"]), layer([moved], index=["a"]))
    assert found.amounts() == {"same": 0, "changed": 2, "added": 0, "gone": 0}
    assert difference(layer([road]), layer([shapely.box(0, 0, 1, 1)])) is None


def test_what_has_no_partner_is_listed():
    """Of A's fields f lies under g of B, i under none; h of B lies under none of A."""
    one = layer([shapely.box(0, 0, 400, 100), shapely.box(0, 900, 100, 1000)], index=["f", "i"])
    other = layer([shapely.box(200, 0, 400, 100), shapely.box(400, 0, 600, 100)], index=["g", "h"])
    rows = difference(one, other).partnerless()
    assert rows[["feature", "new", "amount", "unit"]].to_numpy().tolist() == [
        ["i", False, 1.0, "ha"],
        ["h", True, 2.0, "ha"],
    ]
    runs = [pages.run(crs="EPSG:4549", rules=(), result=Result((side,))) for side in (one, other)]
    alone = table(compared(runs, aged={}), "partnerless")
    assert alone[["feature", "owner", "amount"]].to_numpy().tolist() == [
        ["i", "A", 1.0],
        ["h", "B", 2.0],
    ]


def test_layers_that_find_no_partner_are_named():
    """One of points in A and areas in B; one raster in B alone."""
    field, place = [shapely.box(0, 0, 1, 1)], [shapely.Point(0, 0)]
    cells = Raster(np.ones((2, 2)), Grid((2, 2), Affine(30, 0, 0, 0, -30, 60), CRS(4549)))
    heat = Layer("heat", Text("热", "heat"), Text("热", "heat"), "amount", cells)
    runs = [
        pages.run(crs="EPSG:4549", rules=(), result=Result(layers))
        for layers in ((layer(place),), (layer(field), heat))
    ]
    told = verdicts(compared(runs, aged={}))
    assert told["layer_land_b"] == told["layer_heat_b"] == "unknown"


def test_a_layer_whose_areas_do_not_close_is_named_and_the_others_are_compared(monkeypatch):
    def refusing(one, other):
        if one.id == "land":
            raise GeometryError(Text("面积不守恒", "areas are not conserved"))
        return difference(one, other)

    monkeypatch.setattr(comparing, "difference", refusing)
    field = [shapely.box(0, 0, 100, 100)]
    both = Result((layer(field), layer(field, name="fields")))
    found = compared([pages.run(crs="EPSG:4549", rules=(), result=both)] * 2, aged={})
    assert verdicts(found)["layer_land_b"] == "unknown"
    assert table(found, "layers")["same"].tolist() == [1.0]


boxes = st.tuples(*(st.integers(0, 8) for _ in range(2)), *(st.integers(1, 5) for _ in range(2)))
fields = st.lists(st.tuples(boxes, st.sampled_from(["0101", "0201"])), min_size=1, max_size=5)


def drawn(rows, names):
    shapes = [shapely.box(x, y, x + w, y + h) for (x, y, w, h), _ in rows]
    return layer(shapes, [use for _, use in rows], index=names[: len(rows)])


@settings(max_examples=25)
@given(fields, fields)
def test_areas_close_and_mirror(one, other):
    first, second = drawn(one, list("abcde")), drawn(other, list("abcde"))
    there, back = difference(first, second).amounts(), difference(second, first).amounts()
    area = [shapely.union_all(np.array(side.data.geometry)).area / 1e4 for side in (first, second)]
    # Shapes alike in both runs may lie over others of their own run: then only the sides compare.
    if len(difference(first, second).shapes.query("feature == other")) == 0:
        assert there["same"] + there["changed"] + there["gone"] == pytest.approx(area[0])
        assert there["same"] + there["changed"] + there["added"] == pytest.approx(area[1])
    assert there["gone"] == pytest.approx(back["added"], abs=1e-9)


@given(st.lists(st.lists(boxes, min_size=1, max_size=4), min_size=2, max_size=4))
def test_agreement_equals_counting_squares(runs):
    land = {
        name: np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in rows], dtype=object)
        for name, rows in zip("ABCD", runs, strict=False)
    }
    squares = {}
    for x in range(14):
        for y in range(14):
            who = "、".join(
                name
                for name, rows in zip("ABCD", runs, strict=False)
                if any(a <= x < a + w and b <= y < b + h for a, b, w, h in rows)
            )
            squares[who] = squares.get(who, 0) + 1
    squares.pop("", None)
    found = consensus(land, crs=4549)
    assert {row.takers: round(row.area_ha * 1e4, 6) for row in found.itertuples()} == squares
    assert found["runs"].is_monotonic_decreasing


def measured(**values):
    return tuple(
        Metric(name, Text(name, name), value, "ha", better="lower")
        for name, value in values.items()
    )


def claiming(shapes, **values):
    claim = Claim("land", 1.0, 1.0, 1.0, layer="taken")
    found = Result(
        layers=(layer(shapes, name="taken"),), metrics=measured(**values), claims=(claim,)
    )
    return pages.run(crs="EPSG:4549", rules=(), result=found)


def test_land_that_all_take():
    runs = [
        claiming([shapely.box(0, 0, 100, 100)], a=1),
        claiming([shapely.box(50, 0, 150, 100)], a=2),
    ]
    found = compared(runs, aged={})
    assert {m.id: m.value for m in found.result.metrics} == {"differing": 1, "agreed": 0.5}
    assert table(found, "consensus")["takers"].tolist() == ["A、B", "A", "B"]


def test_agreement_of_exchanges_on_the_twin():
    """The best k pairs are the first k fields in and out, 6 ha each: 10, 3 and 1 pairs of 12 ha.

    All take the first pair, 12 ha; two the next two, 24 ha; one the last seven, 84 ha.
    """
    county, pairs = twin.county(), ({}, {"most_ha": 20}, {"most_ha": 10})
    runs = [perform(Order("consolidation", county, CONSOLIDATION.params(**one))) for one in pairs]
    agreed = table(compared(runs, aged={}), "consensus")
    told = dict(zip(agreed["takers"], agreed["area_ha"].round(6), strict=True))
    assert told == {"A、B、C": 12, "A、B": 24, "A": 84}


@given(st.lists(st.tuples(*(st.integers(0, 3) for _ in range(3))), min_size=2, max_size=5))
def test_dominance_by_definition(today, rows):
    runs = {
        name: replace(today, result=Result(metrics=measured(**dict(zip("xyz", row, strict=True)))))
        for name, row in zip("ABCDE", rows, strict=False)
    }
    for name, row in zip(runs, rows, strict=True):
        beaten = [
            other
            for other, against in zip(runs, rows, strict=True)
            if all(a <= b for a, b in zip(against, row, strict=True)) and against != row
        ]
        assert dominated(runs)[name] == beaten


def test_the_command_writes_a_run_that_is_checked_and_drawn(tmp_path, capsys):
    for name, params in (("one", {"cell_m": 120}), ("two", OPEN)):
        fulfil(Order("access", twin.county(), Access(**params)), tmp_path / name)
    folders = [str(tmp_path / name) for name in ("one", "two")]
    target = tmp_path / "compare"
    assert main(["compare", *folders, "-o", str(target), "--lang", "zh"]) == 0
    assert capsys.readouterr().out.startswith("对比 2 种情景：")
    first = (target / "result.json").read_bytes(), (target / "index.html").read_bytes()
    assert load(target).scenario == "compare"
    for name, folder in zip("AB", folders, strict=True):
        assert load(target / "runs" / name).key == load(Path(folder)).key
    assert main(["compare", *folders, "-o", str(target), "--lang", "zh"]) == 0
    assert ((target / "result.json").read_bytes(), (target / "index.html").read_bytes()) == first
    assert main(["validate", str(target)]) == 0
    kept = [str(target / "runs" / name) for name in "BA"]
    assert main(["compare", *kept, "-o", str(target), "--lang", "zh"]) == 0
    assert load(target / "runs" / "A").key == load(Path(folders[1])).key
    assert main(["compare", *folders, "-o", folders[0]]) == 2
    assert load(Path(folders[0])).scenario == "access"
    (tmp_path / "three" / "runs").mkdir(parents=True)
    assert main(["compare", *folders, "-o", str(tmp_path / "three")]) == 2
    assert main(["compare", folders[0], "-o", str(target)]) == 2
    assert main(["compare", folders[0], str(tmp_path), "-o", str(target)]) == 3
