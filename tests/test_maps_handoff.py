"""What is handed on beside a page: whole, the same bytes again, gone with the run it was made of."""

import shlex

import docx
import pytest

from geo.words import Text
from layers import twin
from maps import __main__ as maps_command
from maps import handoff, page
from maps.handoff.file import File
from maps.handoff.readme import readme
from scenarios.access import Access
from scenarios.result import HANDED, load
from scenarios.running.runs import Order, fulfil
from tests.made_up import pages, told


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
