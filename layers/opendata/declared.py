"""The declared tables: which tag or code of open data becomes what, and who published it.

The shipped ones stand in `tables/`; a folder given in their place needs to hold only those that
differ, by the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from geo.errors import FileError, InputError, Problem, SchemaError
from geo.words import Text
from layers.catalog import FACILITY_KINDS, ROAD_CLASSES
from layers.given import MISSING, nearest, number, rows, text_of
from layers.land.classes import classed
from layers.source import Quality

SHIPPED = Path(__file__).parent / "tables"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "roads": ("highway", "class", "speed_kmh"),
    "refs": ("letter", "class"),
    "facilities": ("key", "value", "name", "kind"),
    "seats": ("ending",),
    "waters": ("key", "value", "water", "kind"),
    "protection": ("key", "value", "protect_class", "zone"),
    "land": ("source", "key", "value", "code"),
    "publishers": ("kind", "title_zh", "title_en", "publisher", "licence", "quality"),
}
ALLOWED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("roads", "class"): ROAD_CLASSES,
    ("refs", "class"): ROAD_CLASSES,
    ("facilities", "kind"): FACILITY_KINDS,
    ("waters", "kind"): ("river", "lake"),
    ("protection", "zone"): ("core", "general"),
    ("land", "source"): ("osm", "worldcover"),
    ("publishers", "quality"): tuple(Quality),
}
"""What a column may hold; nothing means that it is not taken."""
SPEED = "speed_kmh"
"""What a road that has a class must have."""
Row = Mapping[str, str]


class Publisher(NamedTuple):
    """Who published a kind of data, and how: as source.toml and every page say it."""

    title: Text
    publisher: str
    licence: str
    quality: Quality


@dataclass(frozen=True)
class Tables:
    """The declared tables by name, rows in their order, empty cells as empty text."""

    rows: Mapping[str, tuple[Row, ...]]

    def publisher(self, kind: str) -> Publisher:
        """Give who published a kind of data."""
        row = next(row for row in self.rows["publishers"] if row["kind"] == kind)
        title = Text(row["title_zh"], row["title_en"])
        return Publisher(title, row["publisher"], row["licence"], Quality(row["quality"]))


def tables(folder: Path | None = None) -> Tables:
    """Read the declared tables.

    Parameters
    ----------
    folder
        Holds tables (`roads.csv` and so on) that stand in place of the shipped ones; None for none.

    Raises
    ------
    FileError
        If it is no folder, holds no table of these names, or one cannot be read.
    SchemaError
        Naming every column and value that is wrong in all of them.

    Examples
    --------
    >>> [row["class"] for row in tables().rows["roads"] if row["highway"] == "trunk"]
    ['national']
    >>> tables().publisher("osm").publisher
    '© OpenStreetMap contributors'
    """
    own = _own(folder) if folder is not None else {}
    read: dict[str, tuple[Row, ...]] = {}
    problems: list[Problem] = []
    for name, columns in COLUMNS.items():
        path = own.get(name, SHIPPED / f"{name}.csv")
        try:
            given = rows(text_of(path))
        except InputError as error:
            problems += error.problems or [Problem(file=path.name, found=error.message)]
            continue
        read[name] = tuple({one: str(row.get(one, "")) for one in columns} for row in given)
        problems += [
            Problem(
                file=path.name,
                row=str(place),
                field=column,
                found=Text("未知列", "unknown column"),
                remedy=nearest(column, columns),
            )
            for place, row in enumerate(given, 1)
            for column in row
            if column not in columns
        ]
        problems += _wrong(name, path.name, read[name])
    if problems:
        raise SchemaError(Text("对照表有误", "wrong tables"), problems=problems)
    return Tables(read)


def _own(folder: Path) -> dict[str, Path]:
    files = {path.stem: path for path in sorted(folder.glob("*.csv")) if path.stem in COLUMNS}
    if not files:
        names = " | ".join(f"{name}.csv" for name in COLUMNS)
        raise FileError(
            Text(
                f"--tables {folder}：其中没有对照表；应为：{names}",
                f"--tables {folder}: holds none of the tables {names}",
            )
        )
    return files


def _wrong(name: str, file: str, given: tuple[Row, ...]) -> list[Problem]:
    """Name the values that a table may not hold."""
    problems = []
    for place, row in enumerate(given, 1):
        for column, value in row.items():
            expected = _expected(name, column, row)
            if expected and (value or column == SPEED):
                problems.append(
                    Problem(
                        file=file,
                        row=str(place),
                        field=column,
                        found=value or MISSING,
                        expected=expected,
                    )
                )
    return problems


def _expected(name: str, column: str, row: Row) -> Text | str:
    """Say what a cell should have held, or nothing where it is well."""
    value = row[column]
    allowed = ALLOWED.get((name, column))
    if allowed is not None:
        return "" if value in allowed else " | ".join(allowed)
    if column == SPEED:
        return "" if 1 <= number(value) <= 120 or not (row["class"] or value) else "1 … 120 km/h"
    if (name, column) == ("land", "code") and not classed(value):
        return Text("三调地类编码", "a code of the third survey")
    return ""
