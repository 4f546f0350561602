"""Roads as other programs are given them: DXF read by GDAL, LandXML set out again by its numbers."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from lxml import etree

from maps.handoff import dxf, landxml
from maps.handoff.roads import roads
from tests.made_up import alignment, hostile, pages

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "landxml_part.xsd"))
SPACE = {"x": landxml.SPACE}


@pytest.fixture(scope="module")
def run():
    return alignment.run()


@pytest.fixture(scope="module")
def document(run):
    (file,) = landxml.files(run)
    return etree.fromstring(file.content)


@pytest.fixture(scope="module")
def drawn(run, tmp_path_factory):
    return opened(run, tmp_path_factory.mktemp("dxf"))


def opened(run, folder):
    """Give what GDAL reads of the drawing of a run."""
    (file,) = dxf.files(run)
    path = folder / "road.dxf"
    path.write_bytes(file.content)
    return pyogrio.read_dataframe(path)


def numbers(element):
    return np.array([float(one) for one in element.text.split()])


def test_the_document_follows_the_standard(document):
    SCHEMA.assertValid(document)
    assert document.find("x:CoordinateSystem", SPACE).get("epsgCode") == "4549"
    broken = etree.fromstring(etree.tostring(document))
    del broken.find(".//x:Spiral", SPACE).attrib["spiType"]
    assert not SCHEMA.validate(broken)


def test_elements_follow_each_other_and_sum_to_the_length(run, document):
    for road, kept in zip(roads(run), document.iterfind(".//x:Alignment", SPACE), strict=True):
        parts = list(kept.find("x:CoordGeom", SPACE))
        lengths = [float(one.get("length")) for one in parts]
        whole = alignment.plan(road.code).length_m
        assert sum(lengths) == pytest.approx(whole, abs=1e-4)
        assert float(kept.get("length")) == pytest.approx(whole, abs=1e-4)
        starts = [float(one.get("staStart")) for one in parts]
        assert starts == pytest.approx(np.append(0, np.cumsum(lengths)[:-1]), abs=1e-4)
        for one, following in pairwise(parts):
            end, start = one.find("x:End", SPACE), following.find("x:Start", SPACE)
            assert numbers(end) == pytest.approx(numbers(start), abs=1e-6)
        names = {etree.QName(one).localname for one in parts}
        assert names == ({"Line", "Curve", "Spiral"} if road.code == "A" else {"Line", "Curve"})


def set_out(element, heading):
    """Go along an element by its length and radii alone: many short chords of known turn."""
    length = float(element.get("length"))
    radii = [element.get(name) or element.get("radius") for name in ("radiusStart", "radiusEnd")]
    side = -1 if element.get("rot") == "cw" else 1
    first, last = (side / float(one) if one else 0.0 for one in radii)
    s = (np.arange(4000) + 0.5) * length / 4000
    turned = heading + first * s + (last - first) * s**2 / (2 * length)
    x, y = np.cos(turned).sum() * length / 4000, np.sin(turned).sum() * length / 4000
    return np.array([y, x]), heading + (first + last) / 2 * length


def test_radii_and_lengths_lead_from_start_to_end(run, document):
    # 4,000 chords of an arc of 500 m are 500 / 24 / 4000² × (turn)² ≈ 1 µm short.
    for road, kept in zip(roads(run), document.iterfind(".//x:Alignment", SPACE), strict=True):
        heading = np.radians(90 - road.elements["azimuth_deg"].iloc[0])
        for one in kept.find("x:CoordGeom", SPACE):
            start, end = (numbers(one.find(f"x:{name}", SPACE)) for name in ("Start", "End"))
            way, after = set_out(one, heading)
            assert start + way == pytest.approx(end, abs=5e-4)
            if (centre := one.find("x:Center", SPACE)) is not None:
                away = [np.hypot(*(numbers(centre) - spot)) for spot in (start, end)]
                assert away == pytest.approx([float(one.get("radius"))] * 2, abs=1e-4)
            if (meeting := one.find("x:PI", SPACE)) is not None:
                for spot, angle in ((start, heading), (end, after)):
                    north, east = numbers(meeting) - spot
                    assert abs(east * np.sin(angle) - north * np.cos(angle)) < 1e-4
            heading = after


def test_parabolas_give_the_heights_of_the_profile_to_a_millimetre(run, document):
    for road, kept in zip(roads(run), document.iterfind(".//x:Alignment", SPACE), strict=True):
        points = [
            (*numbers(one), float(one.get("length", 0)))
            for one in kept.find(".//x:ProfAlign", SPACE)
        ]
        s = road.stations["chainage_m"].to_numpy()
        z = np.interp(s, [p[0] for p in points], [p[1] for p in points])
        for before, (at, height, length), after in zip(
            points, points[1:], points[2:], strict=False
        ):
            first = (height - before[1]) / (at - before[0])
            last = (after[1] - height) / (after[0] - at)
            into = s - (at - length / 2)
            inside = (into >= 0) & (into <= length)
            begins = height - first * length / 2
            bent = begins + first * into + (last - first) / (2 * length) * into**2
            z = np.where(inside, bent, z)
        assert np.abs(z - road.stations["design_m"]).max() < 1e-3
        ground = [numbers(one).reshape(-1, 2) for one in kept.iterfind(".//x:PntList2D", SPACE)]
        known = road.stations[["chainage_m", "ground_m"]].dropna().to_numpy()
        assert np.concatenate(ground) == pytest.approx(known, abs=1e-4)
        assert len(ground) == 2  # the ground is not known in between


def test_a_drawing_holds_the_centreline_in_space_and_the_land(run, drawn):
    assert set(drawn["Layer"]) == {
        f"方案{code}-{kind}" for code in "AB" for kind in ("中线", "用地", "桩号")
    }
    for road in roads(run):
        (line,) = drawn.geometry[drawn["Layer"] == f"方案{road.code}-中线"]
        assert line.has_z
        assert line.length == pytest.approx(road.line.length, abs=0.05)
        assert shapely.get_coordinates(line, include_z=True) == pytest.approx(
            shapely.get_coordinates(road.line, include_z=True), abs=1e-4
        )
        rings = [
            shapely.Polygon(one.coords)
            for one in drawn.geometry[drawn["Layer"] == f"方案{road.code}-用地"]
        ]
        whole, *holes = sorted(rings, key=shapely.area, reverse=True)
        area = whole.area - sum(one.area for one in holes)
        assert area == pytest.approx(sum(one.area for one in road.land), rel=1e-6)
        assert len(holes) == sum(len(one.interiors) for one in road.land)


def test_stations_stand_beside_the_road(run, drawn):
    for road in roads(run):
        texts = drawn[(drawn["Layer"] == f"方案{road.code}-桩号") & drawn["Text"].notna()]
        assert texts["Text"].iloc[:3].tolist() == ["K0+000", "K0+100", "K0+200"]
        assert len(texts) == int(alignment.plan(road.code).length_m / 100) + 2
        spot = shapely.line_interpolate_point(shapely.force_2d(road.line), 200)
        assert texts.geometry.iloc[2].distance(spot) < 7
        assert (texts.geometry.distance(road.line) > 5).all()


def test_the_same_bytes_again_and_nothing_for_a_run_without_roads(run):
    assert [f.content for f in dxf.files(run)] == [f.content for f in dxf.files(alignment.run())]
    assert [f.content for f in landxml.files(run)] == [
        f.content for f in landxml.files(alignment.run())
    ]
    assert not list(dxf.files(pages.run()))
    assert not list(landxml.files(pages.run()))
    untold = replace(run, result=replace(run.result, tables=run.result.tables[:1]))
    assert not list(landxml.files(untold))
    assert list(dxf.files(untold))


def test_names_that_are_alike_and_hostile_words_break_nothing(run, tmp_path):
    words = hostile.hostile_words()
    cases = [
        ("同名", "同名"),
        ("甲\r\n  0\r\nEOF", '<乙 "&">'),
        ("", "*?|"),
        (next(words), next(words)),
    ]
    for names in cases:
        named = alignment.run(names)
        kept = etree.fromstring(next(iter(landxml.files(named))).content)
        SCHEMA.assertValid(kept)
        told = [one.get("name") for one in kept.iterfind(".//x:Alignment", SPACE)]
        assert len(set(told)) == 2
        drawing = opened(named, tmp_path)
        assert drawing["Layer"].nunique() == 6
        assert len(drawing) == len(opened(run, tmp_path))
        assert not any(set('<>/\\":;?*|=`\r\n') & set(name) for name in drawing["Layer"])


def test_what_a_layer_does_not_declare_is_nowhere(run):
    for writer in (dxf, landxml):
        (file,) = writer.files(run)
        assert b"planted-7191" not in file.content
