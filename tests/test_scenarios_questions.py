"""A question that stands outside the package: found by its path, run, and kept apart by its code."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from geo.errors import SchemaError, UsageError
from layers import county as counties
from layers import twin
from scenarios.__main__ import main
from scenarios.contract import schema
from scenarios.result import load
from scenarios.running import runs
from scenarios.running.questions import CHECKS, answered, check, declared, repeated
from scenarios.running.questions.trial import Trial
from scenarios.running.script import read

MINE = '''"""How many townships are there?

Question: how many townships are there? Method: they are counted. Limits: none.
"""

from typing import Annotated

from pydantic import Field

from geo.words import NO_TEXT, Text
from scenarios.contract import Params, Scenario, param
from scenarios.result import Check, Layer, Metric, Result


class Mine(Params):
    """Nothing to choose but a number."""

    add: Annotated[int, Field(ge=0, le=9)] = param(0, zh="另加", en="added", unit="", source="me")


def run(county, params):
    """Count."""
    towns = county.vector("townships").sort_index()
    number, title = len(towns) + params.add, Text("乡镇", "Townships")
    layer = Layer("towns", title, title, "outline", towns, sources=("townships",))
    metric = Metric("count", title, number, "个")
    check = Check("any", title, "pass", NO_TEXT, NO_TEXT)
    return Result((layer,), metrics=(metric,), checks=(check,))


SCENARIO = Scenario(
    title=Text("乡镇数", "Townships"),
    question=Text("有多少乡镇？", "How many townships are there?"),
    method="方法：计数。局限：无。",
    measures=(1,),
    needs=("townships",),
    params=Mine,
    run=run,
)
'''


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_a_file_outside_is_a_question_with_its_docstring(mine):
    scenario = scenarios.find(str(mine))
    assert scenario is scenarios.find(str(mine))
    assert scenario.title.zh == "乡镇数"
    assert sys.modules[scenario.run.__module__].__doc__.startswith("How many townships")
    assert "mine" not in scenarios.names()
    assert [path.name for path in mine.parent.iterdir()] == ["mine.py"]  # no bytecode beside it


def test_a_file_that_changes_is_another_question(mine):
    before = scenarios.find(str(mine))
    mine.write_text(MINE.replace("乡镇数", "镇数数"), encoding="utf-8")  # as long as before
    assert scenarios.find(str(mine)).title.zh == "镇数数"
    assert before.title.zh == "乡镇数"


def test_it_runs_into_a_folder_under_its_own_name_and_code(mine, tmp_path):
    asked = read(str(mine), settings=["add=2"])
    order = runs.Order(asked.scenario, twin.county(), asked.params)
    run, reused = runs.fulfil(order, tmp_path / "run")
    assert (run.scenario, run.result.metrics[0].value, reused) == ("mine", 6, False)
    assert load(tmp_path / "run").key == run.key
    assert runs.fulfil(order, tmp_path / "run")[1]
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "mine.py").write_bytes(MINE.replace("\n", "\r\n").encode())
    assert runs.key(replace(order, name=str(other / "mine.py"))) == run.key
    mine.write_text(MINE + "\n# Another source.\n", encoding="utf-8")
    assert runs.key(order) != run.key
    assert order.code != run.code != runs.code_version()


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        (None, UsageError, "cannot be read"),
        (b"x = 1\n", SchemaError, "no question"),
        (b"SCENARIO = 1\n", SchemaError, "no question"),
        (b"from no_such_module import SCENARIO\n", ModuleNotFoundError, "no_such_module"),
        (b"SCENARIO = (\n", SyntaxError, "never closed"),
        ('SCENARIO = "é"'.encode("latin-1"), SyntaxError, "utf-8"),
    ],
)
def test_what_is_no_question_is_refused(tmp_path, source, error, words):
    path = tmp_path / "wrong.py"
    if source is not None:
        path.write_bytes(source)
    modules = set(sys.modules)
    with pytest.raises(error, match=words) as caught:
        scenarios.find(str(path))
    if isinstance(caught.value, UsageError | SchemaError):
        assert "问题" in caught.value.said("zh")
    else:  # half a module does not stay
        left = set(sys.modules) - modules
        assert [name for name in left if name.startswith("_question")] == []


def test_a_package_counts_by_what_it_hands_on():
    package = Path(scenarios.__file__).parent / "corridor" / "__init__.py"
    assert scenarios.binds(package.read_bytes())
    assert {"access", "consolidation", "corridor"} <= set(scenarios.names())
    assert not {"answers", "contract", "result", "running"} & set(scenarios.names())


def test_a_sound_question_passes_and_it_is_told_how_far_it_is(mine):
    told = []
    assert check(str(mine), tell=lambda step, share: told.append((step.en, share))) == []
    assert len({step for step, _ in told}) == len(CHECKS)
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert 0 <= told[0][1] < told[-1][1] < 1


MORE = """import random

import shapely
from pydantic import AfterValidator
from geo.errors import InfeasibleError
from scenarios.result import Alternative, Category, Claim, Column, Edit, Part, Table


def low(value):
    if value > 8:
        raise ValueError("too high")
    return value


class Mine"""
BOWTIE = "towns.geometry = [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])] * len(towns)"
TOWNS, CLAIMED, DECLARED = 'sources=("townships",)', "checks=(check,)", 'needs=("townships",)'


def first(line):
    """Put a line before the counting."""
    return {"    number, title =": f"    {line}\n    number, title ="}


def also(line):
    """Declare something more."""
    return {"    params=Mine": f"    {line},\n    params=Mine"}


BROKEN = [
    (
        answered.claims_are_whole,
        {CLAIMED: 'claims=(Claim("land", 1, 1, float("inf")),)'},
        "claims[0] · found 1 · expected finite",
    ),
    (
        answered.claims_are_whole,
        {CLAIMED: 'claims=(Claim("land", 1, 1, 2, layer="none"),)'},
        "claims[0].layer · found none",
    ),
    (
        answered.claims_are_whole,
        {CLAIMED: 'edits=(Edit("none", towns),)'},
        "edits.none · found no layer",
    ),
    (declared.says_what_it_is, {"Limits: none": "No more"}, "__doc__ · found missing Limits"),
    (declared.says_what_it_is, {"局限：无。": ""}, "SCENARIO.method · found missing 局限"),
    (declared.says_what_it_is, {'Text("乡镇数"': 'Text(""'}, "SCENARIO.title.zh · found missing"),
    (declared.serves_measures, {"(1,)": "(22, 23)"}, "found (22, 23) · expected 1 … 22"),
    (declared.serves_measures, {"(1,)": "()"}, "found ()"),
    (declared.declares_layers, {DECLARED: 'needs=("townships", "town")'}, "unknown layers: town"),
    (declared.declares_layers, {DECLARED: f"{DECLARED} * 2"}, "declared twice townships"),
    (declared.declares_parameters, {"source=": 'source="" and '}, "add · found missing source"),
    (declared.declares_parameters, {", le=9": ""}, "params.add · found no upper end"),
    (declared.takes_its_own_values, also('example={"add": 10}'), "is refused: ('add',)"),
    (
        declared.accepts_the_ends,
        {"le=9)]": "le=9), AfterValidator(low)]"},
        "params.add · found is refused",
    ),
    (
        repeated.leaves_the_county_unchanged,
        first('county.data["townships"]["x"] = 1'),
        "layer townships",
    ),
    (
        repeated.needs_what_it_declares,
        {DECLARED: 'needs=("townships", "dem")'},
        "layer dem · found needed, but not read",
    ),
    (
        repeated.needs_what_it_declares,
        first('county.vector("roads")'),
        "layer roads · found read, but not declared",
    ),
    (answered.has_unique_ids, {"(layer,)": "(layer, layer)"}, "ids that two of them share: towns"),
    (answered.has_unique_ids, {"metrics=(metric,), ": ""}, "result.metrics · found missing"),
    (answered.layers_are_whole, {TOWNS: "sources=()"}, "layers.towns.sources"),
    (answered.layers_are_whole, first("towns = towns.to_crs(4490)"), "layers.towns.data"),
    (answered.layers_are_whole, first(BOWTIE), "found invalid shapes"),
    (answered.layers_are_whole, first('towns.index = ["a"] * len(towns)'), "found not unique"),
    (answered.layers_are_whole, {TOWNS: f'{TOWNS}, value="none"'}, "no such columns: none"),
    (
        answered.layers_are_whole,
        {TOWNS: f'{TOWNS}, value="name", categories=(Category("x", title),)'},
        "codes without a title",
    ),
    (
        answered.tables_are_whole,
        {CLAIMED: 'tables=(Table("t", title, towns, (Column("none", title),)),)'},
        "tables.t · found no such columns: none",
    ),
    (
        answered.figures_are_finite,
        {"number, title = ": 'number = float("nan")\n    _, title = '},
        "metrics.count · found nan",
    ),
    (answered.figures_are_finite, {'"个"': '""'}, "metrics.count.unit · found missing"),
    (
        answered.points_at_its_features,
        {'"个"': '"个", layer="nowhere"'},
        "metrics.count.layer · found nowhere",
    ),
    (
        answered.points_at_its_features,
        {'"个"': '"个", layer="towns", features=("x",)'},
        "metrics.count.features · found x",
    ),
    (
        answered.parts_name_alternatives,
        {CLAIMED: 'alternatives=(Alternative("a", title),)'},
        "alternatives.a.metrics",
    ),
    (
        answered.parts_name_alternatives,
        {"NO_TEXT, NO_TEXT": 'NO_TEXT, NO_TEXT, parts=(Part("b", "pass", NO_TEXT),)'},
        "checks.any.parts · found b",
    ),
    (
        answered.parts_name_alternatives,
        {TOWNS: f'{TOWNS}, alternative="b"'},
        "layers.towns.alternative · found b",
    ),
    (
        answered.points_at_its_features,
        {CLAIMED: 'alternatives=(Alternative("a", title, (metric,), "nowhere"),)'},
        "alternatives.a.layer · found nowhere",
    ),
    (
        answered.answers_in_sentences,
        {CLAIMED: 'answer=(Text("四个。", "Four."),)'},
        "found 1 sentences",
    ),
    (answered.approvals_have_an_approver, {'"pass"': '"approval"'}, "checks.any.rule"),
    (answered.names_what_it_lacks, also('uses=("roads",)'), "layer roads · found not named"),
    (
        answered.speaks_one_language_at_a_time,
        {"NO_TEXT, NO_TEXT": 'Text("四 four", "4"), NO_TEXT'},
        "found 四 four",
    ),
    (
        answered.speaks_one_language_at_a_time,
        {"NO_TEXT, NO_TEXT": 'Text("四", ""), NO_TEXT'},
        "each language by itself",
    ),
    (repeated.loaded_is_what_was_saved, {'"个"': '"个", features=["001"]'}, "result.json.metrics"),
    (
        repeated.twice_is_the_same,
        {"len(towns)": "random.random()"},
        "result.json · found not the same",
    ),
    (
        repeated.ignores_the_order_of_rows,
        {"len(towns)": 'int(county.vector("townships").index[0])'},
        "metrics.count · found changes with the order",
    ),
    (
        repeated.ignores_labels,
        {
            "len(towns)": 'len(county.vector("settlements").index[0])',
            DECLARED: 'needs=("townships", "settlements")',
        },
        "metrics.count · found changes with the labels",
    ),
    (
        repeated.answers_at_some_ends,
        first('if params.add % 9 == 0: raise InfeasibleError("none")'),
        "no end of a range has an answer",
    ),
]


@pytest.mark.parametrize(
    ("ask", "changes", "words"), BROKEN, ids=lambda one: getattr(one, "__name__", "")
)
def test_what_a_question_breaks_is_found_and_said_in_both_languages(mine, ask, changes, words):
    source = MINE
    for old, new in {**changes, "class Mine": MORE}.items():
        assert old in source, old
        source = source.replace(old, new)
    mine.write_text(source, encoding="utf-8")
    problems = list(ask(Trial(str(mine))))
    assert any(words in str(one) for one in problems), list(map(str, problems))
    assert all(re.search("[\u4e00-\u9fff]", one.said("zh")) for one in problems)


def test_every_check_is_seen_to_find_what_is_broken():
    assert {ask for ask, _, _ in BROKEN} == set(CHECKS)


def validated(path, capsys, code):
    assert main(["validate", str(path)]) == code
    return capsys.readouterr()


def test_validate_says_of_a_question_all_that_is_wrong_at_once(mine, capsys):
    assert "✓" in validated(mine, capsys, 0).out
    text = MINE.replace(", le=9", "").replace('"个"', '""').replace("(1,)", "(0,)")
    mine.write_text(text, encoding="utf-8")
    told = validated(mine, capsys, 3).err
    assert str(mine) in told
    for words in ("SCENARIO.measures", "no upper end", "metrics.count.unit"):
        assert words in told


def test_validate_says_where_a_question_fails(mine, capsys):
    text = MINE.replace("len(towns) +", "len(towns) / 0 +")
    mine.write_text(text, encoding="utf-8")
    told = validated(mine, capsys, 3).err
    line = 1 + text[: text.index("/ 0")].count("\n")
    assert f"{mine}:{line} · found fails: ZeroDivisionError" in told
    assert told.count("ZeroDivisionError") == 1
    refusal = 'raise UsageError(Text("没有此地", "no such place"))'
    text = MINE.replace("    number, title =", f"    {refusal}\n    number, title =")
    mine.write_text(
        text.replace("class Mine", "from geo.errors import UsageError\n\n\nclass Mine"),
        encoding="utf-8",
    )
    assert "found no such place" in validated(mine, capsys, 3).err
    mine.write_text("import no_such_module\n" + MINE, encoding="utf-8")
    assert f"{mine}:1 · found fails: ModuleNotFoundError" in validated(mine, capsys, 3).err
    mine.write_text("SCENARIO = (\n", encoding="utf-8")
    assert f"{mine}:1 · found fails: SyntaxError" in validated(mine, capsys, 3).err
    mine.write_text("x = 1\n", encoding="utf-8")
    assert "no question" in validated(mine, capsys, 3).err
    assert "cannot be read" in validated(mine.with_name("none.py"), capsys, 2).err


def test_validate_takes_no_county_for_a_question(mine, capsys):
    assert main(["validate", str(mine), "--set", "add=1"]) == 2
    assert "takes no --set" in capsys.readouterr().err


SCRIPT = 'scenario = "plans/mine.py"\ntitle_zh = "甲"\ntitle_en = "A"\n[params]\nadd = 2\n'


@pytest.fixture
def script(mine, monkeypatch):
    """A script beside the folder of a question; every county is the synthetic one."""
    monkeypatch.setattr(counties, "load", lambda _: twin.county())
    (mine.parent / "plans").mkdir()
    mine.rename(mine.parent / "plans" / "mine.py")
    path = mine.with_name("two.toml")
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def test_a_script_names_the_file_of_a_question_by_its_path_from_the_script(
    script, tmp_path, monkeypatch
):
    monkeypatch.chdir(Path(scenarios.__file__).parent)  # a path from here would find nothing
    assert main(["validate", str(script)]) == 0
    assert main(["run", str(script), "-o", str(tmp_path / "run"), "--set", "add=3"]) == 0
    run = load(tmp_path / "run")
    assert (run.scenario, run.result.metrics[0].value, run.subtitle.en) == ("mine", 7, "A")
    named = read(str(script)).scenario
    assert Path(named) == tmp_path / "plans" / "mine.py"
    # The same question by its file, asked the same, is the same run.
    asked = read(named, settings=["add=3"])
    order = runs.Order(named, twin.county(), asked.params, run.subtitle, "en")
    assert runs.fulfil(order, tmp_path / "run")[1] is True


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("SCENARIO = ", "OTHER = "), 3, "no question"),
        (("SCENARIO = Scenario(", "SCENARIO = Scenario(("), 3, "found fails: SyntaxError"),
        (('"""How', 'import none\n"""How'), 3, ":1 · found fails: ModuleNotFoundError"),
        (("    add: ", "    plus: "), 2, "params.add"),
    ],
)
def test_what_is_wrong_with_the_file_of_a_script_is_told_as_of_the_file(
    script, tmp_path, capsys, change, code, words
):
    mine = script.parent / "plans" / "mine.py"
    source = MINE.replace(*change)
    assert source != MINE
    mine.write_text(source, encoding="utf-8")
    assert main(["validate", str(script)]) == code
    assert words in capsys.readouterr().err
    told = []
    for asked in (script, mine) if code == 3 else (script,):
        assert main(["run", str(asked), "-o", str(tmp_path / "out")]) == code
        told.append(capsys.readouterr().err)
    assert words in told[0]
    assert told[-1] == told[0]  # the same words as where the file itself is run


def test_a_file_that_fails_while_a_script_runs_it_is_told_with_its_line(script, tmp_path, capsys):
    mine = script.parent / "plans" / "mine.py"
    text = MINE.replace("len(towns) +", "len(towns) / 0 +")
    mine.write_text(text, encoding="utf-8")
    line = 1 + text[: text.index("/ 0")].count("\n")
    assert main(["run", str(script), "-o", str(tmp_path / "out")]) == 3
    told = capsys.readouterr().err
    assert f"{mine}:{line} · found fails: ZeroDivisionError" in told
    assert f"jingning validate {mine}" in told
    mine.unlink()
    assert main(["run", str(script), "-o", str(tmp_path / "out")]) == 2
    assert "mine.py: cannot be read" in capsys.readouterr().err


def test_the_schema_of_a_file_takes_every_path_to_it(mine):
    named = schema(str(mine), scenarios.find(str(mine)))["properties"]["scenario"]
    for path in ("mine.py", "plans/mine.py", "plans\\mine.py", str(mine)):
        assert re.search(named["pattern"], path)
    for path in ("mine", "notmine.py", "mine.py/other.py", "mineXpy"):
        assert not re.search(named["pattern"], path)
