"""What the manual tells, taken from the code itself: nothing here says it a second time.

Questions are those that are found, with files of one's own that are named; parameters, rules,
layers, fields, exit codes and commands are what the commands themselves go by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import scenarios
from geo.words import Arguments, Text, alike, joined
from layers import rulebook
from layers.catalog import CATALOG
from layers.console import CODES
from layers.fields import KINDS, LayerSchema, kind, need, span, values
from layers.folder import scripts
from layers.rulebook import STANDINGS, Rule
from layers.source import Quality
from scenarios.contract import Scenario
from scenarios.result import Run
from scenarios.running import COUNTY
from scenarios.running.manual import commands, firsthour
from scenarios.running.runs import Order, code_version, perform
from scenarios.running.script import heading
from scenarios.running.settings import abstract, settings

Facts = dict[str, Any]
SIGNS = {"at least": "≥", "at most": "≤", "more than": ">", "less than": "<"}
FILES = {
    "geojson": Text("GeoJSON 文件", "a GeoJSON file"),
    "table": Text("表格文件（CSV、TOML）", "a table as a file (CSV, TOML)"),
    "run": Text("运行文件夹", "a run folder"),
}


def contents(parsers: Callable[[], Sequence[Arguments]], own: Sequence[str] = ()) -> Facts:
    """Give all that the manual tells, as lists and tables of words.

    Parameters
    ----------
    parsers
        Gives what reads the words of each command, in the language spoken.
    own
        Paths of questions in files of their own, told beside those of the package.

    Raises
    ------
    UsageError, SchemaError
        If a file cannot be read or binds no question.
    """
    found = {name: scenarios.find(name) for name in (*scenarios.names(), *own)}
    return {
        "code": code_version(),
        "hour": firsthour.steps(),
        "questions": [_question(name, one) for name, one in found.items()],
        "scripts": _scripts(),
        "rules": [_rule(one) for one in rulebook.read(rulebook.SHIPPED)],
        "standings": dict(STANDINGS),
        "layers": [_layer(one, found) for one in CATALOG.values()],
        "qualities": {one.value: one.words for one in Quality},
        "commands": commands.told(parsers),
        "codes": {str(code): words for code, words in CODES.items()},
    }


def examples() -> list[Run]:
    """Answer the question of the first hour on the synthetic county: as it is, and changed."""
    from layers import twin

    scenario, county = scenarios.find(firsthour.QUESTION), twin.county()
    asked = (scenario.example, {**scenario.example, **firsthour.CHANGE})
    return [perform(Order(firsthour.QUESTION, county, scenario.params(**one))) for one in asked]


def _question(name: str, scenario: Scenario) -> Facts:
    """Tell a question: what it asks, how it is answered, which layers and parameters it takes."""
    shapes = scenario.params.model_json_schema()["properties"]
    return {
        "name": scenarios.called(name),
        "title": scenario.title,
        "question": scenario.question,
        "measures": list(scenario.measures),
        "method": _method(abstract(scenario)),
        "needs": list(scenario.needs),
        "uses": list(scenario.uses),
        "terrain_m": scenario.terrain_m,
        "params": list(settings(scenario.params(), {})),
        "files": {one: FILES[shape["file"]] for one, shape in shapes.items() if "file" in shape},
    }


def _method(words: Text) -> Text:
    """Give method and limits, a paragraph each: the English without title and question before."""
    english = words.en[words.en.find("Method") :] if "Method" in words.en else words.en
    return Text(words.zh.strip(), re.sub(r"(?<!\n)\n(?!\n)", " ", english.replace("`", "")).strip())


def _scripts() -> list[Facts]:
    """Tell the ready-made scripts kept with the shipped county."""
    heads = {name: heading(path) for name, path in scripts(COUNTY).items()}
    return [
        {"name": name, "scenario": head.scenario, "title": head.title}
        for name, head in heads.items()
    ]


def _rule(rule: Rule) -> Facts:
    """Tell a rule: where it stands, what it asks, from when to when, who may approve."""
    return {
        "id": rule.id,
        "title": rule.title,
        "document": rule.document,
        "clause": rule.clause,
        "status": rule.status,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "asks": [f"{name} {_figure(one)}" for name, one in (rule.parameters or {}).items()],
        "approver": rule.approver,
    }


def _figure(value: Any) -> str:
    """Write a figure of a rule with its bound and unit, or words.

    >>> _figure({"value": 25, "unit": "°", "bound": "at most"}), _figure(["orchard", "grass"])
    ('≤ 25 °', 'orchard, grass')
    """
    if not isinstance(value, Mapping):
        return ", ".join([value] if isinstance(value, str) else value)
    numbers = value.get("values", [value.get("value")])
    figures = ", ".join(f"{round(one, 6):,.12g}" for one in numbers)
    return " ".join(filter(None, (SIGNS.get(value.get("bound", "")), figures, value["unit"])))


def _layer(schema: LayerSchema, questions: Mapping[str, Scenario]) -> Facts:
    """Tell a layer: its fields or its range, and which questions need or use it."""

    def of(layers: Callable[[Scenario], tuple[str, ...]]) -> list[str]:
        found = (name for name, one in questions.items() if schema.name in layers(one))
        return [scenarios.called(name) for name in found]

    return {
        "name": schema.name,
        "title": schema.title,
        "kind": kind(schema),
        "values": span(schema),
        "fields": list(_fields(schema)),
        "needed": of(lambda one: one.needs),
        "used": of(lambda one: one.uses),
    }


def _fields(schema: LayerSchema) -> Iterator[Facts]:
    for field in schema.fields:
        allowed = values(field)
        words = alike(allowed) if isinstance(allowed, str) else joined([allowed])
        told = {"kind": KINDS[field.kind], "values": words, "need": need(field)}
        yield {"name": field.name, "title": field.title, **told}
