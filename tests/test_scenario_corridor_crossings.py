"""What roads of a corridor cross, as listed, paid and judged; terrain that is too coarse."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import scenarios
from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.alignment.works.crosssection import Centreline, Template
from geo.errors import InputError
from layers import county as counties
from layers import twin
from layers.roads.crossings import meetings
from layers.roads.prices import costs
from layers.roads.standard import standard
from layers.twin.place import xy
from scenarios.answers import terrain as fineness
from scenarios.corridor import SCENARIO as QUESTION
from scenarios.corridor import crossed, crossings, terrain
from scenarios.corridor.terms import setting
from scenarios.result import Stretch

CORRIDOR = scenarios.find("corridor").params
TEMPLATE = Template(10, 0.75, 1.5)


def asked(**params):
    return CORRIDOR(**{"points": ("seats:003", "seats:002"), **params})


def line(kind, design, *, bridge=(0, 0)):
    """The second passage at one height, of one kind but for a stretch."""
    s = np.arange(0.0, 3900.1, 5)
    x, y = xy(1500, 1200)
    kinds = np.full(s.size - 1, kind)
    kinds[(s[:-1] >= bridge[0]) & (s[:-1] < bridge[1])] = BRIDGE
    heading = np.full(s.size, np.arctan2(5, 12))
    return Centreline(s, x + s * 12 / 13, y + s * 5 / 13, heading, 0 * s, design + 0 * s, kinds)


def found(road, place=None):
    place = place or twin.county()
    params = asked()
    known = standard(params.rule_date, speed_kmh=60)
    met = meetings(place, place.raster("dem"), known, params.rule_date)
    return crossed.listed(road, met, TEMPLATE, costs(params.rule_date))


@pytest.mark.parametrize(
    ("road", "kind", "size", "yuan"),
    [
        (line(EARTH, 100.0), "junction", np.nan, 800_000),
        (line(EARTH, 107.0, bridge=(1500, 1620)), "overpass", 120, 120 * 10 * 5800),
        (line(TUNNEL, 80.0), "underpass", 3900, 3900 * 10 * 10_500),
    ],
)
def test_what_stands_at_a_crossing_has_its_station_kind_size_and_cost(road, kind, size, yuan):
    # The expressway lies 600 m north of the seat: 600 × 13/5 = 1,560 m on, at asin(5/13) = 22.6°.
    rows = found(road)
    row = rows[rows["class"] == "expressway"].iloc[0]
    assert (row["crossing"], row["met"]) == (kind, "expressway_1")
    assert row["chainage_m"] == pytest.approx(1560)
    assert row["angle"] == pytest.approx(22.62, abs=0.01)
    assert row["above_m"] == pytest.approx(road.design[0] - 100)
    assert row["size_m"] == pytest.approx(size, nan_ok=True)
    assert row["yuan"] == pytest.approx(yuan)
    assert not row["known"]


def test_below_a_viaduct_and_over_a_tunnel_nothing_is_built():
    whole = twin.county()
    for structure, kind in (("bridge", "underpass"), ("tunnel", "over_tunnel")):
        roads = whole.vector("roads").assign(structure=structure, level_m=112.0)
        place = replace(whole, data={**whole.data, "roads": roads})
        rows = found(line(EARTH, 100.0), place).set_index("met")
        assert rows.loc["expressway_1", "crossing"] == kind
        assert rows.loc["expressway_1", "known"]
        assert np.isnan(rows.loc["expressway_1", "yuan"]) or kind == "underpass"


def case(label, **columns):
    """A road with what is crossed at 1,000, 2,000, … of 10,000 m."""
    count = len(next(iter(columns.values())))
    base = {
        "crossing": "junction",
        "chainage_m": 1000.0 * np.arange(1, count + 1),
        "met": "g1",
        "class": "national",
        "catchment_km2": np.nan,
        "angle": 90.0,
        "level_m": 0.0,
        "above_m": 0.0,
        "known": True,
    }
    broken = pd.DataFrame({"rule": pd.Series(dtype=str), "chainage_m": pd.Series(dtype=float)})
    return SimpleNamespace(
        label=label, crossings=pd.DataFrame(base | columns), broken=broken, length_m=10_000.0
    )


def judged(cases, **params):
    params = asked(**params)
    place = twin.county()
    met = SimpleNamespace(flood_m=161.5)
    known = SimpleNamespace(standard=standard(params.rule_date, speed_kmh=60))
    study = SimpleNamespace(
        cases=cases, setting=SimpleNamespace(county=place, params=params, met=met, terms=known)
    )
    return {one.id: one for one in crossings.checks(study)}


def test_verdicts_tell_the_worst_with_its_station():
    one = case("A", angle=[80.0, 30.0], above_m=[-3.5, 1.0])
    two = case(
        "B",
        crossing=["overpass", "culvert", "stream_bridge"],
        above_m=[7.0, 2.0, 9.0],
        catchment_km2=[np.nan, 1.0, 4.0],
        **{"class": ["expressway", None, None]},
        known=[False, True, True],
    )
    told = judged((one, two))
    assert told["crossing_angle"].verdict == "fail"
    assert told["crossing_angle"].found.en == "A 2, 1 too askew, least 30° @ K2+000"
    assert told["crossing_angle"].features == ("road_A",)
    assert told["crossing_rise"].found.en == "A 1 too high or low, most 3.5 m @ K1+000"
    assert told["crossing_rise"].verdict == "fail"
    assert "not counted" in told["crossing_rise"].remedy.en
    # each road's own words, without its letter, and the junctions they speak of alone
    askew, none = told["crossing_angle"].parts
    assert (askew.verdict, askew.found.en) == ("fail", "2, 1 too askew, least 30° @ K2+000")
    assert askew.stretches == (Stretch(2000, 2000),)
    assert (none.verdict, none.found.en, none.stretches) == ("pass", "none", ())
    assert told["clearance"].found.en == "B 5.50 m @ K1+000"
    # A catchment of 1 km² floods 1 m deep: 2 m above the bed is 1 m of freeboard.
    assert told["flood_level"].found.en.endswith(
        "1 culverts, 1 bridges, least freeboard 1.00 m @ K2+000"
    )
    assert told["flood_level"].allowed.zh == "洪水位以上 ≥ 0.5 m；库水位 161.5 m"
    assert told["crossing_level"].found.en == "B bridge over a road K1+000"
    assert told["levels_unknown"].verdict == "unknown"
    assert "level_m" in told["levels_unknown"].remedy.en
    assert {told[name].verdict for name in ("clearance", "flood_level", "crossing_level")} == {
        "pass"
    }


def test_a_place_in_a_stream_is_not_called_tested():
    row = case("A", crossing=["at_place"], catchment_km2=[15.0])
    told = judged((row,))
    assert told["flood_at_place"].verdict == "unknown"
    assert told["flood_at_place"].found.en == "A K1+000"
    assert told["flood_level"].found.en == "A 0 culverts, 0 bridges"


def test_a_breach_of_each_rule_fails_its_check():
    spoiled = case("A", angle=[90.0])
    rules = ["crossing_level", "clearance", "flood_level"]
    spoiled.broken = pd.DataFrame({"rule": rules, "chainage_m": [310.0, 420.0, 530.0]})
    told = judged((spoiled, case("B", angle=[90.0])))
    for rule, at in zip(rules, (310.0, 420.0, 530.0), strict=True):
        assert told[rule].verdict == "fail"
        assert [one.verdict for one in told[rule].parts] == ["fail", "pass"]
        assert told[rule].parts[0].stretches == (Stretch(at, at),)
        assert told[rule].features == ("road_A",)
        assert told[rule].rule in {"roads.clearance", "roads.floods"}


# Terrain


def on(resolution_m):
    """The twin, its terrain made from heights so far apart."""
    whole = twin.county()
    source = replace(whole.sources["dem"], resolution_m=resolution_m)
    return replace(whole, sources={**whole.sources, "dem": source})


@pytest.mark.parametrize(
    ("resolution_m", "verdict", "marked"),
    [(None, "unknown", False), (30.0, "pass", False), (92.8, "pass", False), (100.1, "fail", True)],
)
def test_terrain_is_judged_by_its_source_not_by_its_cells(resolution_m, verdict, marked):
    place = on(resolution_m)
    [judged_terrain] = fineness.checks(place, QUESTION.terrain_m)
    assert judged_terrain.verdict == verdict
    assert bool(terrain.mark(place).zh) == marked
    assert len(list(terrain.sentence(place))) == marked
    terrain.require_fine(place, coarse=False)
    assert bool(judged_terrain.remedy.zh) == (verdict != "pass")


def test_cells_coarser_than_their_source_count():
    place = on(10.0)
    assert terrain.resolution_m(place) == 30.0


def test_a_road_on_terrain_of_900_m_is_refused_unless_it_is_asked_for():
    place = on(900.0)
    with pytest.raises(InputError) as caught:
        setting(place, asked())
    [problem] = caught.value.problems
    assert (problem.layer, problem.found, problem.expected) == ("dem", "900 m", "≤ 300 m")
    assert "--set coarse_terrain=true" in problem.remedy.zh
    assert setting(place, asked(coarse_terrain=True)).terms.standard.speed_kmh == 60
    assert "900 m" in terrain.mark(place).en


def test_the_shipped_county_says_what_its_terrain_was_made_from_and_asks_for_sketches():
    source = counties.folders.folder_of("jingning") / "dem" / "source.toml"
    assert counties.sources.read(source).resolution_m == 900.0
    defaults = counties.folders.defaults(counties.folders.folder_of("jingning"))
    assert defaults["corridor"]["coarse_terrain"] is True
