"""What every scenario is: parameters that explain themselves, and one pure function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from geo.errors import Problem
from geo.words import Lang, Text, said
from layers.county import County
from scenarios import outside
from scenarios.result import Proof, Result, Run


class Params(BaseModel):
    """Parameters of a scenario: frozen, nothing unknown, every field with range, unit and titles.

    Fields are declared as
    `Annotated[float, Field(gt=0, le=10)] = param(4.5, zh="…", en="…", unit="km/h", source="…")`.
    Defaults are checked like any value, and no number may be infinite or missing.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )


def param(default: Any, *, zh: str, en: str, unit: str, source: Text | str, file: str = "") -> Any:
    """Declare a parameter: its default, and what a planner must know of it.

    Parameters
    ----------
    default
        The value when none is given; ranges stand in the annotation.
    zh, en
        Title in both languages.
    unit
        Unit of the value; empty for names and switches.
    source
        Where the default comes from: a document with clause as it is called, or in words whose
        choice it is.
    file
        `geojson` when the value may name a GeoJSON file: scripts and `--set` give its path, and
        the scenario receives the parsed FeatureCollection in WGS-84 instead. `table` when it is a
        table as text, or the path of a CSV or TOML file that holds it. `run` when the value, a
        text, may name a run: scripts and `--set` give its folder, the scenario receives the run's
        key instead, and the county as it would be after that run: its edits of layers that the
        scenario declares; `found` gives what it found. Empty is none.

    Returns
    -------
    A pydantic field; it takes part in the JSON schema.

    Examples
    --------
    >>> class Walk(Params):
    ...     speed: float = param(5, zh="步行速度", en="walking speed", unit="km/h", source="…")
    >>> Walk.model_json_schema()["properties"]["speed"]["unit"]
    'km/h'
    """
    both = {"source_zh": said(source, "zh"), "source_en": said(source, "en")}
    told = {"title_zh": zh, "title_en": en, "unit": unit, **both}
    return Field(default, json_schema_extra={**told, "file": file} if file else {**told})


PLANNER = Text("规划人员选定", "planner's choice")
"""Where a default comes from when no document sets it."""


def schema(name: str, scenario: Scenario, lang: Lang = "zh") -> dict[str, Any]:
    """Give the JSON schema of a scenario's TOML scripts, for editors.

    Parameters
    ----------
    name
        The scenario's name.
    scenario
        The scenario.
    lang
        What editors show, `title` and `description`, is in this language; `title_zh`, `title_en`
        and the sources of parameters are in their own.

    Returns
    -------
    dict
        JSON schema, draft 2020-12; parameters stand under `params`. A parameter that may name a
        file also takes its path.
    """
    params = scenario.params.model_json_schema()
    shared = params.pop("$defs", {})
    for one, content in params["properties"].items():
        shape = _or_path(content) if "file" in content else content
        params["properties"][one] = shape | {"title": shape.get(f"title_{lang}", one)}
    text = {"type": "string"}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": said(scenario.title, lang),
        "description": said(scenario.question, lang),
        "type": "object",
        "additionalProperties": False,
        "required": ["scenario"],
        "properties": {
            "scenario": _naming(name),
            "county": text,
            "title_zh": text,
            "title_en": text,
            "params": params,
        },
    }
    return whole | ({"$defs": shared} if shared else {})


def _naming(name: str) -> dict[str, Any]:
    """Give the shape of what names a question; its file stands by different paths from scripts."""
    if not outside(name):
        return {"const": name}
    file = re.escape(Path(name).name)
    return {"type": "string", "pattern": rf"(^|[/\\]){file}$"}


def _or_path(content: dict[str, Any]) -> dict[str, Any]:
    """Let a field's value be the path of a file as well."""
    shape = {key: content[key] for key in ("type", "anyOf", "$ref", "items") if key in content}
    choices = [*shape.pop("anyOf", []), *([shape] if shape else [])]
    rest = {key: value for key, value in content.items() if key not in {"anyOf", *shape}}
    return {**rest, "anyOf": [{"type": "string", "format": "uri-reference"}, *choices]}


@dataclass(frozen=True, eq=False)
class After(County):
    """A county as it would be after runs that parameters name.

    Parameters
    ----------
    runs
        The runs by their keys.
    """

    runs: Mapping[str, Run] = field(default_factory=lambda: MappingProxyType({}))


def found(county: County, key: str) -> Run | None:
    """Give the run that a parameter names, with all it found, or None where it names none.

    Parameters
    ----------
    county
        As a question receives it.
    key
        The value of a parameter declared with `file="run"`.

    Examples
    --------
    >>> from layers import twin
    >>> found(twin.county(), "") is None
    True
    """
    return county.runs.get(key) if isinstance(county, After) else None


@dataclass(frozen=True)
class Rechecked:
    """What is found where a run is held against a certificate.

    Parameters
    ----------
    problems
        What does not fit: file, row, field, found, expected.
    certified, said
        In words what the certificate proves of the run, and what is its solver's word alone.
    """

    problems: tuple[Problem, ...] = ()
    certified: tuple[Text, ...] = ()
    said: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One planning question.

    Parameters
    ----------
    title, question
        In both languages.
    method
        Method and limits in Chinese; the docstring of the scenario's file says them in English.
    measures
        Numbers of the policy's measures it serves.
    needs
        County layers without which it cannot run.
    params
        The class of its parameters.
    run
        Pure function of county and parameters: no file, clock, environment or global random state.
    uses
        County layers it uses when they are there; a missing one is named in the result.
    example
        Parameters with which it has an answer on `layers.twin`, also with the layers alone that it
        needs; empty where its defaults do.
    recheck
        How a run is held against one of its certificates; None where it keeps none.
    terrain_m
        How far apart the heights may stand, at most, that the terrain was made from, m: a run says
        whether they do. None where any will do.
    """

    title: Text
    question: Text
    method: str
    measures: tuple[int, ...]
    needs: tuple[str, ...]
    params: type[Params]
    run: Callable[[County, Any], Result]
    uses: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    recheck: Callable[[Run, Proof, Any], Rechecked] | None = None
    terrain_m: float | None = None
