"""Lengths of grades: sums by hand, roads spoiled by a metre, programs held against the checker."""

from dataclasses import asdict, replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.alignment.checker import breaches
from geo.alignment.profile import climbs, long, optimum, relaxation
from geo.alignment.profile.long import long_profile
from geo.alignment.profile.model import Box, everything, model, possible_kinds
from geo.alignment.profile.optimum import Effort, optimise
from geo.alignment.search.steepness import mean, steeper
from geo.alignment.search.terrain import Path
from geo.alignment.values import Costs, Fixed, Limits, Stations
from geo.alignment.works.stationing import Posts, examined
from geo.errors import InfeasibleError, InputError

# Class II, 60 km/h: slopes of at least 150 m, 6 %.
LENGTHS = ((0.03, 1200.0), (0.04, 1000.0), (0.05, 800.0), (0.06, 600.0))
ROAD = Limits(
    *(0.06, 125, 50, 150, 1400, 1000, 50),
    max_cut_m=30,
    max_fill_m=20,
    grade_lengths=LENGTHS,
    relief_grade=0.03,
)
# 20 km/h, where 1 / L is dented at 8 %: slopes of at least 60 m, 9 %.
STEEP = replace(
    ROAD,
    max_grade=0.09,
    min_slope_length_m=60,
    min_vertical_radius_m=100,
    min_sag_radius_m=100,
    min_vertical_curve_m=20,
    grade_lengths=(
        *((0.04, 1200.0), (0.05, 1000.0), (0.06, 800.0), (0.07, 600.0)),
        *((0.08, 400.0), (0.09, 300.0), (0.1, 200.0)),
    ),
)
# 100 km/h: between a relief of 2.5 % and 3 % a stretch neither uses nor relieves.
FAST = replace(
    ROAD,
    max_grade=0.04,
    min_slope_length_m=250,
    grade_lengths=((0.03, 1000.0), (0.04, 800.0), (0.05, 600.0)),
    relief_grade=0.025,
)
CLASSES = {"60": ROAD, "20": STEEP, "100": FAST}
COSTS = Costs(20, 15, 40_000, 100, 60_000, 8, 0.75, 1.5)


def pvis(*stretches):
    """Points of vertical intersection of (length, grade) one after another, from 0."""
    length, grade = np.array(stretches, dtype=float).T
    s = np.append(0.0, np.cumsum(length))
    return np.stack([s, np.append(0.0, np.cumsum(length * grade)), 0 * s], axis=1)


def drawn(stretches, *, curve=60.0, spacing=5.0):
    """A straight road of stretches with a parabola at every change of grade, by the book."""
    pvi = pvis(*stretches)
    s = np.append(np.arange(0, pvi[-1, 0] - 1e-9, spacing), pvi[-1, 0])
    z = np.interp(s, pvi[:, 0], pvi[:, 1])
    grades = np.diff(pvi[:, 1]) / np.diff(pvi[:, 0])
    for at, change in zip(pvi[1:-1, 0], np.diff(grades), strict=True):
        away = np.maximum(curve / 2 - np.abs(s - at), 0)
        z += change * away**2 / (2 * curve)
    return pd.DataFrame(
        {"s": s, "x": s + 4.5e5, "y": 3.1e6, "design": z + 100, "ground": z + 100}
    ).assign(structure=0)


def broken(stretches, limits=ROAD, **more):
    """What the checker finds of lengths of grades: chainage and sum."""
    asked = {
        "grade_lengths": limits.grade_lengths,
        "relief_grade": limits.relief_grade,
        "min_slope_length_m": limits.min_slope_length_m,
    }
    found = breaches(drawn(stretches, **more), asked)
    found = found[found["rule"] == "grade_length"]
    assert (found["allowed"] == 1).all()
    return list(zip(found["chainage_m"], found["found"], strict=True))


def plane(length, grade, step=20.0):
    s = np.append(np.arange(0, length - 1e-9, step), length)
    return Stations(s, s, 0 * s, grade * s)


def posts(ground, every=5.0):
    s = np.arange(len(ground)) * every
    return Posts(s, s, 0 * s, np.asarray(ground, dtype=float), 0 * s, 0 * s, None)


# The checker


FLAT = (300, 0.0)


@pytest.mark.parametrize("spacing", [5.0, 4.7, 1.0])
@pytest.mark.parametrize("way", [1, -1])
def test_one_metre_too_long_is_caught_where_it_begins(way, spacing):
    # 600 m at 6 %: exactly at the limit. 601 m use 601 / 600 of it.
    assert broken([FLAT, (600, way * 0.06), FLAT], spacing=spacing) == []
    [(at, used)] = broken([FLAT, (601, way * 0.06), FLAT], spacing=spacing)
    assert at == pytest.approx(300, abs=0.01)
    assert used == pytest.approx(601 / 600, abs=1e-5)


@pytest.mark.parametrize(
    ("grade", "longest"), [(0.055, 700), (0.045, 900), (0.03, 1200), (0.0375, 1050)]
)
def test_lengths_between_the_rows_are_interpolated(grade, longest):
    assert broken([FLAT, (longest, grade), FLAT]) == []
    [(at, used)] = broken([FLAT, (longest + 1, grade), FLAT])
    assert at == pytest.approx(300, abs=0.01)
    assert used == pytest.approx(1 + 1 / longest, abs=1e-5)


def test_below_the_first_row_there_is_no_limit():
    assert broken([FLAT, (9000, 0.0299), FLAT]) == []


def test_stretches_share_what_they_use():
    # 300 / 600 + 400 / 800 = 1; one metre more at 5 % is 1 / 800 too much.
    assert broken([FLAT, (300, 0.06), (400, 0.05), FLAT]) == []
    [(at, used)] = broken([FLAT, (300, 0.06), (401, 0.05), FLAT])
    assert (at, used) == (pytest.approx(300, abs=0.01), pytest.approx(1 + 1 / 800, abs=1e-5))


def test_a_relief_begins_the_sum_anew():
    # Twice all of 6 %, and 150 m of 2 % between: legal. 149 m or 3.1 % do not relieve.
    climb = (600, 0.06)
    assert broken([FLAT, climb, (150, 0.02), climb, FLAT]) == []
    [(at, used)] = broken([FLAT, climb, (149, 0.02), climb, FLAT])
    assert (at, used) == (pytest.approx(300, abs=0.01), pytest.approx(2, abs=1e-5))
    [(at, used)] = broken([FLAT, climb, (150, 0.031), climb, FLAT])
    assert used == pytest.approx(2 + 150 / 1180, abs=1e-5)


@pytest.mark.parametrize("start", [0.0, 1.3, 2.9])
def test_a_relief_between_curves_that_bend_almost_alike_is_read_as_what_it_is(start):
    # 565 / 600 = 0.94 of 6 %, then 2.99 %: rates 3.5e-6 apart meet, where no station tells.
    steep, end = (565.0, 0.06), (150.6, 0.000289)
    line = [(300.0 + start, 0.0), steep, (150.6, 0.029878), end, (450.0, 0.06), FLAT]
    assert broken(line, curve=150.6) == []
    used = broken([line[0], steep, (150.6, 0.0301), end, (450.0, 0.06), FLAT], curve=150.6)
    assert [round(sums, 3) for _, sums in used] == [round(565 / 600 + 150.6 / 1198, 3)]


@pytest.mark.parametrize("grade", [0.03004, 0.0301, 0.0302])
def test_a_relief_after_a_grade_just_above_it_begins_at_the_middle_of_their_curve(grade):
    # Their parabola bends by 1e-6 to 4e-6 a metre, less than any that is built for vehicles.
    steep = (600, 0.06)
    assert broken([FLAT, (1000, grade), (150, 0.02998), steep, FLAT]) == []
    [(at, used)] = broken([FLAT, (1000, grade), (147, 0.02998), steep, FLAT])
    assert at == pytest.approx(300, abs=0.01)
    assert used > 1.8  # 1,000 of about 1,200 m, and all of 6 %


def test_a_relief_in_the_table_is_the_first_of_the_new_sum():
    # 150 m at exactly 3 % relieve and use 150 / 1200 = 1/8; 525 m of 6 % use the other 7/8.
    before, relief = (600, 0.06), (150, 0.03)
    assert broken([FLAT, before, relief, (525, 0.06), FLAT]) == []
    [(at, used)] = broken([FLAT, before, relief, (526, 0.06), FLAT])
    assert (at, used) == (pytest.approx(900, abs=0.01), pytest.approx(1 + 1 / 600, abs=1e-5))


def test_going_the_other_way_begins_the_sum_anew():
    # Down 5 % for 200 m between two climbs; the fall has a sum of its own.
    climb = (600, 0.06)
    assert broken([FLAT, climb, (200, -0.05), climb, FLAT]) == []
    [(at, used)] = broken([FLAT, climb, (801, -0.05), climb, FLAT])
    assert (at, used) == (pytest.approx(900, abs=0.01), pytest.approx(801 / 800, abs=1e-5))


def test_between_relief_and_first_row_a_stretch_neither_uses_nor_relieves():
    # 100 km/h: 800 m of 4 %, 250 m of 2.8 %, 800 m of 4 %.
    [(at, used)] = broken([FLAT, (800, 0.04), (250, 0.028), (800, 0.04), FLAT], FAST)
    assert (at, used) == (pytest.approx(300, abs=0.01), pytest.approx(2, abs=1e-5))
    assert broken([FLAT, (800, 0.04), (250, 0.025), (800, 0.04), FLAT], FAST) == []


def test_halves_of_curves_belong_to_the_stretches_beside_them():
    # Curves of 150 m that meet, no tangent anywhere: 4 × 150 m at 6 % are 600 m. Then as many
    # at 5.9 % longer by 20 m in all: 620 / L(5.9 %) = 620 / 620.
    assert broken([FLAT, (150, 0.02), (600, 0.06), FLAT], curve=150.0) == []
    assert broken([FLAT, (150, 0.02), (620, 0.059), FLAT], curve=150.0) == []
    [(at, _)] = broken([FLAT, (150, 0.02), (621, 0.059), FLAT], curve=150.0)
    assert at == pytest.approx(450, abs=0.01)


@st.composite
def legal(draw):
    """Stretches that use their lengths up and no more, each climb after a relief or a turn."""
    stretches, used, way = [FLAT], 0.0, 1
    for _ in range(draw(st.integers(1, 8))):
        choice = draw(st.sampled_from(["relief", "turn", "climb", "climb"]))
        if choice == "relief":
            stretches.append((draw(st.floats(150, 300)), way * draw(st.floats(0, 0.0299))))
            used = 0.0
            continue
        way = -way if choice == "turn" else way
        used = 0.0 if choice == "turn" else used
        grade = draw(st.floats(0.031, 0.06))
        longest = float(np.interp(grade, *np.transpose(LENGTHS)))
        length = min((1 - used) * longest, draw(st.floats(150, 900)))
        if length >= 150:
            stretches.append((length, way * grade))
            used += length / longest
    return [*stretches, FLAT]


@settings(max_examples=40)
@given(legal())
def test_what_uses_its_lengths_up_is_legal(stretches):
    assert broken(stretches) == []
    found = climbs.climbs(pvis(*stretches), ROAD)
    assert found.used.max() <= 1 + 1e-9


@settings(max_examples=40)
@given(legal(), st.data())
def test_what_is_longer_by_a_metre_than_its_length_is_caught(stretches, data):
    # The climb that is lengthened has used all but less than a metre of what it may.
    found = climbs.climbs(pvis(*stretches), ROAD)
    full = [k for k in range(len(stretches)) if found.used[k] > 1 - 1e-6]
    if not full:
        return
    k = data.draw(st.sampled_from(full))
    first = k
    while found.used[first] > found.share[first] + 1e-9:
        first -= 1
    longer = list(stretches)
    longer[k] = (stretches[k][0] + 1, stretches[k][1])
    assert [at for at, _ in broken(longer)] == [pytest.approx(found.begin[first], abs=0.01)]


# The rule in the designer


@pytest.mark.parametrize("rows", [((0.05, 600.0), (0.04, 800.0)), ((0.04, 600.0), (0.05, 800.0))])
def test_lengths_that_do_not_fall_with_rising_grades_are_refused(rows):
    with pytest.raises(InputError, match="grade_lengths"):
        replace(ROAD, grade_lengths=rows)


@pytest.mark.parametrize(("limits", "relief"), [(ROAD, 150.0), (STEEP, 60.0), (FAST, 250.0)])
def test_no_legal_stretch_rises_more_than_in_the_long_run(limits, relief):
    # Every window of random legal lines, steep and long as they may be.
    window = climbs.long_run(limits, relief)
    rng = np.random.default_rng(5)
    closest = 0.0
    for _ in range(300):
        stretches, used = [], 0.0
        while sum(length for length, _ in stretches) < 3 * window.length:
            grade = rng.choice(
                [limits.max_grade, rng.uniform(limits.relief_grade, limits.max_grade)]
            )
            per_m = float(climbs.share(np.array([grade]), limits)[0])
            length = (1 - used) / per_m if per_m else rng.uniform(0, 300)
            stretches.append((max(length, 1e-3), grade))
            used += length * per_m
            if used > 1 - 1e-9:
                stretches.append(
                    (relief, min(limits.relief_grade, limits.grade_lengths[0][0] - 1e-5))
                )
                used = 0.0
        pvi = pvis(*stretches)
        begin = np.arange(0, pvi[-1, 0] - window.length, 7.0)
        rise = np.interp(begin + window.length, *pvi[:, :2].T) - np.interp(begin, *pvi[:, :2].T)
        assert rise.max() <= window.rise
        closest = max(closest, float(rise.max()))
    assert closest > 0.98 * window.rise


def test_a_ramp_that_is_climbed_only_with_reliefs():
    # 1,200 m, slopes of 150 m: four at 6 %, a relief at 3 % (a hair less), three at 6 %:
    # 600 × 6 % + 150 × 3 % + 450 × 6 % = 67.5 m. Without the rule 72 m.
    ramp, effort = plane(1200.0, 67.4 / 1200), Effort(gap=0.05, work=1e6)
    found = optimise(ramp, ROAD, COSTS, fixed=Fixed(0.0, 67.4), effort=effort)
    used = climbs.climbs(found.pvi, ROAD)
    assert used.used.max() <= 1 + 1e-5
    assert used.length[used.relief].tolist() == [150]
    free = replace(ROAD, grade_lengths=())
    optimise(ramp, free, COSTS, fixed=Fixed(0.0, 71.9), effort=effort)
    with pytest.raises(InfeasibleError) as caught:
        optimise(ramp, ROAD, COSTS, fixed=Fixed(0.0, 68.0), effort=effort)
    # 68 m leave no relief: all at 5.667 %, 1,200 m where 666.7 m are allowed, so 1.8 times as long.
    needed = {problem.field: problem.expected for problem in caught.value.problems}
    assert float(needed["grade_lengths"].split(", ")[-1].split()[0]) == pytest.approx(1080, abs=2)
    assert "放宽不同纵坡的最大坡长" in caught.value.said("zh")


def test_what_was_used_before_a_road_begins_counts():
    # All used up: the first leg climbs no more than a relief.
    ramp = plane(600.0, 0.05)
    begun = Fixed(start_z=0.0, climbed=(1.0, 0.0))
    found = optimise(ramp, ROAD, COSTS, fixed=begun, effort=Effort(gap=2e-2, work=2e6))
    assert climbs.climbs(found.pvi, ROAD).grade[0] <= 0.03
    fresh = optimise(ramp, ROAD, COSTS, fixed=Fixed(start_z=0.0), effort=Effort(gap=2e-2, work=2e6))
    assert climbs.climbs(fresh.pvi, ROAD).grade[0] > 0.03


def rough(seed, length, grade, height):
    """A slope with waves on it."""
    rng = np.random.default_rng(seed)
    s = np.arange(0, length + 1, 20.0)
    waves = sum(
        rng.normal() * height / k * np.cos(k * np.pi * s / s[-1] + rng.uniform(0, 6.3))
        for k in range(1, 7)
    )
    return Stations(s, s, 0 * s, grade * s + waves - waves[0])


@settings(max_examples=4)
@given(st.integers(0, 10_000), st.sampled_from(sorted(CLASSES)), st.sampled_from([-1, 1]))
def test_what_the_program_accepts_passes_the_checker_and_costs_no_less_than_without(
    seed, speed, way
):
    limits = CLASSES[speed]
    legs = 6 * max(limits.min_slope_length_m, limits.min_vertical_curve_m)
    road = rough(seed, legs, way * 0.8 * limits.max_grade, 4.0)
    effort = Effort(gap=1e-2, work=2e6)
    try:
        found = optimise(road, limits, COSTS, effort=effort)
    except InfeasibleError:
        return
    line = examined(posts_of(road), found)
    assert breaches(line, asdict(limits)).empty
    free = optimise(road, replace(limits, grade_lengths=()), COSTS, effort=effort)
    assert found.cost_yuan >= free.bound_yuan * (1 - 1e-9)


def over_or_under(height):
    """A level kilometre, in its middle something to pass so high above or so deep below."""
    s = np.arange(0.0, 901, 20.0)
    crossed = np.abs(s - 450) < 25
    least, most = np.full((s.size, 3), -np.inf), np.full((s.size, 3), np.inf)
    least[crossed, 1], most[crossed, 2] = height, -height
    on_top = np.zeros((s.size - 1, 3))
    on_top[crossed[1:] & crossed[:-1], 0] = np.inf
    return Stations(s, s, 0 * s, 0 * s, on_top, least, most)


def solved(road, limits, gap):
    """Solve the program of a road between 30 m below and above, lengths taken in as they break."""
    task = optimum._task(road, limits, COSTS, Fixed(0.0, 0.0), 0.0)
    wide = np.full(task.grid.nodes.size, 30.0)
    wide[[0, -1]] = 0.0
    box = Box(-wide, wide, everything(task))
    box = box._replace(kinds=possible_kinds(task, box))
    done, built = relaxation.stretched(task, partial(model, task, box), work=8e6, gap=gap)
    pvi = np.stack([task.grid.nodes, done.x[built.heights], 0 * wide], axis=1)
    return done.bound, pvi, len(task.legs)


def test_a_bound_of_a_program_that_knew_fewer_lengths_is_kept(monkeypatch):
    # Broken numbers pass half above and half below, on the level; whole ones climb 15 m within
    # three legs of 150 m, the last ones steepest for the least fill; 6 % may be one leg long.
    lengths = ((0.03, 300.0), (0.04, 250.0), (0.05, 200.0), (0.06, 150.0))
    road, limits = over_or_under(15.0), replace(ROAD, grade_lengths=lengths)
    exact, _, legs = solved(road, limits, 1e-6)
    assert legs
    kept, mended = [], relaxation._mended

    def noted(*args, **options):
        kept.append(mended(*args, **options))
        return kept[-1]

    monkeypatch.setattr(relaxation, "_mended", noted)
    bound, pvi, _ = solved(road, limits, 0.3)
    assert [one is not None for one in kept] == [True]
    assert exact * 0.7 <= bound <= exact
    assert climbs.climbs(pvi, limits).used.max() <= 1 + 1e-5


def posts_of(road):
    s = np.arange(0, road.s[-1] + 1e-9, 5.0)
    ground = np.interp(s, road.s, road.ground)
    return Posts(s, s, 0 * s, ground, 0 * s, 0 * s, None)


def test_a_long_climb_holds_its_lengths_across_joints(monkeypatch):
    # 2.4 km at 5.1 %, in pieces of 0.8 km: reliefs all the way, none lost at a joint.
    monkeypatch.setattr(long, "WHOLE_M", 1500.0)
    monkeypatch.setattr(long, "PIECE_M", 800.0)
    monkeypatch.setattr(long, "OVERLAP_M", 450.0)
    road = posts(0.051 * np.arange(0.0, 2401, 5.0))
    effort = Effort(gap=0.2, work=2e6)
    found = long_profile(road, ROAD, COSTS, fixed=Fixed(0.0, 122.4), effort=effort)
    assert breaches(examined(road, found), asdict(ROAD)).empty
    assert 0.8 < climbs.climbs(found.pvi, ROAD).used.max() <= 1 + 1e-5


def test_what_is_carried_over_a_joint_goes_on_from_there():
    # 300 m of 6 % use a half, a relief nothing, 75 m of 6 % an eighth; the fall before is over.
    line = pvis((200, -0.05), (300, 0.06), (150, 0.02), (75, 0.06))
    assert climbs.carried(line, ROAD, (0.0, 0.0)) == (pytest.approx(0.125), 0.0)
    assert climbs.carried(line[:3], ROAD, (0.0, 0.0)) == (pytest.approx(0.5), 0.0)
    assert climbs.carried(line[:2], ROAD, (0.3, 0.5)) == (0.0, pytest.approx(0.75))


# The search


def test_a_path_is_too_steep_where_its_profile_could_not_mend_it():
    # 750 m may rise 40.5 m: 1,500 m at 6 % rise 9 m too much, 2,250 m 13.5 m.
    assert mean(ROAD) == pytest.approx(0.054, abs=1e-5)
    assert not steeper(straight(1500, 0.06), ROAD)
    assert steeper(straight(2310, 0.06), ROAD)
    assert not steeper(straight(9000, 0.054), ROAD)
    assert not steeper(straight(9000, 0.06), replace(ROAD, grade_lengths=()))


def straight(length, grade):
    s = np.append(np.arange(0, length, 30.0), length)
    kinds = np.zeros(s.size - 1, dtype=np.int64)
    return Path(np.stack([s, 0 * s], axis=1), grade * s, kinds, (), length, 0.0, 0.0, 0.0, 0.0, 0)
