"""The planner's one command, tried as a planner types it."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyproj import Transformer

import jingning
from layers import twin
from scenarios import __main__ as scenarios_command
from scenarios.result import load


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "twin"
    twin.write(folder)
    return folder


def test_help_names_every_command(capsys):
    assert jingning.main(["--help"]) == 0
    told = capsys.readouterr().out
    for word in (
        "run",
        "list",
        "describe",
        "schema",
        "validate",
        "layers",
        "maps",
        "manual",
        "doctor",
    ):
        assert word in told
    assert jingning.main([]) == 2


def test_help_speaks_the_language_asked_for_or_that_of_the_system(capsys, monkeypatch):
    for words, lang in (((), "en"), (("--lang", "zh"), "zh"), (("--lang=zh",), "zh")):
        assert jingning.main(["--help", *words]) == 0
        first = capsys.readouterr().out
        assert jingning.main([*words, "--help"]) == 0
        assert capsys.readouterr().out == first
        assert first.startswith({"en": "usage: jingning", "zh": "用法：jingning"}[lang])
        assert ("运行情景并出图" in first) == (lang == "zh")
        assert ("run a scenario" in first) == (lang == "en")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert jingning.main(["rnu"]) == 2
    assert "没有命令 'rnu'" in capsys.readouterr().err
    assert jingning.main(["--lang", "en"]) == 2
    assert "usage: jingning" in capsys.readouterr().out


def test_an_unknown_command_is_a_usage_error(capsys):
    assert jingning.main(["rnu"]) == 2
    assert "rnu" in capsys.readouterr().err


def test_the_floors_keep_their_own_help_and_exit_codes(capsys):
    assert jingning.main(["layers", "--help"]) == 0
    assert jingning.main(["maps", "--help"]) == 0
    assert jingning.main(["run", "--help"]) == 0
    told = capsys.readouterr().out
    assert "--open" in told
    assert "usage: jingning run " in told
    assert jingning.main(["run", "acess"]) == 2
    assert "access" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["run"], ["layers"], ["layers", "list"], ["maps"], ["manual"], ["doctor"]]
)
def test_help_names_the_command_as_it_was_typed(words, capsys):
    assert jingning.main([*words, "--help"]) == 0
    assert f"usage: jingning {' '.join(words)}" in capsys.readouterr().out
    if words[0] in {"manual", "doctor"}:
        return
    floor, rest = ("scenarios", words) if words[0] == "run" else (words[0], words[1:])
    main = importlib.import_module(f"{floor}.__main__").main
    with contextlib.suppress(SystemExit):
        assert main([*rest, "--help"]) == 0
    assert f"usage: python -m {' '.join([floor, *rest])}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("zh", "运行文件夹；可省略，默认 out/NAME"),
        ("en", "run folder; out/NAME where it is left out"),
    ],
)
def test_the_run_folder_may_be_left_out_where_a_page_is_drawn(lang, line, capsys):
    assert jingning.main(["run", "--help", "--lang", lang]) == 0
    assert line in " ".join(capsys.readouterr().out.split())
    assert scenarios_command.main(["run", "--help", "--lang", lang]) == 0
    told = capsys.readouterr().out
    assert "out/NAME" not in told
    assert "--open" not in told


def test_run_draws_and_opens_the_page(county, tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    folder = tmp_path / "run"
    words = ["run", "access", "--county", str(county), "--set", "cell_m=100", "-o", str(folder)]
    assert jingning.main([*words, "--open", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert f"运行文件夹：{folder}\n图页：{folder / 'index.html'}\n" in told
    assert "数据质量：" in told
    assert "quality" not in told
    assert load(folder).lang == "zh"
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert opened == [(folder / "index.html").resolve().as_uri()]
    assert "</html>" in (folder / "index.html").read_text(encoding="utf-8")


def test_run_chooses_a_folder_by_the_scenario(county, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert jingning.main(["run", "access", "--county", str(county), "--set", "cell_m=100"]) == 0
    assert (tmp_path / "out" / "access" / "index.html").is_file()


def test_a_failed_run_draws_nothing(county, tmp_path):
    folder = tmp_path / "run"
    words = ["run", "access", "--county", str(county), "-o", str(folder), "--set", "cell_m=-1"]
    assert jingning.main(words) == 2
    assert not (folder / "index.html").exists()


def test_a_script_adds_roads_from_a_file_beside_it(county, tmp_path, monkeypatch, capsys):
    # From seat 002 straight to the county seat, 3,900 m at 60 km/h.
    to_degrees = Transformer.from_crs(4549, 4326, always_xy=True)
    ends = [to_degrees.transform(*twin.xy(*place)) for place in ((5100, 2700), (1500, 1200))]
    road = {
        "type": "Feature",
        "properties": {"class": "county", "speed_kmh": 60, "name": "新线"},
        "geometry": {"type": "LineString", "coordinates": ends},
    }
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    content = {"type": "FeatureCollection", "features": [road]}
    (scripts / "roads.geojson").write_text(json.dumps(content), encoding="utf-8")
    (scripts / "new.toml").write_text(
        f'scenario = "access"\ncounty = "{county.as_posix()}"\ntitle_zh = "新线"\n[params]\n'
        'open_roads = []\nadd_roads = "roads.geojson"\ncell_m = 60\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    assert jingning.main(["validate", "scripts/new.toml"]) == 0
    words = ["--set", "services=county_seat,clinic", "--set", "class_speed_kmh.national=30"]
    assert jingning.main(["run", "scripts/new.toml", "-o", "run", *words]) == 0
    run = load(tmp_path / "run")
    assert run.params["add_roads"] == json.loads(
        json.dumps(content)
    )  # the run holds the roads themselves
    assert run.params["services"] == ["county_seat", "clinic"]
    assert run.params["class_speed_kmh"] == {"national": 30}
    layers = {layer.id: layer for layer in run.result.layers}
    assert layers["roads_opened"].data["name"].tolist() == ["新线"]
    seats = layers["settlements"].data
    assert seats.loc["s21", "county_seat_after"] == pytest.approx(3.9, abs=1e-2)
    assert seats.loc["s41", "county_seat_after"] == pytest.approx(6, abs=1e-2)
    assert "新线" in (tmp_path / "run" / "index.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert jingning.main(["run", "scripts/new.toml", "-o", "run", *words]) == 0
    assert "the former run is reused" in capsys.readouterr().out
    road["properties"]["class"] = "motorway"
    (scripts / "roads.geojson").write_text(json.dumps(content), encoding="utf-8")
    assert jingning.main(["run", "scripts/new.toml", "-o", "run"]) == 3
    assert "features[0].properties.class" in capsys.readouterr().err
    assert load(tmp_path / "run").params == run.params  # the former run stands


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_interrupted_at_any_moment_it_leaves_by_130(county, tmp_path):
    words = ["run", "access", "--county", str(county), "-o", str(tmp_path), "--set", "cell_m=60"]
    for moment in (0.5, 1.5, 2.5):
        with subprocess.Popen(
            [sys.executable, "-m", "jingning", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        ) as process:
            time.sleep(moment)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[1]
        # 0 where it was done by then; Python ends itself by the signal, which every shell calls 130,
        # when it comes while a library makes a class from text.
        assert process.returncode in {0, 130, -signal.SIGINT}, said
        assert b"Traceback" not in said
        left = {path.name for path in tmp_path.iterdir()}
        assert ".new" not in left
        assert "manifest.json" in left or left <= {".lock"}


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_stopped_while_modules_are_imported_it_leaves_by_130_without_a_traceback():
    root = Path(jingning.__file__).parent
    own = [str(root / name).encode() for name in ("jingning.py", "geo/", "layers/")]
    ends = []
    for moment in range(0, 401, 40):
        with subprocess.Popen(
            [sys.executable, "-m", "jingning", "layers", "list"],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        ) as process:
            time.sleep(moment / 1000)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[1]
        # Before the first line of ours runs Python answers as it does: by the signal, or its own
        # traceback of what it imports to start itself. Nothing of ours is in it.
        begun = b"Traceback" not in said and b"Fatal Python" not in said
        assert not any(name in said for name in own), said
        if begun:
            ends.append(process.returncode)
    assert set(ends) <= {0, 130, -signal.SIGINT}
    assert 130 in ends


def test_who_imports_the_command_keeps_what_a_stop_does():
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sys.excepthook is not jingning._untold


def test_doctor_tells_what_the_toolkit_stands_on(capsys):
    assert jingning.main(["doctor"]) == 0
    told = capsys.readouterr().out
    for word in ("Python", "GDAL", "PROJ", "geopandas", "CJK"):
        assert word in told
    assert "✗" not in told
    assert jingning.main(["doctor", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "中文字体：" in told
    assert "CJK font" not in told
    assert jingning.main(["doctor", "--all"]) == 2


def test_doctor_fails_when_something_is_missing(capsys, monkeypatch):
    import importlib.metadata

    def version(name):
        if name == "folium":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert jingning.main(["doctor"]) == 1
    assert "✗ folium" in capsys.readouterr().out
