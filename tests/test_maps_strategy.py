"""The page of a strategy: cells of the matrix with their hectares, sums by year, subsets, paper."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from layers import rulebook
from maps.stack import stack
from maps.strategy import ledger, matrix
from maps.strategy.page import strategy_page
from maps.wording import RefusedError
from tests.made_up import hostile
from tests.made_up.paper import A3_POINTS, boxes, printed, squeezed, told
from tests.made_up.screen import DESK, PHONE, WIDE
from tests.made_up.strategies import HEAD, LEFT, RIGHT, box, carried, patched, plan, table

SOURCED = (
    HEAD
    + """
title_zh = "三项规划"
title_en = "Three plans"
[money.county]
zh = "县级财政"
en = "County budget"
[[limit]]
kind = "yuan"
most = 2e6
year = 2027
money = "county"
"""
)
PAID = """money = "county"
spent = { 2026 = 0.25, 2027 = 0.75 }
[[plan.benefit]]
figure = "ha"
yuan = 100000
first_year = 2028
years = 20
who_zh = "沿线居民"
who_en = "people along it"
"""
PLANS = (
    plan("left", box=LEFT, yuan=4e6, people=20, owed_ha=1, more=PAID),
    plan("right", box=RIGHT, yuan=2e6, year=2026),
    plan("far", box=box(1400, 1100, 1600, 1300), people='"@left.ha"', yuan=1e6),
)
"""1 ha of the first two is contested; the third takes a figure of the first, and names no year."""
NAMES = ("left", "right", "far")
CLAUSE = "land_take.basic_farmland"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Give the strategy, its contested land bound by a clause."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        patched(monkeypatch)
        whole = carried(tmp_path_factory.mktemp("plans"), *PLANS, head=SOURCED)
    rule = rulebook.rules(date(2026, 1, 1))[CLAUSE]
    layers = tuple(
        replace(one, data=one.data.assign(rules=CLAUSE)) if one.id == "contested" else one
        for one in whole.result.layers
    )
    return replace(whole, rules=(rule,), result=replace(whole.result, layers=layers))


@pytest.fixture(scope="module")
def file(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("图") / "index.html"
    path.write_text(strategy_page(run), encoding="utf-8", newline="\n")
    return path


def layer(run, name):
    return next(one.data for one in run.result.layers if one.id == name)


def test_cells_lead_to_the_hectares_of_their_pair(run):
    whole = matrix.matrix(run)
    states = [[cell["state"] for cell in row] for row in whole["cells"]]
    assert states == [
        ["own", "conflict", "help"],
        ["conflict", "own", "none"],
        ["none", "none", "own"],
    ]
    conflict = whole["cells"][0][1]
    assert (conflict["layer"], conflict["features"]) == ("contested", ["piece_1"])
    assert layer(run, "contested").loc[conflict["features"]].area.sum() == pytest.approx(1e4)
    assert (conflict["ha"], conflict["mu"], conflict["rules"]) == (
        "1.0000",
        ["15.0 亩", "15.0 mu"],
        [0],
    )
    assert conflict["pieces"] == [["耕地，西南镇：1.0000 公顷", "cropland, Southwest: 1.0000 ha"]]
    assert whole["cells"][0][2]["features"] == ["left", "far"]
    assert whole["cells"][2][2]["features"] == ["far"]
    assert whole["cells"][2][2]["ha"] == "4.00"


def test_the_sums_of_the_years_are_those_of_the_ledger(run):
    """4 million yuan, a quarter in 2026; 2 million in 2026; 1 million of no year, so in 2025."""
    told_ = ledger.timeline(run, NAMES)
    assert told_["years"] == ["2025", "2026", "2027"]
    cells = [[one["value"] for one in row["cells"]] for row in told_["plans"]]
    assert cells == [["", "100", "300"], ["", "200", ""], ["100", "", ""]]
    assert [one["undated"] for one in told_["plans"][2]["cells"]] == [True, False, False]
    assert [one["title"][1] for one in told_["sources"]] == ["source not told", "County budget"]
    sections = {one["title"][1]: one["lines"] for one in ledger.ledger(run, NAMES)}
    (cost,) = sections["Money"]
    for rows in (told_["plans"], told_["sources"]):
        assert sum(int(one["total"]) for one in rows) == int(cost["whole"]) == 700
    assert told_["whole"]["total"] == cost["whole"]
    assert [one["total"] for one in told_["plans"]] == cost["plans"]


def test_a_stack_reaches_as_high_as_its_sum_and_tells_its_parts(run):
    (parted,) = [one for one in run.result.tables if one.id == "years_by_money"]
    words: list[list[str]] = []
    svg = stack(parted, words)
    bars = re.findall(r'y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#\w+" stroke', svg)
    # 300 × 10⁴ yuan are 120 px high: 100 of them 40, 200 of them 80.
    assert [float(high) for _, high in bars] == [40.0, 80.0, 40.0, 120.0]
    places = [int(one) for one in re.findall(r'data-tip="(\d+)"', svg)]
    assert [words[place][1] for place in places] == [
        "2025 · Total 100 10k CNY",
        "2026 · Total 300 10k CNY",
        "2027 · Total 300 10k CNY",
    ]
    assert words[places[1] + 2] == ["县级财政 100 万元", "County budget 100 10k CNY"]


def test_what_comes_in_is_drawn_below_the_line(run):
    (parted,) = [one for one in run.result.tables if one.id == "years_by_plan"]
    turned = replace(parted, frame=parted.frame.assign(left=-parted.frame["left"]))
    svg = stack(turned, [])
    zero = float(re.search(r'M44.0 ([\d.]+)H296.0" stroke="#6B7885"', svg)[1])
    bar = r'y="([\d.]+)" width="[\d.]+" height="[\d.]+" fill="#D55E00" stroke'
    assert [float(top) for top in re.findall(bar, svg)] == [pytest.approx(zero, abs=0.1)] * 2


def test_a_strategy_whose_tables_tell_too_little_is_refused(run):
    tables = [one for one in run.result.tables if one.id != "ledger"]
    bare = [
        replace(one, columns=tuple(c for c in one.columns if c.name != "line"))
        for one in run.result.tables
    ]
    for some in (tables, bare):
        with pytest.raises(RefusedError, match=r"\(ledger\).*run it again"):
            strategy_page(replace(run, result=replace(run.result, tables=tuple(some))))


def lit(tab):
    """Give the shapes that are lit, as the map holds them."""
    return tab.evaluate(
        "() => { const found = []; map_1.eachLayer((one) => { if (one.toGeoJSON && one.options.className === 'lit')"
        " found.push(one.toGeoJSON().geometry.coordinates); }); return found; }"
    )


def shapes(tab, layer_id, *ids):
    data = json.loads(tab.text_content("#data"))
    features = next(one for one in data["layers"] if one["id"] == layer_id)["features"]
    return [one["geometry"]["coordinates"] for one in features if one["id"] in ids]


def tables_open(tab, name):
    tab.locator("#shelf-tabs button", has_text=name).first.click()
    return tab.locator("#shelf-body .leaf:not([hidden])")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_cell_lights_its_hectares_and_says_its_clause(opened, file):
    tab = opened(file, WIDE)
    cells = tab.locator("#relations .matrix .cell")
    assert cells.count() == 9
    assert lit(tab) == []
    cells.nth(1).click()
    assert lit(tab) == shapes(tab, "contested", "piece_1")
    assert cells.nth(1).get_attribute("aria-pressed") == "true"
    detail = tab.inner_text(".relation")
    for words in ("冲突", "1.0000", "15.0 亩", CLAUSE, "耕地，西南镇", "公路用地"):
        assert words in detail
    view = tab.evaluate("map_1.getBounds().toBBoxString()").split(",")
    assert float(view[2]) - float(view[0]) < 0.05
    cells.nth(1).click()
    assert lit(tab) == []
    cells.nth(1).focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.className") == "cell help"
    tab.keyboard.press("Enter")
    assert sorted(lit(tab)) == sorted(shapes(tab, "land", "left", "far"))
    assert "取用其面积" in tab.inner_text(".relation")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Space")
    assert lit(tab) == shapes(tab, "land", "far")
    assert tab.inner_text(".matrix-key").split() == [
        "✕",
        "冲突",
        "2",
        "＋",
        "支撑",
        "1",
        "·",
        "无",
        "3",
        "?",
        "未知",
        "0",
    ]
    tab.click("#lang")
    assert "Land of this plan" in tab.inner_text(".relation")
    assert (
        cells.nth(1).get_attribute("aria-label")
        == "1 land taken (left) to 2 land taken (right): Conflict 1.0000 ha"
    )


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_every_control_of_the_books_does_what_it_says(opened, file, run):
    tab = opened(file, DESK)
    tab.click("#lang")
    assert "Does not fit" in tab.inner_text("#fit .fit >> nth=0")
    assert "land taken (far) + land taken (right)" in tab.inner_text("#fit .fit >> nth=1")
    tab.click("#fit .fit .shows")
    assert lit(tab) == shapes(tab, "contested", "piece_1")
    assert "1 and 2 both claim 1.0000 ha" in tab.inner_text("#fit .fit >> nth=0")
    tab.click(".every-subset")
    rows = tab.locator("#shelf-body .leaf:not([hidden]) tbody tr")
    assert rows.count() == len(table(run, "subsets")) == 7
    assert "both claim 1.00 ha" in rows.nth(3).inner_text()
    rows.nth(0).locator("button").click()
    assert sorted(lit(tab)) == sorted(shapes(tab, "land", "right", "far"))
    books = tables_open(tab, "The ledger")
    line = books.locator("tr[data-line=land_contested]")
    assert "Open" in line.inner_text()
    line.locator("button").click()
    assert lit(tab) == shapes(tab, "contested", "piece_1")
    years = tables_open(tab, "Years and hand-overs")
    whole = years.locator("tfoot td").all_inner_texts()
    assert whole[:5] == ["100＊", "300", "300", "700", "621"]
    assert "land taken (left): takes from it: area" in years.inner_text()
    names = [one.inner_text() for one in tab.locator("#shelf-tabs button").all()]
    for name in names:
        assert tables_open(tab, name).locator("tbody tr").count(), name
    chart = tab.locator("#charts svg.front").first
    first = chart.locator(".tip").first.text_content()
    chart.focus()
    tab.keyboard.press("End")
    assert (first, chart.locator(".tip").first.text_content()) == (
        "2025 · Total 100 10k CNY",
        "2027 · Total 300 10k CNY",
    )
    tab.click("#relations summary")
    assert tab.locator(".matrix").is_hidden()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_on_a_phone_a_cell_goes_to_the_map_and_says_its_clause_there(opened, file):
    tab = opened(file, PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.locator("#relations .matrix .cell").nth(3).click()
    assert CLAUSE in tab.inner_text(".leaflet-popup-content")
    assert lit(tab) == shapes(tab, "contested", "piece_1")
    tables_open(tab, "总账")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_of_it_is_printed(opened, file, run, tmp_path, lang):
    tab = opened(file, WIDE)
    if lang == "en":
        tab.click("#lang")
    sheets = printed(tab, tmp_path / "sheets.pdf")
    assert all(size == pytest.approx(A3_POINTS, abs=1) for size in boxes(sheets))
    text = told(tmp_path / "sheets.pdf")
    side = 0 if lang == "zh" else 1
    wanted = [
        ("规划关系", "Plans against plans"),
        ("总账", "The ledger"),
        ("耕地占补平衡", "Balance of cropland"),
        ("分年度资金与衔接", "Years and hand-overs"),
        ("谁承担、谁受益", "Who pays, who gains"),
        ("争用 1.00 公顷", "both claim 1.00 ha"),
        ("1 与 2 争用 1.0000 公顷", "1 and 2 both claim 1.0000 ha"),
        ("县级财政", "County budget"),
        ("沿线居民", "people along it"),
        ("2025 · 合计 100 万元", "2025 · Total 100 10k CNY"),
    ]
    for words in wanted:
        assert squeezed(words[side]) in text, words
    subsets = table(run, "subsets")["plans" if lang == "zh" else "plans_en"]
    for name in subsets:
        assert squeezed(name) in text, name
    assert tab.locator("#sheets > *").count() == 0


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_contested_land_is_hatched_on_paper(opened, file):
    tab = opened(file, WIDE)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    fill = tab.get_attribute(".neat path.feature[fill^=url]", "fill")
    name = re.search(r"#[\w-]+", fill)[0]
    assert tab.locator(f"#hatches {name}").count() == 1
    style = "getComputedStyle(document.querySelector('#hatches')).display"
    assert tab.evaluate(style) != "none"  # of what is not displayed nothing is filled
    tab.evaluate("dispatchEvent(new Event('afterprint'))")


def poisoned(table_, words):
    """Put hostile words in place of what a table of a strategy says, and leave its codes."""
    frame = table_.frame.copy()
    for name in frame.columns:
        if f"{name}_en" in frame or name.endswith("_en"):
            frame[name] = [next(words) for _ in range(len(frame))]
    columns = tuple(
        replace(
            one,
            title=hostile.poisoned(one.title, words),
            categories=tuple(
                replace(c, title=hostile.poisoned(c.title, words)) for c in one.categories
            ),
        )
        for one in table_.columns
    )
    return replace(
        table_, title=hostile.poisoned(table_.title, words), frame=frame, columns=columns
    )


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_hostile_words_stay_words(opened, run, tmp_path):
    words = hostile.hostile_words()
    tables = tuple(poisoned(one, words) for one in run.result.tables)
    path = tmp_path / "index.html"
    bad = replace(run, result=replace(run.result, tables=tables))
    path.write_text(strategy_page(bad), encoding="utf-8", newline="\n")
    tab = opened(path)
    tab.locator("#relations .matrix .cell").nth(1).click()
    for button in tab.locator("#shelf-tabs button").all():
        button.click()
        hostile.harmless(tab, tab.inner_text("body"))
    plans = next(one for one in tables if one.id == "plans")
    assert plans.frame["stands_on"].iloc[2] in tab.text_content("body")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_plans_that_claim_nothing_or_fail_are_told_and_many_have_room(
    opened, tmp_path, monkeypatch
):
    """One plan asks for minutes alone, one fails, eleven take land that the next takes a part of.

    Subsets of these that fit are those without neighbours, with the first or without it: 2 × 233
    but the empty one, more than are listed.
    """
    patched(monkeypatch)
    some = [plan(f"p{k}", box=box(90 * k, 0, 90 * k + 100, 100)) for k in range(11)]
    minutes = plan("minutes", "access", cell_m=240, open_roads="[]")
    whole = carried(tmp_path, *some, minutes, plan("broken", fails="true"))
    path = tmp_path / "index.html"
    path.write_text(strategy_page(whole), encoding="utf-8", newline="\n")
    tab = opened(path, DESK)
    cells = tab.locator("#relations .matrix .cell")
    assert cells.count() == 13**2
    assert cells.nth(11).get_attribute("class") == "cell unknown"
    assert "全部规划 (12)" in tab.inner_text("#fit .fit >> nth=0")
    assert "不可同时实施" in tab.inner_text("#fit .fit >> nth=0")
    assert tab.locator("#fit .fit >> nth=0").locator(".shows").count() == 10
    rows = next(one for one in whole.result.tables if one.id == "subsets")
    assert len(rows.frame) == 200
    assert rows.title.en == f"Plans combined ({2**12 - 1 - 200} more)"
    wide = tab.evaluate(
        "(() => { const b = document.querySelector('#right'); return [b.scrollWidth, b.clientWidth]; })()"
    )
    assert wide[0] == wide[1]
    cells.nth(11 * 13 + 11).click()
    assert lit(tab) == []
    assert "没有可上图的用地" in tab.inner_text(".relation")
    years = tables_open(tab, "分年度资金与衔接")
    assert "未能运行" in years.inner_text()
    assert years.locator("tfoot td").all_inner_texts() == ["0", "0", ""]
    printed(tab, tmp_path / "sheets.pdf")
    assert squeezed("未能运行") in told(tmp_path / "sheets.pdf")


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_square_of_six_plans_needs_no_scroll_bar(opened, tmp_path, monkeypatch):
    patched(monkeypatch)
    some = [plan(f"p{k}", box=box(90 * k, 0, 90 * k + 100, 100)) for k in range(6)]
    path = tmp_path / "index.html"
    path.write_text(strategy_page(carried(tmp_path, *some)), encoding="utf-8", newline="\n")
    frame = opened(path, DESK).locator(".matrix-frame")
    assert frame.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert frame.locator(".cell span").first.is_visible()
