"""Plan-and-profile sheets: cut without gaps, to scale, with the run's own figures, on whole A3 pages."""

import itertools
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from geo.words import Text
from maps.handoff import plan_profile
from maps.page import embedded
from maps.roadsheets import road_sheets
from maps.roadsheets.elevation import elevation
from maps.roadsheets.road import post, roads
from maps.roadsheets.sheet import (
    GRAPH_LOW,
    GRAPH_TOP,
    LEFT,
    PLAN_HIGH,
    SCALE,
    STRETCH_M,
    VERTICALS,
    WIDE,
    sheets,
)
from scenarios.result import Category, Column, Table
from tests.made_up import pages
from tests.made_up import road as made_up
from tests.made_up.hostile import any_words, harmless
from tests.made_up.paper import A3_POINTS, boxes, printed, squeezed, told, upright, words
from tests.made_up.screen import WIDE as WIDE_SCREEN

LENGTH_M = 4000.0
POINT_M = 0.0254 / 72
KINDS = tuple(
    Category(code, Text(zh, code))
    for code, zh in (("culvert", "涵洞"), ("stream_bridge", "跨溪桥"))
)


def column(name, categories=()):
    return Column(name, Text(name, name), categories=categories)


def table(name, rows, coded=None):
    frame = pd.DataFrame(rows)
    columns = tuple(column(c, KINDS if c == coded else ()) for c in frame.columns)
    return Table(name, Text(name, name), frame, columns)


def plan_tables(code):
    """A straight, a spiral, an arc to the left, a spiral, a straight; two grades; a culvert."""
    kinds = (
        ("tangent", 400.0, np.nan, None),
        ("spiral", 60.0, 250.0, "left"),
        ("arc", 240.0, 250.0, "left"),
        ("spiral", 60.0, 250.0, "left"),
        ("tangent", 3240.0, np.nan, None),
    )
    starts = np.cumsum([0.0, *(length for _, length, *_ in kinds)])
    elements = [
        {
            "alternative": code,
            "kind": kind,
            "from": f"{post(start)}.000",
            "length_m": length,
            "radius_m": radius,
            "turn": turn,
        }
        for (kind, length, radius, turn), start in zip(kinds, starts[:-1], strict=True)
    ]
    slopes = [
        {
            "alternative": code,
            "station": "K0+000.000",
            "height_m": 420.0,
            "grade_percent": 4.0,
            "curve_m": 0.0,
        },
        {
            "alternative": code,
            "station": "K1+500.000",
            "height_m": 480.0,
            "grade_percent": -2.0,
            "curve_m": 120.0,
        },
        {
            "alternative": code,
            "station": "K4+000.000",
            "height_m": 430.0,
            "grade_percent": np.nan,
            "curve_m": 0.0,
        },
    ]
    crossings = [{"alternative": code, "station": "K0+700.500", "crossing": "culvert"}]
    return (
        table("elements", elements),
        table("slopes", slopes),
        table("crossings", crossings, coded="crossing"),
    )


@pytest.fixture(scope="module")
def run():
    whole = made_up.run()
    tables = [
        replace(one, frame=one.frame[one.frame["chainage_m"] <= LENGTH_M].reset_index(drop=True))
        if one.chart == "profile"
        else one
        for one in whole.result.tables
    ]
    code = str(tables[0].frame["alternative"].iloc[0])
    return replace(whole, result=replace(whole.result, tables=(*tables, *plan_tables(code))))


@pytest.fixture(scope="module")
def file(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("图纸") / "plan_profile.html"
    path.write_text(road_sheets(run), encoding="utf-8", newline="\n")
    return path


def test_the_sheets_of_a_road_join_and_hold_its_plan(run):
    for road in (*roads(run), *roads(made_up.run())):
        cut = sheets(road)
        assert cut[0].start == road.chainage[0]
        assert cut[-1].end == road.chainage[-1]
        assert all(a.end == b.start for a, b in itertools.pairwise(cut))
        assert max(one.end - one.start for one in cut) <= STRETCH_M + 1e-6
        for sheet in cut:
            along = road.within(sheet.start, sheet.end)
            spots = sheet.on_plan(*(np.interp(along, road.chainage, v) for v in (road.x, road.y)))
            assert spots[:, 0].min() > 0
            assert spots[:, 0].max() < WIDE
            assert spots[:, 1].min() > 10
            assert spots[:, 1].max() < PLAN_HIGH - 10
            assert spots[-1, 0] > spots[0, 0] - 1e-6


def test_a_plan_is_turned_and_made_smaller_and_nothing_else(run):
    road = roads(run)[0]
    for sheet in sheets(road):
        spots = sheet.on_plan(road.x, road.y)
        paper = np.hypot(*np.diff(spots[::25], axis=0).T)
        land = np.hypot(np.diff(road.x[::25]), np.diff(road.y[::25]))
        assert paper * SCALE / 1000 == pytest.approx(land, rel=1e-9)
        # not mirrored: north of the middle lies where the arrow points
        north = sheet.on_plan(np.array([sheet.middle[0]]), np.array([sheet.middle[1] + 100]))[0]
        assert north - [WIDE / 2, PLAN_HIGH / 2] == pytest.approx(
            [20 * np.sin(sheet.turn), -20 * np.cos(sheet.turn)]
        )


def test_ground_and_design_line_lie_within_the_graph(run):
    for road in (*roads(run), *roads(made_up.run())):
        for sheet in sheets(road):
            assert sheet.vertical in VERTICALS
            assert sheet.pieces[0].start == sheet.start
            assert sheet.pieces[-1].end == sheet.end
            assert all(a.end == b.start for a, b in itertools.pairwise(sheet.pieces))
            for piece in sheet.pieces:
                along = road.within(piece.start, piece.end)
                for line in (road.ground, road.design):
                    up = sheet.up(piece, np.interp(along, road.chainage, line))
                    assert up.min() >= GRAPH_TOP - 1e-6
                    assert up.max() <= GRAPH_LOW + 1e-6


def test_a_profile_drawn_by_hand():
    # 1,000 m rising 20 m over ground that is level: 200 mm wide; 1:500 has room for 35 m.
    stations = np.arange(0.0, 1001.0, 20.0)
    frame = pd.DataFrame(
        {
            "alternative": "A",
            "chainage_m": stations,
            "x": 464_000 + stations,
            "y": 3_095_000.0,
            "ground_m": 100.0,
            "design_m": 100 + 0.02 * stations,
            "structure": "earth",
        }
    )
    names = tuple(column(name) for name in frame.columns)
    profile = Table("profile", Text("纵断面", "Profile"), frame, names, "profile")
    run = pages.run()
    run = replace(run, result=replace(run.result, layers=(), tables=(profile,)))
    (road,) = roads(run)
    (sheet,) = sheets(road)
    assert sheet.vertical == 500
    assert sheet.turn == 0
    assert [sheet.across(s) for s in (0, 1000)] == [LEFT, LEFT + 200]
    (piece,) = sheet.pieces
    # 20 m at 1:500 are 40 mm
    assert sheet.up(piece, 100.0) - sheet.up(piece, 120.0) == pytest.approx(40)
    said = []
    svg = ET.fromstring(f"<svg>{elevation(sheet, said)}</svg>")  # noqa: S314
    texts = [said[int(one.get("data-words"))][0] for one in svg.iter("text")]
    # stations 6 mm apart or more: every 40 m; the fill grows by 2 %
    assert [one for one in texts if one.startswith("K")] == [post(s) for s in range(0, 1001, 40)]
    assert [one for one in texts if re.fullmatch(r"[+−]\d+\.\d\d", one)][:3] == [
        "+0.00",
        "+0.80",
        "+1.60",
    ]
    assert texts[texts.index("1000.0") - 1] == "+2.00"
    fill = next(one for one in svg.iter("path") if one.get("class") == "fill")
    assert fill.get("d").endswith(
        f"L{1000:.1f} {piece_down(piece, 120):.1f}L980.0 {piece_down(piece, 119.6):.1f}Z"
    )


def piece_down(piece, height):
    """How far a height lies below the graph's upper edge, metres at 1:500."""
    return piece.datum + (GRAPH_LOW - GRAPH_TOP) / 2 - height


def test_curves_grades_and_crossings_are_those_of_the_tables(run):
    road = roads(run)[0]
    cut = sheets(road)
    said = []
    svg = "".join(elevation(one, said) for one in cut)
    texts = [zh for zh, _ in said]
    assert "R=250.0 L=240.0" in texts
    assert "+4.00" in texts
    assert "−2.00" in texts
    # 120 m from +4 % to −2 %: R = 120 / 0.06 = 2,000 m, T = 60 m, E = 120² / (8 · 2,000) = 0.90 m
    assert "R=2,000" in texts
    assert "T=60.0 E=0.90" in texts
    assert "K0+700 涵洞" in texts
    assert svg.count('class="curve"') >= 5
    # a curve to the left stands below the line of the straights, between spirals that lead to it
    paths = re.findall(r'class="curve" d="M([\d.]+) ([\d.]+)([^"]*)"', elevation(cut[0], []))
    level = float(paths[0][1])
    (first, start, rest), (_, arc_start, arc) = paths[1], paths[2]
    assert float(first) == pytest.approx(LEFT + 400 / 5)
    assert float(start) == level
    assert float(rest.split()[-1]) > level
    assert float(arc_start) == level
    assert float(re.match(r"V([\d.]+)H", arc)[1]) == float(rest.split()[-1])


def test_stations_say_what_the_profile_says(run):
    road = roads(run)[0]
    for sheet in sheets(road):
        said = []
        elevation(sheet, said)
        texts = {zh for zh, _ in said}
        for k in np.flatnonzero((road.chainage >= sheet.start) & (road.chainage <= sheet.end))[::2]:
            assert post(road.chainage[k]) in texts
            assert f"{road.design[k]:.2f}" in texts
            assert f"{road.ground[k]:.2f}" in texts


def test_heights_that_are_not_known_leave_gaps(run):
    tables = []
    for one in run.result.tables:
        frame = one.frame
        if one.chart == "profile":
            frame = frame.assign(
                ground_m=frame["ground_m"].where(~frame["chainage_m"].between(600, 800)),
                design_m=frame["design_m"].where(~frame["chainage_m"].between(600, 900)),
            )
        tables.append(replace(one, frame=frame))
    gapped = replace(run, result=replace(run.result, tables=tuple(tables)))
    for road, whole in zip(roads(gapped), roads(run), strict=True):
        for sheet in sheets(road):
            said = []
            assert "nan" not in elevation(sheet, said)
            assert not any("nan" in zh for zh, _ in said)
        assert len(sheets(road)) == len(sheets(whole))
    assert "nan" not in road_sheets(gapped).lower().split("<script")[0].split("<main")[1]


def test_a_run_without_a_road_has_no_sheets_and_the_same_run_the_same():
    assert road_sheets(pages.run()) == ""
    assert plan_profile.files(pages.run()) == ()


def test_the_same_run_gives_the_same_bytes(run):
    (one,), (other,) = plan_profile.files(run), plan_profile.files(run)
    assert one.content == other.content
    assert len(one.content) < 3_000_000


OUT = """() => {
  const found = [];
  for (const sheet of document.querySelectorAll('.road:not([hidden]) .sheet')) {
    const frame = sheet.getBoundingClientRect();
    for (const text of sheet.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
      if (text.textContent && out > 0) found.push([text.textContent, out]);
    }
  }
  return found;
}"""


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
class TestInABrowser:
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_sheets_are_printed_whole_on_a3(self, opened, file, run, tmp_path, lang):
        tab = opened(file)
        if lang == "en":
            tab.click("#lang")
        tab.fill("#author", "示例县交通运输局")
        for place, road in enumerate(roads(run)):
            tab.locator("#road-tabs button").nth(place).click()
            assert tab.evaluate(OUT) == []
            own = boxes(printed(tab, path := tmp_path / f"{place}.pdf"))
            assert len(own) == len(sheets(road))
            for box in own:
                assert box == pytest.approx(A3_POINTS, abs=1)
            text = told(path)
            title = road.title.zh if lang == "zh" else road.title.en
            assert squeezed(title) in text
            assert text.count("示例县交通运输局") == len(own)
            assert ("坡度%/坡长m" if lang == "zh" else "Grade%/lengthm") in text

    def test_the_printed_scales_are_those_it_says(self, opened, file, run, tmp_path):
        tab = opened(file)
        printed(tab, path := tmp_path / "a.pdf")
        every = [one for one in words(path) if one.sheet == 0]
        foot = max(one.y for one in every)
        posts = {
            int(match[1]) * 1000 + int(match[2]): one.x
            for one in upright(every)
            if (match := re.fullmatch(r"K(\d+)\+(\d{3})", one.text)) and one.y > foot * 0.7
        }
        first, last = min(posts), max(posts)
        assert last - first > 1000
        assert (last - first) / ((posts[last] - posts[first]) * POINT_M) == pytest.approx(
            SCALE, rel=0.01
        )
        sheet = sheets(roads(run)[0])[0]
        heights = {
            int(one.text): one.y
            for one in every
            if one.text.isdigit() and abs(one.x - (LEFT - 6) / 25.4 * 72 - 8 / 25.4 * 72) < 12
        }
        low, high = min(heights), max(heights)
        assert high > low
        assert (high - low) / ((heights[low] - heights[high]) * POINT_M) == pytest.approx(
            sheet.vertical, rel=0.01
        )

    def test_hostile_words_do_nothing(self, opened, run, tmp_path):
        attacks = any_words(7)
        names = {
            str(one): next(attacks) for one in run.result.tables[0].frame["alternative"].unique()
        }
        tables = tuple(
            replace(
                one,
                frame=one.frame.assign(
                    alternative=one.frame["alternative"].astype(str).map(names).fillna("x")
                ),
            )
            if "alternative" in one.frame
            else one
            for one in run.result.tables
        )
        hostile = replace(
            run,
            title=Text(next(attacks), next(attacks)),
            subtitle=Text(next(attacks), next(attacks)),
            result=replace(run.result, tables=tables, layers=()),
        )
        path = tmp_path / "x.html"
        path.write_text(road_sheets(hostile), encoding="utf-8", newline="\n")
        tab = opened(path, WIDE_SCREEN)
        shown = tab.text_content("body")
        for name in names.values():
            assert name in shown
        assert hostile.title.zh in shown
        assert json.loads(tab.text_content("#data"))["title"] == [
            hostile.title.zh,
            hostile.title.en,
        ]
        assert embedded("<") not in shown.replace(tab.text_content("#data"), "")
        harmless(tab, shown)
