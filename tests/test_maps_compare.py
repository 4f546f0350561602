"""The page of a comparison: runs as tabs, the swipe of any two, differences, agreement, who loses."""

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest

from geo.raster import Raster
from geo.words import Text, alike
from layers import twin
from maps import packed
from maps.__main__ import main
from maps.compare.figures import named as names
from maps.compare.layers import embedded
from maps.compare.page import comparison_page, require_compared
from maps.wording import RefusedError
from scenarios.access import Access
from scenarios.result import Metric
from scenarios.running.runs import Order, perform, save
from scenarios.several.compare.comparing import compared
from scenarios.several.compare.keeping import keep
from scenarios.several.compare.staleness import Since
from scenarios.several.labels import letter
from tests.made_up import pages as made_up
from tests.made_up.screen import DESK, PHONE, WIDE, picture


def slower(run, minutes):
    """Give a run in which every cell and settlement is farther after the plan."""
    layers = []
    for one in run.result.layers:
        if one.id == "time_after":
            layers.append(replace(one, data=Raster(one.data.values + minutes, one.data.grid)))
        else:
            layers.append(one)
    metrics = tuple(
        replace(one, value=one.value + minutes) if isinstance(one, Metric) and one.better else one
        for one in run.result.metrics
    )
    return replace(run, result=replace(run.result, layers=tuple(layers), metrics=metrics))


def named(run, letter, **params):
    script = Text(f"方案{letter}", f"Plan {letter}")
    return replace(run, key=letter.lower() * 64, subtitle=script, params={**run.params, **params})


def fewer(run):
    """Give a run that takes the first half of the land."""
    layers = [
        replace(one, data=one.data.iloc[:2]) if one.id == "townships" else one
        for one in run.result.layers
    ]
    return replace(run, result=replace(run.result, layers=tuple(layers)))


@pytest.fixture(scope="module")
def runs():
    whole = made_up.run()
    known = tuple(one for one in whole.result.metrics if np.isfinite(one.value))
    whole = replace(whole, result=replace(whole.result, metrics=known))
    return {
        "A": named(whole, "A"),
        "B": named(slower(whole, 7), "B", walk_kmh=4),
        "C": named(fewer(whole), "C", walk_kmh=3),
    }


@pytest.fixture(scope="module")
def whole(runs):
    return compared(list(runs.values()), aged={"B": Since(alike("roads"))})


@pytest.fixture(scope="module")
def page(runs, whole):
    return comparison_page(whole, runs)


@pytest.fixture(scope="module")
def file(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("对比") / "index.html"
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def data(page):
    """Give what the page holds, with the features and shapes that it packs."""
    found = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    bytes_ = base64.b64decode(re.search(r'id="packed">(.*?)</script>', page, re.DOTALL)[1])
    start, end = [0, *found["ends"]][found["kept"] : found["kept"] + 2]
    kept = json.loads(zlib.decompress(bytes_, -15)[start:end])
    for layer in found["layers"]:
        if "features" in layer:
            layer["features"] = kept["features"][layer["features"]]
    return found | {"geometries": kept["geometries"]}


def test_the_same_runs_give_the_same_page_and_other_runs_are_refused(runs, whole, page):
    assert comparison_page(whole, runs) == page
    with pytest.raises(RefusedError, match="compare again"):
        require_compared(whole, {**runs, "B": runs["A"]})
    with pytest.raises(RefusedError):
        require_compared(whole, {name: runs[name] for name in "AB"})


def test_what_several_runs_share_stands_once(runs, page):
    held = data(page)
    own = [one for one in held["layers"] if one["runs"]]
    of = {one.id: [each["runs"] for each in own if each["id"] == one.id] for one in _layers(runs)}
    assert of["time_after"] == [["A", "C"], ["B"]]
    assert of["townships"] == [["A", "B"], ["C"]]
    assert all(each == [["A", "B", "C"]] for name, each in of.items() if name not in _CHANGED)
    shapes = [json.dumps(one) for one in held["geometries"]]
    assert len(set(shapes)) == len(shapes)
    assert len(set(held["pictures"])) == len(held["pictures"])
    towns = [one for one in own if one["id"] == "townships"]
    places = [[each["geometry"] for each in one["features"]] for one in towns]
    assert places[1] == places[0][:2]


_CHANGED = {"time_after", "townships"}


def _layers(runs):
    return runs["A"].result.layers


def test_scales_of_one_layer_reach_as_far_in_every_run(page):
    ramps = [one["legend"] for one in data(page)["layers"] if one["id"] == "time_after"]
    assert ramps[0] == ramps[1]


def test_runs_that_find_no_room_are_told_by_their_figures(runs, whole):
    assert embedded(whole, runs, room=0).drawn == ["A", "B"]
    held = data(comparison_page(whole, runs, room=0))
    assert ["indicators" in one for one in held["runs"]] == [True, True, False]
    assert list(held["figures"]["values"]) == ["A", "B", "C"]
    assert all("C" not in one["runs"] for one in held["layers"])


def test_runs_are_named_first_by_what_sets_them_apart(runs):
    asked = {"A": {"p": 1, "q": 1}, "B": {"p": 1, "q": 2}, "C": {"p": 3, "q": 1}}
    told = names({letter: named(runs["A"], letter, **one) for letter, one in asked.items()})
    first = {letter: one["differs"][1].split(" · ")[0] for letter, one in told.items()}
    assert first == {"A": "p 1", "B": "q 2", "C": "p 3"}


def test_parcels_that_several_runs_share_stand_once(runs, whole, monkeypatch):
    """Townships of A and B are the same; C has two of them, under the same names."""
    monkeypatch.setattr(packed, "FROM", 1)
    found = embedded(whole, runs)
    of_a, of_c = (one for one in found.layers if one["id"] == "townships" and one["runs"])
    assert (of_a["runs"], of_c["runs"]) == (["A", "B"], ["C"])
    assert (of_a["count"], of_c["count"]) == (len(_layer(runs, "A").data), 2)
    assert of_a["shapes"]["pool"] == of_c["shapes"]["pool"]
    assert of_a["rows"]["pool"] == of_c["rows"]["pool"]
    assert [one["count"] for one in found.store.pools[of_a["rows"]["pool"]]] == [of_a["count"]]
    two = {name: runs[name] for name in "AB"}
    known = embedded(whole, two).store
    assert embedded(whole, {**two, "C": runs["C"]}, room=0).store.count == known.count


def _layer(runs, letter):
    return next(one for one in runs[letter].result.layers if one.id == "townships")


def test_twelve_runs_take_little_more_than_two():
    """Twelve access runs on the twin: two roads by six ways of walking."""
    county, ways = twin.county(), [(), ("second_passage",)]
    runs = [
        perform(Order("access", county, Access(cell_m=120, walk_factor=walk, open_roads=roads)))
        for roads in ways
        for walk in (0.6, 0.7, 0.8, 1.0, 1.1, 1.2)
    ]
    of = dict(zip("ABCDEFGHIJKL", runs, strict=True))
    pages = [
        comparison_page(compared(list(some.values()), aged={}), some)
        for some in (dict(list(of.items())[:2]), of)
    ]
    two, twelve = (len(one.encode()) for one in pages)
    assert ["indicators" in one for one in data(pages[1])["runs"]] == [True] * 12
    assert twelve < 1_200_000
    assert twelve < 2.5 * two


def test_of_many_runs_footer_and_answer_give_the_number(runs):
    """Of 17 runs four are no better in either figure than the first; 13 are beaten by none."""
    metric = next(one for one in runs["A"].result.metrics if one.better == "lower")
    pairs = [(k, 13 - k) for k in range(13)] + [(k, 13) for k in range(1, 5)]
    many = {
        letter(n): _measured(named(runs["A"], letter(n)), metric, pair)
        for n, pair in enumerate(pairs)
    }
    whole = compared(list(many.values()), aged={})
    told = "4 runs are beaten in every figure; not beaten: 13."
    assert told in [one.en for one in whole.result.answer]
    titles = [one["title"][1] for one in data(comparison_page(whole, many))["footer"]]
    assert "Parameters changed" not in titles
    assert "Run" in titles


def _measured(run, metric, values):
    metrics = tuple(
        replace(metric, id=name, value=float(value))
        for name, value in zip("xy", values, strict=True)
    )
    return replace(run, result=replace(run.result, metrics=metrics))


def test_a_mirrored_comparison_shows_the_mirrored_differences(runs):
    both = [runs["A"], runs["B"]]
    there, back = (
        {one.id: one.data.values for one in made.result.layers if isinstance(one.data, Raster)}
        for made in (compared(both, aged={}), compared(both[::-1], aged={}))
    )
    name = "difference_b_time_after"
    assert np.array_equal(there[name], -back[name], equal_nan=True)
    assert np.nanmax(there[name]) == pytest.approx(7, abs=1e-4)


def test_the_command_draws_a_comparison_from_the_runs_it_keeps(runs, tmp_path, capsys):
    pair = {name: runs[name] for name in "AB"}
    folders = {name: tmp_path / name for name in pair}
    for name, run in pair.items():
        save(run, folders[name])
    whole, target = compared(list(pair.values()), aged={}), tmp_path / "compare"
    save(whole, target)
    keep(folders, target)
    moved = target.rename(tmp_path / "moved")
    assert main([str(moved), "--lang", "en"]) == 0
    assert "page: " in capsys.readouterr().out
    assert [one["code"] for one in data((moved / "index.html").read_text("utf-8"))["runs"]] == [
        "A",
        "B",
    ]
    assert main([str(moved), "--lang", "en"]) == 0
    assert "unchanged" in capsys.readouterr().out
    (moved / "runs" / "A").rename(moved / "runs" / "C")
    assert main([str(moved), "--lang", "en"]) == 3
    assert "compare again" in capsys.readouterr().err


def view(tab, name):
    tab.click(f"[data-tab={name}]")
    return tab.get_attribute("body", "data-run")


def shown(tab):
    return tab.inner_text("#cards")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("size", [WIDE, DESK, PHONE], ids=str)
def test_nothing_overflows_and_every_view_opens(opened, file, size):
    tab = opened(file, size)
    for name in ("run", "compare", "difference", "consensus", "losers"):
        view(tab, name)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.get_attribute("body", "data-state") == name
        for selector in ("#title", "#runs", "#stage", "#cards", "#checks"):
            assert tab.locator(selector).is_visible()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_tabs_change_the_run_and_leave_the_map(opened, file, runs):
    tab = opened(file)
    assert view(tab, "run") == "A"
    tab.evaluate("map_1.setZoom(map_1.getZoom() + 1, {animate: false})")
    centre = tab.evaluate("JSON.stringify([map_1.getCenter(), map_1.getZoom()])")
    first, map_first = shown(tab), picture(tab, (500, 300, 400, 300))
    charts = tab.locator("#charts > details:visible").count()
    tab.click("#runs .chips button[value=B]")
    assert tab.get_attribute("body", "data-run") == "B"
    assert shown(tab) != first
    assert picture(tab, (500, 300, 400, 300)).tobytes() != map_first.tobytes()
    assert tab.evaluate("JSON.stringify([map_1.getCenter(), map_1.getZoom()])") == centre
    assert tab.locator("#charts > details:visible").count() == charts > 0
    assert tab.locator("#checks > li").count() == len(runs["B"].result.checks)
    assert "changed since: roads" not in tab.inner_text("#runs")
    assert "已改变：roads" in tab.inner_text("#runs .stale")
    tab.keyboard.press("ArrowLeft")
    assert tab.get_attribute("body", "data-run") == "A"
    assert tab.locator("#runs .stale").is_hidden()
    assert shown(tab) == first
    assert picture(tab, (500, 300, 400, 300)).tobytes() == map_first.tobytes()
    tab.click("#lang")
    assert "Run" not in first
    assert "Plan A" in tab.inner_text("#runs .told")
    tab.click("#runs .chips button[value=B]")
    assert "changed since: roads" in tab.inner_text("#runs .stale")
    assert "Key indicators · B" in tab.inner_text("#cards-title")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_any_two_runs_by_the_swipe_and_what_of_them(opened, file):
    tab = opened(file)
    left, right = (420, 300, 200, 300), (900, 300, 250, 300)
    assert tab.get_attribute("body", "data-run") == "A B"
    seen = [picture(tab, box).tobytes() for box in (left, right)]
    tab.click("#runs .exchange")
    assert tab.get_attribute("body", "data-run") == "B A"
    now = [picture(tab, box).tobytes() for box in (left, right)]
    assert now != seen
    assert tab.inner_text("#flag-before").startswith("◀ B")
    tab.select_option("#runs select >> nth=0", "A")
    assert tab.get_attribute("body", "data-run") == "A A"
    assert tab.locator(".leaflet-area_before-pane img").count() == 0
    tab.select_option("#runs select >> nth=1", "B")
    assert [picture(tab, box).tobytes() for box in (left, right)] == seen
    tab.focus("#knob")
    tab.keyboard.press("End")
    assert picture(tab, right).tobytes() != seen[1]
    tab.click("#runs .faces button[value=difference]")
    assert tab.get_attribute("#runs .faces button[value=difference]", "aria-checked") == "true"
    assert "变化" in tab.inner_text("#legend-body")
    tab.click("#runs .faces button[value=before]")
    assert tab.locator(".leaflet-area_before-pane img").count() == 0  # today is the same in both


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_pairs_of_figures_say_which_way_they_went(opened, file, runs):
    tab = opened(file)
    lines = tab.locator("#held tbody tr")
    assert lines.count() == len(runs["A"].result.metrics)
    lower = next(k for k, one in enumerate(runs["A"].result.metrics) if one.better == "lower")
    assert "+7" in lines.nth(lower).inner_text()
    assert "变差" in lines.nth(lower).inner_text()
    view(tab, "difference")
    tab.click("#runs .chips button[value=C]")
    assert "相同" in lines.nth(lower).inner_text()
    assert tab.get_attribute("body", "data-run") == "C"


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_agreement_is_counted_and_losers_are_shown(opened, file, whole):
    tab = opened(file)
    view(tab, "consensus")
    layer = next(one for one in whole.result.layers if one.id == "consensus")
    assert tab.locator(".leaflet-area_difference-pane path.feature").count() == len(layer.data)
    assert "3 种情景占用" in tab.inner_text("#legend-body")
    view(tab, "losers")
    table = next(one for one in whole.result.tables if one.id == "losers").frame
    of_b = table[table["run"] == "B"]
    assert tab.locator("#held .loser").count() == min(len(of_b), 80)
    if len(of_b):
        tab.click("#held .loser button >> nth=0")
        assert tab.locator("path.lit").count() > 0


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_all_figures_in_a_heat_table_and_in_parallel_coordinates(opened, file, runs):
    tab = opened(file)
    tab.click("#shelf-tabs button >> nth=0")
    rows = tab.locator(".heat tbody tr")
    assert rows.count() == len(runs)
    lower = next(k for k, one in enumerate(runs["A"].result.metrics) if one.better == "lower")
    tab.click(f".heat thead button >> nth={lower}")
    tab.click(f".heat thead button >> nth={lower}")
    assert rows.nth(0).inner_text().startswith("B")
    rows.nth(0).locator("button").click()
    assert (tab.get_attribute("body", "data-state"), tab.get_attribute("body", "data-run")) == (
        "run",
        "B",
    )
    assert "seen" in rows.nth(0).get_attribute("class")
    tab.click("#shelf-tabs button >> nth=1")
    assert tab.locator(".parallel .line").count() == len(runs)
    tab.focus(".parallel")
    tab.keyboard.press("ArrowRight")
    assert tab.get_attribute("body", "data-run") == "C"
    assert tab.inner_text("#shelf-body .leaf:not([hidden]) .told").startswith("C")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_layers_searching_and_pop_ups_follow_the_run(opened, file):
    tab = opened(file)
    tab.click("#layers-button")
    boxes = tab.locator("#themes input[type=checkbox]")
    labels = tab.locator("#themes label").all_inner_texts()
    assert len(set(labels)) == len(labels) == boxes.count()
    tab.click("#search-button")
    tab.fill("#query", "road_0")
    tab.keyboard.press("Enter")
    assert tab.get_attribute("body", "data-state") == "compare"
    text = tab.inner_text(".leaflet-popup-content")
    assert "到县城时间" in text
    assert re.search(r"· [AB]\b", text)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_it_is_printed_with_the_names_of_the_runs(opened, file):
    tab = opened(file)
    raw = tab.pdf(prefer_css_page_size=True)
    assert raw.startswith(b"%PDF")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    words = tab.inner_text("#sheets .sheet >> nth=0")
    assert "卷帘对比" in words
    assert "A · " in words
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#sheets .sheet").count() == 0
