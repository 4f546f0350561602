"""What the manual tells is all there is: every question, rule, layer, field, command and option."""

import contextlib
import re
import shlex

import pytest

import jingning
import scenarios
from geo.words import Text
from layers import rulebook
from layers.catalog import CATALOG
from layers.console import CODES, here
from scenarios.running.manual import contents, examples, firsthour
from scenarios.several import COMMANDS as SEVERAL
from tests.made_up.manual import MINE, leaves

OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


@pytest.fixture(scope="module")
def facts():
    return contents(jingning.parsers)


def test_every_question_stands_in_it_with_every_parameter(facts):
    told = {one["name"]: one for one in facts["questions"]}
    assert tuple(told) == scenarios.names()
    for name, one in told.items():
        scenario = scenarios.find(name)
        assert (one["title"], one["question"]) == (scenario.title, scenario.question)
        assert (one["needs"], one["uses"]) == (list(scenario.needs), list(scenario.uses))
        shapes = scenario.params.model_json_schema()["properties"]
        assert [two.id for two in one["params"]] == list(shapes)
        for two in one["params"]:
            assert two.title == Text(shapes[two.id]["title_zh"], shapes[two.id]["title_en"])
            assert two.source.zh == shapes[two.id]["source_zh"]
            assert two.unit == shapes[two.id]["unit"]
            assert two.value
        assert one["method"].zh.startswith("方法")
        assert one["method"].en.startswith("Method")
        assert "局限" in one["method"].zh
        assert "Limits" in one["method"].en


def test_every_rule_stands_in_it_in_every_version(facts):
    shipped = rulebook.read(rulebook.SHIPPED)
    assert [(one["id"], one["valid_from"]) for one in facts["rules"]] == [
        (one.id, one.valid_from) for one in shipped
    ]
    for told, rule in zip(facts["rules"], shipped, strict=True):
        assert (told["clause"], told["document"]) == (rule.clause, rule.document)
        assert told["status"] in facts["standings"]
        assert len(told["asks"]) == len(rule.parameters)
    steepest = next(one for one in facts["rules"] if one["id"] == "cropland.steepest")
    assert steepest["asks"] == ["max_slope_deg ≤ 25 °"]


def test_every_layer_stands_in_it_with_every_field(facts):
    fields = {one["name"]: [two["name"] for two in one["fields"]] for one in facts["layers"]}
    assert fields == {name: [f.name for f in one.fields] for name, one in CATALOG.items()}
    known = {one["name"]: one for one in facts["layers"]}
    for name in scenarios.names():
        assert all(name in known[layer]["needed"] for layer in scenarios.find(name).needs)
        assert all(name in known[layer]["used"] for layer in scenarios.find(name).uses)
    assert sum(len(one["needed"]) for one in known.values()) == sum(
        len(scenarios.find(name).needs) for name in scenarios.names()
    )


def helped(capsys, *words):
    assert jingning.main([*words, "--help", "--lang", "en"]) == 0
    return capsys.readouterr().out


def test_every_command_and_option_of_its_help_stands_in_it(facts, capsys):
    listed = re.findall(r"^    ([a-z]+) ", helped(capsys, "layers"), re.MULTILINE)
    assert len(listed) > 8
    names = [*jingning.SCENARIO_COMMANDS, *SEVERAL, "maps", "manual", "doctor"]
    calls = [*([name] for name in names), *(["layers", name] for name in listed)]
    told = {one["call"]: one for one in facts["commands"]}
    assert set(told) == {" ".join(["jingning", *call]) for call in calls}
    for call in calls:
        command = told[" ".join(["jingning", *call])]
        options = {name for one in command["taken"] for name in OPTION.findall(one["form"])}
        assert options | {"--help"} == set(OPTION.findall(helped(capsys, *call)))
        assert all(one["words"].zh and one["words"].en for one in command["taken"]), call
    usage = re.findall(r"^  ([a-z]+)\b", jingning.USAGE.en, re.MULTILINE)
    assert {name for name in usage if jingning._owner(name)} <= {c.split()[1] for c in told}


def test_every_exit_code_stands_in_it_and_in_the_help_of_commands(facts, capsys):
    assert facts["codes"] == {str(code): words for code, words in CODES.items()}
    said = helped(capsys)
    assert all(f"{code} {here(words)}" in " ".join(said.split()) for code, words in CODES.items())


def test_both_languages_say_everything(facts):
    words = list(leaves(facts))
    assert len(words) > 900
    assert [one for one in words if bool(one.zh) != bool(one.en)] == []


def test_the_lines_of_the_first_hour_can_be_typed(facts, capsys):
    lines = [line for step in facts["hour"] for line in step["lines"]]
    assert len(lines) > 10
    for line in lines:
        program, name, *rest = shlex.split(line)
        assert program == "jingning"
        assert jingning._owner(name) is not None
        words = rest if name in {"layers", "maps", "manual", "doctor"} else [name, *rest]
        prog = f"jingning {name}"
        known = {one.prog: one for one in jingning.parsers()}
        place = 0 if name in jingning.SCENARIO_COMMANDS else 1
        parser = known[prog] if prog in known else jingning.parsers()[place]
        with contextlib.suppress(SystemExit):
            parser.parse_args(words)
        assert capsys.readouterr().err == "", line
    assert firsthour.QUESTION in scenarios.names()


def test_the_pictures_are_of_two_runs_that_differ():
    usual, changed = examples()
    assert {name: usual.params[name] for name in firsthour.CHANGE} != dict(firsthour.CHANGE)
    assert {name: changed.params[name] for name in firsthour.CHANGE} == dict(firsthour.CHANGE)
    before, after = ([one.value for one in run.result.metrics] for run in (usual, changed))
    assert before != after
    assert usual.county == "twin"


def test_a_question_in_a_file_of_its_own_is_told_as_well(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    known = contents(jingning.parsers, [str(path)])
    mine = known["questions"][-1]
    assert (mine["name"], mine["title"].zh) == ("mine", "自有问题")
    assert [(one.id, one.value, one.unit) for one in mine["params"]] == [("add", "7", "ha")]
    townships = next(one for one in known["layers"] if one["name"] == "townships")
    assert townships["needed"][-1] == "mine"
