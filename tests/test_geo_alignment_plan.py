"""Roads in plan: a curve worked by hand, laws, and curvature integrated step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.alignment.plan.clothoid import clothoid, shift, tangent_lengths
from geo.alignment.plan.plan import elements, from_intersections, points
from geo.errors import GeometryError
from geo.words import Text

LAW = settings(max_examples=40)
CORNER = [(0, 0), (300, 0), (300, 300)]


@st.composite
def plans(draw):
    """Legs long enough for any of the curves: T ≤ 60 · tan 60° + 40 < 150 m."""
    count = draw(st.integers(0, 5))
    start = np.array([draw(st.floats(-5e5, 5e5)), draw(st.floats(-5e6, 5e6))])
    heading = draw(st.floats(-3.1, 3.1))
    corners, radii, spirals = [start], [], []
    for _ in range(count):
        leg = draw(st.floats(300, 500))
        corners.append(corners[-1] + leg * np.array([math.cos(heading), math.sin(heading)]))
        heading += draw(st.sampled_from([-1, 1])) * draw(st.floats(0.9, 2.0))
        radii.append(draw(st.floats(40, 60)))
        spirals.append((draw(st.sampled_from([0.0, 20.0, 35.0])), draw(st.floats(10, 35))))
    corners.append(corners[-1] + 300 * np.array([math.cos(heading), math.sin(heading)]))
    return np.array(corners), np.array(radii), np.array(spirals).reshape(-1, 2)


def test_right_angle_worked_by_hand():
    # R = 100, Ls = 50, Δ = 90°: θ = 50 / 200 = 0.25 rad.
    # X = 50 (1 − θ²/10 + θ⁴/216) = 50 (1 − 0.00625 + 0.0000181) = 49.68840
    # Y = 50 (θ/3 − θ³/42 + θ⁵/1320) = 50 (0.0833333 − 0.0003720 + 0.0000007) = 4.14810
    # p = 4.14810 − 100 (1 − cos 0.25) = 4.14810 − 3.10876 = 1.03934
    # k = 49.68840 − 100 sin 0.25 = 49.68840 − 24.74040 = 24.94800
    # T = (100 + p) tan 45° + k = 125.98734; arc = 100 (π/2 − 2 × 0.25) = 107.07963
    x, y = clothoid(50, 100, 50)
    assert (float(x), float(y)) == pytest.approx((49.68840, 4.14810), abs=2e-5)
    assert shift(100, 50) == pytest.approx((1.03934, 24.94800), abs=2e-5)
    assert tangent_lengths(math.pi / 2, 100, (50, 50)) == pytest.approx([125.98734] * 2, abs=3e-5)
    table = elements(from_intersections(CORNER, radii=100, spirals=50))
    assert table["kind"].tolist() == ["tangent", "spiral", "arc", "spiral", "tangent"]
    lengths = [300 - 125.98734, 50, 107.07963, 50, 300 - 125.98734]
    assert table["length_m"].tolist() == pytest.approx(lengths, abs=5e-5)
    assert table["radius_m"].tolist() == [math.inf, 100, 100, 100, math.inf]
    assert table["turn"].tolist() == ["", "left", "left", "left", ""]
    # The arc begins at TS + (X, Y) and its middle lies on the bisector, (R + p) √2 − R from the PI.
    assert table.loc[2, "x"] == pytest.approx(300 - 125.98734 + 49.68840, abs=5e-5)
    assert table.loc[2, "y"] == pytest.approx(4.14810, abs=5e-5)
    plan = from_intersections(CORNER, radii=100, spirals=50)
    x, y, heading, curvature = points(plan, plan.length_m / 2)
    secant = 101.03934 * math.sqrt(2) - 100
    assert math.hypot(300 - x, y) == pytest.approx(secant, abs=5e-5)
    assert (heading, curvature) == pytest.approx((math.pi / 4, 0.01))


def test_unequal_spirals_are_tangent_at_both_ends():
    plan = from_intersections(CORNER, radii=100, spirals=[(70, 30)])
    x, y, heading, _ = points(plan, [0, plan.length_m])
    assert x.tolist() == pytest.approx([0, 300], abs=1e-9)
    assert y.tolist() == pytest.approx([0, 300], abs=1e-9)
    assert heading.tolist() == pytest.approx([0, math.pi / 2])


def test_a_hairpin_of_two_corners_is_one_arc():
    # Two right angles of R = 30 without a spiral between them, 60 m apart: a half circle.
    corners = [(0, 0), (100, 0), (100, 60), (0, 60)]
    table = elements(from_intersections(corners, radii=30))
    assert table["kind"].tolist() == ["tangent", "arc", "tangent"]
    assert table.loc[1, "length_m"] == pytest.approx(30 * math.pi)


def test_a_straight_road_and_a_corner_that_goes_straight_on():
    plan = from_intersections([(0, 0), (30, 40), (60, 80)], radii=10, spirals=99)
    assert plan.length_m == pytest.approx(100)
    assert set(elements(plan)["kind"]) == {"tangent"}
    x, y, heading, curvature = points(plan, [0, 50, 100])
    assert x.tolist() == pytest.approx([0, 30, 60])
    assert y.tolist() == pytest.approx([0, 40, 80])
    assert heading.tolist() == pytest.approx([math.atan2(4, 3)] * 3)
    assert not curvature.any()
    assert all(len(part) == 0 for part in points(plan, []))


@LAW
@given(plans())
def test_position_is_the_integral_of_curvature(made):
    # Oracle: x' = cos φ, y' = sin φ, φ' = κ, by the midpoint rule on 1 m steps that respect the
    # ends of elements; the heading is exact for piecewise linear curvature.
    plan = from_intersections(made[0], radii=made[1], spirals=made[2])
    even = np.linspace(0, plan.length_m, int(plan.length_m) + 2)
    s = np.unique(np.concatenate([even, plan.start]))
    middle, step = (s[1:] + s[:-1]) / 2, np.diff(s)
    curvature = points(plan, middle)[3]
    x, y, heading, _ = points(plan, s)
    turned = heading[0] + np.append(0, np.cumsum(curvature * step))
    assert heading == pytest.approx(turned, abs=1e-9)
    course = points(plan, middle)[2]
    # Midpoint error ≤ Σ step³ κ² / 24 ≤ 3000 / (24 × 40²) = 0.08 m
    assert x == pytest.approx(x[0] + np.append(0, np.cumsum(np.cos(course) * step)), abs=0.08)
    assert y == pytest.approx(y[0] + np.append(0, np.cumsum(np.sin(course) * step)), abs=0.08)


@LAW
@given(plans())
def test_chords_converge_to_the_length_and_ends_are_met(made):
    plan = from_intersections(made[0], radii=made[1], spirals=made[2])
    x, y, _, curvature = points(plan, np.linspace(0, plan.length_m, 20001))
    assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(plan.length_m, rel=1e-6)
    assert np.abs(curvature).max() <= (1 / made[1].min() if made[1].size else 0) * (1 + 1e-9)
    assert (x[-1], y[-1]) == pytest.approx(tuple(made[0][-1]), abs=1e-6)
    # Elements meet: a millimetre on is a millimetre away, also where two of them join.
    s = plan.start[1:]
    before, after = points(plan, s - 5e-4), points(plan, s + 5e-4)
    gaps = np.hypot(after[0] - before[0], after[1] - before[1])
    assert gaps == pytest.approx(1e-3, abs=1e-6)
    assert after[2] == pytest.approx(before[2], abs=1e-4)


@LAW
@given(plans(), st.floats(-3, 3), st.floats(-1e4, 1e4))
def test_turning_and_moving_the_corners_turns_and_moves_the_road(made, angle, shifted):
    corners, radii, spirals = made
    centre = corners[0]
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    plan = from_intersections(corners, radii=radii, spirals=spirals)
    other = from_intersections(
        (corners - centre) @ turn.T + centre + shifted, radii=radii, spirals=spirals
    )
    assert other.length_m == pytest.approx(plan.length_m, abs=1e-6)
    s = np.linspace(0, min(plan.length_m, other.length_m), 50)
    here, there = points(plan, s), points(other, s)
    moved = (np.stack(here[:2], axis=1) - centre) @ turn.T + centre + shifted
    assert np.stack(there[:2], axis=1) == pytest.approx(moved, abs=1e-5)


@LAW
@given(plans())
def test_the_way_back_is_the_same_road(made):
    corners, radii, spirals = made
    plan = from_intersections(corners, radii=radii, spirals=spirals)
    back = from_intersections(corners[::-1], radii=radii[::-1], spirals=spirals[::-1, ::-1])
    assert back.length_m == pytest.approx(plan.length_m, abs=1e-6)
    s = np.linspace(0, min(plan.length_m, back.length_m), 50)
    here, there = points(plan, plan.length_m - s), points(back, s)
    assert there[0] == pytest.approx(here[0], abs=1e-5)
    assert there[1] == pytest.approx(here[1], abs=1e-5)


def test_every_curve_that_does_not_fit_is_named():
    with pytest.raises(GeometryError) as caught:
        from_intersections([(0, 0), (90, 0), (90, 150), (300, 150)], radii=[100, 60])
    # Legs 90 and 150 m; T = 100 and 60: the first leg lacks 10 m, the second 10 m.
    assert [one.row for one in caught.value.problems] == [
        Text("曲线 1", "curve 1"),
        Text("曲线 1–2", "curve 1–2"),
    ]
    assert caught.value.problems[1].found == "160.00 m"


@pytest.mark.parametrize(
    ("corners", "radii", "spirals", "words"),
    [
        ([(0, 0)], 10, 0, "n ≥ 2"),
        (CORNER, [10, 20], 0, "do not fit 1 curves"),
        (CORNER, -5, 0, "curve 1"),
        (CORNER, 100, 158, "curve 1"),  # 2 × 158 / (2 × 100) = 1.58 rad > π/2
        (CORNER, math.nan, 0, "finite"),
        ([(0, 0), (0, 0), (300, 300)], 10, 0, "points 0–1"),
        ([(0, 0), (300, 0), (0, 0)], 10, 0, "curve 1"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(corners, radii, spirals, words):
    with pytest.raises(GeometryError, match=words):
        from_intersections(corners, radii=radii, spirals=spirals)


@pytest.mark.parametrize("s", [-0.01, 600.0, math.nan])
def test_chainages_off_the_road_are_refused(s):
    with pytest.raises(GeometryError, match="off the road"):
        points(from_intersections(CORNER, radii=100), s)
