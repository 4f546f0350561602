"""What is wrong in the content of a county is named; a county that is right hears nothing."""

import numpy as np
import pytest

from geo.errors import SchemaError
from layers import soundness, twin
from layers.__main__ import main
from layers.county import load, save
from layers.soundness.finding import MOST_PLACES, Finding, Spot
from tests.spoiled_county import spoiled, told


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


def columns(**changes):
    """Give a spoiler: columns that are constants, or functions of the frame."""
    return lambda frame: frame.assign(**changes)


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
    assert "21 layers; 0 errors, 1 doubtful" in out
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
    words = dict.fromkeys(("title", "found", "expected", "remedy"), soundness.report.total([]))
    one = Finding("x", "parcels", "error", **words, places=spots, count=12)
    assert one.problem.row.en == "p0, p1, p2, p3, p4, 7 more"
