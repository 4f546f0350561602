"""Watch over the park: towers by hand, by brute force and by lines of sight, and what is unknown."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import Point

import layers.county
from geo.certificates import unpacked, verify
from geo.errors import InfeasibleError, InputError, MissingLayer
from geo.raster import Raster
from geo.siting.viewshed import Sight, line_of_sight
from layers import twin
from layers.county import County
from layers.ground import heights
from layers.source import Quality
from layers.towers import Ridges, ridges
from scenarios.park_watch.ground import Weights, watched
from scenarios.park_watch.ground import given as given_sites
from scenarios.park_watch.outlook import state
from scenarios.park_watch.proof import recheck
from scenarios.park_watch.question import ParkWatch, run
from scenarios.park_watch.towers import Wanted, best, covered, curve, patrol, states

TWIN = twin.county()
PLAIN = {"near_factor": 1, "candidates": "terrain"}
LOW = {"eye_m": 5, "target_m": 1, "apart_m": 500, "cell_m": 100, **PLAIN}


def with_layers(county=TWIN, drop=(), **more):
    data = {name: one for name, one in county.data.items() if name not in drop}
    return County(county.id, county.name, county.crs, {**data, **more}, county.sources)


@functools.cache
def rough():
    """Give the twin on waves that hide one another: 60 m high, some 500 m long."""
    dem = TWIN.raster("dem")
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    waves = 30 * np.sin(x / 83) * np.cos(y / 71) + 30 * np.sin((x + 2 * y) / 190)
    return with_layers(dem=Raster((dem.values + waves).astype(np.float32), dem.grid))


def points(*places, **ids):
    """Give sites in WGS-84, measured as the twin's points are."""
    to_degrees = Transformer.from_crs(4549, 4326, always_xy=True)
    named = {**dict.fromkeys(range(len(places)), None), **ids}
    spots = [*places, *ids.values()]
    features = [
        {
            "type": "Feature",
            "properties": {"id": name} if isinstance(name, str) else {},
            "geometry": {"type": "Point", "coordinates": to_degrees.transform(*twin.xy(*place))},
        }
        for name, place in zip(named, spots, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def layer(result, name):
    return next(one.data for one in result.layers if one.id == name)


def table(result, name):
    return next(one.frame for one in result.tables if one.id == name)


def metric(result, name):
    return next(one for one in result.metrics if one.id == name)


def checks(result):
    return {check.id: check for check in result.checks}


def by_brute_force(sees, weight, number, covers):
    choices = itertools.combinations(range(len(sees)), min(number, len(sees)))
    return max(covered(sees[list(one)], weight, covers) for one in choices)


def test_a_tower_on_the_hill_sees_all_of_it():
    # The hill is a cone: from its top every cell is seen. Core 600 × 600 m are 100 cells of 60 m,
    # the general zone 1500² − 600² = 1.89 km² are 525: 36 and 189 ha.
    result = run(TWIN, ParkWatch(sites=points(top=twin.HILL), towers=1, in_core=True, **PLAIN))
    zones = table(result, "zones").set_index("zone")
    assert zones["area_ha"].tolist() == pytest.approx([36, 189, 225])
    assert zones["covered_ha"].tolist() == pytest.approx([36, 189, 225])
    assert metric(result, "cover").value == 100
    assert "blind" not in [one.id for one in result.layers]
    assert checks(result)["towers_core"].verdict == "fail"
    assert checks(result)["towers_core"].features == ("top",)


def test_beyond_the_range_nothing_is_seen_and_patrols_reach_the_rest():
    # The eye stands in the cell of 60 m that holds the top; of the 625 cells those count whose
    # centre is no farther than 500 m: whole pairs with i² + j² ≤ (500/60)² = 69.4, which are 221.
    asked = ParkWatch(sites=points(top=twin.HILL), towers=1, range_m=500, patrol_points=4, **PLAIN)
    result = run(TWIN, asked)
    near = [i * i + j * j <= 69 for i in range(-9, 10) for j in range(-9, 10)]
    assert sum(near) == 221
    zones = table(result, "zones").set_index("zone")
    assert zones.loc["whole", "covered_ha"] == pytest.approx(221 * 0.36)
    assert zones.loc["whole", "blind_ha"] == pytest.approx(225 - 221 * 0.36)
    assert layer(result, "blind").area_ha.sum() == pytest.approx(225 - 221 * 0.36)
    assert metric(result, "patrolled").value == pytest.approx(100)
    assert metric(result, "cover").value < 80
    assert checks(result)["target"].verdict == "fail"


def test_weights_are_of_zones_and_doubled_near_roads_and_settlements():
    dem = heights(TWIN, 60)
    zones_alone = watched(with_layers(drop=("roads", "settlements")), dem, Weights(2, 1, 3, 300))
    assert zones_alone.weight.sum() == 100 * 2 + 525
    # within 300 m of s22 on the hill's top all cells are core: 2 → 6
    near = watched(with_layers(drop=("roads",)), dem, Weights(2, 1, 3, 300))
    x, y = dem.grid.xy(near.rows, near.columns)
    close = np.hypot(x - twin.xy(*twin.HILL)[0], y - twin.xy(*twin.HILL)[1]) <= 300
    assert close.any()
    assert near.near.tolist() == close.tolist()
    assert (
        near.weight.sum()
        == 725 + 2 * 2 * (close & near.core).sum() + 2 * (close & ~near.core).sum()
    )


def test_planned_roads_bring_nobody():
    roads = TWIN.vector("roads")
    roads["status"] = "planned"
    county = with_layers(drop=("settlements",), roads=roads)
    assert not watched(county, heights(county, 60), Weights(1, 1, 2, 5000)).near.any()


@pytest.fixture(scope="module")
def two():
    return run(rough(), ParkWatch(towers=2, curve_to=4, **LOW))


def test_what_is_reported_is_recounted_cell_by_cell_with_single_lines_of_sight(two):
    county = rough()
    dem = heights(county, 100)
    ground = watched(county, dem, Weights(2, 1, 1, 500))
    sight = Sight(eye_m=5, target_m=1, range_m=8000)
    x, y = dem.grid.xy(ground.rows, ground.columns)
    frame = layer(two, "towers")
    assert len(frame) == 2
    counted = [
        sum(line_of_sight(dem, tower, Point(*at), sight=sight).seen for tower in frame.geometry)
        for at in zip(x, y, strict=True)
    ]
    seen = np.array(counted) >= 1
    assert 0.2 < seen.mean() < 0.98
    weighted = 100 * ground.weight[seen].sum() / ground.weight.sum()
    assert metric(two, "cover").value == pytest.approx(weighted)
    assert table(two, "curve").covered[1] == pytest.approx(weighted)
    drawn = layer(two, "seen")
    rows, columns = drawn.grid.index(x, y)
    assert drawn.values[rows, columns].tolist() == counted
    assert metric(two, "blind").value == pytest.approx((~seen).sum() * 1.0)


def test_what_a_tower_adds_is_lost_without_it(two):
    # With two towers, the first sees what both cover less what the second one adds alone.
    alone = table(two, "towers").alone_percent
    cover, both = metric(two, "cover").value, layer(two, "seen").values == 2
    ground = watched(rough(), heights(rough(), 100), Weights(2, 1, 1, 500))
    twice = ground.weight[
        both[layer(two, "seen").grid.index(*ground.dem.grid.xy(ground.rows, ground.columns))]
    ]
    assert cover - alone.sum() == pytest.approx(100 * twice.sum() / ground.weight.sum())


def test_the_curve_never_falls_and_meets_its_bound(two):
    rows = table(two, "curve")
    assert rows.towers.tolist() == [1, 2, 3, 4]
    assert rows.covered.is_monotonic_increasing
    assert (rows.gap == 0).all()
    assert (rows.bound >= rows.covered).all()


@pytest.mark.parametrize("covers", [1, 2])
def test_three_of_twenty_are_the_best_by_brute_force(covers):
    rng = np.random.default_rng(11)  # any seed
    sees = rng.random((20, 60 // covers)) < 0.2
    weight = rng.integers(1, 5, 60 // covers)
    for number in range(covers, 4):
        found = best(sees, weight, number, Wanted(covers))
        assert found.covered == found.most == by_brute_force(sees, weight, number, covers)


@st.composite
def scenes(draw):
    sites, cells = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    bits = draw(st.lists(st.booleans(), min_size=sites * cells, max_size=sites * cells))
    weight = draw(st.lists(st.integers(1, 4), min_size=cells, max_size=cells))
    return np.array(bits).reshape(sites, cells), np.array(weight)


@given(scenes(), st.integers(1, 2))
@settings(max_examples=25)
def test_choices_are_the_best_and_never_fall(scene, covers):
    sees, weight = scene
    before = 0
    for found in curve(sees, weight, range(covers, 5), Wanted(covers)):
        wanted = 0 if covers > len(sees) else by_brute_force(sees, weight, found.number, covers)
        assert found.covered == found.most == wanted
        assert found.covered == covered(sees[list(found.chosen)], weight, covers)
        assert found.covered >= before
        before = found.covered


def test_two_covers_ask_for_two_towers():
    asked = {**LOW, "apart_m": 700}
    once, twice = (run(rough(), ParkWatch(towers=3, curve_to=3, covers=n, **asked)) for n in (1, 2))
    assert metric(twice, "cover").value < metric(once, "cover").value
    assert table(twice, "curve").towers.tolist() == [2, 3]
    with pytest.raises(InfeasibleError, match="2 must see"):
        run(TWIN, ParkWatch(sites=points(twin.HILL), covers=2))


def test_ridges_are_high_apart_outside_the_core_and_numbered_from_the_north():
    dem = heights(rough(), 60)
    park = TWIN.vector("park")
    frame = ridges(dem, park, Ridges(300, 500, 300, in_core=False))
    assert len(frame) > 3
    apart = [a.distance(b) for a, b in itertools.combinations(frame.geometry, 2)]
    assert min(apart) >= 500
    assert (frame.above_m > 0).all()
    assert frame.geometry.y.is_monotonic_decreasing
    assert frame.index[0] == "ridge_001"
    core = park[park.zone == "core"].union_all()
    assert not frame.intersects(core).any()
    assert (frame.distance(park.union_all()) <= 300).all()
    # On the cone alone nothing but its top is most prominent: it is among them where it may be.
    top = Point(*twin.xy(*twin.HILL))
    allowed = ridges(heights(TWIN, 60), park, Ridges(300, 5000, 0, in_core=True))
    assert len(allowed) == 1
    assert allowed.geometry.iloc[0].distance(top) <= 60


def test_unknown_terrain_is_unknown_and_named():
    dem = TWIN.raster("dem")
    values = dem.values.copy()
    row, column = (int(v) for v in dem.grid.index(*twin.xy(3900, 3300)))
    values[row : row + 4, column : column + 4] = np.nan  # 120 × 120 m, four cells of 60 m or more
    county = with_layers(dem=Raster(values, dem.grid))
    result = run(county, ParkWatch(sites=points(twin.HILL), towers=1, **PLAIN))
    zones = table(result, "zones").set_index("zone").loc["whole"]
    assert zones.unknown_ha > 0
    assert zones.covered_ha + zones.blind_ha + zones.unknown_ha == pytest.approx(225)
    assert zones.blind_ha == 0  # unknown is never blind
    cover = metric(result, "cover")
    assert cover.low == cover.value < cover.high == pytest.approx(100)
    assert checks(result)["park_terrain"].verdict == "unknown"
    assert (layer(result, "blind").state == "unknown").all()
    asked = ParkWatch(sites=points(twin.HILL), towers=1, target_percent=100, **PLAIN)
    assert checks(run(county, asked))["target"].verdict == "unknown"


def test_states_by_hand():
    states = np.array([[1, 1, 0, -1], [1, 0, -1, -1]], dtype=np.int8)
    assert state(states, 1).tolist() == [1, 1, -1, -1]
    assert state(states, 2).tolist() == [1, 0, 0, -1]


def test_patrols_reach_what_lies_within_their_radius():
    ground = watched(TWIN, heights(TWIN, 60), Weights(1, 1, 1, 0))
    blind = np.arange(len(ground.rows)) % 3 > 0
    frame, choice = patrol(ground, blind, 500, 2, Wanted(1))
    x, y = ground.dem.grid.xy(ground.rows[blind], ground.columns[blind])
    far = [np.hypot(x - one.x, y - one.y) for one in frame.geometry]
    assert choice.covered == (np.min(far, axis=0) <= 500).sum()
    assert frame.reach_ha.tolist() == pytest.approx([(one <= 500).sum() * 0.36 for one in far])
    nothing, none = patrol(ground, np.zeros_like(blind), 500, 2, Wanted(1))
    assert nothing.empty
    assert none.covered == 0


def test_what_is_not_there_is_named():
    bare = with_layers(drop=("roads", "settlements", "townships", "rivers", "lake"))
    found = checks(run(bare, ParkWatch(towers=1, curve_to=1)))
    assert {"missing_roads", "missing_settlements", "missing_townships"} <= set(found)
    assert "zone alone" in found["risk"].found.en
    with pytest.raises(MissingLayer, match="park"):
        run(with_layers(drop=("park",)), ParkWatch())


def test_coarse_terrain_and_modelled_places_are_told():
    source = dataclasses.replace(TWIN.sources["dem"], resolution_m=900.0)
    sources = {**TWIN.sources, "dem": source}
    county = County(TWIN.id, TWIN.name, TWIN.crs, TWIN.data, sources)
    found = checks(run(county, ParkWatch(towers=1, curve_to=1)))
    assert found["terrain_source"].found.en == "900 m"
    assert found["candidates"].verdict == "unknown"
    own = checks(run(TWIN, ParkWatch(sites=points(twin.HILL), towers=1, curve_to=1)))
    assert "candidates" not in own
    assert "terrain_source" not in own


def test_candidates_are_the_county_s_layer_where_it_has_one():
    # Of the twin's three, t1 stands in the core: two are left outside it. The layer is as good as
    # its source says, and without it the terrain tells candidates.
    result = run(TWIN, ParkWatch(towers=1, curve_to=1))
    assert (
        "Among 2 modelled candidates of the layer of candidate watch towers" in result.answer[1].en
    )
    found = checks(result)["candidates"]
    assert ("layer of candidate watch towers" in found.title.en, found.found.en) == (
        True,
        "2 places",
    )
    inside = run(TWIN, ParkWatch(towers=1, curve_to=1, in_core=True))
    assert layer(inside, "towers").index.tolist() == ["t1"]  # the top sees all of the hill
    bare = checks(run(with_layers(drop=("tower_sites",)), ParkWatch(towers=1, curve_to=1)))
    assert "on the terrain" in bare["candidates"].title.en
    source = dataclasses.replace(TWIN.sources["tower_sites"], quality=Quality.OFFICIAL)
    official = County(
        TWIN.id, TWIN.name, TWIN.crs, TWIN.data, {**TWIN.sources, "tower_sites": source}
    )
    surveyed = run(official, ParkWatch(towers=1, curve_to=1))
    assert "Among 2 candidates of the layer of candidate watch towers" in surveyed.answer[1].en
    assert "candidates" not in checks(surveyed)


def test_sites_that_are_none_are_refused_all_at_once():
    wrong = points(a=twin.HILL, b=twin.HILL)
    wrong["features"][1]["properties"] = {"id": "a"}
    wrong["features"].append({"properties": {}, "geometry": {"type": "LineString"}})
    with pytest.raises(InputError) as error:
        given_sites(wrong, TWIN.crs)
    assert len(error.value.problems) == 4
    with pytest.raises(InputError):
        given_sites({"features": []}, TWIN.crs)


def differs(seed):
    """Say whether towers are not the best of up to 20 by brute force, or the curve falls."""
    rng = np.random.default_rng(seed)
    covers, cells = int(rng.integers(1, 3)), int(rng.integers(5, 200))
    sees = rng.random((int(rng.integers(3, 21)), cells)) < rng.uniform(0.05, 0.5)
    weight = rng.integers(1, 5, cells)
    before = 0
    for found in curve(sees, weight, range(covers, 4), Wanted(covers)):
        wanted = by_brute_force(sees, weight, found.number, covers)
        if not before <= found.covered == found.most == wanted:
            return True
        before = found.covered
    return False


@pytest.mark.prove
def test_three_hundred_parks_are_the_best_by_brute_force(seeds, figures):
    drawn = seeds(300)
    bad = [seed for seed in drawn if differs(seed)]
    figures(f"up to 3 towers of up to 20: {len(bad)} of {len(drawn)} differ from brute force")
    assert bad == []


@pytest.mark.prove
@pytest.mark.parametrize("covers", [1, 2])
def test_the_shipped_park_is_proven_up_to_twelve_towers_and_recounted(covers, figures):
    county = layers.county.load(Path(layers.county.__file__).parent / "data" / "jingning")
    begun = time.process_time()
    result = run(county, ParkWatch(covers=covers))
    seconds = time.process_time() - begun
    rows = table(result, "curve")
    figures(f"12 towers, {covers} see, gap {rows.gap.max():g} %, {seconds:.0f} s of the processor")
    assert rows.towers.max() == 12
    assert (rows.gap == 0).all()
    assert (rows.covered <= rows.bound).all()
    assert rows.covered.is_monotonic_increasing
    assert seconds <= 60
    ground = watched(county, heights(county, 60), Weights(2, 1, 2, 500))
    counted = layer(result, "seen")
    x, y = ground.dem.grid.xy(ground.rows, ground.columns)
    seen = counted.values[counted.grid.index(x, y)] >= covers
    weighted = 100 * ground.weight[seen].sum() / ground.weight.sum()
    assert metric(result, "cover").value == pytest.approx(weighted)
    if covers == 1:
        terrain = run(county, ParkWatch(candidates="terrain"))
        assert [one.value for one in result.metrics] == [one.value for one in terrain.metrics]


def test_the_certificate_is_kept_and_towers_that_are_not_its_own_are_told():
    result = run(TWIN, ParkWatch(**{**LOW, "towers": 2, "curve_to": 2}))
    (kept,) = result.proofs
    certificate = unpacked(kept.certificate)
    assert not verify(certificate).problems
    held = recheck(SimpleNamespace(result=result), kept, certificate)
    assert held.problems == ()
    assert held.certified
    towers = next(one for one in result.layers if one.id == "towers")
    moved = dataclasses.replace(towers, data=towers.data.rename(index={towers.data.index[0]: "x"}))
    gap = next(one for one in result.metrics if one.id == "gap")
    for name, one in (("layers", moved), ("metrics", dataclasses.replace(gap, value=0.5))):
        rest = tuple(old for old in getattr(result, name) if old.id != one.id)
        spoiled = dataclasses.replace(result, **{name: (*rest, one)})
        assert len(recheck(SimpleNamespace(result=spoiled), kept, certificate).problems) == 1


def test_no_plans_near_the_best_are_told_where_none_are_asked_for(two):
    again = run(rough(), ParkWatch(towers=2, curve_to=4, near_percent=20, **LOW))
    assert again.alternatives == two.alternatives == ()
    assert [one.id for one in again.layers] == [one.id for one in two.layers]
    assert "towers" in [one.id for one in two.layers]
    assert [one.id for one in again.tables] == [one.id for one in two.tables]
    assert again.checks == two.checks
    assert again.answer == two.answer


@pytest.mark.parametrize(("covers", "percent"), [(1, 0.5), (1, 3), (2, 8)])
def test_plans_near_the_best_stand_elsewhere_as_far_as_brute_force_can(covers, percent):
    asked = {"towers": 3, "curve_to": 3, "covers": covers, "near_percent": percent, **LOW}
    result = run(rough(), ParkWatch(near_best=2, **asked))
    best_one, *others = [set(layer(result, f"towers_{one}").index) for one in "123"]
    assert best_one == set(layer(run(rough(), ParkWatch(**asked)), "towers").index)
    ground = watched(rough(), heights(rough(), 100), Weights(2, 1, 1, 500))
    sites = ridges(ground.dem, ground.park, Ridges(300, 500, 1000, in_core=False))
    sees = states(ground, sites, Sight(5, 1, 8000, 0.13)) == 1
    cover = {
        frozenset(sites.index[list(one)]): covered(sees[list(one)], ground.weight, covers)
        for one in itertools.combinations(range(len(sites)), 3)
    }
    most, earlier = cover[frozenset(best_one)], [best_one]
    assert most == max(cover.values())
    compared = table(result, "comparison").set_index("alternative")
    for code, other in zip("23", others, strict=True):
        able = [
            one
            for one, seen in cover.items()
            if seen >= (1 - percent / 100) * most and one not in earlier
        ]
        fewest = min(max(len(one & before) for before in earlier) for one in able)
        assert max(len(other & before) for before in earlier) == fewest
        worse = 100 * (1 - cover[frozenset(other)] / most)
        assert compared.worse_percent[code] == pytest.approx(worse)
        assert worse <= percent
        unlike = [100 * (1 - len(other & before) / 3) for before in earlier]
        assert compared.loc[code].filter(like="unlike").dropna().tolist() == pytest.approx(unlike)
        earlier.append(other)
    found = checks(result)
    assert found["near_best"].verdict == found["near_unlike"].verdict == "pass"
    assert [one.alternative for one in found["near_best"].parts] == ["1", "2", "3"]
    assert [one.id for one in result.proofs] == ["towers", "near_2", "near_3"]
    for kept in result.proofs:
        certificate = unpacked(kept.certificate)
        assert verify(certificate).problems == ()
        held = recheck(SimpleNamespace(result=result), kept, certificate)
        assert held.problems == ()
    first = result.proofs[0]
    moved = dataclasses.replace(kept, certificate=first.certificate)
    told = recheck(SimpleNamespace(result=result), moved, unpacked(first.certificate))
    assert {one.layer or one.field for one in told.problems} >= {"towers_3"}
    alone = SimpleNamespace(result=dataclasses.replace(result, proofs=(kept,)))
    assert recheck(alone, kept, certificate).problems


def test_where_nothing_else_is_near_the_best_it_is_said():
    # The tower on the hill sees all of the park; from a corner far away nearly nothing is seen.
    sites = points(top=twin.HILL, away=(0, 0))
    asked = {"sites": sites, "towers": 1, "in_core": True, "range_m": 1500, **PLAIN}
    result = run(TWIN, ParkWatch(near_best=1, near_percent=0.1, **asked))
    assert checks(result)["near_found"].verdict == "fail"
    assert [one.code for one in result.alternatives] == ["1"]
    assert "未找到" in result.answer[-1].zh
