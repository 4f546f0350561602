"""The printed sheets: whole pages of A3, their scale, every check, nothing cut; title, picture, map only."""

import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image, ImageChops, ImageStat
from pyproj import Geod

from geo.words import NO_TEXT, Text, alike
from scenarios.result import Check, Column, Table
from tests.made_up import pages as made_up
from tests.made_up import road
from tests.made_up.hostile import hostile_words
from tests.made_up.paper import (
    A3_POINTS,
    MARGIN_POINTS,
    boxes,
    printed,
    squeezed,
    told,
    upright,
    words,
)
from tests.made_up.screen import DESK, PHONE, written

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

POINT_M = 0.0254 / 72
BEFORE, AFTER = (f"dispatchEvent(new Event('{name}print'))" for name in ("before", "after"))
# Every text on the sheets that reaches beyond the box it stands in; a map's label beyond its frame too.
CUT = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('#sheets'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, holder = text.parentElement;
    if (!text.textContent.trim() || holder.closest('title, style') || getComputedStyle(holder).visibility === 'hidden') continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const frame = holder.closest('.column, .plate > div, .names, .view, .neat, .frame, .drawer');
    const edge = frame.getBoundingClientRect();
    const high = parseFloat(getComputedStyle(holder).fontSize) / 2; // a font's own box is higher than its letters
    for (const line of range.getClientRects()) {
      const middle = (line.top + line.bottom) / 2, level = line.height > line.width && holder.tagName === 'text' ? line.height / 2 : high;
      const box = { left: line.left, right: line.right, width: line.width, top: middle - level, bottom: middle + level };
      const out = Math.max(edge.left - box.left, box.right - edge.right, edge.top - box.top, box.bottom - edge.bottom);
      if (box.width && out > 1) found.push([text.textContent, frame.className, Math.round(out)]);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def run():
    return made_up.run()


@pytest.fixture(scope="module")
def file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("图"), run)


@pytest.fixture(scope="module")
def road_run():
    whole = road.run()
    tables = (
        replace(one, frame=one.frame[one.frame["chainage_m"] <= 6000])
        if one.chart == "profile"
        else one
        for one in whole.result.tables
        if one.chart != "mass"
    )
    return replace(whole, result=replace(whole.result, tables=tuple(tables)))


@pytest.fixture(scope="module")
def road_file(road_run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("路"), road_run)


def image(png):
    return Image.open(io.BytesIO(png)).convert("RGB")


def apart(one, other):
    """Give how far two pictures are from each other in what is wider than some pixels."""
    small = [
        each.resize((each.width // 6 + 1, each.height // 6 + 1), Image.Resampling.BOX)
        for each in (one, other)
    ]
    return max(ImageStat.Stat(ImageChops.difference(*small)).mean)


def spoken(text, lang):
    return squeezed(text.zh if lang == "zh" else text.en)


def many_checks(count):
    """Give checks of every verdict, each with words of its own; those that pass stand first."""
    kinds = ("pass", "fail", "unknown", "approval")
    return tuple(
        Check(
            f"c{k}",
            Text(f"检查第{k}项的名称", f"check number {k} has a name"),
            kinds[k % 4],
            Text(f"所见{k}公顷，其中山坡与溪边各有一半以上", f"found {k} hectares of the hillside"),
            Text(f"不超过{k}", f"no more than {k}"),
            "JTG-B01-grade" if k % 4 == 3 else "",
            remedy=Text(f"移开第{k}项", f"move item {k}"),
        )
        for k in range(count)
    )


def test_sheets_are_whole_and_of_a3_whatever_the_screen_showed(opened, file, tmp_path):
    found = []
    for size in (DESK, PHONE):
        tab = opened(file, size)
        tab.evaluate(
            "scrollTo(0, 500); for (const one of document.querySelectorAll('*')) one.scrollTop = 400"
        )
        sheets = boxes(printed(tab, path := tmp_path / f"{size[0]}.pdf"))
        for box in sheets:
            assert box == pytest.approx(A3_POINTS, abs=1)
        every = words(path)
        assert {one.sheet for one in every} == set(range(len(sheets)))
        for one in every:
            assert MARGIN_POINTS < one.west < one.east < A3_POINTS[0] - MARGIN_POINTS
            assert MARGIN_POINTS < one.y < A3_POINTS[1] - MARGIN_POINTS
        found.append(told(path))
    assert found[0] == found[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_check_is_printed_what_fails_first(opened, run, tmp_path, lang):
    checks = many_checks(64)
    tab = opened(written(tmp_path, run, checks=checks), DESK)
    if lang == "en":
        tab.click("#lang")
    sheets = boxes(printed(tab, path := tmp_path / "a.pdf"))
    text = told(path)
    assert len(sheets) > 1
    for check in checks:
        for part in (check.title, check.found, check.allowed, check.remedy):
            assert spoken(part, lang) in text, check.id
    marked = [
        f"第{k}张，共{len(sheets)}张" if lang == "zh" else f"Sheet{k}of{len(sheets)}"
        for k in range(1, len(sheets) + 1)
    ]
    assert [one for one in marked if one not in text] == []
    tab.evaluate(BEFORE)
    shown = squeezed(tab.inner_text("#sheets"))
    places = {
        verdict: [shown.index(spoken(one.title, lang)) for one in checks if one.verdict == verdict]
        for verdict in ("fail", "approval", "unknown", "pass")
    }
    for one, other in pairwise(places.values()):
        assert max(one) < min(other)
    figure = shown.index(spoken(run.result.metrics[3].title, lang))
    assert max(places["unknown"]) < figure < min(places["pass"])


@pytest.mark.parametrize(
    ("name", "extent"), [("file", "run"), ("road_file", "run"), ("road_file", "county")]
)
def test_the_scale_is_that_of_the_printed_map(opened, request, tmp_path, name, extent):
    tab = opened(request.getfixturevalue(name))
    tab.click("#print")
    tab.select_option("#sheet-extent", extent)
    tab.click("#sheet-close")
    printed(tab, path := tmp_path / "a.pdf")
    every = [one for one in words(path) if one.sheet == 0]
    ratio = int(re.search(r"1:([\d\u202f ]+?)(?:（|\()", told(path))[1])
    arcs = {}
    for one in [*every, *upright(every)]:
        if arc := re.fullmatch(r"(\d+)°(\d+)′(?:(\d+)″)?([EN])", one.text):
            degrees = int(arc[1]) + int(arc[2]) / 60 + int(arc[3] or 0) / 3600
            arcs.setdefault((arc[4], degrees), []).append(one.x if arc[4] == "E" else one.y)
    places = {
        axis: sorted((d, sum(at) / len(at)) for (one, d), at in arcs.items() if one == axis)
        for axis in "EN"
    }
    (west, left), (east, right) = places["E"][0], places["E"][-1]
    (south, low), (north, high) = places["N"][0], places["N"][-1]
    geod, middle = Geod(ellps="GRS80"), (south + north) / 2
    across = geod.inv(west, middle, east, middle)[2] / ((right - left) * POINT_M)
    upward = geod.inv(west, south, west, north)[2] / ((low - high) * POINT_M)
    assert across == pytest.approx(ratio, rel=0.01)
    assert upward == pytest.approx(ratio, rel=0.01)
    edge = max(one.x for one in upright(every) if one.text.endswith("N"))  # the map ends there
    bars = [
        (unit, [one for one in every if one.text.isdigit() and abs(one.y - unit.y) < 2])
        for unit in every
        if unit.text in {"km", "m"}
    ]
    bars = [
        (unit, sorted((one for one in bar if edge < one.x < unit.x), key=lambda one: one.x))
        for unit, bar in bars
    ]
    unit, bar = next((unit, bar) for unit, bar in bars if len(bar) > 1 and bar[0].text == "0")
    metres = int(bar[-1].text) * (1000 if unit.text == "km" else 1)
    assert metres / ((bar[-1].x - bar[0].x) * POINT_M) == pytest.approx(ratio, rel=0.01)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut(opened, file, road_file, lang):
    for path in (file, road_file):
        tab = opened(path)
        if lang == "en":
            tab.click("#lang")
        for name in tab.locator("#states button").evaluate_all(
            "all => all.map(one => one.dataset.tab)"
        ):
            tab.evaluate("name => document.querySelector(`[data-tab=${name}]`).click()", name)
            tab.evaluate(BEFORE)
            assert tab.evaluate(CUT) == []
            assert tab.locator(".sheet .label").count()
            tab.evaluate(AFTER)


def test_long_words_are_not_cut_either(opened, run, tmp_path):
    long = Text("很长的话" * 60, "a long word " * 60)
    check = Check("c", long, "fail", long, long, remedy=long)
    changed = replace(
        run, changed={f"parameter_{k}": "x" * 40 for k in range(30)}, title=long, subtitle=long
    )
    tab = opened(written(tmp_path, changed, checks=(check,), answer=(long,) * 20))
    tab.evaluate(BEFORE)
    assert tab.evaluate(CUT) == []
    text = squeezed(tab.inner_text("#sheets"))
    assert text.count("parameter_29") == 1
    assert text.count(squeezed(long.zh)) >= 24


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_title_and_author_are_those_typed_in(opened, file, run, tmp_path, lang):
    tab = opened(file)
    if lang == "en":
        tab.click("#lang")
    tab.click("#print")
    assert tab.input_value("#sheet-title") == (run.title.zh if lang == "zh" else run.title.en)
    title, attack = "全县公共服务半小时圈图", '<img src=x onerror="alert(1)">{{7*191}}'
    tab.fill("#sheet-title", title)
    tab.fill("#sheet-author", attack)
    tab.click("#sheet-close")
    printed(tab, path := tmp_path / "a.pdf")
    text = told(path)
    assert title in text
    assert squeezed(attack) in text
    assert spoken(run.title, lang) not in text
    tab.click("#print")
    assert tab.input_value("#sheet-title") == title
    assert tab.input_value("#sheet-author") == attack
    tab.fill("#sheet-title", " ")
    tab.keyboard.press("Escape")
    printed(tab, path)
    assert spoken(run.title, lang) in told(path)


def test_what_the_map_shows_is_said(opened, file, road_file, tmp_path):
    tab = opened(file)
    for name, said in (
        ("compare", "左：现状，右：情景"),
        ("before", "现状"),
        ("after", "情景"),
        ("difference", "差异"),
    ):
        tab.click(f"[data-tab={name}]")
        tab.evaluate(BEFORE)
        assert said in tab.inner_text(".sheet .view b")
        tab.evaluate(AFTER)
    tab = opened(road_file)
    tab.locator("#way-tabs button").nth(1).click()
    printed(tab, path := tmp_path / "a.pdf")
    assert "方案：隧道方案" in told(path)
    tab.evaluate(BEFORE)
    assert tab.locator(".sheet .drawer .way:visible").get_attribute("data-way") == "1"


def test_the_map_alone(opened, file, run, tmp_path):
    tab = opened(file)
    tab.click("#print")
    tab.check("#sheet-only")
    tab.click("#sheet-close")
    path = tmp_path / "a.pdf"
    assert len(boxes(printed(tab, path))) == 1
    text = told(path)
    assert squeezed(run.result.checks[2].title.zh) not in text
    assert squeezed(run.result.metrics[0].title.zh) not in text
    for said in ("图例", "比例尺", "医院", "非法定图件", run.title.zh):
        assert said in text


def test_every_table_is_printed_where_it_is_asked_for(opened, run, tmp_path):
    rows = pd.DataFrame({"id": [f"row-{k:03d}" for k in range(150)]})
    narrow, wide = (
        tuple(Column(f"c{k}", Text(f"第{k}列", f"column {k}"), "", 1) for k in range(count))
        for count in (3, 12)
    )
    name = Column("id", Text("编号", "Id"))
    tables = tuple(
        Table(f"t{k}", Text(f"表 {k}", f"table {k}"), rows.assign(**values), (name, *columns))
        for k, columns in enumerate((narrow, wide))
        for values in [{one.name: 12345.6 for one in columns}]
    )
    tab = opened(written(tmp_path, run, tables=(*run.result.tables, *tables)))
    tab.evaluate(BEFORE)
    assert "row-149" not in tab.text_content("#sheets")  # what has no room is asked for
    few = tab.locator("#sheets > *").count()
    tab.evaluate(AFTER)
    tab.click("#print")
    tab.check("#sheet-tables")
    tab.click("#sheet-close")
    tab.evaluate(BEFORE)
    assert tab.locator("#sheets > *").count() > few
    assert tab.evaluate(CUT) == []
    text = tab.text_content("#sheets")
    assert [text.count(f"row-{k:03d}") for k in range(150)] == [2] * 150
    assert tab.locator("#sheets thead:has-text('第11列')").count() > 1  # each part has its head


def test_a_table_of_many_alternatives_is_not_cut(opened, run, tmp_path):
    codes = [f"candidate_{k:02d}" for k in range(6)]
    columns = tuple(Column(f"c{k}", Text(f"第{k}项", f"item {k}"), "", 1) for k in range(4))
    frame = pd.DataFrame({"name": codes, **{one.name: 98765.4 for one in columns}})
    name = Column("name", Text("方案", "Alternative"))
    table = Table("c", Text("比较", "Compared"), frame, (name, *columns), role="comparison")
    tab = opened(written(tmp_path, run, tables=(table,)))
    tab.evaluate(BEFORE)
    assert tab.locator("#sheets .compared").count()
    assert tab.evaluate(CUT) == []


def test_the_legend_stands_beside_the_map_even_if_it_was_folded(opened, file):
    tab = opened(file, DESK)
    assert tab.locator("#legend-body").is_hidden()
    tab.evaluate(BEFORE)
    legend, neat = (tab.locator(name).first.bounding_box() for name in (".sheet .key", ".neat"))
    assert legend["x"] >= neat["x"] + neat["width"]
    assert "医院" in tab.inner_text(".first .column:last-child")
    assert tab.locator(".locator .land").get_attribute("d").count("L") > 10
    assert tab.locator(".locator .extent").count() == 1


def test_the_page_is_as_it_was_after_printing(opened, road_file):
    tab = opened(road_file)
    tab.evaluate("void map_1.setView([28.02, 119.6], 12.3, { animate: false })")
    tab.click("#drawer-button")
    state = "() => [map_1.getZoom(), map_1.getCenter(), map_1.getSize(), map_1.options.maxBounds, map_1.options.minZoom, map_1.options.maxZoom, map_1.options.zoomSnap, document.body.className, document.querySelector('#sheets').childElementCount, document.querySelector('#drawer').className, document.querySelector('#drawer').style.height]"
    parents = "() => ['map_1', 'drawer'].map(id => document.getElementById(id).parentElement.id)"
    was = tab.evaluate(state), tab.evaluate(parents), tab.screenshot()
    tab.evaluate(BEFORE)
    tab.evaluate(BEFORE)
    assert tab.evaluate(state) != was[0]
    tab.evaluate(AFTER)
    tab.evaluate(AFTER)
    assert tab.evaluate(parents) == was[1] == ["stage", "middle"]
    for one, other in zip(tab.evaluate(state), was[0], strict=True):
        assert one == other or one == pytest.approx(other)
    tab.evaluate(BEFORE)
    tab.evaluate(AFTER)
    assert apart(image(tab.screenshot()), image(was[2])) < 0.5


def test_the_picture_is_the_sheet(opened, file):
    tab = opened(file)
    tab.click("[data-tab=difference]")
    tab.click("#print")
    with tab.expect_download() as waiting:
        tab.click("#sheet-png")
    assert waiting.value.suggested_filename.endswith(".png")
    picture = image(Path(waiting.value.path()).read_bytes())
    assert tab.locator("#sheets > *").count() == 0
    tab.evaluate(BEFORE)
    sheet = tab.locator(".sheet").first
    shown = image(sheet.screenshot())
    assert picture.width / picture.height == pytest.approx(404 / 280, rel=1e-3)
    assert picture.width >= 3000
    drawn = picture.resize(shown.size, Image.Resampling.BOX)
    assert apart(drawn, shown) < 1.5
    assert apart(Image.new("RGB", shown.size, "white"), shown) > 10
    # rasters, shapes, labels and legend, each where the sheet has them
    corner = sheet.bounding_box()
    for part in (
        ".neat img.picture",
        ".neat path.feature",
        ".neat .label.boundary",
        ".key",
        ".graticule",
        ".scale-bar",
        ".band h1",
    ):
        spot = next(
            box
            for box in (one.bounding_box() for one in tab.locator(part).all())
            if box and box["width"] > 3 and box["height"] > 3
        )
        box = [
            round(v)
            for v in (
                spot["x"] - corner["x"],
                spot["y"] - corner["y"],
                spot["x"] - corner["x"] + spot["width"],
                spot["y"] - corner["y"] + spot["height"],
            )
        ]
        here, there = drawn.crop(box), shown.crop(box)
        assert max(ImageStat.Stat(there).stddev) > 5, part
        most = 12 if "label" in part else 6  # half a pixel at the edges of dark letters
        assert apart(here, there) < most, part


def test_hostile_words_on_a_sheet_do_nothing(opened, run, tmp_path):
    attacks = hostile_words()
    checks = tuple(
        Check(f"c{k}", alike(next(attacks)), "fail", alike(next(attacks)), NO_TEXT)
        for k in range(40)
    )
    tab = opened(written(tmp_path, replace(run, title=alike(next(attacks))), checks=checks))
    tab.evaluate(BEFORE)
    shown = tab.text_content("#sheets")
    assert [one.title.zh for one in checks if one.title.zh not in shown] == []
    assert tab.evaluate(CUT) == []
    tab.evaluate(AFTER)
    tab.click("#print")
    with tab.expect_download() as waiting:
        tab.click("#sheet-png")
    assert image(Path(waiting.value.path()).read_bytes()).width >= 3000


def test_a_table_continues_with_its_heads(opened, road_run, tmp_path):
    base = road_run
    table = next(one for one in base.result.tables if one.id == "comparison")
    name, *rest = table.columns
    many = [
        replace(rest[0], name=f"f{k}", title=Text(f"指标第{k}项", f"figure {k}")) for k in range(90)
    ]
    frame = table.frame.assign(**{f"f{k}": 1.0 for k in range(90)})
    long = replace(table, frame=frame, columns=(name, *many))
    tables = tuple(long if one is table else one for one in base.result.tables)
    tab = opened(written(tmp_path, base, tables=tables))
    tab.evaluate(BEFORE)
    parts = tab.locator("#sheets .compared")
    assert parts.count() > 1
    assert tab.locator("#sheets .compared thead").count() == parts.count()
    text = tab.locator("#sheets .compared tbody th").all_inner_texts()
    assert [re.sub(r"\D", "", one) for one in text] == [str(k) for k in range(90)]
    columns = [one.bounding_box()["x"] for one in parts.all()]
    assert all(a != b for a, b in pairwise(columns))
    # no heading is left at the foot of a column
    assert tab.locator("#sheets .column > h2:last-child").count() == 0
