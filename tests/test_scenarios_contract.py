"""What every question must hold: each one found is asked by the checks that `validate` asks too."""

import functools
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import scenarios
from geo.errors import MissingLayer, SchemaError, UsageError
from maps.page import page
from scenarios import record
from scenarios.contract import Params, param
from scenarios.result import load
from scenarios.running import runs
from scenarios.running.questions import CHECKS
from scenarios.running.questions.repeated import answers_at
from scenarios.running.questions.trial import Trial
from tests.made_up import told

# One worker asks a question everything, since it keeps its runs.
NAMES = [pytest.param(n, marks=pytest.mark.xdist_group(f"contract_{n}")) for n in scenarios.names()]
every = pytest.mark.parametrize("name", NAMES)


@functools.cache
def trial(name):
    return Trial(name)


def test_there_are_questions_and_each_has_its_test():
    assert "access" in scenarios.names()
    tests = Path(__file__).parent
    lacking = [n for n in scenarios.names() if not (tests / f"test_scenario_{n}.py").is_file()]
    assert lacking == []


def test_an_import_error_is_not_swallowed(tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, str(tmp_path)])
    (tmp_path / "broken.py").write_text("from no_such_module import SCENARIO\n", encoding="utf-8")
    (tmp_path / "empty.py").write_text('"""Speaks of SCENARIO only."""\n', encoding="utf-8")
    (tmp_path / "wrong.py").write_text("SCENARIO: int = 1\n", encoding="utf-8")
    (tmp_path / "torn.py").write_text("SCENARIO = (\n", encoding="utf-8")
    assert {"broken", "wrong", "torn"} <= set(scenarios.names())
    assert "empty" not in scenarios.names()
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        scenarios.find("broken")
    with pytest.raises(SyntaxError):
        scenarios.find("torn")
    with pytest.raises(SchemaError, match="no question"):
        scenarios.find("wrong")
    with pytest.raises(UsageError, match="did you mean access"):
        scenarios.find("acess")


@every
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds(name, check):
    assert list(map(str, check(trial(name)))) == []


@every
def test_its_page_shows_every_layer_and_is_drawn_the_same_again(name, tmp_path):
    runs.save(trial(name).run, tmp_path)
    shown = page(load(tmp_path))
    assert shown == page(load(tmp_path))
    for layer in trial(name).run.result.layers:
        assert layer.title.zh in shown
        assert layer.title.en in shown


READ = {"ha": (1, 2), "persons": (0, 0), "km": (1, 2), "万元": (0, 1), "min": (0, 2)}
"""Fewest and most decimals with which planners read a figure, by its unit."""
FINER = {("new_town", "area_ha")}
"""What adds up to the square metre where it is read."""


@every
def test_figures_have_the_digits_of_planners(name):
    result = trial(name).run.result
    rows = [("metric", one.id, one.unit, one.decimals) for one in result.metrics]
    rows += [
        (table.id, column.name, column.unit, column.decimals)
        for table in result.tables
        for column in table.columns
    ]
    wrong = [
        one
        for one in rows
        if one[2] in READ and (name, one[1]) not in FINER
        if one[3] is None or not READ[one[2]][0] <= one[3] <= READ[one[2]][1]
    ]
    assert wrong == []


@every
def test_every_number_of_the_answer_stands_in_a_figure_table_check_or_parameter(name):
    assert told.untold(trial(name).run) == []


@every
def test_a_county_without_a_layer_it_needs_is_refused(name):
    county = trial(name).county
    for layer in trial(name).scenario.needs:
        data = {n: one for n, one in county.data.items() if n != layer}
        with pytest.raises(MissingLayer, match=layer):
            runs.perform(trial(name).order(replace(county, data=data)))


@every
@pytest.mark.prove
def test_it_answers_at_the_ends_of_every_range(name, figures):
    ends = list(trial(name).ends())
    told = {end: list(answers_at(trial(name), [end])) for end in ends}
    impossible = [
        end for end, problems in told.items() if [p.field for p in problems] == ["params"]
    ]
    named = ", ".join(f"{end.field} = {end.value:g}" for end in impossible)
    figures(
        f"{len(ends) - len(impossible)} of {len(ends)} ends have an answer; impossible: {named}"
    )
    assert len(impossible) < len(ends)
    assert [str(p) for end in ends if end not in impossible for p in told[end]] == []


def test_defaults_are_held_to_their_ranges():
    class Wrong(Params):
        far: float = param(math.inf, zh="远", en="far", unit="m", source="made up")

    with pytest.raises(ValueError, match="finite"):
        Wrong()


OWN = re.compile(
    "澄照|鹤溪|城南|second_passage|pool_|Chengzhao|Hexi|Chengnan|G235|G638|丽景|Lijing|滩坑|丽政办"
)
"""What only Jingning has."""


def test_questions_name_nothing_of_a_county():
    """Defaults and titles are those of any county; what is Jingning's own stands with Jingning."""
    for name in scenarios.names():
        question = scenarios.find(name)
        schema = json.dumps(question.params.model_json_schema(), ensure_ascii=False)
        usual = question.params().model_dump_json()
        words = [question.title, question.question, question.method, usual, schema]
        assert [one for one in map(str, words) if OWN.search(one)] == []


@every
def test_a_county_of_few_layers_hears_nothing_of_another(name):
    result = trial(name).bare
    told = record.dumps(record.tree(result, leave=("data", "frame", "certificate")))
    frames = [one.data for one in result.layers if isinstance(one.data, pd.DataFrame)]
    frames += [table.frame for table in result.tables]
    told += "".join(frame.to_csv() for frame in map(pd.DataFrame, frames))
    assert set(OWN.findall(told)) <= {"second_passage"}  # what the twin sets, a road of its own
