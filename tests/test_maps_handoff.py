"""What is handed on beside a page: whole, the same bytes again, gone with the run it was made of."""

import io
import os
import re
import shlex
import subprocess
import sys
import zipfile
import zlib
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import docx
import geopandas as gpd
import pytest

from geo.words import Text
from layers import twin
from maps import __main__ as maps_command
from maps import handoff, page
from maps.handoff.file import File
from maps.handoff.readme import readme
from maps.handoff.shapefile import shapefiles
from scenarios.access import Access
from scenarios.result import HANDED, Column, load
from scenarios.running.runs import Order, fulfil
from tests.made_up import alignment, land, pages, told
from tests.made_up.handed import packed

PLANTED = "planted-7191"
SUMS = """
import hashlib, sys
from pathlib import Path
from maps import handoff, page
from maps.handoff.shapefile import shapefiles
from tests.made_up import alignment, land, pages
from tests.made_up.handed import packed
for run in (pages.run(), alignment.run(), land.run(40, 40)):
    made = {one.name: one.content for one in handoff.files(run)}
    made |= {"shapefiles.zip": shapefiles(run), "index.html": page.page(run).encode()}
    made |= {"all.html": page.index({"a": run}).encode()}
    made |= {"layers_qgis.gpkg": packed(run, Path(sys.argv[1])).read_bytes()}
    for name, content in made.items():
        print(name, hashlib.sha256(content).hexdigest())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("run") / "run"
    fulfil(Order("access", twin.county(), Access(cell_m=120, walk_factor=0.8)), place)
    assert maps_command.main([str(place)]) == 0
    return place


def test_every_file_is_known_written_and_the_same_again(folder):
    made = handoff.files(load(folder))
    assert {file.name for file in made} <= set(HANDED)
    for file in made:
        assert (folder / file.name).read_bytes() == file.content
    assert handoff.files(load(folder)) == made


def test_a_file_that_is_gone_is_written_again_and_one_of_another_run_goes(folder):
    whole = (folder / "README.txt").read_bytes()
    (folder / "README.txt").unlink()
    assert maps_command.main([str(folder)]) == 0
    assert (folder / "README.txt").read_bytes() == whole
    fulfil(Order("access", twin.county(), Access(cell_m=150)), folder)
    assert not (folder / "README.txt").exists()
    fulfil(Order("access", twin.county(), Access(cell_m=120, walk_factor=0.8)), folder)
    assert maps_command.main([str(folder)]) == 0
    assert (folder / "README.txt").read_bytes() == whole


def test_the_readme_names_every_file_and_field_and_the_command(folder):
    run = load(folder)
    text = (folder / "README.txt").read_bytes().decode("utf-8-sig")
    listed = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert [name for name in listed if name not in text and not name.startswith(".")] == [
        "README.txt"
    ]
    for thing in (*run.result.layers, *run.result.tables):
        assert all(f"{column.name}  {column.title.zh}" in text for column in thing.columns)
    command = next(line for line in text.splitlines() if "jingning run" in line)
    assert shlex.split(command)[:5] == ["jingning", "run", "access", "--county", "twin"]
    assert {"cell_m=120", "walk_factor=0.8", "open_roads=[]"} == set(shlex.split(command)[6::2])
    assert all(sentence.zh in text for sentence in run.result.answer)
    assert "\n" not in text.replace("\r\n", "")


def test_words_of_data_stay_on_their_line():
    run = pages.run(title=Text("甲\r\nformat c:", "a\nb"))
    lines = readme(run, [File("x.txt", run.title, run.title, b"")]).content.decode("utf-8-sig")
    assert "甲  format c:" in lines
    assert not [line for line in lines.split("\r\n") if line.startswith("format")]


def test_an_own_form_takes_the_reports_place_until_it_is_left_out(folder, tmp_path):
    usual = (folder / "report.docx").read_bytes()
    form = docx.Document()
    form.add_paragraph("本局报告：{{title}}")
    form.save(tmp_path / "own.docx")
    command = [str(folder), "--report-template", str(tmp_path / "own.docx")]
    assert maps_command.main(command) == 0
    own = docx.Document(folder / "report.docx")
    assert own.paragraphs[0].text == f"本局报告：{load(folder).title.zh}"
    assert maps_command.main([str(folder)]) == 0
    assert (folder / "report.docx").read_bytes() == usual


def test_what_is_handed_on_is_linked_from_the_index(folder):
    handed = {"run": [name for name in HANDED if (folder / name).is_file()]}
    html = page.index({"run": load(folder)}, handed)
    assert all(f'"./run/{name}"' in html for name in handed["run"])
    assert {"README.txt", "report.docx", "workbook.xlsx"} <= set(handed["run"])


def test_a_run_answers_with_numbers_of_its_figures_and_tables(folder):
    assert told.untold(load(folder)) == []


def opened(content):
    """Give all bytes of a file: of archives what they hold, of pages what they have packed."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from opened(archive.read(name))
    for packed_words in re.findall(rb"[A-Za-z0-9+/]{400,}={0,2}", content):
        try:
            yield zlib.decompress(b64decode(packed_words), -15)
        except (ValueError, zlib.error):  # a picture, or a font
            continue


def with_planted(run, declared=()):
    """Give a run whose layers and tables have a column more."""
    layers = tuple(
        replace(one, data=one.data.assign(owner=PLANTED), columns=(*one.columns, *declared))
        if isinstance(one.data, gpd.GeoDataFrame)
        else one
        for one in run.result.layers
    )
    tables = tuple(replace(one, frame=one.frame.assign(owner=PLANTED)) for one in run.result.tables)
    return replace(run, result=replace(run.result, layers=layers, tables=tables))


def handed(run, folder):
    """Give what leaves the house of a run, by name."""
    made = {one.name: one.content for one in handoff.files(run)}
    made |= {
        "shapefiles.zip": shapefiles(run),
        "layers_qgis.gpkg": packed(run, folder).read_bytes(),
    }
    return made | {"index.html": page.page(run).encode(), "all": page.index({"a": run}).encode()}


def telling(made):
    return {
        name
        for name, content in made.items()
        if any(PLANTED.encode() in one for one in opened(content))
    }


@pytest.mark.parametrize("made", [pages.run, alignment.run, lambda: land.run(40, 40)])
def test_what_no_layer_declares_stands_in_no_file(made, tmp_path):
    assert telling(handed(with_planted(made()), tmp_path)) == set()


def test_what_a_layer_declares_is_found_in_what_is_packed():
    run = with_planted(land.run(40, 40), [Column("owner", Text("权利人", "Owner"))])
    made = {"shapefiles.zip": shapefiles(run), "index.html": page.page(run).encode()}
    assert telling(made) == set(made)


def test_no_file_tells_where_it_was_made(folder):
    places = [str(folder.parent), str(Path.home()), str(Path.cwd())]
    for path in folder.rglob("*"):
        for content in opened(path.read_bytes()) if path.is_file() else ():
            assert not [one for one in places if len(one) > 5 and one.encode() in content], path


@pytest.mark.prove
def test_other_hashes_and_time_zones_give_the_same_bytes(tmp_path, figures):
    sums = []
    for zone, seed in (("Asia/Shanghai", "1"), ("America/Los_Angeles", "2")):
        settings = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())}
        command = [sys.executable, "-c", SUMS, str(tmp_path)]
        said = subprocess.run(command, env=settings, check=True, capture_output=True, text=True)
        sums.append(said.stdout.splitlines())
    assert len(sums[0]) > 20
    assert sums[0] == sums[1]
    figures(f"files handed on that are the same bytes under other hashes and zones: {len(sums[0])}")
