"""A county from its outline and a folder of files: made-up open data, all the way to questions."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import jingning
from geo.errors import CrsError, UsageError
from layers.__main__ import main
from layers.county import load
from layers.opendata.county import GIVEN, Wanted, candidates, county
from layers.opendata.recognition import File, files
from layers.opendata.terrain import Corner
from layers.source import Quality, parted
from maps import panel
from scenarios import find
from scenarios.running import runs
from tests.open_rasters import glo30, srtm3, worldcover, worldpop
from tests.osm_files import Drawing, at

PLACE = (119.4, 27.4, 119.7, 27.7)
EXTRACT = Path(__file__).parents[1].parent / "shared" / "oracles" / "osm" / "test.osm.pbf"
SIDE = {"boundary": "administrative", "admin_level": "8"}


def quiet(_):
    return None


def drawing():
    """Two townships, their seats on one road over a bridge, a school, a hospital, a lake."""
    made = Drawing()
    made.area(0, 0, 40, 20, name="甲镇", name_en="A Town", ref="999999101", **SIDE)
    made.area(0, 20, 40, 40, name="乙乡", name_en="B Township", ref="999999201", **SIDE)
    made.point(12, 16, place="town", name="甲", name_en="A")
    made.point(14, 23, place="village", name="乙", name_en="B")
    made.way((-5, 10), (10, 10), (20, 10), highway="primary", ref="S999")
    made.way((20, 10), (22, 12), highway="primary", ref="S999", bridge="yes")
    made.way((22, 12), (30, 20), (30, 30), highway="tertiary")
    made.way((5, 30), (6, 30), highway="path")
    made.way((21, 0), (21, 11.5), (21, 40), waterway="river", name="丙溪")
    made.area(3, 3, 6, 6, natural="water", name="丁湖")
    made.point(11, 11, amenity="hospital", name="戊医院")
    made.point(29, 29, amenity="school", name="己小学")
    made.area(32, 2, 38, 8, boundary="national_park", name="庚公园")
    return made


def hills(rows, columns):
    """Gentle ground, 200 to 260 m."""
    return 230 + 20 * np.sin(rows / 60) + 10 * np.cos(columns / 45)


def people(rows, columns):
    found = np.full(rows.shape, 0.2)
    found[(abs(rows - 228) < 2) & (abs(columns - 132) < 2)] = 30.0  # at (10, 10) of the drawing
    return found


def outline_file(folder, **properties):
    ring = [at(*place) for place in [(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)]]
    feature = {"type": "Feature", "properties": properties}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    path = folder / "outline.geojson"
    content = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder of downloads as planners have them, with what nobody knows among them."""
    folder = tmp_path_factory.mktemp("downloads")
    (folder / "deep").mkdir()
    drawing().write(folder / "deep" / "region.osm")
    glo30(folder, PLACE, hills)
    srtm3(folder, lambda rows, columns: rows // 10 + columns // 10)
    worldpop(folder, PLACE, people)
    worldpop(folder, PLACE, people, name="chn_ppp_2015_UNadj.tif")
    worldcover(folder, PLACE, lambda rows, columns: np.where((rows + columns) % 480 < 160, 40, 10))
    (folder / "notes.txt").write_text("bring these to the office", encoding="utf-8")
    (folder / "broken.tif").write_bytes(b"II*\x00 and no more")
    (folder / ".hidden").write_text("x", encoding="utf-8")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    drawing().write(elsewhere / "other.osm")
    (folder / "linked.osm").symlink_to(elsewhere / "other.osm")
    return folder


@pytest.fixture(scope="module")
def made(kept, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    outline = outline_file(home, adcode=999999, name="辛县")
    return home / "yonder", county(home / "yonder", outline, kept, Wanted(), quiet)


@pytest.fixture(scope="module")
def place(made):
    return load(made[0])


def test_the_zone_follows_the_longitude_and_the_outline_names_the_county(place):
    assert place.crs.to_epsg() == 4549  # 119.52 lies between 118.5 and 121.5
    assert (place.id, place.name.zh, place.name.en) == ("yonder", "辛县", "yonder")
    outline = place.vector("outline")
    assert (outline.index[0], outline["name"].iloc[0]) == ("999999", "辛县")


def test_the_outline_is_told_with_the_layers_and_known_among_the_files(tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    outline = outline_file(downloads)
    found = county(tmp_path / "z", outline, downloads, Wanted(), quiet)
    (file,) = found.files
    assert (file.kind, file.what) == ("layer", GIVEN)
    first = found.tried[0]
    assert (first.layer, first.file, first.source.rows) == ("outline", "outline.geojson", 1)
    assert "outline" not in found.lacking


def test_every_layer_that_open_data_give_is_there(place):
    assert set(place.names) == {
        "dem",
        "facilities",
        "lake",
        "outline",
        "parcels",
        "park",
        "rivers",
        "roads",
        "seats",
        "settlements",
        "townships",
    }
    assert place.vector("seats")["role"].to_dict() == {
        "999999101": "county",
        "999999201": "township",
    }
    assert set(place.vector("roads")["structure"]) == {"earth", "bridge"}
    assert set(place.vector("facilities")["kind"]) == {"hospital", "primary_school"}


def test_publishers_licences_and_quality_stand_with_each_layer(place):
    said = {
        name: (parted(one.publisher).en, one.licence, one.quality)
        for name, one in place.sources.items()
    }
    assert said["roads"] == ("© OpenStreetMap contributors", "ODbL-1.0", Quality.OPEN)
    assert "© DLR e.V." in said["dem"][0]
    assert "Airbus" in said["dem"][0]
    assert said["settlements"][1:] == ("CC-BY-4.0", Quality.MODELLED)
    assert "ESA WorldCover" in said["parcels"][0]
    assert said["parcels"][1:] == ("CC-BY-4.0", Quality.DERIVED)
    # Cells of 30 m made of cells of 1″, which is told apart.
    assert place.raster("dem").grid.resolution == 30
    assert place.sources["dem"].resolution_m == pytest.approx(30.9)


def test_the_people_are_those_of_the_raster(place):
    # 200 people in the middle of a cell or 0.2 a cell: 48 × 48 cells of 3″ have their centre in it.
    total = 48 * 48 * 0.2 + 9 * (30 - 0.2)
    assert place.vector("settlements")["population"].sum() == pytest.approx(total, abs=1)
    step = " ".join(parted(one).en for one in place.sources["settlements"].steps)
    assert f"{total:.1f}" in step


def test_of_several_files_the_stated_one_is_taken_and_the_others_are_named(made):
    tried = [(one.layer, one.file, one.source is not None) for one in made[1].tried]
    assert ("dem", "Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif, N27E119.hgt", True) in tried
    assert ("settlements", "chn_ppp_2020_UNadj.tif", True) in tried
    assert ("settlements", "chn_ppp_2015_UNadj.tif", False) in tried
    assert ("roads", "deep/region.osm", True) in tried
    assert ("roads", "linked.osm", False) in tried
    assert ("parcels", "deep/region.osm", False) in tried  # WorldCover goes before land use


def test_files_nobody_knows_are_named_and_none_is_lost(made, kept):
    seen = {one.name: one for one in made[1].files}
    assert set(seen) == {
        path.relative_to(kept).as_posix()
        for path in kept.rglob("*")
        if path.is_file() and path.name != ".hidden"
    }
    unknown = {name for name, one in seen.items() if one.kind == "unknown"}
    assert unknown == {"notes.txt", "broken.tif"}
    assert all(one.what.zh and one.what.en for one in seen.values())


def test_what_is_lacking_says_what_would_bring_it(made):
    lacking = made[1].lacking
    assert "own data" in lacking["redline"].en
    assert "dem" not in lacking


def test_access_runs_on_it_and_one_reaches_what_is_there(place):
    run = runs.perform(runs.Order("access", place, find("access").params()))
    result = run.result
    figures = {one.id: one.value for one in result.metrics}
    shares = [value for name, value in figures.items() if "hospital" in name and value is not None]
    assert shares
    assert all(np.isfinite(value) for value in shares)
    assert not [one for one in result.checks if one.id.startswith("no_county_seat")]
    shown = panel.sources(run)  # what the page says of each source
    said = {(one["publisher"][1], one["licence"][1]) for one in shown}
    assert ("© OpenStreetMap contributors", "ODbL-1.0") in said
    assert any("© DLR e.V." in publisher for publisher, _ in said)
    assert any("WorldPop" in publisher for publisher, _ in said)


def test_a_corridor_runs_on_it(place):
    params = find("corridor").params(
        points=("seats:999999101", "seats:999999201"), road="class_iv_20", pains="quick"
    )
    result = find("corridor").run(place, params)
    lengths = [one.value for one in result.metrics if one.unit == "km"]
    # The seats lie 2 and 7 units apart: 0.20 km and 0.78 km, 0.80 km straight.
    assert 0.78 < max(lengths) < 2


@pytest.fixture(scope="module")
def around(tmp_path_factory):
    """A county made up around a real extract, on ground that is made up, too."""
    if not EXTRACT.is_file():
        pytest.skip("the extract of ../shared is not here")
    home = tmp_path_factory.mktemp("around")
    downloads = home / "downloads"
    downloads.mkdir()
    (downloads / "extract.osm.pbf").symlink_to(EXTRACT)
    glo30(downloads, (26.9, 60.5, 26.99, 60.56), hills, corner=(26, 60))
    ring = [[26.93, 60.52], [26.97, 60.52], [26.97, 60.54], [26.93, 60.54], [26.93, 60.52]]
    feature = {"type": "Feature", "properties": {}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    path = home / "outline.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    own = home / "own"  # its one school does not say which kind it is: a table of one's own does
    own.mkdir()
    (own / "facilities.csv").write_text("key,value,name,kind\namenity,school,,primary_school\n")
    wanted = Wanted(id="around", name="某县", crs="EPSG:32635", tables=own)
    county(home / "around", path, downloads, wanted, quiet)
    return load(home / "around")


def test_access_runs_around_a_real_extract(around):
    layers = {"dem", "facilities", "outline", "parcels", "rivers", "roads", "townships"}
    assert set(around.names) == layers
    result = find("access").run(around, find("access").params())
    assert {one.id for one in result.checks} >= {"no_county_seat", "no_hospital"}
    assert "school" in " ".join(one.en for one in result.answer)
    # The extract is 2.2 km across: on foot alone nobody is further than about half an hour.
    means = [one.value for one in result.metrics if one.unit == "min"]
    assert means
    assert all(0 < one < 45 for one in means)


def test_a_corridor_runs_around_a_real_extract(around):
    params = find("corridor").params(
        points=("26.940,60.530", "26.953,60.533"), road="class_iv_20", pains="quick"
    )
    result = find("corridor").run(around, params)
    # 0.013 of a degree east, 0.003 north: 713 m and 334 m, 0.79 km straight.
    assert 0.78 < max(one.value for one in result.metrics if one.unit == "km") < 2


def test_without_townships_the_county_stands_for_one(kept, tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    shutil.copy(kept / "Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif", downloads)
    outline = outline_file(tmp_path)
    wanted = Wanted(id="z", name="壬县", name_en="Z")
    found = county(tmp_path / "z", outline, downloads, wanted, quiet)
    place = load(tmp_path / "z")
    assert place.vector("townships")["name"].to_dict() == {"z": "壬县"}
    (stood,) = (one for one in found.tried if one.layer == "townships")
    assert "one township" in stood.why.en
    assert "one township" in parted(place.sources["townships"].notes[0]).en
    assert found.lacking["parcels"].en.endswith("ESA_WorldCover_10m_2021_v200_N27E117_Map.tif")


def test_a_planners_own_layers_go_before_open_data(kept, tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    shutil.copy(kept / "deep" / "region.osm", downloads)
    ring = [at(*place) for place in [(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)]]
    feature = {"type": "Feature", "properties": {"code": "1", "name": "癸"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (downloads / "our_townships.geojson").write_text(content, encoding="utf-8")
    (downloads / "townships_2.geojson").write_text(content.replace('"code"', '"number"'), "utf-8")
    found = county(tmp_path / "a", outline_file(tmp_path), downloads, Wanted(), quiet)
    assert load(tmp_path / "a").vector("townships").index.tolist() == ["1"]
    (lacking,) = (one for one in found.files if one.name == "townships_2.geojson")
    assert "it lacks code" in lacking.what.en
    assert "dem" in found.lacking
    assert found.lacking["dem"].en == "Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif"


def test_the_tile_that_covers_most_of_the_county_goes_first(tmp_path):
    def tile(name, corner, kind="glo30"):
        return File(name, tmp_path / name, kind, parted(name), ("dem",), corner and Corner(*corner))

    seen = [
        tile("c", (118, 27), "srtm1"),
        tile("a", (118, 27)),
        tile("b", (119, 27)),
        tile("own", None, "layer"),
    ]
    # 0.1 of a degree in the western tile, 0.3 in the eastern one.
    chosen = candidates(seen, "dem", (118.9, 27.2, 119.3, 27.4))
    assert [one.name for one in chosen] == ["own", "b", "a", "c"]


def test_tiles_of_terrain_that_the_county_needs_are_taken_together(tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    glo30(downloads, (119.4, 27.9, 119.7, 28.0), lambda rows, _: 100.0 + 0 * rows)
    glo30(downloads, (119.4, 28.0, 119.7, 28.1), lambda rows, _: 300.0 + 0 * rows, corner=(119, 28))
    glo30(downloads, (121.0, 28.0, 121.1, 28.1), lambda rows, _: 9.0 + 0 * rows, corner=(121, 28))
    ring = [[119.5, 27.98], [119.54, 27.98], [119.54, 28.02], [119.5, 28.02], [119.5, 27.98]]
    feature = {"type": "Feature", "properties": {}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    path = tmp_path / "outline.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    county(tmp_path / "c", path, downloads, Wanted(), quiet)
    heights = load(tmp_path / "c").raster("dem")
    assert heights.valid.all()
    # A tile reaches half a cell further than its degree: the border lies between, in one row.
    middle = heights.values[:, heights.grid.shape[1] // 2]
    assert set(np.round(middle[:60])) == {300.0}
    assert set(np.round(middle[-60:])) == {100.0}
    assert (np.diff(middle) <= 0).all()


def test_a_county_outside_of_the_zones_needs_its_crs_named(kept, tmp_path):
    ring = [[26, 60], [26.1, 60], [26.1, 60.1], [26, 60]]
    path = tmp_path / "far.geojson"
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    with pytest.raises(CrsError, match="--crs"):
        county(tmp_path / "far", path, kept, Wanted(), quiet)
    assert not (tmp_path / "far").exists()


@pytest.mark.parametrize("name", [None, "", "  ", 7])
def test_an_outline_without_a_name_is_named_by_its_folder(tmp_path, name):
    (tmp_path / "none").mkdir()
    outline = outline_file(tmp_path, name=name)
    made = county(tmp_path / "z", outline, tmp_path / "none", Wanted(), quiet)
    assert made.head.name.zh == "z"
    assert load(tmp_path / "z").vector("outline")["name"].tolist() == ["z"]


def test_an_outline_of_nothing_is_refused(tmp_path):
    path = tmp_path / "empty.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(OSError, match="no shapes"):
        county(tmp_path / "z", path, tmp_path, Wanted(), quiet)
    assert not (tmp_path / "z").exists()


def test_another_county_is_not_written_over(kept, tmp_path, made):
    folder = tmp_path / "twice"
    shutil.copytree(made[0], folder)
    with pytest.raises(UsageError, match="another county"):
        county(folder, outline_file(tmp_path), kept, Wanted(id="other"), quiet)


def test_the_command_says_what_each_file_is_and_which_questions_run(tmp_path, kept, capsys):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    shutil.copy(kept / "Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif", downloads)
    shutil.copy(kept / "notes.txt", downloads)
    words = ["layers", "new", str(tmp_path / "y"), "--outline", str(outline_file(tmp_path))]
    assert jingning.main([*words, "--from", str(downloads), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    for line in ("Copernicus GLO-30 terrain", "notes.txt", "not known", "EPSG:4549"):
        assert line in out
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert " yes " in rows["access"]
    assert " yes " in rows["corridor"]
    assert " no " in rows["consolidation"]
    assert "parcels" in rows["consolidation"]


@pytest.mark.parametrize(
    ("words", "lacking"),
    [
        (("--from", "x"), "--outline"),
        (("--outline", "x"), "--from"),
        (("--name", "甲"), "--id, --crs"),
    ],
)
def test_the_command_says_what_it_lacks(tmp_path, capsys, words, lacking):
    assert main(["new", str(tmp_path / "y"), *words, "--lang", "en"]) == 2
    assert f"required: {lacking}" in capsys.readouterr().err


def test_a_crs_that_is_none_is_refused(kept, tmp_path, capsys):
    outline = str(outline_file(tmp_path))
    words = ["new", str(tmp_path / "y"), "--outline", outline, "--from", str(kept)]
    assert main([*words, "--crs", "nonsense", "--lang", "en"]) == 3
    assert "no CRS 'nonsense'" in capsys.readouterr().err
    assert main([*words, "--crs", "EPSG:4326", "--lang", "en"]) == 3
    assert not (tmp_path / "y").exists()


def test_the_same_folder_gives_the_same_county(made, kept, tmp_path):
    outline = outline_file(tmp_path, adcode=999999, name="辛县")
    again = tmp_path / "yonder"
    county(again, outline, kept, Wanted(), quiet)
    for path in sorted(made[0].rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(made[0])).read_bytes(), path.name


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(OSError, match="no folder"):
        files(tmp_path / "nowhere")
