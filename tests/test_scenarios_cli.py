"""The scenarios' command: what it prints, and every exit code."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from layers import county as counties
from layers.folder import scripts, shipped
from scenarios.__main__ import main
from scenarios.result import load
from scenarios.running.script import read

ROOT = Path(scenarios.__file__).parents[1]
MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    scenarios.find("tiny")
    module = sys.modules["scenarios.tiny"]
    known = {"tiny": module.county()}
    real = counties.load
    monkeypatch.setattr(counties, "load", lambda name: known.get(name) or real(name))
    return module


def command(*words, code=0):
    assert main(list(map(str, words))) == code


def run(folder, *words, code=0):
    command("run", "tiny", "--county", "tiny", "-o", folder, *words, code=code)


def test_list_tells_every_scenario(capsys):
    command("list")
    said = capsys.readouterr().out
    assert "tiny: 人口 people" in said
    assert "各乡镇有多少人？ How many people live in each township?" in said
    command("list", "--lang", "en")
    assert "各乡镇" not in capsys.readouterr().out


KEPT = """scenario = "tiny"
title_zh = "翻一番"
title_en = "Doubled"
[params]
growth = 2.0
"""


def test_scripts_kept_with_a_county_are_listed_and_run_by_name(tmp_path, capsys, tiny):
    folder = tmp_path / "tiny"
    counties.save(tiny.county(), folder)
    (folder / "scripts").mkdir()
    (folder / "scripts" / "doubled.toml").write_text(KEPT, encoding="utf-8")
    command("list", "--county", folder)
    assert "doubled: 翻一番 Doubled (tiny)" in capsys.readouterr().out
    command("run", "doubled", "--county", folder, "-o", tmp_path / "out")
    run = load(tmp_path / "out")
    assert run.params["growth"] == 2.0
    assert run.subtitle.en == "Doubled"
    command("run", "doubeld", "--county", folder, "-o", tmp_path / "out", code=2)
    assert "did you mean doubled?" in capsys.readouterr().err


@pytest.mark.parametrize("county", shipped())
def test_every_script_kept_with_a_shipped_county_is_one(county):
    for name, path in scripts(county).items():
        script = read(name, kept={name: path})
        assert script.subtitle.zh, name
        assert script.subtitle.en, name


def test_describe_tells_question_method_layers_and_parameters(capsys):
    command("describe", "tiny")
    said = capsys.readouterr().out
    for words in (
        "方法：求和。局限：虚构。\n\nHow many people live where?",
        "需要图层 needs: townships (乡镇 townships), settlements (居民点 settlements)",
        "可用图层 uses, if there: dem (地形 terrain)",
        "growth  增长 growth",
        "默认 default 1.5 · 单位 unit 1 · 范围 range > 0, ≤ 10 · 来源 source: made up",
        "默认 default [15, 30] · 单位 unit min · 范围 range ≥ 1",
        "可选 choices plain | infeasible",
        "文件 file geojson",
    ):
        assert words in said, words
    command("describe", "tiny", "--lang", "zh")
    said = capsys.readouterr().out
    assert "growth  增长\n" in said
    assert "方法：求和。" in said
    assert "Method: a sum." not in said
    command("describe", "tiny", "--lang", "en")
    said = capsys.readouterr().out
    assert "方法：求和。" not in said
    assert "Method: a sum." in said
    command("describe", "consolidation")
    assert "默认 default null · 范围 range ≥ 0, ≤ 1,000,000 ·" in capsys.readouterr().out


def test_the_schema_is_one_editors_read(capsys):
    command("schema", "tiny")
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["scenario"] == {"const": "tiny"}
    growth = schema["properties"]["params"]["properties"]["growth"]
    assert (growth["exclusiveMinimum"], growth["maximum"], growth["unit"]) == (0, 10, "1")
    added = schema["properties"]["params"]["properties"]["added"]
    assert {"type": "string", "format": "uri-reference"} in added["anyOf"]
    assert schema["properties"]["params"]["additionalProperties"] is False


def test_validate_says_ready_or_everything_that_is_wrong(capsys, tmp_path):
    command("validate", "tiny", "--county", "tiny")
    assert "ready to run on 小县 Tiny" in capsys.readouterr().out
    script = tmp_path / "a.toml"
    script.write_text('scenario = "tiny"\n[params]\ngrow = 1\ngrowth = 99\n', encoding="utf-8")
    command("validate", script, "--county", "tiny", code=2)
    said = capsys.readouterr().err
    assert "params.grow " in said
    assert "did you mean growth?" in said
    assert "≤ 10 1" in said


def test_run_writes_tells_and_reuses(capsys, tmp_path):
    run(tmp_path / "a", "--set", "growth=2")
    said = capsys.readouterr()
    assert "总人口 people: 480.0 人 (原 before 240.0)" in said.out
    assert "✓ 通过 pass 有地形 terrain is there: dem" in said.out
    assert "modelled, not for design" in said.out
    assert "reused" not in said.out
    assert said.err == ""
    run(tmp_path / "a", "--set", "growth=2")
    assert "the former run is reused" in capsys.readouterr().out
    run(tmp_path / "a", "--set", "growth=2", "--again", "--lang", "en")
    said = capsys.readouterr().out
    assert "people: 480.0" in said
    assert "reused" not in said
    assert load(tmp_path / "a").changed == {"growth": 2.0}


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ((), "? 未知 unknown 有地形 terrain is there: 缺少 dem（地形） no dem (terrain)"),
        (("--lang", "zh"), "? 未知 unknown 有地形: 缺少 dem（地形）"),
        (("--lang", "en"), "? 未知 unknown terrain is there: no dem (terrain)"),
    ],
)
def test_what_was_found_is_told_in_the_language_asked_for(
    lang, line, tiny, monkeypatch, capsys, tmp_path
):
    flat = tiny.county()
    flat = replace(flat, data={name: one for name, one in flat.data.items() if name != "dem"})
    monkeypatch.setattr(counties, "load", lambda _: flat)
    run(tmp_path / "a", *lang)
    assert line in capsys.readouterr().out.splitlines()


def test_a_script_runs_with_its_title_and_files(tmp_path):
    point = {"type": "Point", "coordinates": [120.0, 27.0]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    content = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "new.geojson").write_text(json.dumps(content), encoding="utf-8")
    script = tmp_path / "a.toml"
    script.write_text(
        'scenario = "tiny"\ncounty = "tiny"\ntitle_zh = "甲"\ntitle_en = "A"\n'
        '[params]\nadded = "new.geojson"\n',
        encoding="utf-8",
    )
    command("run", script, "-o", tmp_path / "run")
    found = load(tmp_path / "run")
    assert (found.subtitle.zh, found.subtitle.en) == ("甲", "A")
    assert found.params["added"] == content
    assert found.changed == {"added": "1 个要素 features"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["walk"], 2),
        (["run", "tiny"], 2),
        (["describe", "tinny"], 2),
        (["run", "none.toml", "-o", "x"], 2),
        (["run", "tiny", "-o", "x", "--set", "growth=0"], 2),
        (["run", "tiny", "-o", "x", "--county", "nowhere"], 3),
        (["--help"], 0),
        (["run", "--help"], 0),
    ],
)
def test_exit_codes_of_words(words, code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command(*words, code=code)
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert bool(said.err) == bool(code)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("mode", "code", "words"),
    [
        ("broken", 1, "ZeroDivisionError: a mistake"),
        ("infeasible", 4, "no answer"),
        ("limit", 5, "out of time"),
        ("interrupted", 130, "interrupted"),
    ],
)
def test_exit_codes_of_runs(mode, code, words, tmp_path, capsys):
    run(tmp_path, "--set", f"mode={mode}", code=code)
    assert words in capsys.readouterr().err
    assert not (tmp_path / "manifest.json").exists()
    run(tmp_path)


def test_exit_code_3_when_a_layer_is_missing(tiny, tmp_path, monkeypatch, capsys):
    whole = tiny.county()
    county = replace(whole, data={"townships": whole.data["townships"]})
    monkeypatch.setattr(counties, "load", lambda _: county)
    run(tmp_path, code=3)
    assert "settlements" in capsys.readouterr().err


def test_exit_code_5_when_the_folder_is_in_use(tmp_path, capsys):
    from scenarios.running import folder

    with folder.locked(tmp_path):
        run(tmp_path, code=5)
    assert "another run works in this folder" in capsys.readouterr().err


def test_exit_code_5_when_memory_is_out(tmp_path, monkeypatch, capsys):
    def refuse(_):
        raise MemoryError

    monkeypatch.setattr(counties, "load", refuse)
    run(tmp_path, code=5)
    assert "out of memory" in capsys.readouterr().err


SLOW = """
import sys, time
import scenarios
scenarios.__path__.append(sys.argv[1])
scenarios.find("tiny")
tiny = sys.modules["scenarios.tiny"]
from dataclasses import replace
from layers import county
county.load = lambda _: tiny.county()
def run(county, params):
    print("started", flush=True)
    time.sleep(60)
tiny.SCENARIO = replace(tiny.SCENARIO, run=run)
from scenarios.__main__ import main
sys.exit(main(["run", "tiny", "-o", sys.argv[2]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_exit_code_130_when_interrupted_from_outside(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, MADE_UP, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout.readline().strip() == "started"
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} <= {".lock"}


def test_help_tells_the_exit_codes(capsys):
    command("--help")
    said = capsys.readouterr().out
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert re.search(rf"\b{code} \w+", said), code
