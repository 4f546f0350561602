"""Zones that cannot be what they are called: layers that were taken for one another.

Permanent basic farmland is drawn within cropland, and by the rule of the three lines (三线) it and
the ecological redline keep apart. Where most of the one lies elsewhere, or a tenth of it in the
other, another layer was brought under its name. The development boundary keeps apart from both.
The redline takes a national park in as a whole; one of a few pieces is a sketch. A core lies in its
park and first-grade water in the second's, never the other way round; no zone covers the county,
and no two layers hold the same shapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at, placed

MOST_OFF = 0.5
"""Share of the pieces of basic farmland that may lie on other land than cropland (closed)."""
MOST_SHARED = 0.1
"""Share of the basic farmland that may lie in the redline (closed)."""
MOST_BUILT_ON = 0.02
"""Share of the development boundary that may lie in farmland or redline: slivers of its drawing."""
LEAST_OF_PARK, PIECES = 0.9, 5
"""Share of the park that a redline of so many pieces holds (closed)."""
MOST_OF_COUNTY = 0.9
"""Share of the county that one zone may cover (closed)."""
MOST_SAME = 0.5
"""Share of its shapes that a layer may have in common with another (closed)."""
WITHIN: Mapping[str, tuple[str, str, str]] = {
    "park": ("zone", "core", "general"),
    "source_water": ("grade", "first", "second"),
}
"""Column, the strict zone, and the one around it."""
COVERING = (
    "park",
    "redline",
    "basic_farmland",
    "source_water",
    "development_boundary",
    "levelled_land",
    "new_town",
    "hazards",
)
SHARING = (*COVERING, "forest", "lake", "lijing_park", "industrial_plots")
LINES = ("rivers", "roads")
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
    title = Text("永久基本农田与生态保护红线重叠", "Basic farmland lies in the ecological redline")
    allowed = Text("互不重叠", "apart from each other")
    yield from _basic_in(county, county.vector("redline"), "in_redline", title, allowed, COMPARE)


def basic_off_water(county: County) -> Iterator[Finding]:
    """Tell basic farmland under the lake at its lowest surface, as drawn before the dam."""
    lake = county.vector("lake")
    lowest = lake[lake["level_m"] == lake["level_m"].min()]
    title = Text("永久基本农田在水库水面内", "Basic farmland lies in the lake")
    most = f"{100 * MOST_SHARED:g} %"
    allowed = Text(f"不超过 {most}", f"at most {most}")
    remedy = Text("核对坐标系与数据年份", "check the CRS, and the year of the data")
    yield from _basic_in(county, lowest, "in_water", title, allowed, remedy)


def _basic_in(
    county: County, zone: gpd.GeoDataFrame, name: str, title: Text, allowed: Text, remedy: Text
) -> Iterator[Finding]:
    """Tell basic farmland of which too much lies in a zone."""
    frame = county.vector("basic_farmland").sort_index()
    shared, whole = _shared_m2(frame, zone), float(frame.area.sum())
    if shared.sum() > MOST_SHARED * whole:
        area, share = f"{shared.sum() / 1e4:,.1f}", f"{100 * shared.sum() / whole:.3g} %"
        found = Text(f"{area} 公顷（{share}）", f"{area} ha ({share})")
        rows = at(frame, shared > 1.0)
        yield Finding(name, "basic_farmland", "doubtful", title, found, allowed, remedy, **rows)


def _shared_m2(frame: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Give how much of each shape lies in others, m²."""
    shapes, zones = (np.array(one.geometry.array, dtype=object) for one in (frame, others))
    piece, zone = shapely.STRtree(zones).query(shapes, predicate="intersects")
    shared = np.zeros(len(frame))
    np.add.at(shared, piece, shapely.area(shapely.intersection(shapes[piece], zones[zone])))
    return shared


def park_in_redline(county: County) -> Iterator[Finding]:
    """Tell a redline that leaves the national park out, as where a part of it was brought."""
    zones = np.array(county.vector("redline").geometry.array, dtype=object)
    if len(zones) < PIECES:
        return
    frame = county.vector("park").sort_index()
    parks = np.array(frame.geometry.array, dtype=object)
    near = zones[np.unique(shapely.STRtree(zones).query(parks, predicate="intersects")[1])]
    red = shapely.union_all(near)
    out = shapely.difference(parks, red)
    share = float(shapely.area(shapely.intersection(parks, red)).sum() / frame.area.sum())
    if share < LEAST_OF_PARK:
        area, part = f"{shapely.area(out).sum() / 1e4:,.1f}", f"{100 * share:.3g} %"
        yield Finding(
            "park_left_out",
            "redline",
            "doubtful",
            Text("生态保护红线未含国家公园", "The redline leaves the national park out"),
            Text(
                f"公园 {area} 公顷在红线外（红线含 {part}）",
                f"{area} ha of it lie outside ({part} within)",
            ),
            Text(
                f"国家公园的 {100 * LEAST_OF_PARK:g} % 以上",
                f"{100 * LEAST_OF_PARK:g} % of the park and more",
            ),
            Text("核对红线是否完整导入", "see whether the whole redline was brought"),
            **at(frame, shapely.area(out) > 1.0),
        )


def three_lines(county: County) -> Iterator[Finding]:
    """Tell a development boundary that takes farmland or redline in."""
    whole = county.vector("development_boundary").union_all()
    for other in ("basic_farmland", "redline"):
        if other not in county or whole.is_empty:
            continue
        shared = whole.intersection(county.vector(other).union_all())
        share = shared.area / whole.area
        if share > MOST_BUILT_ON:
            title, area = CATALOG[other].title, f"{shared.area / 1e4:,.1f}"
            yield Finding(
                f"over_{other}",
                "development_boundary",
                "doubtful",
                Text(
                    f"城镇开发边界与{title.zh}重叠", f"The development boundary takes in {title.en}"
                ),
                Text(f"{area} 公顷（{100 * share:.3g} %）", f"{area} ha ({100 * share:.3g} %)"),
                Text(f"不超过 {100 * MOST_BUILT_ON:g} %", f"at most {100 * MOST_BUILT_ON:g} %"),
                COMPARE,
                placed([other], np.array([shared], dtype=object)),
                1,
            )


def turned(county: County, layer: str) -> Iterator[Finding]:
    """Tell a strict zone that lies around the one that ought to be around it, or is larger."""
    column, strict, around = WITHIN[layer]
    frame = county.vector(layer).sort_index()
    if column not in frame:
        return
    inner, outer = (frame[frame[column].eq(one)] for one in (strict, around))
    if inner.empty or outer.empty:
        return
    filled = [shapely.Polygon(one.exterior) for one in shapely.get_parts(inner.geometry.array)]
    held = shapely.union_all(filled).intersection(outer.union_all()).area
    larger = layer == "source_water" and inner.area.sum() > outer.area.sum()
    if larger or held > MOST_SAME * outer.area.sum():
        sizes = [f"{one.area.sum() / 1e4:,.1f}" for one in (inner, outer)]
        yield Finding(
            "zones_turned",
            layer,
            "doubtful",
            Text("管控分区内外颠倒", "Zones are turned inside out"),
            Text(
                f"{strict} {sizes[0]} 公顷，{around} {sizes[1]} 公顷",
                f"{strict} {sizes[0]} ha, {around} {sizes[1]} ha",
            ),
            Text(f"{strict} 在 {around} 之内", f"{strict} within {around}"),
            Text(f"核对字段 {column} 的取值", f"check the values of {column}"),
            **at(frame, frame[column].eq(strict)),
        )


def everywhere(county: County, layer: str) -> Iterator[Finding]:
    """Tell a zone that covers the county."""
    frame = county.vector(layer)
    county_m2 = float(county.vector("outline").area.sum())
    if frame.area.sum() <= MOST_OF_COUNTY * county_m2:
        return
    share = frame.union_all().area / county_m2
    if share > MOST_OF_COUNTY:
        title, part = CATALOG[layer].title, f"{100 * share:.3g} %"
        yield Finding(
            "everywhere",
            layer,
            "doubtful",
            Text(f"{title.zh}覆盖全县", f"The {title.en} covers the county"),
            Text(part, part),
            Text(f"不超过县域的 {100 * MOST_OF_COUNTY:g} %", f"at most {100 * MOST_OF_COUNTY:g} %"),
            COMPARE,
            **at(frame, np.ones(len(frame), dtype=bool)),
        )


def same(county: County, layer: str, others: tuple[str, ...]) -> Iterator[Finding]:
    """Tell a layer that holds the shapes of another: one file brought under two names."""
    own = _shapes(county, layer)
    for other in others:
        if other not in county:
            continue
        theirs = _shapes(county, other)
        shared = own.isin(set(theirs)).to_numpy()
        if len(own) and shared.sum() > MOST_SAME * max(len(own), len(theirs)):
            title, count = CATALOG[other].title, int(shared.sum())
            frame = county.vector(layer)
            yield Finding(
                f"same_as_{other}",
                layer,
                "doubtful",
                Text(f"与{title.zh}为同一份图形", f"The same shapes as the {title.en}"),
                Text(f"{len(own)} 个中 {count} 个", f"{count} of {len(own)}"),
                Text("各有图形", "shapes of its own"),
                COMPARE,
                **at(frame, shared),
            )


def _shapes(county: County, layer: str) -> pd.Series:
    """Give the shapes of a layer as bytes, equal ones the same."""
    frame = county.vector(layer)
    shapes = shapely.to_wkb(shapely.normalize(np.array(frame.geometry.array, dtype=object)))
    return pd.Series(shapes, index=frame.index, dtype=object)


def _same_as(names: tuple[str, ...]) -> Iterator[Inspection]:
    """Hold each of some layers against those after it."""
    for place, one in enumerate(names[:-1]):
        others = names[place + 1 :]
        yield Inspection(one, partial(same, layer=one, others=others), also=others)


INSPECTIONS = (
    Inspection("development_boundary", three_lines, also=("basic_farmland", "redline")),
    *(Inspection(one, partial(turned, layer=one)) for one in WITHIN),
    *(Inspection(one, partial(everywhere, layer=one), beside=("outline",)) for one in COVERING),
    *_same_as(SHARING),
    *_same_as(LINES),
    Inspection("basic_farmland", basic_on_cropland, beside=("parcels",)),
    Inspection("basic_farmland", basic_off_redline, beside=("redline",)),
    Inspection("basic_farmland", basic_off_water, beside=("lake",)),
    Inspection("redline", park_in_redline, beside=("park",)),
)
