"""Areas as they are declared against the areas of the shapes.

A column in another unit than its own is told by its ratio to the shapes: nine rows in ten lie near
the factor of that unit. Such a column is an error, since every figure worked out of it is false by
the factor. Rows that differ otherwise are doubtful beyond a tolerance:

- Parcels (TBMJ, m²): the survey gives the ellipsoidal area of the very shape, to the hundredth; 1 %
  and 5 m² leave room for rounded and thinned vertices.
- Townships (area_km2): published areas differ by up to 11 % from the polygons that circulate; the
  tolerance is 15 %.
- Lakes (area_km2): shores are drawn at another level than the one stated; the tolerance is 10 %. A
  lake that reaches the county's border may go on beyond it: there only a smaller area is doubted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.vector import area_unscaled_m2
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

MU_M2 = 2000 / 3
UNITS: Mapping[float, Text] = {
    1.0: Text("m²", "m²"),
    MU_M2: Text("亩", "mu"),
    1e4: Text("公顷（或万 m²）", "ha (or ten thousand m²)"),
    1e6: Text("km²", "km²"),
    1e4 * MU_M2: Text("万亩", "ten thousand mu"),
}
"""Units in which areas are kept, by their size in m²."""
MOST = 0.9
"""Share of the rows that lie near the factor of another unit, where the column is in that unit."""
BORDER_M = 150.0
"""How near to the county's border a lake may go on beyond it."""


@dataclass(frozen=True)
class Declared:
    """A column of areas: its unit in m², and how far it may lie from the shapes."""

    layer: str
    field: str
    unit_m2: float
    tolerance: float
    least_m2: float

    @property
    def unit(self) -> Text:
        """Its unit in words."""
        return UNITS[self.unit_m2]

    @property
    def title(self) -> Text:
        """Its column in words."""
        return next(one.title for one in CATALOG[self.layer].fields if one.name == self.field)


TBMJ = Declared("parcels", "TBMJ", 1.0, 0.01, 5.0)
TOWNSHIP = Declared("townships", "area_km2", 1e6, 0.15, 1e5)
NET = Declared("parcels", "TBDLMJ", 1.0, 0.4, 5.0)
"""Net of ridges, which take up to a third of steep fields."""
LAKE = Declared("lake", "area_km2", 1e6, 0.1, 1e4)


def parcels(county: County) -> Iterator[Finding]:
    """Hold TBMJ against the shapes, and the areas of a parcel against each other."""
    frame = county.vector("parcels")
    yield from _declared(frame, TBMJ)
    if not {"TBMJ", "KCMJ"} <= set(frame):  # else the schema holds the sum
        yield from _declared(frame, NET)
    yield from _parts(frame)


def townships(county: County) -> Iterator[Finding]:
    """Hold the published areas against the shapes."""
    yield from _declared(county.vector("townships"), TOWNSHIP)


def lake(county: County) -> Iterator[Finding]:
    """Hold the areas of water surfaces against the shapes, as far as these lie in the county."""
    frame = county.vector("lake")
    border = county.vector("outline").union_all().boundary
    cut = frame.distance(border).to_numpy() <= BORDER_M
    yield from _declared(frame, LAKE, open_above=cut)


INSPECTIONS = (
    Inspection("parcels", parcels),
    Inspection("townships", townships),
    Inspection("lake", lake, beside=("outline",)),
)


def _declared(
    frame: gpd.GeoDataFrame, column: Declared, *, open_above: NDArray[np.bool_] | None = None
) -> Iterator[Finding]:
    """Tell a column in another unit, or else the rows that differ; `open_above` may be larger."""
    if column.field not in frame:
        return
    told = pd.to_numeric(frame[column.field], errors="coerce").to_numpy(dtype=float)
    shapes = area_unscaled_m2(frame).to_numpy()
    known = np.isfinite(told) & (told > 0) & (shapes > 0)
    none = np.isfinite(told) & (told <= 0) & (shapes > column.least_m2)
    if none.any():
        yield _zero(frame, none, column)
    if not known.any():
        return
    ratio = np.ones(len(frame))
    ratio[known] = told[known] * column.unit_m2 / shapes[known]
    slip = _slip(ratio[known], column)
    if slip is not None:
        yield _in_unit(frame, known, column, slip, ratio)
        return
    off = np.abs(told * column.unit_m2 - shapes)
    wrong = known & (off > column.least_m2) & (np.abs(ratio - 1) > column.tolerance)
    if open_above is not None:
        wrong &= ~(open_above & (ratio > 1))
    if wrong.any():
        yield _differing(frame, wrong, column, told, shapes)


def _zero(frame: gpd.GeoDataFrame, none: NDArray[np.bool_], column: Declared) -> Finding:
    """Say that shapes are declared to have no area."""
    count, every, field, title = int(none.sum()), len(frame), column.field, column.title
    return Finding(
        "areas_zero",
        column.layer,
        "doubtful",
        Text(f"{title.zh}（{field}）为零", f"The {title.en} ({field}) is zero"),
        Text(f"{every} 行中 {count} 行", f"{count} of {every} rows"),
        Text("图形的面积，未知者留空", "the area of the shape; empty where it is not known"),
        Text(
            f"核对字段对应（--field {field}=…），未知者留空",
            f"check the column (--field {field}=…), leave empty what is not known",
        ),
        **at(frame, none),
    )


def _slip(ratio: NDArray[np.float64], column: Declared) -> float | None:
    """Give the unit, in m², that a column must be in, if it is not its own."""
    for unit in UNITS:
        factor = column.unit_m2 / unit
        near = np.abs(ratio / factor - 1) <= column.tolerance
        if unit != column.unit_m2 and near.mean() >= MOST:
            return unit
    return None


def _in_unit(
    frame: gpd.GeoDataFrame,
    known: NDArray[np.bool_],
    column: Declared,
    unit_m2: float,
    ratio: NDArray[np.float64],
) -> Finding:
    unit, right, factor = UNITS[unit_m2], column.unit, unit_m2 / column.unit_m2
    middle = float(np.median(ratio[known]))
    field, title = column.field, column.title
    return Finding(
        "areas_unit",
        column.layer,
        "error",
        Text(f"{title.zh}（{field}）的单位有误", f"The {title.en} ({field}) is in another unit"),
        Text(
            f"登记面积为图形面积的 {middle:.4g} 倍（中位数）：疑为{unit.zh}",
            f"declared areas are {middle:.4g} times those of the shapes (median): it is in "
            f"{unit.en}",
        ),
        Text(f"单位 {right.zh}", f"in {right.en}"),
        Text(
            f"将 {field} 乘以 {factor:.10g} 换算为 {right.zh} 后重新导入",
            f"multiply {field} by {factor:.10g} to have {right.en}, and import again",
        ),
        **at(frame, known),
    )


def _differing(
    frame: gpd.GeoDataFrame,
    wrong: NDArray[np.bool_],
    column: Declared,
    told: NDArray[np.float64],
    shapes: NDArray[np.float64],
) -> Finding:
    """Say how many rows differ, by how much in all, and the worst of them."""
    unit, count, every = column.unit, int(wrong.sum()), len(frame)
    size = column.unit_m2
    sums = [f"{float(one[wrong].sum()):,.2f}" for one in (told, shapes / size)]
    share = np.where(wrong, told * size / np.where(shapes > 0, shapes, 1) - 1, 0.0)
    worst = int(np.argmax(np.abs(np.log1p(np.maximum(share, -1 + 1e-12)))))
    row, off = str(frame.index[worst]), f"{100 * share[worst]:+.1f} %"
    field, title = column.field, column.title
    return Finding(
        "areas_declared",
        column.layer,
        "doubtful",
        Text(f"{title.zh}（{field}）与图形不符", f"The {title.en} ({field}) is not the shapes'"),
        Text(
            f"{every} 行中 {count} 行；登记合计 {sums[0]} {unit.zh}，图形合计 {sums[1]} {unit.zh}；"
            f"最大相差 {off}（{row}）",
            f"{count} of {every} rows; declared {sums[0]} {unit.en}, by the shapes {sums[1]} "
            f"{unit.en}; the worst {off} ({row})",
        ),
        Text(
            f"与图形的椭球面积相差不超过 {100 * column.tolerance:g} %",
            f"within {100 * column.tolerance:g} % of the ellipsoidal area of the shape",
        ),
        Text(
            f"核对 {field} 与图形，改正后重新导入",
            f"compare {field} with the shapes, mend and import again",
        ),
        **at(frame, wrong),
    )


def _parts(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Tell parcels a part of which is larger than the whole; the schema holds the sums themselves.

    Where a column is missing the schema's sum rule cannot ask.
    """
    if "TBMJ" not in frame:
        return
    wrong = np.zeros(len(frame), dtype=bool)
    for part in ("KCMJ", "TBDLMJ"):
        if part in frame:
            wrong |= (frame[part] > frame["TBMJ"] + 0.01).to_numpy(dtype=bool)
    if wrong.any():
        count = int(wrong.sum())
        yield Finding(
            "areas_parts",
            "parcels",
            "error",
            Text("扣除或净面积大于图斑面积", "A part of a parcel is larger than the whole"),
            Text(f"{count} 行 KCMJ 或 TBDLMJ 大于 TBMJ", f"{count} rows: KCMJ or TBDLMJ over TBMJ"),
            Text("TBMJ = KCMJ + TBDLMJ", "TBMJ = KCMJ + TBDLMJ"),
            Text("核对三项面积的字段对应", "check which columns hold the three areas"),
            **at(frame, wrong),
        )
