"""Pages about figures: tornados, curves, indices and measures in place of the map."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from geo.words import Text
from maps import board, leading
from maps.figures import drawing
from maps.page import page
from maps.tornado import Scale, measured
from scenarios.result import Column, Metric, Table
from scenarios.several.measures.findings import COLUMNS
from tests.made_up import hostile
from tests.made_up import pages as made_up
from tests.made_up.screen import DESK, PHONE, WIDE

PARAMETER = Column("parameter", Text("参数", "Parameter"))
ENDS = tuple(Column(name, Text(name, name), "min", 1) for name in ("low", "base", "high"))
AT = tuple(Column(name, Text(name, name)) for name in ("low_at", "high_at"))
GROUND = {"outline", "hillshade", "water", "boundary"}


def tornado(rows, about="a"):
    names = ("parameter", "low", "base", "high", "low_at", "high_at")
    frame = pd.DataFrame(rows, columns=names)
    title = Text(f"敏感性 {about}", f"Sensitivity {about}")
    return Table(f"t_{about}", title, frame, (PARAMETER, *ENDS, *AT), "tornado", about=about)


def curve(about):
    frame = pd.DataFrame({"x": [0.5, 1.0, 2.0], "y": [3.0, np.nan, 1.0]})
    columns = (Column("x", Text("系数", "factor")), Column("y", Text("时间", "Time"), "min", 1))
    return Table(f"c_{about}", Text(f"曲线 {about}", "Curve"), frame, columns, "curve", about=about)


def whiskers(about, rows):
    frame = pd.DataFrame(rows, columns=["parameter", "first", "first_interval", "total"])
    columns = (PARAMETER, *(Column(n, Text(n, n), "", 2) for n in frame.columns[1:]))
    return Table(f"w_{about}", Text("指数", "Indices"), frame, columns, "whiskers", about=about)


def cases():
    folders = ["cases/a", "cases/丙 #1", "", "javascript:alert(1)"]
    frame = pd.DataFrame(
        {"case": list("1234"), "set": [0.55, 0.6, 10.0, 2.0], "folder": folders}
        | {f"f{k}": [1.0] * 4 for k in range(4)}
    )
    columns = tuple(Column(name, Text(name, name)) for name in ("case", "set"))
    columns += tuple(Column(f"f{k}", Text(f"f{k}", f"f{k}"), decimals=0) for k in range(4))
    columns += (Column("folder", Text("文件夹", "Folder")),)
    return Table("cases", Text("案例", "Cases"), frame, columns)


def swept():
    """Give a run that is about two figures, of which the first is the same in all cases."""
    run = made_up.run()
    layers = tuple(one for one in run.result.layers if one.meaning in GROUND)
    tables = (
        tornado([("p", 1.0, 2.0, 5.0, "0.5", "2"), ("q", 2.0, 2.0, 2.5, "", "9")], "a"),
        curve("a"),
        whiskers("a", [("p", 0.5, 0.75, 0.6), ("q", np.nan, np.nan, 0.1)]),
        tornado([("p", 7.0, 7.0, 7.0, "", "")], "b"),
        cases(),
    )
    metrics = tuple(
        Metric(name, Text(f"指标 {name}", f"Figure {name}"), 2.0, "min", low=low, high=5.0)
        for name, low in (("b", 5.0), ("a", 1.0))
    )
    result = replace(run.result, layers=layers, tables=tables, metrics=metrics, claims=())
    return replace(run, result=result, scenario="sweep")


def answers(words="甲"):
    """Give measures: one with two questions, one run; one without; one that is not spatial."""
    rows = [
        (3, "run", "问题一", "../a"),
        (3, "waiting", words, ""),
        (5, "open", "", ""),
        (10, "none", "", ""),
    ]
    frame = pd.DataFrame(
        [
            dict.fromkeys((one.name for one in COLUMNS), "")
            | {"measure": n, "state": s, "question": q, "question_en": q, "folder": f}
            | {
                "title": f"举措名 {n} {words}",
                "headline": "1.0 km" if s == "run" else "",
                "runs": 1.0,
            }
            for n, s, q, f in rows
        ]
    )
    return Table("answers", Text("举措", "Measures"), frame, COLUMNS, role="measures")


def told(table):
    words, svg = drawing(table)
    return words["words"], svg


def test_a_tornado_reaches_from_the_lowest_to_the_highest_widest_first():
    words, svg = told(tornado([("q", 2.0, 2.0, 2.5, "", "9"), ("p", 1.0, 2.0, 5.0, "0.5", "2")]))
    bars = [
        tuple(map(float, one))
        for one in re.findall(r'x="([\d.]+)" y="\d+" width="([\d.]+)" height="12"', svg)
    ]
    # Four units from 1 to 5 over 300 - 2 · 52 = 196 px: 49 px a unit, 1 stands at 52, 2 at 101.
    assert bars == [(52.0, 49.0), (101.0, 147.0), (101.0, 24.5)]
    places = [int(one) for one in re.findall(r'data-tip="(\d+)"', svg)]
    assert [words[place][0] for place in places] == ["p", "q"]
    assert words[places[0] + 1][1] == "low 1.0 min (at 0.5) · high 5.0 min (at 2)"
    assert words[places[0] + 2][1] == "Range 4.0 min"


def test_a_figure_that_nothing_moves_is_said_and_odd_cells_are_drawn():
    words, svg = told(tornado([("p", 7.0, 7.0, 7.0, "", "")]))
    assert ["不随此参数变化", "not moved by it"] in words
    assert "nan" not in svg
    _, svg = told(whiskers("a", [("p", np.nan, np.nan, 0.1), ("q", 0.1, np.nan, -0.2)]))
    assert "nan" not in svg
    assert svg.count('height="10"') == 3


def test_whiskers_span_their_intervals_and_zero_is_in_the_picture():
    table = whiskers("a", [("p", 0.5, 0.75, 1.0)])
    assert [(one.column.name, bool(one.interval)) for one in measured(table)] == [
        ("first", True),
        ("total", False),
    ]
    words, svg = told(table)
    scale = Scale(-0.25, 1.25, 14.0, 286.0)
    low, high = (f"{scale.at(one):.1f}" for one in (-0.25, 1.25))
    assert f'd="M{low} ' in svg
    assert f"H{high}M" in svg
    assert ["first 0.50 ± 0.75", "first 0.50 ± 0.75"] in words


def test_a_curve_marks_the_point_that_was_taken():
    plain = curve("a")
    taken = np.arange(len(plain.frame)) == 2
    _, svg = told(replace(plain, frame=plain.frame.assign(chosen=taken)))
    assert svg.count('class="point chosen"') == len(plain.columns) - 1
    assert 'class="point chosen"' not in told(plain)[1]


def test_points_of_a_short_curve_are_told_and_of_a_long_one_not():
    words, svg = told(curve("a"))
    assert svg.count("<circle") == 2
    assert ["系数 2", "factor 2"] in words
    long = pd.DataFrame({"x": range(13), "y": range(13)})
    _, svg = told(replace(curve("a"), frame=long))
    assert "<circle" not in svg


def test_figures_that_are_the_same_in_all_cases_come_last():
    assert [one["id"] for one in board.board(swept())] == ["a", "b"]
    assert board.board(made_up.run()) is None


def test_rows_lead_to_pages_that_are_there_and_nowhere_else():
    lead = leading.leads(cases(), {"cases/a", "javascript:alert(1)"})
    assert lead["hrefs"] == [
        "./cases/a/index.html",
        "",
        "",
        "./javascript%3Aalert%281%29/index.html",
    ]
    assert lead["undrawn"] == 1


def test_measures_are_cards_with_their_questions():
    run = swept()
    run = replace(run, result=replace(run.result, tables=(answers(),)))
    cards = board.measures(run, {"../a"})
    assert [(one["measure"], len(one["questions"])) for one in cards] == [
        ("3", 2),
        ("5", 0),
        ("10", 0),
    ]
    assert [one["href"] for one in cards[0]["questions"]] == ["./../a/index.html", ""]
    assert cards[1]["state"]["words"] == ["尚无对应问题", "no question yet"]


def poisoned(table, words):
    """Put hostile words in place of all words of a table but the names its chart goes by."""
    frame = table.frame.copy()
    for name in frame.columns[frame.dtypes.map(lambda kind: kind.kind not in "iuf")]:
        frame[name] = pd.Series([next(words) for _ in range(len(frame))], dtype=object)
    columns = tuple(replace(hostile.poisoned(c, words), name=c.name) for c in table.columns)
    return replace(table, title=hostile.poisoned(table.title, words), frame=frame, columns=columns)


def written(path, run, pages=()):
    path.write_text(page(run, pages=pages), encoding="utf-8", newline="\n")
    return path


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("size", "lang"), [(WIDE, "zh"), (DESK, "en"), (PHONE, "zh")], ids=str)
def test_charts_follow_the_figure_chosen_and_rows_lead_to_runs(opened, tmp_path, size, lang):
    tab = opened(written(tmp_path / "index.html", swept(), {"cases/a"}), size)
    if lang == "en":
        tab.click("#lang")
    shown = tab.locator("#board .plot:visible")
    assert shown.count() == 3
    assert tab.locator("#map_1").is_hidden()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.select_option("#figure", "b")
    assert shown.count() == 1
    tab.select_option("#figure", "a")
    chart = tab.locator("#board svg.front").first
    first = chart.locator(".tip").first.text_content()
    chart.focus()
    tab.keyboard.press("End")
    assert (first, chart.locator(".tip").first.text_content()) == ("p", "q")
    chart.locator(".band").first.hover()
    assert chart.locator(".tip").first.text_content() == "p"
    if not tab.locator("#shelf-body").is_visible():
        tab.click("#shelf-button")
    heads = tab.locator("#shelf th button")
    heads.nth(1).click()
    sizes = [float(one) for one in tab.locator("#shelf tbody td:nth-child(2)").all_inner_texts()]
    assert all(a < b for a, b in pairwise(sizes))
    assert tab.locator(".undrawn").inner_text().startswith("2")
    assert tab.locator("#shelf tbody a").count() == 1
    tab.evaluate(
        "document.querySelector('#shelf tbody a').addEventListener('click', (event) => "
        "{ event.preventDefault(); window.led = event.target.getAttribute('href'); })"
    )
    tab.locator("#shelf tr.leads td").nth(1).click()
    assert tab.evaluate("window.led") == "./cases/a/index.html"


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("size", "lang"), [(WIDE, "zh"), (DESK, "en"), (PHONE, "en")], ids=str)
def test_measures_are_found_by_words_and_state(opened, tmp_path, size, lang):
    run = swept()
    run = replace(run, result=replace(run.result, tables=(answers(),), checks=()))
    tab = opened(written(tmp_path / "index.html", run, {"../a"}), size)
    if lang == "en":
        tab.click("#lang")
    shown = tab.locator(".measure:visible")
    assert shown.count() == 3
    tab.fill("#measure-query", "问题一")
    assert shown.count() == 1
    tab.fill("#measure-query", "")
    for state in ("run", "waiting", "open", "none"):
        tab.select_option("#measure-state", state)
        assert shown.count() == 1, state
    tab.fill("#measure-query", "没有这个")
    assert shown.count() == 0
    assert tab.locator(".measures .none").is_visible()
    tab.fill("#measure-query", "")
    tab.select_option("#measure-state", "")
    assert tab.locator(".measure a").get_attribute("href") == "./../a/index.html"
    assert tab.locator("#right").is_hidden()
    assert tab.locator("#footer").is_visible()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("#sheets .measure").count() == 3
    assert tab.locator("#sheets .neat").count() == 0
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#sheets > *").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_hostile_words_stay_words(opened, tmp_path):
    run = swept()
    words = hostile.hostile_words()
    tables = tuple(poisoned(one, words) for one in (*run.result.tables, answers()))
    run = replace(run, result=replace(run.result, tables=tables))
    folders = {name for one in tables if "folder" in one.frame for name in one.frame["folder"]}
    tab = opened(written(tmp_path / "index.html", run, folders))
    text = tab.inner_text("body")
    hostile.harmless(tab, text)
    assert tables[0].frame["parameter"][0] in tab.locator("#board svg .tip").all_text_contents()
    titles = tab.locator(".measure .names b").all_text_contents()
    assert titles == tables[-1].frame["title"][[0, 2, 3]].tolist()
    links = [one.get_attribute("href") for one in tab.locator(".measure a, #shelf a").all()]
    assert links
    assert all(one.startswith("./") and ":" not in one for one in links)
