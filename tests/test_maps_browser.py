"""Pages in Chromium, without a network: shapes, swipe, pop-ups, tools, print; hostile words do nothing."""

import importlib.util
import io
import itertools
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from PIL import Image, ImageChops
from pyproj import Geod

from geo.words import NO_TEXT, Text
from maps.page import index, page
from scenarios.result import Check, Layer, Table

SPEC = importlib.util.spec_from_file_location(
    "maps_made_up", Path(__file__).with_name("maps_made_up.py")
)
made_up = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made_up)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WIDE, DESK, PHONE = (1600, 960), (1366, 768), (390, 844)
CANARIES = (
    "{{7*191}}", "${7*191}", "<%= 7*191 %>", "#{7*191}", "{7*191}", "{{=7*191}}", "{% print(7*191) %}",
    "@(7*191)", "$[7*191]", "[[7*191]]", "[[${7*191}]]", "*{7*191}", "~{7*191}", "@{7*191}", "<?=7*191?>",
    "{{{7*191}}}", "{{7*'191'}}", "{!7*191!}", "%{7*191}", "{$7*191}", "<%=7*191%>", "`${7*191}`",
    "{{this.constructor.constructor('return 7*191')()}}", "{{ ''.__class__.__mro__ }}", "#set($x=7*191)$x",
    "{{config}}", "{#7*191#}", "$data", "${data}", "$own", "%(data)s", "{0.__class__}", "<#assign x=7*191>${x}",
    "__proto__", "constructor",
)  # fmt: skip
ACTS = ("window.pwned=1", "alert(1)", "document.body.remove()", "fetch('//evil.example')")
SHELLS = (
    "<script>{}</script>", "</script><script>{}</script>", "<img src=x onerror={}>", "<svg onload={}>",
    '"><img src=x onerror="{}">', "'><svg/onload='{}'>", "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<body onload={}>", "<details open ontoggle={}>", "<input autofocus onfocus={}>", "<a href='javascript:{}'>x</a>",
    "javascript:{}", "--><script>{}</script><!--", "]]><script>{}</script>", "</title><script>{}</script>",
    "</style><script>{}</script>", "</textarea><script>{}</script>", "<math><mi xlink:href='javascript:{}'>",
    "<svg><animate onbegin={} attributeName=x></svg>", "<video><source onerror={}></video>",
    "<style>@import 'javascript:{}'</style>", "<base href='javascript:{}//'>", "<object data='javascript:{}'></object>",
    "<embed src='javascript:{}'>", "<meta http-equiv=refresh content='0;url=javascript:{}'>", "\u2028{}\u2029",
)  # fmt: skip
ATTACKS = tuple(shell.format(act) for shell, act in itertools.product(SHELLS, ACTS))
HOSTILE = (*CANARIES, *ATTACKS)
# What the toolkit itself chooses from short lists; not words of data.
CLOSED = {"meaning", "side", "better", "chart", "verdict", "kind", "role", "lang", "quality", "status", "id", "layer", "rule", "features", "params", "measures", "shown"}  # fmt: skip


@pytest.fixture(scope="session")
def run():
    return made_up.run()


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("页") / "index.html"
    path.write_text(page(run), encoding="utf-8", newline="\n")
    return path


def picture(tab, box):
    return Image.open(io.BytesIO(tab.screenshot(clip=dict(zip(("x", "y", "width", "height"), box, strict=True))))).convert("RGB")  # fmt: skip


def differ(one, other):
    return ImageChops.difference(one, other).getbbox() is not None


def drawn(run, *sides):
    return sum(
        len(layer.data)
        for layer in run.result.layers
        if layer.shown and layer.side in sides and layer.meaning not in {"outline", "hillshade"} and hasattr(layer.data, "geometry")
    )  # fmt: skip


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
    tab.get_by_label(re.compile("公共服务设施")).uncheck()
    assert tab.locator("path.feature").count() == before - 8
    assert "医院" not in tab.inner_text("#legend-body")
    tab.get_by_label(re.compile("居民点")).check()
    assert tab.locator(".leaflet-place_both-pane path.feature").count() == len(
        run.result.layers[9].data
    )
    assert "居民点" in tab.inner_text("#legend-body")


def test_one_surface_at_a_time(opened, run, tmp_path):
    layers = run.result.layers
    other = tuple(replace(one, id=one.id.replace("time", "school"), title=replace(one.title, zh=f"学校{k}"), shown=False) for k, one in enumerate(layers[1:3]))  # fmt: skip
    path = tmp_path / "index.html"
    path.write_text(
        page(replace(run, result=replace(run.result, layers=(*layers, *other)))), encoding="utf-8"
    )
    tab = opened(path)
    tab.click("#layers-button")
    tab.get_by_label(re.compile("学校0")).check()
    assert [
        tab.get_by_role("checkbox", name=re.compile(name)).is_checked()
        for name in ("学校1", "到县城时间 · 现状", "到县城时间 · 情景", "时间变化")
    ] == [True, False, False, True]
    assert tab.locator("img.picture").count() == 3


def test_what_is_not_known_is_said_where_figures_stand(opened, run, tmp_path):
    gap = Check("no_school", Text("没有学校的位置", "No place of a school"), "unknown", NO_TEXT, NO_TEXT,
                remedy=Text("导入文件", "import FILE"))  # fmt: skip
    bare = replace(run, result=replace(run.result, metrics=(), checks=(gap,)))
    path = tmp_path / "index.html"
    path.write_text(page(bare), encoding="utf-8", newline="\n")
    tab = opened(path)
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
    path = tmp_path / "index.html"
    only = replace(run, result=replace(run.result, checks=(check,)))
    path.write_text(page(only), encoding="utf-8", newline="\n")
    tab = opened(path)
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
    assert "没有找到" in tab.inner_text("#found")


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


@pytest.mark.parametrize("size", [WIDE, DESK], ids=str)
def test_print_is_one_sheet_of_a3(opened, file, size):
    tab = opened(file, size)
    sheet = tab.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    box = [float(v) for v in re.search(rb"/MediaBox\s*\[([^\]]*)\]", sheet)[1].split()]
    assert box[2:] == pytest.approx([420 / 25.4 * 72, 297 / 25.4 * 72], abs=1.5)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("#plate").is_visible()
    assert tab.locator("#tools").is_hidden()
    for part in ("#legend-body", "#north", ".leaflet-control-scale"):
        assert tab.locator(part).is_visible()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#plate").is_hidden()


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


def hostile_words():
    """Give hostile strings without end, each with its own number so that it can be found again."""
    for number in itertools.count():
        yield f"{HOSTILE[number % len(HOSTILE)]}·{number}·"


def poisoned(value, words):
    """Replace every word of a value, all the way down."""
    if isinstance(value, Layer | Table):
        return (poisoned_layer if isinstance(value, Layer) else poisoned_table)(value, words)
    if is_dataclass(value):
        kept = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(value, **{k: poisoned(v, words) for k, v in kept.items() if k not in CLOSED})
    if isinstance(value, str):
        return next(words)
    if isinstance(value, tuple):
        return tuple(poisoned(one, words) for one in value)
    if isinstance(value, dict):
        return {next(words): poisoned(one, words) for one in value.values()}
    return value


def poisoned_table(table, words):
    names = {column.name: next(words) for column in table.columns}
    frame = table.frame.rename(columns=names)
    for name in frame.columns[frame.dtypes.map(lambda kind: kind.kind not in "iuf")]:
        frame[name] = pd.Series([next(words) for _ in range(len(frame))], dtype=object)
    columns = tuple(replace(poisoned(c, words), name=names[c.name]) for c in table.columns)
    return replace(table, title=poisoned(table.title, words), frame=frame, columns=columns)


def poisoned_layer(layer, words):
    fresh = {
        "title": poisoned(layer.title, words),
        "theme": poisoned(layer.theme, words),
        "unit": next(words),
        "id": layer.id,
    }
    if not hasattr(layer.data, "geometry"):
        return replace(layer, **fresh)
    frame = layer.data.copy()
    codes = {category.code: next(words) for category in layer.categories}
    for name in frame.columns.drop("geometry"):
        if frame[name].dtype.kind not in "iuf":
            known = codes if name == layer.value and codes else {}
            frame[name] = pd.Series(
                [known.get(v, None) or next(words) for v in frame[name]],
                index=frame.index,
                dtype=object,
            )
    names = {name: next(words) for name in frame.columns.drop("geometry")}
    frame = frame.rename(columns=names)
    frame.index = [next(words) for _ in range(len(frame))]
    columns = tuple(replace(poisoned(c, words), name=names[c.name]) for c in layer.columns)
    categories = tuple(replace(poisoned(c, words), code=codes[c.code]) for c in layer.categories)
    return replace(
        layer,
        **fresh,
        data=frame,
        value=names.get(layer.value, ""),
        label=names.get(layer.label, ""),
        columns=columns,
        categories=categories,
    )


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


def every_word(run):
    """Give all words of a run that its page shows without a click."""
    result = run.result
    yield from (run.title, run.subtitle, run.county_name)
    for one in (*result.metrics, *result.checks, *result.tables):
        yield one.title
    for layer in result.layers:
        yield from (layer.title, layer.theme)


def harmless(tab, text):
    assert tab.evaluate("window.pwned") is None
    assert (
        tab.evaluate(
            "document.querySelectorAll('iframe, object, embed, base, video, math, input[autofocus], #data ~ script ~ script, a[href^=javascript]').length"
        )
        == 0
    )
    assert "1337" not in text


def why(tab, wanted):
    tab.fill("#query", wanted)
    tab.keyboard.press("Enter")
    return tab.text_content(".leaflet-popup-content")


def words_of_feature(run, layer):
    """Give the words a pop-up on a layer's first feature must show."""
    yield str(layer.data.index[0])
    for column in layer.columns:
        yield column.title.zh
        if layer.data[column.name].dtype.kind not in "iuf":
            value = layer.data[column.name].iloc[0]
            coded = [one for one in run.result.layers if one.value == column.name]
            titles = {one.code: one.title.zh for other in coded for one in other.categories}
            yield titles.get(value, value)
    for source in run.sources:
        if source.layer in layer.sources:
            yield from (source.title.zh, source.publisher, source.licence, source.retrieved)
    for rule in run.rules:
        if rule.id in layer.rules:
            yield from (rule.id, rule.document, rule.clause)


def test_hostile_words_do_nothing_and_show_as_themselves(opened, poison, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(page(poison), encoding="utf-8", newline="\n")
    tab = opened(path)
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
