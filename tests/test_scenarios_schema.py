"""The schema of a script, as editors read it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from scenarios.__main__ import main
from scenarios.contract import Params, schema

MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])


def printed(capsys, *words):
    assert main(["schema", "tiny", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_schema_is_one_editors_read(capsys):
    schema = printed(capsys)
    assert schema["properties"]["scenario"] == {"const": "tiny"}
    growth = schema["properties"]["params"]["properties"]["growth"]
    assert (growth["exclusiveMinimum"], growth["maximum"], growth["unit"]) == (0, 10, "1")
    added = schema["properties"]["params"]["properties"]["added"]
    assert {"type": "string", "format": "uri-reference"} in added["anyOf"]
    assert schema["properties"]["params"]["additionalProperties"] is False


def shown(schema):
    """Take out of a schema what an editor shows of it and of each parameter."""
    params = schema["properties"]["params"]["properties"]
    titles = {name: shape.pop("title") for name, shape in params.items()}
    return schema.pop("title"), schema.pop("description"), titles


def test_what_a_program_reads_is_the_same_in_both_languages(capsys):
    schemas = {lang: printed(capsys, "--lang", lang) for lang in ("zh", "en")}
    title, question, params = shown(schemas["zh"])
    assert (title, question, params["growth"]) == ("人口", "各乡镇有多少人？", "增长")
    title, question, params = shown(schemas["en"])
    assert (title, question, params["growth"]) == (
        "people",
        "How many people live in each township?",
        "growth",
    )
    assert schemas["zh"] == schemas["en"]


def test_a_parameter_that_declares_no_title_goes_by_its_name():
    class Bare(Params):
        deep_m: float = 1.0

    whole = schema("tiny", replace(scenarios.find("tiny"), params=Bare))
    assert whole["properties"]["params"]["properties"]["deep_m"]["title"] == "deep_m"
