"""Parameters in words: what each may be, and which value a run gave it."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from geo.words import Text, alike, joined
from scenarios.contract import Params, Scenario
from scenarios.result import Setting

LIMITS: Mapping[str, str] = MappingProxyType(
    {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
)


def facts(shape: Mapping[str, Any]) -> Iterator[Text]:
    """Say what a parameter may be: default, unit, range, choices, file, source.

    Parameters
    ----------
    shape
        The parameter's JSON schema, as `scenarios.contract.param` declares it.

    Examples
    --------
    >>> from scenarios import find
    >>> shapes = find("access").params.model_json_schema()["properties"]
    >>> [one.en for one in facts(shapes["snap_m"])]
    ['default 50', 'unit m', 'range ≥ 0, ≤ 500', "source planner's choice"]
    """
    yield joined([Text("默认", "default"), _value(shape.get("default"))], " ", " ")
    if unit := shape.get("unit"):
        yield Text(f"单位 {unit}", f"unit {unit}")
    if limits := span(shape):
        yield Text(f"范围 {limits.zh}", f"range {limits.en}")
    if choices := _choices(shape):
        yield Text(f"可选 {choices}", f"choices {choices}")
    if kind := shape.get("file"):
        folder = Text("运行文件夹", "a run folder")
        yield folder if kind == "run" else Text(f"文件 {kind}", f"file {kind}")
    yield Text(f"来源 {shape['source_zh']}", f"source {shape['source_en']}")


def abstract(scenario: Scenario) -> Text:
    """Give how a question is answered and within which limits: in English its docstring."""
    english = sys.modules[scenario.run.__module__].__doc__ or ""
    return Text(scenario.method, inspect.cleandoc(english))


def settings(params: Params, own: Mapping[str, Any]) -> tuple[Setting, ...]:
    """Give the parameters of a run with titles, units, ranges and sources, in declared order.

    Parameters
    ----------
    params
        What was asked.
    own
        What the county sets, over the defaults of the question: with it they are the usual values.

    Returns
    -------
    tuple of Setting
        Values as JSON text; a FeatureCollection by its size.
    """
    shapes = type(params).model_json_schema()["properties"]
    values = params.model_dump(mode="json")
    usual = type(params)(**own).model_dump(mode="json")
    return tuple(
        Setting(
            id=name,
            title=Text(shape["title_zh"], shape["title_en"]),
            unit=shape.get("unit", ""),
            value=_value(short(values[name])),
            usual=_value(short(usual[name])),
            span=span(shape) or alike(_choices(shape)),
            source=Text(shape["source_zh"], shape["source_en"]),
        )
        for name, shape in shapes.items()
    )


def short(value: Any) -> Any:
    """Give a parameter's value; a FeatureCollection by its size.

    >>> short({"type": "FeatureCollection", "features": [{}, {}]})
    {'features': 2}
    """
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        return {"features": len(value.get("features", ()))}
    return value


def span(shape: Mapping[str, Any]) -> Text | None:
    """Give the range of a parameter in words, or None where it has none."""
    inner = _of_one(shape)
    ends = [f"{sign} {inner[name]:,.12g}" for name, sign in LIMITS.items() if name in inner]
    return joined(ends) if ends else None


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _choices(shape: Mapping[str, Any]) -> str:
    names = _of_one(shape).get("enum") or shape.get("propertyNames", {}).get("enum") or ()
    return " | ".join(map(str, names))


def _of_one(shape: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the shape of one value: of an optional one without none, of lists and tables inside."""
    for one in shape.get("anyOf", ()):
        if one.get("type") != "null":
            return _of_one(one)
    inner = shape.get("items") or shape.get("additionalProperties")
    return inner if isinstance(inner, Mapping) else shape
