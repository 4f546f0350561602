"""Plots of industrial parks as the register of supplied land has them: supply, works, output.

A date is a text, year-month-day. An empty cell is not known, and never "no"; only `works` says
whether anything was begun. Rules of the schema, over every row at once:

1. Dates are days of the calendar: `2024-02-29`, `20240229` or `2024/02/29`.
2. No plot is to be started before it is supplied.
3. A plot that is not supplied has no day of supply, no works and no output.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from geo.errors import Problem
from geo.words import Text
from layers.fields import Field, LayerSchema, rows

SUPPLY = ("not_supplied", "supplied")
WORKS = ("not_started", "under_way", "stopped", "complete")
CAUSES = ("owner", "government", "unknown")
DATES = ("supplied_on", "start_by", "stopped_since")
DAY = "%Y-%m-%d"
WRITTEN = r"^(\d{4})[-/]?(\d{2})[-/]?(\d{2})( 00:00:00)?$"
A_DAY = Text("年-月-日，如 2024-06-30", "year-month-day, as 2024-06-30")
AFTER_SUPPLY = Text("不早于供应日期", "not before the day of supply")
NOT_YET = Text("未供应的宗地为空", "empty where the plot is not supplied")


def _code(name: str, title: Text, allowed: tuple[str, ...]) -> Field:
    return Field(name, "text", title, allowed=allowed, required=False)


def _date(name: str, title: Text) -> Field:
    return Field(name, "text", title, required=False)


def _share(name: str, title: Text) -> Field:
    return Field(name, "number", title, low=0, high=1, required=False)


FIELDS = (
    Field("id", "text", Text("宗地编号", "id"), key=True),
    Field("use", "text", Text("土地用途", "use of the land"), required=False),
    _code("supply", Text("供应状态", "state of supply"), SUPPLY),
    _date("supplied_on", Text("供应日期", "day of supply")),
    _date("start_by", Text("约定动工日期", "agreed day of start")),
    _code("works", Text("开发状态", "state of the works"), WORKS),
    _share("built_share", Text("已开发面积比例", "share built")),
    _share("invested_share", Text("已投资比例", "share invested")),
    _date("stopped_since", Text("中止开发日期", "stopped since")),
    _code("cause", Text("未动工原因", "cause of the delay"), CAUSES),
    Field(
        "output_wan_yuan_mu",
        "number",
        Text("亩均年产值", "output per mu and year"),
        Text("万元/亩", "10k CNY/mu"),
        low=0,
        high=1e5,
        required=False,
    ),
    Field(
        "price_yuan",
        "number",
        Text("土地价款", "land price"),
        "yuan",
        low=0,
        high=1e12,
        required=False,
    ),
)


def days(column: pd.Series) -> pd.Series:
    """Read days, also as tables and Shapefiles write them; what is empty or none is NaT.

    >>> days(pd.Series(["2024-02-29", "2023-02-29", None])).notna().tolist()
    [True, False, False]
    >>> days(pd.Series(["20240229", "2024/02/29 00:00:00"])).dt.day.tolist()
    [29, 29]
    """
    texts = column.astype(object).where(column.notna(), "").astype(str)
    plain = texts.str.replace(WRITTEN, r"\1-\2-\3", regex=True)
    return pd.to_datetime(plain, format=DAY, errors="coerce")


def further(frame: pd.DataFrame, schema: LayerSchema) -> Iterator[Problem]:
    """Name every row that breaks a rule of the schema; columns not there are not missed."""
    fields = {field.name: field for field in schema.fields}
    dates = {name: days(frame[name]) for name in DATES if name in frame}
    for name, day in dates.items():  # RULE 1
        wrong = frame[name].notna() & day.isna()
        yield from rows(frame, wrong, fields[name], schema, expected=A_DAY)
    if {"supplied_on", "start_by"} <= set(dates):  # RULE 2
        early = dates["start_by"] < dates["supplied_on"]
        yield from rows(frame, early, fields["start_by"], schema, expected=AFTER_SUPPLY)
    if "supply" in frame:  # RULE 3
        free = frame["supply"].eq("not_supplied")
        for name in ("supplied_on", "works", "output_wan_yuan_mu"):
            if name in frame:
                wrong = free & frame[name].notna()
                yield from rows(frame, wrong, fields[name], schema, expected=NOT_YET)


INDUSTRIAL_PLOTS = LayerSchema(
    "industrial_plots",
    "vector",
    Text("产业园区宗地", "plots of industrial parks"),
    "polygon",
    FIELDS,
    lies="anywhere",
    further=further,
)
