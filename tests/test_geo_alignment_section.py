"""Beds that lean and widen, and sight: by hand, laws, integration over a fine grid, rays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.alignment.plan.clothoid import tangent_lengths
from geo.alignment.plan.plan import from_intersections
from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.alignment.works.bed import Bed, level
from geo.alignment.works.crosssection import Centreline, Template, sections
from geo.alignment.works.earthwork import earthwork, footprint
from geo.alignment.works.outlines import outlines
from geo.alignment.works.sight import benched, over_crests, round_curves, seen
from geo.alignment.works.superelevation import (
    crossfall,
    lanes,
    least_radius,
    rate_asked,
    rates,
    run_off,
)
from geo.alignment.works.tabulation import quantities
from geo.alignment.works.widening import Widening, widened, widening
from geo.errors import GeometryError
from tests.made_up_road import LEAN, SIGHT, TEMPLATE, WIDE, ground, hills, laid

LAW = settings(max_examples=25)
METRES = CRS(4549)


# By hand


def one_curve(hand=1, **options):
    """A right angle of 125 m with spirals of 70 m between straights, 2 m above level ground."""
    corners = [(100.0, 320.0), (400.0, 320.0), (400.0, 320.0 + hand * 280.0)]
    return laid(corners, [125], [70], design=102.0, **options)


@pytest.mark.parametrize("hand", [1, -1])
def test_volumes_of_a_straight_and_one_curve_by_hand(hand):
    # The bed of 10 m stands 2 m above level ground, slopes 1 : 1.5. On the straight
    #   10 × 2 + 1.5 × 2² = 26 m².
    # On the arc it leans 8 % about the lane's edge at 3.5 m and is 0.9 m wider inside: the inner
    # edge at 5.9 m is 2 + 0.08 × (3.5 − 5.9) = 1.808 m high, the outer 2 + 0.08 × 8.5 = 2.68 m:
    #   10.9 × 2.244 + 0.75 × 1.808² + 0.75 × 2.68² = 24.4596 + 2.4516 + 5.3868 = 32.2980 m².
    # Moment about the centreline, inwards: bed 2.28 × (5.9² − 5²) / 2 − 0.08 × (5.9³ + 5³) / 3 =
    #   2.3733, inner slope 2.4516 × (5.9 + 0.904) = 16.6810, outer −5.3868 × (5 + 1.34) =
    #   −34.1523; in all −15.0980. Pappus: 32.2980 + 15.0980 / 125 = 32.4188 m³/m.
    # Half way along the spiral (4 %, 0.45 m, 250 m): edges 1.922 and 2.34 m,
    #   10.45 × 2.131 + 0.75 × 1.922² + 0.75 × 2.34² = 29.1462 m²; moments 1.2066 + 17.7621 −
    #   25.3383 = −6.3696: 29.1462 + 6.3696 / 250 = 29.1717 m³/m.
    # Simpson: 70 / 6 × (26 + 4 × 29.1717 + 32.4188) = 2042.90 m³; the arc is 125 π / 2 − 70 =
    #   126.3495 m long: 4096.11 m³.
    plan, line, leaning = one_curve(hand, every=1.0)
    straight = plan.length_m - 125 * np.pi / 2 - 70
    dem = ground(lambda x, _: 100 + 0 * x)
    moved = earthwork(line, dem, TEMPLATE, leaning)
    assert moved.fill_m3.sum() == pytest.approx(26 * straight + 2 * 2042.90 + 4096.11, rel=5e-5)
    middle = line.s.size // 2
    assert moved.sections.fill_m2[middle] == pytest.approx(32.2980, abs=1e-4)
    assert moved.sections.fill_m3_m[middle] == pytest.approx(32.4188, abs=1e-4)
    inner, outer = moved.sections.left_m[middle], moved.sections.right_m[middle]
    ends = (5.9 + 1.5 * 1.808, 5 + 1.5 * 2.68)
    assert (inner, outer)[::hand] == pytest.approx(ends)
    # 0.9 m over the arc, half of it on average over either spiral.
    paid = quantities(line, moved, TEMPLATE)
    assert paid["widened_m2"] == pytest.approx(0.9 * (126.3495 + 70), rel=1e-4)
    assert paid["pavement_m2"] == pytest.approx(10 * plan.length_m + paid["widened_m2"])


def test_rates_and_widths_along_a_curve_by_hand():
    # 125 m: 8 % and 0.9 m; the spiral of 70 m turns 7 m of lanes by 8 % at one in 125.
    plan, _, leaning = one_curve()
    begin = plan.start[1]
    at = begin + np.array([-1.0, 0, 35, 70, 100, 125 * np.pi / 2 + 70 - 7])
    assert crossfall(plan, at, LEAN) == pytest.approx([0, 0, -0.04, -0.08, -0.08, -0.008])
    left, right = widened(plan, at, WIDE)
    assert left == pytest.approx([0, 0, 0.45, 0.9, 0.9, 0.09])
    assert right.tolist() == [0] * 6
    assert run_off(LEAN, 0.08) == pytest.approx(70)
    assert leaning.lift_m.max() == pytest.approx(0.08 * 3.5)


def test_a_short_spiral_takes_what_is_asked_and_no_more():
    # 160 m: asked are 3600 / (127 × 160) − 0.1468 = 3.04 %, shared evenly 8 % × 125 / 160 = 6.25 %;
    # 50 m turn 7 m of lanes to 50 / 875 = 5.71 %, 20 m to 2.29 %: less than asked.
    for spiral, rate in ((70, 0.0625), (50, 0.0571), (20, 0.0304)):
        plan = from_intersections([(0, 0), (400, 0), (400, 400)], radii=160, spirals=spiral)
        assert rates(plan, LEAN)[1:4] == pytest.approx([-rate] * 3, abs=1e-4)
    wide = from_intersections([(0, 0), (2500, 0), (2500, 2500)], radii=1500, spirals=50)
    assert rates(wide, LEAN).tolist() == [0] * 5


def test_a_hairpin_of_two_corners_leans_as_one_curve():
    leg = 2 * tangent_lengths(np.pi / 2, 150, (60, 0))[1]  # arcs of one circle that meet
    corners = [(0, 0), (400, 0), (400, leg), (0, leg)]
    plan = from_intersections(corners, radii=150, spirals=[(60, 0), (0, 60)])
    assert [round(rate, 4) for rate in rates(plan, LEAN)] == [0, -0.0667, -0.0667, -0.0667, 0]


def test_decks_and_tunnel_floors_widen_too():
    plan, line, leaning = one_curve()
    codes = np.where(np.arange(line.structure.size) < 60, BRIDGE, TUNNEL)
    line = replace(line, structure=codes)
    dem = ground(lambda x, _: 80 + 0 * x)
    template = replace(TEMPLATE, deck_m=12.0)
    moved = earthwork(line, dem, template, leaning)
    paid = quantities(line, moved, template)
    cut = line.s[60]
    assert paid["bridge_m2"] + paid["tunnel_m2"] == pytest.approx(
        12 * cut + 10 * (plan.length_m - cut) + paid["widened_m2"]
    )
    (land,) = footprint(line, moved, template, crs=METRES)["area_m2"]
    assert 12 * cut < land < 12 * cut + paid["widened_m2"]


def test_a_bench_is_cut_level_with_the_edge():
    # 3 m deep, 1 : 1, bench of 2 m on the left: 10 × 3 + 2 × 3 + 3² = 45 m²; 30 m deep behind a
    # reach of 10 m it has a wall behind: 10 × 30 on the bed, 2 × 30 on the bench, none beyond.
    s, one = np.linspace(0, 40, 9), np.ones(9)
    line = Centreline(s, s + 100, 300 * one, 0 * s, 0 * s, 100 * one, np.full(8, EARTH))
    flat = level(9, 10)
    wide = replace(flat, bench_left_m=2.0 * one)
    for depth, area, end, reach in ((3, 45, 10, 60), (30, 360, 7, 10)):
        found = sections(
            line, ground(lambda x, _, d=depth: 100 + d + 0 * x), Template(10, 1, 1, 0, reach), wide
        )
        assert found.cut_m2 == pytest.approx(area * one)
        assert found.left_m == pytest.approx(end * one)
    on_fill = ground(lambda x, _: 98 + 0 * x)
    assert sections(line, on_fill, TEMPLATE, wide).left_m.tolist() == [8.0] * 9


def test_over_a_long_crest_sight_is_that_of_the_textbook():
    # √(2 × 800) (√1.2 + √0.1) = 56.47 m; in a sag all is seen.
    s = np.arange(0.0, 601, 5)
    found = over_crests(s, 100 - (s - 300) ** 2 / 1600, SIGHT, up_to_m=150)
    assert found[20:90] == pytest.approx(np.full(70, 56.47), abs=0.3)
    assert (over_crests(s, 100 + (s - 300) ** 2 / 1600, SIGHT, up_to_m=150) == 150).all()


def test_sections_every_20_m_say_slopes_ends_falls_and_benches():
    plan, line, leaning = one_curve()
    dem = ground(lambda x, _: 105.0 + 0 * x)
    table = outlines(line, dem, TEMPLATE, leaning, crown=0.02)
    assert table["station"].tolist()[:3] == ["K0+000.000", "K0+020.000", "K0+040.000"]
    assert table["station_m"].iloc[-1] == pytest.approx(plan.length_m)
    first = table.iloc[0]
    assert first["design"] == "-7.25/105.00 -5.00/102.00 5.00/102.00 7.25/105.00"
    assert first["ground"].split()[0] == "-17.25/105.00"
    assert (first["crossfall_left"], first["crossfall_right"]) == (-0.02, -0.02)
    mid = table.loc[(table["station_m"] - plan.length_m / 2).abs().idxmin()]
    assert (mid["crossfall_left"], mid["crossfall_right"]) == pytest.approx((-0.08, 0.08))
    assert mid["edge_left_m"] == pytest.approx(102 + 0.08 * (3.5 - 5.9))
    assert mid["end_left_m"] == pytest.approx(5.9 + 0.75 * (3 + 0.08 * 2.4))
    assert mid["end_left_height_m"] == pytest.approx(105)
    tunnel = replace(line, structure=np.full(line.structure.size, TUNNEL))
    bare = outlines(tunnel, dem, TEMPLATE, leaning, crown=0.02)
    assert set(bare["structure"]) == {"tunnel"}
    assert bare["cut_m2"].sum() == 0
    assert bare.loc[0, "design"] == "-5.00/102.00 5.00/102.00"


def test_a_table_of_widening_with_a_gap_is_refused():
    with pytest.raises(GeometryError):
        Widening(250, ((200, 0.6), (100, 0.9)))
    with pytest.raises(GeometryError):
        Widening(250, ((100, 0.6), (200, 0.9), (0, 2.5)))


# Laws


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(-3, 3))
def test_without_curves_nothing_changes(seed, up):
    _, line, leaning = laid([(100, 100), (600, 500)], [], [], design=100 + up)
    plain = level(line.s.size, 10)
    for name in ("crossfall", "lift_m", "left_m", "right_m", "bench_left_m", "bench_right_m"):
        assert getattr(leaning, name).tolist() == getattr(plain, name).tolist()
    dem = ground(hills(seed), cell=8.0)
    one, other = earthwork(line, dem, TEMPLATE, leaning), earthwork(line, dem, TEMPLATE)
    assert one.mass_m3.tolist() == other.mass_m3.tolist()
    assert benched(line, dem, TEMPLATE, leaning, SIGHT) is leaning


ROUTE = [(120.0, 100.0), (350.0, 100.0), (350.0, 450.0), (600.0, 520.0)]
RADII = st.tuples(st.floats(137, 160), st.floats(137, 160))
SEEDS = st.integers(0, 10_000)


@settings(max_examples=6)
@given(SEEDS, RADII)
def test_in_a_mirror_a_road_moves_as_much(seed, radii):
    height = hills(seed)
    mirror = [(720 - x, y) for x, y in ROUTE]
    roads = []
    for corners, dem in (
        (ROUTE, ground(height)),
        (mirror, ground(lambda x, y: height(720 - x, y))),
    ):
        _, line, plain = laid(corners, radii, design=99.0)
        roads.append(earthwork(line, dem, TEMPLATE, plain))
    one, other = roads
    assert other.cut_m3 == pytest.approx(one.cut_m3, rel=1e-6, abs=1e-5)
    assert other.fill_m3 == pytest.approx(one.fill_m3, rel=1e-6, abs=1e-5)
    assert other.sections.left_m == pytest.approx(one.sections.right_m, abs=1e-6)


@settings(max_examples=6)
@given(SEEDS, RADII)
def test_backwards_a_road_moves_as_much_and_has_its_benches_on_the_other_side(seed, radii):
    dem = ground(hills(seed))
    roads = []
    for step, spirals in ((1, [50, 60]), (-1, [60, 50])):
        _, line, plain = laid(ROUTE[::step], radii[::step], spirals, design=99.0)
        wide = benched(line, dem, TEMPLATE, plain, SIGHT)
        roads.append((wide, earthwork(line, dem, TEMPLATE, wide)))
    (forth, one), (back, other) = roads
    assert back.crossfall[::-1] == pytest.approx(-forth.crossfall, abs=1e-9)
    assert back.left_m[::-1] == pytest.approx(forth.right_m, abs=1e-9)
    assert back.bench_right_m[::-1] == pytest.approx(forth.bench_left_m, abs=1e-6)
    assert back.bench_left_m[::-1] == pytest.approx(forth.bench_right_m, abs=1e-6)
    assert other.cut_m3[::-1] == pytest.approx(one.cut_m3, rel=1e-6, abs=1e-4)


@LAW
@given(st.floats(-0.08, 0.08))
def test_the_line_from_edge_to_edge_has_the_crossfall_and_the_outer_lane_never_hangs_more(fall):
    left, right = lanes(np.array([fall]), 0.02)
    assert (left - right)[0] / 2 == pytest.approx(fall)
    assert max(left[0], right[0]) >= -0.02 - 1e-12


@LAW
@given(st.floats(20, 90), st.floats(0.0, 300))
def test_from_its_least_radius_on_a_spiral_turns_every_rate(spiral, more):
    radius = least_radius(LEAN, spiral) + more
    rate = float(rate_asked(LEAN, radius))
    if rate > LEAN.crown:  # the crown itself needs 17.5 m
        assert float(run_off(LEAN, rate)) <= spiral + 1e-9
        assert rate <= LEAN.max_rate + 1e-12


@LAW
@given(st.floats(15, 400), st.floats(0, 100))
def test_a_tighter_curve_is_no_narrower(radius, less):
    assert widening(WIDE, radius - min(less, radius - 10)) >= widening(WIDE, radius)


# Oracle: the solid between the road and a fine terrain, cell by cell, on an arc


@pytest.mark.parametrize(("seed", "hand"), [(0, 1), (1, -1), (2, 1)])
def test_a_leaning_wide_benched_curve_moves_what_lies_between_it_and_a_fine_terrain(seed, hand):
    height, radius, fine = hills(seed, steep=0.1), 80.0, 0.25
    lean, wide, bench = 0.07, 1.2, 1.7
    n = 35
    angle = np.linspace(-0.5, 0.5, n + 1)
    zero, one = np.zeros(n + 1), np.ones(n + 1)
    line = Centreline(
        (angle + 0.5) * radius,
        400 + hand * radius * np.sin(angle),
        400 - radius * np.cos(angle),
        angle if hand == 1 else np.pi - angle,
        hand * one / radius,
        97.0 * one,
        np.full(n, EARTH),
    )
    halves = [5 + wide + zero, 5 + zero][::hand]
    benches = [bench + zero, zero][::hand]
    shape = Bed(-hand * lean * one, lean * 3.5 * one, *halves, *benches)
    template = Template(10, cut_slope=1, fill_slope=1.5, step_m=1)
    moved = earthwork(line, ground(height, cell=1.0), template, shape)
    along, inwards = np.meshgrid(
        np.arange(fine / 2, radius, fine), np.arange(-40 + fine / 2, 40, fine)
    )

    def at(inward):
        turned, away = along / radius - 0.5, radius - inward
        return height(400 + hand * away * np.sin(turned), 400 - away * np.cos(turned))

    edge = np.where(inwards > 0, 5 + wide, -5.0)
    beyond = np.abs(inwards) - np.abs(edge)
    floor = 97 + lean * 3.5 - lean * np.where(beyond > 0, edge, inwards)
    is_cut = at(np.broadcast_to(edge, inwards.shape)) > 97 + lean * 3.5 - lean * edge
    off_bench = np.maximum(beyond - np.where(inwards > 0, bench, 0), 0)
    over = at(inwards) - floor
    cut = np.where(beyond <= 0, over, np.where(is_cut, over - off_bench, 0))
    fill = np.where(beyond <= 0, -over, np.where(is_cut, 0, -over - np.maximum(beyond, 0) / 1.5))
    weight = fine**2 * (radius - inwards) / radius
    assert moved.cut_m3.sum() == pytest.approx((np.maximum(cut, 0) * weight).sum(), rel=5e-3, abs=5)
    assert moved.fill_m3.sum() == pytest.approx(
        (np.maximum(fill, 0) * weight).sum(), rel=5e-3, abs=5
    )


# Oracle: rays, point by point, in a cut of even depth round a circle


RADIUS = 90.0


def ringed(depth, bench, hand):
    """A leaning road round (400, 300) in a cut: line, terrain, bed with benches on the inside."""
    n = 40
    angle = np.linspace(-1.0, 1.0, n + 1)
    zero, one = np.zeros(n + 1), np.ones(n + 1)
    line = Centreline(
        (angle + 1) * RADIUS,
        400 + hand * RADIUS * np.sin(angle),
        300 - RADIUS * np.cos(angle),
        angle if hand == 1 else np.pi - angle,
        hand * one / RADIUS,
        100.0 * one,
        np.full(n, EARTH),
    )
    halves, benches = [5.9 + zero, 5 + zero][::hand], [bench + zero, zero][::hand]
    shape = Bed(-hand * 0.06 * one, 0.06 * 3.5 * one, *halves, *benches)
    return line, ground(lambda x, _: 100 + depth + 0 * x), shape


def shortest_hidden(depth, bench):
    """Shortest distance along the path at which an object is hidden; inf up to 80 m."""
    edge = 100 + 0.06 * (3.5 - 5.9)
    path_z = 100 + 0.06 * 1.5
    inner = RADIUS - 2.0
    for distance in np.arange(10, 80, 0.25):
        turn = distance / inner
        part = np.linspace(0, 1, 801)
        x, y = inner * (1 + part * (np.cos(turn) - 1)), inner * part * np.sin(turn)
        off = RADIUS - np.hypot(x, y)
        ray = path_z + 1.2 - 1.1 * part
        face = np.minimum(edge + (off - 5.9 - bench) / 0.75, 100 + depth)
        if ((off > 5.9 + bench) & (face > ray)).any():
            return distance
    return np.inf


@pytest.mark.parametrize("hand", [1, -1])
@pytest.mark.parametrize(("depth", "bench"), [(6, 0.0), (6, 1.0), (6, 2.5), (0.9, 0.0), (0.3, 0.0)])
def test_past_a_cut_is_seen_what_rays_see(depth, bench, hand):
    line, dem, shape = ringed(depth, bench, hand)
    cut = sections(line, dem, TEMPLATE, shape)
    found = round_curves(line, dem, TEMPLATE, cut, SIGHT, up_to_m=79.0)
    inside, outside = found[::hand]
    assert (outside == 79).all()
    hidden = shortest_hidden(depth, bench)
    least = inside.min()  # the last station seen, no more than a gap before
    if hidden > 79:
        assert least == 79
    else:
        assert hidden - 5.0 <= least <= hidden + 0.25


@pytest.mark.parametrize("depth", [0.6, 3, 12])
def test_benches_are_as_wide_as_rays_ask_and_little_wider(depth):
    line, dem, shape = ringed(depth, 0.0, 1)
    wide = benched(line, dem, TEMPLATE, shape, SIGHT)
    most = wide.bench_left_m.max()
    assert wide.bench_right_m.max() == 0
    assert shortest_hidden(depth, most) > 75
    assert most == 0 or shortest_hidden(depth, most - 0.25) <= 75
    cut = sections(line, dem, TEMPLATE, wide)
    assert seen(line, dem, TEMPLATE, cut, SIGHT).curve_m.min() >= 75


def test_ground_that_dips_behind_the_edge_and_rises_again_is_cut_too():
    # A ridge of 6 m stands 8 to 20 m inside the curve, the ground before it is a shallow cut.
    line, _, shape = ringed(0.0, 0.0, 1)

    def ridge(x, y):
        inside = RADIUS - np.hypot(x - 400, y - 300)
        return np.where(np.abs(inside - 14) < 6, 106.0, 100.1)

    dem = ground(ridge, cell=1.0)
    cut = sections(line, dem, TEMPLATE, shape)
    before = seen(line, dem, TEMPLATE, cut, SIGHT).curve_m.min()
    wide = benched(line, dem, TEMPLATE, shape, SIGHT)
    after = seen(line, dem, TEMPLATE, sections(line, dem, TEMPLATE, wide), SIGHT).curve_m.min()
    assert before < 75 <= after
