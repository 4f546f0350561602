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
from layers.land.industrial import DATES, days
from layers.land.survey import slope_class
from layers.soundness.finding import Finding, Inspection, at

FIRST_GRANT = pd.Timestamp(1987, 12, 1)
"""The first land-use right that was granted for money, in Shenzhen."""
AHEAD = 20
"""Years from the data on by which works may be agreed to begin (closed)."""
FIRST_SURVEY, NO_LATER = 1984, 2100
MOST_TOWNS = 5
STEEP, LEAST_STEEP = ("3", "4", "5"), 10
"""Slope classes above 6°, and the fields from which on one of them has ridges."""
SLOPES_OFF = 0.05
"""Share of the fields whose slope class may be two and more off the class of their mean slope."""
SLOPES_LEAN = 0.5
"""Classes by which mean slopes may lie above, or below, the slope classes on average."""
LEAST_PRICE, LEAST_OUTPUT, MOST_OUTPUT = 30.0, 1.0, 2_000.0
"""Of half the plots: yuan a square metre, half the least of the lowest of fifteen classes of land
(国土资发〔2006〕307号); ten thousand yuan a mu and year."""
TERM_YEARS = 10
"""Years after its supply by which a plot is to be started (closed); contracts say one or two."""


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
    Filled("parcels", "QSXZ", 1000),
    Filled("townships", "area_km2", 10),
    Filled("industrial_plots", "output_wan_yuan_mu", 20),
    Filled("hazards", "level", 20),
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


def numbered(county: County, column: Filled) -> Iterator[Finding]:
    """Tell figures that count the rows: a column of running numbers."""
    frame = county.vector(column.layer)
    if column.field not in frame or len(frame) < column.rows:
        return
    told = frame[column.field].dropna()
    if not pd.api.types.is_numeric_dtype(told) or len(told) < column.rows:
        return
    if (np.diff(np.sort(told.to_numpy(dtype=float))) != 1).any():
        return
    title = next(one.title for one in CATALOG[column.layer].fields if one.name == column.field)
    low, high = f"{told.min():g}", f"{told.max():g}"
    yield Finding(
        f"numbered_{column.field}",
        column.layer,
        "doubtful",
        Text(
            f"{title.zh}（{column.field}）是流水号",
            f"The {title.en} ({column.field}) is a running number",
        ),
        Text(f"{low} 至 {high} 各一行", f"{low} to {high}, a row each"),
        Text("数值，而非行号", "figures, no numbers of rows"),
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


def works(county: County) -> Iterator[Finding]:
    """Tell plots whose state of works is contradicted by what else is said of them."""
    frame = county.vector("industrial_plots").sort_index()
    names = ("works", "built_share", *DATES)
    told = {name: frame.get(name, pd.Series(index=frame.index, dtype=object)) for name in names}
    begun, built = told["works"], told["built_share"].astype(float)
    supplied, start, stopped = (days(told[name]) for name in DATES)
    wrong = (
        (begun.eq("not_started") & (built > 0))
        | (begun.eq("complete") & built.eq(0))
        | (begun.isin(["not_started", "complete"]) & stopped.notna())
        | (stopped < supplied)
        | (start > supplied + pd.DateOffset(years=TERM_YEARS))
    ).to_numpy(dtype=bool)
    if wrong.any():
        first, count = frame.index[wrong][0], int(wrong.sum())
        yield Finding(
            "works_contradicted",
            "industrial_plots",
            "doubtful",
            Text(
                "开发状态与日期、已建比例矛盾", "State of works, days and shares built contradict"
            ),
            Text(f"{count} 宗，如 {first}", f"{count} plots, such as {first}"),
            Text(
                "未动工者无已建面积，竣工者有；两者无中止日期；中止不早于供应，"
                f"约定动工在供应后 {TERM_YEARS} 年内",
                "nothing built where not started, something where complete, no stop of either; no "
                f"stop before supply; a start agreed within {TERM_YEARS} years of it",
            ),
            Text("核对各字段是否属于同一宗地", "see whether the columns are of the same plots"),
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


def mixed(county: County) -> Iterator[Finding]:
    """Tell townships whose parcels are of different years, by the year most of them bear.

    What changed since is of a later year within a township: that is no other edition.
    """
    frame = county.vector("parcels")
    if not {"SJNF", "township"} <= set(frame):
        return
    known = frame[["township", "SJNF"]].dropna()
    years = known.groupby("township")["SJNF"].agg(lambda column: column.mode().iloc[0])
    if len(years.unique()) > 1:
        words = ", ".join(f"{town}: {year}" for town, year in years.head(MOST_TOWNS).items())
        other = frame["township"].isin(years.index[years.ne(years.mode().iloc[0])])
        yield Finding(
            "years_mixed",
            "parcels",
            "doubtful",
            Text("各乡镇图斑的数据年份（SJNF）不一", "Parcels of townships are of different years"),
            Text(words, words),
            Text("同一年度", "one year"),
            Text("勿拼合不同年度的成果", "bring one edition of the survey"),
            **at(frame, other),
        )


def ridges(county: County) -> Iterator[Finding]:
    """Tell steep fields none of which has a ridge: shares that were not filled in."""
    frame = county.vector("parcels")
    if not {"KCXS", "GDPDJB"} <= set(frame):
        return
    steep = frame["GDPDJB"].isin(STEEP) & frame["KCXS"].notna()
    if steep.sum() >= LEAST_STEEP and not (frame["KCXS"][steep] > 0).any():
        yield Finding(
            "ridges_none",
            "parcels",
            "doubtful",
            Text("坡耕地扣除系数均为零", "No steep field has ridges"),
            Text(
                f"坡度 6° 以上耕地 {int(steep.sum())} 个，KCXS 均为 0",
                f"KCXS is 0 in all {int(steep.sum())} fields of 6° and more",
            ),
            Text("坡地、梯田扣除田坎", "ridges taken off slopes and terraces"),
            Text("核对扣除字段（--field KCXS=…）", "check the columns (--field KCXS=…)"),
            **at(frame, steep),
        )


def prices(county: County) -> Iterator[Finding]:
    """Tell prices and outputs of plots in another unit: half of them are no price, or no output.

    Industrial land brings some ten to some thousand yuan a square metre, a plot's output some ten
    to some hundred ten thousands of yuan a mu.
    """
    frame = county.vector("industrial_plots").sort_index()
    if "price_yuan" in frame:
        each = frame["price_yuan"].astype(float) / frame.area
        if (middle := float(each.median())) < LEAST_PRICE:
            yield Finding(
                "prices_unit",
                "industrial_plots",
                "doubtful",
                Text("土地价款的单位存疑", "Prices may be in another unit"),
                Text(f"每平方米 {middle:.3g} 元（中位数）", f"{middle:.3g} yuan a m² (median)"),
                Text(f"不低于 {LEAST_PRICE:g} 元", f"{LEAST_PRICE:g} yuan and more"),
                Text(
                    "换算为整宗价款（元，而非万元、每亩或每平方米）后重新导入",
                    "bring the price of the plot in yuan (no ten thousands, none a mu or a m²)",
                ),
                **at(frame, each < LEAST_PRICE),
            )
    if "output_wan_yuan_mu" in frame:
        output = frame["output_wan_yuan_mu"].astype(float)
        middle, wrong = float(output.median()), ~output.between(LEAST_OUTPUT, MOST_OUTPUT)
        if middle > MOST_OUTPUT or 0 < middle < LEAST_OUTPUT:
            yield Finding(
                "outputs_unit",
                "industrial_plots",
                "doubtful",
                Text("亩均年产值的单位存疑", "Outputs may be in another unit"),
                Text(f"{middle:,.10g} 万元/亩（中位数）", f"{middle:,.10g} × 10k CNY/mu (median)"),
                Text(
                    f"{LEAST_OUTPUT:g} … {MOST_OUTPUT:,.0f}",
                    f"{LEAST_OUTPUT:g} … {MOST_OUTPUT:,.0f}",
                ),
                Text(
                    "换算为万元/亩（而非元、亿元，或按公顷、平方米、整宗计）后重新导入",
                    "bring ten thousand yuan a mu (no yuan, no 10⁸ yuan, none a hectare, a m² or a "
                    "plot)",
                ),
                **at(frame, wrong & output.notna()),
            )


INSPECTIONS = (
    *(Inspection(one.layer, partial(one_value, column=one)) for one in FILLED),
    *(Inspection(one.layer, partial(numbered, column=one)) for one in FILLED),
    Inspection("parcels", slopes),
    Inspection("industrial_plots", dates),
    Inspection("industrial_plots", prices),
    Inspection("industrial_plots", years),
    Inspection("industrial_plots", works),
    Inspection("parcels", surveyed),
    Inspection("parcels", mixed),
    Inspection("parcels", ridges),
)
