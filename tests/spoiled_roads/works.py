"""Ways to spoil what a road is built as and what it crosses: structures, bed, sight, clearances."""

from dataclasses import replace

import numpy as np

from tests.spoiled_roads.ways import at, edited, entering, within

WAYS = {}
way = entering(WAYS)

# Cuts, fills and structures


@way("cut")
def a_cut_a_tenth_too_deep(made):
    place = made.places["cut"]
    return at(made.placed("cut", above=place.above - 0.1), place.begin)


@way("fill")
def a_fill_a_tenth_too_high(made):
    place = made.places["fill"]
    return at(made.placed("fill", above=place.above + 0.1), place.begin)


@way("structure_code")
def a_structure_of_no_kind(made):
    place = made.places["lake"]
    return at(made.placed("lake", kind=7), place.begin)


@way("bridge_length")
def a_bridge_a_metre_too_long(made):
    return longer(made, "long bridge", 1.0)


@way("bridge_length")
def a_bridge_a_metre_too_short(made):
    return longer(made, "short bridge", -1.0)


@way("tunnel_length")
def a_tunnel_a_metre_too_long(made):
    return longer(made, "long tunnel", 1.0)


@way("tunnel_length")
def a_tunnel_a_metre_too_short(made):
    return longer(made, "short tunnel", -1.0)


def longer(made, name, by):
    place = made.places[name]
    return at(made.placed(name, end=place.end + by), place.begin)


@way("bridge_place")
def a_bridge_under_the_ground(made):
    return misplaced(made, "short bridge", 0.1)


@way("tunnel_place")
def a_tunnel_above_the_ground(made):
    return misplaced(made, "short tunnel", -0.1)


def misplaced(made, name, off):
    road, place = made.road, made.places[name]
    inside = road.stations["s"].between(place.begin, place.end)
    ground = road.stations["ground"].where(~inside, road.stations["design"] + off)
    return edited(made, place.begin, place.begin, ground=ground)


# Cross-section and sight


def leant(made, number, factor):
    """Lean a curve so many times as much."""
    road = made.road
    begin, end = made.begin(f"in {number}"), made.end(f"out {number}")
    fall = road.stations["crossfall"]
    fall = fall.where(~road.stations["s"].between(begin, end), fall * factor)
    return edited(made, begin, end, crossfall=fall)


@way("superelevation")
def a_curve_that_leans_a_tenth_of_a_per_cent_too_little(made):
    steepest = made.road.stations["crossfall"][on(made, "arc 1")].abs().max()
    return leant(made, 1, 1 - 0.001 / steepest)


@way("superelevation")
def a_curve_that_leans_a_tenth_of_a_per_cent_too_much(made):
    return leant(made, 4, 1 + 0.001 / made.limits["max_superelevation"])


@way("superelevation")
def a_curve_that_leans_outwards(made):
    return leant(made, 3, -1.0)


def on(made, part):
    return made.road.stations["s"].between(made.begin(part), made.end(part))


@way("runoff")
def a_runoff_a_little_too_fast(made):
    # One station on the spiral leans a tenth of a per cent of a step more than its share.
    road = made.road
    s, fall = (road.stations[name].to_numpy().copy() for name in ("s", "crossfall"))
    k = int(np.searchsorted(s, (made.begin("in 2") + made.end("in 2")) / 2))
    fall[k] += 0.02 * (fall[k] - fall[k - 1])
    return edited(made, s[k - 1], s[k - 1], crossfall=fall)


@way("widening")
def a_curve_five_centimetres_too_narrow(made):
    road = made.road
    side = "left_m" if made.bends["arc 1"][1] > 0 else "right_m"
    begin, end = made.begin("in 1"), made.end("out 1")
    there = road.stations["s"].between(begin, end)
    narrow = np.maximum(road.stations[side] - 0.05, made.limits["width_m"] / 2)
    return edited(made, begin, end, **{side: road.stations[side].where(~there, narrow)})


@way("widening")
def a_straight_five_centimetres_too_narrow(made):
    road = made.road
    k = int(np.searchsorted(road.stations["s"], made.begin("same") + 30))
    narrow = road.stations["right_m"].to_numpy().copy()
    narrow[k] -= 0.05
    return edited(made, road.stations["s"][k], road.stations["s"][k], right_m=narrow)


@way("sight_crest")
def a_crest_over_which_a_metre_less_is_seen(made):
    # Over a long crest √(2 R) (√eye + √object) is seen: a metre less over a radius smaller by
    # (1 − 1 m / sight)². Low eyes need crests that are longer than what is seen.
    sight = made.limits["stopping_sight_m"]
    if sight <= 30:
        made = made.limited(eye_m=0.4)
    roots = np.sqrt(made.limits["eye_m"]) + np.sqrt(made.limits["object_m"])
    radius = (sight / roots) ** 2 / 2 * 1.003
    seen = (1 - 1 / sight) ** 2
    loose = made.limited(
        min_vertical_radius_m=0.9 * radius,
        min_vertical_curve_m=0.5 * made.limits["min_vertical_curve_m"],
    )
    legal = loose.sloped(4, tight=1 / 0.9).sloped(7, least=2.0)
    crest = made.pvi(4)
    half = legal.curve_m(4) / 2 + sight
    return within(legal.sloped(4, tight=seen / 0.9), crest - half, crest + half, legal=legal)


@way("sight_curve")
def a_wall_that_hides_a_curve(made):
    hiding = replace(made, wall=-0.3)
    return within(hiding, made.begin("in 1"), made.end("out 1"))


# What is crossed


@way("crossing_level")
def a_bridge_over_an_expressway_that_begins_a_metre_late(made):
    place = made.places["over"]
    half = place.line["half_m"] / np.sin(np.radians(made.angles["over"]))
    middle = (place.begin + place.end) / 2
    legal = made.placed("over", begin=middle - half - 1e-3, end=middle + half + 1e-3)
    late = legal.placed("over", begin=middle - half + 1, end=middle + half - 1)
    return within(late, middle - half, middle + half, legal=legal)


@way("clearance")
def a_bridge_a_tenth_too_low_over_an_expressway(made):
    return nearer(made, "over", 0.1)


@way("clearance")
def a_tunnel_a_tenth_too_high_under_an_expressway(made):
    return nearer(made, "under", -0.1)


@way("clearance")
def a_fill_a_tenth_too_low_over_a_road(made):
    return nearer(made, "earth over", 0.1)


@way("clearance")
def a_cut_a_tenth_too_high_under_a_bridge(made):
    return nearer(made, "earth under", -0.1)


@way("clearance")
def a_tunnel_a_tenth_too_low_over_a_tunnel(made):
    return nearer(made, "tunnel over", 0.1)


@way("flood_level")
def a_bed_a_tenth_too_low_over_a_stream(made):
    return nearer(made, "culvert", 0.1)


@way("flood_level")
def a_bridge_a_tenth_too_low_over_a_stream(made):
    return nearer(made, "stream", 0.1)


def nearer(made, name, rise):
    """Lift or sink what is met at a place."""
    place = made.places[name]
    half = place.line["half_m"] / np.sin(np.radians(70))
    middle = (place.begin + place.end) / 2
    return within(made.lined(name, z=place.line["z"] + rise), middle - half, middle + half)


@way("flood_level")
def a_bed_a_tenth_too_low_beside_a_lake(made):
    return within(made.placed("shore", flood=-0.1), *made.places["shore"][:2])


@way("flood_level")
def a_bridge_a_tenth_too_low_over_a_lake(made):
    return within(made.placed("lake", flood=-0.1), *made.places["lake"][:2])
