"""Which fields the files of a layer or a table have: what it declares, its identity, titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from geo.words import NO_TEXT, Lang, Text
from scenarios import record
from scenarios.result.values import Category, Column, Layer, Table

Role = Literal["identity", "title", "value", "rules", "other"]
KINDS: Mapping[str, Text] = {
    "i": Text("整数", "whole number"),
    "u": Text("整数", "whole number"),
    "f": Text("小数", "number"),
    "b": Text("真假", "truth"),
}
TEXT = Text("文字", "text")
IDENTITY = Text("标识", "Identity")
RULES = Text("约束规则编号，以分号分隔", "ids of the rules that bind it, parted by semicolons")


@dataclass(frozen=True)
class Field:
    """A field of a file.

    Parameters
    ----------
    column
        What is said of it; of a field that nothing declares its name alone.
    role
        The row's identity, the titles of the codes before it, a value, rules, or none of these.
    kind
        Whole number, number, truth or text, in words.
    """

    column: Column
    role: Role
    kind: Text

    @property
    def name(self) -> str:
        """Its name in the file."""
        return self.column.name


def coded(thing: Layer | Table) -> dict[str, dict[str, Text]]:
    """Give the columns that hold codes, with the titles of these."""
    titles = {column.name: _titles(column.categories) for column in thing.columns}
    if isinstance(thing, Layer) and thing.value and not titles.get(thing.value):
        titles[thing.value] = _titles(thing.categories)
    return titles


def _titles(categories: Iterable[Category]) -> dict[str, Text]:
    return {one.code: one.title for one in categories}


def fields(thing: Layer | Table, lang: Lang) -> Iterator[Field]:
    """Give the fields of the file that a layer of shapes or a table is written to, in order.

    Parameters
    ----------
    thing
        The layer or table; cells have no fields.
    lang
        The language of the titles beside codes.
    """
    frame = thing.data if isinstance(thing, Layer) else thing.frame
    if isinstance(frame, pd.DataFrame):
        plain = pd.DataFrame(frame.drop(columns=_shapes(frame)))
        identity = record.kinds(frame)["index"]
        yield from _listed(thing, plain, identity, lang)


def _shapes(frame: pd.DataFrame) -> list[str]:
    return [str(frame.geometry.name)] if isinstance(frame, gpd.GeoDataFrame) else []


def _listed(
    thing: Layer | Table, plain: pd.DataFrame, identity: str, lang: Lang
) -> Iterator[Field]:
    known = {column.name: column for column in thing.columns}
    if identity:
        yield Field(Column(identity, IDENTITY), "identity", _kind(plain.index.dtype))
    before = NO_TEXT
    for name in record.titled(plain.head(0), coded(thing), lang).columns:
        if name not in plain.columns:
            words = Text(f"{before.zh}（名称）", f"{before.en} (in words)")
            yield Field(Column(name, words), "title", TEXT)
            continue
        column = known.get(name) or Column(name, *_undeclared(thing, name))
        role: Role = "value" if name in known else "other"
        bound = isinstance(thing, Layer) and name == thing.binding
        yield Field(column, "rules" if bound else role, _kind(plain[name].dtype))
        before = column.title


def _undeclared(thing: Layer | Table, name: str) -> tuple[Text, str]:
    """Give title and unit of a column that is not declared, from what the layer says of it."""
    if isinstance(thing, Layer) and name == thing.value:
        return thing.title, thing.unit
    return (RULES if isinstance(thing, Layer) and name == thing.binding else NO_TEXT), ""


def _kind(dtype: object) -> Text:
    return KINDS.get(str(getattr(dtype, "kind", "O")), TEXT)
