"""shapefiles.zip, when asked for: every layer of shapes as a shapefile, for programs that need one.

UTF-8 with a .cpg beside it. Names of fields have ten signs at most and texts 254 bytes: a table of
names tells which field is which, with title and unit, and how many texts were cut. GDAL writes
shapefiles to disk only, so they are made in a folder of their own that is gone afterwards.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.words import Text, joined, unit_words
from maps.handoff.zipped import zipped
from maps.qgis.wording import both, plain
from scenarios.result import Column, Layer, Run

NAME = "shapefiles.zip"
NAMES = "fields.csv"
MOST_NAME, MOST_TEXT = 10, 254  # what the format holds: signs of a name, bytes of a text
DATED = "2000-01-01"
IDENTITY = Column("id", Text("编号", "Id"))
HEADS = (
    Text("图层", "layer"),
    Text("图层名称", "title of the layer"),
    Text("shp 字段", "field"),
    Text("原字段", "column"),
    Text("字段名称", "title of the field"),
    Text("单位", "unit"),
    Text("截断的文字数", "texts cut"),
)
FORMULA = tuple("=+-@＝＋－＠")
"""How a cell begins that a spreadsheet would take for a formula."""


@dataclass(frozen=True)
class Field:
    """A field of a shapefile: its short name, the column it is of, how many texts were cut."""

    short: str
    column: Column
    cut: int = 0


def shapefiles(run: Run) -> bytes:
    """Pack every layer of shapes that has any, with the table of names; the same bytes again."""
    packed: dict[str, bytes] = {}
    rows: list[tuple[Layer, Field]] = []
    with TemporaryDirectory() as made:
        for layer in run.result.layers:
            if isinstance(layer.data, gpd.GeoDataFrame) and len(layer.data):
                rows += [(layer, field) for field in _written(layer, Path(made))]
        for path in sorted(Path(made).iterdir()):
            packed[path.name] = path.read_bytes()
    packed[NAMES] = _names(rows)
    return zipped(packed)


def _written(layer: Layer, folder: Path) -> Iterator[Field]:
    """Write a layer: its identity and the columns it declares."""
    frame: Any = layer.data
    known = {column.name: column for column in layer.columns}
    for name in (layer.value, layer.label, layer.binding):
        if name:
            known.setdefault(name, Column(name, Text(name, name)))
    titled = list(_titled(layer, known))
    identity = frame.index.to_series().astype(str)
    columns = [IDENTITY, *known.values(), *(column for column, _ in titled)]
    values = [identity, *(frame[name] for name in known), *(words for _, words in titled)]
    kept: dict[str, Any] = {}
    for short, column, value in zip(
        short_names(column.name for column in columns), columns, values, strict=True
    ):
        told, cut = _cell(value)
        kept[short] = told.to_numpy()
        yield Field(short, column, cut)
    whole = gpd.GeoDataFrame(kept, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    pyogrio.write_dataframe(
        whole,
        folder / f"{layer.id}.shp",
        driver="ESRI Shapefile",
        ENCODING="UTF-8",
        DBF_DATE_LAST_UPDATE=DATED,
    )


def _titled(layer: Layer, known: dict[str, Column]) -> Iterator[tuple[Column, pd.Series]]:
    """Give a column of Chinese titles for each that holds codes."""
    frame: Any = layer.data
    for name, column in known.items():
        codes = column.categories or (layer.categories if name == layer.value else ())
        if codes:
            titles = {one.code: one.title.zh for one in codes}
            words = joined([column.title, Text("名称", "title")], "", " ")
            yield Column(f"{name}_title", words), frame[name].astype(object).map(titles)


def short_names(names: Iterable[str]) -> list[str]:
    """Shorten names of fields; those that would be alike end in a number.

    >>> short_names(["county_seat_before", "county_seat_after", "area_ha"])
    ['county_sea', 'county_s_2', 'area_ha']
    """
    found: list[str] = []
    for name in names:
        plain_name = "".join(s if s.isascii() and s.isalnum() else "_" for s in name)
        short = plain_name[:MOST_NAME] or "f"
        number = 1
        while short.lower() in {one.lower() for one in found}:
            number += 1
            tail = f"_{number}"
            short = plain_name[: MOST_NAME - len(tail)] + tail
        found.append(short)
    return found


def _cell(values: pd.Series) -> tuple[pd.Series, int]:
    """Give a column as a shapefile holds it, and how many texts had to be cut."""
    kind = values.dtype.kind if hasattr(values.dtype, "kind") else "O"
    if kind == "b":
        return values.astype("int32"), 0
    if kind in "iuf":
        return values, 0
    texts = values.astype(object).where(values.notna(), None)
    short = texts.map(_fitting, na_action="ignore")
    return short, int((short != texts)[texts.notna()].sum())


def _fitting(text: Any) -> str:
    """Cut a text where its bytes no longer fit, between two signs.

    >>> len(_fitting("字" * 100))
    84
    """
    return str(text).encode()[:MOST_TEXT].decode(errors="ignore")


def _names(rows: Iterable[tuple[Layer, Field]]) -> bytes:
    """Write the table of names for spreadsheets."""
    box = io.StringIO()
    table = csv.writer(box, lineterminator="\r\n")
    table.writerow([both(head) for head in HEADS])
    for layer, field in rows:
        column = field.column
        told = (both(column.title), unit_words(column.unit).zh)
        cells = [layer.id, both(layer.title), field.short, column.name, *told, field.cut]
        table.writerow([_harmless(cell) for cell in cells])
    return box.getvalue().encode("utf-8-sig")


def _harmless(cell: Any) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    text = plain(str(cell))
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text
