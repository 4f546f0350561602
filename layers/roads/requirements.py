"""Requirements of the standard book, and what becomes of each: `road_requirements.toml`.

A rule that is entered but not tested, or not even entered, would hide behind a page that says
"0 breaches". So each requirement says what becomes of it: an independent check, the designer's
word, advice, or nothing, and then why.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from geo.errors import Problem, SchemaError
from geo.words import NO_TEXT, Text
from layers.rulebook import SHIPPED

State = Literal["checked", "designed", "advice", "not_checked"]
STATES: Mapping[str, Text] = MappingProxyType(
    {
        "checked": Text("独立校核", "checked independently"),
        "designed": Text("设计时遵守，未另行校核", "designed for, not checked"),
        "advice": Text("建议值，仅提示", "advice, told only"),
        "not_checked": Text("未校核", "not checked"),
    }
)
PARTS: Mapping[str, Text] = MappingProxyType(
    {
        "general": Text("总体", "General"),
        "plan": Text("平面", "Plan"),
        "profile": Text("纵断面", "Profile"),
        "section": Text("横断面", "Cross-section"),
        "sight": Text("视距", "Sight"),
        "works": Text("路基与桥隧", "Works"),
        "crossings": Text("交叉与水", "Crossings and water"),
    }
)
TEXTS = ("id", "part", "title_zh", "title_en", "document", "state")
WHY = ("why_zh", "why_en")
LISTS = ("checks", "parameters")
TOLD = ("checked", "advice")
"""States that name the checks of the corridor that tell of them."""


@dataclass(frozen=True)
class Requirement:
    """One requirement of the standard book.

    Parameters
    ----------
    id
        Unique.
    part
        One of `PARTS`.
    title
        In both languages.
    document
        Where it stands.
    state
        What becomes of it: one of `STATES`.
    checks
        Ids of the corridor's checks that tell of it.
    parameters
        Figures of the rule book that it stands on, as `rule:parameter`.
    why
        What is missing where it is not checked.
    """

    id: str
    part: str
    title: Text
    document: str
    state: State
    checks: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    why: Text = NO_TEXT


@functools.cache
def requirements() -> tuple[Requirement, ...]:
    """Give every requirement in the order of the file.

    Raises
    ------
    SchemaError
        If the shipped file is damaged.

    Examples
    --------
    >>> known = {one.id: one for one in requirements()}
    >>> known["max_grade"].state, known["max_grade"].checks, known["traffic"].state
    ('checked', ('grade',), 'not_checked')
    """
    return read(SHIPPED / "road_requirements.toml")


def read(path: Path) -> tuple[Requirement, ...]:
    """Read requirements.

    Raises
    ------
    SchemaError
        Naming every wrong entry.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("requirement", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = Problem(file=str(path), found=str(error), expected="TOML")
        raise SchemaError(WRONG, problems=[problem]) from error
    told: set[str] = set()
    problems: list[Problem] = []
    for place, entry in enumerate(entries, 1):
        problems += _problems(entry, str(path), str(entry.get("id", place)), told)
        told.add(str(entry.get("id")))
    if problems:
        raise SchemaError(WRONG, problems=problems)
    return tuple(_requirement(entry) for entry in entries)


WRONG = Text("公路要求表有误", "the table of requirements of roads is wrong")


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    return Requirement(
        entry["id"],
        entry["part"],
        Text(entry["title_zh"], entry["title_en"]),
        entry["document"],
        entry["state"],
        tuple(entry.get("checks", ())),
        tuple(entry.get("parameters", ())),
        Text(entry.get("why_zh", ""), entry.get("why_en", "")),
    )


def _problems(entry: Mapping[str, Any], file: str, name: str, told: set[str]) -> Iterator[Problem]:
    """Name what is missing, unknown or contradictory in one entry."""
    unknown = sorted(entry.keys() - {*TEXTS, *WHY, *LISTS})
    known = ", ".join((*TEXTS, *WHY, *LISTS))
    yield from (Problem(file, row=name, field=field, expected=known) for field in unknown)
    for field in TEXTS:
        if not isinstance(entry.get(field), str) or not entry[field]:
            missing = Text("缺少", "missing")
            yield Problem(file, row=name, field=field, found=missing)
    for field, allowed in (("state", STATES), ("part", PARTS)):
        if entry.get(field) not in allowed:
            found, expected = str(entry.get(field)), " | ".join(allowed)
            yield Problem(file, row=name, field=field, found=found, expected=expected)
    if name in told:
        yield Problem(file, row=name, field="id", found=Text("重复", "twice"))
    state = entry.get("state")
    wanted = {"checks": state in TOLD, "why_zh": state == "not_checked"}
    wanted["why_en"] = wanted["why_zh"]
    for field, needed in wanted.items():
        if bool(entry.get(field)) != needed:
            said = Text("应填写", "given") if needed else Text("不应填写", "not given")
            yield Problem(file, row=name, field=field, found=f"{entry.get(field)}", expected=said)
