"""Road standards and the cost book: shipped figures with their standing, the user's own on top."""

import math
from datetime import date

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Limits
from geo.alignment.works.crosssection import Centreline, Template
from geo.alignment.works.earthwork import earthwork
from geo.alignment.works.superelevation import rate_asked, run_off
from geo.alignment.works.tabulation import quantities
from geo.alignment.works.widening import widening
from geo.errors import FileError, SchemaError, UsageError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers.given import rows, text_of
from layers.roads.prices import PRICES, SOURCES, bill, costs, design_prices
from layers.roads.reference import reference, references
from layers.roads.sections import across, designed_by
from layers.roads.standard import LIMITS, LONGEST, NAMES, OWN, ROAD_CLASSES, speeds, standard
from layers.rulebook import rules

DAY = date(2025, 1, 1)
SPEEDS = (120, 100, 80, 60, 40, 30, 20)


# Standards


@pytest.mark.parametrize(
    ("speed", "road_class", "figures"),
    [
        (120, "expressway", [650, 0.03, 300, 100, 210, 28]),
        (80, "class_ii", [250, 0.05, 200, 70, 110, 12]),
        (60, "class_ii", [125, 0.06, 150, 50, 75, 10]),
        (40, "class_iii", [60, 0.07, 120, 35, 40, 8.5]),
        (30, "class_iii", [30, 0.08, 100, 25, 30, 7.5]),
        (20, "class_iv", [15, 0.09, 60, 20, 20, 6.5]),
    ],
)
def test_the_figures_of_a_speed(speed, road_class, figures):
    road = standard(DAY, speed_kmh=speed)
    assert road.road_class == road_class
    names = (
        "min_radius_m",
        "max_grade",
        "min_slope_length_m",
        "min_spiral_m",
        "stopping_sight_m",
        "width_m",
    )
    assert [road[name] for name in names] == figures


def test_every_figure_has_a_unit_a_rule_that_holds_and_its_standing():
    known = rules(DAY)
    for name, choices in speeds(DAY).items():
        for speed in choices:
            road = standard(DAY, speed_kmh=speed, road_class=name)
            assert set(road.figures) == set(NAMES)
            for figure_name, figure in road.figures.items():
                assert figure.value > 0 or (figure_name in LONGEST and figure.value == 0)
                assert figure.unit
                assert figure.status == known[figure.rule].status
    curve = standard(DAY, speed_kmh=60).figures
    assert curve["general_radius_m"].status == "secondary"
    assert curve["max_grade"].status == "unverified"


def test_slower_roads_have_looser_limits():
    roads = [standard(DAY, speed_kmh=speed) for speed in SPEEDS]
    loosening = {"max_grade", "relief_grade", *LONGEST}
    same = {
        "mean_grade_200_500",
        "mean_grade_above_500",
        "window_grade",
        "max_cut_m",
        "max_fill_m",
        "cut_slope",
        "fill_slope",
        "grade_share",
        "max_superelevation",
        "max_superelevation_freezing",
        "crown",
        "side_friction",
        "widened_below_m",
        "eye_m",
        "object_m",
        "path_from_edge_m",
    }
    for name in set(NAMES) - same - {"width_m"}:
        values = [road[name] for road in roads if road[name] > 0]  # 0: no figure
        assert values == sorted(values, reverse=name not in loosening), name
    for road in roads:
        assert road["min_radius_m"] < road["general_radius_m"] < road["no_superelevation_m"]
        assert road["min_vertical_radius_m"] <= road["general_vertical_radius_m"]
        assert road["min_sag_radius_m"] <= road["general_sag_radius_m"]


def test_the_largest_lengths_of_grades_are_those_of_the_table():
    # Rows of the standard's table by design speed; below the first no limit, above the last none.
    rows = {
        120: {3: 900, 4: 700},
        100: {3: 1000, 4: 800, 5: 600},
        80: {3: 1100, 4: 900, 5: 700, 6: 500},
        60: {3: 1200, 4: 1000, 5: 800, 6: 600},
        40: {4: 1100, 5: 900, 6: 700, 7: 500, 8: 300},
        30: {4: 1100, 5: 900, 6: 700, 7: 500, 8: 300, 9: 200},
        20: {4: 1200, 5: 1000, 6: 800, 7: 600, 8: 400, 9: 300, 10: 200},
    }
    for speed, lengths in rows.items():
        limits = standard(DAY, speed_kmh=speed).limits
        assert {round(100 * g): most for g, most in limits["grade_lengths"]} == lengths
        assert limits["relief_grade"] == (0.025 if speed > 80 else 0.03)
        Limits(**limits)
    status = standard(DAY, speed_kmh=60).figures
    assert status["longest_6_percent_m"].status == "secondary"
    assert status["relief_grade"].status == "unverified"


def test_limits_go_by_the_names_of_an_alignment():
    limits = standard(DAY, speed_kmh=60).limits
    assert set(limits) == {*LIMITS, "mean_grades", "window_m", "grade_lengths"}
    assert limits["grade_lengths"] == ((0.03, 1200), (0.04, 1000), (0.05, 800), (0.06, 600))
    assert limits["relief_grade"] == 0.03
    assert limits["mean_grades"] == ((200, 500, 0.055), (500, math.inf, 0.05))
    assert (limits["window_m"], limits["window_grade"]) == (3000, 0.055)
    assert Limits(**limits).min_radius_m == 125


def test_straights_between_curves_bind_from_sixty():
    # 6 V and 2 V; a slower road has them as advice, which limits nothing.
    for speed in SPEEDS:
        road = standard(DAY, speed_kmh=speed)
        assert (road["same_turn_m"], road["opposite_turn_m"]) == (6 * speed, 2 * speed)
        assert road["longest_straight_m"] == 20 * speed
        binding = speed >= 60
        assert road.limits["same_turn_m"] == (6 * speed if binding else 0)
        assert road.limits["opposite_turn_m"] == (2 * speed if binding else 0)
        assert road.binds("same_turn_m") == binding
        assert road.binds("min_curve_m")
        assert road["min_curve_m"] == 2 * road["min_spiral_m"] < road["general_curve_m"]
    strict = standard(DAY, speed_kmh=40, own="speed_kmh,straights_from_kmh\n40,40\n")
    assert strict.limits["same_turn_m"] == 240


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_least_radius_asks_for_no_more_than_the_greatest_superelevation(speed):
    # Side friction is derived from both, or at 60 km/h less is asked: 0.2268 - 0.15 = 7.7 %.
    road = standard(DAY, speed_kmh=speed)
    asked = across(road)
    rate = float(rate_asked(asked.lean, road["min_radius_m"]))
    assert rate == pytest.approx(0.0768 if speed == 60 else 0.08, abs=1e-4)
    assert rate <= road["max_superelevation"]


@pytest.mark.parametrize("freezes", [False, True])
@pytest.mark.parametrize("speed", SPEEDS)
def test_by_its_limits_a_road_turns_on_its_shortest_spirals_and_sees_over_its_crests(
    speed, freezes
):
    road = standard(DAY, speed_kmh=speed)
    asked = across(road, freezes=freezes)
    limits = designed_by(Limits(**road.limits), asked)
    rate = float(rate_asked(asked.lean, limits.min_radius_m))
    assert rate <= asked.lean.max_rate + 1e-12
    assert float(run_off(asked.lean, rate)) <= limits.min_spiral_m + 1e-9
    # Over a long crest of R an eye of 1.2 m sees an object of 0.1 m √(2R) (√1.2 + √0.1) off.
    seen = math.sqrt(2 * limits.min_vertical_radius_m) * (math.sqrt(1.2) + math.sqrt(0.1))
    assert seen >= road["stopping_sight_m"] - 1e-9


def test_widening_falls_with_the_radius_and_ends_at_250_m():
    wide = across(standard(DAY, speed_kmh=20)).wide
    radii = [251, 250, 200, 199, 150, 100, 70, 50, 30, 29, 15]
    assert widening(wide, radii).tolist() == [0, 0.6, 0.6, 0.7, 0.7, 0.9, 1.2, 1.5, 2.0, 2.5, 2.5]


def test_templates_and_prices_go_by_the_names_of_an_alignment():
    template = standard(DAY, speed_kmh=60).template
    assert Template(**template).width_m == 10
    prices = design_prices(costs(DAY), width_m=template["width_m"])
    assert Costs(**prices, **template).tunnel_yuan_m == 131_250


def test_classes_have_their_speeds():
    found = speeds(DAY)
    assert set(found) == set(ROAD_CLASSES)
    assert (found["class_ii"], found["class_iii"], found["class_iv"]) == (
        (80, 60),
        (40, 30),
        (30, 20),
    )
    assert standard(DAY, speed_kmh=30, road_class="class_iv")["width_m"] == 7.5
    assert standard(DAY, speed_kmh=80, road_class="expressway")["width_m"] == 24.5


@pytest.mark.parametrize(
    ("speed", "road_class", "words"),
    [
        (50, "", "20 | 30 | 40 | 60 | 80 | 100 | 120"),
        (40, "class_ii", "80 | 60"),
        (60, "class_2", "class_"),
    ],
)
def test_a_speed_or_class_that_does_not_exist_is_refused(speed, road_class, words):
    with pytest.raises(UsageError) as caught:
        standard(DAY, speed_kmh=speed, road_class=road_class)
    assert words in str(caught.value)
    assert caught.value.said("zh").startswith("没有这种")


def test_before_its_rules_hold_there_is_no_standard():
    with pytest.raises(SchemaError, match=r"roads\.\w+"):
        standard(date(2017, 12, 31), speed_kmh=60)


def test_the_users_figures_stand_over_the_shipped_ones():
    own = "speed_kmh,max_grade,width_m\n60,0.05,8.5\n40,0.06,\n"
    road, slower = (standard(DAY, speed_kmh=speed, own=own) for speed in (60, 40))
    assert (road["max_grade"], road["width_m"], road["min_radius_m"]) == (0.05, 8.5, 125)
    assert (road.figures["max_grade"].rule, road.figures["max_grade"].status) == (OWN, "unverified")
    assert (slower["max_grade"], slower["width_m"]) == (0.06, 8.5)
    assert slower.figures["width_m"].rule == "roads.widths"
    toml = "[[row]]\nspeed_kmh = 60\nmax_grade = 0.05\nwidth_m = 8.5\n"
    assert standard(DAY, speed_kmh=60, own=toml) == road


def test_everything_wrong_in_the_users_figures_is_named():
    own = "speed_kmh,max_grad,width_m\n60,0.05,-1\n60,0.05,wide\n,1,1\n"
    with pytest.raises(FileError) as caught:
        standard(DAY, speed_kmh=60, own=own)
    text = str(caught.value)
    assert "did you mean max_grade" in text
    assert {(p.row, p.field) for p in caught.value.problems} >= {
        ("1", "width_m"),
        ("2", "width_m"),
        ("2", "speed_kmh"),
        ("3", "speed_kmh"),
    }
    with pytest.raises(FileError, match="no row"):
        standard(DAY, speed_kmh=40, own="speed_kmh,max_grade\n60,0.05")


# Costs


def test_every_price_is_whole_and_marked_unverified():
    book = costs(DAY)
    for item in book.values():
        assert 0 < item.low < item.yuan < item.high
        assert item.year <= DAY.year
        assert item.title.zh
        assert item.title.en
        assert item.source_title == SOURCES["calibrated"]
        assert item.status == "unverified"
    assert len({item.quantity for item in book.values()}) == len(book)


def test_the_reference_road_comes_near_its_published_cost():
    known = references()["g638_rebuild"]
    sums = bill(known.quantities, costs(DAY))
    assert sums["yuan"].sum() == pytest.approx(known.published_yuan, rel=0.05)
    assert sums["low_yuan"].sum() < known.published_yuan < sums["high_yuan"].sum()
    assert known.published_yuan / known.quantities["length_m"] == pytest.approx(64_137, abs=1)


def test_the_references_quantities_hang_together():
    q = references()["g638_rebuild"].quantities
    assert q["earth_m"] + q["bridge_m"] + q["tunnel_m"] == q["length_m"]
    assert q["cut_m3"] - q["fill_m3"] == q["surplus_m3"] - q["deficit_m3"]
    width = standard(DAY, speed_kmh=60)["width_m"]
    for name, metres in (("pavement", "earth_m"), ("bridge", "bridge_m"), ("tunnel", "tunnel_m")):
        assert q[f"{name}_m2"] == pytest.approx(q[metres] * width, rel=1e-3)


def test_a_bill_by_hand():
    # 1,000 m³ of cut at 32, 100 m² of tunnel at 10,500, 50 m² of land at 120; a quarter of the
    # works on top: (32,000 + 1,050,000) / 4 = 270,500.
    book = costs(DAY)
    none = dict.fromkeys((item.quantity for item in book.values()), 0.0)
    found = bill({**none, "cut_m3": 1000, "tunnel_m2": 100, "land_m2": 50}, book)
    assert found["yuan"].sum() == pytest.approx(32_000 + 1_050_000 + 6_000 + 270_500)
    assert found.loc["on_top", "quantity"] == 1_082_000


def test_the_ends_of_a_bill_by_hand():
    # 1,000 m³ of cut at 20 … 32 … 55, 100 m² of tunnel at 8,000 … 10,500 … 14,500; on top 18, 25,
    # 32 % of the works, each of its own: 820,000 × 1.18, 1,082,000 × 1.25, 1,505,000 × 1.32.
    book = costs(DAY)
    none = dict.fromkeys((item.quantity for item in book.values()), 0.0)
    found = bill({**none, "cut_m3": 1000, "tunnel_m2": 100}, book)
    sums = found[["low_yuan", "yuan", "high_yuan"]].sum()
    assert sums.tolist() == pytest.approx([967_600, 1_352_500, 1_986_600])
    units = found.loc["on_top", ["unit_low", "unit_yuan", "unit_high"]]
    assert units.tolist() == [0.18, 0.25, 0.32]


def test_an_unknown_quantity_stays_unknown_and_a_missing_one_is_refused():
    book = costs(DAY)
    none = dict.fromkeys((item.quantity for item in book.values()), 0.0)
    found = bill({**none, "dwellings": math.nan, "cut_m3": 10}, book)
    assert found.index[found["yuan"].isna()].tolist() == ["dwelling"]
    # Unknown works do not take what comes on top of the known ones with them: 10 × 32 / 4.
    found = bill({**none, "junctions": math.nan, "cut_m3": 10}, book)
    assert found.index[found["yuan"].isna()].tolist() == ["junction"]
    assert found.loc["on_top", "yuan"] == pytest.approx(80)
    with pytest.raises(SchemaError) as caught:
        bill({"cut_m3": 1}, book)
    assert "wall_m2" in str(caught.value)


def test_a_measured_road_can_be_billed():
    grid = Grid((20, 20), Affine(20, 0, 0, 0, -20, 400), CRS(4549))
    level = Raster(np.full((20, 20), 103.0), grid)
    s, one = np.array([0.0, 20, 40, 60]), np.ones(4)
    road = Centreline(
        s, s + 100, 200 * one, 0 * one, 0 * one, 100 * one, np.array([EARTH, BRIDGE, TUNNEL])
    )
    shape = Template(**standard(DAY, speed_kmh=60).template)
    paid = quantities(road, earthwork(road, level, shape), shape)
    given_by_the_scenario = {
        "culvert_m": 0,
        "junctions": 0,
        "land_m2": 400,
        "cropland_m2": 0,
        "dwellings": math.nan,
        "haul_m3_km": 0,
        "spoil_m3": 0,
    }
    found = bill({**paid, **given_by_the_scenario}, costs(DAY))
    assert found.loc["cut", "yuan"] == pytest.approx(20 * (10 * 3 + 0.75 * 9) * 32)
    assert found.loc["bridge", "yuan"] == 20 * 10 * 5800


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1e6), min_size=18, max_size=18), st.floats(0.1, 10))
def test_a_bill_grows_with_its_quantities_alike(amounts, factor):
    book = costs(DAY)
    names = sorted({item.quantity for item in book.values()} - {"works_yuan"})
    one = bill(dict(zip(names, amounts, strict=False)), book)
    many = bill(dict(zip(names, [a * factor for a in amounts], strict=False)), book)
    assert many["yuan"].to_numpy() == pytest.approx(one["yuan"].to_numpy() * factor)
    assert (one["low_yuan"] <= one["yuan"]).all()
    assert (one["yuan"] <= one["high_yuan"]).all()


def test_prices_to_design_by_add_up_to_the_bill():
    book, width, length = costs(DAY), 10, 1000
    prices = design_prices(book, width_m=width)
    none = dict.fromkeys((item.quantity for item in book.values()), 0.0)
    for quantity, price in (
        ({"tunnel_m2": width * length}, prices["tunnel_yuan_m"] * length),
        ({"bridge_m2": width * length}, prices["bridge_yuan_m"] * length),
        ({"bridge_face_m2": length}, prices["bridge_height_yuan_m2"] * length),
        ({"pavement_m2": width * length, "earth_m": length}, prices["pavement_yuan_m"] * length),
        ({"cut_m3": length}, prices["cut_yuan_m3"] * length),
        ({"fill_m3": length}, prices["fill_yuan_m3"] * length),
        ({"land_m2": length}, prices["land_yuan_m2"] * length),
    ):
        assert bill({**none, **quantity}, book)["yuan"].sum() == pytest.approx(price)


def test_the_users_prices_stand_over_the_shipped_ones():
    own = "id,yuan,year,source\ncut,45,2025,县造价站\n"
    book = costs(DAY, own=own)
    assert (book["cut"].yuan, book["cut"].year, book["cut"].source) == (45, 2025, "县造价站")
    assert book["cut"].title_zh == "挖方"
    assert book["fill"] == costs(DAY)["fill"]
    assert book["cut"].source_title == Text("县造价站", "县造价站")  # as the user wrote it
    assert costs(DAY, own="id;yuan\ncut;45\n")["cut"].source_title.en == "the user's own"


def test_a_user_gives_a_price_alone_or_with_its_ends():
    own = "id,yuan,low,likely,high\ncut,45,,,\nfill,,10,12,20\ntunnel,9000,8000,,9500\n"
    book = costs(DAY, own=own)
    prices = {name: [getattr(book[name], end) for end in PRICES] for name in book}
    assert prices["cut"] == [45, 45, 45]  # a price alone is taken to be sure
    assert prices["fill"] == [10, 12, 20]
    assert prices["tunnel"] == [8000, 9000, 9500]
    assert prices["wall"] == [950, 1300, 1900]
    toml = '[[row]]\nid = "fill"\nlow = 10\nlikely = 12\nhigh = 20\n'
    assert costs(DAY, own=toml)["fill"] == book["fill"]


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("low,likely,high\ncut,50,40,60", "low", "≤ 40"),
        ("low,likely,high\ncut,30,40,35", "high", "≥ 40"),
        ("low,high\ncut,30,40", "yuan", "missing"),
        ("low,likely\ncut,30,40", "high", "missing"),
        ("yuan,likely\ncut,40,40", "likely", "either yuan or likely"),
        ("low,likely,high\ncut,-1,40,60", "low", "0 … inf"),
    ],
)
def test_ends_of_a_price_that_are_wrong_are_named(row, field, words):
    with pytest.raises(FileError) as caught:
        costs(DAY, own=f"id,{row}")
    assert [(p.row, p.field) for p in caught.value.problems if words in str(p)] == [("cut", field)]


def test_a_user_may_price_something_new():
    own = """[[row]]
id = "noise"
part = "works"
quantity = "earth_m"
unit = "m"
title_zh = "声屏障"
title_en = "Noise barrier"
yuan = 2000
year = 2025
"""
    book = costs(DAY, own=own)
    none = dict.fromkeys((item.quantity for item in book.values()), 0.0)
    found = bill({**none, "earth_m": 10}, book)
    assert found.loc["noise", "yuan"] == 20_000
    assert found.loc["on_top", "yuan"] == (20_000 + 55_000) / 4


def test_everything_wrong_in_the_users_prices_is_named():
    own = "id,yuan,year,unit,statu\ncut,-1,2025,m3,\nfill,3,1800,t,\ncutt,5,2025,,x\n"
    with pytest.raises(FileError) as caught:
        costs(DAY, own=own)
    found = {(p.row, p.field) for p in caught.value.problems}
    assert found >= {
        ("cut", "yuan"),
        ("fill", "year"),
        ("fill", "unit"),
        ("cutt", "statu"),
        ("cutt", "quantity"),
    }
    assert "did you mean cut" in str(caught.value)
    with pytest.raises(FileError, match="twice") as caught:
        costs(DAY, own="id,yuan\ncut,1\ncut,2")
    assert caught.value.said("zh") == "自备单价有误\n  - 行 cut · 字段 id · 发现 重复"


def test_before_its_year_there_is_no_price():
    with pytest.raises(SchemaError, match="cut"):
        costs(date(2022, 12, 31))


# Published costs


def test_a_users_published_road_is_read_with_what_is_known_of_it():
    own = "id,title_zh,title_en,published_yuan,length_m,source,status,bridge_m\nx,某路,A road,5e8,10000,县志,secondary,700"
    road = reference(own)
    assert (road.yuan_km, road.status, road.quantities["bridge_m"]) == (5e7, "secondary", 700)
    assert road.source == Text("县志", "县志")
    assert reference("id\ng638_rebuild") == references()["g638_rebuild"]
    assert reference("") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id\ng638", "remedy g638_rebuild"),
        ("id,title_zh,title_en,published_yuan\nx,某,A,5", "field length_m · found missing"),
        ("id,title_zh,title_en,published_yuan,length_m\nx,某,A,5,0", "field length_m · found 0"),
        ("id,title_zh,title_en,published_yuan,length_m,bridg_m\nx,某,A,5,9,1", "bridge_m"),
        ("id,title_zh,title_en,published_yuan,length_m,status\nx,某,A,5,9,sure", "verified |"),
        ("id\ng638_rebuild\ng638_rebuild", "expected 1"),
    ],
)
def test_a_published_road_that_is_wrong_is_named(text, words):
    with pytest.raises(FileError) as caught:
        reference(text)
    assert words in str(caught.value)


# The user's tables


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_as_spreadsheets_save_it(tmp_path, encoding):
    path = tmp_path / "单价.csv"
    path.write_bytes("id,yuan,source\r\ncut,40,景宁县交通运输局造价资料\r\n\r\n".encode(encoding))
    assert costs(DAY, own=text_of(path))["cut"].source == "景宁县交通运输局造价资料"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id,yuan",
        "id,id\n1,2",
        "id,yuan\ncut",
        'id,yuan\n"cut,1',
        "[[row]\nid=1",
        "[[other]]\nid = 1",
        "[[row]]\nid = [1]",
        "row = 5 # [[",
        "[[row]]\nok = true",
    ],
)
def test_what_is_no_table_is_refused(text):
    with pytest.raises(FileError):
        rows(text)


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path):
    with pytest.raises(FileError):
        text_of(tmp_path / "none.csv")
    large = tmp_path / "large.csv"
    large.write_bytes(b"a" * 1_000_001)
    with pytest.raises(FileError, match="larger"):
        text_of(large)
