"""Land-use codes of surveys and plans, and the classes of land that scenarios speak of.

Survey codes (GB/T 21010-2017 as the third survey uses it) and planning codes (用地用海) are two
lists that share numbers: 0601 is industry in one and a farm road in the other. `landuse/survey.csv`
puts them side by side; where one survey code covers several planning codes the level above stands.
Which code belongs to which class is declared in a table, never guessed: a code that the table does
not hold is an error that lists every such code.

- `survey`: the third survey's codes, each by itself.
- `benchmark`: codes of the public land-exchange benchmark, by how they begin: 011-013 farmland,
  031-033 forest, other first-level classes do not move; 010…, 030… and the like are none of them.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd

from geo.errors import Problem, SchemaError, UsageError
from geo.words import Text

NO_CLASS = Text("没有这种地类", "no such class of land")
TABLES = Path(__file__).parent / "landuse"
PREFIX = "*"
Mapped = Literal["survey", "benchmark"]
LandClass = Literal[
    "cropland",
    "orchard",
    "forest",
    "grass",
    "other_farm",
    "homestead",
    "construction",
    "water",
    "other",
]
CLASSES: Mapping[str, Text] = MappingProxyType(
    {
        "cropland": Text("耕地", "cropland"),
        "orchard": Text("园地", "orchard"),
        "forest": Text("林地", "forest"),
        "grass": Text("草地", "grass"),
        "other_farm": Text("其他农用地", "other farmland"),
        "homestead": Text("农村宅基地", "rural homestead"),
        "construction": Text("建设用地", "construction land"),
        "water": Text("水域湿地", "water and wetland"),
        "other": Text("其他土地", "other land"),
    }
)
UNKNOWN_CLASS = "unknown"
"""Stands where a class is asked for and no parcel says it."""
TITLES: Mapping[str, Text] = MappingProxyType(
    {**CLASSES, UNKNOWN_CLASS: Text("地类未知", "land use unknown")}
)
LISTED = 40  # codes that an error lists


def classes(
    codes: pd.Series, *, mapping: Mapped = "survey", own: Mapping[str, str] | None = None
) -> pd.Series:
    """Give the class of every parcel's code.

    Parameters
    ----------
    codes
        Text, leading zeros kept.
    mapping
        Which table: `survey` or `benchmark`.
    own
        Classes of further codes, or other classes for known ones; `02*` for all that begin so. A
        whole code goes before a beginning, a longer beginning before a shorter one.

    Raises
    ------
    SchemaError
        Listing every code that has no class, with the number of its parcels.

    Examples
    --------
    >>> classes(pd.Series(["0101", "0201K", "1203"])).tolist()
    ['cropland', 'orchard', 'other_farm']
    >>> classes(pd.Series(["0110", "0510"]), mapping="benchmark").tolist()
    ['cropland', 'other']
    """
    known = {code: row["class"] for code, row in _table(mapping).items()}
    known |= _own(own or {})
    class_of = {code: _class(code, known) for code in codes.dropna().unique()}
    counts = codes.fillna("").value_counts()
    unmapped = sorted(code for code in counts.index if not class_of.get(code))
    if unmapped:
        raise SchemaError(
            Text(
                f"表 {mapping!r} 中没有这些地类编码对应的类别",
                f"land-use codes without a class in the table {mapping!r}",
            ),
            problems=[_problem(code, int(counts[code])) for code in unmapped[:LISTED]]
            + _advice(unmapped, mapping),
        )
    return codes.map(class_of)


def classed(code: str) -> bool:
    """Say whether a code is one of the third survey's and so has a class.

    >>> classed("0301"), classed("0000")
    (True, False)
    """
    return code in _table("survey")


def class_title(land_class: str) -> Text:
    """Give the title of a class of land, as it stands within a sentence.

    Parameters
    ----------
    land_class
        One of `CLASSES`, or `unknown`.

    Raises
    ------
    UsageError
        If there is no such class.

    Examples
    --------
    >>> class_title("other_farm"), class_title("unknown").zh
    (Text(zh='其他农用地', en='other farmland'), '地类未知')
    """
    if land_class not in TITLES:
        raise UsageError(
            NO_CLASS, problems=[Problem(found=land_class, expected=" | ".join(TITLES))]
        )
    return TITLES[land_class]


def code_title(code: str, *, mapping: Mapped = "survey") -> Text:
    """Give the name of a code; one that the table does not hold is its own name.

    >>> code_title("0103").zh, code_title("0110", mapping="benchmark").en, code_title("9").zh
    ('旱地', 'Farmland', '9')
    """
    table = _table(mapping)
    row = table.get(_class(code, {known: known for known in table}))
    return Text(row["title_zh"], row["title_en"]) if row else Text(code, code)


def code_titles(*, mapping: Mapped = "survey") -> Mapping[str, Text]:
    """Give the name of every code of a table.

    >>> code_titles()["0103"].zh
    '旱地'
    """
    return {code: code_title(code, mapping=mapping) for code in _table(mapping)}


def new_code(land_class: str, *, mapping: Mapped = "survey") -> str:
    """Give the code that land gets when it becomes a class and nothing more is known of it.

    New cropland is dry field until it is surveyed: 0103.

    Raises
    ------
    UsageError
        If the table says none for the class.
    """
    for row in _table(mapping).values():
        if row["class"] == land_class and row["new"]:
            return row["new"]
    raise UsageError(
        Text(
            f"{mapping}：没有新增地类 {land_class} 的编码",
            f"{mapping}: no code for new {land_class}",
        )
    )


def planning_code(code: str) -> str:
    """Give the planning code (用地用海) of a survey code; of 0201K that of 0201.

    Raises
    ------
    UsageError
        If it is no survey code.

    Examples
    --------
    >>> planning_code("0702"), planning_code("0601"), planning_code("05H1")
    ('0703', '1001', '09')
    """
    row = _table("survey").get(code)
    if row is None:
        raise UsageError(
            Text(f"{code!r} 不是三调地类编码", f"{code!r} is no code of the third survey")
        )
    return row["planning"]


def survey_codes(code: str) -> tuple[str, ...]:
    """Give the survey codes that a planning code may stand for, those below a level among them.

    >>> survey_codes("0703"), survey_codes("0201"), survey_codes("0804")
    (('0702',), ('0201', '0201K'), ('08H2', '08H2A'))
    """
    plans = {own: row["planning"] for own, row in _table("survey").items()}
    return tuple(
        own for own, plan in plans.items() if plan and (plan == code or code.startswith(plan))
    )


@functools.cache
def _table(mapping: str) -> Mapping[str, Mapping[str, str]]:
    with (TABLES / f"{mapping}.csv").open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({row["code"]: row for row in csv.DictReader(lines)})


def _own(own: Mapping[str, str]) -> Mapping[str, str]:
    """Give the user's classes, or say which are none."""
    wrong = [
        Problem(field=code, found=repr(name), expected=" | ".join(CLASSES))
        for code, name in own.items()
        if name not in CLASSES
    ]
    if wrong:
        raise UsageError(NO_CLASS, problems=wrong)
    return own


def _class(code: str, known: Mapping[str, str]) -> str:
    """Give the class of one code: itself first, then its longest beginning; or nothing."""
    tries = [code, *(code[:end] + PREFIX for end in range(len(code), 0, -1))]
    return next((known[one] for one in tries if one in known), "")


def _problem(code: str, count: int) -> Problem:
    return Problem(
        layer="parcels",
        field="DLBM",
        found=Text(f"{code or '空'} × {count}", f"{code or 'empty'} × {count}"),
        expected=" | ".join(CLASSES),
        remedy=f"--set codes.{code or 'CODE'}=forest",
    )


def _advice(unmapped: list[str], mapping: str) -> list[Problem]:
    """Count codes not listed, and name the other table where it holds them all."""
    advice = []
    if len(unmapped) > LISTED:
        rest = ", ".join(unmapped[LISTED:])
        more = Text(f"另有 {rest}", f"and also {rest}")
        advice.append(Problem(layer="parcels", field="DLBM", found=more))
    other = "benchmark" if mapping == "survey" else "survey"
    if all(
        _class(code, {c: row["class"] for c, row in _table(other).items()}) for code in unmapped
    ):
        advice.append(Problem(layer="parcels", field="DLBM", remedy=f"--set code_table={other}"))
    return advice
