"""One chosen alternative everywhere: cards, map, profile, checks, charts, tables, stations, stretches."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from PIL import ImageChops

from geo.words import Text, alike
from maps import alternatives, draw, figures, packed, panel, profile, style
from scenarios.result import Column, Table
from tests.made_up import pages as made_up_pages
from tests.made_up import road as made_up
from tests.made_up.hostile import harmless
from tests.made_up.screen import DESK, PHONE, WIDE, on_map, picture, written

on_screen = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CREEK, TUNNEL, HILL = (zh for zh, *_ in made_up.WAYS)


def front():
    """Give a front whose points are the alternatives, and one that is none."""
    rows = pd.DataFrame(
        {"cost": [1.0, 2.0, 3.0], "saved": [5.0, 7.0, 8.0], "alternative": [CREEK, TUNNEL, HILL]}
    )
    rows["chosen"] = rows["alternative"] == CREEK
    columns = tuple(
        Column(name, Text(name, name)) for name in ("cost", "saved", "alternative", "chosen")
    )
    return Table("ways", Text("造价与节省", "Cost and saved"), rows, columns, "front")


@pytest.fixture(scope="session")
def run():
    found = made_up.run()
    tables = (front(), *found.result.tables)
    return replace(found, result=replace(found.result, tables=tables))


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("chosen"), run)


def test_each_alternative_has_its_code_colour_and_cards(run):
    ways, _ = profile.profiles(run)
    found = alternatives.alternatives(run, ways)
    assert [one["code"] for one in found] == [CREEK, TUNNEL, HILL] == [way["code"] for way in ways]
    assert [one["cards"][0]["value"] for one in found] == ["15.96", "17.06", "13.56"]
    assert [one["colour"] for one in found] == [way["colour"] for way in ways]
    assert found[1]["features"] == ["way_1"]


def test_a_run_that_lists_none_has_those_of_its_map_or_of_its_profiles(run):
    ways, _ = profile.profiles(run)
    plain = replace(run, result=replace(run.result, alternatives=()))
    assert [one["code"] for one in alternatives.alternatives(plain, ways)] == [CREEK, TUNNEL, HILL]
    bare = replace(plain, result=replace(plain.result, layers=()))
    found = alternatives.alternatives(bare, ways)
    assert [(one["code"], one["cards"]) for one in found] == [
        (n, []) for n in (CREEK, TUNNEL, HILL)
    ]
    assert found[0]["colour"] == style.ALTERNATIVES[0]
    assert alternatives.alternatives(made_up_pages.run(), []) == []


def test_a_page_opens_on_the_side_of_what_it_opens_at(run):
    assert draw.opens(run) == "after"  # of what is planned
    plain = made_up_pages.run()
    assert draw.opens(plain) == ""
    layers = tuple(replace(one, focus=one.side == "difference") for one in plain.result.layers)
    assert draw.opens(replace(plain, result=replace(plain.result, layers=layers))) == "difference"


def test_a_table_of_several_alternatives_holds_the_first_rows_of_each(run, monkeypatch):
    monkeypatch.setattr(panel, "TABLE_ROWS", 2)
    table = next(one for one in panel.tables(run) if one["title"][0] == "桥隧表")
    counts = pd.Series(table["ways"]).value_counts()
    assert counts.max() == 2
    built = next(one for one in run.result.tables if one.id == "built").frame
    whole = built["alternative"].value_counts()
    assert table["over"] == {name: max(n - 2, 0) for name, n in whole.items()}
    assert table["more"] == 0


def test_a_part_says_its_own_verdict_words_and_place(run):
    [entry] = [one for one in panel.checks(run) if one["title"][0] == "圆曲线最小半径"]
    assert entry["verdict"] == ["未达标", "FAIL"]
    assert {code: one["tone"] for code, one in entry["parts"].items()} == {
        CREEK: "good",
        TUNNEL: "bad",
        HILL: "good",
    }
    assert entry["parts"][TUNNEL]["stretches"] == [[3300.0, 3600.0]]


def test_what_goes_and_comes_is_drawn_left_and_right_of_zero():
    rows = pd.DataFrame({"class": ["a", "b"], "goes": [50.0, 0.0], "comes": [25.0, 100.0]})
    columns = tuple(Column(name, Text(name, name), "", 0) for name in rows)
    words, svg = figures.drawing(Table("f", Text("f", "f"), rows, columns, "flows"))
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    zero, whole = 196.0, 62.0  # of the largest
    assert [(float(x), float(w)) for x, w in bars] == [
        (zero - whole / 2, whole / 2),
        (zero, whole / 4),
        (zero, 0.0),
        (zero, whole),
    ]
    assert [one[0] for one in words["words"]] == ["goes", "comes", "a", "50", "25", "b", "0", "100"]


STATE = """() => ({
    body: document.body.dataset.alternative,
    choice: document.querySelector('#choices [aria-checked=true]').textContent,
    profile: document.querySelector('#way-tabs [aria-selected=true]').textContent,
    card: document.querySelector('#cards .card .value b').textContent,
    taken: document.querySelector('.compared thead .taken').textContent,
    point: [...document.querySelectorAll('.front .point')].findIndex(p => p.matches('.chosen')),
    heading: document.querySelector('#checks-title .first').textContent,
})"""


class TestOnScreen:
    """What only a browser can tell."""

    pytestmark = on_screen

    def is_chosen(self, tab, place):
        """Every part of the page speaks of one alternative."""
        zh, en, _ = made_up.WAYS[place]
        lang = tab.evaluate("document.documentElement.lang")
        name = zh if lang == "zh-CN" else en
        state = tab.evaluate(STATE)
        assert state["body"] == zh
        assert state["choice"] == state["profile"] == name
        assert state["taken"] == name
        assert state["card"] == ("15.96", "17.06", "13.56")[place]
        assert state["point"] == place
        assert state["heading"].endswith(f" · {name}")
        radius = tab.locator(
            "#checks li", has_text="圆曲线最小半径" if name == zh else "Tightest radius"
        )
        assert f"{100 * place + 90} m @" in radius.inner_text()
        assert radius.locator(".sign.bad").count() == (place == made_up.TIGHT)
        # roads of the others stand back, what is built of them is not drawn
        opacity = "all => all.map(p => p.getAttribute('stroke-opacity'))"
        roads = tab.locator(".leaflet-path_planned-pane path.feature")
        faded = [float(one) for one in roads.evaluate_all(opacity)]
        assert faded.count(0.35) == 2

    @pytest.mark.parametrize("size", [WIDE, DESK, PHONE], ids=str)
    def test_a_page_of_alternatives_opens_with_the_first(self, opened, file, size):
        tab = opened(file, size)
        self.is_chosen(tab, 0)
        assert tab.get_attribute("body", "data-state") == "after"
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.locator("#legend-body").is_hidden()  # above a profile there is no room for it
        tabs = tab.locator("#states button").all_text_contents()
        assert tabs == ["前后对比", "现状", "情景"]

    def test_of_a_single_alternative_there_is_nothing_to_choose(self, opened, run, tmp_path):
        tab = opened(written(tmp_path, run, alternatives=run.result.alternatives[:1]))
        assert tab.locator(".compared").count()
        assert tab.locator(".pick").count() == 0
        assert tab.locator("#choices").is_hidden()

    def test_the_answer_says_whose_it_is(self, opened, run, tmp_path):
        tab = opened(written(tmp_path, run, answer=(alike("15.96"),)))
        first, other, _ = (zh for zh, _, _ in made_up.WAYS)
        assert tab.inner_text("#answer-title .first") == f"结论 · {first}"
        assert tab.locator("#answer-of").is_hidden()
        tab.click("#choices button >> nth=1")
        assert tab.inner_text("#answer-title .first") == f"结论 · {first}"
        assert first in (said := tab.inner_text("#answer-of"))
        assert other in said
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert said in tab.text_content("#sheets")
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        tab.click("#choices button >> nth=0")
        assert tab.locator("#answer-of").is_hidden()

    def test_whatever_chooses_changes_all(self, opened, file):
        tab = opened(file)
        tab.click("#choices button >> nth=1")
        self.is_chosen(tab, 1)
        tab.click("#way-tabs button >> nth=2")
        self.is_chosen(tab, 2)
        tab.click(".compared .pick >> nth=1")
        self.is_chosen(tab, 1)
        tab.locator(".front .point").nth(0).click()
        self.is_chosen(tab, 0)
        tab.click("#lang")
        self.is_chosen(tab, 0)
        tab.focus("#choices [aria-checked=true]")
        tab.keyboard.press("ArrowRight")
        self.is_chosen(tab, 1)
        spot = tab.evaluate(
            "JSON.parse(document.getElementById('data').textContent).profiles[2].spots[300]"
        )
        tab.mouse.click(*on_map(tab, *spot))
        self.is_chosen(tab, 2)

    def test_only_what_is_of_the_one_chosen_is_seen_and_listed(self, opened, file):
        tab = opened(file)

        def structures():
            return tab.locator(".leaflet-path_planned-pane path.feature").count() - 3

        built = made_up.run().result.layers
        counts = next(one.data for one in built if one.id == "structures")[
            "alternative"
        ].value_counts()
        assert structures() == counts[CREEK]
        tab.click("#choices button >> nth=1")
        assert structures() == counts[TUNNEL]
        tab.click("#layers-button")
        themes = tab.inner_text("#themes")
        assert f"所余农田 {TUNNEL}" in themes
        assert f"所余农田 {CREEK}" not in themes
        # what was on of the one is on of the other
        assert tab.locator(".leaflet-area_after-pane path.feature").count() == 1

    def test_rows_of_the_one_chosen_stand_in_a_table_below_the_map(self, opened, file, run):
        tab = opened(file)
        whole = next(one for one in run.result.tables if one.id == "built").frame
        assert tab.locator("#tables .table", has_text="桥隧表").count() == 0
        tab.click(
            "#shelf-tabs button",
        )
        assert tab.locator("#drawer.folded").count() == 1
        rows = tab.locator("#shelf tbody tr:visible")
        assert rows.count() == (whole["alternative"] == CREEK).sum()
        assert tab.locator("#shelf .scroll").bounding_box()["width"] > 850
        tab.click("#choices button >> nth=1")
        assert rows.count() == (whole["alternative"] == TUNNEL).sum()
        tab.locator("#shelf .post:visible").first.click()
        first = whole[whole["alternative"] == TUNNEL]["station"].iloc[0].removesuffix(".000")
        assert tab.inner_text("#station b >> nth=0")[:5] == first[:5]
        assert tab.locator(".station-mark").count() == 1
        tab.click("#drawer-button")
        assert tab.locator("#shelf.open").count() == 0

    def test_a_station_is_searched(self, opened, file):
        tab = opened(file)
        tab.click("#search-button")
        assert "桩号" in tab.get_attribute("#query", "placeholder")
        for wanted in ("K5+948", "5+948", "k5+948"):
            tab.fill("#query", wanted)
            assert tab.locator("#found li").all_inner_texts() == [
                f"K5+948\n{zh}" for zh in (CREEK, TUNNEL, HILL)
            ]
        tab.fill("#query", f"{HILL} K5+948")
        tab.keyboard.press("Enter")
        self.is_chosen(tab, 2)
        assert tab.inner_text("#station b >> nth=0") == "K5+940"
        mark = tab.locator(".station-mark").bounding_box()
        stage = tab.locator("#stage").bounding_box()
        middle = mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2
        assert middle[0] == pytest.approx(stage["x"] + stage["width"] / 2, abs=12)
        assert middle[1] == pytest.approx(stage["y"] + stage["height"] / 2, abs=12)
        tab.fill("#query", "K99+000")
        assert tab.inner_text("#found") == "未找到"

    def test_a_check_lights_its_stretch_and_the_hectares_it_speaks_of(self, opened, file):
        tab = opened(file)
        tab.click("#choices button >> nth=1")
        before = tab.evaluate("map_1.getZoom()")
        tab.click("#checks button:has-text('圆曲线最小半径')")
        length = "p => map_1.distance(map_1.layerPointToLatLng(p.getPointAtLength(0)), map_1.layerPointToLatLng(p.getPointAtLength(p.getTotalLength())))"
        assert tab.locator("path.lit").evaluate(length) == pytest.approx(300, rel=0.05)
        assert tab.evaluate("map_1.getZoom()") > before
        assert tab.locator(".way:visible .lit-band").count() == 1
        assert (
            tab.inner_text("#station b >> nth=0") == "K3+440"
        )  # its middle, of stations 20 m apart
        tab.click("#checks button:has-text('占用农田')")
        assert tab.locator("path.lit").count() == 1
        assert tab.locator(".lit-band").count() == 0
        assert (
            tab.evaluate("[...document.querySelectorAll('#checks [aria-pressed=true]')].length")
            == 1
        )
        tab.click("#checks button:has-text('占用农田')")
        assert tab.locator("path.lit").count() == 0
        tab.click("#checks button:has-text('占用农田')")
        tab.click("#choices button >> nth=2")
        assert tab.locator("path.lit").count() == 0  # it spoke of the other one

    def test_before_and_after_swipe_on_a_road(self, opened, file):
        tab = opened(file)
        tab.click("[data-tab=compare]")
        clip = "name => document.querySelector(`.leaflet-${name}-pane`).style.clipPath"
        assert tab.evaluate(clip, "path_planned") == tab.evaluate(clip, "area_after") != ""
        assert tab.locator("#knob:visible").count() == 1
        assert (
            tab.locator(".leaflet-area_before-pane path.feature").count() == 1
        )  # lent while it lasts
        tab.click("[data-tab=before]")
        assert tab.get_attribute("#stage", "aria-label") == f"现状 · {CREEK}"
        assert tab.locator(".leaflet-path_planned-pane path.feature").count() == 0
        # a verdict is shown in a view that has what it speaks of, and stays pressed
        tab.click("#checks button:has-text('占用农田')")
        assert tab.get_attribute("body", "data-state") == "after"
        assert tab.locator("#checks [aria-pressed=true]").count() == 1
        tab.click("#lang")
        assert tab.get_attribute("#stage", "aria-label") == f"Scenario · {made_up.WAYS[0][1]}"
        tab.click("#lang")
        tab.click("[data-tab=before]")
        assert tab.locator("#checks [aria-pressed=true], path.lit").count() == 0
        tab.click("[data-tab=after]")
        assert tab.locator(".leaflet-area_before-pane path.feature").count() == 0
        assert tab.locator(".leaflet-path_planned-pane path.feature").count() > 3

    def test_many_polygons_of_several_alternatives_are_those_of_the_one_chosen(
        self, opened, run, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(packed, "FROM", 2)
        layers = tuple(
            replace(one, shown=one.shown or one.id == "fields")
            for one in run.result.layers
            if not one.id.startswith("left_")
        )
        path = written(tmp_path, run, layers=layers)
        data = re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1]
        data = json.loads(data)
        assert next(one["count"] for one in data["layers"] if one["id"] == "fields") == 3
        spots = data["profiles"][1]["spots"]
        spot = spots[len(spots) // 2]
        tab = opened(path)
        tab.evaluate("spot => map_1.setView(spot, 15, { animate: false })", spot)
        x, y = on_map(tab, *spot)
        seen = []
        for place in (0, 1):
            tab.click(f"#choices button >> nth={place}")
            seen.append(picture(tab, (x + 20, y + 20, 20, 20)))
        assert ImageChops.difference(*seen).getbbox() is not None

    def test_hostile_codes_of_alternatives_do_nothing(self, opened, run, tmp_path):
        words = '"><img src=x onerror=alert(1)>{{7*191}}'
        result = run.result
        frame = result.tables[0].frame.assign(alternative=[words, TUNNEL, HILL])
        first = replace(result.alternatives[0], code=words, title=Text(words, words))
        tab = opened(
            written(
                tmp_path,
                run,
                tables=(replace(result.tables[0], frame=frame), *result.tables[1:]),
                alternatives=(first, *result.alternatives[1:]),
            )
        )
        harmless(tab, tab.inner_text("body"))
        assert tab.inner_text("#choices button >> nth=0") == words
        tab.click("#choices button >> nth=1")
        tab.click("#choices button >> nth=0")
        harmless(tab, tab.inner_text("body"))
