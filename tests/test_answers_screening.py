"""Where something may go: a case by hand, laws, and brute force over small cells."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point, box

from geo.errors import CrsError, InputError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from scenarios.answers.criteria import Among, Criterion, Distance, Inside, Limit, Truth
from scenarios.answers.screening import cells, pieces, screen, table

EPSG = 4549


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)


def criterion(name, test, rule=""):
    return Criterion(name, Text(f"条件{name}", f"criterion {name}"), test, rule)


def fields(**columns):
    """Five fields of 100 x 100 m = 1 ha, from west to east."""
    shapes = [box(100 * k, 0, 100 * k + 100, 100) for k in range(5)]
    return frame(shapes).set_axis([*"abcde"]).assign(**columns)


# By hand ------------------------------------------------------------------------------------------


def test_five_fields_by_hand():
    # a zone from x = 450 with a buffer of 60 m begins at 390: 10 m of d lie in it (0.1 ha), all of e
    # slope: a 25 (allowed, closed), b 25.1, c not known, d 3, e 40
    # class: a is water, the others forest
    land = fields(slope_deg=[25, 25.1, np.nan, 3, 40], use=["water", *["forest"] * 4])
    zone = frame([box(450, -50, 600, 150)])
    found = screen(
        land,
        [
            criterion("use", Among("use", ("forest",))),
            criterion("zone", Inside(zone, buffer_m=60), "rule.zone"),
            criterion("steep", Limit("slope_deg", "at most", 25), "rule.steep"),
        ],
    )
    assert found.places["verdict"].tolist() == ["no", "no", "unknown", "no", "no"]
    assert found.places["first"].tolist() == ["use", "steep", "", "zone", "zone"]
    assert found.places["refused"].tolist() == ["use", "steep", "", "zone", "zone;steep"]
    assert found.places["binding"].tolist() == [
        "",
        "rule.steep",
        "",
        "rule.zone",
        "rule.zone;rule.steep",
    ]
    # alone: use a = 1; zone d + e = 2; steep b + e = 2, c not known. In order: 1 + 2 + 1 = 4;
    # 1 is not known, nothing is left: 4 + 1 + 0 = 5
    assert found.losses["refused_ha"].tolist()[:3] == [1, 2, 2]
    assert found.losses["unknown_ha"].tolist()[:3] == [0, 0, 1]
    assert found.losses["first_ha"].tolist() == [1, 2, 1, 1, 0, 5]
    assert found.losses["places"].tolist() == [1, 2, 1, 1, 0, 5]
    assert found.halo_m == 60


@pytest.mark.parametrize(
    ("bound", "refused"),
    [
        ("at most", [0, 0, 1]),
        ("less than", [0, 1, 1]),
        ("at least", [1, 0, 0]),
        ("more than", [1, 1, 0]),
    ],
)
def test_thresholds_are_open_or_closed(bound, refused):
    land = fields(height_m=[1, 2, 3, np.nan, np.nan])
    found = screen(land, [criterion("height", Limit("height_m", bound, 2))])
    assert found.states["height"].tolist()[:3] == refused
    assert found.states["height"].isna().tolist() == [False] * 3 + [True] * 2
    points = frame([Point(x, 0) for x in (1, 2, 3)])
    found = screen(points, [criterion("far", Distance(frame([Point(0, 0)]), bound, 2))])
    assert found.states["far"].tolist() == refused


def test_a_layer_that_is_not_there_is_not_known_and_never_no():
    tests = [Inside(None), Inside(None, only=True), Distance(None, "at most", 5)]
    found = screen(fields(), [criterion(str(k), test) for k, test in enumerate(tests)])
    assert found.states.isna().all(axis=None)
    assert set(found.places["verdict"]) == {"unknown"}
    truth = fields(held=pd.Series([True, False, None], index=[*"abc"]))
    found = screen(truth, [criterion("held", Truth("held"))])
    assert found.places["verdict"].tolist() == ["no", "yes", "unknown", "unknown", "unknown"]


def test_no_shapes_are_no_zone_and_nothing_near():
    none = frame([])
    tests = {
        "zone": Inside(none),
        "own": Inside(none, only=True),
        "near": Distance(none, "at most", 5),
        "far": Distance(none, "at least", 5),
    }
    states = screen(fields(), [criterion(name, test) for name, test in tests.items()]).states
    assert states.iloc[0].to_dict() == {"zone": 0, "own": 1, "near": 1, "far": 0}
    empty = screen(fields().iloc[:0], [criterion("zone", Inside(frame([box(0, 0, 1, 1)])))])
    assert empty.losses["places"].tolist() == [0, 0, 0, 0]
    assert screen(fields(), []).places["verdict"].tolist() == ["yes"] * 5


def test_what_differs_by_a_sliver_binds_nothing():
    # the zone reaches 0.01 m = 1 m² into d, then 0.0101 m
    for reach, refused in ((0.01, 0), (0.0101, 1)):
        zone = frame([box(400 - reach, 0, 700, 100)])
        found = screen(fields(), [criterion("zone", Inside(zone))])
        assert found.states["zone"].tolist() == [0, 0, 0, refused, 1]
        own = frame([box(-10, -10, 400 - reach, 110)])
        found = screen(fields(), [criterion("own", Inside(own, only=True))])
        assert found.states["own"].tolist() == [0, 0, 0, refused, 1]


def test_shapes_beyond_the_extent_are_looked_at_as_far_as_the_widest_buffer():
    # a road 30 m east of the extent, a town 200 m east
    road, town = frame([LineString([(530, -900), (530, 900)])]), frame([box(700, 0, 800, 100)])
    asked = [
        criterion("road", Inside(road, buffer_m=31)),
        criterion("town", Distance(town, "at least", 200)),
    ]
    found = screen(fields(), asked)
    assert found.states["road"].tolist() == [0, 0, 0, 0, 1]
    assert found.states["town"].tolist() == [0, 0, 0, 0, 0]  # 200 m is allowed: closed
    assert screen(fields(), asked[:1]).states["road"].tolist() == [0, 0, 0, 0, 1]
    assert found.halo_m == 200


def test_a_place_without_a_shape_is_not_known_to_criteria_of_shapes():
    land = fields(slope_deg=30.0)
    land.loc["a", "geometry"] = None
    zone = criterion("zone", Inside(frame([box(0, 0, 1000, 100)])))
    found = screen(land, [zone])
    assert found.places["verdict"].tolist() == ["unknown", *["no"] * 4]


def test_the_area_may_be_that_of_a_survey():
    found = screen(
        fields(area_m2=[1.005, 2, 3, 4, 5.5]), [criterion("steep", Limit("area_m2", "at most", 3))]
    )
    # 1.00 (half to even) + 2 + 3 are left, 4 + 5.5 lost
    assert (100 * 100 * found.losses["first_ha"]).round(2).tolist() == [9.5, 0, 6.0, 15.5]


def test_what_makes_no_sense_is_refused_in_both_languages():
    zone = criterion("zone", Inside(frame([box(0, 0, 1, 1)])))
    for asked, words in (
        ([zone, zone], "ids of criteria must be unique"),
        ([criterion("yes", Inside(None))], "ids of criteria must be unique"),
        ([criterion("steep", Limit("slope_deg", "at most", 1))], "slope_deg"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            screen(fields(), asked)
        assert caught.value.said("zh") != caught.value.said("en")
    with pytest.raises(InputError, match="labels of places must be unique"):
        screen(fields().set_axis([*"aabcd"]), [zone])
    with pytest.raises(CrsError):
        screen(
            fields(),
            [
                criterion(
                    "zone", Inside(frame([box(0, 0, 1, 1)]).set_crs(4548, allow_override=True))
                )
            ],
        )


def test_its_table_holds_codes_with_titles():
    found = screen(fields(slope_deg=1.0), [criterion("steep", Limit("slope_deg", "at most", 25))])
    made = table(found, title=Text("去向", "What is lost"))
    titles = {one.code: one.title for one in made.columns[0].categories}
    assert made.frame["criterion"].tolist() == ["steep", "unknown", "yes", "total"]
    assert set(made.frame["criterion"]) == set(titles)
    assert titles["steep"].zh == "条件steep"


# Laws ---------------------------------------------------------------------------------------------

STATES = st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 4), min_size=1, max_size=9)
AREAS = st.lists(st.floats(0, 1e7), min_size=9, max_size=9)


def truths(rows, areas):
    columns = {str(k): pd.Series([row[k] for row in rows], dtype=object) for k in range(4)}
    shapes = [Point(k, 0) for k in range(len(rows))]
    return frame(shapes, area_m2=areas[: len(rows)], **columns)


ASKED = [criterion(str(k), Truth(str(k))) for k in range(4)]


@given(STATES, AREAS, st.permutations(range(4)))
@settings(max_examples=80)
def test_order_changes_no_verdict_and_losses_close(rows, areas, order):
    places = truths(rows, areas)
    one, other = screen(places, ASKED), screen(places, [ASKED[k] for k in order])
    assert one.places["verdict"].equals(other.places["verdict"])
    for found in (one, other):
        losses = found.losses["first_ha"]
        assert abs(losses[:-1].sum() - losses.iloc[-1]) * 1e4 < 0.01
        assert found.losses["places"][:-1].sum() == len(places)
        alone = found.losses["refused_ha"][:4]
        assert (alone >= losses[:4] - 1e-12).all()
    first = one.losses["first_ha"].iloc[-1]
    assert abs(first - sum(areas[: len(rows)]) / 1e4) * 1e4 <= 0.005 * len(rows) + 1e-6 * sum(areas)
    assert [set(row.split(";")) for row in one.places["refused"]] == [
        set(row.split(";")) for row in other.places["refused"]
    ]


@given(STATES, AREAS)
@settings(max_examples=80)
def test_more_criteria_never_admit_more(rows, areas):
    places = truths(rows, areas)
    admitted, open_ = set(places.index), set(places.index)
    for count in range(5):
        said = screen(places, ASKED[:count]).places["verdict"]
        now, still = set(said.index[said == "yes"]), set(said.index[said != "no"])
        assert now <= admitted
        assert still <= open_
        admitted, open_ = now, still


@given(STATES, AREAS)
@settings(max_examples=80)
def test_unknown_only_where_one_cannot_tell_and_none_refuses(rows, areas):
    verdicts = screen(truths(rows, areas), ASKED).places["verdict"]
    wanted = ["no" if True in row else "unknown" if None in row else "yes" for row in rows]
    assert verdicts.tolist() == wanted


# Brute force --------------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_cells_one_by_one(seed):
    random = np.random.default_rng(seed)
    grid = Grid((6, 7), Affine(10, 0, 0, 0, -10, 60), CRS(EPSG))
    heights = Raster(
        np.where(random.random(grid.shape) < 0.2, np.nan, random.integers(0, 9, grid.shape)), grid
    )
    corners = random.uniform(-40, 90, (4, 2))
    zones = frame([box(x, y, x + 17, y + 23) for x, y in corners])
    buffer_m, far = random.uniform(0, 15), random.uniform(5, 40)
    asked = [
        criterion("zone", Inside(zones, buffer_m=buffer_m)),
        criterion("height", Limit("height_m", "less than", 6)),
        criterion("far", Distance(zones, "at most", far)),
    ]
    found = screen(cells(grid, {"height_m": heights}), asked)
    lost = dict.fromkeys(("zone", "height", "far", "unknown", "yes"), 0)
    for row in range(6):
        for column in range(7):
            centre = Point(10 * column + 5, 60 - 10 * row - 5)
            way = min(centre.distance(zone) for zone in zones.geometry)
            height = heights.values[row, column]
            reasons = [way <= buffer_m, height >= 6, way > far]
            refused = [name for name, wrong in zip(lost, reasons, strict=False) if wrong]
            verdict = "no" if refused else "unknown" if np.isnan(height) else "yes"
            said = found.places.loc[f"{row}_{column}"]
            assert (said.verdict, said.refused) == (verdict, ";".join(refused))
            lost[refused[0] if refused else verdict] += 1
    assert found.losses["places"].tolist() == [*lost.values(), 42]
    assert found.losses.loc["total", "first_ha"] == pytest.approx(0.42)


def test_cells_and_rasters_share_a_grid():
    grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(EPSG))
    other = Grid((1, 2), Affine(10, 0, 5, 0, -10, 10), CRS(EPSG))
    with pytest.raises(InputError, match="grid"):
        cells(grid, {"height_m": Raster(np.zeros((1, 2)), other)})


# Contiguous land ----------------------------------------------------------------------------------


def row_of(*slopes):
    """Cells of 10 x 10 m = 0.01 ha in a row; steeper than 25 degrees is refused."""
    grid = Grid((1, len(slopes)), Affine(10, 0, 0, 0, -10, 10), CRS(EPSG))
    land = cells(grid, {"slope_deg": Raster(np.array([slopes], dtype=float), grid)})
    return land, screen(land, [criterion("steep", Limit("slope_deg", "at most", 25))])


def test_a_piece_that_is_large_enough_only_with_what_is_not_known_is_not_known():
    # pieces: a, b (0.02 ha); d, e, f (0.03 ha, e not known: 0.01 + 0.01 known); h (0.01 ha)
    land, found = row_of(1, 2, 30, 3, np.nan, 4, 30, 5)
    held = pieces(found, land, least_ha=0.02)
    assert held.screened.places["verdict"].tolist() == [
        *["yes", "yes", "no"],
        *["unknown"] * 3,
        *["no", "no"],
    ]
    assert held.screened.places["first"].tolist() == ["", "", "steep", "", "", "", "steep", "piece"]
    assert held.number.to_dict() == {"0_0": 1, "0_1": 1, "0_3": 2, "0_4": 2, "0_5": 2}
    losses = held.screened.losses
    assert losses.loc["piece", ["refused_ha", "unknown_ha"]].tolist() == [0.01, 0.03]
    # 0.02 + 0.01 lost in order, 0.03 not known, 0.02 may be taken, 0.08 in all
    assert losses["first_ha"].tolist() == [0.02, 0.01, 0.03, 0.02, 0.08]


@given(st.lists(st.sampled_from([1.0, 30.0, np.nan]), min_size=1, max_size=24), st.integers(0, 5))
def test_pieces_as_runs_of_a_row(slopes, least):
    land, found = row_of(*slopes)
    held = pieces(found, land, least_ha=least / 100)
    runs, run = [], []
    for place, slope in enumerate([*slopes, 30.0]):
        if slope == 30:
            runs.append(run)
            run = []
        else:
            run.append(place)
    kept = [place for one in runs if len(one) >= least for place in one]
    assert [land.index.get_loc(one) for one in held.number.index] == kept
    assert held.number.groupby(held.number).size().ge(least).all()
    whole = held.screened.losses["first_ha"]
    assert whole.iloc[:-1].sum() == pytest.approx(whole.iloc[-1], abs=1e-9)
