"""What is wrong in the content of a county is named; a county that is right hears nothing."""

import numpy as np
import pytest
from shapely import Polygon, box
from shapely.affinity import translate

from geo.errors import SchemaError
from layers import soundness, twin
from layers.__main__ import main
from layers.county import load, save
from layers.soundness.finding import MOST_PLACES, Finding, Spot
from layers.soundness.report import total
from tests.spoiled_county import columns, copied, moved, spoiled, told


def test_the_twin_is_sound():
    assert told(twin.county()) == {}


def test_an_inspection_is_made_once_for_a_county(monkeypatch):
    calls = []
    one = soundness.Inspection("parcels", lambda county: calls.append(county) or ())
    monkeypatch.setattr(soundness, "SUBJECTS", (type("Subject", (), {"INSPECTIONS": (one,)}),))
    first, second = twin.county(), twin.county()
    for county in (first, first, second):
        soundness.findings(county)
    assert calls == [first, second]


def test_what_is_not_wanted_or_not_there_is_not_asked(monkeypatch):
    calls = []
    asked = soundness.Inspection("parcels", lambda _: calls.append("alone") or ())
    beside = soundness.Inspection("parcels", lambda _: calls.append("beside") or (), ("nowhere",))
    subject = type("Subject", (), {"INSPECTIONS": (asked, beside)})
    monkeypatch.setattr(soundness, "SUBJECTS", (subject,))
    county = twin.county()
    soundness.findings(county, ["roads"])
    assert calls == []
    soundness.findings(county, ["parcels"])
    assert calls == ["alone"]
    assert soundness.read_for(county, ["parcels", "roads"]) == ("parcels",)


AREAS = ("TBMJ", "KCMJ", "TBDLMJ")


@pytest.mark.parametrize(("factor", "unit"), [(1 / (2000 / 3), "mu"), (1e-4, "ha"), (1e-6, "km²")])
def test_areas_of_parcels_in_another_unit_are_an_error_and_the_unit_is_told(factor, unit):
    # 6 ha = 90 mu each: 60000 m² x 1.5 / 1000
    change = {name: lambda frame, name=name: frame[name] * factor for name in AREAS}
    [one] = told(spoiled(parcels=columns(**change))).values()
    assert (one.layer, one.id, one.standing) == ("parcels", "areas_unit", "error")
    assert one.found.en.endswith(f"it is in {unit}") or f"it is in {unit} (" in one.found.en
    assert f"{1 / factor:.10g}" in one.remedy.en
    assert (one.count, len(one.places)) == (240, MOST_PLACES)


def test_single_areas_that_differ_are_doubtful_and_named():
    def change(frame):
        frame.loc[["p0401", "p0402"], ["TBMJ", "TBDLMJ"]] = 90.0  # in mu
        frame.loc["p0403", ["TBMJ", "TBDLMJ"]] = 60_300.0  # 0.5 %: within the tolerance
        return frame

    [one] = told(spoiled(parcels=change)).values()
    assert (one.id, one.standing, one.count) == ("areas_declared", "doubtful", 2)
    assert [spot.id for spot in one.places] == ["p0401", "p0402"]
    # 2 x 90 m² told, 2 x 60000 m² drawn (a millionth less on the ellipsoid)
    assert "2 of 240 rows; declared 180.00 m², by the shapes 119,99" in one.found.en
    assert "-99.8 %" in one.found.en


def test_a_part_larger_than_the_whole_is_an_error():
    def change(frame):
        frame = frame.drop(columns=["KCMJ", "KCXS"])
        frame.loc["p0101", "TBDLMJ"] = 60_000.02
        return frame

    [one] = told(spoiled(parcels=change)).values()
    assert (one.id, one.standing, one.places[0].id) == ("areas_parts", "error", "p0101")


@pytest.mark.parametrize(("factor", "unit"), [(100, "ha"), (1e6, "m²"), (1500, "mu")])
def test_townships_in_another_unit_are_an_error(factor, unit):
    # 7.2 km² = 720 ha = 10,800 mu
    found = told(spoiled(townships=columns(area_km2=lambda frame: frame["area_km2"] * factor)))
    assert set(found) == {"townships.areas_unit"}
    assert f"it is in {unit}" in found["townships.areas_unit"].found.en


@pytest.mark.parametrize(
    ("area", "doubted"), [(8.2, False), (6.2, False), (8.4, True), (6.0, True)]
)
def test_a_township_may_differ_by_fifteen_percent(area, doubted):
    # 7.2 x 1.15 = 8.28, 7.2 x 0.85 = 6.12
    def change(frame):
        frame.loc["002", "area_km2"] = area
        return frame

    found = told(spoiled(townships=change))
    assert set(found) == ({"townships.areas_declared"} if doubted else set())


def test_unknown_areas_are_no_finding():
    assert told(spoiled(townships=columns(area_km2=np.nan))) == {}
    assert told(spoiled(townships=lambda frame: frame.drop(columns="area_km2"))) == {}


def test_a_lake_within_the_county_is_as_large_as_it_says():
    found = told(spoiled(lake=columns(area_km2=0.4)))  # 0.32 drawn
    assert found["lake.areas_declared"].standing == "doubtful"
    assert set(told(spoiled(lake=columns(area_km2=32.0)))) == {"lake.areas_unit"}


def test_a_lake_that_goes_on_beyond_the_border_may_be_larger():
    def change(frame):  # 200 m further east it touches the border
        return frame.set_geometry(frame.translate(200))

    larger = columns(area_km2=0.5)
    assert told(spoiled(lake=lambda frame: larger(change(frame)))) == {}
    smaller = columns(area_km2=0.2)
    assert set(told(spoiled(lake=lambda frame: smaller(change(frame))))) == {"lake.areas_declared"}


def test_parcels_over_each_other_are_an_error():
    # 10 m east over its neighbour, 200 m high; as much is bare behind it
    found = told(spoiled(parcels=moved("p0401", 10)))
    one = found["parcels.overlaps"]
    assert (one.standing, one.count, one.places[0].id) == ("error", 1, "p0401/p0402")
    assert "1 overlaps, 2,000.00 m² in all (0.0139 %)" in one.found.en  # of 240 x 6 ha
    assert set(found) == {"parcels.overlaps"}  # 0.2 ha of 720 ha is no part of a pilot missed
    x, y = one.places[0].x - 480_000, one.places[0].y - 3_096_000
    assert 600 < x < 610  # p0401 ends at 600 m
    assert 1400 < y < 1600


@pytest.mark.parametrize(("east", "standing"), [(0.01, "doubtful"), (0.06, "error")])
def test_a_sliver_of_parcels_is_doubtful(east, standing):
    # 200 m x 0.01 = 2 m², x 0.06 = 12 m²
    assert told(spoiled(parcels=moved("p0401", east)))["parcels.overlaps"].standing == standing


def test_a_parcel_that_is_there_twice_is_told_as_such_and_not_as_an_overlap():
    found = told(spoiled(parcels=copied("p0401", "p0401a")))
    assert set(found) == {"parcels.doubled"}
    one = found["parcels.doubled"]
    assert (one.standing, one.count) == ("error", 1)
    assert "1 of them, 60,000 m² too many" in one.found.en

    def turned(frame):  # the same ring from another vertex, the other way round
        frame = copied("p0401", "p0401a")(frame)
        ring = frame.geometry["p0401"].exterior.coords[::-1]
        frame.loc["p0401a", "geometry"] = Polygon([*ring[2:], *ring[1:3]])
        return frame

    assert set(told(spoiled(parcels=turned))) == {"parcels.doubled"}


@pytest.mark.parametrize(
    "layer", ["townships", "pilots", "park", "forest", "basic_farmland", "redline", "source_water"]
)
def test_shapes_of_other_layers_that_are_there_twice_are_doubtful(layer):
    first = twin.county().vector(layer).index[0]
    one = told(spoiled(**{layer: copied(first, "999")}))[f"{layer}.doubled"]
    assert (one.standing, one.places[0].id) == ("doubtful", max("999", first))


def test_land_that_no_parcel_covers_is_missed_in_a_pilot():
    # 10 of 120 parcels of the pilot 003: 60 ha, 8.33 %
    def change(frame):
        return frame.drop([f"p01{n:02d}" for n in range(10)])

    [one] = told(spoiled(parcels=change)).values()
    assert (one.id, one.standing) == ("pilots_covered", "doubtful")
    assert one.found.en == "003: 60.0 ha missing (8.33 %)"
    west, north = one.places[0].x - 480_000, one.places[0].y - 3_096_000
    assert 0 < west < 3000
    assert 2000 < north < 2200


def test_a_township_that_is_missing_leaves_a_part_of_the_county():
    found = told(spoiled(townships=lambda frame: frame.drop("004")))
    one = found["townships.county_covered"]
    assert "7.20 km² of the county in no township (25 % of it)" in one.found.en


def test_a_township_shifted_overlaps_and_leaves_a_gap():
    found = told(spoiled(townships=moved("004", 0, 100)))
    # 3000 x 100 m over the one in the north, as much bare in the south: 1 % of the county, and no
    # part of it 1 km broad
    assert set(found) == {"townships.overlaps", *(set(found) & {"townships.county_covered"})}
    assert "300,000.00 m²" in found["townships.overlaps"].found.en
    found = told(spoiled(townships=moved("004", 200)))
    assert "0.48 km² of townships outside" in found["townships.beyond_county"].found.en


def test_a_hole_between_townships_is_told():
    def change(frame):
        hole = translate(box(2900, 2300, 3100, 2500), 480_000, 3_096_000)
        return frame.set_geometry(frame.difference(hole))

    one = told(spoiled(townships=change))["townships.holes"]
    assert one.found.en == "1 gaps, 4.0 ha in all"  # 200 x 200 m


def test_errors_are_refused_all_at_once():
    county = spoiled(
        townships=columns(area_km2=lambda frame: frame["area_km2"] * 100),
        lake=columns(area_km2=lambda frame: frame["area_km2"] * 100),
    )
    soundness.require(county, ["parcels", "roads"])
    with pytest.raises(SchemaError) as caught:
        soundness.require(county, ["lake", "townships"])
    assert [(one.layer, one.field) for one in caught.value.problems] == [
        ("townships", "areas_unit"),
        ("lake", "areas_unit"),
    ]
    assert "公布面积" in caught.value.said("zh")


def said(capsys, *words):
    code = main([str(word) for word in words])
    return code, capsys.readouterr().out


def test_check_tells_findings_by_layer_and_leaves_by_three_on_an_error(capsys, tmp_path):
    def change(frame):
        frame.loc["002", "area_km2"] = 9.0
        return frame

    save(spoiled(townships=change), tmp_path / "doubtful")
    code, out = said(capsys, "check", tmp_path / "doubtful")
    assert code == 0
    assert f"{len(twin.county().names)} layers; 0 errors, 1 doubtful" in out
    assert "townships · townships\n  ? areas_declared (doubtful): The published area" in out
    assert "places: 002" in out
    assert "expected: within 15 %" in out
    save(spoiled(lake=columns(area_km2=32.0)), tmp_path / "wrong")
    code, out = said(capsys, "check", tmp_path / "wrong", "--lang", "zh")
    assert code == 3
    assert "✕ areas_unit（错误）：面积（area_km2）的单位有误" in out
    assert "处理：将 area_km2 乘以 0.01 换算为 km² 后重新导入" in out


def test_an_import_tells_the_findings_of_its_layer(capsys, tmp_path):
    twin.write(tmp_path / "twin")
    county = load(tmp_path / "twin")
    parcels = county.vector("parcels").reset_index()
    parcels[[*AREAS]] /= 1e4
    parcels.to_file(tmp_path / "parcels.gpkg", layer="parcels")
    code, out = said(
        capsys, "import", tmp_path / "twin", tmp_path / "parcels.gpkg", "--as", "parcels"
    )
    assert code == 0
    assert "areas_unit (error)" in out


def test_places_are_counted_and_the_first_are_named():
    spots = tuple(Spot(f"p{n}") for n in range(7))
    words = dict.fromkeys(("title", "found", "expected", "remedy"), total([]))
    one = Finding("x", "parcels", "error", **words, places=spots, count=12)
    assert one.problem.row.en == "p0, p1, p2, p3, p4, 7 more"
