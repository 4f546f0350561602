"""What the validation of parameters finds, in the words of a planner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from geo.errors import PlanningError, Problem
from geo.words import Text, joined
from scenarios import meant

LONGEST = 80  # characters of a value that an error quotes
BOUNDS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", "≥"),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "≤"),
}
ITEMS, SIGNS = Text("项", "of them"), Text("个字", "characters")
COUNTS = {
    "too_short": ("min_length", "≥", ITEMS),
    "too_long": ("max_length", "≤", ITEMS),
    "string_too_short": ("min_length", "≥", SIGNS),
    "string_too_long": ("max_length", "≤", SIGNS),
}
DAY = Text("日期，如 2026-01-01", "a day, such as 2026-01-01")
TABLE = Text("表", "a table")
FITTING = Text("符合该参数要求的值", "a value that fits the parameter")
"""What is expected where the validation says no more in words of ours."""
LIST, NUMBER = Text("列表", "a list"), Text("整数", "a whole number")
KINDS: Mapping[str, Text | str] = MappingProxyType(
    {
        "float_type": Text("数字", "a number"),
        "int_type": NUMBER,
        "int_from_float": NUMBER,
        "int_parsing_size": Text("较短的整数", "a shorter whole number"),
        "bool_type": "true | false",
        "string_type": Text("文字", "text"),
        "tuple_type": LIST,
        "list_type": LIST,
        "dict_type": TABLE,
        "model_type": TABLE,
        "model_attributes_type": TABLE,
        "date_type": DAY,
        "date_parsing": DAY,
        "date_from_datetime_parsing": DAY,
        "date_from_datetime_inexact": DAY,
        "none_required": Text("不填", "nothing"),
        "finite_number": Text("有限数", "a finite number"),
        "missing": Text("必填", "a value"),
        "extra_forbidden": Text("已知参数", "a known parameter"),
    }
)
MISSING = Text("缺少", "missing")


def finding(error: Any, schema: dict[str, Any]) -> Problem:
    """Say one finding of the validation in the words of a planner."""
    loc, kind, context = error["loc"], error["type"], error.get("ctx", {})
    shape = at(schema, loc, schema)
    if loc[-1:] == ("[key]",):  # it is the name itself that is wrong, not its value
        loc = loc[:-1]
        shape = at(schema, loc[:-1], schema).get("propertyNames", {})
    remedy: Text | None = None
    expected: Text | str = KINDS.get(kind, FITTING)
    if kind in BOUNDS:
        bound, sign = BOUNDS[kind]
        unit = at(schema, loc[:1], schema).get("unit", "")
        expected = f"{sign} {context[bound]:g} {unit}".strip()
    elif kind in COUNTS:
        bound, sign, what = COUNTS[kind]
        most = f"{sign} {context[bound]}"
        expected = Text(f"{most} {what.zh}", f"{most} {what.en}")
    elif kind == "value_error":
        expected = _own(context["error"])
    elif kind == "extra_forbidden":
        remedy = meant(str(loc[-1]), at(schema, loc[:-1], schema).get("properties", ()))
    elif kind == "literal_error":
        choices = [str(choice) for choice in shape.get("enum", ())]
        expected = " | ".join(choices) or context["expected"]
        remedy = meant(str(error["input"]), choices)
    found = MISSING if kind == "missing" else quoted(error["input"])
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return Problem(field=f"params{field}", found=found, expected=expected, remedy=remedy or "")


def _own(error: Exception) -> Text:
    """Give what a validator of a question says: in two languages, or a formula."""
    return joined([error.message if isinstance(error, PlanningError) else str(error)])


def at(shape: Mapping[str, Any], loc: Sequence[Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Follow a path into a JSON schema; where it leads nowhere, nothing is known."""
    for part in loc:
        shape = resolved(shape, schema)
        others = shape.get("additionalProperties")
        if isinstance(part, int):
            shape = shape.get("items", {})
        else:
            shape = shape.get("properties", {}).get(part) or (others or {})
    return resolved(shape, schema)


def resolved(shape: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Follow a reference within a JSON schema."""
    name = shape.get("$ref", "").rpartition("/")[2]
    return dict(schema["$defs"][name] if name else shape)


def quoted(value: Any) -> str:
    """Quote a value, shortened."""
    return shortened(repr(value))


def shortened(words: str, longest: int = LONGEST) -> str:
    """Give words that are not longer than that.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
