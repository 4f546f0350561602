"""Land consolidation on the synthetic county, whose best exchange is known by hand."""

import functools
import json
import math
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import scenarios
from geo.certificates import NONE, Program, unpacked, verify
from geo.errors import InfeasibleError, InputError, LimitError, SchemaError, UsageError
from geo.exchange import Point
from geo.files import read_vector
from geo.words import NO_TEXT, UNKNOWN, Text, alike, hectares
from layers import twin
from layers.catalog import CATALOG
from layers.county import load as load_county
from layers.folder import scripts
from layers.land.fabric import fabric
from layers.land.rules import book
from layers.schema import check as check_layer
from layers.twin.land import MAP
from maps.page import page
from scenarios.answers.accounts import TOTAL, account
from scenarios.answers.screening import screen
from scenarios.consolidation import answer, checks, question, tables
from scenarios.consolidation.eligible import Choices, eligible, new_cropland
from scenarios.consolidation.front import front_table
from scenarios.consolidation.ledger import new_classes, pairs, split
from scenarios.consolidation.pieces import Fabric, settled
from scenarios.consolidation.problem import Consolidation
from scenarios.consolidation.proof import gap_words
from scenarios.consolidation.question import SCENARIO
from scenarios.consolidation.recheck import recheck
from scenarios.result import Check, load
from scenarios.running import runs
from scenarios.running.script import read

CROPS = 79  # parcels of 6 ha
BEFORE = 495  # degrees, the sum of their slopes
STEEP = [25.0 - k for k in range(10)]
GAPS = [1 + 0.5 * k for k in range(10)]


@functools.cache
def county():
    return twin.county()


def changed(layer, change):
    """The county with one layer changed, or without it."""
    data = dict(county().data)
    if change is None:
        del data[layer]
    else:
        data[layer] = change(county().vector(layer))
    return replace(county(), data=data)


def run(place=None, **params):
    return SCENARIO.run(place or county(), Consolidation(**{"front_points": 0, **params}))


@functools.cache
def plain():
    return run()


def metric(result, name):
    return next(one for one in result.metrics if one.id == name)


def table(result, name):
    return next(one.frame for one in result.tables if one.id == name)


def titles(result, name, column):
    """The titles of a column of codes."""
    columns = next(one.columns for one in result.tables if one.id == name)
    return {one.code: one.title for one in next(c for c in columns if c.name == column).categories}


def layer(result, name):
    return next((one.data for one in result.layers if one.id == name), None)


def check(result, name):
    return next(one for one in result.checks if one.id == name)


def labels(letters):
    return {
        f"p{row:02}{column:02}"
        for row, line in enumerate(MAP)
        for column, letter in enumerate(line)
        if letter in letters
    }


def moved(result):
    """Labels that go out and that come in."""
    frame = layer(result, "land_after")
    if frame is None:
        return set(), set()
    change = layer(result, "change")["change"]
    return ({*change.index[change == "out"]}, {*change.index[change == "in"]})


def hundredths(column):
    return np.round(column * 100).astype(np.int64)


def objective(result):
    """What is made least by default: slope and shared borders, each as a share of today's."""
    frame = table(result, "pattern").set_index("state")
    slope, border = frame["slope"], frame["border"]
    return slope["after"] / slope["before"] - border["after"] / border["before"]


# The planted optimum ------------------------------------------------------------------------------


def test_the_planted_optimum_is_found_and_proven():
    result = plain()
    assert moved(result) == (labels("S"), labels("G"))
    # (495 - (25 + … + 16) + (1 + 1.5 + … + 5.5)) / 79 = (495 - 205 + 32.5) / 79
    slope = metric(result, "slope")
    assert slope.before == pytest.approx(BEFORE / CROPS)
    assert slope.value == pytest.approx(322.5 / CROPS)
    # each of ten gaps brings eight neighbours, each pair counted from both sides: 2 x 8 x 10 / 79
    neighbours = metric(result, "neighbours")
    assert neighbours.value - neighbours.before == pytest.approx(160 / CROPS)
    # two large blocks; the steep fields of 90 mu stood alone: 474 - 60 ha
    assert metric(result, "blocks").before == pytest.approx(414)
    assert metric(result, "blocks").value == pytest.approx(474)
    assert metric(result, "gap").value <= 0.1
    assert check(result, "proof").verdict == "pass"
    assert check(result, "proof").found.zh.startswith("与理论最优的差距")
    # ten orchards at 60,000 and ten fields at 20,000 yuan/ha on 6 ha: 10 x 6 x 8 = 480
    assert metric(result, "cost").value == pytest.approx(480)


@pytest.mark.parametrize("count", [0, 1, 3, 7])
@pytest.mark.parametrize("budget", ["pairs", "ha", "yuan"])
def test_budgets_take_the_best_first(count, budget):
    # a pair is 6 ha out, and costs 6 x 6 + 6 x 2 = 48 (10⁴ yuan)
    params = {
        "pairs": {"most_pairs": count},
        "ha": {"most_ha": 6 * count + 5},
        "yuan": {"most_wan_yuan": 48.0 * count + 47},
    }[budget]
    result = run(**params)
    slope = BEFORE - sum(STEEP[:count]) + sum(GAPS[:count])
    assert metric(result, "slope").value == pytest.approx(slope / CROPS)
    assert metric(result, "parcels_out").value == count
    assert metric(result, "parcels_in").value == count


def test_each_township_balances_where_asked():
    result = run(balance_by="township", tolerance_m2=0)
    frame = table(result, "account_township").set_index("township")
    assert (frame["leaves_m2"] == frame["enters_m2"]).all()
    assert objective(result) > objective(plain())


def test_what_classes_lose_and_gain_and_the_ways_they_go_sum_to_what_moves():
    result = run(most_pairs=3)
    classes = table(result, "area_change").set_index("class")
    # three pairs of 6 ha: cropland leaves for what other uses leave
    assert classes.loc["cropland", ["leaves_ha", "enters_ha", "change_ha"]].tolist() == [18, 18, 0]
    assert classes["leaves_ha"].sum() == classes["enters_ha"].sum() == 36
    ways = table(result, "transitions")
    assert ways["area_ha"].sum() == pytest.approx(36)
    assert ways["parcels"].sum() == 6
    assert ways["area_ha"].is_monotonic_decreasing
    told = titles(result, "transitions", "way")
    assert set(ways["way"]) == set(told)
    assert all(" → " in words.zh for words in told.values())


def test_beyond_the_largest_ways_the_others_are_one(monkeypatch):
    monkeypatch.setattr(tables, "LARGEST", 1)
    result = run(most_pairs=3)
    ways = table(result, "transitions").set_index("way")["area_ha"]
    assert ways.index[-1] == tables.REST
    assert len(ways) == 2
    assert ways.sum() == pytest.approx(36)


def test_the_page_opens_at_what_changes_with_blocks_on_both_sides():
    layers = {one.id: one for one in plain().layers}
    assert [one.id for one in plain().layers if one.focus] == ["change"]
    assert layers["change"].side == "difference"
    assert layers["blocks_before"].shown
    assert layers["blocks_after"].shown


# Rules --------------------------------------------------------------------------------------------


def test_without_the_redline_its_flat_forest_enters_and_the_rule_is_unknown():
    ways = {"most_pairs": 10, "weight_contiguity": 0}
    bound, free = run(**ways), run(changed("redline", None), **ways)
    # the two forests at 0.5° in the place of the gaps at 5.5° and 5°: 9.5 less
    assert metric(bound, "slope").value * CROPS == pytest.approx(322.5)
    assert metric(free, "slope").value * CROPS == pytest.approx(322.5 - 9.5)
    assert check(free, "exchange_redline").verdict == "unknown"
    assert check(free, "missing_redline").verdict == "unknown"
    assert check(bound, "exchange_redline").verdict == "pass"


def test_the_slope_limit_is_closed():
    def at(slope):
        def change(parcels):
            parcels.loc["p0502", "slope_deg"] = slope
            return parcels

        result = run(changed("parcels", change), weight_slope=0)
        return "p0502" in moved(result)[1]

    assert at(25.0)
    assert not at(25.001)


def test_basic_farmland_stays_or_is_adjusted_within_its_share():
    ways = {"most_pairs": 10, "weight_contiguity": 0}
    assert not moved(run(**ways))[0] & labels("T")
    result = run(**ways, adjust_basic=True)
    # the field at 18° goes in the place of that at 16°: 2 less
    assert metric(result, "slope").value * CROPS == pytest.approx(322.5 - 2)
    assert labels("T") <= moved(result)[0]
    share, total = check(result, "basic_share"), check(result, "basic_total")
    # 6 of 144 ha; 6.3 ha are to be added, two parcels are
    assert (share.verdict, share.found) == ("pass", alike("4.17 %"))
    assert (total.verdict, total.found) == ("pass", hectares(12))
    assert total.allowed == Text("≥ 6.30 公顷", "≥ 6.30 ha")
    basic = layer(result, "basic_change")["basic"]
    assert set(basic.index[basic == "out"]) == labels("T")
    assert (basic == "in").sum() == 2
    assert set(basic.index[basic == "in"]) <= moved(result)[1]
    assert layer(run(**ways), "basic_change") is None
    unknown = run(changed("basic_farmland", None), **ways)
    assert check(unknown, "basic_share").verdict == "unknown"


def test_two_rule_books_judge_one_plan_side_by_side():
    result = run(reclaim_homesteads=True, most_pairs=10)
    assert labels("H") <= moved(result)[1]
    assert check(result, "balance_area").verdict == "pass"
    frame = table(result, "rulebooks").set_index("what")
    balance = frame.loc["balance_area"]
    # nine orchards count in 2022, the homestead does not: 54 against 60 ha
    assert balance.rule == "exchange.balance"
    assert (balance.verdict_0, balance.found_0) == ("pass", "60.00 ha")
    assert (balance.verdict_1, balance.found_1) == ("fail", "54.00 ha, 6.00 ha short")
    # G, O, P, H in 2026; without the homestead in 2022
    area = 6 * len(labels("GOPH"))
    assert titles(result, "rulebooks", "found_0")[f"{area:.2f} ha"].zh == f"{area:.2f} 公顷"
    assert frame.loc["room", "found_1"] == f"{area - 6:.2f} ha"
    early = run(reclaim_homesteads=True, rule_date=date(2022, 1, 1))
    assert not labels("H") & moved(early)[1]
    rows = table(early, "refused").set_index("rule")
    assert rows.loc["exchange.balance", "first_ha"] == 6


def test_a_rule_that_does_not_hold_on_a_day_says_so():
    result = run(compare_date=date(2021, 11, 26))
    frame = table(result, "rulebooks")
    rows = frame[frame.rule == "exchange.redline"]
    assert set(rows["verdict_1"]) == set(rows["found_1"]) == {"none"}
    assert titles(result, "rulebooks", "verdict_1")["none"] == Text("不适用", "not in force")
    runs.perform(runs.Order("consolidation", county(), Consolidation(rule_date=date(2021, 11, 1))))


def test_quality_gets_no_worse():
    def change(parcels):
        parcels.loc[sorted(labels("G")), "quality"] = 10.0
        return parcels

    result = run(changed("parcels", change))
    # gaps of grade 10 against steep fields of grade 9: one may enter for every tea garden of grade 8
    into, out = moved(result)[1], moved(result)[0]
    assert len(into & labels("G")) <= len(into & labels("OP"))
    assert len(into) == len(out)
    quality = table(result, "pattern").set_index("state")["quality"]
    assert quality["after"] <= quality["before"]
    assert check(result, "balance_quality").verdict == "pass"
    assert objective(result) > objective(plain())


def test_refused_hectares_close_to_the_area_of_the_pilots():
    frame = table(plain(), "refused")
    first = frame["first_ha"]
    assert hundredths(first[:-1] * 1e4).sum() == hundredths(first.iloc[-1:] * 1e4).sum()
    assert first.iloc[-1] == 1440
    by = frame.set_index("rule")
    forest = sum(line.count("F") for line in MAP)
    town = sum(line.count(letter) for line in MAP for letter in "UHL")
    assert by.loc["cropland.steepest", ["refused_ha", "first_ha"]].tolist() == [6 * forest] * 2
    assert by.loc["exchange.redline", "first_ha"] == 12
    assert by.loc["exchange.source_water", "first_ha"] == 12
    assert by.loc["exchange.permanent_farmland", "first_ha"] == 6 * 48
    # water counts nowhere; town and homestead do since 2024: refused by the planner's choice first
    assert by.loc["exchange.balance", ["refused_ha", "first_ha"]].tolist() == [12, 0]
    assert frame.loc[frame["what"] == "class", "first_ha"].item() == 6 * town


def refusals(place, sliver_m2=1.0, **columns):
    """What each rule of 2026 says of every parcel, were it to become cropland."""
    land = fabric(place).assign(**columns)
    asked = new_cropland(place, book(date(2026, 1, 1)), sliver_m2=sliver_m2)
    return screen(land, [*asked]).states


def test_every_rule_is_asked_of_every_parcel():
    # two parcels each in redline and source zone, none in a park core; 127 forests at 30°
    assert refusals(county()).sum().to_dict() == {
        "exchange.redline": 2,
        "exchange.reserve": 0,
        "exchange.source_water": 2,
        "cropland.steepest": 127,
        "exchange.balance": 2,
    }


@pytest.mark.parametrize(("slope", "refused"), [(25.0, 0), (25.0001, 1), (np.nan, np.nan)])
def test_25_degrees_may_be_cropland_and_an_unknown_slope_is_unknown(slope, refused):
    np.testing.assert_array_equal(refusals(county(), slope_deg=slope)["cropland.steepest"], refused)


def test_a_missing_layer_says_nothing():
    states = refusals(changed("redline", None))
    assert states["exchange.redline"].isna().all()
    assert states["exchange.source_water"].notna().all()


def test_only_the_core_of_a_park_is_closed_to_new_cropland():
    # from the hill onto the pilots
    place = changed("park", lambda park: park.set_geometry(park.translate(0, -2400)))
    states, land, park = refusals(place)["exchange.reserve"], fabric(place), place.vector("park")
    expected = land.geometry.intersection(park.geometry["core"]).area > 1
    assert states.astype(bool).equals(expected)
    assert 0 < expected.sum() < land.intersects(park.union_all()).sum()


def test_the_core_of_the_park_is_not_called_the_park_on_the_map():
    place = changed("park", lambda park: park.set_geometry(park.translate(0, -2400)))
    core = next(one for one in run(place).layers if one.id == "zone_park_core")
    assert core.title == Text("国家公园核心保护区", "Core zone of the park")
    assert (core.sources, core.rules) == (("park",), ("exchange.reserve",))
    assert core.data["zone"].tolist() == ["park_core"]


def test_slivers_close_nothing():
    # 0.005 x 200 = 1 m² of one parcel
    strip = box(479_000, 3_096_000, 480_000.005, 3_096_200)
    place = changed("redline", lambda zone: zone.iloc[:1].set_geometry([strip], crs=zone.crs))
    for sliver, count in ((0.5, 1), (1.0001, 0), (2, 0)):
        assert refusals(place, sliver)["exchange.redline"].sum() == count, sliver


def test_every_parcel_that_stays_names_the_rules_that_bind_it():
    land = layer(plain(), "land")
    assert set(land.loc[sorted(labels("R")), "binding"]) == {"exchange.redline"}
    assert set(land.loc[sorted(labels("F")), "binding"]) == {"cropland.steepest"}
    assert set(land.loc[sorted(labels("T")), "binding"]) == {"exchange.permanent_farmland"}
    assert set(land.loc[sorted(labels("O")), "binding"]) == {""}


def test_what_is_not_known_stays_and_is_named():
    def change(parcels):
        parcels.loc["p0502", "slope_deg"] = np.nan
        parcels.loc["p0507", "quality"] = np.nan
        return parcels

    place = changed("parcels", change)
    data = {name: one for name, one in place.data.items() if name != "dem"}
    land = fabric(replace(place, data=data), townships=["003", "004"])
    choices = Choices(("orchard",), adjust_basic=False, sliver_m2=1)
    found = eligible(land, place, book(date(2026, 1, 1)), choices=choices).land
    assert found.loc[["p0502", "p0507", "p0702"], "reason"].tolist() == ["slope", "quality", ""]
    result = run(place)  # with terrain the slope is that of the plane: flat
    assert check(result, "unknown_quality").found.zh.startswith("1 块")
    assert not moved(result)[1] & {"p0507"}
    assert "p0502" in moved(result)[1]


# Accounts and ledger ------------------------------------------------------------------------------


def uneven(parcels):
    """Areas that never match: prime numbers of hundredths."""
    generator = np.random.default_rng(1)
    area = np.round(60_000 + generator.uniform(-9_000, 9_000, len(parcels)), 2)
    return parcels.assign(TBMJ=area, KCXS=0.0, KCMJ=0.0, TBDLMJ=area)


@functools.cache
def odd(**params):
    return run(changed("parcels", uneven), **params)


def test_farmland_is_never_less_and_no_more_than_the_tolerance():
    result = odd()
    surplus = metric(result, "surplus").value
    assert 0 <= surplus <= 100
    crops = table(result, "account_land_class").set_index("land_class").loc["cropland"]
    assert hundredths(crops["change_m2"]) == hundredths(surplus)


def test_one_parcel_split_closes_the_account_exactly():
    result = odd(close_exactly=True)
    assert metric(result, "surplus").value == 0
    assert check(result, "closed").verdict == "pass"
    land = layer(result, "land")
    rest = [label for label in land.index if label.endswith("_rest")]
    assert len(rest) == 1
    whole, cut = layer(odd(), "land_after"), layer(result, "land_after")
    label = rest[0].removesuffix("_rest")
    parts = hundredths(cut["area_m2"])[label] + hundredths(land["area_m2"])[rest[0]]
    assert parts == hundredths(whole["area_m2"])[label]
    shape = cut.geometry[label].union(land.geometry[rest[0]])
    assert shape.symmetric_difference(whole.geometry[label]).area < 1e-6
    assert hundredths(land["area_m2"])[rest[0]] == hundredths(metric(odd(), "surplus").value)


@pytest.mark.parametrize("close", [False, True])
def test_accounts_add_up_in_whole_hundredths(close):
    result = odd(close_exactly=close)
    totals = {}
    for by in ("land_class", "township", "village"):
        named = table(result, f"account_{by}").set_index(by)
        frame = named.apply(hundredths)
        kept = frame["before_m2"] - frame["leaves_m2"] + frame["enters_m2"]
        assert (kept == frame["after_m2"]).all()
        assert (frame.iloc[:-1].sum() == frame.iloc[-1]).all()
        totals[by] = frame
    crops = totals["land_class"].loc["cropland"]
    assert (totals["township"].iloc[-1] == crops).all()
    assert (totals["village"].iloc[-1] == crops).all()
    parcels = changed("parcels", uneven).vector("parcels")
    assert totals["land_class"].iloc[-1]["after_m2"] == hundredths(parcels["TBMJ"]).sum()


def test_the_ledger_accounts_for_every_parcel_that_moves():
    result = odd()
    frame = table(result, "ledger")
    parts = frame.assign(part=hundredths(frame["part_m2"]))
    for side, change in (("leaving", 0), ("entering", 1)):
        sums = parts.groupby(f"{side}_parcel")["part"].sum()
        whole = frame.drop_duplicates(f"{side}_parcel").set_index(f"{side}_parcel")
        known = hundredths(whole[f"{side}_whole_m2"].dropna())
        assert sums.sort_index().to_dict() == known.sort_index().to_dict()
        assert set(sums.index) == moved(result)[change]
    surplus = parts.loc[frame["leaving_parcel"].isna(), "part"].sum()
    assert surplus == hundredths(metric(result, "surplus").value)


def test_ledger_page_csv_and_geopackage_agree_to_the_last_digit(tmp_path):
    place = changed("parcels", uneven)
    run_ = runs.perform(runs.Order("consolidation", place, Consolidation(front_points=0)))
    runs.save(run_, tmp_path)
    shown = page(load(tmp_path))
    csv = pd.read_csv(tmp_path / "tables" / "ledger.csv", dtype=str, encoding="utf-8-sig")
    frame = table(run_.result, "ledger")
    package = read_vector(tmp_path / "layers.gpkg", layer="land_after").set_index("BSM")
    areas = package["area_m2"]
    for number, row in frame.iterrows():
        assert csv.loc[number, "part_m2"] == repr(row["part_m2"])
        assert f'["{row["pair"]}","{row["year"]}","{row["part_m2"]:,.2f}",' in shown
        for side in ("leaving", "entering"):
            label = row[f"{side}_parcel"]
            if isinstance(label, str):
                said = csv.loc[number, f"{side}_whole_m2"]
                assert said == repr(float(areas[label])) == repr(row[f"{side}_whole_m2"])
                assert len(said.partition(".")[2]) <= 2
                assert f'"{float(said):,.2f}"' in shown  # in the ledger
                assert f",{said.removesuffix('.0')}," in shown  # on the parcel


def test_reversing_the_plan_restores_the_start():
    on, params = book(date(2026, 1, 1)), Consolidation()
    start = fabric(county(), townships=["003", "004"])
    land = eligible(start, county(), on, choices=Choices(("orchard",), False, 1)).land
    land = land.assign(cost=0.0)
    none = pd.DataFrame({"left": [], "right": [], "length_m": []})
    ways = {"code_table": params.code_table, "close": False, "gap_m": 0}
    there = land["member"] ^ land.index.isin(labels("SG"))
    plan = settled(Fabric(land, none), there, **ways).land
    after = land.assign(land_class=plan["class_after"], code=plan["code_after"], member=there)
    back = settled(Fabric(after, none), land["member"], **ways).land
    assert back["class_after"].equals(land["land_class"].astype(str))
    assert set(there.index[there != land["member"]]) == labels("SG")


# Years and the front ------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [None, "uneven"])
def test_every_year_is_balanced_and_the_years_add_up(place):
    result = plain() if place is None else odd()
    years = table(result, "years")
    balance = hundredths(years["balance_m2"])
    assert (balance >= 0).all()
    assert (balance <= 10_000).all()
    flow = hundredths(years["in_m2"]) - hundredths(years["out_m2"])
    assert (flow.cumsum() == balance).all()
    moved_ha = metric(result, "moved").value
    assert hundredths(years["out_m2"]).sum() == hundredths(moved_ha * 1e4)
    assert years["cost"].sum() == pytest.approx(metric(result, "cost").value)
    assert years["slope"].iloc[-1] == pytest.approx(metric(result, "slope").value)
    ledger = table(result, "ledger")
    assert ledger["year"].is_monotonic_increasing
    land = layer(result, "land_after")
    assert set(land["year"]) <= {1, 2, 3}


def test_a_year_takes_no_more_than_its_budget():
    # ten pairs of 6 ha, at most 12 ha a year: two pairs a year, the best first
    result = run(years=5, year_ha=12.0)
    years = table(result, "years")
    assert years["parcels_out"].tolist() == [2] * 5
    gain = 25 + 24 - 1 - 1.5
    assert years["slope"].iloc[0] == pytest.approx((BEFORE - gain) / CROPS)
    cost = run(years=10, year_wan_yuan=48.0)
    assert table(cost, "years")["parcels_out"].tolist() == [1] * 10
    with pytest.raises(InfeasibleError, match="12 ha"):
        run(years=4, year_ha=12.0)


def rougher():
    """Gaps steeper than tea gardens far from the fields: slope and borders pull apart."""

    def change(parcels):
        slopes = parcels["slope_deg"].mask(parcels.index.isin(labels("G")), 14.0)
        slopes = slopes.mask(parcels.index.isin(labels("P")), 2.0)
        return parcels.assign(slope_deg=slopes)

    return changed("parcels", change)


def test_the_front_holds_no_plan_that_another_betters():
    result = run(rougher(), most_pairs=3, front_points=7)
    front = table(result, "front")
    assert len(front) >= 2
    assert front["chosen"].sum() == 1
    others = front[~front["chosen"]]
    assert others["slope"].is_monotonic_increasing
    assert others["border"].is_monotonic_increasing
    chosen = front[front["chosen"]].iloc[0]
    assert chosen["slope"] == pytest.approx(metric(result, "slope").value)
    better = (front["slope"] < chosen["slope"] - 1e-9) & (front["border"] > chosen["border"] + 1e-9)
    assert not better.any()
    # three plans are listed, not drawn
    assert next(one.chart for one in result.tables if one.id == "front") == ""


def test_a_front_of_one_plan_is_none():
    # the planted optimum is best for every weight
    result = run(front_points=4)
    assert "front" not in {one.id for one in result.tables}
    assert "front" not in check(result, "proof_beyond").found.en


def plan_of(land, members):
    """What a front reads of a plan."""
    member = pd.Series(land.index.isin(list(members)), index=land.index)
    return SimpleNamespace(member=member, gap=0.01, by="prices")


@pytest.mark.parametrize(("count", "chart"), [(3, ""), (4, "front")])
def test_five_plans_are_drawn_and_one_that_is_bettered_stays_only_if_chosen(count, chart):
    # six fields, slopes 1 … 6; the first k are cropland, in a row whose borders are 1 km each:
    # slope (k + 1) / 2, border k - 1: none betters another
    index = [*"abcdef"]
    land = pd.DataFrame({"slope_deg": range(1, 7), "hundredths": 100}, index=index)
    near = pd.DataFrame({"left": index[:-1], "right": index[1:], "length_m": 1000.0})
    fabric = Fabric(land, near)
    points = [Point(float(k), plan_of(land, index[: k + 1])) for k in range(count)]
    worse = Point(math.inf, plan_of(land, "bc"))  # 2.5°, 1 km: bettered by two fields of 1.5°
    chosen = plan_of(land, index[:5])
    (made,) = front_table(fabric, [*points, worse, Point(9.0, None)], chosen)
    assert made.frame["plan"].tolist() == [
        "slope",
        *(f"1 : {k}" for k in range(1, count)),
        "chosen",
    ]
    assert made.frame["slope"].tolist() == [1 + k / 2 for k in range(count)] + [3]
    assert made.frame["border"].tolist() == [*range(count), 4]
    assert made.chart == chart
    assert [one.better for one in made.columns[:2]] == ["lower", "higher"]
    assert made.title.en.endswith("not found with this effort: slope : borders = 1 : 9")
    (kept,) = front_table(fabric, points, plan_of(land, "bc"))
    assert kept.frame.loc[kept.frame["chosen"], "slope"].item() == 2.5
    assert not [*front_table(fabric, [Point(1.0, chosen)], chosen)]
    assert not [*front_table(fabric, points[1:2], plan_of(land, "bc"))]


# The answer, what is claimed, the parcels afterwards ------------------------------------------------


def test_the_answer_is_told_in_figures():
    moves, brings, best, unmet = plain().answer
    # ten pairs of 6 ha in three years, at 480 (10⁴ yuan); 495 / 79 and 322.5 / 79 degrees
    assert moves.zh == (
        "调出耕地 60.00 公顷（10 块），调入其他土地 60.00 公顷（10 块），分 3 年实施，投资 480 万元。"
    )
    assert moves.en.endswith("in 3 years, at a cost of 4.80 million yuan.")
    assert "由 6.27° 变为 4.08°" in brings.zh
    assert "from 414.0 ha (2 blocks) to 474.0 ha (2)" in brings.en
    assert best.en.endswith("certified by prices, can be re-checked.")
    assert unmet == Text("各项规则均符合。", "Every rule is met.")


def test_the_answer_names_what_is_not_met_or_not_known_and_whose_word_it_is(monkeypatch):
    unknown = run(changed("redline", None)).answer[-1]
    assert unknown.zh == "无法判断：生态保护红线内不得新增耕地。"
    assert unknown.en == "Cannot be judged: No new cropland in the ecological redline."
    failed = Check("a", Text("甲", "A"), "fail", NO_TEXT, NO_TEXT, rule="a")
    doubted = replace(failed, title=Text("乙", "B"), verdict="unknown")
    assert answer._unmet([failed, doubted]) == Text(
        "未达标：甲。无法判断：乙。", "Not met: A. Cannot be judged: B."
    )
    word = solved(monkeypatch, by_word).answer[2]
    assert "据求解器" in word.zh
    assert "by the word of HiGHS; which is not certified" in word.en
    far = answer._best(SimpleNamespace(gap=math.inf, by="prices"))
    assert far.zh == "方案与理论最优的差距未知。"
    assert "certified" not in far.en
    still = run(most_ha=0).answer
    assert still[0] == Text("没有地块需要调整。", "No parcel moves.")
    assert 2 <= len(still) <= 5


def test_what_changes_its_class_is_claimed_by_township_and_what_it_costs():
    result = plain()
    land = [one for one in result.claims if one.kind == "land"]
    change = layer(result, "change").query("change != 'kept'")
    assert sum(one.likely for one in land) == pytest.approx(change["area_m2"].sum() / 1e4)
    # S by township: west of column 10 is 003; every parcel is 6 ha
    west = 6 * sum(int(label[3:]) < 10 for label in labels("S"))
    out = {one.place: one.likely for one in land if one.from_ == "cropland"}
    assert out == {"003": west, "004": 60 - west}
    assert {(one.from_, one.to) for one in land} == {
        ("cropland", "orchard"),
        ("orchard", "cropland"),
    }
    assert {one.layer for one in land} == {"change"}
    (yuan,) = (one for one in result.claims if one.kind == "yuan")
    assert (yuan.low, yuan.likely, yuan.high) == (4_800_000,) * 3
    assert run(most_ha=0).claims == ()


def parcels_after(result, place):
    """The county with its parcels as the plan leaves them, held against their schema."""
    (edit,) = result.edits
    assert edit.layer == "parcels"
    whole = edit.data.reset_index(names="BSM")
    outline = place.vector("outline").geometry.union_all()
    assert check_layer(whole, CATALOG["parcels"], crs=place.crs, outline=outline) == []
    return replace(place, data={**place.data, "parcels": edit.data})


@pytest.mark.parametrize("split", [False, True])
def test_the_parcels_afterwards_are_those_of_the_plan(split):
    place = changed("parcels", uneven) if split else county()
    result = odd(close_exactly=True) if split else plain()
    after = fabric(parcels_after(result, place))
    now = fabric(place)
    out, into = moved(result)
    assert set(after.index[(after["land_class"] == "cropland")]) == (
        set(now.index[now["land_class"] == "cropland"]) - out | into
    )
    assert after["hundredths"].sum() == now["hundredths"].sum()
    assert after.area.sum() == pytest.approx(now.area.sum())
    assert len(after) == len(now) + split
    kept = result.edits[0].data.loc[sorted(out)]
    assert kept["GDPDJB"].isna().all()
    assert result.edits[0].data.loc[sorted(into), "GDPDJB"].notna().all()
    # a plan for what the plan leaves finds nothing that is better by more than a trifle
    assert metric(result, "cropland").value == pytest.approx(
        after.query("land_class == 'cropland' and township in ['003', '004']")["hundredths"].sum()
        / 1e6
    )


def test_the_parcels_afterwards_are_saved_with_the_run(tmp_path):
    order = runs.Order("consolidation", county(), Consolidation(front_points=0))
    runs.save(runs.perform(order), tmp_path)
    (edit,) = load(tmp_path).result.edits
    assert set(edit.data.index[edit.data["DLBM"] == "0103"]) >= labels("G")
    assert len(load(tmp_path).result.answer) == 4


# Laws ---------------------------------------------------------------------------------------------

AREAS = st.lists(st.integers(1, 10**6), min_size=0, max_size=7)
NAMES = ("forest", "grass", "orchard")


def side(areas, seed, prefix):
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "hundredths": areas,
            "land_class": generator.choice(NAMES, len(areas)),
            "township": generator.choice(["1", "2"], len(areas)),
            "village": generator.choice(["a", "b"], len(areas)),
            "year": generator.integers(1, 4, len(areas)),
        },
        index=[f"{prefix}{n}" for n in range(len(areas))],
    )


@given(AREAS, AREAS, st.integers(0, 99))
@settings(max_examples=80)
def test_parts_of_every_parcel_sum_up_to_it(outs, ins, seed):
    leaving, entering = side(outs, seed, "o"), side(ins, seed + 1, "i")
    found = pairs(leaving, entering)
    for name, frame in (("leaving", leaving), ("entering", entering)):
        sums = found[found[name] != ""].groupby(name)["hundredths"].sum()
        assert sums.to_dict() == frame["hundredths"].to_dict()
    assert (found["hundredths"] > 0).all()
    lone = found[(found["leaving"] == "") | (found["entering"] == "")]
    assert lone["hundredths"].sum() == abs(sum(outs) - sum(ins))
    if len(entering):
        taken = new_classes(leaving, entering, instead={"grass": "forest"})
        assert set(taken) <= set(entering["land_class"].replace("grass", "forest"))


@given(AREAS, st.integers(0, 99))
@settings(max_examples=60)
def test_an_account_keeps_every_hundredth(areas, seed):
    before = side(areas, seed, "p")
    after = before.assign(land_class=side(areas, seed + 1, "p")["land_class"])
    found = account(before, after, "land_class")
    assert (found["before"] - found["leaves"] + found["enters"] == found["after"]).all()
    assert (found.iloc[:-1].sum() == found.iloc[-1]).all()
    assert found.iloc[-1]["before"] == found.iloc[-1]["after"] == sum(areas)
    one = account(before, after, "village", of=["forest"])
    assert found.index[-1] == TOTAL
    total = found.loc["forest"] if "forest" in found.index else found.iloc[-1] * 0
    assert (one.iloc[-1] == total).all()


@given(st.integers(1, 999), st.floats(0, 3))
@settings(max_examples=40)
def test_a_split_shares_the_area_and_loses_nothing(keep, lean):
    shape = box(0, 0, 50, 20).union(box(50 * lean, 5, 50 * lean + 9, 40)).convex_hull
    land = gpd.GeoDataFrame({"hundredths": [1000]}, geometry=[shape], index=["a"], crs=4549)
    kept, rest = split(land, "a", keep)
    assert kept.area == pytest.approx(shape.area * keep / 1000, rel=1e-9, abs=1e-6)
    assert kept.area + rest.area == pytest.approx(shape.area)
    assert kept.intersection(rest).area < 1e-9
    for wrong in (0, 1000):
        with pytest.raises(InputError, match="a part is between") as caught:
            split(land, "a", wrong)
        assert "切分面积须在 0 与全部之间" in caught.value.said("zh")


def test_a_split_along_an_edge_leaves_no_line():
    # an L whose inner edge stands at x = 2: 200 of 600 hundredths lie west of it
    shape = box(0, 0, 2, 1).union(box(2, 0, 3, 4))
    land = gpd.GeoDataFrame({"hundredths": [600]}, geometry=[shape], index=["a"], crs=4549)
    kept, rest = split(land, "a", 200)
    assert {kept.geom_type, rest.geom_type} <= {"Polygon", "MultiPolygon"}
    assert (kept.area, rest.area) == (pytest.approx(2), pytest.approx(4))


# Codes --------------------------------------------------------------------------------------------


def recoded(codes):
    return changed("parcels", lambda parcels: parcels.assign(DLBM=parcels["DLBM"].map(codes)))


def test_the_benchmarks_codes_give_the_same_exchange():
    known = dict.fromkeys(["0101", "0103"], "0110") | dict.fromkeys(["0201", "0202"], "0310")
    rest = dict.fromkeys(["0301", "0701", "0702", "1103", "1104"], "0510")
    place = recoded(known | rest)
    with pytest.raises(SchemaError) as caught:
        run(place)
    assert all(words in str(caught.value) for words in ("0110 × 79", "0310", "0510"))
    result = run(place, code_table="benchmark", exchange_with=("forest",))
    assert moved(result) == moved(plain())
    assert set(layer(result, "land_after").loc[sorted(labels("G")), "code_after"]) == {"0110"}


def test_real_codes_with_letters_and_own_classes_are_understood():
    place = recoded(
        {
            "0101": "0101",
            "0103": "0102",
            "0201": "0201K",
            "0202": "21",
            "0301": "0301",
            "0701": "05H1",
            "0702": "0702",
            "1103": "1103",
            "1104": "1104K",
        }
    )
    with pytest.raises(SchemaError, match="21 × 14"):
        run(place)
    result = run(place, codes={"21": "orchard"})
    assert moved(result) == moved(plain())
    assert set(layer(result, "land_after").loc[sorted(labels("S")), "code_after"]) == {"0201K"}


def test_a_stricter_budget_never_betters_the_plan():
    found = [objective(run(most_pairs=count)) for count in (10, 6, 2, 0)]
    assert found == sorted(found)
    assert found[-1] == 0


def test_a_parcel_in_two_parts_changes_no_plan():
    def halved(parcels):
        # a paddy that stays and a steep field that goes, each cut into west and east
        for label in ("p0501", "p0101"):
            west, south, east, north = parcels.geometry[label].bounds
            middle = (west + east) / 2
            rows = parcels.loc[[label, label]].set_axis([label, f"{label}e"])
            for name in ("TBMJ", "KCMJ", "TBDLMJ"):
                rows[name] /= 2
            rows["geometry"] = [box(west, south, middle, north), box(middle, south, east, north)]
            parcels = pd.concat([parcels.drop(index=label), rows])
        return parcels.rename_axis("BSM")

    result = run(changed("parcels", halved))
    assert moved(result) == (labels("S") | {"p0101e"}, labels("G"))
    assert metric(result, "slope").value == pytest.approx(metric(plain(), "slope").value)
    assert metric(result, "blocks").value == pytest.approx(metric(plain(), "blocks").value)


def test_scope_and_impossible_floors_are_told():
    with pytest.raises(UsageError, match=r"townships.*999"):
        run(townships=("999",))
    west = run(townships=("003",))
    assert moved(west)[0] & labels("S")
    assert all(int(label[3:]) < 10 for side in moved(west) for label in side)
    with pytest.raises(InfeasibleError) as caught:
        run(most_pairs=1, contiguity_gain=1)
    assert len(caught.value.problems) >= 2


def test_a_question_that_makes_no_sense_is_refused():
    with pytest.raises(SchemaError, match="no cropland"):
        run(codes={"0101": "other", "0103": "other"})
    with pytest.raises(UsageError, match="every weight is 0") as caught:
        run(weight_slope=0, weight_contiguity=0)
    assert "没有目标：权重全为 0" in caught.value.said("zh")
    assert "至少给一个目标权重" in caught.value.said("zh")
    assert "give one goal a weight (--set weight_slope=1)" in caught.value.said("en")


def test_without_pilots_every_parcel_is_in_scope():
    place = changed("pilots", None)
    assert moved(run(place)) == moved(plain())
    assert "missing_pilots" not in {one.id for one in run(place).checks}  # a county's own


@pytest.mark.parametrize(
    ("gap", "by", "words"),
    [
        (0.0, "prices", "与理论最优的差距 0 %：已证明最优"),
        (0.0, "HiGHS", "与理论最优的差距：据求解器 0 %"),
        # rounded up, never down: 0.12341 % is within 0.124 %
        (0.0012341, "prices", "与理论最优的差距不超过 0.124 %"),
        (0.0012341, "HiGHS", "与理论最优的差距：据求解器不超过 0.124 %"),
        (math.inf, "prices", "与理论最优的差距未知"),
    ],
)
def test_the_gap_is_said_in_words(gap, by, words):
    said = gap_words(gap, by)
    assert said.zh == words
    assert ("proven" in said.en) == (gap == 0 and by == "prices")
    assert ("HiGHS" in said.en) == (by == "HiGHS")


# By whose word ------------------------------------------------------------------------------------


def by_word(plan, *, kind="joined", gap=0.0, certified=0.2):
    """A plan whose bound is the solver's word, beyond what prices certify."""
    old = plan.certificate
    gain = abs(old.claims.objective - old.claims.before)
    low, bound = (old.claims.objective - share * gain for share in (certified, gap))
    count = len(old.moves)
    fixed = np.full(count, NONE)
    program = Program(kind, bound, math.inf, fixed, np.zeros(count, bool))
    claims = replace(old.claims, certified=low, bound=bound, by="HiGHS")
    made = replace(old, claims=claims, programs=(program,))
    return replace(plan, gap=gap, bound=bound, certified=low, by="HiGHS", certificate=made)


def solved(monkeypatch, change, **params):
    """Run with the plan of the search changed."""
    real = question.solve
    monkeypatch.setattr(question, "solve", lambda *given, **ways: change(real(*given, **ways)))
    return run(**params)


def test_what_prices_certify_is_said_to_be_certified():
    result = plain()
    said = check(result, "proof")
    assert said.found.zh.endswith("由乘子证书证明，可复核")
    assert said.found.en.endswith("certified by prices, can be re-checked")
    assert said.allowed == alike("≤ 0.1 %")
    assert "proof_certified" not in {one.id for one in result.checks}
    assert metric(result, "gap").note.zh == "由乘子证书证明，可复核"
    (kept,) = result.proofs
    report = verify(unpacked(kept.certificate))
    assert report.accepted
    assert (kept.layer, kept.metric, result.reproducible) == ("change", "gap", True)


@pytest.mark.parametrize("kind", ["open", "joined", "split"])
def test_what_the_solver_says_is_its_word_and_what_is_certified_stands_beside(kind, monkeypatch):
    result = solved(monkeypatch, lambda plan: by_word(plan, kind=kind))
    said, known = check(result, "proof"), check(result, "proof_certified")
    assert said.verdict == "pass"  # a gap of 0 was reached, by the word of the solver
    assert said.found.zh.startswith("与理论最优的差距：据求解器 0 %；其中")
    assert said.found.zh.endswith("仅据求解器 HiGHS，未另行证明")
    # prices leave 20 % open, rounded up; 0.1 % were asked for
    assert known.found.en in {
        "within 20 %, can be re-checked",
        "within 20.001 %, can be re-checked",
    }
    assert (known.verdict, known.allowed) == ("unknown", alike("≤ 0.1 %"))
    assert "20" in metric(result, "gap").note.zh
    assert "proven" not in metric(result, "slope").note.en
    assert "HiGHS" in result.proofs[0].beyond.zh
    assert not any("已证明" in words for one in result.metrics for words in one.note.zh.split("；"))


def test_what_the_proof_does_not_cover_is_named():
    beyond = check(run(changed("parcels", uneven), close_exactly=True), "proof_beyond")
    assert beyond.verdict == "unknown"
    assert "分年安排：据求解器 HiGHS" in beyond.found.zh
    assert "the parcel split after the search" in beyond.found.en
    assert "前沿" not in beyond.found.zh
    ways = {"place": rougher(), "front_points": 3, "most_pairs": 3}
    assert "前沿 3 点：证书未留存" in check(run(**ways), "proof_beyond").found.zh
    once = run(years=1)
    assert "proof_beyond" not in {one.id for one in once.checks}
    assert once.proofs[0].beyond == NO_TEXT


def test_the_front_says_what_each_distance_rests_on(monkeypatch):
    ways = {"place": rougher(), "front_points": 3, "most_pairs": 3}
    front = table(run(**ways), "front")
    assert set(front.loc[front["chosen"], "by"]) == {"certificate"}
    assert set(front.loc[~front["chosen"], "by"]) == {"prices"}
    result = solved(monkeypatch, by_word, **ways)
    front = table(result, "front")
    assert set(front.loc[front["chosen"], "by"]) == {"HiGHS"}
    assert titles(result, "front", "by")["prices"].zh == "乘子（未附证书）"


def test_what_a_clock_has_stopped_says_that_it_is_not_reproducible(monkeypatch, tmp_path):
    result = solved(monkeypatch, lambda plan: replace(plan, reproducible=False))
    assert not result.reproducible
    assert check(result, "proof").found.en.endswith("time limit hit, not reproducible")
    run_ = runs.perform(runs.Order("consolidation", county(), Consolidation(front_points=0)))
    runs.save(run_, tmp_path)
    said = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert said["result"]["reproducible"] is False
    shown = page(load(tmp_path))
    assert "求解因时限中止" in shown
    assert "a time limit ended a search" in shown


def test_a_year_plan_that_a_clock_has_stopped_is_not_reproducible_either(monkeypatch):
    real = question.spread
    monkeypatch.setattr(question, "spread", lambda *given: real(*given)._replace(late=True))
    assert not run().reproducible


def test_it_is_found_by_its_name():
    assert "consolidation" in scenarios.names()


# The shipped pilots -------------------------------------------------------------------------------


@functools.cache
def shipped():
    return load_county("jingning")


def test_the_shipped_pilots_are_exchanged_with_proof():
    result = run(shipped())
    assert metric(result, "gap").value <= 0.2
    slope = metric(result, "slope")
    assert slope.value < slope.before
    assert metric(result, "neighbours").value >= metric(result, "neighbours").before
    assert 0 <= metric(result, "surplus").value <= 100
    assert metric(result, "moved").value <= 100
    pilots = shipped().vector("parcels")["TBMJ"]
    classes = table(result, "account_land_class").set_index("land_class").apply(hundredths)
    assert (classes.iloc[:-1].sum() == classes.iloc[-1]).all()
    assert classes.iloc[-1]["before_m2"] == hundredths(pilots).sum()
    first = table(result, "refused")["first_ha"]
    assert abs(first[:-1].sum() - first.iloc[-1]) * 1e4 < 1
    judged = [one for one in result.checks if one.rule]
    assert judged
    assert {one.verdict for one in judged} == {"pass"}


@pytest.mark.parametrize("name", ["hexi_chengzhao", "hexi_chengzhao_homesteads"])
def test_ready_made_scripts_are_read(name):
    script = read(str(scripts("jingning")[name]))
    assert script.scenario == "consolidation"
    towns = set(shipped().vector("pilots").index)
    assert set(script.params.townships) == towns


def test_every_class_that_may_enter_has_a_cost():
    with pytest.raises(UsageError, match="no cost a hectare of forest, grass, other_farm"):
        run(enter_yuan_ha={"orchard": 60_000})


def test_basic_farmland_of_no_township_has_no_share():
    # All its polygons are said to be of another township: what is adjusted is of unknown share.
    place = changed("basic_farmland", lambda basic: basic.assign(township="009"))
    ways = {"most_pairs": 10, "weight_contiguity": 0, "adjust_basic": True}
    judged = check(run(place, **ways), "basic_share")
    assert (judged.verdict, judged.found) == ("unknown", UNKNOWN)


def test_what_fails_says_how_much_though_something_is_unknown():
    # 2 ha enter where the rule forbids it; of 3 ha it is not known.
    areas = {"hundredths": [2_000_000, 3_000_000]}
    entering = gpd.GeoDataFrame(areas, geometry=[box(0, 0, 1, 1)] * 2, index=["a", "b"], crs=4549)
    said, on = pd.Series([1.0, np.nan], index=["a", "b"]), book(date(2026, 1, 1))
    wrong = checks._kept_out(entering, said, "exchange.redline", on, county())
    assert (wrong.verdict, wrong.found, wrong.pieces) == ("fail", hectares(2), ("a",))
    unknown = checks._kept_out(entering, said * np.nan, "exchange.redline", on, county())
    assert (unknown.verdict, unknown.found) == ("unknown", UNKNOWN)


def test_more_parcels_than_a_search_was_measured_with_are_refused_at_once(monkeypatch):
    county = twin.county()
    monkeypatch.setattr("scenarios.consolidation.problem.MOST_PARCELS", 10)
    with pytest.raises(LimitError, match="parcels in the scope, at most 10") as caught:
        SCENARIO.run(county, Consolidation())
    assert caught.value.exit_code == 5
    assert "分乡镇整治" in caught.value.said("zh")
    assert "--set townships=" in str(caught.value)


@pytest.fixture(scope="module")
def nearby():
    return run(near_best=2, near_percent=10)


def test_plans_near_the_best_move_other_land_within_the_share_asked_for(nearby):
    alone = run()
    first = nearby.alternatives[0]
    assert [one.code for one in nearby.alternatives] == ["1", "2", "3"]
    assert [m.value for m in first.metrics] == [m.value for m in alone.metrics]
    assert alone.alternatives == ()
    rows = next(one for one in nearby.tables if one.id == "comparison").frame
    rows = rows.set_index("alternative")
    assert rows.worse_percent["1"] == 0
    assert (rows.worse_percent <= 10).all()
    changes = {
        code: next(one.data for one in nearby.layers if one.id == f"change_{code}")
        for code in rows.index
    }
    moved = {
        code: frame[frame["change"].isin(["in", "out"])].area_m2 for code, frame in changes.items()
    }
    own = next(one.data for one in alone.layers if one.id == "change")
    assert set(moved["1"].index) == set(own.index[own["change"].isin(["in", "out"])])
    for code, other in (("2", "1"), ("3", "1"), ("3", "2")):
        shared = moved[other][moved[other].index.isin(moved[code].index)].sum()
        unlike = 100 * (1 - shared / moved[other].sum())
        assert rows[f"unlike_{other}"][code] == pytest.approx(unlike)
        assert unlike > 0
    told = {one.id: one for one in nearby.checks}
    assert told["near_best"].verdict == "pass"
    assert told["proof"].title.en.endswith(": Plan 1, the best")
    of_others = [m for one in nearby.alternatives[1:] for m in one.metrics]
    assert {m.note for m in of_others} == {NO_TEXT}
    assert "gap" not in {m.id for m in of_others}
    assert [one.verdict for one in told["near_best"].parts] == ["pass"] * 3


def test_each_plan_near_the_best_closes_and_is_drawn_whole(nearby):
    # What no plan moves and what some plan moves are all parcels, for each plan by its own use.
    frames = {one.id: one.data for one in nearby.layers}
    parcels = len(county().vector("parcels"))
    for code in "123":
        both = [*frames["land"].index, *frames[f"land_after_{code}"].index]
        assert len(both) == len(set(both)) == parcels
        assert set(frames["land_before"].index) == set(frames[f"land_after_{code}"].index)
    accounts = next(one for one in nearby.tables if one.id == "account_land_class").frame
    sums = accounts.groupby("alternative").size()
    assert sums.index.tolist() == ["1", "2", "3"]
    assert len(set(sums)) == 1


def test_a_run_with_plans_near_the_best_is_held_against_its_certificate():
    result = run(near_best=1, near_percent=10, close_exactly=True)
    assert [one.id for one in result.proofs] == ["exchange", "near_2"]
    for kept in result.proofs:
        certificate = unpacked(kept.certificate)
        assert verify(certificate).problems == ()
        held = recheck(SimpleNamespace(result=result), kept, certificate)
        assert held.problems == ()
        assert held.certified


def test_a_plan_near_the_best_that_is_not_its_certificate_s_is_refused():
    """Another plan's moves, land that is not drawn so, another distance: each is told."""
    result = run(near_best=1, near_percent=10, close_exactly=True)
    best, kept = result.proofs
    certificate = unpacked(kept.certificate)
    claims = certificate.claims
    for wrong in (
        replace(certificate, moves=unpacked(best.certificate).moves),
        replace(certificate, claims=replace(claims, objective=claims.objective - 1e-3)),
    ):
        assert verify(wrong).problems
    tables = [
        replace(one, frame=one.frame.assign(worse_percent=0.0)) if one.id == "comparison" else one
        for one in result.tables
    ]
    layers = [
        replace(one, data=one.data.iloc[1:]) if one.id == "change_2" else one
        for one in result.layers
    ]
    for spoiled in (
        replace(result, tables=tuple(tables)),
        replace(result, layers=tuple(layers)),
        replace(result, proofs=(kept,)),
    ):
        assert recheck(SimpleNamespace(result=spoiled), kept, certificate).problems
