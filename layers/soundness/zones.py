"""Zones that cannot be what they are called: layers that were taken for one another.

Permanent basic farmland is drawn within cropland, and by the rule of the three lines (三线) it and
the ecological redline keep apart. Where most of the one lies elsewhere, or a tenth of it in the
other, another layer was brought under its name.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.words import Text
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

MOST_OFF = 0.5
"""Share of the pieces of basic farmland that may lie on other land than cropland (closed)."""
MOST_SHARED = 0.1
"""Share of the basic farmland that may lie in the redline (closed)."""
COMPARE = Text(
    "核对导入的文件与图层是否对应", "see whether the right file was brought as this layer"
)


def basic_on_cropland(county: County) -> Iterator[Finding]:
    """Tell basic farmland that lies on other land, by a point within each piece.

    Cropland is 01 of the survey, and what may be turned back to it (codes that end in K). Pieces
    on no parcel are not known.
    """
    frame = county.vector("basic_farmland").sort_index()
    parcels = county.vector("parcels")
    points = np.array(frame.geometry.array, dtype=object)
    tree = shapely.STRtree(np.array(parcels.geometry.array, dtype=object))
    piece, parcel = tree.query(shapely.point_on_surface(points), predicate="intersects")
    codes = parcels["DLBM"].iloc[parcel].astype(str)
    crop = (codes.str.startswith("01") | codes.str.endswith("K")).to_numpy()
    known, on = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    known[piece] = True
    on[piece[crop]] = True
    off = known & ~on
    if off.sum() > MOST_OFF * known.sum():
        count, every = int(off.sum()), int(known.sum())
        yield Finding(
            "not_on_cropland",
            "basic_farmland",
            "doubtful",
            Text("永久基本农田多不在耕地上", "Most basic farmland is no cropland"),
            Text(f"{every} 块中 {count} 块", f"{count} of {every} pieces"),
            Text("在耕地（01xx）上", "on cropland (01xx)"),
            COMPARE,
            **at(frame, off),
        )


def basic_off_redline(county: County) -> Iterator[Finding]:
    """Tell basic farmland that lies in the ecological redline."""
    frame = county.vector("basic_farmland").sort_index()
    red = np.array(county.vector("redline").geometry.array, dtype=object)
    shapes = np.array(frame.geometry.array, dtype=object)
    piece, zone = shapely.STRtree(red).query(shapes, predicate="intersects")
    shared = np.zeros(len(frame))
    np.add.at(shared, piece, shapely.area(shapely.intersection(shapes[piece], red[zone])))
    whole = float(shapely.area(shapes).sum())
    if shared.sum() > MOST_SHARED * whole:
        area, share = f"{shared.sum() / 1e4:,.1f}", f"{100 * shared.sum() / whole:.3g} %"
        yield Finding(
            "in_redline",
            "basic_farmland",
            "doubtful",
            Text("永久基本农田与生态保护红线重叠", "Basic farmland lies in the ecological redline"),
            Text(f"{area} 公顷（{share}）", f"{area} ha ({share})"),
            Text("互不重叠", "apart from each other"),
            COMPARE,
            **at(frame, shared > 1.0),
        )


INSPECTIONS = (
    Inspection("basic_farmland", basic_on_cropland, beside=("parcels",)),
    Inspection("basic_farmland", basic_off_redline, beside=("redline",)),
)
