"""Runs that stand on runs: their edits are the county's layers, and the key says which run it was."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from geo.errors import FileError, InputError, SchemaError, UsageError
from layers import county as counties
from layers import twin
from layers.source import Quality
from scenarios.__main__ import main
from scenarios.contract import found, schema
from scenarios.result import load
from scenarios.running import basis, runs
from scenarios.running.script import read

MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))
PEOPLE = 1000  # of the twin


@pytest.fixture(autouse=True)
def moved(monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    monkeypatch.setattr(counties, "load", lambda _: twin.county())
    scenarios.find("moved")
    return sys.modules["scenarios.moved"]


@pytest.fixture
def first(moved, tmp_path):
    """A run in which every settlement doubles."""
    runs.fulfil(runs.Order("moved", twin.county(), moved.Moved()), tmp_path / "first")
    return tmp_path / "first"


def order(*settings, county=None):
    script = read("moved", settings=settings)
    return runs.Order("moved", county or twin.county(), script.params, bases=script.bases)


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_a_run_stands_on_what_another_would_leave(first, tmp_path):
    second, _ = runs.fulfil(order("growth=3", f"base={first}"), tmp_path / "second")
    (total,) = second.result.metrics
    assert (total.before, total.value) == (2 * PEOPLE, 6 * PEOPLE)
    key = load(first).key
    assert second.params["base"] == second.changed["base"] == key
    third = runs.perform(order(f"base={tmp_path / 'second'}"))
    assert third.result.metrics[0].value == 12 * PEOPLE
    (source,) = third.sources
    assert f"moved {second.key}" == source.steps[-1]
    assert f"moved {key}" == source.steps[-2]
    assert source.title.en == f"settlements after newcomers (moved {second.key[:12]})"
    assert source.title.zh == f"居民点，新增人口（moved {second.key[:12]}）之后"
    assert source.rows == len(twin.county().vector("settlements"))


def test_equal_bytes_do_not_hang_on_where_the_run_lies(first, tmp_path):
    shutil.copytree(first, tmp_path / "elsewhere" / "copy")
    for name, folder in (("a", first), ("b", tmp_path / "elsewhere" / "copy")):
        runs.fulfil(order(f"base={folder}"), tmp_path / name)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert runs.fulfil(order(f"base={first}"), tmp_path / "a")[1]


def test_the_key_holds_the_run_that_is_stood_on(first, tmp_path):
    runs.fulfil(order("growth=3"), tmp_path / "other")
    keys = {
        runs.key(order(*words))
        for words in ((), (f"base={first}",), (f"base={tmp_path / 'other'}",))
    }
    assert len(keys) == 3
    assert runs.key(order("base=")) == runs.key(order())
    assert read("moved", settings=["base="]).bases == ()


def test_a_script_names_the_run_from_where_it_stands(first, tmp_path, monkeypatch):
    text = 'scenario = "moved"\n[params]\nbase = "first"\n'
    (tmp_path / "after.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path.parent)
    script = read(str(tmp_path / "after.toml"))
    assert script.params.base == load(first).key
    assert [one.run.key for one in script.bases] == [script.params.base]


def test_a_question_sees_what_the_run_found(first):
    key = load(first).key
    ground = order(f"base={first}").ground
    assert found(ground, key).result.metrics == load(first).result.metrics
    assert found(ground, "") is found(ground, "another") is found(twin.county(), key) is None
    assert (ground.id, ground.names) == (twin.county().id, twin.county().names)


def test_the_quality_is_the_worse_of_both(first):
    real = twin.county()
    official = {n: replace(one, quality=Quality.OFFICIAL) for n, one in real.sources.items()}
    county = replace(real, sources=official)
    assert load(first).quality == Quality.MODELLED
    assert runs.perform(order(county=county)).quality == Quality.OFFICIAL
    assert runs.perform(order(f"base={first}", county=county)).quality == Quality.MODELLED


def test_layers_that_are_not_declared_stay_as_they_are(tmp_path, moved, monkeypatch):
    wider = replace(moved.SCENARIO, uses=("roads",))
    monkeypatch.setattr(moved, "SCENARIO", wider)
    runs.fulfil(order("roads=true"), tmp_path / "wide")
    assert order(f"base={tmp_path / 'wide'}").ground.sources["roads"].steps[-1].startswith("moved ")
    monkeypatch.setattr(moved, "SCENARIO", replace(wider, uses=()))
    ground = order(f"base={tmp_path / 'wide'}").ground
    assert ground.sources["roads"] == twin.county().sources["roads"]
    assert ground.sources["settlements"] != twin.county().sources["settlements"]


@pytest.mark.parametrize(
    ("change", "en", "zh"),
    [
        (
            {"county": "other"},
            "it is a run of the county other, not of twin",
            "该情景运行结果属于县域 other，而非 twin",
        ),
        (
            {"crs": "EPSG:4527"},
            "its CRS is EPSG:4527, not EPSG:4549",
            "该情景运行结果的坐标系为 EPSG:4527，而非 EPSG:4549",
        ),
    ],
)
def test_a_run_of_another_county_or_crs_is_refused(first, change, en, zh):
    given = basis.opened(first)
    other = replace(given, run=replace(given.run, **change))
    with pytest.raises(InputError) as caught:
        basis.laid(twin.county(), [other], {"settlements"})
    assert en in str(caught.value)
    assert zh in caught.value.said("zh")


def test_two_runs_that_edit_one_layer_are_refused(first, tmp_path):
    runs.fulfil(order("growth=3"), tmp_path / "other")
    with pytest.raises(InputError, match="settlements is edited by two runs") as caught:
        runs.perform(order(f"base={first}", f"other={tmp_path / 'other'}"))
    assert "请只用其一" in caught.value.said("zh")
    # the same run named twice is one run
    assert runs.perform(order(f"base={first}", f"other={first}")).result.metrics[0].before == 2000


def test_a_layer_that_the_county_could_not_hold_is_refused(first):
    given = basis.opened(first)
    (edit,) = given.run.result.edits
    less = replace(edit, data=edit.data.drop(columns="population"))
    broken = replace(given, run=replace(given.run, result=replace(given.run.result, edits=(less,))))
    with pytest.raises(SchemaError, match="population") as caught:
        basis.laid(twin.county(), [broken], {"settlements"})
    assert "改动后的图层不合要求" in caught.value.said("zh")


def test_a_layer_that_only_the_run_has_gets_a_source_of_its_own(first):
    real = twin.county()
    bare = replace(
        real, data={"outline": real.data["outline"]}, sources={"outline": real.sources["outline"]}
    )
    ground = basis.laid(bare, [basis.opened(first)], {"settlements"})
    assert ground.vector("settlements")["population"].sum() == 2 * PEOPLE
    assert ground.sources["settlements"].publisher == real.sources["settlements"].publisher


def test_what_is_no_whole_run_is_refused_with_the_parameter(first, tmp_path):
    (first / "edits.gpkg").write_bytes(b"")
    for place, words in (
        (first, "edits.gpkg"),
        (tmp_path / "none", "no whole run"),
        ("0" * 64, "no whole run"),
    ):
        with pytest.raises(FileError, match=words) as caught:
            order(f"base={place}")
        (problem,) = caught.value.problems
        assert (problem.field, problem.expected.zh) == ("params.base", "运行文件夹")
    manifest = json.loads((first / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {}
    (first / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (first / "result.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileError, match="not a run"):
        order(f"base={first}")


def test_a_key_without_its_run_is_refused_and_so_is_a_run_that_none_names(first, moved):
    given, county = basis.opened(first), twin.county()
    for one in (
        runs.Order("moved", county, moved.Moved(base=given.run.key)),
        runs.Order("moved", county, moved.Moved(), bases=(given,)),
    ):
        with pytest.raises(UsageError, match="differ") as caught:
            runs.perform(one)
        assert "不一致" in caught.value.said("zh")


def test_commands_know_it(first, tmp_path, capsys):
    assert main(["describe", "moved"]) == 0
    assert (
        'base  run before it\n      default "" · a run folder · source made up'
        in capsys.readouterr().out
    )
    assert main(["describe", "moved", "--lang", "zh"]) == 0
    assert 'base  先行运行\n      默认 "" · 运行文件夹 · 来源 made up' in capsys.readouterr().out
    shape = schema("moved", scenarios.find("moved"))["properties"]["params"]["properties"]["base"]
    assert {"type": "string", "format": "uri-reference"} in shape["anyOf"]
    assert main(["validate", "moved", "--set", f"base={first}"]) == 0
    assert main(["validate", "moved", "--set", f"base={tmp_path}"]) == 3
    capsys.readouterr()
    assert main(["run", "moved", "-o", str(tmp_path / "out"), "--set", f"base={first}"]) == 0
    assert capsys.readouterr().out.startswith("2000 → 4000\npeople: 4,000.0 人 (before 2,000.0)\n")


def test_of_runs_in_a_row_the_latest_edit_of_a_layer_stands(first, moved, tmp_path):
    """Five times as many people, then twice as many, or the other way round."""
    runs.fulfil(runs.Order("moved", twin.county(), moved.Moved(growth=5)), tmp_path / "five")
    bases = tuple(basis.opened(one) for one in (tmp_path / "five", first))
    again = replace(runs.Order("moved", twin.county(), moved.Moved()), before=bases)
    assert runs.perform(again).result.metrics[0].before == 2 * PEOPLE
    turned = replace(again, before=bases[::-1])
    assert runs.perform(turned).result.metrics[0].before == 5 * PEOPLE
    assert runs.key(again) != runs.key(turned)
    latest = basis.latest(bases, ("settlements", "roads"))
    assert [(one.run.key, {*layers}) for one, layers in latest] == [
        (load(first).key, {"settlements"})
    ]
    assert basis.stacked(again.county, bases, ("dem",)) is again.county
