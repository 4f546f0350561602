"""`python -m layers`: what it prints, and the exit code of every way to end."""

import re
import shutil
import subprocess
import sys
import types

import pytest

from geo.errors import LimitError, SchemaError
from geo.words import NO_TEXT, Text
from layers import console, twin
from layers import source as sources
from layers.__main__ import main
from layers.catalog import CATALOG
from layers.county import layer_file
from layers.folder import read_head
from layers.source import MARK


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "twin"
    twin.write(folder)
    return folder


def said(capsys, *words):
    code = main([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_list_names_every_layer_and_what_is_missing(capsys, made, tmp_path):
    folder = shutil.copytree(made, tmp_path / "copy")
    shutil.rmtree(folder / "park")
    code, out, err = said(capsys, "list", folder)
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line for line in out.splitlines() if line[1:2].strip()}
    assert set(CATALOG) <= set(lines)
    assert "—" in lines["park"]
    assert "32000" in lines["dem"]
    assert out.startswith("Twin County · twin · EPSG:4549")


def test_show_tells_fields_ranges_and_source(capsys, made):
    code, out, _ = said(capsys, "show", "roads", "--county", made)
    assert code == 0
    for words in (
        "speed_kmh",
        "1 … 120 km/h",
        "expressway",
        " key",
        "layers.twin",
        "not for design",
    ):
        assert words in out
    code, out, _ = said(capsys, "show", "--county", made)
    assert code == 0
    assert all(f"{name} · " in out for name in CATALOG)


def test_show_takes_no_markup_from_files(capsys, made, tmp_path):
    folder = shutil.copytree(made, tmp_path / "copy")
    note = folder / "roads" / "source.toml"
    text = note.read_text(encoding="utf-8").replace('"layers.twin"', '"[red]x[/red] :smile:"', 1)
    note.write_text(text, encoding="utf-8")
    _, out, _ = said(capsys, "show", "roads", "--county", folder)
    assert "[red]x[/red] :smile:" in out


def test_an_unknown_layer_suggests_the_nearest(capsys, made):
    code, _, err = said(capsys, "show", "raods", "--county", made)
    assert code == 2
    assert "did you mean roads?" in err


def test_check_passes_a_sound_county(capsys, made):
    code, out, err = said(capsys, "check", made)
    assert (code, err) == (0, "")
    assert f"{len(CATALOG)} layers are sound" in out


def test_check_refuses_and_names_every_problem(capsys, made, tmp_path):
    folder = shutil.copytree(made, tmp_path / "copy")
    for layer in ("lake_levels", "lake_storage"):
        with layer_file(folder, layer).open("a", encoding="utf-8") as file:
            file.write("\n")
    code, out, err = said(capsys, "check", folder)
    assert (code, out) == (3, "")
    assert "layer lake_levels" in err
    assert "layer lake_storage" in err
    assert "Traceback" not in err


def test_no_county_is_refused_with_a_remedy(capsys, tmp_path):
    for command in ("list", "check"):
        code, _, err = said(capsys, command, tmp_path / "none")
        assert code == 3
        assert "remedy" in err


def test_new_makes_a_county_folder(capsys, tmp_path):
    words = ("new", tmp_path / "a", "--id", "a", "--name", "甲县", "--crs", "EPSG:4549")
    assert said(capsys, *words)[0] == 0
    head = read_head(tmp_path / "a")
    assert (head.id, head.name.zh, head.name.en, head.crs) == ("a", "甲县", "a", "EPSG:4549")
    assert said(capsys, *words, "--name-en", "A")[0] == 2
    assert said(capsys, "check", tmp_path / "a")[0] == 0


@pytest.mark.parametrize("crs", ["EPSG:99", "EPSG:4326", "nonsense"])
def test_new_wants_a_metric_crs(capsys, tmp_path, crs):
    words = ("new", tmp_path / "a", "--id", "a", "--name", "甲", "--crs", crs)
    code, _, err = said(capsys, *words)
    assert code == 2
    assert "EPSG:4549" in err
    assert "not usable" in err
    assert "不可用" in said(capsys, *words, "--lang", "zh")[2]
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("words", [[], ["frob"], ["new"], ["import", "a", "b"], ["show", "a", "b"]])
def test_wrong_words_are_usage(capsys, words):
    code, _, err = said(capsys, *words)
    assert code == 2
    assert "usage" in err


@pytest.mark.parametrize("field", ["code", "=X", "code=", "code=A code=B"])
def test_fields_are_given_as_pairs(capsys, tmp_path, field):
    pairs = [word for pair in field.split() for word in ("--field", pair)]
    code, _, err = said(capsys, "import", tmp_path, "f", "--as", "roads", *pairs)
    assert code == 2
    assert "name=NAME" in err


def test_build_takes_a_folder(capsys, monkeypatch, tmp_path):
    def build(folder, *, progress):
        progress("地形 terrain")
        assert folder == tmp_path

    monkeypatch.setitem(sys.modules, "layers.build", types.SimpleNamespace(build=build))
    code, out, err = said(capsys, "build", tmp_path)
    assert code == 0
    assert str(tmp_path) in out
    assert err == "地形 terrain\n"


def test_import_brings_a_file_in_and_says_what_was_done(capsys, tmp_path):
    folder, file = tmp_path / "a", tmp_path / "places.csv"
    assert main(["new", str(folder), "--id", "a", "--name", "甲", "--crs", "EPSG:4549"]) == 0
    file.write_text("水位,库容\n96,0\n100,1.28\n", encoding="utf-8")
    words = ("import", folder, file, "--as", "lake_storage", "--quality", "official")
    code, _, err = said(capsys, *words)
    assert code == 3
    assert "level_m" in err
    assert "storage_hm3" in err
    fields = ("--field", "level_m=水位", "--field", "storage_hm3=库容")
    code, out, _ = said(capsys, *words, *fields, "--publisher", "水利局", "--title-zh", "库容")
    assert code == 0
    assert "lake_storage: 2" in out
    source = sources.read(folder / "lake_storage" / "source.toml")
    assert (source.publisher, source.title.zh, str(source.quality)) == (
        "水利局",
        "库容",
        "official",
    )
    assert said(capsys, "check", folder)[0] == 0
    assert said(capsys, *words[:4], "lakes")[0] == 2


def test_a_county_goes_through_one_file_and_an_import_is_undone(capsys, made, tmp_path):
    file = tmp_path / "a.zip"
    assert said(capsys, "pack", made, "-o", file)[0] == 0
    code, out, _ = said(capsys, "unpack", file, tmp_path / "a")
    assert code == 0
    assert f"{len(CATALOG)} layers" in out
    assert said(capsys, "unpack", file, tmp_path / "a")[0] == 2
    code, _, err = said(capsys, "undo", tmp_path / "a", "lake_storage", "--lang", "zh")
    assert code == 2
    assert "没有可撤销的导入" in err
    table = layer_file(tmp_path / "a", "lake_storage")
    table = shutil.copy(table, tmp_path / "more.csv")
    assert said(capsys, "import", tmp_path / "a", table, "--as", "lake_storage")[0] == 0
    code, out, _ = said(capsys, "undo", tmp_path / "a", "lake_storage")
    assert code == 0
    assert "stands again" in out


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SchemaError(Text("不符", "not so")), 3, Text("不符\n", "not so\n")),
        (LimitError(Text("过大", "too large")), 5, Text("过大\n", "too large\n")),
        (KeyboardInterrupt(), 130, Text("\n已中断\n", "\ninterrupted\n")),
        (MemoryError(), 5, Text("内存不足\n", "out of memory\n")),
        (SystemExit(4), 4, NO_TEXT),
        (SystemExit(), 0, NO_TEXT),
        (SystemExit("words"), 2, NO_TEXT),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_end_has_its_code(capsys, error, code, words, lang):
    def fail():
        raise error

    console.speak(["--lang", lang])
    assert console.guarded(fail) == code
    console.speak(["--lang", "en"])
    assert capsys.readouterr().err == getattr(words, lang)


def test_the_unexpected_is_one_and_shows_its_trace_on_demand(capsys, monkeypatch):
    def fail():
        return 1 // 0

    monkeypatch.delenv(console.DEBUG, raising=False)
    assert console.guarded(fail) == 1
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    monkeypatch.setenv(console.DEBUG, "1")
    assert console.guarded(fail) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_traceback(made):
    command = [sys.executable, "-m", "layers", "show", "--county", str(made)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert b"Traceback" not in err


def test_a_console_that_lacks_chinese_still_answers(made):
    done = subprocess.run(
        [sys.executable, "-m", "layers", "check", str(made)],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert b"layers are sound" in done.stdout


COMMANDS = ("", "list", "show", "check", "build", "new", "import", "undo", "pack", "unpack")
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_one_language(capsys, command):
    words = [command] if command else []
    code, zh, _ = said(capsys, *words, "--help", "--lang", "zh")
    assert code == 0
    assert zh.startswith("用法：")
    assert "退出码：0 完成" in zh
    assert not re.search(r"usage|options|arguments|show this|exit codes|a shipped", zh)
    code, en, _ = said(capsys, *words, "--lang=en", "--help")
    assert code == 0
    assert en.startswith("usage:")
    assert "exit codes: 0 done" in en
    assert not HAN.search(en)


@pytest.mark.parametrize(
    ("words", "zh"),
    [
        (["list"], "图层"),
        (["show"], "主键"),
        (["show", "dem"], "栅格"),
        (["check"], "个图层无误"),
    ],
)
def test_answers_are_in_one_language(capsys, made, words, zh):
    where = ["--county", made] if words[0] == "show" else [made]
    code, out, err = said(capsys, *words, *where, "--lang", "zh")
    assert (code, err) == (0, "")
    assert zh in out
    assert MARK.strip() not in out
    assert not re.search(r"\b(title|rows|required|publisher|sound|raster)\b", out)
    code, out, err = said(capsys, *words, *where, "--lang", "en")
    assert (code, err) == (0, "")
    assert not HAN.search(out)


@pytest.mark.parametrize(
    ("words", "code", "zh"),
    [
        (["show", "raods"], 2, "没有图层 'raods'；是否指 roads？"),
        (["check", "nowhere"], 3, "nowhere：不是县域文件夹"),
        (["new", "a", "--id", "a", "--name", "甲"], 2, "缺少参数：--crs"),
        (["import", "a", "f", "--as", "roads", "--field", "code"], 2, "每个字段一次"),
        (["weave"], 2, "错误："),
    ],
)
def test_refusals_are_in_one_language_and_leave_by_the_same_code(capsys, words, code, zh):
    left, out, err = said(capsys, *words, "--lang", "zh")
    assert (left, out) == (code, "")
    assert zh in err
    left, out, err = said(capsys, *words, "--lang", "en")
    assert (left, out) == (code, "")
    assert not HAN.search(err)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_table_in_a_file_is_not_folded_and_ids_are_whole_at_any_width(
    capsys, made, monkeypatch, lang
):
    for columns in ("30", "80", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        _, out, _ = said(capsys, "show", "roads", "--county", made, "--lang", lang)
        assert "expressway | national | provincial | county | township | village" in out
        monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
        _, seen, _ = said(capsys, "list", made, "--lang", lang)
        monkeypatch.delenv("FORCE_COLOR")
        plain = re.sub(r"\x1b\[[0-9;]*m", "", seen)
        assert set(CATALOG) <= set(plain.split())
