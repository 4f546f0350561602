"""The profile optimiser against sums by hand, laws, a legality test of its own and a fine grid."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from geo.alignment.profile import boxes as heightboxes
from geo.alignment.profile import model, verticals
from geo.alignment.profile.optimum import Effort, optimise, profile
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Fixed, Limits, Stations
from geo.errors import GeometryError, InfeasibleError, InputError, LimitError

# Slopes of at least 60 m, 8 %; crests and sags 450 m; cut 12, fill 10.
LIMITS = Limits(0.08, 30, 25, 60, 450, 450, 40, max_cut_m=12, max_fill_m=10)
COSTS = Costs(20, 15, 40_000, 100, 60_000, 8, 0.75, 1.5)


def stations(s, ground):
    s = np.asarray(s, dtype=float)
    return Stations(s, s, 0 * s, np.asarray(ground, dtype=float) + 0 * s)


def line(pvi, at):
    """Height of tangents and parabolas, by the book: y = Δ (L/2 − |x|)² / 2L about a PVI."""
    z = np.interp(at, pvi[:, 0], pvi[:, 1])
    grades = np.diff(pvi[:, 1]) / np.diff(pvi[:, 0])
    for (s, _, length), before, after in zip(pvi[1:-1], grades[:-1], grades[1:], strict=True):
        x = np.abs(at - s)
        z = z + np.where(x < length / 2, (after - before) * (length / 2 - x) ** 2 / (2 * length), 0)
    return z


def price(road, found, costs):
    """The bill, interval by interval."""
    total = 0.0
    for i, kind in enumerate(found.structure):
        length = road.s[i + 1] - road.s[i]
        y = (found.design - road.ground)[i : i + 2]
        land = costs.land_yuan_m2
        if kind == TUNNEL:
            total += length * costs.tunnel_yuan_m
        elif kind == BRIDGE:
            total += length * (costs.bridge_yuan_m + costs.width_m * land)
            total += length * costs.bridge_height_yuan_m2 * max(y.mean(), 0)
        else:
            total += length * costs.pavement_yuan_m
            for h in y:
                side = costs.fill_slope if h > 0 else costs.cut_slope
                rate = costs.fill_yuan_m3 if h > 0 else costs.cut_yuan_m3
                area = costs.width_m * abs(h) + side * h * h
                total += length / 2 * (area * rate + (costs.width_m + side * abs(h)) * land)
    return total


def runs(road, found, kind):
    """Lengths of the single structures of a kind."""
    lengths, at = [], 0
    for value, group in itertools.groupby(found.structure.tolist()):
        stop = at + len(list(group))
        if value == kind:
            lengths.append(road.s[stop] - road.s[at])
        at = stop
    return lengths


def check_line(found, limits):
    pvi = found.pvi
    legs = np.diff(pvi[:, 0])
    grades = np.diff(pvi[:, 1]) / legs
    assert np.abs(grades).max() <= limits.max_grade + 1e-7
    least = max(limits.min_slope_length_m, limits.min_vertical_curve_m)
    assert len(pvi) == 2 or legs.min() >= least - 1e-9
    assert (pvi[[0, -1], 2] == 0).all()
    for bend, length in zip(np.diff(grades), pvi[1:-1, 2], strict=True):
        radius = limits.min_sag_radius_m if bend > 0 else limits.min_vertical_radius_m
        assert length >= limits.min_vertical_curve_m
        assert length >= abs(bend) * radius - 1e-5
    assert (pvi[:-1, 2] / 2 + pvi[1:, 2] / 2 <= legs + 1e-6).all()
    assert np.abs(line(pvi, found.s) - found.design).max() < 1e-6


def check_means(found, limits):
    at = np.arange(found.s[0], found.s[-1] + 1e-9, 5.0)
    z = line(found.pvi, at)
    k = int(limits.window_m / 5)
    if k < at.size and math.isfinite(limits.window_grade):
        assert np.abs(z[k:] - z[:-k]).max() <= limits.window_grade * limits.window_m + 1e-5
    for a in range(0, at.size - 1, 3):
        rise, length = np.abs(z[a + 1 :] - z[a]), at[a + 1 :] - at[a]
        for first, below, grade in limits.mean_grades:
            bound = (rise >= first) & (rise < below)
            assert (rise[bound] <= grade * length[bound] + 1e-5).all()


def check(road, found, limits, costs, fixed=None):
    """Re-test a profile from its values alone."""
    check_line(found, limits)
    check_means(found, limits)
    y = found.design - road.ground
    for i, kind in enumerate(found.structure):
        low, high = y[i : i + 2].min(), y[i : i + 2].max()
        if kind == EARTH:
            assert low >= -limits.max_cut_m - 1e-5
            assert high <= limits.max_fill_m + 1e-5
        else:
            assert low >= -1e-5 if kind == BRIDGE else high <= 1e-5
    for kind, most in ((BRIDGE, limits.max_bridge_m), (TUNNEL, limits.max_tunnel_m)):
        assert all(
            limits.min_structure_m - 1e-6 <= r <= most + 1e-6 for r in runs(road, found, kind)
        )
    assert found.cost_yuan == pytest.approx(price(road, found, costs), rel=1e-9, abs=1e-6)
    assert found.bound_yuan <= found.cost_yuan
    assert found.gap == pytest.approx(
        1 - found.bound_yuan / max(found.cost_yuan, 1e-9), abs=1e-6
    ) or (found.cost_yuan == 0)
    for at, z in fixed.via if fixed else ():
        assert line(found.pvi, np.array([at]))[0] == pytest.approx(z, abs=1e-5)


def solve(road, limits=LIMITS, costs=COSTS, fixed=None, **more):
    found = optimise(road, limits, costs, fixed=fixed, effort=Effort(**more))
    check(road, found, limits, costs, fixed)
    return found


# By hand


def test_flat_ground_costs_its_pavement_and_land():
    road = stations(np.arange(0, 601, 20), 100.0)
    costs = replace(COSTS, pavement_yuan_m=1500, land_yuan_m2=60)
    found = solve(road, costs=costs, fixed=Fixed(100, 100))
    assert np.abs(found.design - 100).max() < 1e-6
    assert found.cost_yuan == pytest.approx(600 * (1500 + 8 * 60), rel=1e-6)
    assert len(found.pvi) == 2


def test_a_tilted_plane_is_followed():
    s = np.arange(0, 601, 20)
    found = solve(stations(s, 50 - 0.06 * s))
    assert np.abs(found.design - (50 - 0.06 * s)).max() < 1e-5
    assert found.cost_yuan < 1


def test_a_straight_grade_over_a_hollow_by_hand():
    # One slope only (100 m < 2 × 60 m): level at 0 over a hollow 2 m deep at the middle station.
    # Both intervals: (0 + 16 + 6) / 2 m² × 50 m × 15 yuan.
    road = stations([0, 50, 100], [0, -2, 0])
    found = solve(road, fixed=Fixed(0, 0))
    assert found.cost_yuan == pytest.approx(2 * 11 * 50 * 15)


def test_a_ridge_that_only_a_tunnel_crosses():
    # Level at 0 through a ridge of 100 m: ten intervals of 20 m touch it, at 60,000 yuan/m; the
    # ridge is nowhere less than 9 intervals wide, and 8 % climbs 100 m nowhere.
    s = np.arange(0, 601, 20)
    road = stations(s, np.where((s > 200) & (s < 400), 100.0, 0.0))
    found = solve(road, fixed=Fixed(0, 0))
    assert np.flatnonzero(found.structure == TUNNEL).tolist() == list(range(10, 20))
    assert found.cost_yuan == pytest.approx(200 * 60_000, rel=1e-4)


def test_a_gorge_that_only_a_bridge_crosses():
    # 200 m of bridge, at both its first and last stations 0 m, at the nine others 100 m high:
    # 200 × 40,000 + 100 × 100 × 180.
    s = np.arange(0, 601, 20)
    road = stations(s, np.where((s > 200) & (s < 400), -100.0, 0.0))
    found = solve(road, fixed=Fixed(0, 0))
    assert np.flatnonzero(found.structure == BRIDGE).tolist() == list(range(10, 20))
    # Lowering the deck would save 100 yuan/m² and cost earth at the banks: 8 × 20 yuan/m².
    assert found.cost_yuan == pytest.approx(200 * 40_000 + 100 * 100 * 180, rel=1e-2)
    assert found.cost_yuan <= 200 * 40_000 + 100 * 100 * 180 + 1


def test_a_rise_too_great_names_the_grade_it_needs():
    # 60 m over 600 m: 10 %.
    s = np.arange(0, 601, 20)
    with pytest.raises(InfeasibleError) as caught:
        profile(stations(s, 0.1 * s), LIMITS, COSTS, start_z=0, end_z=60)
    assert [p.field for p in caught.value.problems] == ["max_grade"]
    assert caught.value.problems[0].found == "8.000 %"
    assert caught.value.problems[0].expected == "≥ 10.000 %"


def test_a_wall_names_cut_fill_and_tunnel():
    # Without structures, ground 15 m up for 100 m: cut 12 allows a design at 3 m there; fixed ends
    # at 0 and 8 % let it be; a wall of 40 m does not.
    s = np.arange(0, 601, 20)
    limits = replace(LIMITS, max_tunnel_m=0, max_bridge_m=0)
    wall = (s >= 260) & (s <= 340)
    solve(stations(s, np.where(wall, 15.0, 0)), limits, fixed=Fixed(0, 0))
    with pytest.raises(InfeasibleError) as caught:
        solve(stations(s, np.where(wall, 40.0, 0)), limits, fixed=Fixed(0, 0))
    by_field = {p.field: p for p in caught.value.problems}
    # A tunnel from 240 to 360 opens the way.
    assert by_field["max_tunnel_m"].expected == "≥ 120.00 m"
    assert "max_cut_m" in by_field
    deeper = float(by_field["max_cut_m"].expected.split()[1])
    road = stations(s, np.where(wall, 40.0, 0))
    solve(road, replace(limits, max_cut_m=deeper + 0.01), fixed=Fixed(0, 0))
    with pytest.raises(InfeasibleError):
        solve(road, replace(limits, max_cut_m=deeper - 0.02), fixed=Fixed(0, 0))


def test_vias_and_grades_are_met():
    s = np.arange(0, 901, 20)
    fixed = Fixed(0, 10, start_grade=0.02, end_grade=-0.01, via=((410.0, 12.0),))
    found = solve(stations(s, 0.0), fixed=fixed)
    legs = np.diff(found.pvi[:, 1]) / np.diff(found.pvi[:, 0])
    assert legs[[0, -1]] == pytest.approx([0.02, -0.01])


def test_mean_grades_bind_a_long_climb():
    # 4 km at 8 % would climb 320 m; 5 % of 4 km is 200 m: 195 m are possible, 205 m are not, though
    # 5.5 % up to a rise of 150 m goes on.
    s = np.arange(0, 4001, 100.0)
    bands = ((100.0, 150.0, 0.055), (150.0, math.inf, 0.05))
    limits = replace(LIMITS, mean_grades=bands, window_grade=0.055)
    steep = 195 * (s / 4000) ** 1.3
    found = solve(stations(s, steep), limits, fixed=Fixed(0, 195), work=5e6, gap=2e-2)
    assert found.gap < 0.1
    with pytest.raises(InfeasibleError) as caught:
        solve(stations(s, s * 205 / 4000), limits, fixed=Fixed(0, 205))
    assert [p.field for p in caught.value.problems] == ["mean_grades"]
    assert "放宽平均纵坡" in caught.value.said("zh")
    assert "relax the mean grade by rise" in str(caught.value)


def test_the_window_alone_binds():
    # 1,000 m at most 4 %: over 1,500 m of 6 % ground 60 m of 90 are climbed by windows of 1,000 m.
    s = np.arange(0, 1501, 20.0)
    limits = replace(LIMITS, window_m=1000, window_grade=0.04)
    with pytest.raises(InfeasibleError) as caught:
        solve(stations(s, 0.06 * s), limits, fixed=Fixed(0, 90))
    problems = {p.field: p.expected for p in caught.value.problems}
    # Steepest 8 % for 500 m at both ends, level between: 80 m; 90 m need 5 % over 1,000 m.
    assert float(problems["window_grade"].split()[1]) == pytest.approx(5.0, abs=0.6)


def test_lengths_of_structures_bind():
    s = np.arange(0, 801, 20)
    road = stations(s, np.where((s > 300) & (s < 500), -30.0, 0.0))
    assert runs(road, solve(road, fixed=Fixed(0, 0)), BRIDGE) == [200]
    longer = solve(road, replace(LIMITS, min_structure_m=230), fixed=Fixed(0, 0))
    assert runs(road, longer, BRIDGE) == [240]
    with pytest.raises(InfeasibleError) as caught:
        solve(road, replace(LIMITS, max_bridge_m=150), fixed=Fixed(0, 0))
    assert "max_bridge_m" in {p.field for p in caught.value.problems}


def test_wrong_inputs_are_refused():
    with pytest.raises(InputError, match="max_grade"):
        replace(LIMITS, max_grade=math.nan)
    with pytest.raises(InputError, match="mean_grades"):
        replace(LIMITS, mean_grades=((500, 200, 0.05),))
    with pytest.raises(InputError, match="width_m"):
        replace(COSTS, width_m=0)
    with pytest.raises(GeometryError, match="not rising"):
        stations([0, 20, 20], 0)
    with pytest.raises(InputError, match="via"):
        solve(stations([0, 100, 200], 0), fixed=Fixed(via=((300.0, 1.0),)))


# Laws


def rough(seed, n=31, step=20.0, height=12.0):
    rng = np.random.default_rng(seed)
    s = np.arange(n) * step
    waves = sum(
        rng.normal() * height / k * np.cos(k * np.pi * s / s[-1] + rng.uniform(0, 6.3))
        for k in range(1, 9)
    )
    return stations(s, waves - waves[0])


seeds = st.integers(0, 10_000)
LAW = settings(max_examples=4)


@given(seeds, st.sampled_from(["max_grade", "max_cut_m", "max_fill_m", "min_sag_radius_m"]))
@LAW
def test_a_wider_limit_never_costs_more(seed, name):
    road = rough(seed)
    factor = 0.7 if name.startswith("min") else 1.3
    wider = replace(LIMITS, **{name: getattr(LIMITS, name) * factor})
    try:
        strict = solve(road)
    except InfeasibleError:
        return
    assert solve(road, wider).cost_yuan <= strict.cost_yuan * (1 + 2e-4) + 1e-6


@given(seeds)
@LAW
def test_the_way_back_costs_the_same(seed):
    road = rough(seed)
    back = stations(road.s, road.ground[::-1])
    try:
        there = solve(road)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            solve(back)
        return
    assert solve(back).cost_yuan == pytest.approx(there.cost_yuan, rel=3e-4)


@given(seeds, st.floats(0.1, 10))
@LAW
def test_costs_scale(seed, factor):
    road = rough(seed)
    prices = (
        "cut_yuan_m3",
        "fill_yuan_m3",
        "bridge_yuan_m",
        "bridge_height_yuan_m2",
        "tunnel_yuan_m",
    )
    scaled = replace(COSTS, **{name: getattr(COSTS, name) * factor for name in prices})
    try:
        once = solve(road)
    except InfeasibleError:
        return
    assert solve(road, costs=scaled).cost_yuan == pytest.approx(once.cost_yuan * factor, rel=3e-4)


def test_equal_inputs_give_equal_profiles():
    one, two = solve(rough(7)), solve(rough(7))
    assert one.design.tobytes() == two.design.tobytes()
    assert one.bound_yuan == two.bound_yuan


# Oracles


@njit(cache=True)
def _piece(y0, y1, slack, bill):
    """Price per metre of an interval by its cheapest kind; slack widens what is allowed."""
    cut_p, fill_p, bridge, lift, tunnel, w, mc, mf, cut, fill = bill
    low, high = min(y0, y1), max(y0, y1)
    best = np.inf
    if low >= -cut - slack and high <= fill + slack:
        best = 0.0
        for y in (y0, y1):
            if y > 0:
                best += (w * y + mf * y * y) * fill_p / 2
            else:
                best += (-w * y + mc * y * y) * cut_p / 2
    if low >= -slack:
        best = min(best, bridge + lift * (y0 + y1) / 2)
    if high <= slack:
        best = min(best, tunnel)
    return best


@njit(cache=True)
def _stretch(three, span, ground, slack, bill):
    """Price per metre, summed over the quarter legs `span` about the middle of three PVIs."""
    a, b, c = three
    shape = np.array([[0.125, 0.75, 0.125], [0.03125, 0.6875, 0.28125], [0.0, 0.5, 0.5]])
    cost, before = 0.0, 0.0
    for q in range(span[0], span[1] + 1):
        if abs(q) > 2:
            z = b + ((a if q < 0 else c) - b) * (abs(q) / 4)
        else:
            far, near, on = shape[abs(q)]
            z = far * (a if q >= 0 else c) + near * b + on * (c if q >= 0 else a)
        y = z - ground[q - span[0]]
        if q > span[0]:
            cost += _piece(before, y, slack, bill)
        before = y
    return cost


@njit(cache=True)
def _parts(heights, count, ground, slack, rules):
    """Cost of the stretch about every PVI, for all heights of it and its neighbours."""
    bill, p, grade, bend = rules
    n, most = count.size - 1, heights.shape[1]
    part = np.full((n, most, most, most), np.inf)
    for k in range(1, n):
        span = (-4 if k == 1 else -2, 4 if k == n - 1 else 2)
        under = ground[4 * k + span[0] : 4 * k + span[1] + 1]
        for i, j in np.ndindex((count[k - 1], count[k])):
            a, b = heights[k - 1, i], heights[k, j]
            if abs(b - a) > grade * p + slack:
                continue
            for m in range(count[k + 1]):
                c = heights[k + 1, m]
                if abs(c - b) <= grade * p + slack and abs(a - 2 * b + c) <= bend + 2 * slack:
                    part[k, i, j, m] = _stretch((a, b, c), span, under, slack, bill) * p / 4
    return part


@njit(cache=True)
def _sweep(heights, count, ground, slack, rules):
    """Best cost through every candidate height of every PVI; four stations to a leg."""
    n, most = count.size - 1, heights.shape[1]
    part = _parts(heights, count, ground, slack, rules)
    ahead = np.full((n, most, most), np.inf)
    ahead[n - 1, : count[n - 1], : count[n]] = 0.0
    for k in range(n - 1, 0, -1):
        for i, j, m in np.ndindex((count[k - 1], count[k], count[k + 1])):
            ahead[k - 1, i, j] = min(ahead[k - 1, i, j], part[k, i, j, m] + ahead[k, j, m])
    through = np.full((n + 1, most), np.inf)
    behind = np.zeros((most, most))
    for k in range(1, n):
        after = np.full((most, most), np.inf)
        for i, j, m in np.ndindex((count[k - 1], count[k], count[k + 1])):
            cost = behind[i, j] + part[k, i, j, m]
            after[j, m] = min(after[j, m], cost)
            whole = cost + ahead[k, j, m]
            through[k - 1, i] = min(through[k - 1, i], whole)
            through[k, j] = min(through[k, j], whole)
            through[k + 1, m] = min(through[k + 1, m], whole)
        behind = after
    return through


def fine_grid(road, ends, rules, *, width=9, share=0.3):
    """Least cost on ever finer heights, kept where a good profile may pass.

    Steps are 0.8 m / 2^k: so the steepest leg, 4.8 m, always is a whole number of them.
    """
    start, end = ends
    p = rules[1]
    n = round(road.s[-1] / p)
    mid = np.interp(np.arange(n + 1) * p, road.s, road.ground)
    step = 0.8
    pools = [(np.round(m / step) + np.arange(-16, 17)) * step for m in mid]
    pools[0], pools[-1] = np.array([start]), np.array([end])
    while True:
        last = step < 2e-3
        count = np.array([pool.size for pool in pools])
        heights = np.full((n + 1, count.max()), np.nan)
        for k, pool in enumerate(pools):
            heights[k, : pool.size] = pool
        slack = 1e-9 if last else step
        through = _sweep(heights, count, road.ground, slack, rules)
        best = through[0, 0]
        if last or not np.isfinite(best):
            return best
        keep = best * (1 + share * step) + 1e-6
        good = [pool[through[k, : pool.size] <= keep] for k, pool in enumerate(pools)]
        good = [
            pool
            if pool.size <= 9
            else pool[np.argsort(through[k, :][np.isin(heights[k], pool)])[:width]]
            for k, pool in enumerate(good)
        ]
        step /= 2
        around = np.arange(-2, 3) * step
        pools = [np.unique(np.round((pool[:, None] + around).ravel(), 9)) for pool in good]
        pools[0], pools[-1] = np.array([start]), np.array([end])


def held_against_the_grid(count, seeds):
    """Hold so many profiles against fine grids; give how often a kind, and how often wider ones."""
    p, seed = 60.0, iter(seeds)
    rng = np.random.default_rng(next(seed))
    kinds = np.zeros(3, dtype=int)
    wider, done = 0, 0
    bill = (20.0, 15.0, 6_000.0, 100.0, 5_000.0, 8.0, 0.75, 1.5, 6.0, 5.0)
    costs = Costs(*bill[:8])
    rules = (bill, p, 0.08, p * p / 800)
    limits = replace(
        LIMITS, max_cut_m=6, max_fill_m=5, min_vertical_radius_m=800, min_sag_radius_m=800
    )
    while done < count:
        n = int(rng.integers(3, 5))
        drawn = next(seed)
        road = rough(drawn, 4 * n + 1, p / 4, float(rng.choice([1.5, 4.0, 8.0])))
        end = float(np.round(np.clip(road.ground[-1], -0.06 * p * n, 0.06 * p * n)))
        oracle = fine_grid(road, (0.0, end), rules)
        if not np.isfinite(oracle):
            continue
        found = solve(road, limits, costs, Fixed(0.0, end), gap=4e-4)
        for width, share in ((30, 2.0), (50, 4.0)):
            if oracle > found.cost_yuan * 1.001:  # the grid dropped a corner early: keep more
                oracle = fine_grid(road, (0.0, end), rules, width=width, share=share)
                wider += 1
        assert oracle >= found.bound_yuan * (1 - 1e-6)
        assert oracle == pytest.approx(found.cost_yuan, rel=1e-3), drawn
        kinds += np.bincount(found.structure, minlength=3)
        done += 1
    assert wider < count / 10
    return kinds, wider


def test_the_optimum_equals_a_fine_dynamic_programme():
    kinds, _ = held_against_the_grid(50, [3, *range(1, 1000)])
    assert (kinds > 7).all()


@pytest.mark.prove
def test_the_optimum_equals_a_fine_dynamic_programme_two_hundred_times(seeds, figures):
    kinds, wider = held_against_the_grid(200, seeds(2000))
    figures(f"200 equal to the grid, {wider} of them to a wider one; {kinds.tolist()} intervals")
    assert (kinds > 30).all()


def test_boxes_cut_off_nothing_good():
    # The whole problem as one program, without boxes, PVIs between the stations' middles.
    for seed in range(8):
        road = rough(seed, 26, 20.0, 10.0)
        try:
            found = solve(road)
        except InfeasibleError:
            continue
        laid = verticals.grid(road.s, 60)
        task = model.Task(road.s, road.ground, laid, LIMITS, COSTS, Fixed(), [], set(), [])
        points = verticals.anchors(Fixed(), road.s, road.ground, LIMITS)
        low, high = verticals.envelope(laid, points, 0.08, LIMITS)
        box = model.Box(low, high, np.ones((25, 3), dtype=bool))
        whole = model.model(task, box, found.design).program.solve(gap=1e-6)
        assert whole.bound / model.UNIT <= found.cost_yuan * (1 + 1e-9) + 1e-6
        assert whole.bound / model.UNIT >= found.bound_yuan * (1 - 3e-4) - 1
        boxes = heightboxes.boxed(task, box, 6)
        least = heightboxes.backward(task, boxes, heightboxes.stages(task, box)).least
        assert least <= found.cost_yuan * (1 + 1e-9) + 1e-6


def test_a_search_cut_short_gives_what_it_has():
    road = rough(3, 201, 20.0, 60.0)
    fixed = Fixed(0, float(np.clip(road.ground[-1], -150, 150)))
    whole = solve(road, fixed=fixed)
    assert whole.gap <= 1e-3
    try:
        short = solve(road, fixed=fixed, work=2.5e5)
    except LimitError:
        return
    assert short.cost_yuan >= whole.bound_yuan * (1 - 1e-9)


def test_a_forbidden_stretch_is_crossed_in_a_tunnel_or_not_at_all():
    # A hill 15 m high over 200 … 400 m: by hand a cut of it costs, at 12 m of 15 at most, less than
    # a tunnel of 60,000 yuan/m; but over 240 … 340 m nothing may run but a tunnel.
    s = np.arange(0.0, 601, 20)
    ground = 14 * np.clip(1 - np.abs(s - 300) / 100, 0, 1)
    on_top = np.zeros((s.size - 1, 3))
    inside = (s[:-1] >= 240) & (s[1:] <= 340)
    on_top[inside, EARTH] = on_top[inside, BRIDGE] = np.inf
    free = optimise(stations(s, ground), LIMITS, COSTS, fixed=Fixed(0.0, 0.0))
    assert (free.structure == EARTH).all()
    bound = Stations(s, s, 0 * s, ground, on_top)
    found = optimise(bound, LIMITS, COSTS, fixed=Fixed(0.0, 0.0))
    assert (found.structure[inside] == TUNNEL).all()
    assert found.cost_yuan >= 100 * COSTS.tunnel_yuan_m
    with pytest.raises(InfeasibleError):
        optimise(bound, replace(LIMITS, max_tunnel_m=0.0), COSTS, fixed=Fixed(0.0, 0.0))


def test_what_a_metre_costs_on_top_is_paid_and_turns_the_choice():
    # Level ground 3 m below the line throughout (both ends fixed): 600 m of fill at
    # (8 × 3 + 1.5 × 9) m² × 15 = 562.5 yuan/m, or a bridge at 40,000 + 100 × 3 = 40,300 yuan/m.
    s = np.arange(0.0, 601, 20)
    road = stations(s, 0.0)
    flat = replace(LIMITS, max_grade=1e-9)
    found = optimise(road, flat, COSTS, fixed=Fixed(3.0, 3.0))
    assert found.cost_yuan == pytest.approx(600 * 562.5)
    on_top = np.zeros((s.size - 1, 3))
    on_top[:, EARTH] = 39_000.0
    dear = optimise(Stations(s, s, 0 * s, road.ground, on_top), flat, COSTS, fixed=Fixed(3.0, 3.0))
    assert dear.cost_yuan == pytest.approx(600 * (562.5 + 39_000))
    on_top[:, EARTH] = 40_000.0
    over = optimise(Stations(s, s, 0 * s, road.ground, on_top), flat, COSTS, fixed=Fixed(3.0, 3.0))
    assert (over.structure == BRIDGE).all()
    assert over.cost_yuan == pytest.approx(600 * 40_300)


def test_rises_hold_between_the_points_they_name():
    # A plane of 6 %: held to 3 m over the first 100 m, the road climbs 3 m there, not 6.
    s = np.arange(0.0, 601, 20)
    held = Fixed(start_z=0.0, rises=((0.0, 100.0, 3.0),))
    found = optimise(stations(s, 0.06 * s), LIMITS, COSTS, fixed=held)
    at = np.interp([0.0, 100.0], found.pvi[:, 0], found.pvi[:, 1])
    assert at[1] - at[0] == pytest.approx(3.0, abs=1e-6)


@pytest.mark.parametrize("shape", [(30, 2), (29, 3)])
def test_what_costs_on_top_must_fit_the_stations(shape):
    s = np.arange(0.0, 601, 20)
    with pytest.raises(GeometryError, match="on_top"):
        Stations(s, s, s, s, np.zeros(shape))


# The line as written out is the line as optimised.
def test_heights_of_tangents_and_parabolas_are_those_of_the_profile():
    s = np.arange(0.0, 1201, 20)
    ground = 20 * np.sin(s / 170)
    found = optimise(stations(s, ground), LIMITS, COSTS)
    assert verticals.heights(found.pvi, s) == pytest.approx(found.design, abs=1e-9)
    assert verticals.heights(found.pvi, s) == pytest.approx(line(found.pvi, s), abs=1e-9)
