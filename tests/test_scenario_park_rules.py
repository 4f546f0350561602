"""Projects before the rules of the park: shapes worked by hand, exceptions, proofs, closing."""

import functools
import math
import tomllib
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import reproject
from geo.errors import InputError, UsageError
from geo.files import read_vector
from geo.words import Text
from layers import twin
from layers.county import layer_file, load
from layers.folder import SHIPPED
from layers.rulebook import rules
from layers.twin.place import area, xy
from layers.zones import area as zone_area
from scenarios import find
from scenarios.answers import avoidance
from scenarios.answers.avoidance import Avoidance
from scenarios.park_rules import terms
from scenarios.park_rules.case import Case, conditions
from scenarios.park_rules.map import claims, tables
from scenarios.park_rules.terms import CONDITIONS, ParkRules
from scenarios.park_rules.verdicts import answer, away, checks, metrics
from scenarios.result import Category, Claim, Layer, Result
from scenarios.running import runs
from scenarios.running.basis import Basis, opened
from scenarios.running.script import read

ACROSS = 3765  # metres north of the hill's top, through the middle of both zones
ALL = dict.fromkeys(("must_be_there", "fits_plan", "approved", "harmless", "by_law"), True)


@functools.cache
def county():
    return twin.county()


def drawn(*shapes, properties=({},)):
    """Shapes measured from the south-west corner, as a GeoJSON file in degrees has them."""
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=twin.CRS_OF_TWIN)
    features = reproject(frame, "EPSG:4326").geometry.map(shapely.geometry.mapping)
    about = [*properties, *[{}] * len(shapes)]
    rows = [
        {"type": "Feature", "properties": one, "geometry": shape}
        for one, shape in zip(about, features, strict=False)
    ]
    return {"type": "FeatureCollection", "features": rows}


def line(*vertices):
    # From the corner as areas are, half a cell before the centres that `xy` counts from.
    return shapely.LineString([xy(east - 15, north - 15) for east, north in vertices])


def order(place=None, bases=(), **asked):
    return runs.Order("park_rules", place or county(), ParkRules(**asked), bases=bases)


def whole(*given, **asked):
    return runs.perform(order(*given, **asked)).result


def run(*given, **asked):
    """What is found but for the map, which takes longer than all of it."""
    known = order(*given, **asked)
    case = Case(known.ground, known.params, terms.shapes(known.ground, known.params))
    said = {"metrics": metrics(case), "checks": checks(case), "answer": answer(case)}
    drawn_up = {"tables": tables(case), "claims": claims(case)}
    return Result(**{name: tuple(one) for name, one in (said | drawn_up).items()})


def table(result, name):
    return next(one for one in result.tables if one.id == name).frame


def check(result, name):
    return next(one for one in result.checks if one.id == name)


def metric(result, name):
    return next(one.value for one in result.metrics if one.id == name)


def sums(result):
    return table(result, "zones").set_index("zone")


def test_a_trail_across_both_zones_by_hand():
    # The park: a core of 600 m in the middle of a general zone of 1,500 m, hill at 3,915 east. From
    # 2,915 to 4,915 east, 2,000 m: 250 outside, 450 general, 600 core, 450 general, 250 outside.
    result = run(project=drawn(line((2915, ACROSS), (4915, ACROSS))))
    length = sums(result)["length_m"]
    assert length.to_dict() == pytest.approx(
        {"core": 600, "general": 900, "outside": 500, "total": 2000}, abs=1e-3
    )
    assert sums(result)["area_ha"].isna().all()  # a line without a width has no hectares
    assert [check(result, f"zone_{zone}").verdict for zone in ("core", "general")] == ["fail"] * 2
    assert (check(result, "project").verdict, check(result, "project").rule) == (
        "fail",
        "park.core",
    )
    wide = run(project=drawn(line((2915, ACROSS), (4915, ACROSS))), width_m=5.0)
    assert sums(wide)["area_ha"]["general"] == pytest.approx(900 * 5 / 1e4, abs=1e-6)


def test_a_visitor_centre_that_straddles_the_border_by_hand():
    # 400 × 300 m = 12 ha from 3,065 east, 100 m of its 400 before the border at 3,165: 3 ha outside,
    # 9 ha in the general zone; the core begins at 3,615. Claimed as eco-tourism (item 6), that it
    # harms nothing is stated, that it is necessary not: unknown; both stated: approval; denied: fail.
    centre = drawn(area(3065, 3600, 3465, 3900), properties=({"name": "游客中心"},))
    result = run(project=centre, exception=6, stated={"harmless": True})
    assert sums(result)["area_ha"].dropna().to_dict() == pytest.approx(
        {"general": 9, "outside": 3, "total": 12}, abs=1e-4
    )
    assert check(result, "zone_general").verdict == "unknown"
    assert "stated.necessary=true" in check(result, "zone_general").remedy.en
    both = run(project=centre, exception=6, stated={"harmless": True, "necessary": True})
    judged = check(both, "zone_general")
    assert (judged.verdict, judged.rule) == ("approval", "park.exception_6")
    assert judged.remedy.zh.startswith("需报批：国家公园管理机构")
    assert any("未核查" in sentence.zh for sentence in both.answer)
    harm = run(project=centre, exception=6, stated={"harmless": False, "necessary": True})
    assert (check(harm, "zone_general").verdict, check(harm, "project").verdict) == ("fail", "fail")
    # The 9 ha in the park are claimed, on land whose class nobody surveyed; outside is not the park's.
    (claim,) = both.claims
    assert (claim.from_, claim.place, claim.rule) == ("unknown", "002", "park.general")
    assert claim.likely == pytest.approx(9, abs=1e-4)


def test_towers_as_points_by_hand():
    # One on the hill, one within the corner of the core, one in the general zone, one outside.
    # Monitoring (item 3) has no condition, but is for the general zone alone.
    places = [(3915, 3765), (3616, 3466), (3215, 3100), (1000, 1000)]
    towers = [shapely.Point(xy(east - 15, north - 15)) for east, north in places]
    result = run(project=drawn(*towers), exception=3)
    parts = table(result, "parts")
    assert parts["zone"].tolist() == ["core", "core", "general", "outside"]
    assert parts["verdict"].tolist() == ["fail", "fail", "approval", "pass"]
    assert [metric(result, f"{zone}_points") for zone in ("core", "general")] == [2, 1]
    outside = run(project=drawn(towers[-1]), exception=3)
    assert check(outside, "project").verdict == "pass"
    # The park's corner nearest to (1000, 1000) is (3165, 3015): √(2165² + 2015²) = 2957.6 m.
    assert metric(outside, "away_m") == pytest.approx(math.hypot(2165, 2015), abs=0.01)


def test_each_exception_is_one_of_nine_with_its_words_and_standing():
    day = date(2025, 1, 1)
    known = [rules(day)[f"park.exception_{number}"] for number in range(1, 10)]
    assert [one.parameters["number"]["value"] for one in known] == [*range(1, 10)]
    assert {one.status for one in known} == {"secondary"}
    assert [one.id for one in known if "core" in one.parameters["zones"]] == ["park.exception_1"]
    assert conditions(known[6]) == ["must_be_there", "unavoidable", "fits_plan"]
    for one in known:
        assert one.approver.zh.startswith("国家公园管理机构")
        assert set(conditions(one)) <= set(CONDITIONS)


@pytest.mark.parametrize("number", range(1, 10))
def test_all_that_is_stated_brings_approval_but_for_what_only_a_proof_or_a_paper_shows(number):
    stated = {**ALL, "necessary": True}
    result = run(project=drawn(area(3165, 3100, 3265, 3200)), exception=number, stated=stated)
    expected = (
        "unknown" if number in {1, 7} else "approval"
    )  # the core's list; the corridor's proof
    assert check(result, "zone_general").verdict == expected
    core = run(project=drawn(area(3815, 3700, 3915, 3800)), exception=number, stated=stated)
    assert check(core, "zone_core").verdict == ("unknown" if number == 1 else "fail")


def test_a_shape_may_claim_an_exception_of_its_own():
    twice = drawn(
        area(3165, 3100, 3265, 3200),
        area(3265, 3100, 3365, 3200),
        properties=({"exception": 3}, {"name_en": "hotel"}),
    )
    parts = table(run(project=twice), "parts")
    assert parts["exception"].tolist() == [3, 0]
    assert parts["verdict"].tolist() == ["approval", "fail"]
    with pytest.raises(InputError, match="no such exception"):
        run(project=drawn(area(0, 0, 9, 9), properties=({"exception": 12},)))


# ---------------------------------------------------------------- the proof of a corridor


@functools.cache
def corridor(state="unavoidable", zones=("park_general",), *, recorded=True):
    """A run of a corridor as it is kept: its road, the land it claims, what it proved."""
    road = line((2915, 3100), (4915, 3100))  # 1,500 m of it in the general zone
    lines = gpd.GeoDataFrame(
        {"alternative": ["A"]}, geometry=[road], index=["road_A"], crs=twin.CRS_OF_TWIN
    )
    land = lines.set_geometry(lines.buffer(5, cap_style="flat"))
    title = Text("方案A", "Alternative A")
    layers = tuple(
        Layer(
            name,
            title,
            title,
            meaning,
            frame,
            value="alternative",
            sources=("dem",),
            categories=(Category("A", title),),
        )
        for name, meaning, frame in (
            ("alternatives", "path", lines),
            ("footprint", "category", land),
        )
    )
    proof = avoidance.table(Avoidance(zones, state, 20.0, 3e7, 5e7))
    land_claim = Claim("land", 2.0, 2.0, 2.0, layer="footprint")
    asked = find("corridor").params(points=("seats:001", "seats:002"))
    found = Result(layers, (proof,) if recorded else (), claims=(land_claim,))
    return Basis(runs.made(runs.Order("corridor", county(), asked), found), "")


def proven(base, **asked):
    stated = {"must_be_there": True, "fits_plan": True}
    about = {"exception": 7, "stated": stated, "run": base.run.key, **asked}
    return run(bases=(base,), **about)


def test_the_road_of_a_run_is_the_project_and_its_proof_the_ground_of_item_seven():
    # 2,000 m of road, 10 m wide: 1,500 m and 1.5 ha in the general zone, 500 m and 0.5 ha outside.
    result = proven(corridor())
    found = sums(result)
    assert found["length_m"].dropna().to_dict() == pytest.approx(
        {"general": 1500, "outside": 500, "total": 2000}, abs=1e-3
    )
    assert found["area_ha"].dropna().to_dict() == pytest.approx(
        {"general": 1.5, "outside": 0.5, "total": 2.0}, abs=1e-4
    )
    assert check(result, "exception_7_unavoidable").verdict == "pass"
    # The corridor keeps out of water by default: a limit that the proof tells.
    assert "keeping out of water" in check(result, "exception_7_unavoidable").found.en
    # What is stated is no finding: it stands in the answer and the table, and passes nothing.
    assert [one.id for one in result.checks if one.id.startswith("exception")] == [
        "exception_7_unavoidable"
    ]
    states = table(result, "conditions").set_index("condition")
    assert states["state"].tolist() == ["yes"] * 3
    assert states["ground_en"]["fits_plan"] == "stated by the planner, not checked"
    assert 2 <= len(result.answer) <= 5
    assert (check(result, "project").verdict, check(result, "project").rule) == (
        "approval",
        "park.exception_7",
    )
    assert result.claims == ()  # the run itself claims its land


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("unavoidable", "approval"),
        ("within", "approval"),
        ("avoided", "fail"),
        ("clear", "fail"),
        ("undesigned", "unknown"),
        ("unproven", "unknown"),
        ("unmapped", "unknown"),
    ],
)
def test_what_a_run_found_decides_and_what_it_did_not_find_is_not_known(state, verdict):
    assert check(proven(corridor(state)), "project").verdict == verdict


@pytest.mark.parametrize(
    "base",
    [
        pytest.param(lambda: corridor(recorded=False), id="nothing was searched"),
        pytest.param(lambda: corridor(zones=("redline",)), id="another zone"),
        pytest.param(lambda: corridor(zones=("park_core",)), id="the core alone"),
        pytest.param(lambda: corridor(zones=("park_general", "redline")), id="together"),
    ],
)
def test_a_run_that_searched_something_else_proves_nothing_and_what_would_is_said(base):
    result = proven(base())
    assert check(result, "exception_7_unavoidable").verdict == "unknown"
    assert "last_resort=park_general" in check(result, "exception_7_unavoidable").remedy.en
    assert check(result, "project").verdict == "unknown"


def test_a_run_proves_for_a_project_that_joins_the_same_places_alone():
    # Within 200 m of both ends of the road it counts, 300 m off one of them it does not.
    near = drawn(line((2915, 3250), (4915, 3250)))
    far = drawn(line((2915, 3100), (4615, 3100)))
    assert check(proven(corridor(), project=near), "project").verdict == "approval"
    other = proven(corridor(), project=far)
    assert check(other, "project").verdict == "unknown"
    assert "joins other places" in check(other, "exception_7_unavoidable").found.en
    assert table(other, "parts")["shape"].unique().tolist() == ["project_1"]


def test_a_run_without_road_and_land_is_no_project():
    base = corridor()
    bare = replace(
        base.run, result=replace(base.run.result, layers=base.run.result.layers[:0], claims=())
    )
    with pytest.raises(InputError, match="no road and takes no land"):
        run(bases=(Basis(bare, ""),), run=bare.key)


# ---------------------------------------------------------------- what is given, what is missing


def test_rows_of_the_county_and_planned_roads_are_projects():
    # The planned passage of the twin leads from (1500, 1200) to (5100, 2700), south of the park.
    planned = run()
    assert table(planned, "parts")["shape"].tolist() == ["roads:second_passage"]
    assert check(planned, "project").verdict == "pass"
    assert metric(planned, "project_length_m") == pytest.approx(3900)
    town = run(rows=("new_town", "roads:main"))
    assert sums(town)["area_ha"]["outside"] == pytest.approx(36)
    with pytest.raises(InputError, match="such as roads:main"):
        run(rows=("roads:mian",))
    with pytest.raises(InputError, match=r"roads \| new_town"):
        run(rows=("seats:001",))


def without(*layers):
    place = county()
    return replace(place, data={n: one for n, one in place.data.items() if n not in layers})


def test_without_a_project_or_a_planned_road_there_is_nothing_to_judge():
    with pytest.raises(UsageError, match="project=FILE"):
        run(without("roads"))


def test_without_the_park_nothing_is_known_and_the_layer_is_named():
    result = whole(without("park"), project=drawn(area(3815, 3700, 3915, 3800)))
    assert check(result, "project").verdict == "unknown"
    assert "--as park" in check(result, "project").remedy.en
    assert check(result, "missing_park").verdict == "unknown"
    assert table(result, "parts")["zone"].tolist() == ["unknown"]
    assert {one.id for one in result.metrics} == {"project_area_ha"}
    assert 2 <= len(result.answer) <= 5


def test_before_the_rules_nothing_is_known_of_what_lies_inside():
    early = {"project": drawn(area(3815, 3700, 3915, 3800)), "rule_date": date(2022, 5, 31)}
    assert check(whole(**early), "project").verdict == "unknown"
    assert check(whole(**{**early, "rule_date": date(2022, 6, 1)}), "project").verdict == "fail"


BOW_TIE = shapely.Polygon([xy(*one) for one in ((0, 0), (9, 9), (9, 0), (0, 9))])
MIXED = shapely.GeometryCollection([shapely.Point(xy(0, 0))])


@pytest.mark.parametrize(
    ("shape", "words"), [(BOW_TIE, "Self-intersection"), (MIXED, "GeometryCollection")]
)
def test_shapes_that_are_none_are_refused_with_their_place(shape, words):
    with pytest.raises(InputError, match=rf"features\[0\].*{words}"):
        run(project=drawn(shape))


# ---------------------------------------------------------------- laws


EAST, NORTH = st.integers(2800, 5000), st.integers(2700, 4800)
SIZE = st.integers(10, 1800)
BOXES = st.builds(lambda x, y, w, h: area(x, y, x + w, y + h), EAST, NORTH, SIZE, SIZE)
LINES = st.builds(lambda a, b, c, d: line((a, b), (c + 0.5, d)), EAST, NORTH, EAST, NORTH)


@given(st.lists(BOXES | LINES, min_size=1, max_size=4))
@settings(max_examples=12)
def test_parts_close_to_the_whole_within_a_square_metre_and_a_millimetre(shapes):
    asked = ParkRules(project=drawn(*shapes))
    case = Case(county(), asked, terms.shapes(county(), asked))
    whole, parts = case.shapes, case.parts
    for label, part in parts.groupby("shape"):
        shape = whole.geometry[label]
        assert abs(part.area.sum() - shape.area) < 1
        assert shape.area or abs(part.length.sum() - shape.length) < 1e-3
    zones = {zone: zone_area(county(), f"park_{zone}").union_all() for zone in ("core", "general")}
    for row in parts.itertuples():
        inside = {zone: row.geometry.intersection(one) for zone, one in zones.items()}
        flat = row.geometry.area > 0  # a field that touches a zone shares a line with it
        sizes = {zone: one.area if flat else one.length for zone, one in inside.items()}
        if row.zone == "outside":
            assert max(sizes.values()) < 1e-2
        else:
            own = row.geometry.area if flat else row.geometry.length
            assert sizes[row.zone] == pytest.approx(own, abs=1e-2)


# ---------------------------------------------------------------- what is shipped


@pytest.fixture(scope="module")
def park():
    return read_vector(layer_file(SHIPPED / "jingning", "park"), layer="park")


def test_the_shipped_zones_are_as_large_as_published(park):
    sizes = park.set_index("zone").area / 1e6
    assert sizes.round(4).to_dict() == {"core": 22.0, "general": 29.0}


def test_the_shipped_park_avenue_leads_to_a_place_just_outside_of_the_park(park):
    script = tomllib.loads((SHIPPED / "jingning/scripts/park_avenue.toml").read_text("utf-8"))
    lon, lat = map(float, script["params"]["points"][-1].split(","))
    shape = {"type": "Point", "coordinates": [lon, lat]}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    asked = ParkRules(project={"type": "FeatureCollection", "features": [feature]})
    place = without(*(one for one in county().names if one != "park"))
    place = replace(place, data={"park": park.set_index("id")})
    case = Case(place, asked, terms.shapes(place, asked))
    assert case.parts["verdict"].tolist() == ["pass"]
    assert 0 < away(case) < 500


@pytest.mark.prove
def test_the_shipped_park_avenue_keeps_to_the_rules(tmp_path, figures):
    # It is designed to keep off the core, and off the general zone unless that costs a fifth more.
    path = SHIPPED / "jingning/scripts/park_avenue.toml"
    place = load("jingning")
    asked = read(str(path), usual=lambda _: place.defaults)
    avenue = runs.perform(runs.Order("corridor", place, asked.params))
    runs.save(avenue, tmp_path / "avenue")
    base = opened(tmp_path / "avenue")
    result = run(place, bases=(base,), run=base.run.key, exception=7)
    length = sums(result)["length_m"]
    assert length.drop("total").sum() == pytest.approx(length["total"], abs=1e-3)
    assert check(result, "zone_core").verdict == "pass"
    inside = metric(result, "general_length_m")
    figures(f"park avenue: {length['total']:.0f} m, of it {inside:.0f} m in the general zone")
    assert (check(result, "project").verdict == "pass") == (inside == 0)
