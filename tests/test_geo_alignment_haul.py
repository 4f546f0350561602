"""Haul of earth: by hand, laws, and an independent transport solver that knows no line."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.alignment.works.crosssection import Centreline, Template
from geo.alignment.works.earthwork import Earthwork
from geo.alignment.works.haul import Hauling, Site, haul, hauled
from geo.alignment.works.haultable import loops, quantities_hauled
from geo.errors import InfeasibleError, InputError

ANYWHERE = Hauling(2, surplus_yuan_m3=22, deficit_yuan_m3=45)


def road(*figures):
    """Stretches of 100 m that give (positive) and need (negative) so many m³ of cut."""
    figures = np.array(figures, dtype=float)
    s = 100.0 * np.arange(figures.size + 1)
    return s, np.maximum(figures, 0), np.maximum(-figures, 0)


# By hand


def test_two_cuts_share_a_fill():
    # 300 m³ at 50 m, 200 m³ at 1,050 m, between them a need of 400 at 450 m. From the left 400 m,
    # from the right 600 m away: all 300 of the left and 100 of the right; the other 100 are taken
    # away at 22 yuan. Free for 100 m, then 2 yuan a m³·km:
    # 300 × 0.3 × 2 + 100 × 0.5 × 2 + 100 × 22 = 180 + 100 + 2,200 = 2,480 yuan.
    found = hauled(*road(300, 0, 0, 0, -400, 0, 0, 0, 0, 0, 200), replace(ANYWHERE, free_m=100))
    assert found.yuan == pytest.approx(2480)
    moves = found.moves[["source", "sink", "from_m", "to_m", "volume_m3"]].to_numpy().tolist()
    assert moves == [
        ["cut", "fill", 50, 450, 300],
        ["cut", "fill", 1050, 450, pytest.approx(100)],
        ["cut", "waste", 1050, 1050, pytest.approx(100)],
    ]
    paid = quantities_hauled(found, replace(ANYWHERE, free_m=100))
    assert paid["haul_m3_km"] == pytest.approx(300 * 0.3 + 100 * 0.5)
    assert paid["moment_m3_km"] == pytest.approx(300 * 0.4 + 100 * 0.6)
    assert (paid["surplus_m3"], paid["deficit_m3"]) == (pytest.approx(100), 0)
    # The diagram: up by 300, down by 400, up by 200; in balance at 0, then at 100 after the waste.
    assert found.mass_m3[[1, 5, 11]].tolist() == [300, -100, 100]
    assert found.balance_m3[[0, 5, 10, 11]] == pytest.approx([0, 0, 0, 100])


def test_earth_is_brought_and_taken_away_where_the_way_is_too_long():
    # 22 + 45 = 67 yuan are saved by a m³ that is hauled: up to 33.5 km at 2 yuan a m³·km.
    far = np.array([0.0, 20, 40_000, 40_020])
    near = np.array([0.0, 20, 30_000, 30_020])
    volumes = np.array([100.0, 0, 0]), np.array([0.0, 0, 100])
    assert hauled(far, *volumes, ANYWHERE).yuan == pytest.approx(6700)
    assert hauled(near, *volumes, ANYWHERE).yuan == pytest.approx(100 * 2 * 30)


def test_a_stretch_uses_its_own_cut_first():
    s = np.array([0.0, 20])
    found = hauled(s, np.array([50.0]), np.array([30.0]), ANYWHERE)
    assert found.moves[["source", "sink", "volume_m3"]].to_numpy().tolist() == [
        ["cut", "fill", 30],
        ["cut", "waste", 20],
    ]


def test_a_waste_site_that_is_full_sends_earth_on_to_the_next():
    # 500 m³ at 550 m; a site at 600 m takes 200 at 5 yuan, one at 1,000 m the rest at 1 yuan.
    # 200 × (5 + 0.05 × 2) + 300 × (1 + 0.45 × 2) = 1,020 + 570. The far one is cheaper, 1.9 yuan
    # against 5.1, but takes 300 at most.
    sites = (Site(600, "waste", 200, 5), Site(1000, "waste", 300, 1))
    found = hauled(*road(0, 0, 0, 0, 0, 500), Hauling(2, sites=sites))
    assert found.yuan == pytest.approx(200 * 5.1 + 300 * 1.9)
    wide = (sites[0], replace(sites[1], capacity_m3=math.inf))
    assert hauled(*road(0, 0, 0, 0, 0, 500), Hauling(2, sites=wide)).yuan == pytest.approx(
        500 * 1.9
    )


def test_a_borrow_pit_and_spoil_go_where_they_are_cheapest():
    # Needs of 100 m³ at 50 and 950 m. Spoil at 0 m: 60 m³ free; a pit at 1,000 m at 10 yuan.
    # Spoil to the near need: 60 × 0.05 × 2 = 6; the pit 40 × (10 + 0.95 × 2) + 100 × (10 + 0.1).
    sites = (Site(0, "spoil", 60), Site(1000, "borrow", math.inf, 10))
    found = hauled(*road(-100, 0, 0, 0, 0, 0, 0, 0, 0, -100), Hauling(2, sites=sites))
    assert found.yuan == pytest.approx(6 + 40 * 11.9 + 100 * 10.1)
    assert (found.volume("spoil"), found.volume("borrow")) == (
        pytest.approx(60),
        pytest.approx(140),
    )


def test_earth_passes_a_bridge_unless_it_is_a_barrier():
    figures = road(100, 0, 0, -100)
    assert hauled(*figures, ANYWHERE).yuan == pytest.approx(100 * 0.3 * 2)
    found = hauled(*figures, replace(ANYWHERE, barriers=(200.0,)))
    assert found.yuan == pytest.approx(100 * (22 + 45))
    assert (found.moves["distance_m"] == 0).all()


def test_too_little_room_is_said_with_its_volume():
    with pytest.raises(InfeasibleError, match="waste sites are too small by 50 m³") as caught:
        hauled(*road(300, -50), Hauling(2, sites=(Site(0, "waste", 200),)))
    assert "弃土场容量不足，差 50 m³" in caught.value.said("zh")
    with pytest.raises(InfeasibleError, match="borrow pits hold too little by 100 m³"):
        hauled(*road(-100), Hauling(2))
    with pytest.raises(InputError, match=r"free_m.*\n.*sites\.yuan_m3"):
        Hauling(2, free_m=-1, sites=(Site(0, "waste", 1, math.nan),))


def test_the_earth_of_a_road_with_a_tunnel_and_a_bridge():
    # 60 m on earth need 1,200 m³, a tunnel of 40 m gives 85 m³ of spoil a metre, 1,700 m³ at
    # either portal (60 and 100 m); then a bridge. All need is met by the spoil of the near portal,
    # at 10 yuan, within the free distance: 12,000 yuan; no surplus is paid for what is left of it.
    s = np.array([0.0, 60, 100, 120])
    zero = np.zeros(4)
    line = Centreline(s, s, zero, zero, zero, zero, np.array([EARTH, TUNNEL, BRIDGE]))
    moved = Earthwork(None, np.zeros(3), np.array([1000.0, 0, 0]), np.zeros(3), zero)
    template = Template(10, cut_slope=1, fill_slope=1.5, cut_per_fill=1.2)
    prices = replace(ANYWHERE, free_m=500)
    found = haul(line, moved, template, prices, spoil=(85, 10))
    assert found.yuan == pytest.approx(12_000)
    paid = quantities_hauled(found, prices)
    assert (paid["spoil_m3"], paid["deficit_m3"], paid["surplus_m3"]) == (pytest.approx(1200), 0, 0)
    assert set(found.moves["from_m"]) == {60.0}
    without = haul(line, moved, template, prices)
    assert without.yuan == pytest.approx(1200 * 45)


def test_loops_are_the_hauls_of_a_mass_diagram():
    found = hauled(*road(60, 40, -50, -50, 0, -30, 50), ANYWHERE)
    rows = loops(found)
    told = rows[["source", "sink", "from_start_m", "from_end_m", "to_start_m", "to_end_m"]]
    assert told.to_numpy().tolist() == [
        ["cut", "fill", 0, 200, 200, 400],
        ["cut", "fill", 600, 700, 500, 600],
        ["cut", "waste", 600, 700, 600, 700],
    ]
    # 60 m³ from 50 m: 50 to 250, 10 to 350 m; 40 from 150 to 350 m: all 200 m but 10 × 300.
    assert rows["distance_m"].tolist() == pytest.approx([(90 * 200 + 10 * 300) / 100, 100, 0])
    assert rows["volume_m3"].sum() == pytest.approx(150)
    assert loops(hauled(*road(0, 0), ANYWHERE)).empty


# Laws

VOLUMES = st.lists(st.integers(-500, 500), min_size=1, max_size=14)


@given(VOLUMES, st.sampled_from([0.0, 150.0, 1000.0]), st.floats(0, 60))
@settings(max_examples=25)
def test_every_cut_is_used_every_need_met_and_the_diagram_closes(figures, free_m, yuan):
    s, cut, need = road(*figures)
    found = hauled(s, cut, need, replace(ANYWHERE, yuan_m3_km=yuan, free_m=free_m))
    moves = found.moves
    middle = (s[1:] + s[:-1]) / 2
    for kind, end, volume in (("cut", "from_m", cut), ("fill", "to_m", need)):
        side = "source" if kind == "cut" else "sink"
        sums = moves[moves[side] == kind].groupby(end)["volume_m3"].sum()
        assert sums.reindex(middle, fill_value=0).to_numpy() == pytest.approx(volume, abs=1e-6)
    balance = cut.sum() - need.sum()
    assert found.volume("cut", "waste") - found.volume("borrow", "fill") == pytest.approx(
        balance, abs=1e-6
    )
    assert found.mass_m3[-1] == pytest.approx(found.balance_m3[-1], abs=1e-6)
    # The area between the diagram and its lines of balance is the moment of the haul.
    above = np.abs(found.mass_m3 - found.balance_m3)[1:-1].sum() * 100
    moment = (moves["volume_m3"] * moves["distance_m"]).sum()
    assert moment == pytest.approx(above, abs=1e-3)
    assert loops(found)["volume_m3"].sum() == pytest.approx(moves["volume_m3"].sum())


@given(VOLUMES)
@settings(max_examples=15)
def test_a_road_driven_the_other_way_costs_as_much(figures):
    prices = replace(ANYWHERE, yuan_m3_km=90, free_m=150)
    there = hauled(*road(*figures), prices).yuan
    assert hauled(*road(*figures[::-1]), prices).yuan == pytest.approx(there)


@given(VOLUMES, st.floats(0, 2000), st.floats(0, 1000))
@settings(max_examples=15)
def test_a_longer_free_way_never_costs_more(figures, free_m, more):
    prices = replace(ANYWHERE, yuan_m3_km=90)
    costs = [
        hauled(*road(*figures), replace(prices, free_m=free)).yuan
        for free in (free_m, free_m + more)
    ]
    assert costs[1] <= costs[0] + 1e-6 * (1 + costs[0])


# An independent solver


def drawn(seed):
    """A road of uneven stretches with sites of limited room, and prices."""
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 30))
    s = np.append(0.0, np.cumsum(random.uniform(5, 400, n)))
    volume = np.round(random.normal(0, 300, n) * (random.random(n) < 0.8), 2)
    both = np.where(random.random(n) < 0.3, random.uniform(0, 200, n), 0.0)
    sites = tuple(
        Site(
            float(random.uniform(0, s[-1])),
            str(random.choice(["borrow", "spoil", "waste"])),
            float(random.choice([random.uniform(0, 600), math.inf])),
            float(random.uniform(0, 30)),
        )
        for _ in range(random.integers(0, 5))
    )
    anywhere = random.random(2) < 0.7
    prices = Hauling(
        yuan_m3_km=float(random.choice([0.0, random.uniform(0.5, 5), random.uniform(5, 100)])),
        free_m=float(random.choice([0.0, random.uniform(0, 1500)])),
        loading_yuan_m3=float(random.choice([0.0, random.uniform(0, 5)])),
        surplus_yuan_m3=float(random.uniform(0, 40)) if anywhere[0] else math.inf,
        deficit_yuan_m3=float(random.uniform(0, 60)) if anywhere[1] else math.inf,
        sites=sites,
        barriers=(float(s[-1] / 2),) if random.random() < 0.2 else (),
    )
    return s, np.maximum(volume, 0) + both, np.maximum(-volume, 0) + both, prices


def reference(s, cut, need, prices):
    """Give the least cost by a dense transport program over all pairs, or None without a plan."""
    middle = (s[1:] + s[:-1]) / 2
    own = np.minimum(cut, need)

    def places(volume, *, waste):
        sites = [p for p in prices.sites if (p.kind == "waste") == waste]
        found = [(x, v, 0.0, True) for x, v in zip(middle, volume, strict=True)]
        return found + [(p.at_m, p.capacity_m3, p.yuan_m3, False) for p in sites]

    out, into = places(cut - own, waste=False), places(need - own, waste=True)
    cost, most = pairs(out, into, prices)
    for side, price in ((out, prices.surplus_yuan_m3), (into, prices.deficit_yuan_m3)):
        for *_, stretch in side:
            open_to_it = stretch and math.isfinite(price)
            cost.append(price if open_to_it else 0.0)
            most.append(None if open_to_it else 0.0)
    n, m = len(out), len(into)
    sums = np.zeros((n + m, n * m + n + m))
    for place in range(n + m):
        sums[
            place, slice(place * m, (place + 1) * m) if place < n else slice(place - n, n * m, m)
        ] = 1
        sums[place, n * m + place] = 1
    volume = np.array([one[1] for one in out + into])
    stretch = np.array([one[3] for one in out + into])
    limited = ~stretch & np.isfinite(volume)
    found = linprog(
        cost,
        A_ub=sums[limited] if limited.any() else None,
        b_ub=volume[limited] if limited.any() else None,
        A_eq=sums[stretch],
        b_eq=volume[stretch],
        bounds=[(0, top) for top in most],
        method="highs-ipm",
    )
    return found.fun if found.status == 0 else None


def pairs(out, into, prices):
    """Give the price of each pair, and 0 as the most where a barrier stands between."""
    part = [
        np.searchsorted(sorted(prices.barriers), [p[0] for p in side], side="right")
        for side in (out, into)
    ]
    cost = [
        max(abs(x - y) - prices.free_m, 0.0) * prices.yuan_m3_km / 1e3
        + prices.loading_yuan_m3
        + a
        + b
        for x, _, a, _ in out
        for y, _, b, _ in into
    ]
    return cost, [None if a == b else 0.0 for a in part[0] for b in part[1]]


def apart(seed):
    """Give how far a plan is from the independent one, as a share, infinite where one has none."""
    s, cut, need, prices = drawn(seed)
    best = reference(s, cut, need, prices)
    try:
        found = hauled(s, cut, need, prices)
    except InfeasibleError:
        return 0.0 if best is None else math.inf
    if best is None:
        return math.inf
    for side, kind, end, volume in (
        ("source", "cut", "from_m", cut),
        ("sink", "fill", "to_m", need),
    ):
        sums = found.moves[found.moves[side] == kind].groupby(end)["volume_m3"].sum()
        at = (s[1:] + s[:-1]) / 2
        assert sums.reindex(at, fill_value=0).to_numpy() == pytest.approx(volume, abs=1e-6)
    for site in prices.sites:
        end = "to_m" if site.kind == "waste" else "from_m"
        kind = found.moves["sink" if site.kind == "waste" else "source"] == site.kind
        used = found.moves.loc[kind & (found.moves[end] == site.at_m), "volume_m3"].sum()
        assert used <= site.capacity_m3 + 1e-6
    return abs(found.yuan - best) / max(best, 1.0)


def test_it_is_as_cheap_as_a_solver_that_knows_no_line():
    assert [seed for seed in range(40) if apart(seed) > 1e-6] == []
    ways = [reference(*drawn(seed)) for seed in range(40)]
    assert 0 < sum(way is None for way in ways) < 30  # some have no plan at all


@pytest.mark.prove
def test_two_hundred_roads_are_hauled_as_cheaply_as_by_another_solver(seeds, figures):
    worst = [apart(seed) for seed in seeds(200)]
    figures(f"hauls: worst of 200 differs by {max(worst):.1e} of the cost")
    assert max(worst) <= 1e-6
