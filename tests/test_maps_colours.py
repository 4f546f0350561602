"""Colours told apart by every reader: CIEDE2000, three deficiencies, contrast; looks of all classes."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, xyz2lab

from geo.words import alike
from maps import apart, colours, landuse, style
from scenarios.result import Category, Layer

# Sharma, Wu, Dalal (2005), table 1: two colours as L*, a*, b*, and their difference.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
ROWS = [[float(v) for v in line.split()] for line in SHARMA.split("\n") if line]


def test_differences_are_the_published_ones():
    assert len(ROWS) == 34
    for row in ROWS:
        one, other, wanted = tuple(row[:3]), tuple(row[3:6]), row[6]
        assert colours.difference(one, other) == pytest.approx(wanted, abs=5e-5)
        assert colours.difference(other, one) == pytest.approx(wanted, abs=5e-5)


def test_differences_are_those_of_another_hand():
    lab = np.random.default_rng(5).uniform((0, -110, -110), (100, 110, 110), (2, 3000, 3))
    ours = [colours.difference(tuple(a), tuple(b)) for a, b in zip(*lab, strict=True)]
    assert ours == pytest.approx(deltaE_ciede2000(lab[0], lab[1]), abs=1e-9)


@pytest.mark.parametrize("kind", colours.DEFICIENCIES)
def test_white_and_greys_stay_what_they_are(kind):
    for share in (0.0, 0.2, 1.0):
        grey = colours.times(colours.DEFICIENCIES[kind], (share, share, share))
        assert grey == pytest.approx((share, share, share), abs=2e-6)


def seen(colour, kind):
    """Give a colour as a reader sees it, by the libraries of another hand."""
    light = np.clip(np.array(colours.DEFICIENCIES[kind]) @ np.array(colours.linear(colour)), 0, 1)
    return xyz2lab(np.array(colours.TO_XYZ) @ light)


def told_apart(one, other, floor):
    """Say whether two looks differ by a mark or, to each of three readers, by 10 at least."""
    name, marks = apart.MARKS[floor]
    if (one.get(name) or marks[0]) != (other.get(name) or marks[0]):
        return True
    names = ["stroke"] if floor == "path" else ["fill"]
    edges = one.get("weight", 0) >= apart.EDGE <= other.get("weight", 0)
    names += ["stroke"] if edges else []
    names += ["casing"] if floor == "path" and one.get("casing") and other.get("casing") else []
    pairs = []
    for part in names:
        share = [look.get("fillOpacity", 1) if part == "fill" else 1 for look in (one, other)]
        pairs.append(
            [colours.over_white(look[part], s) for look, s in zip((one, other), share, strict=True)]
        )
    return any(
        min(float(deltaE_ciede2000(seen(a, kind), seen(b, kind))) for kind in colours.DEFICIENCIES)
        > colours.APART - 0.02
        for a, b in pairs
    )


def layer_of(codes, meaning, value="kind"):
    named = {code: name for code, (name, _) in landuse.SURVEY.items()}
    categories = tuple(Category(code, alike(named.get(code, code))) for code in codes)
    return Layer("one", alike("t"), alike("t"), meaning, None, value, categories=categories)


def looks_of(codes, meaning, value="kind"):
    layer = layer_of(codes, meaning, value)
    plain = [style.category_look(layer, one, k) for k, one in enumerate(layer.categories)]
    return apart.told_apart(plain, meaning)


SURVEY = [code for code in landuse.ORDER if len(code) == 4]
LISTS = {
    "survey": (SURVEY, "category"),
    "classes": (list(landuse.CLASSES), "category"),
    "town": (list(landuse.TOWN), "category"),
    "plots": (list(landuse.PLOTS), "category"),
    "changes": (list(landuse.CHANGES), "category"),
    "hazards": (list(landuse.HAZARDS), "category"),
    "claimed": (list(landuse.CLAIMED), "category"),
    "verdicts": (list(style.VERDICTS), "category"),
    "taken": (list(style.TAKEN), "category"),
    "kinds": ([f"kind_{k}" for k in range(len(style.KINDS))], "category"),
    "roads": (list(style.ROADS)[:6], "path"),
    "parts": (["bridge", "tunnel"], "path"),
    "ways": ([f"way_{k}" for k in range(6)], "path"),
    "road verdicts": (list(style.VERDICTS), "path"),
    "places": (list(style.PLACES), "place"),
}


@pytest.mark.parametrize("name", LISTS)
def test_classes_of_one_layer_are_told_apart_by_every_reader(name):
    codes, meaning = LISTS[name]
    looks = looks_of(codes, meaning, "alternative" if name == "ways" else "kind")
    floor = apart.floor_of(meaning)
    alike_ = [
        (codes[i], codes[j])
        for i, j in itertools.combinations(range(len(codes)), 2)
        if not told_apart(looks[i], looks[j], floor)
    ]
    assert alike_ == []


def test_two_greens_without_a_mark_are_not_told_apart():
    assert not told_apart({"fill": "#68B167"}, {"fill": "#64B968"}, "area")


def test_prescribed_colours_stay_as_they_are():
    layer = layer_of(SURVEY, "category")
    for one, look in zip(layer.categories, looks_of(SURVEY, "category"), strict=True):
        assert look["fill"] == style.hexed(landuse.surveyed(one.code))


def test_a_class_is_hatched_alike_beside_whatever_classes_it_stands():
    few = dict(
        zip(["0201", "0202", "0702"], looks_of(["0201", "0202", "0702"], "category"), strict=True)
    )
    all_ = dict(zip(SURVEY, looks_of(SURVEY, "category"), strict=True))
    assert {code: look.get("hatch") for code, look in few.items()} == {
        code: all_[code].get("hatch") for code in few
    }


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_classes_of_an_amount_are_told_apart_by_every_reader(count):
    layer = SimpleNamespace(meaning="amount", better="")
    fills = [{"fill": one} for one in style.class_colours(layer, range(count - 1))]
    assert all(told_apart(a, b, "area") for a, b in itertools.combinations(fills, 2))


@pytest.mark.parametrize("better", ["lower", "higher", ""])
@pytest.mark.parametrize("breaks", [(-20.0, -10.0, -5.0, -1.0, 1.0, 5.0), (-1.0, 1.0)])
def test_classes_of_a_change_are_told_apart_by_every_reader(better, breaks):
    layer = SimpleNamespace(meaning="change", better=better)
    fills = [{"fill": one} for one in style.class_colours(layer, breaks)]
    assert all(told_apart(a, b, "area") for a, b in itertools.combinations(fills, 2))


def test_water_and_roads_are_seen_on_every_colour_of_the_ramps():
    grounds = [style.ramp(style.AMOUNT, k / 5) for k in range(6)] + [*style.BETTER, *style.WORSE]
    for look in (style.WATER, *style.ROADS.values()):
        for ground in grounds:
            parts = (look["stroke"], look.get("casing", look["stroke"]))
            assert max(colours.least_difference(part, ground) for part in parts) > colours.APART


def test_settlements_of_the_lowest_class_are_seen_on_white():
    look = style.amount_look(style.AMOUNT[0], SimpleNamespace(meaning="place"), lines=False)
    assert colours.contrast(look["stroke"], "#FFFFFF") > 4.5


def test_hazards_have_colours_that_no_zone_has():
    zones = {style.hexed(one) for one in landuse.ZONES.values()}
    hazards = [style.hexed(one) for one in landuse.HAZARDS.values()]
    assert not zones & {*hazards}
    assert len({*landuse.HATCHED.values()}) == len(landuse.HAZARDS)
