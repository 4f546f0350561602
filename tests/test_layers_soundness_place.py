"""Things that lie far off, in another township, or in a CRS that stretches them are named."""

from dataclasses import replace

import pytest
from pyproj import CRS
from shapely import LineString, box

from geo.crs import transformer
from geo.errors import CrsError
from layers import soundness, twin
from layers.__main__ import main
from layers.catalog import CATALOG
from layers.places import nowhere
from layers.source import Quality
from layers.twin.place import xy
from tests.spoiled_county import columns, moved, spoiled, told


@pytest.mark.parametrize(("east", "doubted"), [(19_900, False), (30_000, True)])
def test_things_far_from_the_county_are_named(east, doubted):
    # the brook runs 1,500 m from the western border: 4,500 m to the eastern one
    found = told(spoiled(rivers=moved("brook", 4500 + east)))
    assert set(found) == ({"rivers.far"} if doubted else set())
    if doubted:
        one = found["rivers.far"]
        assert (one.standing, one.places[0].id) == ("doubtful", "brook")
        assert one.found.en == "1 of them, at most 30 km off"


def test_an_enclave_may_lie_farther_but_not_anywhere():
    def enclave(east):
        plots = columns(geometry=lambda frame: frame.translate(east))
        return spoiled(lijing_park=moved("lijing", east), industrial_plots=plots)

    assert told(enclave(190_000)) == {}
    assert set(told(enclave(295_000))) == {"lijing_park.far", "industrial_plots.far"}
    alone = spoiled(lijing_park=moved("lijing", 190_000))  # its plots stay behind
    assert set(told(alone)) == {"industrial_plots.off_others"}


def test_a_vertex_that_is_lost_is_named():
    def change(frame):
        frame.loc["north", "geometry"] = LineString([xy(1500, 1200), xy(1500, 1800), (0, 0)])
        return frame

    found = told(spoiled(roads=change))
    assert found["roads.reaching_far"].places[0].id == "north"


def test_seats_that_changed_places_are_named():
    def change(frame):
        shapes = frame.geometry.to_numpy()[[3, 1, 2, 0]]
        return frame.set_geometry(shapes, crs=frame.crs)

    one = told(spoiled(seats=change))["seats.out_of_township"]
    assert [spot.id for spot in one.places] == ["001", "004"]
    assert one.found.en.startswith("2 of 4, at most ")


@pytest.mark.parametrize(("quality", "doubted"), [("modelled", False), ("official", True)])
def test_how_far_out_depends_on_the_quality_of_borders(quality, doubted):
    # s42 stands 3600 m from the west, 600 m from township 003
    county = spoiled(settlements=lambda f: f.assign(township=[*f["township"][:-1], "003"]))
    towns = replace(county.sources["townships"], quality=Quality(quality))
    county = replace(county, sources={**county.sources, "townships": towns})
    found = told(county)
    assert set(found) == ({"settlements.out_of_township"} if doubted else set())


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3395", "EPSG:4087", "EPSG:4490"])
def test_a_county_in_a_crs_of_the_world_is_refused(crs, capsys, tmp_path):
    with pytest.raises(CrsError):
        replace(twin.county(), crs=CRS(crs))
    words = ["new", str(tmp_path / "x"), "--id", "x", "--name", "某县", "--crs", crs]
    assert main([*words, "--lang", "en"]) == 2
    assert "remedy: --crs EPSG:4549" in capsys.readouterr().err
    twin.write(tmp_path / "twin")
    head = tmp_path / "twin" / "county.toml"
    head.write_text(head.read_text(encoding="utf-8").replace("EPSG:4549", crs), encoding="utf-8")
    assert main(["check", str(tmp_path / "twin"), "--lang", "en"]) != 0
    assert "Gauss-Krueger" in capsys.readouterr().err


ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80"
CONIC = "+proj=lcc +lat_1=50 +lat_2=60 +lon_0=105 +ellps=GRS80"


@pytest.mark.parametrize(
    ("crs", "standing"),
    [("EPSG:4549", None), ("EPSG:32651", None), (ALBERS, "doubtful"), (CONIC, "error")],
)
def test_a_crs_that_stretches_the_county_is_told(crs, standing):
    place = replace(twin.county(), crs=CRS(crs))
    found = [one for one in soundness.findings(place, ["outline"]) if one.id == "crs_scale"]
    assert [one.standing for one in found] == ([standing] if standing else [])


@pytest.mark.parametrize(
    ("code", "words"),
    [(4548, "EPSG:4548"), (4550, "EPSG:4550"), (4527, "zone prefix are mixed")],
)
def test_a_layer_of_another_zone_is_told_its_own(code, words):
    county = box(424_000, 3_060_000, 497_000, 3_118_000)
    there = transformer(4549, code)
    extent = box(*there.transform(430_000, 3_070_000), *there.transform(490_000, 3_110_000))
    [problem] = nowhere(extent, CATALOG["roads"], CRS(4549), county)
    assert words in problem.remedy.en


def test_axes_that_were_turned_are_told():
    county = box(424_000, 3_060_000, 497_000, 3_118_000)
    turned = box(3_070_000, 430_000, 3_110_000, 490_000)
    [problem] = nowhere(turned, CATALOG["roads"], CRS(4549), county)
    assert problem.remedy.en == "x and y are turned: turn them and import again"
    [problem] = nowhere(box(0, 0, 1, 1), CATALOG["roads"], CRS(4549), county)
    assert problem.remedy.en == "check the CRS and the order of coordinates"
