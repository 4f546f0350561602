"""Columns of figures that cannot be what they are called: another unit, one value, no curve.

- Land was first granted for use in December 1987; what is dated before, or decades ahead, is no day
  of a plot. Data of a survey are of a year between its first (1984) and their own.
- A column that holds one value in every row was filled, not surveyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.land.industrial import days
from layers.land.survey import slope_class
from layers.soundness.finding import Finding, Inspection, at

FIRST_GRANT = pd.Timestamp(1987, 12, 1)
"""The first land-use right that was granted for money, in Shenzhen."""
AHEAD = 20
"""Years from the data on by which works may be agreed to begin (closed)."""
FIRST_SURVEY, NO_LATER = 1984, 2100
SLOPES_OFF = 0.05
"""Share of the fields whose slope class may be two and more off the class of their mean slope."""
SLOPES_LEAN = 0.5
"""Classes by which mean slopes may lie above, or below, the slope classes on average."""
LEAST_PRICE, MOST_OUTPUT = 1.0, 10_000.0
"""Yuan a square metre, and ten thousand yuan a mu and year."""


class Filled(NamedTuple):
    """A column that differs from row to row, and the rows from which on it must."""

    layer: str
    field: str
    rows: int


FILLED = (
    Filled("settlements", "population", 5),
    Filled("facilities", "kind", 10),
    Filled("facilities", "name", 10),
    Filled("roads", "class", 20),
    Filled("parcels", "DLBM", 20),
    Filled("parcels", "slope_deg", 20),
    Filled("parcels", "TBMJ", 1000),
    Filled("parcels", "quality", 1000),
    Filled("townships", "area_km2", 10),
    Filled("industrial_plots", "output_wan_yuan_mu", 20),
)


def one_value(county: County, column: Filled) -> Iterator[Finding]:
    """Tell a column that holds one value in every row."""
    frame = county.vector(column.layer)
    if column.field not in frame or len(frame) < column.rows:
        return
    told = frame[column.field].dropna()
    if len(told) < column.rows or (told != told.iloc[0]).any():
        return
    title = next(one.title for one in CATALOG[column.layer].fields if one.name == column.field)
    yield Finding(
        f"one_value_{column.field}",
        column.layer,
        "doubtful",
        Text(
            f"{title.zh}（{column.field}）各行相同",
            f"Every {title.en} ({column.field}) is the same",
        ),
        Text(f"{len(told)} 行均为 {told.iloc[0]}", f"{told.iloc[0]} in all {len(told)} rows"),
        Text("各行不同", "one that differs"),
        Text(
            f"核对字段对应（--field {column.field}=…）",
            f"check which column it was taken from (--field {column.field}=…)",
        ),
    )


def slopes(county: County) -> Iterator[Finding]:
    """Tell slopes of fields that do not go with their slope class, as grades in per cent do not."""
    frame = county.vector("parcels")
    if not {"slope_deg", "GDPDJB"} <= set(frame):
        return
    known = (frame["slope_deg"].notna() & frame["GDPDJB"].notna()).to_numpy()
    fields = frame[known]
    if fields.empty:
        return
    off = slope_class(fields["slope_deg"]).astype(int) - fields["GDPDJB"].astype(int)
    far = np.zeros(len(frame), dtype=bool)
    far[known] = (off.abs() >= 2).to_numpy()
    words = Text("相差两级以上", "two classes off and more")
    if far.sum() <= SLOPES_OFF * known.sum():
        if abs(off.mean()) <= SLOPES_LEAN:
            return
        far[known] = (off != 0).to_numpy()
        words = Text("级别不同，多数偏向一侧", "of another class, most of them to one side")
    share = far.sum() / known.sum()
    yield Finding(
        "slopes_classed",
        "parcels",
        "doubtful",
        Text("平均坡度与坡度级别不符", "Mean slopes and slope classes differ"),
        Text(
            f"{int(far.sum())} 个耕地图斑{words.zh}（{100 * share:.3g} %）",
            f"{int(far.sum())} fields are {words.en} ({100 * share:.3g} %)",
        ),
        Text(f"不超过 {100 * SLOPES_OFF:g} %", f"at most {100 * SLOPES_OFF:g} %"),
        Text(
            "核对坡度单位（度，而非百分比）与字段",
            "check the unit (degrees, no per cent) and the column",
        ),
        **at(frame, far),
    )


def dates(county: County) -> Iterator[Finding]:
    """Tell plots that were supplied, or stopped, after the data were received."""
    frame = county.vector("industrial_plots").sort_index()
    received = pd.to_datetime(county.sources["industrial_plots"].retrieved, errors="coerce")
    late = np.zeros(len(frame), dtype=bool)
    for name in ("supplied_on", "stopped_since"):
        if name in frame and pd.notna(received):
            late |= (days(frame[name]) > received).to_numpy()
    if late.any():
        day, count = f"{received:%Y-%m-%d}", int(late.sum())
        yield Finding(
            "dates_future",
            "industrial_plots",
            "doubtful",
            Text("日期晚于数据日期", "Days after those of the data"),
            Text(
                f"{count} 宗的供应或中止日期在 {day} 之后",
                f"{count} plots supplied or stopped after {day}",
            ),
            Text(f"不晚于 {day}", f"not after {day}"),
            Text("核对日期的年、月、日次序", "check the order of year, month and day"),
            **at(frame, late),
        )


def years(county: County) -> Iterator[Finding]:
    """Tell days of plots before any land was granted, and starts agreed for decades ahead."""
    frame = county.vector("industrial_plots").sort_index()
    received = pd.to_datetime(county.sources["industrial_plots"].retrieved, errors="coerce")
    year = int(received.year) + AHEAD if pd.notna(received) else NO_LATER
    wrong = np.zeros(len(frame), dtype=bool)
    for name in ("supplied_on", "start_by", "stopped_since"):
        if name in frame:
            day = days(frame[name])
            wrong |= ((day < FIRST_GRANT) | (day.dt.year > year)).to_numpy(dtype=bool)
    if wrong.any():
        first, count = frame.index[wrong][0], int(wrong.sum())
        yield Finding(
            "dates_years",
            "industrial_plots",
            "doubtful",
            Text("日期的年份不合理", "Days of a year that cannot be"),
            Text(f"{count} 宗，如 {first}", f"{count} plots, such as {first}"),
            Text(f"1987 … {year} 年", f"1987 … {year}"),
            Text("核对日期字段与世纪", "check the columns of days, and the century"),
            **at(frame, wrong),
        )


def surveyed(county: County) -> Iterator[Finding]:
    """Tell parcels whose year of data is none."""
    frame = county.vector("parcels")
    if "SJNF" not in frame or frame["SJNF"].isna().all():
        return
    received = pd.to_datetime(county.sources["parcels"].retrieved, errors="coerce")
    last = int(received.year) if pd.notna(received) else NO_LATER
    told = frame["SJNF"].astype(object).where(frame["SJNF"].notna(), "").astype(str).str.strip()
    year = pd.to_numeric(told, errors="coerce")
    wrong = (told.ne("") & ~year.between(FIRST_SURVEY, last)).to_numpy()
    if wrong.any():
        first, count = told[wrong].iloc[0], int(wrong.sum())
        yield Finding(
            "years_survey",
            "parcels",
            "doubtful",
            Text("数据年份（SJNF）不合理", "The year of the data (SJNF) cannot be"),
            Text(f"{count} 行，如 {first}", f"{count} rows, such as {first}"),
            Text(f"{FIRST_SURVEY} … {last}", f"{FIRST_SURVEY} … {last}"),
            Text("核对字段对应（--field SJNF=…）", "check the column (--field SJNF=…)"),
            **at(frame, wrong),
        )


def prices(county: County) -> Iterator[Finding]:
    """Tell prices and outputs of plots that are in yuan where ten thousands are asked, or turned.

    Industrial land brings tens to some thousands of yuan a square metre, a plot's output some ten
    to some hundred ten thousands of yuan a mu; a factor of ten thousand shows beyond doubt.
    """
    frame = county.vector("industrial_plots").sort_index()
    if "price_yuan" in frame:
        each = frame["price_yuan"].astype(float) / frame.area
        if (middle := float(each.median())) < LEAST_PRICE:
            yield Finding(
                "prices_unit",
                "industrial_plots",
                "doubtful",
                Text("土地价款疑以万元计", "Prices may be in ten thousand yuan"),
                Text(f"每平方米 {middle:.3g} 元（中位数）", f"{middle:.3g} yuan a m² (median)"),
                Text(f"不低于 {LEAST_PRICE:g} 元", f"{LEAST_PRICE:g} yuan and more"),
                Text("乘以 10000 后重新导入", "multiply by 10000 and import again"),
                **at(frame, each < LEAST_PRICE),
            )
    if "output_wan_yuan_mu" in frame:
        output = frame["output_wan_yuan_mu"].astype(float)
        if (middle := float(output.median())) > MOST_OUTPUT:
            yield Finding(
                "outputs_unit",
                "industrial_plots",
                "doubtful",
                Text("亩均年产值疑以元计", "Outputs may be in yuan"),
                Text(f"{middle:,.0f} 万元/亩（中位数）", f"{middle:,.0f} × 10k CNY/mu (median)"),
                Text(f"不超过 {MOST_OUTPUT:,.0f}", f"at most {MOST_OUTPUT:,.0f}"),
                Text("除以 10000 后重新导入", "divide by 10000 and import again"),
                **at(frame, output > MOST_OUTPUT),
            )


INSPECTIONS = (
    *(Inspection(one.layer, partial(one_value, column=one)) for one in FILLED),
    Inspection("parcels", slopes),
    Inspection("industrial_plots", dates),
    Inspection("industrial_plots", prices),
    Inspection("industrial_plots", years),
    Inspection("parcels", surveyed),
)
