"""The drawing command: what it says and leaves by when a page cannot be written."""

import errno
import os
import shutil
import subprocess
import sys

import pytest

from geo.words import Text
from layers import twin
from maps import __main__ as maps_command
from maps.wording import PageError
from scenarios.access import Access
from scenarios.running.runs import Order, fulfil


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("run") / "run"
    fulfil(Order("access", twin.county(), Access(cell_m=120)), place)
    return place


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(errno.ENOSPC, "no room"), 5, "no room left"),
        (PermissionError(errno.EACCES, "in use"), 5, "not writable"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("a mistake"), 1, "ZeroDivisionError: a mistake"),
        (PageError(Text("图页不全", "a page is not whole")), 1, "a page is not whole\n"),
    ],
)
def test_a_page_that_cannot_be_written_is_told_and_not_there(
    folder, error, code, words, monkeypatch, capsys
):
    def refuse(*_):
        raise error

    monkeypatch.setattr(maps_command.os, "fsync", refuse)
    assert maps_command.main([str(folder)]) == code
    told = capsys.readouterr().err
    assert words in told
    assert ("unexpected" in told) == isinstance(error, ZeroDivisionError)
    assert not [path for path in folder.iterdir() if "index.html" in path.name]


@pytest.mark.parametrize(
    ("lang", "page", "refused"),
    [
        (
            "zh",
            "图页：",
            "其中没有完整的情景运行结果（manifest.json）；先运行情景：jingning run NAME -o",
        ),
        ("en", "page: ", "no whole run in or below it (manifest.json); run a scenario first: "),
    ],
)
def test_it_speaks_one_language(folder, tmp_path, lang, page, refused, capsys):
    (folder / "index.html").unlink(missing_ok=True)
    assert maps_command.main([str(folder), "--lang", lang]) == 0
    assert capsys.readouterr().out == f"{page}{folder / 'index.html'}\n"
    assert maps_command.main([str(tmp_path), "--lang", lang]) == 3
    assert refused in capsys.readouterr().err
    (folder / "index.html").unlink()
    table = folder / "result.json"
    whole = table.read_bytes()
    table.write_bytes(b"{}")
    assert maps_command.main([str(folder), "--lang", lang]) == 3
    assert ("发现" in capsys.readouterr().err) == (lang == "zh")
    table.write_bytes(whole)


def test_details_are_shown_when_asked_for(folder, monkeypatch):
    def refuse(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(maps_command.os, "fsync", refuse)
    monkeypatch.setenv("JINGNING_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        maps_command.main([str(folder)])


def told(capsys, *words):
    code = maps_command.main([str(word) for word in words])
    return code, capsys.readouterr()


def test_only_what_is_whole_is_unchanged(folder, tmp_path, capsys):
    run = shutil.copytree(folder, tmp_path / "run")
    assert told(capsys, run)[0] == 0
    assert "unchanged" in told(capsys, run)[1].out
    drawn = [run / "index.html", run / "layers_qgis.gpkg", *run.glob("rasters/*.qml")]
    assert len(drawn) > 2
    for path in drawn[:3]:
        whole = path.read_bytes()
        half = len(whole) // 2
        changed = whole[:half] + b"x" + whole[half + 1 :]
        for content in (whole[:half], changed) if path.suffix == ".html" else (whole[:half],):
            path.write_bytes(content)
            code, out = told(capsys, run)
            assert (code, "unchanged" in out.out) == (0, False), path
            assert path.read_bytes() == whole
    for path in (run / "layers.gpkg", run / "result.json", *run.glob("*/*.geojson")):
        whole = path.read_bytes()
        for content in (whole[:-1], b"x" + whole[1:]):
            path.write_bytes(content)
            code, out = told(capsys, run)
            assert (code, out.out) == (3, ""), path
            assert "run it again" in out.err
            assert told(capsys, tmp_path)[0] == 3  # nor is the index of runs
        path.write_bytes(whole)
    assert "unchanged" in told(capsys, run)[1].out


def test_a_run_that_is_refused_stops_no_other_and_is_told_at_the_end(folder, tmp_path, capsys):
    torn = tmp_path / "torn"
    shutil.copytree(folder, torn)
    other = tmp_path / "whole"
    shutil.copytree(folder, other)
    (torn / "result.json").write_bytes(b"{}")
    for drawn in tmp_path.glob("*/index.html"):
        drawn.unlink()
    code, out = told(capsys, tmp_path)
    assert code == 3
    assert out.err.startswith("1 of the runs not drawn, the others are:")
    assert str(torn) in out.err
    assert "run it again" in out.err
    assert (other / "index.html").is_file()
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "./whole/index.html" in index
    assert "./torn/index.html" not in index


@pytest.mark.skipif(os.name == "nt", reason="does not tell which processes live")
def test_drafts_of_dead_processes_are_cleared_and_those_of_living_ones_stay(
    folder, tmp_path, capsys
):
    run = shutil.copytree(folder, tmp_path / "run")
    (run / "index.html").unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
    names = [f".index.html.{number}.part" for number in (dead.pid, os.getppid(), "x")]
    for name in names:
        (run / name).write_text("draft", encoding="utf-8")
    assert told(capsys, run)[0] == 0
    assert [(run / name).exists() for name in names] == [False, True, True]
