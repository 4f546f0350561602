"""Corridors on the synthetic county: answers by hand, zones, alternatives, what is impossible."""

import functools
import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import scenarios
from geo.errors import InfeasibleError, InputError
from geo.raster import Raster
from geo.words import NO_TEXT, Text, alike
from layers import twin
from layers.catalog import CATALOG
from layers.people.gazetteer import places
from layers.roads.obstacles import ROAD_ZONES, Policy, road_zones, touched
from layers.roads.requirements import requirements
from layers.schema import check as check_layer
from layers.zones import ZONES, Extent, area
from maps.page import page
from scenarios.answers.avoidance import read
from scenarios.corridor import checks, question
from scenarios.corridor.design import designed
from scenarios.corridor.extremes import NONE
from scenarios.corridor.minutes import benefit
from scenarios.corridor.requirements import requirement_table
from scenarios.corridor.terms import terms as known_terms
from scenarios.result import Check, Stretch, load
from scenarios.running import progress, runs

pytestmark = pytest.mark.xdist_group("corridor")  # roads are kept by the worker that designed them
OPEN = {"forbid": (), "repel_yuan_m": {}}


@functools.cache
def county():
    return twin.county()


def order(place=None, **params):
    return runs.Order("corridor", place or county(), asked(**params))


def asked(**params):
    """Ask as the twin's own defaults do, unless told otherwise."""
    return scenarios.find("corridor").params(**{**county().defaults["corridor"], **params})


DONE, DRAWN = {}, {}
UNREAD = {"last_resort", "last_resort_percent"}  # what is decided by roads, not how they are led


def run(**params):
    key = repr(sorted(params.items()))
    if key not in DONE:
        DONE[key] = performed(order(**params))
    return DONE[key]


def performed(asked):
    """Perform an order in the whole county; roads that were designed once are not designed anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(question, "designed", drawn)
        return runs.perform(asked)


def drawn(setting):
    key = setting.params.model_dump_json(exclude=UNREAD)
    if key not in DRAWN:
        DRAWN[key] = designed(setting)
    return DRAWN[key]


def straight():
    return run(points=("seats:003", "seats:004"), **OPEN)


def metric(found, name):
    return next(m for m in found.result.metrics if m.id == name)


def check(found, name):
    return next(c for c in found.result.checks if c.id == name)


def layer(found, name):
    return next(one for one in found.result.layers if one.id == name).data


def table(found, name):
    return next(one for one in found.result.tables if one.id == name).frame


def test_a_road_on_the_plane_is_straight_level_and_costs_its_pavement_and_land():
    # County seat to seat 004: 3,000 m due east on a plane. Per metre, bed 10 m: pavement 10 × 380,
    # roadside 5,500, a quarter on top; land 10 × 120, and cropland 150 a square metre more.
    found = straight()
    assert metric(found, "length_km").value == pytest.approx(3.0, abs=1e-6)
    assert metric(found, "steepest").value == pytest.approx(0.0, abs=1e-6)
    works = 3000 * (10 * 380 + 5500)
    met = table(found, "bill").set_index("item").loc["junction", "quantity"] * 800_000
    land = table(found, "land").groupby("class")["area_ha"].sum()
    yuan = 1.25 * (works + met) + 3000 * 10 * 120 + land["cropland"] * 1e4 * 150
    assert metric(found, "cost_wan").value == pytest.approx(yuan / 1e4, rel=1e-6)
    assert metric(found, "bridge_m").value == 0
    assert metric(found, "tunnel_m").value == 0
    assert metric(found, "land_ha").value == pytest.approx(3.0, rel=1e-6)


def test_minutes_saved_are_those_worked_by_hand():
    # The default leads from the county seat to seat 002. By road 7.2 min before; at 60 km/h after,
    # a minute a km. Its 100 people save 7.2 - length; nobody at the other seats saves anything.
    found = run(**OPEN)
    saved = metric(found, "person_min").value
    length = metric(found, "length_km").value
    assert saved >= 100 * (7.2 - length) - 1
    assert metric(found, "mean_min").before > metric(found, "mean_min").value
    cost = metric(found, "cost_wan").value * 1e4
    assert metric(found, "yuan_per_person_min").value == pytest.approx(cost / saved)


def test_the_answer_is_made_of_the_figures():
    found = straight()
    road, land, unmet = found.result.answer  # two more at most: coarse terrain, a published cost
    cost = metric(found, "cost_wan")
    low, yuan, high = cost.low / 100, cost.value / 100, cost.high / 100
    assert low < yuan < high
    assert road.en == (
        f"The road is class II, 60 km/h, 3.00 km long, and costs {yuan:,.2f} million yuan at prices "
        f"of 2023 (all prices low {low:,.2f} million yuan, all high {high:,.2f} million yuan), with "
        "0 m of bridges and 0 m of tunnels."
    )
    assert road.zh.startswith("二级公路 60 km/h，长 3.00 km，造价 ")
    fields = table(found, "land").groupby("class")["area_ha"].sum()["cropland"]
    assert f"用地 3.00 公顷，其中耕地 {fields:.2f} 公顷" in land.zh
    saved = metric(found, "person_min").value
    assert f"单程合计节省 {saved:,.0f} 人·分钟" in land.zh
    assert unmet.en.endswith("not known: 1.")  # dwellings


def test_what_a_road_claims_is_its_land_its_cropland_and_its_bill():
    # The straight road is 3,000 m by 10 m: 3 ha; cropland among it is owed as it is taken.
    found = straight()
    claims = {}
    for one in found.result.claims:
        claims.setdefault(one.kind, []).append(one)
    land = table(found, "land")
    assert sum(one.likely for one in claims["land"]) == pytest.approx(3.0, rel=1e-6)
    assert [(one.from_, one.place) for one in claims["land"]] == list(
        zip(land["class"], land["township"], strict=True)
    )
    assert {(one.to, one.layer, one.exclusive) for one in claims["land"]} == {
        ("road", "footprint", True)
    }
    fields = land.groupby("class")["area_ha"].sum()
    owed = claims["cropland_owed"][0]
    assert owed.likely == pytest.approx(fields["cropland"])
    assert owed.high == pytest.approx(fields["cropland"] + fields.get("unknown", 0.0))
    assert owed.rule == "exchange.balance"
    assert owed.title == Text("占用耕地须补充", "Cropland to be made up for")
    # The default road leaves the pilots, beyond which no parcel says what land it is.
    beyond = table(run(**OPEN), "land").groupby("class")["area_ha"].sum()["unknown"]
    part = next(one for one in run(**OPEN).result.claims if one.kind == "cropland_owed")
    assert part.low == part.likely < part.high == pytest.approx(part.low + beyond)
    [bill] = claims["yuan"]
    cost = metric(found, "cost_wan")
    assert bill.year == 2023
    ends = [bill.low, bill.likely, bill.high]
    assert ends == pytest.approx([cost.low * 1e4, cost.value * 1e4, cost.high * 1e4])


def test_another_run_can_stand_on_the_roads_as_they_would_be(tmp_path):
    # Minutes before, in a county with the road, are those after it in the county without.
    found = run(**OPEN)
    [edit] = found.result.edits
    assert set(edit.data.index) == {*county().vector("roads").index, "corridor_1"}
    assert not check_layer(edit.data.reset_index(), CATALOG["roads"], crs=county().crs)
    there = replace(county(), data={**county().data, "roads": edit.data})
    params = asked(**OPEN)
    before = benefit(there, params, {}, speed=60.0).mean()
    assert before == pytest.approx(metric(found, "mean_min").value)
    runs.save(found, tmp_path)
    [kept] = load(tmp_path).result.edits
    assert kept.data.geometry.geom_equals(edit.data.geometry).all()
    assert kept.data.loc["corridor_1", "speed_kmh"] == 60.0


def test_people_within_distances_are_those_on_the_road():
    # Both seats lie on it (400 + 150 people); s42 lies 300 m north of the road.
    found = run(points=("seats:003", "seats:004"), person_m2=0, **OPEN)
    assert [metric(found, f"people_{d}").value for d in (50, 100, 200)] == [550, 550, 550]


def test_of_a_town_at_the_end_of_a_road_only_those_near_it_count():
    # 400 people on 100 m² each: a disc of R = 112.838 m about the end of the road. Within 50 m of
    # it lie half the strip |y| ≤ 50 of the disc, 50 √(R² − 50²) + R² asin(50 / R) = 5,058 + 5,845,
    # and half a disc of 50 m, 3,927, of 40,000 m²: 37.08 %, 148.3 people. Of the 150 (R = 69.099)
    # 50 √(R² − 50²) + R² asin(50 / R) = 2,385 + 3,863 and 3,927 of 15,000 m²: 67.83 %, 101.7.
    found = straight()
    people = [metric(found, f"people_{d}").value for d in (50, 100, 200)]
    assert people[0] == pytest.approx(148.3 + 101.7, rel=3e-3)
    assert people[0] < people[1] < people[2] == pytest.approx(550)


def test_every_station_passes_the_independent_test_and_says_so():
    for found in (straight(), run()):
        assert check(found, "independent").verdict == "pass"
        assert check(found, "independent").found.zh.startswith("0 ")
        assert metric(found, "steepest").value <= 6


def test_every_requirement_has_the_verdict_it_promises():
    # A rule that nobody tests, or a test that no requirement stands behind, would hide here.
    found = run()
    judged = {c.id: c for c in found.result.checks if c.rule.startswith("roads.")}
    assert set(judged) == {name for one in requirements() for name in one.checks}
    rows = table(found, "requirements").set_index("requirement")
    assert list(rows.index) == [one.id for one in requirements()]
    for one in requirements():
        verdicts = {judged[name].verdict for name in one.checks if one.state == "checked"}
        assert rows.loc[one.id, "verdict"] in (verdicts or {"none"}), one.id
    assert rows.loc["traffic", ["state", "verdict", "why"]].tolist() == [
        "not_checked",
        "none",
        "traffic",
    ]


def test_the_verdict_of_a_requirement_is_the_worst_and_unknown_where_nothing_was_tested():
    def verdicts(**known):
        told = [Check(name, NO_TEXT, verdict, NO_TEXT, NO_TEXT) for name, verdict in known.items()]
        rows = requirement_table(told).frame.set_index("requirement")["verdict"]
        return rows[["earthwork_heights", "clearance", "general_radius", "traffic"]].tolist()

    passed = {"cut": "pass", "fill": "pass", "clearance": "pass", "general_radius": "pass"}
    assert verdicts(**passed) == ["pass", "pass", "none", "none"]
    assert verdicts(**passed | {"fill": "fail"}) == ["fail", "pass", "none", "none"]
    assert verdicts() == ["unknown", "unknown", "none", "none"]


def test_curves_and_what_lies_between_them_are_told():
    # Class II at 60 km/h: 6 V = 360 m and 2 V = 120 m bind; class IV at 20 has 120 and 40 as advice.
    found = run(points=("seats:001", "seats:002"), **OPEN)
    assert check(found, "straight_same").allowed == alike("≥ 360 m")
    assert check(found, "curve_length").allowed == alike("≥ 100 m")
    parts = table(found, "elements")
    between = parts[parts["between"].isin(["same", "opposite"])]
    assert (between["kind"] == "tangent").all()
    assert (between.loc[between["between"] == "same", "length_m"] >= 360).all()
    assert (between.loc[between["between"] == "opposite", "length_m"] >= 120).all()
    curves = parts.loc[parts["kind"] == "spiral"].shape[0] / 2
    meeting = (parts["between"] == "s_curve").sum() / 2
    assert len(between) + meeting == curves - 1
    compared = table(found, "alternatives").iloc[0]
    assert compared["s_curves"] == meeting
    assert compared["tight_curves"] == 0
    assert check(found, "general_radius").found.en.startswith(f"A 0 of {curves:.0f} short of it")
    slow = run(points=("seats:001", "seats:002"), road="class_iv_20", **OPEN)
    assert check(slow, "straight_opposite").allowed == Text("宜 ≥ 40 m", "advice: ≥ 40 m")
    assert check(slow, "longest_straight").allowed.zh == "宜 ≤ 400 m"
    advised = ("straight_same", "straight_opposite", "general_curve", "longest_straight")
    assert {check(slow, name).verdict for name in advised} == {"pass"}


def test_a_rule_of_sections_that_cannot_be_tested_is_not_passed(monkeypatch):
    # Without columns of a road's cross-sections the checker tests none of their rules.
    monkeypatch.setattr(checks, "worst", lambda *_: NONE)
    terms = known_terms(asked())
    sound = pd.DataFrame({"rule": [], "chainage_m": []})
    blind = SimpleNamespace(label="A", broken=sound, tested=frozenset())
    seen = SimpleNamespace(label="B", broken=sound, tested=frozenset({"runoff"}))
    for rule in checks.TESTED:
        verdict = checks._tested(rule, [blind], terms)
        assert verdict.verdict == ("unknown" if rule.sections else "pass"), rule.id
        assert (verdict.found == Text("未校核", "not checked")) == rule.sections
    rule = next(one for one in checks.TESTED if one.id == "runoff")
    assert checks._tested(rule, [seen], terms).verdict == "pass"
    assert checks._tested(rule, [seen, blind], terms).verdict == "unknown"
    spoiled = pd.DataFrame({"rule": ["runoff"], "chainage_m": [215.0]})
    bad = SimpleNamespace(label="C", broken=spoiled, tested={"runoff"})
    verdict = checks._tested(rule, [blind, bad], terms)
    assert verdict.verdict == "fail"
    assert [one.verdict for one in verdict.parts] == ["unknown", "fail"]
    assert [one.stretches for one in verdict.parts] == [(), (Stretch(215.0, 215.0),)]


def test_where_roads_freeze_they_lean_less_and_curve_wider():
    # 6 % and 0.15 of friction: 60² / (127 × 0.21) = 135 m; 50 m of spiral ask for 136.8 m anyway.
    warm, cold = known_terms(asked()), known_terms(asked(freezes=True))
    assert (warm.across.lean.max_rate, cold.across.lean.max_rate) == (0.08, 0.06)
    assert cold.limits.min_radius_m == pytest.approx(136.8, abs=0.05)
    fast = known_terms(asked(freezes=True, road="class_iv_20"))
    assert fast.limits.min_radius_m == pytest.approx(400 / (127 * (0.06 + 0.13)))


def test_cross_sections_every_20_m_are_a_table():
    frame = table(straight(), "sections")
    assert frame["station"].tolist()[:3] == ["K0+000.000", "K0+020.000", "K0+040.000"]
    assert len(frame) == 151
    assert set(frame["design"]) == {"-5.00/100.00 5.00/100.00"}
    assert set(frame["fall_left"]) == {-2.0}
    assert set(frame["end_left_m"]) == {5.0}


def test_lengths_agree_in_table_page_and_file(tmp_path):
    found = run()
    runs.save(found, tmp_path)
    kept = load(tmp_path)
    length = table(kept, "alternatives")["length_km"].iloc[0] * 1000
    drawn = layer(kept, "alternatives")
    assert drawn.geometry.iloc[0].length == pytest.approx(length, abs=0.01)
    assert drawn["length_km"].iloc[0] * 1000 == pytest.approx(length, abs=0.01)
    assert table(kept, "profile")["chainage_m"].max() == pytest.approx(length, abs=0.01)
    assert f"{length / 1000:.3f}" in page(kept)
    file = gpd.read_file(tmp_path / "layers.gpkg", layer="alternatives")
    assert file.geometry.has_z.all()
    assert file.geometry.iloc[0].length == pytest.approx(length, abs=0.01)


def test_files_carry_titles_beside_codes_and_every_code_has_one(tmp_path):
    # A road of class IV over the hill to a seat: earth, curves, land in two townships.
    found = run(points=("seats:001", "seats:002"), road="class_iv_20", **OPEN)
    for thing in (*found.result.tables, *found.result.layers):
        frame = thing.frame if hasattr(thing, "frame") else thing.data
        for column in thing.columns:
            assert not column.name.endswith(("_zh", "title_en")), (thing.id, column.name)
            if column.categories:
                codes = {one.code for one in column.categories}
                assert set(frame[column.name].dropna()) <= codes, (thing.id, column.name)
    runs.save(found, tmp_path)
    bill = pd.read_csv(tmp_path / "tables" / "bill.csv", encoding="utf-8-sig")
    assert bill.set_index("item").loc["junction", "item_title"] == "平面交叉"
    assert set(bill["source_title"]) == {"经验值，按参照项目校准"}
    land = pd.read_csv(tmp_path / "tables" / "land.csv", encoding="utf-8-sig", dtype=str)
    assert set(land["class_title"]) == {"地类未知"}  # north of the pilots there are no parcels
    assert set(land["township_title"]) <= {"西北乡", "东北乡", "西南镇", "东南乡"}
    road = gpd.read_file(tmp_path / "layers.gpkg", layer="alternatives").iloc[0]
    assert (road["standard"], road["standard_title"]) == ("class_iv_20", "四级公路 20 km/h")
    assert (road["quality"], road["quality_title"]) == ("schematic", "示意")


def test_the_centreline_has_its_design_heights():
    found = straight()
    line = layer(found, "alternatives").geometry.iloc[0]
    assert line.has_z
    heights = shapely.get_coordinates(line, include_z=True)[:, 2]
    assert heights == pytest.approx(np.full(heights.size, 100.0), abs=1e-6)


def test_the_profile_table_has_a_row_every_20_m_and_marks_the_ends():
    frame = table(straight(), "profile")
    assert np.diff(frame["chainage_m"]) == pytest.approx(np.full(150, 20.0))
    assert frame["ground_m"].tolist() == pytest.approx([100.0] * 151)
    assert set(frame["structure"]) == {"earth"}


def test_land_is_told_by_class_and_township_and_sums_up():
    found = run()
    land = table(found, "land")
    assert land["area_ha"].sum() == pytest.approx(metric(found, "land_ha").value, rel=1e-6)
    assert set(land["township"]) <= set(county().vector("townships").index)
    without = {n: one for n, one in county().data.items() if n != "parcels"}
    blind = runs.perform(order(replace(county(), data=without)))
    assert set(table(blind, "land")["class"]) == {"unknown"}
    assert check(blind, "missing_parcels").verdict == "unknown"
    assert "耕地" in check(blind, "unpriced").title.zh


def test_a_forbidden_zone_is_not_touched_and_one_that_repels_costs():
    # From seat 001 to seat 002 the straight way leads over the flank of the hill, through the park.
    ends = {"points": ("seats:001", "seats:002"), "road": "class_iv_20"}
    free = run(**ends, **OPEN)
    taken = check(free, "zone_park_general")  # not forbidden, and the rule names who may allow it
    assert (taken.verdict, taken.features) == ("approval", ("road_A",))
    assert "国家公园管理机构" in taken.remedy.zh
    assert "needs approval: the park's administration" in taken.remedy.en
    shut = run(**ends, forbid=("park_core", "park_general"), repel_yuan_m={})
    assert check(shut, "zone_park_general").verdict == "pass"
    assert check(shut, "zone_park_core").verdict == "pass"
    assert metric(shut, "length_km").value >= metric(free, "length_km").value
    assert metric(shut, "park_ha").value == pytest.approx(0, abs=1e-9)


def test_zones_of_last_resort_are_crossed_only_where_unavoidable():
    ends = {"points": ("seats:001", "seats:002"), "forbid": (), "repel_yuan_m": {}}
    last = ("park_core", "park_general")
    kind = run(**ends, last_resort=last, last_resort_percent=300.0)
    assert check(kind, "unavoidable").found.zh.startswith("可避让")
    assert read(kind.result).state == "avoided"
    assert check(kind, "zone_park_general").verdict == "pass"
    hard = run(**ends, last_resort=last, last_resort_percent=0.0)
    said = check(hard, "unavoidable")
    assert said.verdict == "pass"
    assert said.rule == "park.core"
    assert "即须避让" in said.allowed.zh
    assert said.found.zh.startswith("确实难以避让：已搜索全部路线；穿越")
    # The bills of both roads are told, and their share: those of the tables of either run.
    through, around, percent = map(
        float, re.findall(r"[+-]?[\d.]+(?= 万元| %)", said.found.zh.replace(",", ""))
    )
    assert percent > 0
    assert percent == pytest.approx(100 * (around / through - 1), abs=0.06)
    assert through == pytest.approx(metric(hard, "cost_wan").value, abs=0.5)
    assert around == pytest.approx(metric(kind, "cost_wan").value, abs=0.5)
    # What other questions read of it is the same.
    proof = read(hard.result)
    assert (proof.zones, proof.state, proof.percent) == (last, "unavoidable", 0)
    assert (proof.through_yuan / 1e4, proof.around_yuan / 1e4) == pytest.approx(
        (through, around), abs=0.5
    )


def test_weights_of_a_zone_of_last_resort_do_not_hide_what_going_round_costs():
    # At 20,000 yuan a metre the road keeps off the park by itself; going round is no dearer than
    # that, but dearer than the road across, which is what counts.
    ends = {"points": ("seats:001", "seats:002"), "forbid": (), "last_resort_percent": 300.0}
    last = ("park_core", "park_general")
    plain = run(**ends, last_resort=last, repel_yuan_m={})
    weighed = run(**ends, last_resort=last, repel_yuan_m=dict.fromkeys(last, 20_000.0))
    assert check(weighed, "unavoidable").found == check(plain, "unavoidable").found


def test_a_place_within_a_zone_of_last_resort_makes_it_unavoidable():
    found = run(
        points=("seats:001", "park:general"),
        forbid=(),
        repel_yuan_m={},
        last_resort=("park_general",),
    )
    said = check(found, "unavoidable")
    assert said.verdict == "pass"
    assert "须到达的地点在区内" in said.found.zh
    assert check(found, "zone_park_general").verdict == "approval"


def test_a_zone_of_last_resort_that_the_cheapest_road_does_not_take_is_no_question():
    found = run(points=("seats:003", "seats:004"), **OPEN, last_resort=("park_general",))
    assert read(found.result).state == "clear"
    assert read(straight().result) is None  # where no zone is a last resort nothing is recorded
    assert check(found, "unavoidable").found == Text(
        "最省路线本不占用", "the cheapest road takes none of it"
    )
    assert metric(found, "cost_wan").value == metric(straight(), "cost_wan").value


def test_a_zone_of_last_resort_that_is_not_mapped_is_unknown():
    data = {name: one for name, one in county().data.items() if name != "park"}
    ends = {"points": ("seats:003", "seats:004"), **OPEN}
    found = runs.perform(order(replace(county(), data=data), **ends, last_resort=("park_core",)))
    said = check(found, "unavoidable")
    assert said.verdict == "unknown"
    assert "--as park" in said.remedy.en


@pytest.mark.parametrize(
    ("avoidable", "verdict", "words"),
    [
        (True, "unknown", "设计未达到"),
        (False, "pass", "已搜索全部路线"),
        (None, "unknown", "搜索量过大"),
    ],
)
def test_each_proof_has_its_verdict(avoidable, verdict, words, monkeypatch):
    from scenarios.corridor import resort

    found = SimpleNamespace(avoidable=avoidable)
    monkeypatch.setattr(resort, "avoidance", lambda *_, **__: found)
    asked = {"points": ("seats:001", "seats:002"), "forbid": (), "repel_yuan_m": {}}
    done = performed(order(**asked, last_resort=("park_general",), last_resort_percent=0.0))
    said = check(done, "unavoidable")
    assert said.verdict == verdict
    assert words in said.found.zh
    assert re.search(r"绕行 [\d,]+ 万元 \(\+", said.found.zh)
    # A way round that was found but is too dear is taken where a cheaper one is known to exist.
    assert (check(done, "zone_park_general").verdict == "pass") is (avoidable is True)


def test_zones_are_sacrificed_in_their_order_where_there_is_no_road():
    # The park is stretched across the county: no road passes it, and the core is given up.
    wall = twin.county()
    west, south, east, _ = wall.vector("outline").total_bounds
    band = shapely.box(west - 500, south + 1500, east + 500, south + 1600)
    park = wall.vector("park")
    park.loc["core", "geometry"] = band
    data = {**wall.data, "park": park}
    place = replace(wall, data=data)
    seat = place.vector("seats").loc["003"].geometry
    north = f"{seat.x},{seat.y + 600}"
    ends = {"points": ("seats:003", north), "repel_yuan_m": {}}
    with pytest.raises(InfeasibleError) as caught:
        runs.perform(order(place, **ends, forbid=("park_core",)))
    assert caught.value.exit_code == 4
    assert "park_core" in caught.value.problems[0].found.en
    assert "禁止分区隔断了各点" in caught.value.said("zh")
    proof = runs.perform(order(place, **ends, forbid=(), last_resort=("park_core",)))
    assert check(proof, "unavoidable").verdict == "pass"
    assert "已搜索全部路线" in check(proof, "unavoidable").found.zh
    found = runs.perform(
        order(place, **ends, forbid=("park_core", "source_water"), sacrifice=("park_core",))
    )
    assert check(found, "sacrificed_park_core").verdict == "fail"
    assert check(found, "sacrificed_park_core").rule == "park.core"


@pytest.mark.parametrize(
    "ends",
    [
        {"points": ("seats:003", "seats:004")},
        pytest.param({}, marks=pytest.mark.prove),  # the default road, over hills
    ],
    ids=["plane", "hills"],
)
def test_alternatives_differ_and_are_ordered_by_cost(ends):
    found = run(**OPEN, **ends, alternatives=2, apart_m=200.0, apart_percent=30.0)
    compared = table(found, "alternatives")
    assert compared["alternative"].tolist() == ["A", "B"]
    assert compared["cost_wan"].is_monotonic_increasing
    lines = layer(found, "alternatives").geometry
    other = shapely.get_coordinates(lines.iloc[1])
    away = shapely.distance(lines.iloc[0], shapely.points(other))
    assert (away > 200).mean() >= 0.25
    assert [
        c.code
        for c in next(one for one in found.result.layers if one.id == "alternatives").categories
    ] == ["A", "B"]
    assert len(table(found, "front")) == 2


def test_every_alternative_crosses_the_expressway_above_or_below():
    # The expressway lies across the way, on the plane: its earth is a bridge or tunnel of the road.
    found = run(**OPEN, alternatives=2, apart_m=200.0, apart_percent=30.0)
    rows = table(found, "crossings").set_index("met").loc[["expressway_1"]]
    assert set(rows["alternative"]) == {"A", "B"}
    assert set(rows["crossing"]) <= {"overpass", "underpass"}
    over = rows[rows["crossing"] == "overpass"]
    assert (over["above_m"] >= 5.0 + 1.5 - 0.006).all()
    assert check(found, "crossing_level").verdict == "pass"
    assert check(found, "levels_unknown").found.en == "expressway_1"
    marks = table(found, "profile").dropna(subset="crossing")
    assert set(marks["crossing"]) == set(table(found, "crossings")["crossing"])
    spots = layer(found, "crossings")
    assert len(spots) == len(table(found, "crossings"))


def test_the_earth_of_a_road_is_hauled_and_billed():
    found = run(**OPEN, alternatives=2, apart_m=200.0, apart_percent=30.0)
    moves = table(found, "hauls")
    for label, bill in table(found, "bill").groupby("alternative"):
        amounts = bill.set_index("item")["quantity"]
        mass = table(found, "mass").query("alternative == @label")[["mass_m3", "balance_m3"]]
        balance = amounts["surplus"] - amounts["deficit"]
        assert amounts["cut"] - amounts["fill"] == pytest.approx(balance, abs=1e-3)
        assert mass.iloc[-1].tolist() == pytest.approx([balance, balance], abs=1e-3)
        own = (moves["alternative"] == label) & (moves["source"] == "cut")
        used = moves.loc[own, "volume_m3"].sum()  # rows of less than half a m³ are not told
        assert used == pytest.approx(amounts["cut"], abs=0.5 * (1 + len(moves)))
    assert '<svg class="mass">' in page(found)


def test_modelled_terrain_is_said_on_layers_and_tables():
    found = run()
    assert layer(found, "alternatives")["quality"].tolist() == ["schematic"]
    tables = {one.id: one.title.zh for one in found.result.tables}
    told = {"standard", "requirements"}  # of the standard, not of the terrain
    assert all("示意" in title for name, title in tables.items() if name not in told)
    assert "示意" in page(found)


def test_what_it_tells_of_its_progress_rises():
    heard = []
    with progress.listening(lambda step, share: heard.append((step.zh, share))):
        runs.perform(order(points=("seats:003", "seats:004"), **OPEN))
    shares = [share for _, share in heard]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert "搜索走廊" in {step for step, _ in heard}


def test_places_are_found_by_name_layer_and_coordinates():
    twin_county = county()
    seat = twin_county.vector("seats").loc["003"].geometry
    by_name, by_english, by_id = places(twin_county, ("西南", "Southwest", "seats:003"))
    assert by_name.points == by_english.points == by_id.points == ((seat.x, seat.y),)
    assert places(twin_county, (f"{seat.x},{seat.y}",))[0].points == ((seat.x, seat.y),)
    lonlat = gpd.GeoSeries([seat], crs=twin_county.crs).to_crs(4326).iloc[0]
    [(x, y)] = places(twin_county, (f"{lonlat.x:.7f},{lonlat.y:.7f}",))[0].points
    assert math.hypot(x - seat.x, y - seat.y) < 0.02
    assert len(places(twin_county, ("roads:second_passage",))[0].points) == 2
    with pytest.raises(InputError) as caught:
        places(twin_county, ("西南镇镇", "nowhere:1"))
    assert [problem.field for problem in caught.value.problems] == ["points[0]", "points[1]"]
    assert "西南镇" in caught.value.problems[0].said("zh")


@pytest.mark.parametrize("zone", ROAD_ZONES)
def test_every_zone_has_its_land_and_its_cells(zone):
    place = county()
    policy = Policy(forbid=(zone,), extent=Extent(lake="pool_100", river_order=2))
    shapes = area(place, zone, policy.extent)
    assert len(shapes)
    zones = road_zones(place, place.raster("dem").grid, policy)
    bound = zones.earth if zone == "water" else zones.above
    assert np.isinf(bound.values).any()
    data = {n: one for n, one in place.data.items() if n != ZONES[zone].layer}
    assert area(replace(place, data=data), zone, policy.extent) is None
    taken = touched(shapes[["geometry"]].head(3), place, policy.extent)
    assert taken.loc[zone, "area_ha"] > 0
    unknown = touched(shapes, replace(place, data=data), policy.extent)
    assert unknown.loc[zone].isna().all()


def test_zones_spare_the_places_the_road_leads_to():
    place = county()
    grid = place.raster("dem").grid
    seat = place.vector("seats").loc["003"].geometry
    policy = Policy(forbid=("settlements",))
    for spared, shut in (((), True), (((seat.x, seat.y),), False)):
        cells = road_zones(place, grid, policy, spared=spared).above.values
        row, column = grid.index([seat.x], [seat.y])
        assert bool(np.isinf(cells[row[0], column[0]])) is shut


def test_own_prices_and_standards_replace_the_shipped_ones():
    gentle = run(
        points=("seats:001", "seats:002"), **OPEN, own_standard="speed_kmh,max_grade\n60,0.03"
    )
    assert metric(gentle, "steepest").value <= 3.0001
    assert check(gentle, "grade").allowed == alike("≤ 3 %")
    dear = run(points=("seats:003", "seats:004"), **OPEN, cost_book="id,yuan\npavement,760")
    assert metric(dear, "cost_wan").value - metric(straight(), "cost_wan").value == pytest.approx(
        1.25 * 3000 * 10 * 380 / 1e4, rel=1e-6
    )


def test_geojson_of_the_centreline_keeps_z():
    from geo.geojson import dumps

    frame = layer(run(), "alternatives")
    [feature] = json.loads(dumps(frame))["features"]
    assert {len(point) for point in feature["geometry"]["coordinates"]} == {3}
    back = gpd.GeoDataFrame.from_features([feature], crs=4326).to_crs(frame.crs)
    assert back.geometry.iloc[0].length == pytest.approx(frame.geometry.iloc[0].length, abs=0.01)


def test_unknown_terrain_is_refused_in_words():
    place = twin.county()
    dem = place.raster("dem")
    values = dem.values.copy()
    seat = place.vector("seats").loc["003"].geometry
    row, column = dem.grid.index([seat.x], [seat.y])
    values[row[0], column[0]] = np.nan
    holed = replace(place, data={**place.data, "dem": Raster(values, dem.grid)})
    with pytest.raises(InputError, match="no terrain") as caught:
        runs.perform(order(holed, points=("seats:001", "西南镇")))
    assert [problem.field for problem in caught.value.problems] == ["points[1]"]
    assert "西南镇" in caught.value.problems[0].said("zh")
    with pytest.raises(InputError, match="no terrain"):
        runs.perform(order(points=("seats:001", "0,0")))


def test_what_a_road_takes_of_a_zone_is_a_shape_of_its_own():
    found = run(points=("seats:001", "seats:002"), road="class_iv_20", **OPEN)
    [part] = check(found, "zone_park_general").parts
    assert (part.alternative, part.layer, part.features) == ("A", "conflicts", ("A_park_general",))
    taken = layer(found, "conflicts").loc["A_park_general"]
    assert taken["area_ha"] == pytest.approx(metric(found, "park_ha").value, rel=1e-3)
    assert taken.geometry.area / 1e4 == pytest.approx(taken["area_ha"], rel=1e-6)
    park = area(county(), "park_general", Extent()).union_all()
    assert taken.geometry.difference(park).area == pytest.approx(0, abs=1e-3)
    land = layer(found, "footprint").union_all()
    assert taken.geometry.difference(land).area == pytest.approx(0, abs=1e-3)


def test_each_road_has_its_own_figures_verdicts_and_minutes():
    found = run(**OPEN, alternatives=2, apart_m=200.0, apart_percent=30.0)
    one, two = found.result.alternatives
    assert (one.code, two.code) == ("A", "B")
    assert one.metrics == found.result.metrics
    compared = table(found, "alternatives").set_index("alternative")
    for known in (one, two):
        told = {m.id: m.value for m in known.metrics}
        for name in ("length_km", "cost_wan", "steepest", "person_min"):
            assert told[name] == compared.loc[known.code, name]
        cost = next(m for m in known.metrics if m.id == "cost_wan")
        assert (cost.low, cost.high) == pytest.approx(
            tuple(compared.loc[known.code, ["cost_low_wan", "cost_high_wan"]])
        )
    lengths = {one.code: 1e3 * compared.loc[one.code, "length_km"] for one in (one, two)}
    for judged in found.result.checks:
        for part in judged.parts:
            for stretch in part.stretches:
                assert 0 <= stretch.from_m <= stretch.to_m <= lengths[part.alternative] + 1
    grade = check(found, "grade").parts[0]
    assert grade.found.zh in check(found, "grade").found.zh
    # where the road is steepest, by stations 20 m apart, is on the stretch that is told
    rows = table(found, "profile").query("alternative == 'A'")
    [stretch] = grade.stretches
    at = rows.loc[rows["grade_percent"].abs().idxmax(), "chainage_m"]
    assert stretch.from_m - 20 <= at <= stretch.to_m + 20
    slopes = table(found, "slopes").query("alternative == 'A'")["grade_percent"].abs()
    assert grade.found.en.startswith(f"{slopes.max():.2f} %")
    before = layer(found, "time_county_seat_before").values
    for code in "AB":
        after = layer(found, f"time_county_seat_after_{code}").values
        change = layer(found, f"change_county_seat_{code}").values
        assert np.nanmax(np.abs(after - before - change)) < 1e-3
    assert {one.alternative for one in found.result.layers} == {"", "A", "B"}


def judged(zone, *taken, forbid=()):
    """Judge a zone of which roads A, B, … take hectares, and hectares where the rule binds."""
    cases = tuple(
        SimpleNamespace(
            label=label,
            zones=pd.DataFrame([one], index=[zone], columns=["area_ha", "bound_ha"], dtype=float),
        )
        for label, one in zip("AB", taken, strict=False)
    )
    params = asked(forbid=forbid)
    setting = SimpleNamespace(county=county(), params=params)
    return checks._taken(zone, SimpleNamespace(setting=setting, cases=cases))


def test_a_zone_is_judged_by_the_road_that_takes_most_of_it():
    core = judged("park_core", (0, 0), (2, 2), forbid=("park_core",))
    assert core.verdict == "fail"
    assert core.found == Text("A 0.00 公顷；B 2.00 公顷", "A 0.00 ha; B 2.00 ha")
    assert core.features == ("road_B",)
    assert judged("park_general", (0, 0), (0, 0)).verdict == "pass"


def test_a_known_breach_is_told_as_a_breach_and_names_who_approves():
    farmland = judged("basic_farmland", (0.919, 0.919))
    assert farmland.verdict == "approval"
    assert "国务院（土地管理法第三十五条、第四十六条）" in farmland.remedy.zh
    assert "the State Council" in farmland.remedy.en
    core = judged("park_core", (0.919, 0.919))  # nobody may allow it
    assert core.verdict == "fail"
    assert core.remedy.zh.startswith("改线避让")
    assert judged("basic_farmland", (0.919, 0.919), forbid=("basic_farmland",)).verdict == "fail"


def test_of_source_zones_the_rule_binds_the_first_class_alone():
    # 6.419 ha of all classes: none of it in the first, 0.1 ha of it, and nobody knows.
    inside, breach, unknown = (
        judged("source_water", (0, 0), (6.419, bound)) for bound in (0, 0.1, math.nan)
    )
    assert [one.verdict for one in (inside, breach, unknown)] == ["pass", "fail", "unknown"]
    assert breach.found.zh == "A 0.00 公顷；B 6.42 公顷（其中一级保护区 0.10 公顷）"
    assert inside.allowed == Text("一级保护区内 0 公顷", "0 ha in the first class")
    assert "grade" in unknown.remedy.en
    assert judged("source_water", (6, 0), forbid=("source_water",)).verdict == "fail"


def test_an_impossible_road_ends_with_code_4_and_says_what_binds(tmp_path, capsys, monkeypatch):
    from layers import county as counties
    from scenarios.__main__ import main

    wall = twin.county()
    west, south, east, _ = wall.vector("outline").total_bounds
    park = wall.vector("park")
    park.loc["core", "geometry"] = shapely.box(west - 9, south + 1500, east + 9, south + 1600)
    shut = replace(wall, data={**wall.data, "park": park})
    monkeypatch.setattr(counties, "load", lambda _: shut)
    asked = ["run", "corridor", "-o", str(tmp_path), "--set", "points=seats:003, seats:001"]
    assert main(asked) == 4
    said = capsys.readouterr().err
    assert "forbidden zones part the places" in said
    assert "sacrifice=park_core" in said


def test_mean_grades_of_climbs_are_told_with_their_station():
    # A cone 150 m high does not rise 200 m: nothing to tell; the 3 km window is told.
    found = run(points=("seats:001", "seats:002"), road="class_iv_20", **OPEN)
    assert check(found, "mean").found == Text("无此情形", "none")
    assert "%" in check(found, "window").found.zh
    assert re.search(r"K[01]\+\d{3}(；|$)", check(found, "grade").found.zh)


def test_a_county_without_roads_gets_its_road_and_is_told_what_is_unknown():
    # The straight road of above: the same bill but for the junctions, which nobody can count.
    bare = {
        name: one
        for name, one in county().data.items()
        if name in {"dem", "outline", "townships", "seats"}
    }
    found = runs.perform(
        order(replace(county(), data=bare), points=("seats:003", "seats:004"), **OPEN)
    )
    assert metric(found, "length_km").value == pytest.approx(3.0, abs=1e-6)
    bill = table(found, "bill").set_index("item")["cost_wan"]
    known = table(straight(), "bill").set_index("item")["cost_wan"]
    unknown = ["junction", "cropland", "dwelling"]
    assert bill.index[bill.isna()].tolist() == unknown
    assert bill["on_top"] == pytest.approx(known["on_top"] - 0.25 * known["junction"])
    same = [name for name in known.index if name not in {*unknown, "on_top"}]
    assert bill[same].tolist() == pytest.approx(known[same].tolist())
    remedy = check(found, "unpriced").remedy.en
    assert "--as roads" in remedy
    assert "--as parcels" in remedy
    assert check(found, "missing_roads").verdict == "unknown"
    assert found.result.edits[0].data.index.tolist() == ["corridor_1"]
    assert {one.from_ for one in found.result.claims if one.kind == "land"} == {"unknown"}
    assert not [one for one in found.result.claims if one.kind == "cropland_owed"]
    assert "地类未知 3.00 公顷" in found.result.answer[1].zh
    assert found.result.answer[1].en.endswith("; how much time it saves is not known.")
    assert not [one for one in found.result.metrics if one.id == "person_min"]


def test_a_seat_that_is_not_named_the_countys_is_asked_for():
    seats = county().vector("seats").drop(columns="role")
    nameless = replace(county(), data={**county().data, "seats": seats})
    ends = {"points": ("seats:003", "seats:004"), **OPEN}
    found = runs.perform(order(nameless, **ends))
    assert "--set county_seat=CODE" in check(found, "unsaved").remedy.en
    told = runs.perform(order(nameless, **ends, county_seat="003"))
    assert [one.id for one in told.result.checks if one.id == "unsaved"] == []
    assert metric(told, "person_min").value == metric(straight(), "person_min").value


def test_places_that_are_not_found_say_what_may_be_meant():
    few = {n: one for n, one in county().data.items() if n != "facilities"}
    asked = ("119.81", "facilities:clinic_1", "seats:03")
    with pytest.raises(InputError) as caught:
        places(replace(county(), data=few), asked)
    pair, layer, name = (problem.said("en") for problem in caught.value.problems)
    assert "lon,lat; lon,lat" in pair
    assert "--as facilities" in layer
    assert "003" in name


def test_places_of_every_layer_of_names_are_found_by_a_run():
    from layers.people.gazetteer import NAMED

    scenario = scenarios.find("corridor")
    assert set(NAMED) <= {*scenario.needs, *scenario.uses}


def test_terrain_that_is_not_there_is_told_as_a_share():
    # The eastern third of the county's columns has no heights.
    dem = county().raster("dem")
    values = np.where(np.arange(dem.grid.shape[1]) < 150, dem.values, np.nan)
    data = {**county().data, "dem": Raster(values, dem.grid)}
    found = runs.perform(
        order(replace(county(), data=data), points=("seats:001", "seats:003"), **OPEN)
    )
    assert check(found, "terrain").found.en == "25.0 %"
    assert [one.id for one in straight().result.checks if one.id == "terrain"] == []
