"""Scripts: which scenario, on which county, with which parameters, as TOML and `--set key=value`.

    scenario = "access"          # or the file of a question, by its path from the script
    county = "jingning"          # or a folder beside the script; may be left out
    title_zh = "第二通道"
    title_en = "Second passage"

    [params]
    walk_factor = 0.8

Every problem of a script is reported at once, each with its dotted path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from pydantic import ValidationError

from geo.documents import toml, toml_file
from geo.errors import FileError, PlanningError, Problem, UsageError
from geo.words import NO_TEXT, Text, joined
from layers.given import text_of
from scenarios import called, find, meant, names, outside
from scenarios.contract import Params
from scenarios.running import basis
from scenarios.running.basis import Basis
from scenarios.running.featurefile import features, require_features
from scenarios.running.questions import faults
from scenarios.running.validation import KINDS, MISSING, at, finding, quoted, resolved, shortened

SUFFIX = ".toml"
WORDS = ("scenario", "county", "title_zh", "title_en")
EMPTY: Mapping[str, type] = MappingProxyType({"array": list, "string": str, "object": dict})
"""What a setting without a value gives, by what its parameter may be."""


class Reader(NamedTuple):
    """How a kind of file is read, what it must be, and what to do about one that is not."""

    read: Callable[[Path], Any]
    expected: Text | str
    remedy: Text


FILES: Mapping[str, Reader] = MappingProxyType(
    {
        "geojson": Reader(
            features,
            "WGS-84 GeoJSON FeatureCollection",
            Text("导出为 WGS-84 的 GeoJSON", "export it as GeoJSON in EPSG:4326"),
        ),
        "table": Reader(
            text_of, "CSV | TOML", Text("另存为 UTF-8 的 CSV", "save it as CSV in UTF-8")
        ),
        "run": Reader(
            basis.opened,
            Text("运行文件夹", "a run folder"),
            Text("重新运行，再指向其文件夹", "run it again and name its folder"),
        ),
    }
)
"""The kinds of files that a parameter may name."""


LONGEST_PATH = 300  # characters; systems take 4,096, no planner has so many
CONTENT = Text("文件的内容", "what the file holds")
Usual: TypeAlias = Callable[[str], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Script:
    """What a script or a name with settings asks for; `county` is empty when it names none.

    `bases` are the runs that its parameters name.
    """

    scenario: str
    params: Params
    county: str = ""
    subtitle: Text = NO_TEXT
    bases: tuple[Basis, ...] = ()


class Heading(NamedTuple):
    """What a script says of itself."""

    scenario: str
    title: Text


def heading(path: Path) -> Heading:
    """Give the scenario and the titles of a script; raises UsageError if it cannot be read."""
    found = _content(path)
    title = Text(str(found.get("title_zh", "")), str(found.get("title_en", "")))
    return Heading(str(found.get("scenario", "")), title)


def read(
    what: str,
    *,
    settings: Sequence[str] = (),
    kept: Mapping[str, Path] = MappingProxyType({}),
    usual: Usual = lambda _: {},
) -> Script:
    """Read a scenario's name, or a script by its path, with settings on top.

    Parameters
    ----------
    what
        A scenario's name or file, the name of a script of `kept`, or the path of a .toml script.
    kept
        Ready-made scripts by name. A scenario of the same name goes first, unless the script asks
        that very scenario: then it says what is usual for it here.
    settings
        Texts `key=value`; they stand over the script's. Dotted keys change one entry of a table
        and leave the others as the script has them, or as they are by default. Values
        are TOML; plain words and lists with commas need no quotes, nor lists with semicolons, whose
        items may hold commas. `key=` gives none where there may be none, else the empty list, text
        or table.
    usual
        Gives what a county sets for the parameters of scenarios (`layers.folder.defaults`), by the
        county that the script names; scripts and settings stand over it.

    Raises
    ------
    UsageError
        Naming every key and value that is wrong, with what is expected and the nearest name.
    InputError
        If the file of a question fails while it is imported, with the line.
    FileError
        If only files that parameters name are refused.
    """
    path = Path(what) if what.endswith(SUFFIX) else _kept(what, kept)
    content = _content(path) if path else {"scenario": what}
    params: Any = content.get("params", {})
    wrong = list(_head_problems(content, path))
    name = _question(content, path)
    if name is None or not isinstance(params, dict):
        words = Text("脚本有误", "the script is not as it should be")
        raise UsageError(words, problems=wrong)
    county = _county(content, path)
    params = {**usual(county).get(called(name), {}), **params}
    with faults(name):
        model = find(name).params
    schema = model.model_json_schema()
    wrong += _set(params, settings, schema)
    places, refused = _read_files(params, schema, path.parent if path else Path())
    bases = _bases(params)
    try:
        made = model.model_validate_json(json.dumps(params, default=_day), strict=True)
    except ValidationError as error:
        unread = {problem.field for problem in refused}
        found = [_placed(finding(one, schema), places) for one in error.errors(include_url=False)]
        wrong += [problem for problem in found if problem.field not in unread]
    file = str(path or "")
    if wrong:
        problems = [replace(one, file=one.file or file) for one in (*wrong, *refused)]
        words = Text("参数有误", "the parameters are not as they should be")
        raise UsageError(words, problems=problems)
    if refused:
        raise FileError(Text("文件被拒", "a file is refused"), problems=refused)
    subtitle = Text(content.get("title_zh", ""), content.get("title_en", ""))
    return Script(name, made, county, subtitle, bases)


def _kept(what: str, kept: Mapping[str, Path]) -> Path | None:
    """Give the ready-made script that a name means, None where it is a scenario's alone."""
    path = kept.get(what)
    if outside(what) or (what in names() and path and heading(path).scenario != what):
        return None
    if path is None and what not in names() and (near := meant(what, kept)):
        words = Text(f"没有情景或脚本 {what!r}", f"no scenario or script {what!r}")
        raise UsageError(joined([words, near], "；", "; "))
    return path


def _question(content: Mapping[str, Any], path: Path | None) -> str | None:
    """Give the question a script names, that of a file by its path from here; None where none."""
    name = content.get("scenario")
    if not isinstance(name, str):
        return None
    if path and outside(name):
        return str(path.parent / name)
    return name if not path or name in names() else None


def _county(content: Mapping[str, Any], path: Path | None) -> str:
    """Give the county a script names: a folder beside the script by its path."""
    county = content.get("county", "")
    if path and isinstance(county, str) and county:
        beside = path.parent / county
        return str(beside) if (beside / "county.toml").is_file() else county
    return county if isinstance(county, str) else ""


def _content(path: Path) -> dict[str, Any]:
    try:
        return toml_file(path)
    except FileError as error:
        raise UsageError(error.message) from error


def _head_problems(content: Mapping[str, Any], path: Path | None) -> list[Problem]:
    """Find what is wrong above the parameters."""
    known = (*WORDS, "params")
    problems = [
        Problem(
            field=key,
            found=Text("未知键", "unknown key"),
            remedy=meant(key, known) or Text("删除", "remove it"),
        )
        for key in content
        if key not in known
    ]
    problems += [
        Problem(field=key, found=quoted(content[key]), expected=KINDS["string_type"])
        for key in WORDS
        if not isinstance(content.get(key, ""), str)
    ]
    if not isinstance(content.get("params", {}), dict):
        found, expected = quoted(content["params"]), Text("表 [params]", "a table [params]")
        problems.append(Problem(field="params", found=found, expected=expected))
    name = content.get("scenario")
    if name is None:
        problems.append(Problem(field="scenario", found=MISSING, expected=" | ".join(names())))
    elif isinstance(name, str) and _question(content, path) is None:
        problems.append(
            Problem(
                field="scenario",
                found=quoted(name),
                expected=" | ".join((*names(), "QUESTION.py")),
                remedy=meant(name, names()) or "",
            )
        )
    return problems


def _set(params: dict[str, Any], settings: Sequence[str], schema: dict[str, Any]) -> list[Problem]:
    """Lay settings over the parameters; give those that are none."""
    problems = []
    for setting in settings:
        key, equals, text = setting.partition("=")
        *above, last = key.strip().split(".")
        place: Any = params
        shape: Any = schema
        for part in above:
            shape = at(shape, [part], schema)
            usual = shape.get("default")
            usual = dict(usual) if isinstance(usual, dict) else {}
            place = place.setdefault(part, usual) if isinstance(place, dict) else None
        if not equals or not last or not isinstance(place, dict):
            problems.append(Problem(field="--set", found=quoted(setting), expected="key=value"))
            continue
        shape = at(schema, above, schema).get("properties", {}).get(last, {})
        place[last] = _value(text.strip(), resolved(shape, schema))
    return problems


def _value(text: str, shape: Mapping[str, Any]) -> Any:
    """Read a setting's text as what its parameter wants.

    >>> _value("0.06", {"type": "number"}), _value("007", {"type": "string"})
    (0.06, '007')
    >>> _value("15, 30", {"type": "array", "items": {"type": "number"}})
    [15, 30]
    >>> _value("119.6,27.9; 119.5,27.8", {"type": "array", "items": {"type": "string"}})
    ['119.6,27.9', '119.5,27.8']
    >>> _value("", {"type": "array"}), _value("", {"type": "string"})
    ([], '')
    """
    choices = [shape, *shape.get("anyOf", ())]
    kinds = {choice["type"] for choice in choices if "type" in choice}
    if "null" in kinds and text in {"", "null", "none"}:
        return None
    if not text:
        return next((empty() for kind, empty in EMPTY.items() if kind in kinds), text)
    try:
        value = toml(f"value = {text}")["value"]
    except FileError:
        value = text
    if "array" in kinds and not isinstance(value, list):
        items = next(choice.get("items", {}) for choice in choices if choice.get("type") == "array")
        return [_value(part.strip(), items) for part in text.split(";" if ";" in text else ",")]
    if "string" in kinds and not kinds & {"number", "integer", "boolean"}:
        return value if isinstance(value, str | list | dict) else text
    return value


def _read_files(
    params: dict[str, Any], schema: dict[str, Any], folder: Path
) -> tuple[dict[str, Path], list[Problem]]:
    """Put the content of the files that parameters name in their place.

    Give the files that were read, by parameter, and what is refused.
    """
    places: dict[str, Path] = {}
    problems = []
    for name, shape in schema["properties"].items():
        value, kind = params.get(name), shape.get("file")
        named = isinstance(value, str) and not (kind == "table" and _is_table(value))
        path = folder / value if isinstance(value, str) and named else None
        if not kind or (kind == "run" and not value):
            continue
        reader = FILES[kind]
        try:
            if path:
                params[name] = reader.read(path)
                places[name] = path
            elif kind == "geojson" and value is not None:
                require_features(value)
        except (PlanningError, OSError, ValueError, RecursionError) as error:
            problems.append(
                Problem(
                    file=shortened(str(path or ""), LONGEST_PATH),
                    field=f"params.{name}",
                    found=_words(error),
                    expected=reader.expected,
                    remedy=reader.remedy,
                )
            )
    return places, problems


def _placed(problem: Problem, places: Mapping[str, Path]) -> Problem:
    """Name the file that a wrong value came from, in place of what the file holds."""
    path = places.get(problem.field.removeprefix("params.").split(".")[0].split("[")[0])
    return replace(problem, file=str(path), found=CONTENT) if path else problem


def _bases(params: dict[str, Any]) -> tuple[Basis, ...]:
    """Put the key of each run that was read in its place; give the runs."""
    found = {name: value for name, value in params.items() if isinstance(value, Basis)}
    params |= {name: value.run.key for name, value in found.items()}
    return tuple({value.run.key: value for value in found.values()}.values())


def _words(error: Exception) -> Text:
    """Give what an error says: our own in both languages, of a library's only what kind it is."""
    if isinstance(error, PlanningError):
        return Text(error.said("zh"), error.said("en"))
    kind = type(error).__name__
    return Text(f"无法读取（{kind}）", f"cannot be read ({kind})")


def _is_table(text: str) -> bool:
    """Say whether a text is a table itself; a path has one line.

    >>> _is_table("id,yuan" + chr(10) + "cut,40"), _is_table("prices.csv"), _is_table("")
    (True, False, True)
    """
    return not text or "\n" in text


def _day(value: Any) -> str:
    """Write TOML's dates and times as JSON has them."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"no parameter: {value!r}")
