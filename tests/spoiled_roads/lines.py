"""Ways to spoil the line of a road: its stations, plan and profile."""

from dataclasses import replace

import numpy as np

from tests.spoiled_roads.just_so import Slope, asked
from tests.spoiled_roads.ways import ROUNDING, STEP, Case, at, edited, entering, within

WAYS = {}
way = entering(WAYS)

# Stations


@way("station_spacing")
def a_station_a_metre_too_far_on(made):
    begin = made.places["fill"].begin - 30
    s = made.road.stations["s"].to_numpy()
    k = int(np.searchsorted(s, begin))
    on = STEP + 1 - (s[k] - s[k - 1])
    return at(replace(made, moved={s[k]: on}), s[k - 1])


@way("chainage")
def chainages_two_centimetres_short(made):
    s = made.road.stations["s"].to_numpy()
    k = int(np.searchsorted(s, made.places["fill"].begin - 30))
    return edited(made, s[k], s[k], s=np.where(s > s[k], s - 0.02, s))


# Plan


@way("radius")
def a_radius_a_metre_too_small(made):
    least = made.limits["min_radius_m"]
    small = least - min(1.0, 0.02 * least)  # of hairpins a metre would need longer spirals, too
    scale = least / small
    bends = {
        name: (part[0], part[1] * scale, part[2] * scale) if name.endswith(" 1") else part
        for name, part in made.bends.items()
    }
    tight = replace(made, bends=bends)
    return within(tight, made.begin("arc 1"), made.end("arc 1"))


@way("spiral")
def a_spiral_in_a_metre_too_short(made):
    short = leaning(made.bent("in 2", -1.0), 2, made.bends["in 2"][0] - 1)
    return within(short, made.begin("in 2"), made.end("in 2"))


@way("spiral")
def a_spiral_out_a_metre_too_short(made):
    short = leaning(made.bent("out 2", -1.0), 2, made.bends["out 2"][0] - 1)
    return within(short, made.begin("out 2"), made.end("out 2"))


def leaning(made, number, spiral):
    """Lean a curve no more than a spiral so long turns the bed."""
    runoff = 2 * made.limits["lane_m"] * made.limits["min_runoff_m"]
    return replace(made, leans=made.leans | {number: spiral / runoff})


@way("spiral")
def a_spiral_too_short_beside_a_short_arc(made):
    # Points right to a micrometre show so little of a blunt tip that 3 m are seen of 70 m and more.
    least = made.limits["min_spiral_m"]
    by = 1.0 if least <= 50 else 3.0
    legal = made.limited(min_curve_m=0.0)
    legal = legal.bent("arc 5", 3 - legal.bends["arc 5"][0])
    legal = legal.bent("in 5", least - legal.bends["in 5"][0])
    short = leaning(legal.bent("in 5", -by), 5, least - by)
    return within(short, short.begin("in 5"), short.end("out 5"), legal=legal)


@way("spiral")
def a_spiral_a_metre_too_short_from_radius_to_radius(made):
    # From 0.4 of a bend to the whole of it 0.6 of a spiral, at close stations: they see its middle.
    k, least = made.bends["arc 5"][1], made.limits["min_spiral_m"]
    loose = made.limited(crown=0.005)
    lean = max(0.015, 1.05 * asked(k, loose.limits))
    legal = replace(loose, spacing=2.0, leans=made.leans | {5: lean})

    def egg(length):
        parts = {"in 5": (least, 0, 0.4 * k), "flat 5": (30, 0.4 * k, 0.4 * k)}
        parts |= {"egg 5": (length, 0.4 * k, k)}
        names = list(legal.bends)
        first = names.index("in 5")
        bends = {name: legal.bends[name] for name in names[:first]} | parts
        bends |= {name: legal.bends[name] for name in names[first + 1 :]}
        return replace(legal, bends=bends)

    short = egg(0.6 * least - 1)
    return within(short, short.begin("egg 5"), short.end("egg 5"), legal=egg(0.6 * least))


@way("curve_length")
def a_curve_a_metre_too_short(made):
    return at(made.bent("arc 3", -1.0), made.begin("in 3"))


@way("tangent")
def a_tangent_a_metre_too_short(made):
    least = made.limits["opposite_turn_m"]
    legal = made.limited(same_turn_m=0.0, opposite_turn_m=0.0, min_tangent_m=least)
    legal = legal.bent("meet", 1.2 * least)
    return at(legal.bent("opposite", -1.0), made.begin("opposite"), legal=legal)


@way("straight_same")
def a_straight_between_curves_the_same_way_a_metre_too_short(made):
    return at(made.bent("same", -1.0), made.begin("same"))


@way("straight_opposite")
def a_straight_between_opposite_curves_a_metre_too_short(made):
    return at(made.bent("opposite", -1.0), made.begin("opposite"))


@way("straight_opposite")
def spirals_that_miss_each_other_by_a_metre(made):
    return at(made.bent("meet", 1.0), made.begin("meet"))


# Profile


@way("grade")
def a_grade_a_tenth_of_a_per_cent_too_steep(made):
    steep = made.sloped(6, grade=made.slopes[6].grade - 0.001)
    return within(steep, made.pvi(5), made.pvi(6))


def climbing(made, grade, length, **limits):
    """A straight climb so long between its curves, without other limits of climbs."""
    made = made.limited(grade_lengths=(), window_grade=np.inf, **limits)
    first, last = Slope(100, 0.0), Slope(2 * made.limits["min_slope_length_m"], 0.0)
    tried = replace(made, slopes=(first, Slope(0, grade), last))
    run = length + (tried.curve_m(0) + tried.curve_m(1)) / 2
    tried = replace(
        tried, slopes=(first._replace(run=100 + tried.curve_m(0)), Slope(run, grade), last)
    )
    begin = tried.pvi(0) + tried.curve_m(0) / 2
    return tried, begin


def mean(made, bands, grade, rise):
    """A climb that rises a metre more than a band asks at the grade allowed, and one too steep."""
    length = (rise + 1) / grade
    legal, begin = climbing(made, grade, length, mean_grades=bands)
    steep, _ = climbing(made, grade + 0.0005, length, mean_grades=bands)
    last = begin + length - rise / (grade + 0.0005)  # from there on it rises by less
    return within(steep, begin - 20, last, legal=legal)


@way("mean_grade")
def a_mean_grade_over_a_rise_just_above(made):
    grade = 0.9 * made.limits["max_grade"]
    return mean(made, ((20.0, 60.0, grade), (60.0, np.inf, grade)), grade, 20)


@way("mean_grade")
def a_mean_grade_over_a_greater_rise_just_above(made):
    grade = 0.8 * made.limits["max_grade"]
    return mean(made, ((20.0, 40.0, 1.1 * grade), (40.0, np.inf, grade)), grade, 40)


@way("window_grade")
def a_mean_grade_over_a_window_just_above(made):
    grade, window = 0.9 * made.limits["max_grade"], 500.0
    legal, begin = climbing(made, grade, window + 20, mean_grades=())
    legal = legal.limited(window_m=window, window_grade=grade)
    steep, _ = climbing(made, grade + 0.0005, window + 20, mean_grades=())
    steep = steep.limited(window_m=window, window_grade=grade)
    return within(steep, begin - 20, begin + 25, legal=legal)


def bent_tighter(made, number, by):
    """Give the curve at the end of a slope a radius a metre smaller, or 0.2 % of it."""
    radius = made.limits[by]
    tight = made.slopes[number].tight * (1 - max(1.0, 0.002 * radius) / radius)
    half = made.curve_m(number) / 2
    pvi = made.pvi(number)
    return within(made.sloped(number, tight=tight), pvi - half, pvi + half)


@way("crest_radius")
def a_crest_a_metre_too_sharp(made):
    return bent_tighter(made, 4, "min_vertical_radius_m")


@way("sag_radius")
def a_sag_a_metre_too_sharp(made):
    return bent_tighter(made, 0, "min_sag_radius_m")


@way("vertical_curve")
def a_vertical_curve_a_metre_too_short(made):
    least = 1 - 1 / made.limits["min_vertical_curve_m"]
    return at(made.sloped(7, least=least), made.pvi(7))


@way("slope_length")
def a_slope_a_metre_too_short(made):
    return at(made.sloped(8, run=made.slopes[8].run - 1), made.pvi(7))


@way("grade_length")
def a_grade_a_metre_too_long(made):
    return at(made.sloped(2, run=made.slopes[2].run + 1), made.pvi(0))


@way("grade_length")
def a_relief_a_tenth_of_a_per_cent_too_steep(made):
    return at(made.sloped(3, grade=made.slopes[3].grade + 0.001), made.pvi(0))


@way("grade_length", "slope_length")
def a_relief_a_metre_too_short(made):
    short = made.sloped(3, run=made.slopes[3].run - 1)
    return Case(short.road, made.pvi(0) - ROUNDING, made.pvi(2) + ROUNDING)
