"""How cropland lies, before and after an exchange: its figures, each declared once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.landscape import blocks, contiguity, fragmentation
from geo.words import Text
from scenarios.answers.figures import Figure
from scenarios.consolidation.pieces import Pieces

CROPLAND = Figure("cropland", Text("耕地面积", "Cropland"), "ha", decimals=2, better="higher")
FIELDS = Figure("fields", Text("耕地地块", "Fields"), "count", decimals=0)
SLOPE = Figure(
    "slope", Text("耕地平均坡度", "Mean slope of cropland"), "°", decimals=3, better="lower"
)
QUALITY = Figure(
    "quality", Text("平均质量等别", "Mean quality grade"), "", decimals=3, better="lower"
)
NEIGHBOURS = Figure(
    "neighbours",
    Text("平均相邻耕地块数", "Neighbouring fields of a field"),
    "count",
    decimals=4,
    better="higher",
)
BORDER = Figure("border", Text("耕地共边长度", "Borders shared"), "km", decimals=2, better="higher")
BORDER_SHARE = Figure(
    "border_share", Text("耕地共边比例", "Share of borders"), decimals=4, better="higher"
)
BLOCK_COUNT = Figure(
    "block_count", Text("百亩方个数", "Blocks of a hundred mu"), "count", decimals=0
)
BLOCKS = Figure(
    "blocks",
    Text("百亩方面积", "Area in blocks of a hundred mu"),
    "ha",
    decimals=1,
    better="higher",
)
PATCHES = Figure("patches", Text("连片耕地片数", "Patches"), "count", decimals=0)
PATCH = Figure(
    "patch",
    Text("平均连片面积", "Mean size of fields that hang together"),
    "ha",
    decimals=2,
    better="higher",
)
FIELD = Figure("field", Text("平均地块面积", "Mean field"), "ha", decimals=2, better="higher")
MESH = Figure("mesh", Text("有效网格面积", "Effective mesh"), "ha", decimals=2, better="higher")
PATTERN = (
    CROPLAND,
    FIELDS,
    SLOPE,
    QUALITY,
    NEIGHBOURS,
    BORDER,
    BORDER_SHARE,
    BLOCK_COUNT,
    BLOCKS,
    PATCHES,
    PATCH,
    FIELD,
    MESH,
)
"""In the order in which they are compared."""


def pattern(pieces: Pieces, side: str, *, least_m2: float) -> Mapping[str, float]:
    """Measure the cropland of a side; what is not known is NaN.

    Parameters
    ----------
    pieces
        The exchange.
    side
        `before` or `after`.
    least_m2
        Area from which fields that touch are a block (closed).

    Returns
    -------
    Mapping
        The figures of `PATTERN` by their ids.
    """
    land, inside = pieces.land, pieces.cropland(side)
    crops, area = land[inside], land["area_m2"]
    together = contiguity(area, inside, pieces.neighbours)
    found = blocks(crops["area_m2"], pieces.neighbours, least_m2=least_m2)
    cut = fragmentation(area, inside.map({True: "in", False: "out"}), pieces.neighbours)
    mean = cut.loc["in"] if inside.any() else {"mean_patch_m2": 0.0, "mean_parcel_m2": 0.0}
    return {
        CROPLAND.id: float(int(crops["hundredths"].sum()) / 1e6),
        FIELDS.id: float(len(crops)),
        SLOPE.id: mean_of(crops, "slope_deg"),
        QUALITY.id: mean_of(crops, "quality"),
        NEIGHBOURS.id: together.neighbours,
        BORDER.id: together.border_m / 1e3,
        BORDER_SHARE.id: together.border_share,
        BLOCK_COUNT.id: float(len(found)),
        BLOCKS.id: float(found["area_m2"].sum() / 1e4),
        PATCHES.id: float(together.patches),
        PATCH.id: float(mean["mean_patch_m2"] / 1e4),
        FIELD.id: float(mean["mean_parcel_m2"] / 1e4),
        MESH.id: together.mesh_m2 / 1e4,
    }


def mean_of(crops: pd.DataFrame, column: str) -> float:
    """Give the area-weighted mean of what is known of a column; NaN where nothing is."""
    known = crops[crops[column].notna()]
    if known.empty:
        return float("nan")
    return float(np.average(known[column], weights=known["hundredths"]))
