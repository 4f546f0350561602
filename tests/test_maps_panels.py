"""What lies beside and over the map, measured in Chromium: panels, boxes that keep apart, tables, views."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import jingning
from geo.words import Text, alike
from scenarios.result import Column, Table
from tests.made_up import controls
from tests.made_up import pages as made_up
from tests.made_up.screen import DESK, PHONE, WIDE, written

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIZES = (WIDE, DESK, PHONE)
LEFT = (
    "() => { const e = document.querySelector('#left'); return e.scrollHeight / e.clientHeight; }"
)
HIGH = "document.documentElement.scrollHeight"
BOXES = """() => {
  const box = selector => document.querySelector(selector).getBoundingClientRect();
  const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const seen = ['#layers', '#search', '.leaflet-popup', '#flag-before', '#flag-after', '#measured', '#tools']
    .filter(one => document.querySelector(one)?.checkVisibility({ visibilityProperty: true }))
    .map(one => [one, box(one)]);
  return seen.flatMap(([a, one], k) => seen.slice(k + 1).filter(([, other]) => over(one, other)).map(([b]) => `${a} ${b}`));
}"""
POPUP = """() => {
  const wrapper = document.querySelector('.leaflet-popup-content-wrapper').getBoundingClientRect();
  const stage = document.querySelector('#stage').getBoundingClientRect();
  const content = document.querySelector('.leaflet-popup-content');
  const inside = wrapper.left >= stage.left && wrapper.right <= stage.right && wrapper.top >= stage.top && wrapper.bottom <= stage.bottom;
  const scrolls = [content, content.firstChild].some(one => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY !== 'visible');
  const ground = ['.rule', '.source'].every(one => !content.querySelector(one) || content.querySelector(one).checkVisibility());
  return [inside, scrolls, ground];
}"""
FIRST = """JSON.parse(document.getElementById('data').textContent).layers
  .filter(one => one.kind === 'vector' && one.meaning !== 'outline' && Array.isArray(one.features) && one.features.length)
  .map(one => one.features[0].id)"""


def long_run(run):
    """Give a run with more figures, tables and rules than a panel has room for."""
    result = run.result
    frame = pd.DataFrame({"id": [f"s{k:03d}" for k in range(40)], "share": range(40)})
    frame["share"] = (frame["share"] * 7 % 40).astype(float)
    columns = (Column("id", Text("编号", "Id")), Column("share", Text("份", "Share"), "%", 1))
    many = tuple(
        Table(f"more_{k}", Text(f"表 {k}", f"table {k}"), frame, columns) for k in range(9)
    )
    layers = tuple(replace(one, rules=tuple(r.id for r in run.rules) * 9) for one in result.layers)
    return {"metrics": result.metrics * 4, "tables": (*result.tables, *many), "layers": layers}


@pytest.fixture(scope="session")
def run():
    return made_up.run()


@pytest.fixture(scope="session")
def long_file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("panels"), run, **long_run(run))


def opens_short(tab, size):
    """Say whether the left panel has two screens at most, or a phone's page 8,000 pixels."""
    return tab.evaluate(HIGH) <= 8000 if size == PHONE else tab.evaluate(LEFT) <= 2.0


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_panels_open_short_and_what_is_folded_unfolds(opened, long_file, size):
    tab = opened(long_file, size)
    assert opens_short(tab, size)
    tab.click("#lang")
    assert opens_short(tab, size)
    tab.click("#lang")
    cards = tab.locator("#cards > .card")
    assert [one.is_visible() for one in cards.all()][:5] == [True] * 4 + [False]
    assert tab.locator("#tables > details[open]").count() == 0
    tab.locator("#cards .fold").click()
    assert cards.last.is_visible()
    tab.locator("#cards .fold").click()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("#sheets .card").count() == cards.count()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=str)
def test_checks_that_pass_fold_where_there_are_many(opened, run, tmp_path, size):
    every = [replace(one, parts=()) for one in run.result.checks]
    passed = next(one for one in every if one.verdict == "pass")
    urgent = [one for one in every if one.verdict != "pass"]
    many = [replace(passed, id=f"p{k}", title=alike(f"通过 {k}")) for k in range(40)]
    tab = opened(written(tmp_path, run, checks=(*many, *urgent)), size)
    rows = tab.locator("#checks > li:not(.rest)")
    shown = [one.is_visible() for one in rows.all()]
    assert shown == [True] * len(urgent) + [False] * 40
    assert "(40)" in tab.inner_text("#checks .rest")
    tab.click("#checks .fold")
    assert rows.last.is_visible()
    tab.click("#checks .fold")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "通过 39" in tab.inner_text("#sheets")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_pop_ups_show_rules_and_source_without_a_scroll_and_keep_off_the_search(
    opened, long_file, size
):
    tab = opened(long_file, size)
    for layer in tab.evaluate(FIRST):
        if tab.locator("#search").is_hidden():
            tab.click("#search-button")
        tab.fill("#query", layer)
        assert tab.evaluate(BOXES) == []
        tab.press("#query", "Enter")
        tab.wait_for_selector(".leaflet-popup")
        assert tab.evaluate(POPUP) == [True, False, True], layer
        assert tab.evaluate(BOXES) == []
    tab.evaluate("void map_1.panBy([0, 150], { animate: false })")
    assert tab.evaluate(BOXES) == []
    tab.evaluate("void map_1.panBy([0, -300], { animate: false })")
    assert tab.evaluate(BOXES) == []


def test_a_pop_up_finds_room_at_the_edge_of_a_small_county_on_a_phone(opened, run, tmp_path):
    services = next(one for one in run.result.layers if one.id == "services")
    near = services.data.geometry.affine_transform([0.02, 0, 0, 0.02, 0.98 * 5e5, 0.98 * 3.09e6])
    layer = replace(services, data=services.data.set_geometry(near), label="")
    tab = opened(written(tmp_path, run, layers=(layer,)), PHONE)
    whole = tab.evaluate("map_1.getZoom()")
    tab.click("#search-button")
    for name in near.index[:8].astype(str):
        tab.fill("#query", name)
        tab.press("#query", "Enter")
        tab.wait_for_selector(".leaflet-popup")
        assert tab.evaluate(POPUP) == [True, False, True], name
        assert tab.evaluate(BOXES) == []
        assert tab.evaluate("map_1.getZoom()") >= whole


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=str)
def test_the_labels_of_the_swipe_keep_off_what_lies_over_the_map(opened, long_file, size):
    tab = opened(long_file, size)
    for act in ("#layers-button", "#search-button", "#measure-button"):
        tab.click(act)
        for key in ("Home", "PageDown", "PageDown", "End"):
            tab.focus("#knob")
            tab.keyboard.press(key)
            assert tab.evaluate(BOXES) == [], (act, key)


def test_a_table_is_filtered_and_sorted_and_a_row_goes_to_the_map(opened, long_file):
    tab = opened(long_file)
    tab.evaluate("document.querySelector('#tables .fold[aria-expanded=false]')?.click()")
    block = tab.locator("details.table", has_text="表 8")
    block.locator("summary").click()
    assert block.locator("output").inner_text() == "40 / 40 行"
    block.locator(".narrow input").fill("s01")
    assert block.locator("output").inner_text() == "10 / 40 行"
    assert block.locator("tbody tr:visible").count() == 10
    block.locator(".sort").nth(1).click()
    block.locator(".sort").nth(1).click()
    assert block.locator("th").nth(1).get_attribute("aria-sort") == "descending"
    shares = [float(one) for one in block.locator("tbody tr:visible td.number").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    tab.click("#whole")
    before = tab.evaluate("map_1.getZoom()")
    row = block.locator(".shows", has_text="s017")
    row.focus()
    tab.keyboard.press("Enter")
    assert tab.evaluate("map_1.getZoom()") > before
    assert tab.locator("path.lit").count() == 1
    assert tab.locator("tr.shown").inner_text().startswith("s017")


def test_a_layers_opacity_is_set_by_keyboard_and_stays(opened, long_file):
    tab = opened(long_file)
    tab.click("#layers-button")
    slider = tab.locator(".opacity[aria-label*=公共服务设施]")
    slider.focus()
    for _ in range(4):
        tab.keyboard.press("ArrowLeft")
    faint = "[...document.querySelectorAll('.leaflet-place_both-pane svg')].map(e => getComputedStyle(e).opacity)"
    assert tab.evaluate(faint) == ["0.8"]
    assert "80 %" in slider.get_attribute("aria-label")
    tab.click("[data-tab=after]")
    tab.click("[data-tab=compare]")
    assert tab.evaluate(faint) == ["0.8"]
    assert tab.locator(".opacity[aria-label*=公共服务设施]").input_value() == "80"


def test_the_button_goes_back_to_what_the_run_is_about(opened, run, tmp_path):
    layers = tuple(replace(one, focus=one.id == "services") for one in run.result.layers)
    if not any(one.focus for one in layers):
        layers = (*layers[:-1], replace(layers[-1], focus=True))
    tab = opened(written(tmp_path, run, layers=layers))
    start = tab.evaluate(controls.VIEW)
    tab.click("#whole")
    assert tab.evaluate(controls.VIEW) != start
    tab.click("#extent")
    assert tab.evaluate(controls.VIEW) == pytest.approx(start, abs=1e-9)


@pytest.mark.parametrize(("size", "lang"), [(WIDE, "zh"), (DESK, "en"), (PHONE, "zh")], ids=str)
def test_every_control_of_a_page_has_its_effect(opened, run, tmp_path, size, lang):
    tab = opened(written(tmp_path, run), size)
    if lang == "en":
        tab.click("#lang")
    counts = controls.used(tab)
    assert counts[".shows"]
    assert counts[".sort"]
    assert counts["#knob"] == counts["#measure-button"] == 1


SCRIPTS = sorted(
    path.stem
    for path in (Path(jingning.__file__).parent / "layers/data/jingning/scripts").glob("*.toml")
)


@pytest.mark.prove
@pytest.mark.parametrize("name", ["access", *SCRIPTS])
def test_every_control_of_every_ready_made_page_has_its_effect(opened, ready_made, name, figures):
    page = ready_made(name) / "index.html"
    for size in SIZES:
        for lang in ("zh", "en"):
            tab = opened(page, size)
            if lang == "en":
                tab.click("#lang")
            assert opens_short(tab, size)
            for feature in tab.evaluate(FIRST):
                if tab.locator("#search").is_hidden():
                    tab.click("#search-button")
                tab.fill("#query", feature)
                tab.press("#query", "Enter")
                tab.wait_for_selector(".leaflet-popup")
                assert tab.evaluate(POPUP) == [True, False, True], (feature, size)
                assert tab.evaluate(BOXES) == []
            tab.reload()
            tab.wait_for_selector("body[data-drawn=yes]")
            counts = controls.used(tab)
            tab.context.close()
    figures(
        f"{name}: {sum(counts.values())} controls, 3 sizes, 2 languages, 0 requests, 0 messages"
    )
