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
from geo.words import NO_TEXT, Text, alike
from layers import county as counties
from layers import folder as folders
from layers.folder import scripts, shipped
from scenarios.__main__ import main
from scenarios.result import load
from scenarios.running import orders, showing
from scenarios.running.script import read

ROOT = Path(scenarios.__file__).parents[1]
MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    scenarios.find("tiny")
    module = sys.modules["scenarios.tiny"]
    monkeypatch.setattr(showing, "EVERY_S", 1e6)  # a log is told of nothing, however busy we are
    known = {"tiny": module.county()}
    real, kept = counties.load, folders.scripts
    monkeypatch.setattr(counties, "load", lambda name: known.get(name) or real(name))
    monkeypatch.setattr(orders, "scripts", lambda name: {} if name in known else kept(name))
    monkeypatch.setattr(orders, "defaults", lambda _: {})
    return module


def command(*words, code=0):
    assert main(list(map(str, words))) == code


def run(folder, *words, code=0):
    command("run", "tiny", "--county", "tiny", "-o", folder, *words, code=code)


def test_list_tells_every_scenario(capsys):
    command("list")
    said = capsys.readouterr().out
    assert "tiny: people (measures 4)\n    How many people live in each township?" in said
    assert "各乡镇" not in said
    command("list", "--lang", "zh")
    said = capsys.readouterr().out
    assert "tiny：人口（举措 4）\n    各乡镇有多少人？" in said
    assert "people" not in said


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
    assert "doubled: Doubled (tiny)" in capsys.readouterr().out
    command("run", "doubled", "--county", folder, "-o", tmp_path / "out")
    run = load(tmp_path / "out")
    assert run.params["growth"] == 2.0
    assert run.subtitle.en == "Doubled"
    command("run", "doubeld", "--county", folder, "-o", tmp_path / "out", code=2)
    assert "did you mean doubled?" in capsys.readouterr().err


def test_a_script_of_a_question_s_name_goes_first_if_it_asks_that_question(tmp_path, tiny):
    folder = tmp_path / "tiny"
    counties.save(tiny.county(), folder)
    (folder / "scripts").mkdir()
    script = folder / "scripts" / "tiny.toml"
    for asks, growth in (("tiny", 2.0), ("access", 1.5)):  # 1.5 by default
        script.write_text(KEPT.replace('"tiny"', f'"{asks}"'), encoding="utf-8")
        command("run", "tiny", "--county", folder, "-o", tmp_path / asks)
        assert load(tmp_path / asks).params["growth"] == growth
    script.write_text(KEPT, encoding="utf-8")
    command("run", "tiny", "--county", folder, "-o", tmp_path / "set", "--set", "growth=3")
    run = load(tmp_path / "set")
    assert (run.params["growth"], run.subtitle.en) == (3.0, "Doubled")


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
        "people\nHow many people live in each township?\n\nHow many people live where?",
        "needs: townships (townships), settlements (settlements)\n",
        "uses, if there: dem (terrain)",
        "growth  growth\n",
        "default 1.5 · unit 1 · range > 0, ≤ 10 · source made up",
        "default [15, 30] · unit min · range ≥ 1",
        "choices plain | infeasible",
        "file geojson",
    ):
        assert words in said, words
    assert "方法：求和。" not in said
    command("describe", "tiny", "--lang", "zh")
    said = capsys.readouterr().out
    for words in (
        "人口\n各乡镇有多少人？\n\n方法：求和。局限：虚构。\n",
        "需要图层：townships（乡镇）、settlements（居民点）\n",
        "可用图层：dem（地形）\n",
        "growth  增长\n",
        "默认 1.5 · 单位 1 · 范围 > 0、≤ 10 · 来源 made up",
        "可选 plain | infeasible",
    ):
        assert words in said, words
    assert "Method: a sum." not in said
    command("describe", "consolidation")
    assert "default null · range ≥ 0, ≤ 1,000,000 ·" in capsys.readouterr().out


def test_validate_says_ready_or_everything_that_is_wrong(capsys, tmp_path):
    command("validate", "tiny", "--county", "tiny")
    assert capsys.readouterr().out == "✓ tiny: ready to run on Tiny\n"
    command("validate", "tiny", "--county", "tiny", "--lang", "zh")
    assert capsys.readouterr().out == "✓ tiny：可在小县运行\n"
    script = tmp_path / "a.toml"
    script.write_text('scenario = "tiny"\n[params]\ngrow = 1\ngrowth = 99\n', encoding="utf-8")
    command("validate", script, "--county", "tiny", code=2)
    said = capsys.readouterr().err
    assert "params.grow " in said
    assert "did you mean growth?" in said
    assert "≤ 10 1" in said
    command("validate", script, "--county", "tiny", "--lang", "zh", code=2)
    said = capsys.readouterr().err
    assert "是否指 growth？" in said
    assert "remedy" not in said


def test_run_writes_tells_and_reuses(capsys, tmp_path):
    run(tmp_path / "a", "--set", "growth=2")
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "people: 480.0 人 (before 240.0)",
        "✓ pass terrain is there: dem",
        "quality: modelled, not for design",
        f"run folder: {tmp_path / 'a'}",
    ]
    assert "reused" not in said.out
    assert said.err == ""
    run(tmp_path / "a", "--set", "growth=2")
    assert "the former run is reused" in capsys.readouterr().out
    run(tmp_path / "a", "--set", "growth=2", "--again", "--lang", "zh")
    assert capsys.readouterr().out.splitlines() == [
        "总人口：480.0 人（原 240.0）",
        "✓ 通过 有地形：dem",
        "数据质量：示意 · 模拟数据，不可用于设计",
        f"运行文件夹：{tmp_path / 'a'}",
    ]
    found = load(tmp_path / "a")
    assert found.changed == {"growth": 2.0}
    assert found.lang == "zh"


def test_without_a_language_asked_for_it_is_that_of_the_system(capsys, tmp_path, monkeypatch):
    for system, lang, line in (
        ("zh_CN.UTF-8", "zh", "总人口："),
        ("en_GB.UTF-8", "en", "people: "),
    ):
        monkeypatch.setenv("LC_ALL", system)
        run(tmp_path)
        assert capsys.readouterr().out.startswith(line)
        assert load(tmp_path).lang == lang
    command("run", "tinny", "-o", tmp_path, "--lang", "zh", code=2)
    assert "是否指 tiny？" in capsys.readouterr().err


def test_the_answer_comes_first_figures_have_ends_and_verdicts_remedies(
    tiny, tmp_path, capsys, monkeypatch
):
    def answered(county, params):
        result = tiny.run(county, params)
        (total,), (check,) = result.metrics, result.checks
        return replace(
            result,
            answer=(Text("全县 240 人。", "The county has 240 people."),),
            metrics=(replace(total, low=230.25, high=250), replace(total, before=None, high=3)),
            checks=(
                replace(
                    check,
                    verdict="approval",
                    found=Text("0.92 公顷", "0.92 ha"),
                    allowed=alike("0"),
                    remedy=Text("报市政府批准", "ask the city"),
                ),
                replace(check, verdict="fail", found=NO_TEXT),
            ),
        )

    monkeypatch.setattr(tiny, "SCENARIO", replace(tiny.SCENARIO, run=answered))
    run(tmp_path, "--set", "growth=1")
    assert capsys.readouterr().out.splitlines()[:5] == [
        "The county has 240 people.",
        "people: 240.0 人 (230.2 to 250.0; before 240.0)",
        "people: 240.0 人",
        "! needs approval terrain is there: 0.92 ha / 0; remedy: ask the city",
        "✗ fail terrain is there",
    ]
    run(tmp_path, "--set", "growth=1", "--lang", "zh")
    assert capsys.readouterr().out.splitlines()[:5] == [
        "全县 240 人。",
        "总人口：240.0 人（230.2 至 250.0；原 240.0）",
        "总人口：240.0 人",
        "! 需报批 有地形：0.92 公顷 / 0；处理：报市政府批准",
        "✗ 不符 有地形",
    ]


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ((), "? unknown terrain is there: no dem (terrain)"),
        (("--lang", "zh"), "? 未知 有地形：缺少 dem（地形）"),
        (("--lang=en",), "? unknown terrain is there: no dem (terrain)"),
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
    assert found.changed == {"added": {"features": 1}}


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
        (["list", "--lang", "fr"], 2),
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
    command(*words, "--lang", "zh", code=code)
    said = capsys.readouterr().err
    assert bool(said) == bool(code)
    assert not re.search("usage: |error: ", said)


def test_the_command_line_is_refused_in_one_language(capsys):
    for words, line in (
        (["run", "tiny"], "错误：缺少参数：-o/--output"),
        (["walk"], "错误：COMMAND 不能是 'walk'；可选"),
        (["list", "--all"], "错误：未知参数：--all"),
        (["list", "--county"], "错误：--county 缺少值"),
    ):
        command(*words, "--lang=zh", code=2)
        said = capsys.readouterr().err
        assert line in said
        assert said.startswith("用法：python -m scenarios ")


def test_lists_that_are_too_short_or_too_long_are_told_in_words(capsys):
    settings = ("--set", "services=", "--set", "thresholds_min=1;2;3;4;5;6;7")
    command("validate", "access", *settings, "--lang", "zh", code=2)
    said = capsys.readouterr().err
    assert "应为 ≥ 1 项" in said
    assert "应为 ≤ 6 项" in said


def test_what_a_command_does_not_know_is_told_with_its_own_usage(capsys):
    command("run", "tiny", "-o", "x", "--sett", "a=1", code=2)
    assert capsys.readouterr().err.startswith("usage: python -m scenarios run ")


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
from layers import county, folder
county.load = lambda _: tiny.county()
folder.defaults = lambda _: {}
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
    for name in ("list", "describe", "schema", "validate", "run"):
        command(name, "--help", "--lang", "zh")
        said = capsys.readouterr().out
        assert said.startswith(f"用法：python -m scenarios {name} ")
        assert "选项" in said


BROKEN = """
'''Question: none. Method: none. Limits: none.'''
from geo.words import Text
from scenarios.contract import Params, Scenario


def run(county, params):
    return 1 / 0


SCENARIO = Scenario(Text("甲", "A"), Text("乙", "B"), "方法：无。局限：无。", (1,), (), Params, run)
"""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (BROKEN, "mine.py:8"),
        ("SCENARIO = (", "mine.py:1"),
        ("import no_such\nSCENARIO = 1", "mine.py:1"),
    ],
)
def test_a_file_that_fails_is_refused_with_the_line(tmp_path, capsys, source, words):
    mine = tmp_path / "mine.py"
    mine.write_text(source, encoding="utf-8")
    command("run", mine, "--county", "tiny", "-o", tmp_path / "out", code=3)
    told = capsys.readouterr().err
    assert words in told
    assert f"jingning validate {mine}" in told
