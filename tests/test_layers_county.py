"""A county is loaded whole and checked, or refused with everything that is wrong; it never changes."""

import os
import shutil
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import tomli_w
from pyproj import CRS

from geo.errors import CrsError, FileError, MissingLayer, SchemaError, UsageError
from geo.words import Text
from layers import county as counties
from layers import source as sources
from layers import twin
from layers.county import County, layer_file, load, save, write_layer
from layers.folder import Head, defaults, folder_of, read_head, sha256_of, write_head
from layers.source import Quality, Source, worst


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "twin"
    twin.write(folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "copy")


@pytest.fixture(scope="module")
def county():
    return twin.county()


def write_csv(folder, layer, old, new):
    file = layer_file(folder, layer)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    note = file.with_name("source.toml")
    source = replace(sources.read(note), sha256=sha256_of(file))
    note.write_text(sources.dumps(source), encoding="utf-8")


def test_reading_gives_what_cannot_change_the_county(county):
    for name in county.names:
        reader = {"dem": county.raster}.get(name)
        if reader is None:
            reader = county.table if name.startswith("lake_") else county.vector
        first, second = reader(name), reader(name)
        if name == "dem":
            with pytest.raises(ValueError, match="read-only"):
                first.values[:] = 0
            continue
        assert first is not second
        before = second.to_json() if hasattr(second, "crs") else second.to_csv()
        for column in [one for one in first.columns if one != "geometry"][:1]:
            first[column] = 0
        first["more"] = 1
        after = county.data[name]
        assert (after.to_json() if hasattr(after, "crs") else after.to_csv()) == before


def test_cells_are_read_once_and_shared_by_what_is_made_of_a_county(tmp_path, monkeypatch):
    twin.write(tmp_path)
    reads = []  # writing reads too, to see what was written
    real = counties.read_raster
    monkeypatch.setattr(counties, "read_raster", lambda file: reads.append(file) or real(file))
    county = load(tmp_path)
    dem = county.raster("dem").values
    fewer = replace(county, data={"dem": county.data["dem"]})
    for again in (county.raster("dem"), fewer.raster("dem"), county.data["dem"]):
        assert np.shares_memory(again.values, dem)
    assert reads == [layer_file(tmp_path, "dem")]


def test_cells_that_a_caller_can_write_are_copied_on_the_way_in():
    dem = twin.county().raster("dem")
    own = np.array(dem.values)
    window = own[:]
    window.setflags(write=False)  # read-only, but of cells that are not
    for cells in (own, window):
        county = County("a", Text("甲", "a"), CRS(4549), {"dem": replace(dem, values=cells)}, {})
        before = county.raster("dem").values.copy()
        own[:] += 1
        np.testing.assert_array_equal(county.raster("dem").values, before)


def test_writing_through_the_geometry_array_stays_in_the_copy(county):
    frame = county.vector("settlements")
    frame.geometry.array[0] = None
    frame.geometry.to_numpy()[1] = None
    assert county.vector("settlements").geometry.notna().all()


def test_what_is_given_is_copied_on_the_way_in():
    data = {"settlements": twin.county().vector("settlements")}
    county = County("a", Text("甲", "a"), CRS(4549), data, {})
    data["settlements"]["population"] = 0
    data["more"] = data["settlements"]
    assert county.vector("settlements")["population"].sum() == 1000
    assert county.names == ("settlements",)


def test_nothing_can_be_set(county):
    with pytest.raises(FrozenInstanceError):
        county.id = "other"
    with pytest.raises(TypeError):
        county.data["dem"] = None
    with pytest.raises(TypeError):
        county.sources["dem"] = None
    with pytest.raises(ValueError, match="read-only"):
        county.data["dem"].values[0, 0] = 0


def test_a_missing_layer_is_named_with_what_there_is(county):
    for reader, name in ((county.vector, "pipes"), (county.raster, "roads")):
        words = f"'{name}'.*basic_farmland, dem.*layers import"
        with pytest.raises(MissingLayer, match=words) as caught:
            reader(name)
        assert caught.value.said("zh").startswith("twin：没有")
    assert "dem" in county
    assert "pipes" not in county


def test_a_county_has_a_metric_crs():
    with pytest.raises(CrsError):
        County("a", Text("甲", "a"), CRS(4326), {}, {})


def test_frames_are_indexed_by_their_key_in_the_countys_crs(folder):
    county = load(folder)
    assert county.vector("settlements").index.name == "id"
    assert county.vector("townships").index.tolist() == ["001", "002", "003", "004"]
    assert county.table("lake_levels").index.tolist() == ["dead", "normal"]
    assert all(
        one.crs is county.crs or one.crs == county.crs
        for one in county.data.values()
        if hasattr(one, "crs")
    )
    assert county.raster("dem").grid.crs == county.crs


def test_a_changed_file_is_refused(folder):
    file = layer_file(folder, "lake_storage")
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="sha256") as caught:
        load(folder)
    (problem,) = caught.value.problems
    assert problem.layer == "lake_storage"
    assert problem.file == str(file)
    assert problem.found != problem.expected
    assert problem.remedy


def test_all_problems_of_all_layers_come_at_once(folder):
    write_csv(folder, "lake_storage", "98.0,0.64", "9800,-1")
    write_csv(folder, "lake_levels", "normal", "dead")
    layer_file(folder, "roads").unlink()
    layer_file(folder, "dem").write_bytes(b"torn")
    (folder / "park" / "source.toml").write_text('layer = "park"\n', encoding="utf-8")
    (folder / "gardens").mkdir()
    (folder / "gardens" / "source.toml").write_text("", encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        load(folder)
    problems = caught.value.problems
    named = {(p.layer, p.row, p.field) for p in problems}
    assert {
        ("lake_storage", "1", "level_m"),
        ("lake_storage", "1", "storage_hm3"),
        ("lake_levels", "dead", "id"),
        ("roads", "", ""),
        ("dem", "", ""),
        ("gardens", "", ""),
    } <= named
    assert any(p.field == "sha256" and "park" in p.file for p in problems)
    assert all(p.file for p in problems)


def test_what_layers_refer_to_is_checked(folder):
    frame = load(folder).vector("settlements")
    frame.loc["s11", "township"] = "009"
    source = load(folder).sources["settlements"]
    write_layer(folder, "settlements", frame, source)
    with pytest.raises(SchemaError, match=r"s11.*'009'.*townships\.code"):
        load(folder)


def test_counties_that_are_not_there(tmp_path):
    with pytest.raises(FileError, match=r"not a county.*remedy") as caught:
        load(tmp_path)
    assert "不是县域文件夹" in caught.value.said("zh")
    with pytest.raises(FileError):
        folder_of("atlantis")


def test_a_head_says_what_is_wrong_with_it(tmp_path):
    (tmp_path / "county.toml").write_text('id = ""\ncrs = 4549\nsize = "1"\n', encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read_head(tmp_path)
    fields = sorted(p.field for p in caught.value.problems)
    assert fields == ["crs", "id", "name_en", "name_zh", "size"]
    (tmp_path / "county.toml").write_bytes(b"\xff")
    with pytest.raises(SchemaError, match="cannot be read"):
        read_head(tmp_path)


def test_a_head_is_written_once(tmp_path):
    head = Head("a", Text("甲", "A"), "EPSG:4549")
    write_head(tmp_path / "a", head)
    write_head(tmp_path / "a", head)
    assert read_head(tmp_path / "a") == head
    with pytest.raises(UsageError, match="another county"):
        write_head(tmp_path / "a", replace(head, id="b"))


def test_a_layer_is_written_with_its_hash_and_rows(county, tmp_path):
    blank = replace(county.sources["roads"], sha256="", rows=0, layer="")
    by_index = write_layer(tmp_path / "a", "roads", county.vector("roads"), blank)
    by_column = write_layer(tmp_path / "b", "roads", county.vector("roads").reset_index(), blank)
    assert by_index == by_column
    assert by_index.rows == 5
    assert by_index.sha256 == sha256_of(layer_file(tmp_path / "a", "roads"))
    assert sources.read(tmp_path / "a" / "roads" / "source.toml") == by_index


def test_heights_may_be_stored_as_scaled_integers(county, tmp_path):
    write_head(tmp_path, Head("a", county.name, "EPSG:4549"))
    write_layer(tmp_path, "dem", county.raster("dem"), county.sources["dem"], scale=0.1)
    dem = load(tmp_path).raster("dem")
    assert dem.values.dtype == np.float32
    np.testing.assert_allclose(dem.values, county.raster("dem").values, atol=0.0501)


def test_saving_over_another_county_is_refused(county, folder):
    other = County("other", county.name, county.crs, {}, {})
    with pytest.raises(UsageError):
        save(other, folder)


def test_sources_survive_writing(tmp_path):
    source = Source(
        "roads",
        Text('道路 "甲"', "roads"),
        "某局 \\ [x]",
        "CC-BY-4.0",
        "2024-05-01",
        "EPSG:4549",
        "ab",
        3,
        Quality.OFFICIAL,
        ("一", "two\nlines"),
        ("note",),
    )
    path = tmp_path / "source.toml"
    path.write_text(sources.dumps(source), encoding="utf-8")
    assert sources.read(path) == source


def test_a_source_names_every_wrong_entry(tmp_path):
    path = tmp_path / "source.toml"
    path.write_text('rows = "3"\nquality = "fine"\nsteps = [1]\nowner = "x"\n', encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        sources.read(path)
    fields = {p.field for p in caught.value.problems}
    assert {"rows", "quality", "steps", "owner", "licence", "title_zh"} <= fields
    with pytest.raises(SchemaError):
        sources.read(tmp_path / "none.toml")


def test_quality_is_the_worst_of_all():
    assert worst(Quality) is Quality.SCHEMATIC
    assert worst([Quality.OPEN, Quality.OFFICIAL]) is Quality.OPEN
    with pytest.raises(ValueError, match="empty"):
        worst([])
    assert all(quality.words.zh and quality.words.en for quality in Quality)


def test_what_a_county_sets_for_questions_comes_back_and_is_no_layer(tmp_path):
    place = twin.county()
    save(place, tmp_path)
    assert load(tmp_path).defaults == place.defaults
    assert defaults(tmp_path)["corridor"] == {"points": ["roads:second_passage"]}
    (tmp_path / "defaults.toml").write_text('lake = "a"', encoding="utf-8")
    with pytest.raises(SchemaError, match="name of a question") as caught:
        load(tmp_path)
    assert "表：[问题名]" in caught.value.said("zh")
    (tmp_path / "defaults.toml").unlink()
    assert dict(load(tmp_path).defaults) == {}


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:99", "no such CRS: 'EPSG:99'"),
        ("nonsense", "no such CRS"),
        ("EPSG:4326", "must be projected"),
        ("9" * 5_000, "no such CRS"),
    ],
)
def test_a_county_in_no_crs_is_refused(folder, crs, words):
    head = folder / "county.toml"
    head.write_text(head.read_text("utf-8").replace("EPSG:4549", crs), encoding="utf-8")
    with pytest.raises(CrsError, match=words) as caught:
        load(folder)
    assert "坐标系" in caught.value.said("zh")
    assert str(head) in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../a", "a/b", "a\\b", "a\x1b[2J", "a\n", "nul", "COM1.x", ".a", "a" * 99],
)
def test_ids_that_name_no_file_are_refused(tmp_path, name):
    head = Head(name, Text("甲", "A"), "EPSG:4549")
    with pytest.raises(UsageError, match="id of the county"):
        write_head(tmp_path, head)
    head = {"id": name, "name_zh": "甲", "name_en": "A", "crs": "EPSG:4549"}
    (tmp_path / "county.toml").write_text(tomli_w.dumps(head), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read_head(tmp_path)
    assert {problem.field for problem in caught.value.problems} == {"id"}


@pytest.mark.parametrize("name", ["jingning", "景宁", "a-b_1.x", "331127"])
def test_ids_of_letters_and_digits_are_taken(tmp_path, name):
    write_head(tmp_path, Head(name, Text("甲", "A"), "EPSG:4549"))
    assert read_head(tmp_path).id == name


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes")
@pytest.mark.parametrize(
    "name", ["county.toml", "defaults.toml", "park/source.toml", "dem/dem.tif"]
)
def test_pipes_in_a_county_are_refused_and_not_waited_for(folder, name):
    path = layer_file(folder, "dem") if name.endswith(".tif") else folder / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises((SchemaError, FileError)) as caught:
        load(folder)
    assert path.parent.name in str(caught.value)


@pytest.mark.parametrize("content", ["a = " + "[" * 1_500, "rows = " + "9" * 5_000, "[" * 9])
def test_odd_sources_and_heads_are_refused_in_words(folder, content):
    for name in ("county.toml", "defaults.toml", "park/source.toml"):
        copy = shutil.copytree(folder, folder.with_name("odd"))
        (copy / name).write_text(content, encoding="utf-8")
        with pytest.raises(SchemaError, match=name.split("/")[0]) as caught:
            load(copy)
        assert "无法读取" in caught.value.said("zh")
        shutil.rmtree(copy)
