"""Pages of many parcels: packed small, drawn on a canvas, clicked, searched, lit, swiped."""

import base64
import itertools
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.words import Text
from maps import draw, landuse, packed, panel, store
from maps.page import index, page
from scenarios.result import Category
from tests.made_up import land as made_up
from tests.made_up import pages
from tests.made_up.ground import EPSG
from tests.made_up.hostile import harmless, hostile_words
from tests.made_up.screen import DESK, PHONE, WIDE, on_map, picture, why, written

on_screen = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SMALL = (44, 46)


@pytest.fixture(scope="session")
def run():
    return made_up.run(*SMALL)


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("land"), run)


def layer_of(run, name):
    return next(one for one in run.result.layers if one.id == name)


def numbers(blob):
    """Read natural numbers back: an independent, slow reading of the page's form."""
    found, value, shift = [], 0, 0
    for byte in blob:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(value)
            value, shift = 0, 0
    return found


def signed(value):
    return -(value + 1) // 2 if value % 2 else value // 2


@given(st.lists(st.integers(-(2**62), 2**62)))
def test_numbers_come_back(values):
    whole = np.array(values, dtype=np.int64)
    assert [signed(v) for v in numbers(store.varints(store.zigzag(whole)))] == values


def rings_of(blob, count):
    read = iter(numbers(blob))
    rings = [next(read) for _ in range(count)]
    said = [next(read) for _ in range(sum(rings))]
    points = sum(v // 2 for v in said)
    x, y = (np.cumsum([signed(next(read)) for _ in range(points)]) for _ in range(2))
    assert next(read, None) is None
    return rings, said, np.column_stack([x, y]) * packed.UNIT


def test_shapes_come_back_within_half_a_unit():
    square = shapely.box(500_000, 3_090_000, 500_100, 3_090_100)
    hole = shapely.box(500_040, 3_090_040, 500_060, 3_090_060)
    island = shapely.box(500_200, 3_090_000, 500_220, 3_090_030)
    shapes = np.array(
        [
            square.difference(hole),
            None,
            shapely.Polygon(),
            shapely.MultiPolygon([island, shapely.affinity.translate(island, 50, 0)]),
        ]
    )
    rings, said, xy = rings_of(packed.outlines(shapes, EPSG), len(shapes))
    assert rings == [2, 0, 0, 2]
    assert said == [8, 9, 8, 8]  # four points each; the second ring is a hole
    wanted = gpd.GeoSeries(shapes[[0, 3]], crs=EPSG).to_crs("EPSG:3857")
    ends = np.split(xy, np.cumsum([v // 2 for v in said])[:-1])
    for ring, real in zip(
        ends, shapely.get_rings(shapely.get_parts(wanted.to_numpy())), strict=True
    ):
        assert shapely.hausdorff_distance(shapely.linearrings(ring), real) < packed.UNIT
    areas = [shapely.LinearRing(ring).is_ccw for ring in ends]
    assert areas == [True, False, True, True]


def test_columns_come_back():
    keeps = store.Store()
    cells = {
        "text": pd.Series(["a", None, "<b>", "a"], dtype=object),
        "number": pd.Series([5, -7, 2**40, 0]),
        "real": pd.Series([1.005, np.nan, -2.5, 1e300]),
        "rounded": pd.Series([1.004, np.nan, -2.5, 0.0]),
        "truth": pd.Series([True, False, True, True]),
    }
    kept = {
        name: keeps.column(one, 2 if name == "rounded" else None) for name, one in cells.items()
    }
    inflated = zlib.decompress(base64.b64decode(keeps.written()), -15)
    blobs = [inflated[a:b] for a, b in itertools.pairwise([0, *keeps.ends])]
    assert len(inflated) == keeps.ends[-1]

    def values(name):
        read = [signed(v) for v in numbers(blobs[kept[name]["blob"]])]
        return list(itertools.accumulate(read)) if kept[name]["steps"] else read

    assert json.loads(blobs[kept["text"]["words"]]) == ["a", None, "<b>"]
    assert values("text") == [0, 1, 2, 0]
    assert values("number") == [5, -7, 2**40, 0]
    assert values("rounded") == [100, 0, -250, 0]
    assert list(blobs[kept["rounded"]["known"]]) == [1, 0, 1, 1]
    assert values("truth") == [1, 0, 1, 1]
    assert np.frombuffer(blobs[kept["real"]["blob"]]) == pytest.approx(cells["real"], nan_ok=True)
    assert [kept[name]["kind"] for name in cells] == ["text", "number", "real", "number", "truth"]


def test_shapes_and_cells_that_are_shared_are_stored_once(run):
    keeps = store.Store()
    entries = [one for one in draw.layers(run, keeps) if "shapes" in one]
    assert len(entries) == 3
    assert len({json.dumps(one["shapes"]) for one in entries}) == 1
    assert len({json.dumps(one["rows"]) for one in entries}) == 1
    assert [len(parts) for parts in keeps.pools] == [1, 1]
    assert len({json.dumps(one["look"]) for one in entries}) == 3


def test_rows_that_a_layer_before_has_are_not_kept_again():
    keeps = store.Store()
    first = keeps.rows("fields", ["a", "b"], lambda new: {"blob": new.tolist()})
    earlier = keeps.copy()
    second = keeps.rows("fields", ["c", "b", "c"], lambda new: {"blob": new.tolist()})
    assert keeps.pools == [[{"count": 2, "blob": [0, 1]}, {"count": 1, "blob": [0]}]]
    assert earlier.pools == [[{"count": 2, "blob": [0, 1]}]]
    assert first["pool"] == second["pool"] == 0
    inflated = zlib.decompress(base64.b64decode(keeps.written()), -15)
    blobs = [inflated[a:b] for a, b in itertools.pairwise([0, *keeps.ends])]
    places = [signed(v) for v in numbers(blobs[second["blob"]])]
    places = list(itertools.accumulate(places)) if second["steps"] else places
    assert places == [2, 1, 2]


def test_what_is_detailed_is_packed_unless_it_is_labelled(run):
    blocks = layer_of(run, "blocks")
    fine = replace(blocks, data=blocks.data.set_geometry(blocks.data.segmentize(0.5)))
    assert not packed.is_packed(blocks)
    assert packed.is_packed(fine)
    assert not packed.is_packed(replace(fine, label="kind"))
    assert not packed.is_packed(layer_of(run, "rivers"))


def test_same_run_gives_the_same_bytes(file):
    assert page(made_up.run(*SMALL)) == file.read_text(encoding="utf-8")


def test_a_page_without_parcels_carries_no_inflating(file):
    assert "fflate" in file.read_text(encoding="utf-8")
    assert "fflate.inflateSync=" not in page(pages.run())
    assert "var fleb" not in page(pages.run())


def kinds(*pairs):
    return [Category(code, Text(zh, "")) for code, zh in pairs]


def test_survey_and_plan_have_their_own_colours():
    survey = kinds(("0101", "水田"), ("0201", "果园"), ("0301", "乔木林地"))
    plan = kinds(("01", "耕地"), ("0703", "农村宅基地"), ("1001", "工业用地"))
    shared = kinds(("0601", "农村道路"), ("1001", "工业用地"))
    assert [landuse.colour(c, survey) for c in survey] == [
        (248, 208, 114),
        (214, 167, 201),
        (49, 173, 105),
    ]
    assert [landuse.colour(c, plan) for c in plan] == [
        (245, 248, 220),
        (255, 211, 128),
        (187, 150, 116),
    ]
    assert not landuse.is_survey(shared)
    assert landuse.colour(kinds(("05H1", "商业服务业设施用地"))[0], survey) == landuse.GROUPS["05"]
    assert len({landuse.colour(c, []) for c in kinds(("in", ""), ("out", ""), ("kept", ""))}) == 3


def test_the_footer_names_certificates_and_what_is_not_reproducible(run):
    plain_lines, lines = panel.footer(run), panel.footer(made_up.proven(run))
    assert lines[: len(plain_lines)] == plain_lines
    told = {line["title"][1]: line["text"] for line in lines[len(plain_lines) :]}
    assert told["Certificates"][0] == "proofs/exchange.zip，jingning validate 可复核"
    assert told["Reproducible"][1] == "no: a time limit ended a search"


def test_the_index_links_certificates(run):
    assert '"href":"./a/proofs/exchange.zip"' in index({"a": made_up.proven(run)})
    assert "exchange.zip" not in index({"a": run})


class TestOnScreen:
    """What only a browser can tell."""

    pytestmark = on_screen

    @pytest.mark.parametrize("size", [WIDE, DESK, PHONE], ids=str)
    def test_what_is_certified_said_and_neither_is_told_in_words(self, opened, run, tmp_path, size):
        tab = opened(written(tmp_path, made_up.proven(run)), size)
        for words in (
            "据求解器 0 %",
            "仅据求解器 HiGHS，未另行证明",
            "不超过 2.882 %，可复核",
            "方案证明之外的部分",
        ):
            assert words in tab.text_content("#checks")
        assert "求解因时限中止" in tab.text_content("#footer")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        tab.click("#lang")
        assert "by the word of HiGHS" in tab.text_content("#checks")
        assert "a time limit ended a search" in tab.text_content("#footer")

    def lat_lng(self, run, name, place):
        """Give a place within a parcel."""
        shape = layer_of(run, name).data.geometry.iloc[[place]].representative_point()
        point = shape.to_crs(4326).iloc[0]
        return [point.y, point.x]

    def spot(self, tab, run, name="before", place=0):
        """Give a place on the screen inside a parcel."""
        return on_map(tab, *self.lat_lng(run, name, place))

    def test_the_parcels_are_drawn_in_their_colours(self, opened, file, run):
        tab = opened(file)
        assert tab.locator("canvas.parcels").count() == 2
        tab.click("[data-tab=before]")
        tab.evaluate("void map_1.setZoom(15.5, {animate: false})")
        land = layer_of(run, "before").data
        place = next(
            k
            for k in (SMALL[0] // 2 * SMALL[1] + SMALL[1] // 2 + d for d in range(200))
            if land["DLBM"].iloc[k] == "0301"
        )
        tab.evaluate(
            "spot => map_1.panTo(spot, {animate: false})", self.lat_lng(run, "before", place)
        )
        x, y = self.spot(tab, run, place=place)
        image = picture(tab, (x - 1, y - 1, 3, 3))
        red, green, blue = image.getpixel((1, 1))
        assert green > red
        assert green > blue
        assert green > 60

    def test_a_click_tells_every_value_and_the_rules_that_bind(self, opened, file, run):
        tab = opened(file)
        land = layer_of(run, "before").data
        x, y = self.spot(tab, run, place=SMALL[1] * 20 + 3)
        tab.mouse.click(x, y)
        row = land.iloc[SMALL[1] * 20 + 3]
        text = tab.inner_text(".leaflet-popup-content")
        titles = {code: zh for code, zh, _ in made_up.CLASSES}
        for words in (
            f"{row['DLBM']} {titles[row['DLBM']]}",
            row.name,
            row["BSM"],
            row["DLBM"],
            row["village"],
            f"{row['TBMJ']:,.2f}" if row["TBMJ"] >= 10_000 else f"{row['TBMJ']:.2f}",
            "现状地类",
        ):
            assert words in text
        bound = land.index[land["bound_by"] == "land.redline;land.slope"][0]
        tab.keyboard.press("Escape")
        tab.click("#search-button")
        text = why(tab, bound)
        for words in (
            "land.redline",
            "第二条",
            "转引",
            "生态保护红线内不得新增耕地",
            "land.slope",
            "未核实",
        ):
            assert words in text
        free = land.index[land["bound_by"] == ""][0]
        assert "land." not in why(tab, free)

    def test_both_sides_of_the_swipe_answer_for_themselves(self, opened, file, run):
        tab = opened(file)
        for place, words in (
            (SMALL[1] * 22 + 2, "现状地类"),
            (SMALL[1] * 22 + SMALL[1] - 3, "规划地类"),
        ):
            tab.mouse.click(*self.spot(tab, run, place=place))
            assert words in tab.inner_text(
                ".leaflet-popup-content .kind, .leaflet-popup-content h3"
            )
            tab.keyboard.press("Escape")
        assert "polygon" in tab.evaluate("map_1.getPane('area_before').style.clipPath")
        tab.click("[data-tab=difference]")
        assert tab.locator("canvas.parcels").count() == 1
        legend = tab.inner_text("#legend-body")
        for words in ("调入", "调出", "不变", "百亩方"):
            assert words in legend

    def test_indicators_and_search_light_parcels(self, opened, file):
        tab = opened(file)
        tab.click("button.card >> nth=0")
        assert tab.locator("canvas.lit").count() == 1
        assert tab.get_attribute("button.card >> nth=0", "aria-pressed") == "true"
        tab.click("button.card >> nth=0")
        assert tab.locator("canvas.lit").count() == 0
        tab.click("#search-button")
        tab.fill("#query", "331127000000000017")
        assert tab.locator("#found li").count() == 1
        tab.keyboard.press("Enter")
        assert "p00017" in tab.inner_text(".leaflet-popup-content")
        assert tab.locator("canvas.lit").count() == 1

    def test_measuring_and_export_work_over_parcels(self, opened, file, run):
        tab = opened(file)
        tab.click("#measure-button")
        x, y = self.spot(tab, run)
        tab.mouse.click(x, y)
        tab.wait_for_timeout(20)
        tab.mouse.click(x + 60, y)
        assert "m" in tab.inner_text("#measured")
        assert tab.locator(".leaflet-popup").count() == 0
        tab.keyboard.press("Escape")
        tab.click("[data-tab=after]")
        with tab.expect_download() as waiting:
            tab.click("#export")
        frame = gpd.read_file(Path(waiting.value.path()).read_text(encoding="utf-8"))
        land = layer_of(run, "after").data
        own = frame[frame["layer"] == "规划地类"]
        assert list(own["标识码"]) == list(land["BSM"])
        assert own["图斑面积"].to_numpy() == pytest.approx(land["TBMJ"].to_numpy())
        assert own["坡度"].isna().sum() == land["slope_deg"].isna().sum()
        areas = own.set_crs(4326, allow_override=True).to_crs(EPSG).area
        assert areas.to_numpy() == pytest.approx(land.area.to_numpy(), rel=0.03)

    def test_outlines_do_not_hide_what_they_surround(self, opened, run, tmp_path):
        land, blocks = (layer_of(run, name) for name in ("before", "blocks"))
        around = blocks.data.set_geometry(
            land.data.iloc[:12].buffer(30).segmentize(0.4).set_axis(blocks.data.index)
        )
        layers = tuple(
            replace(one, data=around) if one is blocks else one for one in run.result.layers
        )
        tab = opened(written(tmp_path, run, layers=layers))
        tab.click("[data-tab=before]")
        assert tab.locator("canvas.parcels").count() == 2
        tab.mouse.click(*self.spot(tab, run, place=5))
        assert "p00005" in tab.inner_text(".leaflet-popup-content")
        assert "百亩方" in tab.inner_text(".leaflet-popup-content dl")

    def test_gaps_in_parcels_are_unknown_and_break_nothing(self, opened, run, tmp_path):
        land = layer_of(run, "before").data.copy()
        shapes = land.geometry.to_numpy().copy()
        shapes[3], shapes[4] = None, shapely.Polygon()
        shapes[5] = shapely.MultiPolygon([shapes[5], shapes[900]])
        shapes[6] = shapes[6].difference(shapely.centroid(shapes[6]).buffer(10))
        land = land.set_geometry(gpd.GeoSeries(shapes, index=land.index, crs=land.crs))
        land["village"] = land["village"].where(land.index != "p00007", None)
        land.loc["p00007", ["DLBM", "bound_by"]] = None, None
        land.loc["p00007", "slope_deg"] = np.nan
        before = replace(layer_of(run, "before"), data=land)
        slope = replace(
            before,
            id="slope",
            meaning="amount",
            value="slope_deg",
            categories=(),
            side="both",
            unit="°",
        )
        layers = tuple(before if one.id == "before" else one for one in run.result.layers)
        tab = opened(written(tmp_path, run, layers=(*layers, slope)))
        tab.click("#search-button")
        assert "未知" in why(tab, "p00007")
        assert "规则" not in tab.inner_text(".leaflet-popup-content")
        assert "p00003" in why(tab, "p00003")  # without a shape: told where the map is
        tab.click("[data-tab=before]")
        assert "无数据" in tab.inner_text("#legend-body")
        with tab.expect_download() as waiting:
            tab.click("#export")
        frame = gpd.read_file(Path(waiting.value.path()).read_text(encoding="utf-8"))
        own = frame[frame["layer"] == "现状地类"].reset_index(drop=True)
        assert own.geometry.iloc[5].geom_type == "MultiPolygon"
        assert len(own.geometry.iloc[6].interiors) == 1
        assert own.geometry.iloc[[3, 4]].is_empty.all()

    def test_hostile_words_in_parcels_do_nothing(self, opened, run, tmp_path):
        words = hostile_words()
        land = layer_of(run, "before").data.copy()
        for name in ("BSM", "village", "bound_by"):
            land[name] = [next(words).replace(";", ",") for _ in range(len(land))]
        land.index = [next(words) for _ in range(len(land))]
        layers = tuple(
            replace(one, data=land) if one.id in {"before", "after", "moves"} else one
            for one in run.result.layers
        )
        tab = opened(written(tmp_path, run, layers=layers))
        tab.click("#search-button")
        shown = ""
        for place in (0, 17, 700):
            text = why(tab, land.index[place])
            for name in ("BSM", "village", "bound_by"):
                assert land[name].iloc[place] in text
            shown += text
        harmless(tab, shown)


def test_a_page_of_35000_parcels_is_small():
    text = page(made_up.run())
    assert len(text.encode()) < 6_000_000
    assert len(re.findall(r'"count":35156,"shapes"', text)) == 3
