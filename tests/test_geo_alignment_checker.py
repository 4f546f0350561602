"""The checker: legal roads made by hand pass, and every rule is broken on purpose once."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.alignment import checker
from geo.alignment.checker import breaches
from geo.errors import InputError
from tests.made_up_centreline import curve, road

LAW = settings(max_examples=40)
LIMITS = {
    "max_grade": 0.07,
    "min_radius_m": 60.0,
    "min_spiral_m": 35.0,
    "min_slope_length_m": 120.0,
    "min_vertical_radius_m": 700.0,
    "min_sag_radius_m": 700.0,
    "min_vertical_curve_m": 35.0,
    "mean_grades": ((200.0, 500.0, 0.055), (500.0, math.inf, 0.05)),
    "window_m": 3000.0,
    "window_grade": 0.055,
    "max_cut_m": 20.0,
    "max_fill_m": 15.0,
    "max_bridge_m": 300.0,
    "max_tunnel_m": 500.0,
    "min_structure_m": 20.0,
    "min_tangent_m": 10.0,
}


def named(stations, **changed):
    found = breaches(stations, LIMITS | changed)
    return found.loc[:, ["rule", "chainage_m", "found", "allowed"]].to_dict("records")


def only(stations, rule, **changed):
    found = named(stations, **changed)
    assert [one["rule"] for one in found] == [rule], found
    assert found[0]["allowed"] >= 0
    return found[0]


def test_it_imports_nothing_of_the_designer():
    room = Path(checker.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in room.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    froms = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    known = {name for name in froms | plain if name.startswith("geo.alignment")}
    assert "geo.alignment.checker.stations" in known
    assert [name for name in known if not name.startswith("geo.alignment.checker.")] == []


@pytest.mark.parametrize("spacing", [5.0, 4.7, 2.0, 0.4])
def test_a_legal_road_made_by_hand_passes(spacing):
    bends = [(83, 0, 0), *curve(60, 35, 40), (12, 0, 0), *curve(75, 35, 0, -1), (31.3, 0, 0)]
    bends += [*curve(200, 50, 3, -1), (17, 0, 0), *curve(60, 40, 130), (211, 0, 0)]
    # PVIs 120 m apart at the least; curves meet: R = 60 / 0.08 = 750 m.
    grades = [(70, 0.01, 0.01), (60, 0.01, -0.07), (60, -0.07, -0.07), (60, -0.07, 0.01)]
    grades += [(60, 0.01, 0.01), (120, 0.01, 0.06), (140, 0.06, 0.05), (280, 0.05, 0.05)]
    grades += [(10000, 0.05, 0.05)]
    assert named(road(bends, grades, spacing=spacing)) == []


@st.composite
def legal(draw):
    bends, grades, grade = [(draw(st.floats(20, 200)), 0, 0)], [], 0.0
    for _ in range(draw(st.integers(1, 5))):
        radius, side = draw(st.floats(60, 900)), draw(st.sampled_from([-1, 1]))
        bends += curve(radius, draw(st.floats(35, 90)), draw(st.floats(0.0, 200)), side)
        bends.append((draw(st.one_of(st.floats(0.01, 10), st.floats(10, 100))), 0, 0))
    total = sum(part[0] for part in bends)
    while sum(part[0] for part in grades) < total:
        length, after = draw(st.floats(120, 300)), draw(st.floats(-0.07, 0.07))
        # A curve of L to another grade bends by |Δ| / L ≤ 1 / 700; those left over are straight.
        if abs(after - grade) * 700 < length and abs(after - grade) > 1e-3:
            grades.append((length, grade, after))
            grade = after
        else:
            grades.append((length, grade, grade))
    return bends, grades


@LAW
@given(legal(), st.floats(1.5, 5))
def test_legal_roads_pass(made, spacing):
    assert named(road(*made, spacing=spacing), min_tangent_m=0.0) == []


@pytest.mark.parametrize("radius", [59.8, 40.0, 20.0])
def test_radius(radius):
    found = only(road([(100, 0, 0), *curve(radius, 35, 60), (100, 0, 0)]), "radius")
    assert found["found"] == pytest.approx(radius, rel=1e-6)
    assert 100 + 30 <= found["chainage_m"] <= 100 + 35 + 60 + 5


def test_a_kink_is_a_radius_and_a_spiral():
    # 0.1 rad at chainage 200 between straights: R = 5 / 0.1 = 50 m at the one station.
    bends = [(200, 0, 0), (0.001, 100, 100), (200, 0, 0)]
    found = named(road(bends))
    assert [one["rule"] for one in found] == ["radius", "spiral", "spiral"]
    assert all(abs(one["chainage_m"] - 200) <= 5 for one in found)
    assert found[0]["found"] == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(("spiral", "rows"), [(34, 1), (20, 1), (10, 1), (0.01, 1)])
@pytest.mark.parametrize("arc", [60, 26])
def test_spiral_into_a_curve(spiral, rows, arc):
    k = 1 / 120
    bends = [(100, 0, 0), (spiral, 0, k), (arc, k, k), (50, k, 0), (100, 0, 0)]
    found = named(road(bends))
    assert [one["rule"] for one in found] == ["spiral"] * rows
    assert 95 <= found[0]["chainage_m"] <= 105 + spiral
    # Means over two spacings of 5 m make a sudden bend look 5 to 10 m long.
    assert found[0]["found"] == pytest.approx(spiral, abs=10 if spiral < 15 else 0.2)


@pytest.mark.parametrize("arc", [0.5, 3, 8])
def test_spiral_into_a_short_arc(arc):
    # The arc hides the tip, but not how much the curve turns: a metre too short is seen.
    k = 1 / 120
    bends = [(100, 0, 0), (34, 0, k), (arc, k, k), (50, k, 0), (100, 0, 0)]
    assert 34 <= only(road(bends), "spiral")["found"] <= 34 + 0.3
    bends[1] = (35, 0, k)
    assert named(road(bends)) == []


def test_a_spiral_of_a_hundred_metres_a_metre_too_short():
    k = 1 / 700
    bends = [(100, 0, 0), (99, 0, k), (60, k, k), (100, k, 0), (100, 0, 0)]
    found = only(road(bends), "spiral", min_spiral_m=100.0, min_radius_m=650.0)
    assert found["found"] == pytest.approx(99, abs=0.01)
    bends[1] = (100, 0, k)
    assert named(road(bends), min_spiral_m=100.0, min_radius_m=650.0) == []


def test_spiral_out_of_a_curve():
    k = -1 / 120
    found = only(road([(100, 0, 0), (50, 0, k), (60, k, k), (20, k, 0), (100, 0, 0)]), "spiral")
    assert 205 <= found["chainage_m"] <= 235


def test_a_sudden_change_of_radius_within_a_curve():
    parts = [(100, 0, 0), (50, 0, 0.005), (60, 0.005, 0.005), (60, 0.015, 0.015), (50, 0.015, 0)]
    found = only(road([*parts, (100, 0, 0)]), "spiral")
    assert found["chainage_m"] == pytest.approx(210, abs=5)


def test_tangent_between_curves():
    bends = [(100, 0, 0), *curve(100, 50, 50), (30, 0, 0), *curve(100, 50, 50), (100, 0, 0)]
    assert named(road(bends), min_tangent_m=30.0) == []
    for least in (31.0, 40.0):
        found = only(road(bends), "tangent", min_tangent_m=least)
        assert found["chainage_m"] == pytest.approx(250, abs=0.1)
        assert found["found"] == pytest.approx(30, abs=0.1)


STRAIGHTS = {"min_tangent_m": 0.0, "same_turn_m": 360.0, "opposite_turn_m": 120.0}


def two(straight, side, ends=100):
    """Two curves of 150 m (50 + 50 + 50) with a straight between: it begins at 250, ends + 150."""
    between = [(straight, 0, 0)] if straight else []
    return [(ends, 0, 0), *curve(125, 50, 50), *between, *curve(160, 50, 50, side), (100, 0, 0)]


@pytest.mark.parametrize("spacing", [5.0, 4.7, 2.0])
@pytest.mark.parametrize(("side", "least"), [(1, 360.0), (-1, 120.0)])
def test_straights_between_curves(side, least, spacing):
    # At 60 km/h 6 × 60 = 360 m the same way, 2 × 60 = 120 m the other: 1 m less is a breach.
    assert named(road(two(least, side), spacing=spacing), **STRAIGHTS) == []
    rule = "straight_same" if side > 0 else "straight_opposite"
    for straight in (least - 1, 40.0, 12.0):
        found = only(road(two(straight, side), spacing=spacing), rule, **STRAIGHTS)
        assert found["chainage_m"] == pytest.approx(250, abs=0.05)
        assert found["found"] == pytest.approx(straight, abs=0.05)
        assert found["allowed"] == least
    # The curves alone, cut off by the ends of the road, still have their straight between them.
    cut = two(40.0, side)[2:-2]
    assert only(road(cut, spacing=spacing), rule, **STRAIGHTS)["found"] == pytest.approx(
        40, abs=0.1
    )


@pytest.mark.parametrize("ends", [100.0, 101.3, 102.5, 104.9])
@pytest.mark.parametrize("spacing", [5.0, 3.1])
def test_spirals_that_meet(ends, spacing):
    # Opposite ways an S-curve is no straight; the same way it is one of 0 m, however short of the
    # 15 m that show in means over two spacings.
    assert named(road(two(0, -1, ends), spacing=spacing), **STRAIGHTS) == []
    for straight in (0, 0.01, 3.0, 8.0, 14.0):
        found = only(road(two(straight, 1, ends), spacing=spacing), "straight_same", **STRAIGHTS)
        assert found["chainage_m"] == pytest.approx(ends + 150, abs=0.1)
        assert found["found"] == pytest.approx(straight, abs=0.1)
    for straight in (0.2, 3.0, 8.0):
        line = road(two(straight, -1, ends), spacing=spacing)
        assert only(line, "straight_opposite", **STRAIGHTS)["found"] == pytest.approx(
            straight, abs=0.1
        )


def test_arcs_of_one_curve_have_no_straight_between():
    # 1/125 to 1/400 and back to 1/160 by spirals of 50 m: bends all along.
    a, b, c = 1 / 125, 1 / 400, 1 / 160
    parts = [(100, 0, 0), (50, 0, a), (50, a, a), (50, a, b), (20, b, b), (50, b, c), (50, c, c)]
    assert named(road([*parts, (50, c, 0), (100, 0, 0)]), min_curve_m=320, **STRAIGHTS) == []


def test_length_of_a_curve():
    # 45 + 8 + 46 = 99 m against 100 m; what an end of the road cuts off is not judged.
    bends = [(45, 0, 0.007), (8, 0.007, 0.007), (46, 0.007, 0)]
    found = only(road([(200, 0, 0), *bends, (100, 0, 0)]), "curve_length", min_curve_m=100.0)
    assert found["chainage_m"] == pytest.approx(200, abs=0.05)
    assert found["found"] == pytest.approx(99, abs=0.05)
    assert named(road([(200, 0, 0), *bends, (100, 0, 0)]), min_curve_m=99.0) == []
    assert named(road([*bends, (100, 0, 0)]), min_curve_m=100.0) == []
    assert named(road([(100, 0, 0), *bends]), min_curve_m=100.0) == []


@st.composite
def spoiled(draw):
    """A road of three to five curves that keeps to its straights but for one; where, how long."""
    count = draw(st.integers(3, 5))
    sides = [draw(st.sampled_from([-1, 1])) for _ in range(count)]
    wrong = draw(st.integers(0, count - 2))
    bends, at = [(draw(st.floats(5, 100)), 0, 0)], None
    for number, side in enumerate(sides):
        arc = draw(st.floats(1.0, 150))
        bends += curve(draw(st.floats(60, 900)), draw(st.floats(50, 90)), arc, side)
        if number < count - 1:
            least = 360.0 if side == sides[number + 1] else 120.0
            longer = least + draw(st.floats(0, 100))
            straight = longer if least == 360 else draw(st.sampled_from([0.0, longer]))
            if number == wrong:
                begin = 0.0 if least == 360 else 1.0
                straight = draw(st.floats(begin, least - 1))
                at = (sum(part[0] for part in bends), straight, least)
            bends += [(straight, 0, 0)] if straight else []
    return [*bends, (draw(st.floats(5, 100)), 0, 0)], at


@LAW
@given(spoiled(), st.floats(2, 5))
def test_one_straight_too_short_is_found_where_it_is(made, spacing):
    bends, (begin, straight, least) = made
    found = named(road(bends, spacing=spacing), min_curve_m=100.0, **STRAIGHTS)
    assert len(found) == 1
    assert found[0]["rule"] == ("straight_same" if least == 360 else "straight_opposite")
    assert found[0]["chainage_m"] == pytest.approx(begin, abs=0.1)
    assert found[0]["found"] == pytest.approx(straight, abs=0.1)


def test_grade():
    grades = [(100, 0, 0), (100, 0, 0.072), (100, 0.072, 0.072), (100, 0.072, 0), (100, 0, 0)]
    found = only(road([(500, 0, 0)], grades), "grade")
    assert found["found"] == pytest.approx(0.072)
    assert 197 <= found["chainage_m"] <= 300
    down = [(length, -first, -last) for length, first, last in grades]
    assert only(road([(500, 0, 0)], down), "grade")["found"] == pytest.approx(0.072)


def test_crest_and_sag_radius():
    # Δ = 6 % over 36 m: R = 600 m; the crest at 218, the sag at 436.
    grades = [(200, 0.03, 0.03), (36, 0.03, -0.03), (182, -0.03, -0.03), (36, -0.03, 0.03)]
    found = named(road([(600, 0, 0)], [*grades, (146, 0.03, 0.03)]))
    assert [one["rule"] for one in found] == ["crest_radius", "sag_radius"]
    assert [one["found"] for one in found] == pytest.approx([600, 600])
    assert 200 <= found[0]["chainage_m"] <= 236
    assert 418 <= found[1]["chainage_m"] <= 454


@pytest.mark.parametrize(("length", "slack"), [(30, 1e-3), (20, 1e-3), (0.001, 5)])
def test_vertical_curve(length, slack):
    grades = [(200, 0.001, 0.001), (length, 0.001, 0.006), (300, 0.006, 0.006)]
    found = only(road([(400, 0, 0)], grades), "vertical_curve")
    assert found["chainage_m"] == pytest.approx(200 + length / 2, abs=0.1)
    assert found["found"] == pytest.approx(length, abs=slack)


@pytest.mark.parametrize("straight", [0.5, 4.0, 9.7, 13.0, 18.1, 21.0])
@pytest.mark.parametrize("side", [1, -1])
def test_a_short_tangent_between_vertical_curves_is_none(straight, side):
    # Two rates in a row, which show a tangent, need one of four spacings.
    grades = [(153.1, 0, 0), (150, 0, 0.04), (straight, 0.04, 0.04)]
    grades += [(170, 0.04, 0.04 + side * 0.03), (300, 0.04 + side * 0.03, 0.04 + side * 0.03)]
    assert named(road([(700, 0, 0)], grades)) == []


@pytest.mark.parametrize("straight", [9.0, 10.0, 12.0])
def test_a_short_tangent_whose_two_rates_are_alike_is_no_curve(straight):
    # Its middle at 302.5, and curves alike on either side: at 300 and 305 rates are the same.
    first = 302.5 - straight / 2
    grades = [(first - 150, 0.03, 0.03), (150, 0.03, 0.0), (straight, 0, 0), (150, 0, -0.03)]
    assert named(road([(700, 0, 0)], [*grades, (400, -0.03, -0.03)])) == []


def test_a_kink_between_vertical_curves_is_no_tangent():
    grades = [(153, 0, 0), (150, 0, 0.04), (1, 0.04, 0.05), (170, 0.05, 0.02), (300, 0.02, 0.02)]
    found = only(road([(700, 0, 0)], grades), "vertical_curve", min_slope_length_m=60.0)
    assert found["chainage_m"] == pytest.approx(303.5, abs=1)


def test_slope_length():
    # PVIs at 220, 330 and 480: the first two 110 m apart, their curves do not meet.
    grades = [(200, 0, 0), (40, 0, 0.04), (70, 0.04, 0.04), (40, 0.04, 0), (110, 0, 0)]
    grades += [(40, 0, -0.04), (200, -0.04, -0.04)]
    found = only(road([(700, 0, 0)], grades), "slope_length")
    assert found["chainage_m"] == pytest.approx(220, abs=1e-3)
    assert found["found"] == pytest.approx(110, abs=1e-3)


def test_slope_length_where_curves_meet():
    # Parabolas of 100 m one after the other, off the stations: PVIs under their middles.
    grades = [
        (152.3, 0, 0),
        (100, 0, 0.03),
        (100, 0.03, 0.05),
        (150, 0.05, 0.01),
        (300, 0.01, 0.01),
    ]
    found = only(road([(700, 0, 0)], grades), "slope_length")
    assert found["chainage_m"] == pytest.approx(202.3, abs=1e-3)
    assert found["found"] == pytest.approx(100, abs=1e-3)


def test_mean_grade_over_a_rise():
    # 6.5 % over 3150 m: 204.75 m, 5.4 % before and after it. Then of 510 m at 5.4 % > 5 %.
    steep = [(1000, 0, 0), (200, 0, 0.065), (3150, 0.065, 0.065), (200, 0.065, 0), (1000, 0, 0)]
    line = road([(5550, 0, 0)], steep)
    found = only(line, "mean_grade", window_grade=math.inf)
    assert 1000 <= found["chainage_m"] <= 1200
    assert found["found"] == pytest.approx(0.065, abs=2e-4)
    long = road([(9500, 0, 0)], [(9500, -0.054, -0.054)])
    found = only(long, "mean_grade")
    assert (found["allowed"], found["found"]) == (0.05, pytest.approx(0.054))
    assert named(road([(9200, 0, 0)], [(9200, -0.054, -0.054)])) == []  # 496.8 m


def test_window():
    # 3000 m at 5.6 % within the road: 168 m, below every band of rises.
    grades = [(1000, 0, 0), (200, 0, 0.056), (3000, 0.056, 0.056), (200, 0.056, 0), (1000, 0, 0)]
    found = only(road([(5400, 0, 0)], grades), "window_grade")
    assert found["chainage_m"] == pytest.approx(1200, abs=5)
    assert found["found"] == pytest.approx(0.056, abs=1e-6)


@pytest.mark.parametrize(("rule", "off", "allowed"), [("cut", 20.5, 20), ("fill", -15.5, 15)])
def test_cut_and_fill_on_earth_only(rule, off, allowed):
    line = road()
    line.loc[line["s"] == 200, "ground"] += off
    found = only(line, rule)
    assert found == {"rule": rule, "chainage_m": 200, "found": abs(off), "allowed": allowed}
    line.loc[line["s"].between(180, 219), "structure"] = 1 if rule == "fill" else 2
    assert named(line) == []
    # Where the structure ends the earth begins: 220 still is on earth.
    line.loc[line["s"] == 220, "ground"] += off
    assert only(line, rule)["chainage_m"] == 220


@pytest.mark.parametrize(("code", "name", "depth"), [(1, "bridge", -5), (2, "tunnel", 30)])
def test_structures(code, name, depth):
    line = road([(900, 0, 0)])
    line.loc[line["s"].between(100, 199), "structure"] = code
    inside = line["s"].between(101, 199)
    line.loc[inside, "ground"] += depth
    assert named(line) == []
    found = only(line, f"{name}_length", **{f"max_{name}_m": 99.0})
    assert (found["chainage_m"], found["found"]) == (100, 100)
    assert only(line, f"{name}_length", min_structure_m=101.0)["chainage_m"] == 100
    line["ground"] = line["design"] + math.copysign(1, -depth)
    found = only(line, f"{name}_place")
    assert (found["chainage_m"], found["found"]) == (100, -1)


def test_codes_spacing_and_chainages():
    line = road()
    line.loc[line["s"] == 100, "structure"] = 7
    assert only(line, "structure_code")["chainage_m"] == 100
    gap = road()[lambda frame: frame["s"] != 150]
    assert only(gap, "station_spacing") == {
        "rule": "station_spacing",
        "chainage_m": 145,
        "found": 10,
        "allowed": 5,
    }
    line = road([(150, 0, 0), *curve(60, 35, 90), (150, 0, 0)])
    line["s"] = line["s"].where(line["s"] < 200, line["s"] - 0.02)
    assert only(line, "chainage")["chainage_m"] == 195


def test_what_is_left_out_is_not_tested():
    bad = road([(100, 0, 0), *curve(20, 5, 10), (100, 0, 0)], [(300, 0.2, 0.2)])
    assert len(breaches(bad, {})) == 0
    assert breaches(bad, {}).columns.tolist() == ["chainage_m", "rule", "found", "allowed"]


def test_what_cannot_be_tested_is_refused_all_at_once():
    line = road().drop(columns="ground")
    line.loc[3, "x"] = math.nan
    line.loc[5, "s"] = 0
    with pytest.raises(InputError) as caught:
        breaches(line, LIMITS)
    assert [one.field for one in caught.value.problems] == ["ground", "x", "s"]
    with pytest.raises(InputError, match=r"4 stations .* ≥ 5") as caught:
        breaches(road().head(4), LIMITS)
    assert "4 个桩" in caught.value.said("zh")
