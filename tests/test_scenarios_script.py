"""Scripts and settings: what they mean, and every problem at once."""

import json
import os
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import Field, ValidationError

import scenarios
from geo.errors import FileError, UsageError
from geo.words import Text, said
from layers.given import rows
from scenarios import find
from scenarios.contract import Params
from scenarios.running.runs import changed
from scenarios.running.script import read
from scenarios.running.validation import finding

MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))
POINT = {"type": "Point", "coordinates": [119.6, 27.9]}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    scenarios.find("tiny")
    return sys.modules["scenarios.tiny"]


def write(folder, text, name="a.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def collection(*geometries, **more):
    features = [{"type": "Feature", "properties": {}, "geometry": one} for one in geometries]
    return {"type": "FeatureCollection", "features": features, **more}


def problems(what, *settings):
    with pytest.raises(UsageError) as caught:
        read(what, settings=settings)
    return {problem.field: problem for problem in caught.value.problems}


def test_a_name_runs_with_defaults(tiny):
    script = read("tiny")
    assert (script.scenario, script.params, script.county) == ("tiny", tiny.Tiny(), "")


def test_a_script_is_read_whole(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "county.toml").touch()
    path = write(
        tmp_path,
        'scenario = "tiny"\ncounty = "place"\ntitle_zh = "甲"\ntitle_en = "A"\n'
        "[params]\ngrowth = 2\nlimits = [5, 6]\n",
    )
    script = read(path)
    assert (script.params.growth, script.params.limits) == (2.0, (5, 6))
    assert script.county == str(tmp_path / "place")
    assert script.subtitle == Text("甲", "A")
    # a county that is no folder beside the script is left as it is named
    assert read(write(tmp_path, 'scenario = "tiny"\ncounty = "jingning"')).county == "jingning"


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("growth=0.5", "growth", 0.5),
        ("growth = 3", "growth", 3.0),
        ("limits=5", "limits", (5,)),
        ("limits=5,6", "limits", (5, 6)),
        ("limits=[5, 6]", "limits", (5, 6)),
        ("mode=limit", "mode", "limit"),
        ("speeds.fast=5", "speeds", {"fast": 5.0}),
        ("speeds={slow = 2}", "speeds", {"slow": 2.0}),
        ("mode='limit'", "mode", "limit"),
        ("added=null", "added", None),
        ("added=", "added", None),
        ("limits=", "limits", ()),
        ("limits = ", "limits", ()),
        ("speeds=", "speeds", {}),
        ("remark=", "remark", ""),
    ],
)
def test_settings_stand_over_the_script(tmp_path, setting, name, value):
    path = write(tmp_path, 'scenario = "tiny"\n[params]\ngrowth = 9\nlimits = [1]\n')
    assert getattr(read(path, settings=[setting]).params, name) == value


def test_all_problems_of_a_script_are_told_at_once(tmp_path):
    path = write(
        tmp_path,
        'scenario = "tiny"\ncountry = "x"\ntitle_zh = 3\n'
        '[params]\ngrow = 1\ngrowth = 0\nlimits = [5, 0, "a"]\nmode = "infeasable"\n',
    )
    found = problems(
        path, "nothing", "modes=1", "speeds.fsat=5", "speeds.slow=0", "growth.more=1", "limits.0=1"
    )
    assert set(found) == {
        "country",
        "title_zh",
        "--set",
        "params.grow",
        "params.growth",
        "params.limits[1]",
        "params.limits[2]",
        "params.mode",
        "params.modes",
        "params.speeds.fsat",
        "params.speeds.slow",
    }
    assert "did you mean fast?" in found["params.speeds.fsat"].remedy.en
    assert found["params.speeds.slow"].expected == "≥ 1 km/h"
    assert "did you mean county?" in found["country"].remedy.en
    assert "did you mean growth?" in found["params.grow"].remedy.en
    assert "did you mean infeasible?" in found["params.mode"].remedy.en
    assert "did you mean mode?" in found["params.modes"].remedy.en
    assert found["params.growth"].expected == "> 0 1"
    assert found["params.limits[1]"].expected.startswith("≥ 1")
    assert found["params.limits[2]"].expected.en == "a whole number"
    assert all(problem.file == path for problem in found.values())


def test_what_is_wrong_is_told_in_either_language(tmp_path):
    path = write(tmp_path, 'scenario = "tiny"\n[params]\nlimits = ["a"]\nmode = "infeasable"\n')
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.said("zh").splitlines() == [
        "参数有误",
        f"  - 文件 {path} · 字段 params.limits[0] · 发现 'a' · 应为 整数",
        f"  - 文件 {path} · 字段 params.mode · 发现 'infeasable' · 应为 plain | infeasible | limit | broken | interrupted · 处理 是否指 infeasible？",
    ]
    assert str(caught.value).startswith("the parameters are not as they should be\n  - file ")
    assert "a whole number" in str(caught.value)
    (tmp_path / "new.geojson").write_text("[]", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read("tiny", settings=[f"added={tmp_path / 'new.geojson'}"])
    assert "不是要素集合" in caught.value.said("zh")
    assert "FeatureCollection" in str(caught.value)


def test_a_number_cannot_be_left_empty():
    assert problems("tiny", "growth=")["params.growth"].found == "''"


def test_no_road_is_opened_where_none_is_named():
    assert read("access", settings=["open_roads="]).params.open_roads == ()


@pytest.mark.parametrize("value", ["true", '"1"', "nan", "inf", "[1]", "{}"])
def test_a_number_must_be_a_number(tmp_path, value):
    path = write(tmp_path, f'scenario = "tiny"\n[params]\ngrowth = {value}\n')
    assert set(problems(path)) == {"params.growth"}


def test_scripts_that_name_no_scenario(tmp_path):
    assert problems(write(tmp_path, 'scenario = "tinny"'))["scenario"].remedy.zh.startswith(
        "是否指"
    )
    assert "tiny" in problems(write(tmp_path, ""))["scenario"].expected
    assert set(problems(write(tmp_path, "scenario = 3\nparams = 4"))) == {"scenario", "params"}
    with pytest.raises(UsageError, match="did you mean tiny"):
        read("tinny")


@pytest.mark.parametrize("text", ["scenario = ", "\xff", "a = 1\na = 2"])
def test_what_is_no_toml_is_refused(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"a\.toml"):
        read(str(path))
    with pytest.raises(UsageError, match=r"none\.toml"):
        read(str(tmp_path / "none.toml"))


def test_a_file_stands_beside_its_script(tmp_path):
    (tmp_path / "deep").mkdir()
    content = collection(POINT)
    (tmp_path / "deep" / "new.geojson").write_text(json.dumps(content), encoding="utf-8")
    path = write(tmp_path / "deep", 'scenario = "tiny"\n[params]\nadded = "new.geojson"\n')
    assert read(path).params.added == content
    setting = f"added={tmp_path / 'deep' / 'new.geojson'}"
    assert read("tiny", settings=[setting]).params.added == content


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "not GeoJSON: line 1, column 1"),
        ("[" * 100_000, "nested deeper"),
        ("[" * 1_500 + "]" * 1_500, "nested deeper"),
        (f"[{'9' * 5_000}]", "a number is too long"),
        ("[]", "no FeatureCollection"),
        ('{"type": "FeatureCollection", "features": [{"geometry": null}]}', "features[0]"),
        ('{"type": "FeatureCollection", "features": [3]}', "features[0]"),
        (json.dumps(collection({"type": "Point", "coordinates": "x"})), "features[0]"),
        (json.dumps(collection({"type": "Point", "coordinates": [5e5, 3e6]})), "longitudes"),
        (json.dumps(collection(POINT, crs={"name": "urn:ogc:def:crs:EPSG::4549"})), "4549"),
        ('{"type": "FeatureCollection", "features": [], "n": NaN}', "NaN"),
        ("\xff", "not text in UTF-8"),
    ],
)
def test_files_that_are_refused_are_named(tmp_path, content, found):
    (tmp_path / "new.geojson").write_bytes(content.encode("latin-1"))
    path = write(tmp_path, 'scenario = "tiny"\n[params]\nadded = "new.geojson"\n')
    with pytest.raises(FileError) as caught:
        read(path)
    assert caught.value.exit_code == 3
    (problem,) = caught.value.problems
    assert (problem.file, problem.field) == (str(tmp_path / "new.geojson"), "params.added")
    assert found in said(problem.found, "en")
    assert "读取" not in said(problem.found, "en")
    (tmp_path / "new.geojson").unlink()
    with pytest.raises(FileError, match=r"new\.geojson"):
        read(path)
    # a wrong value beside it: both are told, as wrong parameters
    assert set(problems(path, "growth=0")) == {"params.growth", "params.added"}


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4490"])
def test_files_that_say_they_are_in_degrees_are_taken(tmp_path, name):
    content = collection(POINT, crs={"type": "name", "properties": {"name": name}})
    (tmp_path / "new.geojson").write_text(json.dumps(content), encoding="utf-8-sig")
    assert read("tiny", settings=[f"added={tmp_path / 'new.geojson'}"]).params.added == content


def test_a_dotted_setting_changes_one_entry_and_leaves_the_others():
    usual = read("corridor").params.repel_yuan_m
    changed = read("corridor", settings=["repel_yuan_m.park_general=5"]).params.repel_yuan_m
    assert changed == {**usual, "park_general": 5}
    with pytest.raises(UsageError):
        read("corridor", settings=["road.x=1"])


def test_own_tables_are_files_beside_the_script_or_text(tmp_path):
    (tmp_path / "prices.csv").write_text("id,yuan\ncut,40\n", encoding="utf-8")
    write(tmp_path, 'scenario = "corridor"\n[params]\ncost_book = "prices.csv"\n')
    assert read(str(tmp_path / "a.toml")).params.cost_book == "id,yuan\ncut,40\n"
    text = "speed_kmh,max_grade\n60,0.05"
    assert read("corridor", settings=[f"own_standard={text}"]).params.own_standard == text
    with pytest.raises(FileError, match=r"none\.csv.*params\.cost_book"):
        read("corridor", settings=["cost_book=none.csv"])


def test_a_countys_defaults_lie_under_scripts_and_settings(tmp_path):
    def usual(county):
        return {"access": {"lake": county or "usual", "snap_m": 70}}

    script = tmp_path / "one.toml"
    script.write_text(
        'scenario = "access"\ncounty = "elsewhere"\n[params]\nsnap_m = 30', encoding="utf-8"
    )
    assert read("access", usual=usual).params.lake == "usual"
    asked = read(str(script), usual=usual).params
    assert (asked.lake, asked.snap_m) == ("elsewhere", 30)
    assert read("access", settings=["lake="], usual=usual).params.lake == ""
    with pytest.raises(UsageError, match="did you mean lake"):
        read("access", usual=lambda _: {"access": {"lak": "a"}})


def test_changed_is_what_differs_from_the_countys_own():
    model = find("access").params
    own = {"lake": "a", "open_roads": ["x"]}
    assert changed(model(**own), own) == {}
    assert changed(model(lake="b"), own) == {"lake": "b", "open_roads": []}


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes")
def test_pipes_and_devices_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match="a pipe"):
        read(str(tmp_path / "pipe.toml"))
    for model, name in (("tiny", "added"), ("corridor", "cost_book")):
        for file, words in ((tmp_path / "pipe.toml", "a pipe"), (os.devnull, "a device")):
            with pytest.raises(FileError, match=words):
                read(model, settings=[f"{name}={file}"])


@pytest.mark.parametrize(
    "value",
    [
        "[" * 1_500 + "]" * 1_500,
        "9" * 5_000,
        "9" * 4_000,
        "-" + "9" * 400,
        "{a=" * 1_500,
        "[[[[[[[[[[1]]]]]]]]]]",
    ],
    ids=["brackets", "digits", "fewer_digits", "negative", "tables", "ten"],
)
@pytest.mark.parametrize("name", ["growth", "limits", "speeds", "mode", "added", "remark"])
def test_odd_settings_are_told_in_words(name, value):
    try:
        read("tiny", settings=[f"{name}={value}"])
    except (UsageError, FileError) as error:
        zh, en = error.said("zh"), str(error)
        assert len(en) < 600
        assert "nput should" not in zh + en
    else:
        assert name in {"remark", "limits"}  # any text is a remark, any whole number a limit


@pytest.mark.parametrize(
    "shape",
    [
        "3",
        "[1]",
        "{}",
        '{type = "FeatureCollection"}',
        '{type = "FeatureCollection", features = 3}',
        '{type = "FeatureCollection", features = [3]}',
        '{type = "FeatureCollection", features = [{geometry = 3}]}',
        '{type = "FeatureCollection", features = [{geometry = {type = "Point"}}]}',
        '{type = "FeatureCollection", features = [{geometry = {type = "Point", coordinates = [1]}}]}',
        '{type = "FeatureCollection", features = [{properties = 3, geometry = {type = "Point", coordinates = [119.0, 27.0]}}]}',
        '{type = "FeatureCollection", features = [{geometry = {type = "Point", coordinates = [1e6, 1e6]}}]}',
    ],
)
def test_shapes_written_into_a_script_are_held_to_what_files_are(tmp_path, shape):
    path = write(tmp_path, f'scenario = "tiny"\n[params]\nadded = {shape}\n')
    with pytest.raises((UsageError, FileError)) as caught:
        read(path)
    assert {problem.field for problem in caught.value.problems} == {"params.added"}


def test_what_a_file_holds_is_not_repeated(tmp_path):
    file = tmp_path / "private.txt"
    file.write_text("root:secret:0\nsecret, 1\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read("tiny", settings=[f"added={file}"])
    assert "secret" not in str(caught.value) + caught.value.said("zh")
    with pytest.raises(FileError) as caught:
        rows(read("corridor", settings=[f"cost_book={file}"]).params.cost_book)
    assert "secret" not in str(caught.value) + caught.value.said("zh")
    with pytest.raises(UsageError) as caught:
        read(str(file.rename(tmp_path / "private.toml")))
    assert "secret" not in str(caught.value)


def test_every_finding_of_the_validation_is_in_our_words():
    class Many(Params):
        day: date = date(2026, 1, 1)
        name: str = Field("a", min_length=1, max_length=3, pattern="^[a-z]+$")
        pair: tuple[float, float] = (1, 2)
        table: dict[str, float] = Field(default_factory=dict, max_length=1)
        truth: bool = True
        step: int = Field(2, multiple_of=2)

    wrong = {
        "day": ["x", 3, "2026-13-01", "2026-01-01T10:00:00"],
        "name": ["", "abcd", "A1", 3],
        "pair": [[1], [1, 2, 3], 3, "x"],
        "table": [{"a": 1, "b": 2}, {"a": "x"}, 3],
        "truth": [1, "yes"],
        "step": [3, 1.5, "2", None],
    }
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(ValidationError) as caught:
                Many.model_validate_json(json.dumps({name: value}), strict=True)
            for one in caught.value.errors():
                problem = finding(one, Many.model_json_schema())
                for lang in ("zh", "en"):
                    words = said(problem.expected, lang)
                    assert words, (name, value)
                    assert "nput" not in words
                    assert "should" not in words
