"""Columns of figures that cannot be what they are called: another unit, one value, no curve.

- Heights in feet lie 3.28 times above the terrain; where half of them and more lie near that factor
  and not near the terrain, they are told. How far heights may be off otherwise is not asked here.
- Speeds of roads that lead through the county lie at 20 km/h and more by any standard of design;
  below, they are in metres a second.
- A column that holds one value in every row was filled, not surveyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.land.industrial import days
from layers.land.survey import slope_class
from layers.soundness.finding import Finding, Inspection, at

FEET_M = 0.3048
NEAR = 0.05
"""How near to a factor a figure must lie to be in its unit."""
LEAST_HEIGHT_M = 50.0
"""Below, a height and its foot cannot be told apart over terrain that is itself rough."""
THROUGH = ("expressway", "national", "provincial")
SLOWEST_KMH = 20.0
"""Least design speed of any class of road (JTG B01-2014)."""
SLOPES_OFF = 0.05
"""Share of the fields whose slope class may be two and more off the class of their mean slope."""


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


def feet(county: County, layer: str) -> Iterator[Finding]:
    """Tell heights that lie at the terrain when they are taken for feet."""
    frame = county.vector(layer).sort_index()
    if "height_m" not in frame:
        return
    ground, told = _ground(county, frame), frame["height_m"].to_numpy(dtype=float)
    known = np.isfinite(told) & (ground > LEAST_HEIGHT_M)
    if not known.any():
        return
    ratio = np.where(known, told / np.where(known, ground, 1), np.nan)
    high = np.abs(ratio * FEET_M - 1) <= NEAR
    if high.sum() >= 0.5 * known.sum() and np.nanmedian(ratio) > 2:
        middle = f"{np.nanmedian(ratio):.2f}"
        yield Finding(
            "heights_feet",
            layer,
            "doubtful",
            Text("海拔疑以英尺计", "Heights may be in feet"),
            Text(f"为地形高程的 {middle} 倍（中位数）", f"{middle} times the terrain's (median)"),
            Text("单位 m", "in m"),
            Text("乘以 0.3048 后重新导入", "multiply by 0.3048 and import again"),
            **at(frame, high),
        )


def _ground(county: County, frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Give the height of the terrain at points, NaN where it is not known."""
    dem = county.raster("dem")
    rows, columns = dem.grid.index(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    heights = np.full(len(frame), np.nan)
    there = dem.grid.inside(rows, columns)
    cells = rows[there], columns[there]
    heights[there] = np.where(dem.valid[cells], dem.values[cells], np.nan)
    return heights


def speeds(county: County) -> Iterator[Finding]:
    """Tell speeds that are too low for any road that leads through the county."""
    frame = county.vector("roads").sort_index()
    through = frame["class"].isin(THROUGH).to_numpy()
    told = frame["speed_kmh"].to_numpy(dtype=float)
    if not through.any() or np.median(told[through]) >= SLOWEST_KMH:
        return
    slow = through & (told < SLOWEST_KMH)
    middle = f"{np.median(told[through]):.3g} km/h"
    yield Finding(
        "speeds_low",
        "roads",
        "doubtful",
        Text("干线公路速度过低，疑以 m/s 计", "Main roads are too slow: speeds may be in m/s"),
        Text(
            f"{int(slow.sum())} 段，中位数 {middle}", f"{int(slow.sum())} sections, median {middle}"
        ),
        Text(f"不低于 {SLOWEST_KMH:g} km/h", f"{SLOWEST_KMH:g} km/h and more"),
        Text("乘以 3.6 换算为 km/h 后重新导入", "multiply by 3.6 to have km/h, and import again"),
        **at(frame, slow),
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
    share = far.sum() / known.sum()
    if share <= SLOPES_OFF:
        return
    yield Finding(
        "slopes_classed",
        "parcels",
        "doubtful",
        Text("平均坡度与坡度级别不符", "Mean slopes and slope classes differ"),
        Text(
            f"{int(far.sum())} 个耕地图斑相差两级以上（{100 * share:.3g} %）",
            f"{int(far.sum())} fields are two classes off and more ({100 * share:.3g} %)",
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


def storage(county: County) -> Iterator[Finding]:
    """Tell a storage curve that does not rise with the level."""
    curve = county.table("lake_storage").sort_values("level_m")
    falls = (curve["storage_hm3"].diff() <= 0) | (curve["level_m"].diff() <= 0)
    if falls.any():
        level = f"{curve['level_m'][falls].iloc[0]:g} m"
        yield Finding(
            "storage_falls",
            "lake_storage",
            "doubtful",
            Text("库容不随水位上升", "Storage does not rise with the level"),
            Text(
                f"{int(falls.sum())} 处，首先在 {level}",
                f"{int(falls.sum())} times, first at {level}",
            ),
            Text("水位越高库容越大，每个水位一行", "more storage at a higher level, a row each"),
            Text(
                "核对两列是否互换、单位是否为百万 m³",
                "see whether columns were turned, and the unit: million m³",
            ),
        )


def surfaces(county: County) -> Iterator[Finding]:
    """Tell surfaces of a lake that are smaller at a higher level."""
    frame = county.vector("lake").sort_values("level_m", kind="stable")
    for name, rows in frame.groupby("name") if "name" in frame else [("", frame)]:
        falls = (rows.area.diff() < 0).to_numpy()
        if falls.any():
            first = str(rows.index[falls][0])
            yield Finding(
                "surfaces_fall",
                "lake",
                "doubtful",
                Text("水位较高的水面反而较小", "A surface at a higher level is smaller"),
                Text(f"{name} {first}".strip(), f"{name} {first}".strip()),
                Text("水位越高水面越大", "a larger surface at a higher level"),
                Text(
                    "核对水位字段（--field level_m=…）",
                    "check the column of levels (--field level_m=…)",
                ),
                **at(rows, falls),
            )
            return


INSPECTIONS = (
    *(Inspection(one.layer, partial(one_value, column=one)) for one in FILLED),
    *(
        Inspection(one, partial(feet, layer=one), beside=("dem",))
        for one in ("settlements", "seats")
    ),
    Inspection("roads", speeds),
    Inspection("parcels", slopes),
    Inspection("industrial_plots", dates),
    Inspection("industrial_plots", prices),
    Inspection("lake_storage", storage),
    Inspection("lake", surfaces),
)
