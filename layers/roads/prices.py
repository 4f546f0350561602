"""The cost book of roads: unit prices with spread, year and standing, replaceable by one's own."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Any, TypedDict, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import FileError, Problem, SchemaError
from geo.words import Text, alike
from layers.given import MISSING, Row, nearest, number, rows, unknown
from layers.rulebook import SHIPPED, Status

PARTS = ("works", "land", "on_top")
WORKS_YUAN = "works_yuan"
OWN = "own"
SOURCES: Mapping[str, Text] = MappingProxyType(
    {
        "calibrated": Text("经验值，按参照项目校准", "common figure, calibrated on the reference"),
        OWN: Text("用户自备", "the user's own"),
    }
)
"""Where prices come from."""


@dataclass(frozen=True)
class Item:
    """A price.

    Parameters
    ----------
    id
        Unique in the book.
    part
        `works`, `land`, or `on_top`: a share of all works.
    quantity
        What is multiplied, as `geo.alignment.works.tabulation.quantities` and the scenario name it.
    unit
        Of the quantity.
    title_zh, title_en
        In both languages.
    yuan
        Per unit; the likely price.
    low, high
        What it is under good and bad conditions: low ≤ yuan ≤ high.
    year
        Whose prices these are.
    source
        Where it comes from: one of `SOURCES`, or the user's own words.
    status
        As of rules.
    """

    id: str
    part: str
    quantity: str
    unit: str
    title_zh: str
    title_en: str
    yuan: float
    low: float
    high: float
    year: int
    source: str
    status: Status

    @property
    def title(self) -> Text:
        """Title in both languages."""
        return Text(self.title_zh, self.title_en)

    @property
    def source_title(self) -> Text:
        """Where it comes from, in words."""
        return source_title(self.source)


def source_title(source: str) -> Text:
    """Give where a price comes from in words; the user's own words stand as they are.

    >>> source_title("own").zh, source_title("县造价站").en
    ('用户自备', '县造价站')
    """
    return SOURCES.get(source, alike(source))


FIELDS = tuple(field.name for field in fields(Item))
LIKELY = "likely"  # another word for yuan, beside low and high
PRICES = ("low", "yuan", "high")
ENDS = ("low_yuan", "yuan", "high_yuan")
"""Columns of a bill that hold its sums: all prices low, likely, high."""
BILLED = [
    *("title_zh", "title_en", "part", "quantity", "unit", "unit_yuan", "unit_low", "unit_high"),
    *("yuan", "low_yuan", "high_yuan", "year", "status", "source"),
]
"""Columns of a bill."""
Book = Mapping[str, Item]
Floats = NDArray[np.float64]


def costs(day: date, *, own: str = "") -> Book:
    r"""Give the cost book as it stands on a day.

    Parameters
    ----------
    day
        The day; of each item the price of the latest year that is not after it.
    own
        A table of the user's own prices (CSV or TOML text, `layers.given`): columns id and yuan,
        and others of `FIELDS` where they differ; what is left out stays as shipped, but status
        (unverified) and source (the user). A new id needs every column but those two. A price is
        `yuan` alone, then low and high are the same, or `low`, `likely` and `high`.

    Raises
    ------
    SchemaError
        If an item has no price so early.
    FileError
        If the table is wrong; everything wrong in it is named.

    Examples
    --------
    >>> book = costs(date(2025, 1, 1), own="id,yuan\ncut,40")
    >>> book["cut"].yuan, book["cut"].unit, book["fill"].status
    (40.0, 'm3', 'unverified')
    >>> cut = costs(date(2025, 1, 1), own="id,low,likely,high\ncut,25,40,60")["cut"]
    >>> cut.low, cut.yuan, cut.high
    (25.0, 40.0, 60.0)
    """
    chosen: dict[str, Item] = {}
    for item in sorted(_shipped(), key=lambda item: item.year):
        if item.year <= day.year:
            chosen[item.id] = item
    early = sorted({item.id for item in _shipped()} - chosen.keys())
    if early:
        names = ", ".join(early)
        raise SchemaError(Text(f"{day}：尚无单价：{names}", f"{day}: no prices so early: {names}"))
    return MappingProxyType(chosen | (_own(own, chosen) if own else {}))


@functools.cache
def shipped_book() -> Mapping[str, Any]:
    """Give the file of prices and of published roads as it stands."""
    return tomllib.loads((SHIPPED / "road_costs.toml").read_text(encoding="utf-8"))


@functools.cache
def _shipped() -> tuple[Item, ...]:
    entries = [_priced(entry) for entry in shipped_book()["item"]]
    problems = [
        problem
        for place, entry in enumerate(entries, 1)
        for problem in _problems(entry, str(entry.get("id", place)))
    ]
    if problems:
        raise SchemaError(Text("造价表有误", "the cost book is wrong"), problems=problems)
    return tuple(_item(entry) for entry in entries)


def _item(row: Mapping[str, Any]) -> Item:
    prices = {name: number(row[name]) for name in PRICES}
    return Item(**{**row, **prices, "year": int(number(row["year"]))})


def _priced(row: Row) -> Row:
    """Give a row with `yuan` for `likely`, and the ends of a price that stands alone.

    >>> _priced({"yuan": 5}), _priced({"low": 4, "likely": 5, "high": 7})
    ({'yuan': 5, 'low': 5, 'high': 5}, {'low': 4, 'high': 7, 'yuan': 5})
    """
    given = dict(row)
    if LIKELY in given and "yuan" not in given:
        given["yuan"] = given.pop(LIKELY)
    alone = "yuan" in given and not {"low", "high"} & given.keys() and LIKELY not in row
    return {**given, "low": given["yuan"], "high": given["yuan"]} if alone else given


def _own(text: str, shipped: Mapping[str, Item]) -> dict[str, Item]:
    own: dict[str, Item] = {}
    problems: list[Problem] = []
    for place, row in enumerate(rows(text), 1):
        name = str(row.get("id", ""))
        before = shipped.get(name)
        base = {} if before is None else {f: getattr(before, f) for f in FIELDS if f not in PRICES}
        whole: Row = {**base, "source": OWN, "status": "unverified", **_priced(row)}
        wrong = list(_problems(whole, name or str(place)))
        if before is None and any(p.found == MISSING for p in wrong):
            wrong.append(Problem(row=name or str(place), field="id", remedy=nearest(name, shipped)))
        if before is not None and whole["unit"] != before.unit:
            wrong.append(
                Problem(row=name, field="unit", found=f"{whole['unit']}", expected=before.unit)
            )
        if name in own:
            wrong.append(Problem(row=name, field="id", found=Text("重复", "twice")))
        problems += wrong
        if not wrong:
            own[name] = _item(whole)
    if problems:
        raise FileError(Text("自备单价有误", "your own prices are wrong"), problems=problems)
    return own


def _problems(row: Row, label: str) -> Iterator[Problem]:
    yield from unknown({name: row[name] for name in row if name != LIKELY}, FIELDS, label)
    for name in FIELDS:
        if row.get(name, "") == "":
            yield Problem(row=label, field=name, found=MISSING)
    for name, low, high in (*((one, 0, math.inf) for one in PRICES), ("year", 1990, 2100)):
        value = row.get(name, low)
        if value != "" and not low <= number(value) <= high:
            yield Problem(row=label, field=name, found=f"{value}", expected=f"{low} … {high}")
    for name, choices in (("part", PARTS), ("status", get_args(Status))):
        if name in row and row[name] not in choices:
            yield Problem(row=label, field=name, found=f"{row[name]}", expected=" | ".join(choices))
    yield from _spread_problems(row, label)


def _spread_problems(row: Row, label: str) -> Iterator[Problem]:
    """Find a price given twice, and ends that lie on the wrong side of it."""
    if LIKELY in row:
        expected = Text("yuan 与 likely 只给一个", "either yuan or likely")
        found = Text("重复", "twice")
        yield Problem(row=label, field=LIKELY, found=found, expected=expected)
    low, likely, high = (number(row.get(name, "")) for name in PRICES)
    if low > likely:
        yield Problem(row=label, field="low", found=f"{low:g}", expected=f"≤ {likely:g}")
    if high < likely:
        yield Problem(row=label, field="high", found=f"{high:g}", expected=f"≥ {likely:g}")


def bill(quantities: Mapping[str, float], book: Book) -> pd.DataFrame:
    """Multiply quantities by prices, item by item.

    Parameters
    ----------
    quantities
        By name; NaN where one is not known. Those the book does not price do not matter. What comes
        on top of works is a share of those that are known.
    book
        The prices.

    Returns
    -------
    DataFrame
        Indexed by item, in the order of the book: title_zh, title_en, part, quantity, unit,
        unit_yuan (likely), unit_low, unit_high; yuan, low_yuan, high_yuan (NaN where the quantity
        is not known), year, status, source (as of an item). The quantity of what comes on top are
        the works at their likely price; its low and high are shares of theirs, low and high. The
        sums of all lows and of all highs are the outermost: prices seldom fall all on one side.

    Raises
    ------
    SchemaError
        If the book prices a quantity that is not given; all are named.

    Examples
    --------
    >>> book = {name: costs(date(2025, 1, 1))[name] for name in ("cut", "on_top")}
    >>> bill({"cut_m3": 1000}, book)["yuan"].to_dict()  # 32 yuan/m³, and a quarter of that
    {'cut': 32000.0, 'on_top': 8000.0}
    """
    works = [item for item in book.values() if item.part == "works"]
    missing = sorted({i.quantity for i in book.values()} - {*quantities, WORKS_YUAN})
    if missing:
        raise SchemaError(
            Text("缺少工程量", "quantities are missing"),
            problems=[Problem(field=name, found=MISSING) for name in missing],
        )
    lines = []
    for item in book.values():
        amounts = np.full(3, quantities.get(item.quantity, math.nan))
        if item.quantity == WORKS_YUAN:
            amounts = np.array([_sum(works, quantities, name) for name in PRICES])
        lines.append(_line(item, amounts))
    return pd.DataFrame(lines, columns=BILLED, index=pd.Index(list(book), name="item"))


def _sum(works: Sequence[Item], quantities: Mapping[str, float], price: str) -> float:
    """Sum the works whose quantity is known, at one of their prices."""
    known = (item for item in works if not math.isnan(quantities[item.quantity]))
    return math.fsum(getattr(item, price) * quantities[item.quantity] for item in known)


def _line(item: Item, amounts: Floats) -> dict[str, Any]:
    """Give the line of an item in a bill; amounts go with the low, likely and high price."""
    kept = {name: getattr(item, name) for name in BILLED if name in FIELDS}
    prices = [getattr(item, name) for name in PRICES]
    sums = dict(zip(ENDS, (np.array(prices) * amounts).tolist(), strict=True))
    units = dict(zip(("unit_low", "unit_yuan", "unit_high"), prices, strict=True))
    return {**kept, "quantity": float(amounts[1]), **units, **sums}


def design_prices(book: Book, *, width_m: float) -> Mapping[str, float]:
    """Give the prices an alignment is designed by, all with what comes on top of works.

    Parameters
    ----------
    book
        The prices; likely ones are taken.
    width_m
        Width of bed, decks and tunnels.

    Returns
    -------
    Mapping
        cut_yuan_m3, fill_yuan_m3; per metre of road bridge_yuan_m, tunnel_yuan_m, pavement_yuan_m
        (with the roadside); bridge_height_yuan_m2; land_yuan_m2.

    Examples
    --------
    >>> prices = design_prices(costs(date(2025, 1, 1)), width_m=10)
    >>> prices["tunnel_yuan_m"]  # 10 m × 10,500 yuan/m² and a quarter
    131250.0
    """
    share = 1 + math.fsum(item.yuan for item in book.values() if item.part == "on_top")

    def price(name: str) -> float:
        return book[name].yuan * share

    prices = {
        "cut_yuan_m3": price("cut"),
        "fill_yuan_m3": price("fill"),
        "bridge_yuan_m": price("bridge") * width_m,
        "bridge_height_yuan_m2": price("bridge_height"),
        "tunnel_yuan_m": price("tunnel") * width_m,
        "pavement_yuan_m": price("pavement") * width_m + price("roadside"),
        "land_yuan_m2": book["land"].yuan,
    }
    return MappingProxyType(prices)


class HaulingPrices(TypedDict):
    """What earth is hauled by, as `geo.alignment.works.haul.Hauling` names it."""

    yuan_m3_km: float
    surplus_yuan_m3: float
    deficit_yuan_m3: float


def hauling_prices(book: Book) -> HaulingPrices:
    """Give the likely prices that earth is hauled by.

    Examples
    --------
    >>> hauling_prices(costs(date(2025, 1, 1)))
    {'yuan_m3_km': 2.0, 'surplus_yuan_m3': 22.0, 'deficit_yuan_m3': 45.0}
    """
    return {
        "yuan_m3_km": book["haul"].yuan,
        "surplus_yuan_m3": book["surplus"].yuan,
        "deficit_yuan_m3": book["deficit"].yuan,
    }
