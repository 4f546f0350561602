"""A question that stands outside the package: found by its path, run, and kept apart by its code."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from geo.errors import SchemaError, UsageError
from layers import twin
from scenarios.result import load
from scenarios.running import runs
from scenarios.running.script import read

MINE = '''"""How many townships are there?

Question: how many townships are there? Method: they are counted. Limits: none.
"""

from geo.words import Text
from scenarios.contract import Params, Scenario, param
from scenarios.result import Layer, Metric, Result


class Mine(Params):
    """Nothing to choose but a number."""

    add: int = param(0, zh="另加", en="added", unit="", source="made up")


def run(county, params):
    """Count."""
    towns = county.vector("townships")
    title = Text("乡镇", "Townships")
    layer = Layer("towns", title, title, "outline", towns, sources=("townships",))
    return Result((layer,), metrics=(Metric("count", title, len(towns) + params.add, "个"),))


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
