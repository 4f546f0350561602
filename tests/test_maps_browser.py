"""Pages in Chromium, without a network: shapes, swipe, pop-ups, tools, print; hostile words do nothing."""

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from PIL import ImageChops
from pyproj import Geod

from geo.words import NO_TEXT, Text
from maps.page import index
from scenarios.result import Check
from tests.made_up import pages as made_up
from tests.made_up.hostile import (
    ATTACKS,
    CANARIES,
    every_word,
    harmless,
    hostile_words,
    poisoned,
    words_of_feature,
)
from tests.made_up.screen import DESK, PHONE, WIDE, picture, why, written

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="session")
def run():
    return made_up.run()


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("页"), run)


def differ(one, other):
    return ImageChops.difference(one, other).getbbox() is not None


def drawn(run, *sides):
    return sum(
        len(layer.data)
        for layer in run.result.layers
        if layer.shown
        and layer.side in sides
        and layer.meaning not in {"outline", "hillshade"}
        and hasattr(layer.data, "geometry")
    )


@pytest.mark.parametrize("size", [WIDE, DESK, PHONE], ids=str)
def test_every_shape_is_drawn_and_nothing_overflows(opened, file, run, size):
    tab = opened(file, size)
    assert tab.locator("path.feature").count() == drawn(run, "both", "before", "after")
    assert tab.locator("path.outline").count() == 1
    assert tab.locator("path.mask").count() == 1
    assert tab.locator("img.picture").count() == 3
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for selector in ("#title", "#cards", "#checks", "#footer", "#lang", "#stage"):
        assert tab.locator(selector).is_visible()
    assert tab.locator("#legend-body").is_visible() == (size[0] >= 1400)
    stage = tab.locator("#stage").bounding_box()
    if size == WIDE:
        assert (stage["x"], stage["y"], stage["width"]) == (312, 60, 1600 - 312 - 328)


def test_the_swipe_clips_the_sides(opened, file):
    tab = opened(file)
    left, right = (450, 480, 60, 30), (1000, 400, 60, 30)
    both = picture(tab, left), picture(tab, right)
    tab.click("[data-tab=before]")
    before = picture(tab, left), picture(tab, right)
    tab.click("[data-tab=after]")
    after = picture(tab, left), picture(tab, right)
    assert not differ(both[0], before[0])
    assert not differ(both[1], after[1])
    assert differ(before[0], after[0])
    tab.click("[data-tab=compare]")
    knob = tab.locator("#knob").bounding_box()
    tab.mouse.move(knob["x"] + 18, knob["y"] + 18)
    tab.mouse.down()
    tab.mouse.move(400, knob["y"] + 18, steps=4)
    tab.mouse.up()
    assert abs(tab.locator("#knob").bounding_box()["x"] + 18 - 400) < 3
    assert not differ(picture(tab, left), after[0])
    tab.focus("#knob")
    tab.keyboard.press("End")
    assert tab.get_attribute("#knob", "aria-valuenow") == "100"
    assert not differ(picture(tab, left), before[0])
    tab.mouse.move(900, 300)
    tab.mouse.down()
    tab.mouse.move(860, 330, steps=3)
    tab.mouse.up()
    assert tab.get_attribute("#knob", "aria-valuenow") == "100"


def test_the_difference_is_a_view_of_its_own(opened, file, run):
    tab = opened(file)
    tab.click("[data-tab=difference]")
    assert tab.locator("path.feature").count() == drawn(run, "both", "difference")
    assert tab.locator(".leaflet-area_difference-pane img").count() == 1
    assert tab.locator(".leaflet-area_before-pane img").count() == 0
    assert "时间变化" in tab.inner_text("#legend-body")
    assert tab.locator("#divider").is_hidden()
    tab.focus("[data-tab=difference]")
    tab.keyboard.press("ArrowRight")
    assert tab.get_attribute("[data-tab=compare]", "aria-selected") == "true"


def test_a_click_tells_why(opened, file):
    tab = opened(file)
    tab.locator(".leaflet-path_both-pane path.feature").first.dispatch_event(
        "click", {"clientX": 900, "clientY": 500, "bubbles": True}
    )
    text = tab.inner_text(".leaflet-popup-content")
    for words in (
        "道路",
        "road_0",
        "60 km/h",
        "此处数值",
        "JTG-B01-speed",
        "3.5.1",
        "转引",
        "示例测绘院",
        "CC-BY-4.0",
        "2026-03-01",
        "不可用于设计",
    ):
        assert words in text
    tab.keyboard.press("Escape")
    tab.mouse.click(700, 500)
    assert "到县城平均时间" not in tab.inner_text(".leaflet-popup-content")
    assert re.search(r"到县城时间 · 现状\s+\d+\.\d\s*min", tab.inner_text(".leaflet-popup-content"))


def test_the_language_switch_turns_everything(opened, file):
    tab = opened(file)
    assert tab.inner_text("#title") == "示例县出行可达性评估"
    assert "云岭乡" in tab.inner_text(".leaflet-labels-pane")
    tab.click("#lang")
    assert tab.inner_text("#title") == "Made-up county access review"
    assert tab.get_attribute("html", "lang") == "en"
    assert tab.title().startswith("Made-up county")
    assert "Yunling" in tab.inner_text(".leaflet-labels-pane")
    assert "Time (min)" in tab.text_content("#charts")
    assert "target ≤ 30.0 min" in tab.inner_text("#cards")
    tab.click("#lang")
    assert tab.inner_text("#title") == "示例县出行可达性评估"


def test_layers_and_legend_follow_each_other(opened, file, run):
    tab = opened(file)
    assert "医院" in tab.inner_text("#legend-body")
    tab.click("#layers-button")
    before = tab.locator("path.feature").count()
    tab.get_by_role("checkbox", name=re.compile("公共服务设施")).uncheck()
    assert tab.locator("path.feature").count() == before - 8
    assert "医院" not in tab.inner_text("#legend-body")
    tab.get_by_role("checkbox", name=re.compile("居民点")).check()
    assert tab.locator(".leaflet-place_both-pane path.feature").count() == len(
        run.result.layers[9].data
    )
    assert "居民点" in tab.inner_text("#legend-body")


def test_one_surface_at_a_time(opened, run, tmp_path):
    layers = run.result.layers
    other = tuple(
        replace(
            one,
            id=one.id.replace("time", "school"),
            title=replace(one.title, zh=f"学校{k}"),
            shown=False,
        )
        for k, one in enumerate(layers[1:3])
    )
    tab = opened(written(tmp_path, run, layers=(*layers, *other)))
    tab.click("#layers-button")
    tab.get_by_role("checkbox", name=re.compile("学校0")).check()
    assert [
        tab.get_by_role("checkbox", name=re.compile(name)).is_checked()
        for name in ("学校1", "到县城时间 · 现状", "到县城时间 · 情景", "时间变化")
    ] == [True, False, False, True]
    assert tab.locator("img.picture").count() == 3


def test_what_is_not_known_is_said_where_figures_stand(opened, run, tmp_path):
    gap = Check(
        "no_school",
        Text("没有学校的位置", "No place of a school"),
        "unknown",
        NO_TEXT,
        NO_TEXT,
        remedy=Text("导入文件", "import FILE"),
    )
    tab = opened(written(tmp_path, run, metrics=(), checks=(gap,)))
    assert "没有学校的位置" in tab.inner_text("#gaps")
    assert not tab.locator("#cards-title").is_visible()
    assert "处理：导入文件" in tab.inner_text("#checks")
    tab.click("#lang")
    assert "what to do: import FILE" in tab.inner_text("#checks")


def test_what_checks_found_and_ask_is_in_the_language_chosen(opened, run, tmp_path):
    words = {
        "found": ("山坡", "hillside"),
        "allowed": ("平地", "plain"),
        "remedy": ("挪开", "move"),
    }
    said = {name: Text(*both) for name, both in words.items()}
    check = Check("c", Text("题", "title"), "unknown", **said)
    tab = opened(written(tmp_path, run, checks=(check,)))
    for own, other in ((0, 1), (1, 0)):
        for place, names in (("#checks", words), ("#gaps", ["found"])):
            shown = tab.inner_text(place)
            for name in names:
                assert words[name][own] in shown
                assert words[name][other] not in shown
        tab.click("#lang")


def test_a_pop_up_tells_names_in_the_language_chosen(opened, file, run):
    rows = next(one for one in run.result.layers if one.id == "townships").data
    label, row = rows.index[0], rows.iloc[0]
    tab = opened(file)
    tab.click("#search-button")
    for own, other in (("name", "name_en"), ("name_en", "name")):
        tab.fill("#query", str(label))
        tab.press("#query", "Enter")
        values = tab.locator(".leaflet-popup-content dl").first.inner_text()
        assert row[own] in values
        assert row[other] not in values
        assert "英文名" not in values
        tab.click("#lang")


def test_a_pop_up_keeps_off_the_north_arrow(opened, file, run):
    tab = opened(file, DESK)
    tab.click("#search-button")
    apart = "() => { const [a, b] = ['.leaflet-popup-content-wrapper', '#north'].map(s => document.querySelector(s).getBoundingClientRect()); return a.right <= b.left || a.top >= b.bottom; }"
    for label in next(one for one in run.result.layers if one.id == "townships").data.index:
        tab.fill("#query", str(label))
        tab.press("#query", "Enter")
        tab.wait_for_selector(f".leaflet-popup-content dd:has-text('{label}')")
        tab.wait_for_function(apart, timeout=10_000)  # once the map has panned


def test_the_legend_does_not_hide_the_county(opened, file):
    tab = opened(file)
    legend = tab.locator("#legend").bounding_box()
    outline = tab.locator("path.outline").bounding_box()
    assert outline["y"] + outline["height"] <= legend["y"] + 2


def test_figures_of_tables_stay_in_one_line(opened, file):
    tab = opened(file)
    assert tab.locator("td.number").count()
    lines = "all => all.every(td => { const r = document.createRange(); r.selectNodeContents(td); return r.getClientRects().length <= 1; })"
    assert tab.locator("td.number").evaluate_all(lines)


def test_search_finds_by_name_and_id(opened, file):
    tab = opened(file)
    tab.click("#search-button")
    tab.fill("#query", "s017")
    tab.keyboard.press("Enter")
    assert "s017" in tab.inner_text(".leaflet-popup-content")
    assert tab.locator("path.lit").count() == 1
    tab.fill("#query", "shimen")
    assert "石门乡" in tab.inner_text("#found")
    tab.fill("#query", "没有这个地方")
    assert "未找到" in tab.inner_text("#found")


def test_an_indicator_lights_its_features(opened, file):
    tab = opened(file)
    card = tab.locator("button.card", has_text="30 分钟内")
    card.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("path.lit").count() == 3
    assert card.get_attribute("aria-pressed") == "true"
    card.click()
    assert tab.locator("path.lit").count() == 0
    tab.locator("button.check", has_text="卫生院").click()
    assert tab.locator("path.lit").count() == 2


def test_measuring_agrees_with_the_ellipsoid(opened, file):
    tab = opened(file)
    tab.click("#measure-button")
    spots = [(600, 300), (1000, 320), (900, 650)]
    for spot in spots:
        tab.mouse.click(*spot)
        tab.wait_for_timeout(20)
    tab.keyboard.press("Enter")
    text = tab.inner_text("#measured")
    where = tab.evaluate(
        "spots => spots.map(([x, y]) => { const p = map_1.containerPointToLatLng([x - 312, y - 60]); return [p.lng, p.lat]; })",
        spots,
    )
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter(*zip(*where, strict=True))
    length = Geod(ellps="WGS84").line_length(*zip(*where, strict=True))
    assert float(re.search(r"长度 ([\d.]+) km", text)[1]) * 1000 == pytest.approx(length, rel=3e-4)
    assert float(re.search(r"([\d.]+) 公顷", text)[1]) * 10_000 == pytest.approx(
        abs(area), rel=1e-3
    )
    assert float(re.search(r"= ([\d.]+) 亩", text)[1]) == pytest.approx(
        abs(area) / 10_000 * 15, rel=1e-3
    )
    assert tab.locator(".leaflet-popup").count() == 0
    tab.keyboard.press("Escape")
    assert tab.locator("#measured").is_hidden()


def test_export_gives_what_is_shown(opened, file, run):
    tab = opened(file)
    with tab.expect_download() as waiting:
        tab.click("#export")
    frame = gpd.read_file(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert len(frame) == drawn(run, "both", "before", "after") + 1


def test_keyboard_reaches_every_control_and_focus_is_seen(opened, file):
    tab = opened(file)
    reached = set()
    for _ in range(60):
        tab.keyboard.press("Tab")
        name, outline = tab.evaluate(
            "[document.activeElement.id || document.activeElement.className, getComputedStyle(document.activeElement).outlineStyle]"
        )
        reached.add(name)
        assert outline != "none" or name == ""
    assert {
        "lang",
        "export",
        "print",
        "zoom-in",
        "layers-button",
        "search-button",
        "measure-button",
        "full-button",
        "knob",
        "legend-button",
        "card",
        "map_1",
    } <= {n.split()[0] for n in reached if n}
    assert (
        tab.locator("button:not([aria-label])").evaluate_all(
            "all => all.filter(b => !b.textContent.trim()).length"
        )
        == 0
    )
    assert tab.locator("img:not([alt])").count() == 0


@pytest.fixture(scope="session")
def poison(run):
    words = hostile_words()
    hostile = poisoned(run, words)
    result = hostile.result
    ids = tuple(result.layers[6].data.index[:2])
    named = {rule.id: next(words) for rule in run.rules}
    metrics = tuple(replace(one, features=ids if one.features else ()) for one in result.metrics)
    checks = tuple(replace(one, rule=named.get(one.rule, next(words))) for one in result.checks)
    layers = tuple(replace(a, rules=tuple(named[r] for r in a.rules)) for a in result.layers)
    return replace(
        hostile,
        rules=tuple(replace(rule, id=named[rule.id]) for rule in hostile.rules),
        params={next(words): next(words)},
        result=replace(result, metrics=metrics, checks=checks, layers=layers),
    )


def test_there_are_enough_hostile_strings():
    assert len(set(CANARIES)) >= 25
    assert len(set(ATTACKS)) >= 100


def test_hostile_words_do_nothing_and_show_as_themselves(opened, poison, tmp_path):
    tab = opened(written(tmp_path, poison))
    tab.click("#layers-button")
    shown = ""
    for _ in range(2):
        shown += tab.evaluate(
            "[...document.querySelectorAll('body *:not(script)')].map(e => e.textContent + (e.alt || '') + (e.title || '')).join('\\n')"
        )
        tab.click("#lang")
    missing = [t for text in every_word(poison) for t in (text.zh, text.en) if t not in shown]
    assert missing == []
    assert [
        t
        for t in (poison.crs, poison.data_date, poison.scenario, *poison.changed)
        if t not in shown
    ] == []
    tab.click("#search-button")
    vectors = [
        one
        for one in poison.result.layers
        if hasattr(one.data, "geometry") and one.meaning != "outline"
    ]
    for layer in vectors:
        said = why(tab, str(layer.data.index[0]))
        assert [one for one in words_of_feature(poison, layer) if one not in said] == []
        shown += said
    harmless(tab, shown)


def test_hostile_words_do_nothing_on_the_index(opened, poison, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(index({"a'\"><b>#?": poison}), encoding="utf-8", newline="\n")
    tab = opened(path)
    shown = tab.text_content("#runs")
    for text in (poison.title, poison.question):
        assert text.zh in shown
    links = tab.locator("#runs a").evaluate_all("all => all.map(a => a.href)")
    folder = path.parent.as_uri()
    assert len(links) > 10
    assert all(link.startswith(f"{folder}/a%27%22%3E%3Cb%3E%23%3F/") for link in links)
    harmless(tab, shown)
