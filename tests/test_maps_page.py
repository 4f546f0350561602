"""Pages as text: what they hold, that nothing in them can run, that they are the same every time."""

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.words import Text, alike
from maps import cards, draw, figures, imagery, labels, panel, stable, store, style, wording
from maps.__main__ import main, run_folders
from maps.page import embedded, index, page
from scenarios.result import FORMAT, Category, Check, Claim, Column, Layer, Metric, Table
from tests.made_up import pages as made_up


@pytest.fixture(scope="module")
def run():
    return made_up.run()


@pytest.fixture(scope="module")
def html(run):
    return page(run)


def data_of(html):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', html)[1]
    )


def test_same_run_gives_the_same_bytes(html, run):
    assert page(made_up.run()) == html
    assert index({"a": run}) == index({"a": made_up.run()})


def test_every_title_stands_in_the_page(html, run):
    for one in (*run.result.layers, *run.result.tables, *run.result.metrics, *run.result.checks):
        assert one.title.zh in html
        assert one.title.en in html


def test_nothing_outside_is_asked_for(html, run):
    for text in (html, index({"a": run})):
        acting = re.compile(r"<(script|style)[^>]*>.*?</\1>|'sha256-[^']*'", re.DOTALL)
        assert "//" not in acting.sub("", text)
        assert "src" not in re.sub("-src", "", acting.sub("", text))
        styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
        assert {one[:9] for one in re.findall(r"url\((.*?)\)", styles)} <= {"data:imag"}
        assert "@import" not in text
        assert "sourceMappingURL" not in text


def test_no_random_id_of_folium_is_left(html):
    assert not re.search(r"_[0-9a-f]{32}", html)
    assert 'id="map_1"' in html


def test_the_policy_lists_every_script_and_style(html, run):
    for text in (html, index({"a": run})):
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
        assert policy.startswith("default-src 'none'; img-src data:; script-src 'sha256-")
        assert "unsafe" not in policy
        acting = re.findall(r"<(script|style)>(.*?)</\1>", text, re.DOTALL)
        assert len(acting) >= 2
        for _, inside in acting:
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
        assert not re.search(
            r"<\w[^>]*\s(?:style|on\w+)=",
            re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL),
        )


def test_only_declared_columns_leave_the_frame(run):
    frame = gpd.GeoDataFrame(
        {"name": ["a"], "secret": ["classified"]}, geometry=[shapely.Point(5e5, 3.1e6)], crs=4549
    )
    layer = Layer(
        "p",
        Text("点", "p"),
        Text("t", "t"),
        "place",
        frame,
        columns=(Column("name", Text("名", "name")),),
    )
    text = page(replace(run, result=replace(run.result, layers=(layer,))))
    assert "classified" not in text
    assert "secret" not in text


def test_coordinates_have_five_decimals(html):
    road = next(one for one in data_of(html)["layers"] if one["id"] == "roads")
    for x, y in road["features"][0]["geometry"]["coordinates"]:
        assert round(x, 5) == x
        assert round(y, 5) == y


def test_an_unknown_address_from_folium_raises():
    with pytest.raises(stable.AssetError, match="unknown external address") as caught:
        stable.take_apart('<script src="https://example.org/a.js"></script>')
    assert caught.value.said("zh") == "未知外部地址：https://example.org/a.js"
    with pytest.raises(stable.AssetError, match="address left"):
        stable.take_apart('<script>fetch("//example.org/a")</script>')
    with pytest.raises(stable.AssetError, match="address left"):
        stable.refuse_addresses("a { background: url(https://example.org/a.png) }")


def test_a_changed_library_raises(tmp_path, monkeypatch):
    (tmp_path / "leaflet").mkdir()
    (tmp_path / "manifest.toml").write_bytes((stable.ASSETS / "manifest.toml").read_bytes())
    (tmp_path / "leaflet" / "leaflet.js").write_text("alert(1)", encoding="utf-8")
    monkeypatch.setattr(stable, "ASSETS", tmp_path)
    stable.asset.cache_clear()
    with pytest.raises(stable.AssetError, match=r"leaflet/leaflet\.js"):
        stable.asset("leaflet/leaflet.js")
    stable.asset.cache_clear()


def test_every_vendored_file_is_in_the_manifest():
    for path in stable.ASSETS.glob("*/**/*"):
        if path.is_file():
            stable._verify(path.relative_to(stable.ASSETS).as_posix(), path.read_bytes())


@pytest.mark.parametrize(
    "text",
    ["</script><script>", "<!--", "\u2028\u2029", "&amp;", "\x00\r\n\x7f", "\ud800", "\ufffe"],
)
def test_embedded_data_cannot_leave_its_element(text):
    found = embedded({"a": text})
    assert not set(found) & set("<>&\u2028\u2029\x00\r\ufffe")
    found.encode("utf-8")
    assert json.loads(found)["a"] == text


# value, before, target, better -> verdict
CASES = [
    (24.0, 30.0, 30.0, "lower", "pass"),
    (31.0, 30.0, 30.0, "lower", "over"),
    (1.0, 0.0, 0.0, "lower", "breach"),
    (0.0, 0.0, 0.0, "lower", "pass"),
    (70.0, 60.0, 80.0, "higher", "fail"),
    (80.0, 60.0, 80.0, "higher", "pass"),
    (70.0, 60.0, None, "higher", "better"),
    (70.0, 60.0, None, "lower", "worse"),
    (70.04, 70.0, None, "lower", "same"),
    (70.0, None, None, "lower", ""),
    (70.0, 60.0, None, "", ""),
    (float("nan"), 60.0, 80.0, "lower", "unknown"),
    (float("inf"), None, None, "", "unknown"),
]


@pytest.mark.parametrize(("value", "before", "target", "better", "verdict"), CASES)
def test_verdicts(value, before, target, better, verdict):
    metric = Metric("m", Text("指标", "m"), value, "min", before, target, better)
    assert cards.judged(metric) == verdict
    json.dumps(cards.card(metric), allow_nan=False)


# value, before, decimals -> value, change and baseline as the card says them
SAID = [
    (7.84, 7.86, 1, "7.8", "▼ 0.1", "7.9"),  # 0.02 apart; 7.8 and 7.9 as written
    (7.86, 7.94, 1, "7.9", "与现状持平", "7.9"),  # 0.08 apart; both 7.9
    (0.2, 0.3, 1, "0.2", "▼ 0.1", "0.3"),  # 0.2 - 0.3 = -0.09999… in binary
    (1234.6, 1233.4, 0, "1,235", "▲ 2", "1,233"),  # 1.2 apart; 1,235 and 1,233 as written
]


@pytest.mark.parametrize(("value", "before", "decimals", "shown", "change", "base"), SAID)
def test_the_change_is_that_of_the_figures_as_written(value, before, decimals, shown, change, base):
    metric = Metric("m", Text("指标", "m"), value, "min", before, None, "lower", decimals)
    card = cards.card(metric)
    assert card["value"] == shown
    assert change in card["change"]["text"][0]
    assert card["note"] == [f"现状 {base}", f"now {base}"]
    assert (card["verdict"] == ["不变", "SAME"]) == (change == "与现状持平")


def figure(words):
    return float(words.replace(",", "").replace("−", "-"))


@given(
    st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 4), st.sampled_from(["higher", ""])
)
def test_value_less_baseline_is_the_change(value, before, decimals, better):
    card = cards.card(Metric("m", Text("指标", "m"), value, "min", before, None, better, decimals))
    told = card["change"]["text"][1]
    size = figure(told.split()[-1]) if "now" in told and told != "same as now" else 0.0
    step = -size if "▼" in told else size
    base = figure(card["note"][1].removeprefix("now "))
    assert figure(card["value"]) - base == pytest.approx(step, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "target", "better", "shown", "verdict"),
    [
        (29.96, 30.0, "lower", "30.0", "PASS"),
        (30.04, 30.0, "lower", "30.04", "FAIL"),  # not "30.0, at most 30.0: fails"
        (79.9996, 80.0, "higher", "79.9996", "FAIL"),
        (30.0 + 1e-12, 30.0, "lower", "30.0", "PASS"),  # the rounding of a sum
    ],
)
def test_what_misses_its_target_is_not_written_as_the_target(value, target, better, shown, verdict):
    card = cards.card(Metric("m", Text("指标", "m"), value, "min", None, target, better))
    assert (card["value"], card["verdict"][1]) == (shown, verdict)


def test_a_share_that_is_missed_breaks_no_rule():
    missed = Check("a", Text("甲", "a"), "fail", alike("1"), alike("2"))
    words = {
        check.rule: panel._check(check, {})["verdict"]
        for check in (missed, replace(missed, rule="r"))
    }
    assert words == {"": ["未达标", "FAIL"], "r": ["违规", "FAIL"]}


def test_what_fails_stands_first_and_what_is_not_known_before_what_passes(run):
    verdicts = ("pass", "unknown", "fail", "pass", "fail", "unknown")
    found = tuple(
        Check(f"c{k}", Text("甲", f"{k}"), verdict, alike(""), alike(""))
        for k, verdict in enumerate(verdicts)
    )
    told = panel.checks(replace(run, result=replace(run.result, checks=found)))
    assert [one["title"][1] for one in told] == ["2", "4", "1", "5", "0", "3"]


def test_a_table_is_told_in_both_languages(run):
    frame = pd.DataFrame({"name": ["甲", "乙"], "v": [1.0, 2.0], "name_en": ["A", None]})
    columns = (
        Column("name", Text("名", "name")),
        Column("v", Text("值", "value"), "min", 1),
        Column("name_en", Text("英", "English")),
    )
    said = panel._table(run, Table("t", Text("表", "table"), frame, columns))
    assert [column["title"] for column in said["columns"]] == [["名", "name"], ["值", "value"]]
    assert said["rows"] == [[["甲", "A"], "1.0"], ["乙", "2.0"]]


def test_columns_of_one_word_in_two_languages_are_one_column(run):
    frame = pd.DataFrame({"title_zh": ["甲"], "title_en": ["A"], "en": ["B"]})
    columns = tuple(Column(name, Text(name, name)) for name in frame)
    said = panel._table(run, Table("t", Text("表", "table"), frame, columns))
    assert [column["title"][0] for column in said["columns"]] == ["title_zh", "en"]
    assert said["rows"] == [[["甲", "A"], "B"]]


def test_a_card_in_hectares_tells_mu():
    # 1,032 ha × 15 = 15,480 亩 = 1.55 万亩
    card = cards.card(Metric("a", Text("占用", "taken"), 1032.0, "ha", 0.0, 900.0, "lower", 0))
    assert card["value"] == "1,032"
    assert card["unit"] == ["公顷", "ha"]
    assert card["also"][0] == "1.55 万亩"
    assert card["change"]["text"][0] == "较现状 ▲ 1,032"
    # the bar ends at 1.1 × 1,032: the target's tick stands at 900 / 1,135.2
    assert card["tick"] == pytest.approx(900 / 1135.2, abs=1e-4)


def test_a_page_opens_at_the_layer_that_asks_for_it_with_what_lies_around(run):
    spot = gpd.GeoDataFrame(geometry=[shapely.Point(500_000, 3_090_000)], index=["a"], crs=4549)
    gate = Layer("gate", Text("门", "gate"), Text("题", "theme"), "place", spot)
    county = draw.focus(replace(run, result=replace(run.result, layers=(*run.result.layers, gate))))
    assert county == draw.bounds(run)
    layers = (*run.result.layers, replace(gate, focus=True))
    west, south, east, north = draw.focus(replace(run, result=replace(run.result, layers=layers)))
    assert (east - west, north - south) == pytest.approx((draw.LEAST, draw.LEAST), abs=1e-4)
    assert (west + east) / 2 == pytest.approx(120, abs=1e-4)  # on the central meridian


@pytest.mark.parametrize("meaning", ["path", "category", "place"])
def test_what_rules_say_of_features_has_the_colours_of_verdicts(meaning):
    codes = ("fail", "unknown", "approval", "pass")
    categories = tuple(Category(code, alike(code)) for code in codes)
    layer = Layer("parts", alike("p"), alike("t"), meaning, None, "verdict", categories=categories)
    looks = [style.category_look(layer, one, place) for place, one in enumerate(categories)]
    named = "stroke" if meaning == "path" else "fill"
    assert [look[named] for look in looks] == [style.VERDICTS[code] for code in codes]


def test_changes_are_coloured_by_what_is_better():
    def colours(better):
        layer = Layer("c", Text("c", "c"), Text("t", "t"), "change", None, better=better)
        return style.class_colours(layer, (-10.0, -1.0, 1.0, 10.0))

    lower, higher = colours("lower"), colours("higher")
    assert lower == tuple(reversed(higher))
    assert lower[2] == style.BETTER[0]
    assert lower[0] == style.BETTER[-1]
    assert lower[-1] == style.WORSE[-1]


def test_amount_ramp_darkens_all_the_way():
    light = [
        sum(
            w * (c / 255) ** 2.2
            for w, c in zip(
                (0.2126, 0.7152, 0.0722), style.rgb(style.ramp(style.AMOUNT, k / 20)), strict=True
            )
        )
        for k in range(21)
    ]
    assert all(a > b for a, b in itertools.pairwise(light))


def test_classes_are_closed_on_the_right():
    found = imagery.classes(np.array([[15.0, 15.1, np.nan, 99.0]]), (15.0, 30.0))
    assert found.tolist() == [[1, 2, 0, 3]]


def test_a_warped_raster_lies_where_the_ground_does():
    # A single hot cell must be read out at its own longitude and latitude.
    values = np.zeros(made_up.GRID.shape, dtype=np.float32)
    values[100:104, 200:204] = 50.0
    warped, box = imagery.warped(made_up.Raster(values, made_up.GRID), 460, smooth=True)
    (south, west), (north, east) = imagery.degrees(box)
    row, column = (float(np.mean(k)) for k in np.nonzero(warped > 25))
    x, y = made_up.GRID.xy(101.5, 201.5)
    spot = gpd.GeoSeries([shapely.Point(x, y)], crs=4549).to_crs(4326).iloc[0]
    assert west + (east - west) * (column + 0.5) / warped.shape[1] == pytest.approx(
        spot.x, abs=1e-3
    )
    assert north + (south - north) * (row + 0.5) / warped.shape[0] == pytest.approx(
        spot.y, abs=1e-3
    )


def test_read_out_keeps_values_to_its_step():
    values = np.array([[1.0, np.nan], [2.5, 66.0]])
    packed = imagery.read_out(values)
    cells = np.frombuffer(base64.b64decode(packed["cells"]), "<u2").reshape(2, 2)
    back = np.where(cells > 0, packed["low"] + (cells - 1.0) * packed["step"], np.nan)
    np.testing.assert_allclose(back, values, atol=packed["step"])


def test_charts_hold_no_word():
    table = Table(
        "t",
        Text("标题", "title"),
        pd.DataFrame({"name": ["<b>甲</b>", "乙"], "v": [1.0, np.nan]}),
        (Column("name", Text("名", "name")), Column("v", Text("值", "value"), "min")),
        "bars",
    )
    words, svg = figures.drawing(table)
    assert "甲" not in svg
    assert ["<b>甲</b>", "<b>甲</b>"] in words["words"]
    assert svg.count("<rect") == 1
    assert len(words["words"]) == svg.count("data-words")


@pytest.mark.parametrize("kind", ["curve", "bars", "change", "flows"])
def test_charts_stand_odd_tables(kind):
    frame = pd.DataFrame({"a": [1.0, np.nan, 1.0], "b": [np.nan] * 3, "c": [0.0, 0.0, 0.0]})
    columns = tuple(Column(name, Text(name, name)) for name in "abc")
    _, svg = figures.drawing(Table("t", Text("t", "t"), frame, columns, kind))
    assert "nan" not in svg
    assert "inf" not in svg


def test_labels_stand_inside_their_polygons():
    hook = shapely.Polygon([(0, 0), (10, 0), (10, 10), (9, 10), (9, 1), (0, 1)])
    assert hook.contains(shapely.Point(labels.anchor(hook)))
    assert labels.anchor(shapely.Polygon()) is None


@pytest.mark.parametrize(
    ("value", "written"), [(-0.04, "0.0"), (-1234.5, "−1,234.5"), (0.05, "0.1")]
)
def test_numbers(value, written):
    assert wording.number(value, 1) == written


def test_an_empty_result_still_gives_a_page(run):
    bare = replace(run.result, layers=(), tables=(), metrics=(), checks=())
    assert "map_1" in page(replace(run, result=bare))


def test_empty_and_null_features_are_left_out(run):
    frame = gpd.GeoDataFrame(
        {"v": [1.0, np.nan, 3.0]},
        geometry=[shapely.Point(5e5, 3.1e6), None, shapely.Point()],
        crs=4549,
    )
    layer = Layer(
        "p",
        Text("点", "p"),
        Text("t", "t"),
        "amount",
        frame,
        value="v",
        columns=(Column("v", Text("值", "v")),),
    )
    found = draw.vectors(layer, {}, store.Store())
    assert [one["id"] for one in found["features"]] == ["0"]
    assert "map_1" in page(replace(run, result=replace(run.result, layers=(layer,))))


def test_run_folders(tmp_path):
    for name in ("b", "a/deep", ".hidden"):
        (tmp_path / name).mkdir(parents=True)
        listed(tmp_path / name)
    assert run_folders(tmp_path) == [tmp_path / "a" / "deep", tmp_path / "b"]
    assert run_folders(tmp_path / "b") == [tmp_path / "b"]


def test_command_without_runs_is_refused(tmp_path, capsys):
    assert main([str(tmp_path)]) == 3
    assert "manifest.json" in capsys.readouterr().err
    assert main(["--nothing"]) == 2
    assert main(["--help"]) == 0


def listed(folder):
    """Give a folder the list of a run without files."""
    content = {"format": FORMAT, "files": {}}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


def test_command_draws_runs_and_their_index(tmp_path, monkeypatch, capsys, run):
    import scenarios.result

    monkeypatch.setattr(scenarios.result, "load", lambda _: run, raising=False)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        listed(tmp_path / name)
    assert main([str(tmp_path)]) == 0
    assert (tmp_path / "one" / "index.html").read_text(encoding="utf-8").startswith(page(run))
    found = data_of((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert [one["page"] for one in found["runs"]] == ["./one/index.html", "./two/index.html"]
    assert found["runs"][0]["geojson"][0]["href"].startswith("./one/layers/")
    assert main([str(tmp_path), "-o", str(tmp_path / "x.html")]) == 2
    assert main([str(tmp_path / "one"), "-o", str(tmp_path / "x.html")]) == 0
    assert (tmp_path / "x.html").is_file()
    assert "index" in capsys.readouterr().out


def test_a_page_is_drawn_again_only_when_the_run_or_its_place_changes(
    run, tmp_path, capsys, monkeypatch
):
    import scenarios.result

    monkeypatch.setattr(scenarios.result, "load", lambda _: run, raising=False)
    top, saved = tmp_path, tmp_path / "one"
    saved.mkdir()
    listed(saved)
    assert main([str(top)]) == 0
    first = (top / "index.html").read_bytes(), (saved / "index.html").read_bytes()
    capsys.readouterr()
    assert main([str(top)]) == 0
    assert "page:" not in capsys.readouterr().out
    moved = saved.rename(top / "elsewhere")
    assert main([str(top)]) == 0
    told = capsys.readouterr().out
    assert "page unchanged: " in told
    assert "index: " in told
    moved.rename(saved)
    (saved / "index.html").write_bytes(first[1][:-90])  # torn
    assert main([str(top)]) == 0
    assert ((top / "index.html").read_bytes(), (saved / "index.html").read_bytes()) == first


BRIDGES = (Category("bridge", Text("桥梁", "Bridge")), Category("T1", Text("甲乡", "Jia")))


def test_codes_are_told_by_their_titles_in_tables_charts_labels_and_pop_ups(run):
    kind = Column("kind", Text("类型", "Kind"), categories=BRIDGES)
    frame = pd.DataFrame({"kind": ["bridge", "ford", None], "v": [1.0, 2.0, 3.0]})
    table = Table("t", Text("表", "table"), frame, (kind, Column("v", Text("值", "value"), "m", 0)))
    assert panel._table(run, table)["rows"] == [
        [["桥梁", "Bridge"], "1"],
        ["ford", "2"],
        ["—", "3"],
    ]
    drawn, _ = figures.drawing(replace(table, chart="bars"))
    assert ["桥梁", "Bridge"] in [list(words) for words in drawn["words"]]
    shapes = gpd.GeoDataFrame(
        {"kind": ["bridge"]}, geometry=[shapely.Point(500_000, 3e6)], crs=4549
    )
    layer = Layer(
        "l",
        Text("层", "layer"),
        Text("题", "theme"),
        "place",
        shapes,
        label="kind",
        columns=(kind,),
    )
    assert labels.words(layer, {"kind": "bridge"}) == ("桥梁", "Bridge")
    titles = draw.code_titles(replace(run, result=replace(run.result, layers=(layer,))))
    assert titles["kind"] == [["bridge", "桥梁", "Bridge"], ["T1", "甲乡", "Jia"]]


def test_what_is_claimed_stands_as_a_table_in_words(run):
    (said,) = panel.claims(run)
    assert said["rows"][0][:3] == [
        ["用地（0101 → road）", "Land (0101 → road)"],
        ["1,032.00 公顷", "1,032.00 ha"],
        "1,000.00 … 1,100.00",
    ]
    assert said["rows"][1] == [
        ["造价", "Cost"],
        ["520,000,000 元", "520,000,000 yuan"],
        "—",
        ["全县", "county"],
        "2023",
    ]
    place = Table(
        "p",
        Text("表", "table"),
        pd.DataFrame({"town": ["T04"]}),
        (Column("town", Text("乡", "town"), categories=(Category("T04", Text("丁乡", "Ding")),)),),
    )
    told = replace(run, result=replace(run.result, tables=(place,)))
    assert panel.claims(told)[0]["rows"][2][3] == ["丁乡", "Ding"]
    assert panel.claims(replace(run, result=replace(run.result, claims=()))) == []


def test_what_is_supplied_is_told_as_such_and_never_as_less_than_nothing_used(run):
    supplied = (
        Claim("people", -300.0, -250.0, -200.0, title=Text("居住容量（供给）", "Homes, a supply")),
        Claim("yuan", -5e4, -5e4, -5e4, title=Text("闲置费", "Fees")),
        Claim("land", -2.0, -2.0, -2.0, title=Text("可供土地", "Land")),
        Claim("people", -10.0, 5.0, 20.0),  # neither for sure
    )
    (said,) = panel.claims(replace(run, result=replace(run.result, claims=supplied)))
    assert [row[1] for row in said["rows"]] == [
        ["可安置 250 人", "houses 250 persons"],
        ["收入 50,000 元", "brings in 50,000 yuan"],
        ["供给 2.00 公顷", "supplies 2.00 ha"],
        ["5 人", "5 persons"],
    ]
    assert [row[2] for row in said["rows"]] == ["200 … 300", "—", "—", "−10 … 20"]


def test_what_needs_approval_stands_after_what_fails_and_is_marked(run):
    asked = Check("a", Text("甲", "A"), "approval", alike("1"), alike("0"))
    failed = replace(asked, id="f", verdict="fail")
    unknown = replace(asked, id="u", verdict="unknown")
    told = panel.checks(replace(run, result=replace(run.result, checks=(unknown, asked, failed))))
    assert [one["verdict"][0] for one in told] == ["未达标", "需报批", "未知"]
    assert [one["mark"] for one in told] == ["✕", "!", "?"]


def test_a_figure_with_ends_tells_them():
    told = cards.card(Metric("m", Text("题", "title"), 5.0, "ha", low=4.0, high=6.5))
    assert told["note"] == ["区间 4.0 … 6.5", "between 4.0 … 6.5"]


def test_a_front_of_one_point_is_none_and_no_line_joins_what_is_beaten(run):
    goals = (
        Column("a", Text("甲", "a"), better="lower"),
        Column("b", Text("乙", "b"), better="lower"),
    )
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 4.0, 1.0], "plan": ["x", "y", "z"]})
    table = Table(
        "t", Text("前沿", "front"), frame, (*goals, Column("plan", Text("方案", "plan"))), "front"
    )
    _, svg = figures.drawing(table)
    (line,) = re.findall(r'<path d="(M[^"]*)" fill="none"', svg)
    assert line.count("L") == 1  # x to z; y is worse than x in both
    assert svg.count("<circle") == 3
    loose = replace(table, columns=tuple(replace(c, better="") for c in table.columns))
    assert (
        re.findall(r'<path d="(M[^"]*)" fill="none"', figures.drawing(loose)[1])[0].count("L") == 2
    )
    alone = replace(table, frame=frame.head(1))
    assert figures.drawings(replace(run, result=replace(run.result, tables=(alone,))))[0] == []
