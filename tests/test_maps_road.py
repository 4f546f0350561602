"""Pages of roads: profile and map move together, alternatives, fronts; hostile words do nothing."""

import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.words import Text
from maps import binding, figures, masses, panel, profile, stretches, style
from maps.page import page
from maps.wording import PageError
from scenarios.result import Column, Table
from tests.made_up import road as made_up
from tests.made_up.hostile import harmless, hostile_words, poisoned
from tests.made_up.screen import DESK, PHONE, WIDE, on_map, why, written

on_screen = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="session")
def run():
    return made_up.run()


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("road"), run)


def data_of(text):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1]
    )


def test_same_run_gives_the_same_bytes(file):
    assert page(made_up.run()) == file.read_text(encoding="utf-8")


def test_what_is_crossed_is_marked_on_the_design_line(run):
    _, plain = profile.profiles(run)
    assert "<circle" not in plain
    table = run.result.tables[0]
    crossing = pd.Series(None, index=table.frame.index, dtype=object)
    crossing.iloc[[3, 8]] = "culvert"
    marked = replace(table, frame=table.frame.assign(crossing=crossing))
    result = replace(run.result, tables=(marked, *run.result.tables[1:]))
    _, svg = profile.profiles(replace(run, result=result))
    assert svg.count("<circle") == 2


def test_a_profile_says_what_the_table_says(run):
    table = run.result.tables[0].frame
    entries, svg = profile.profiles(run)
    assert [entry["title"][0] for entry in entries] == [zh for zh, *_ in made_up.WAYS]
    for entry in entries:
        rows = table[table["alternative"] == entry["title"][0]]
        assert entry["design"] == pytest.approx(rows["design_m"], abs=0.005)
        assert [stretches.STRUCTURES[k] for k in entry["structure"]] == list(rows["structure"])
        assert entry["colour"] in style.ALTERNATIVES
    assert re.search("[一-鿿]", svg) is None
    assert len({entry["colour"] for entry in entries}) == 3


def test_a_profile_without_its_columns_is_refused(run):
    table = run.result.tables[0]
    short = replace(table, frame=table.frame.drop(columns=["design_m"]))
    with pytest.raises(PageError, match=r"profile lacks columns: .*design_m") as caught:
        profile.profiles(replace(run, result=replace(run.result, tables=(short,))))
    assert "纵断面缺少字段" in caught.value.said("zh")


def rings(path):
    """Give the area of each closed ring of a path by the shoelace, with its sign."""
    for ring in path.split("Z")[:-1]:
        xy = np.array([pair.split() for pair in ring[1:].split("L")], dtype=float)
        (x, y), (u, v) = xy.T, np.roll(xy, -1, axis=0).T
        yield (x * v - u * y).sum() / 2


def area(path):
    return sum(map(abs, rings(path)))


def test_cut_and_fill_close_to_the_area_between_the_lines():
    random = np.random.default_rng(3)
    x = np.arange(0.0, 1000.0, 20.0)
    ground, design = random.normal(0, 5, 50), random.normal(0, 5, 50)
    step = design - ground
    crossing = np.append(step[1:] * step[:-1] < 0, [False])
    kinds = np.where(crossing, "earth", random.choice(stretches.STRUCTURES, 50))
    fine = np.linspace(0, x[-1], 490_001)
    between = np.abs(np.interp(fine, x, ground) - np.interp(fine, x, design))
    areas = stretches.between(x, ground, design, kinds)
    assert sum(map(area, areas.values())) == pytest.approx(np.trapezoid(between, fine), rel=2e-3)


@given(st.lists(st.integers(-80, 80), min_size=1, max_size=40), st.sampled_from([5.0, 20.0]))
def test_the_areas_of_the_strip_sum_to_the_rise(tenths, step):
    # a grade of g per cent over s metres rises g s / 100
    x = step * np.arange(len(tenths) + 1)
    z = np.append(0.0, np.cumsum(np.array(tenths) / 1000 * step))
    assert sum(rings(stretches.inclines(x, z, 8.0))) == pytest.approx(100 * z[-1], abs=1e-6)


def test_the_strip_has_gaps_where_heights_lack():
    x, z = np.arange(0.0, 120.0, 20.0), np.array([0.0, 1.0, np.nan, 1.0, 2.0, 2.0])
    # 5 % up to 20 m; nothing known to 60 m; 5 % up to 80 m, level to 100 m
    assert stretches.inclines(x, z, 5.0) == (
        "M0.0 5.0L0.0 0.0L20.0 0.0L20.0 5.0Z"
        "M60.0 5.0L60.0 0.0L80.0 0.0L80.0 5.0L100.0 5.0L100.0 5.0Z"
    )


def test_a_mass_diagram_stands_below_its_profile(run):
    entries, svg = profile.profiles(run)
    assert svg.count('<svg class="mass">') == len(entries) == 3
    table = run.result.tables[1].frame
    for entry in entries:
        rows = table[table["alternative"] == entry["title"][0]]
        told, passing = entry["extra"][-2:]
        assert told["values"] == pytest.approx(rows["mass_m3"], abs=0.06)
        assert passing["values"] == pytest.approx(rows["mass_m3"] - rows["balance_m3"], abs=0.06)
        assert told["unit"] == ("立方米", "m³")
    without = replace(run.result, tables=(run.result.tables[0],))
    entries, svg = profile.profiles(replace(run, result=without))
    assert 'class="mass"' not in svg
    assert len(entries[0]["extra"]) == 1


def test_the_areas_of_a_mass_diagram_are_the_moment_of_the_haul():
    # 400 m³ at 0 – 20 m go 60 m to 60 – 80 m: 400 m³ over 20 to 60 m, and two triangles of 20 m,
    # 400 × 60 = 24,000 m³·m forward; then 100 m³ over 100 to 120 m backward and two triangles.
    x = np.array([0.0, 20, 60, 80, 100, 120, 140, 160])
    curve = np.array([0.0, 400, 400, 0, 0, -100, -100, 0])
    backward, forward = masses._areas(x, 500 - curve, np.full(8, 500.0))
    assert (area(forward), area(backward)) == (24_000, 4000)


def test_a_road_that_moves_nothing_has_a_level_diagram():
    flat = pd.DataFrame(
        {"alternative": "A", "chainage_m": [0.0, 20.0], "mass_m3": [0.0, 1e-11], "balance_m3": 0.0}
    )
    words = []
    svg = masses.strip(flat, (0.0, 20.0), words)
    assert 'viewBox="0 0 20.0 1360.0"' in svg  # 1,000 m³, 6 % below and 30 % above
    assert ["0", "0"] in words


def test_a_mass_diagram_without_its_columns_is_refused(run):
    short = replace(run.result.tables[1], frame=run.result.tables[1].frame.drop(columns="mass_m3"))
    tables = (run.result.tables[0], short)
    with pytest.raises(PageError, match=r"mass diagram lacks columns: mass_m3") as caught:
        profile.profiles(replace(run, result=replace(run.result, tables=tables)))
    assert "土方调配图缺少字段" in caught.value.said("zh")


def test_missing_heights_leave_gaps_and_no_nan(run):
    table = run.result.tables[0]
    frame = table.frame.copy()
    frame.loc[10:20, "design_m"] = np.nan
    frame.loc[15:40, "ground_m"] = np.nan
    gaps = replace(run, result=replace(run.result, tables=(replace(table, frame=frame),)))
    entries, svg = profile.profiles(gaps)
    assert "nan" not in svg
    assert entries[0]["design"][12] is None


def test_bindings_hold_each_set_once(run):
    layer = next(one for one in run.result.layers if one.binding)
    sets, places = binding.bindings(layer, {"road.grade": 4})
    assert sets == [[], [4, "road.radius"], [4]]
    assert places == [1, 2, 0]
    assert binding.bindings(replace(layer, binding=""), {}) == ([[]], [0, 0, 0])


def test_a_comparison_is_turned(run):
    table = panel.tables(run)[0]
    assert [c["title"][1] for c in table["columns"][1:]] == [en for _, en, _ in made_up.WAYS]
    assert table["rows"][0] == [["长度", "Length"], "15.96", "17.06", "13.56"]
    assert table["units"][-1] == ("万元", "10k CNY")
    assert table["rows"][-1][-1] == "—"


@pytest.mark.parametrize("chosen", [[True], [False], [np.nan], ["yes"]])
def test_a_front_of_one_point_and_of_odd_marks_is_drawn(chosen):
    rows = pd.DataFrame({"a": [5.0], "b": [np.float64(2)], "n": ["<b>"], "chosen": chosen})
    columns = tuple(Column(name, Text(name, name)) for name in rows)
    words, svg = figures.drawing(Table("f", Text("f", "f"), rows, columns, "front"))
    assert svg.count("<circle") == 1
    assert ("point chosen" in svg) == (chosen == [True])
    assert any("<b>" in text[0] for text in words["words"])
    assert "<b>" not in svg


def test_a_front_tells_what_its_further_columns_say_in_one_line():
    rows = pd.DataFrame(
        {
            "a": [5.0, 6.0],
            "b": [2.0, 3.0],
            "n": ["P", "Q"],
            "gap": [0.0434, np.nan],
            "by": ["证书", None],
            "by_en": ["certificate", None],
            "chosen": [True, False],
        }
    )
    titles = {"gap": Text("距最优", "Gap")}
    columns = tuple(
        Column(name, titles.get(name, Text(name, name)), "%" if name == "gap" else "", 3)
        for name in rows
    )
    words, svg = figures.drawing(Table("f", Text("f", "f"), rows, columns, "front"))
    assert svg.count('class="tip"') == 4
    first = [int(one) for one in re.findall(r'data-tip="(\d+)"', svg)]
    told = [words["words"][place + 3] for place in first]
    assert told == [["距最优 0.043 % · 证书", "Gap 0.043 % · certificate"], ["", ""]]


class TestOnScreen:
    """What only a browser can tell."""

    pytestmark = on_screen

    @pytest.mark.parametrize("size", [WIDE, DESK, PHONE], ids=str)
    def test_the_profile_is_readable_and_nothing_overflows(self, opened, file, size):
        tab = opened(file, size)
        assert tab.locator(".way:visible").count() == 1
        assert tab.locator(".cross").first.bounding_box()["height"] > 70
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        self.strip_is_whole(tab)
        texts = "[...document.querySelectorAll('.way:not([hidden]) [data-share]')].filter(t => t.style.visibility === 'visible')"
        boxes = tab.evaluate(
            f"{texts}.filter(t => t.closest('.grades')).map(t => {{ const b = t.getBoundingClientRect(); return [b.left, b.right]; }})"
        )
        assert boxes or size == PHONE
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(boxes))
        if size != PHONE:
            assert tab.locator("#stage").bounding_box()["height"] > 410

    def strip_is_whole(self, tab):
        """The strip of grades is as high as its figures need, and nothing of it is cut off."""
        drawer = tab.locator("#drawer").bounding_box()
        strip = tab.locator(".way:not([hidden]) .grades").bounding_box()
        assert strip["height"] >= 36
        ends = "all => all.filter(e => e.style.visibility !== 'hidden').map(e => { const b = e.getBoundingClientRect(); return [b.top, b.bottom]; })"
        for part in (".incline", ".grades text", ".steepness text"):
            for top, bottom in tab.locator(f".way:not([hidden]) {part}").evaluate_all(ends):
                assert top >= strip["y"] - 4
                assert bottom <= drawer["y"] + drawer["height"]
        # whatever the road, every stretch is drawn: the areas reach from end to end
        areas = tab.locator(".way:not([hidden]) .incline").bounding_box()
        assert areas["width"] == pytest.approx(strip["width"], abs=3)

    def test_the_profile_moves_the_mark_and_the_map_the_cursor(self, opened, file, run):
        tab = opened(file)
        box = tab.locator(".way:visible .cross").bounding_box()
        tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
        first = tab.locator(".station-mark").bounding_box()
        said = tab.inner_text("#station")
        rows = run.result.tables[0].frame
        rows = rows[rows["alternative"] == "沿溪方案"]
        middle = rows.iloc[(rows["chainage_m"] - rows["chainage_m"].max() / 2).abs().argmin()]
        assert f"K{middle.chainage_m // 1000:.0f}+{middle.chainage_m % 1000:03.0f}" in said
        assert f"{middle.design_m:.1f}" in said
        tab.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40)
        assert tab.locator(".station-mark").bounding_box() != first
        tab.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
        assert tab.inner_text("#station") == said
        assert tab.locator(".way:visible .cursor").count() == 1
        tab.mouse.move(330, 700)
        assert tab.locator(".station-mark").count() == 0

    def test_another_road_on_the_map_brings_its_profile(self, opened, file, run):
        tab = opened(file)
        rows = run.result.tables[0].frame
        spot = data_of(file.read_text(encoding="utf-8"))["profiles"][2]["spots"][-1]
        x, y = on_map(tab, *spot)
        tab.mouse.click(x, y)
        assert tab.locator("#way-tabs [aria-selected=true]").inner_text() == "绕山方案"
        last = rows[rows["alternative"] == "绕山方案"]["chainage_m"].iloc[-1]
        assert f"K{last // 1000:.0f}+{last % 1000:03.0f}" in tab.inner_text("#station")

    def test_arrow_keys_move_the_cursor(self, opened, file):
        tab = opened(file)
        tab.focus(".way:not([hidden]) .cross")
        tab.keyboard.press("ArrowRight")
        assert tab.get_attribute(".way:not([hidden]) .cross", "aria-valuenow") == "0"
        tab.keyboard.press("ArrowRight")
        assert tab.get_attribute(".way:not([hidden]) .cross", "aria-valuenow") == "20"
        assert "地面线" in tab.get_attribute(".way:not([hidden]) .cross", "aria-valuetext")
        tab.keyboard.press("End")
        assert tab.inner_text("#station b >> nth=0").startswith("K15+9")
        tab.focus("#way-tabs [aria-selected=true]")
        tab.keyboard.press("ArrowRight")
        assert tab.locator("#way-tabs [aria-selected=true]").inner_text() == "隧道方案"
        tab.click("#drawer-button")
        assert tab.locator(".cross:visible").count() == 0
        assert tab.locator("#stage").bounding_box()["height"] > 820

    def test_alternatives_and_structures_stand_in_the_legend(self, opened, file):
        tab = opened(file)
        legend = tab.inner_text("#legend-body")
        for words in ("沿溪方案", "隧道方案", "绕山方案", "桥梁", "隧道"):
            assert words in legend
        assert "与理论最优的差距不超过 0.20 %" in tab.inner_text("#cards")

    def test_a_wide_table_opens_in_a_window_and_goes_back(self, opened, file):
        tab = opened(file, DESK)
        tab.click(".compared .widen")
        assert tab.locator("#wide td:visible").count() == 12
        assert "方案对比" in tab.inner_text("#wide-title")
        tab.keyboard.press("Escape")
        tab.wait_for_selector(".compared .scroll")
        assert tab.locator("#wide td").count() == 0
        assert tab.locator(".compared td:visible").count() == 12
        tab.click(".compared .widen")
        tab.click("#wide-close")
        tab.wait_for_selector(".compared .scroll")
        assert tab.locator(".compared td:visible").count() == 12

    def test_a_front_tells_each_point(self, opened, file):
        tab = opened(file)
        tips = tab.locator(".front .tip")
        assert tips.all_text_contents() == ["P2 · 选定", "造价 2.6 万元", "占地 23.08 公顷"]
        tab.locator(".front .point").nth(5).hover()
        assert tips.all_text_contents() == ["P5", "造价 4.5 万元", "占地 13.33 公顷"]
        tab.focus(".front")
        tab.keyboard.press("Home")
        assert tips.first.text_content() == "P0"
        assert "P0" in tab.get_attribute(".front", "aria-label")

    def test_a_click_lists_the_rules_of_this_road_alone(self, opened, file):
        tab = opened(file)
        tab.click("#search-button")
        tab.fill("#query", "way_0")
        tab.keyboard.press("Enter")
        text = tab.inner_text(".leaflet-popup-content")
        assert "road.grade" in text
        assert "road.radius" in text
        tab.fill("#query", "way_2")
        tab.keyboard.press("Enter")
        assert "road." not in tab.inner_text(".leaflet-popup-content")

    def test_print_shows_the_profile_whole(self, opened, file):
        tab = opened(file, DESK)
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.strip_is_whole(tab)
        drawer, neat = (tab.locator(f".sheet {one}").bounding_box() for one in (".drawer", ".neat"))
        assert drawer["y"] >= neat["y"] + neat["height"]
        assert tab.locator(".sheet .way:not([hidden]) .cross").bounding_box()["height"] > 60

    def test_hostile_words_do_nothing(self, opened, run, tmp_path):
        words = hostile_words()
        result = run.result
        names = {zh: next(words) for zh, *_ in made_up.WAYS}
        frame = result.tables[0].frame.assign(
            alternative_en=lambda f: f["alternative"].map(lambda _: next(words))
        )
        frame = frame.assign(
            alternative=frame["alternative"].map(names),
            note=[next(words) for _ in range(len(frame))],
        )
        columns = (
            *result.tables[0].columns,
            Column("note", Text(next(words), next(words)), next(words)),
        )
        tables = (
            replace(result.tables[0], frame=frame, columns=columns),
            replace(
                result.tables[1],
                frame=result.tables[1].frame.replace({"alternative": names}),
                title=Text(next(words), next(words)),
            ),
            *(poisoned(one, words) for one in result.tables[2:]),
        )
        ways = next(one for one in result.layers if one.id == "ways")
        bound = [next(words).replace(";", ",") for _ in range(3)]
        data = ways.data.assign(alternative=ways.data["alternative"].map(names), bound_by=bound)
        categories = tuple(
            replace(c, code=names[c.code], title=Text(names[c.code], next(words)))
            for c in ways.categories
        )
        layers = tuple(
            replace(one, data=data, categories=categories) if one is ways else one
            for one in result.layers
        )
        tab = opened(written(tmp_path, run, tables=tables, layers=layers))
        shown = (
            tab.text_content("#middle") + tab.text_content("#charts") + tab.text_content("#left")
        )
        assert [one for one in names.values() if one not in shown] == []
        for place in range(3):
            tab.locator("#way-tabs button").nth(place).click()
            tab.focus(".way:not([hidden]) .cross")
            tab.keyboard.press("End")
            own = frame[frame["alternative"] == list(names.values())[place]]
            assert own["note"].iloc[-1] in tab.text_content("#station")
        tab.click("#search-button")
        shown += why(tab, "way_1")
        assert bound[1] in shown
        for point in tab.locator(".front .point").all():
            point.hover()
            shown += "".join(tab.locator(".front .tip").all_text_contents())
        harmless(tab, shown)
