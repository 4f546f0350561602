"""Where things lie: far from the county, out of their township, in a CRS that stretches them.

The schema refuses what ought to be in the county and is not, and layers that lie elsewhere as a
whole. What may go on beyond the county is asked here: roads and rivers go on, facilities of
neighbours serve it, enclaves lie in another district.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.crs import transformer
from geo.scale import scale
from geo.words import Text, joined
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at
from layers.source import Quality

FAR_M = {"across": 20_000.0, "anywhere": 200_000.0}
"""How far from the county a thing may lie that is not asked to lie within it (closed)."""
STRETCH_M = 200_000.0
"""How far the ends of a thing may lie beyond the county: a wrong vertex lies farther."""
DOUBTED_SCALE, REFUSED_SCALE = 0.01, 0.05
"""By how much lengths or areas may be off in a county's CRS before it is doubted, and refused."""
OUT_M = {Quality.OFFICIAL: 250.0}
OUT_ELSE_M = 1_000.0
"""How far out of its township a seat or a settlement may lie, where borders are no official ones:
those that circulate are off by some hundred metres."""
SHARE_OUT = 0.01
"""Share of the land that may bear another township's code (closed): exclaves do."""
MOST_UNLIKE = 0.1
NEAR_M, MOST_OFF = 250.0, 0.5
STEPS = {60: Text("分", "minutes"), 100: Text("0.01°", "hundredths of a degree")}
"""Parts of a degree to which coordinates are rounded: gazetteers give minutes, 1.8 km apart."""
EXACT_DEG, MOST_COARSE, LEAST_POINTS = 2e-5, 0.9, 4
BELONG = {
    "park_gates": ("park",),
    "industrial_plots": ("lijing_park", "development_boundary", "new_town"),
    "levelled_land": ("development_boundary", "new_town", "lijing_park"),
    "new_town": ("development_boundary",),
}
"""Layers most of which lie in, or by, one of others: where they lie off, one is of elsewhere."""
WITHIN = ("industrial_plots", "levelled_land")
BESIDE_M, MOST_OUTSIDE = 100.0, 0.2
"""So much of the land of `WITHIN` may lie farther than that from the areas it belongs to."""
POINTS = tuple(name for name, one in CATALOG.items() if one.shape == "point")
WANDERING = tuple(
    name for name, one in CATALOG.items() if one.kind == "vector" and one.lies in FAR_M
)


def far(county: County, layer: str) -> Iterator[Finding]:
    """Tell things that lie far from the county, or reach as far."""
    frame = county.vector(layer).sort_index()
    whole = county.vector("outline").union_all()
    most = FAR_M[CATALOG[layer].lies]
    away, reach = _away(frame, shapely.bounds(whole), whole)
    for name, wrong, limit, distance, words in (
        ("far", away > most, most, away, Text("远离县域", "lie far from the county")),
        (
            "reaching_far",
            (away <= most) & (reach > STRETCH_M),
            STRETCH_M,
            reach,
            Text("有顶点远离县域", "have vertices far from the county"),
        ),
    ):
        if wrong.any():
            title, count = CATALOG[layer].title, int(wrong.sum())
            farthest = f"{distance[wrong].max() / 1000:,.0f} km"
            yield Finding(
                name,
                layer,
                "doubtful",
                Text(f"{title.zh}{words.zh}", f"Some {title.en} {words.en}"),
                Text(f"{count} 个，最远 {farthest}", f"{count} of them, at most {farthest} off"),
                Text(f"不超过 {limit / 1000:g} km", f"at most {limit / 1000:g} km off"),
                Text("核对坐标与坐标系，多余者删除", "check coordinates and CRS, remove strays"),
                **at(frame, wrong),
            )


def _away(
    frame: gpd.GeoDataFrame, county: NDArray[np.float64], whole: shapely.Geometry
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the distance of every shape from the county, and of its farthest side."""
    shapes = np.array(frame.geometry.array, dtype=object)
    bounds = shapely.bounds(shapes)
    beyond = np.column_stack([county[:2] - bounds[:, :2], bounds[:, 2:] - county[2:]])
    inside = np.column_stack([bounds[:, :2] - county[2:], county[:2] - bounds[:, 2:]])
    away = np.zeros(len(shapes))
    gone = (inside > 0).any(axis=1)
    away[gone] = shapely.distance(shapes[gone], whole)
    return away, beyond.max(axis=1)


def township(county: County, layer: str) -> Iterator[Finding]:
    """Tell points that lie out of the township that they name, or whose code they bear."""
    frame = county.vector(layer).sort_index()
    towns = county.vector("townships").geometry
    named = frame.index.to_series() if layer == "seats" else frame.get("township")
    if named is None:
        return
    known = named.isin(towns.index).to_numpy()
    points = np.array(frame.geometry.array, dtype=object)
    own = np.array(towns.reindex(named[known]).array, dtype=object)
    away = np.zeros(len(frame))
    away[known] = shapely.distance(points[known], own)
    most = OUT_M.get(county.sources["townships"].quality, OUT_ELSE_M)
    out = away > most
    if out.any():
        title, count = CATALOG[layer].title, int(out.sum())
        farthest = f"{away.max() / 1000:,.1f} km"
        yield Finding(
            "out_of_township",
            layer,
            "doubtful",
            Text(f"{title.zh}不在所属乡镇内", f"Some {title.en} lie out of the township they name"),
            Text(
                f"{len(frame)} 个中 {count} 个，最远 {farthest}",
                f"{count} of {len(frame)}, at most {farthest} off",
            ),
            Text(f"界外不超过 {most:g} m", f"at most {most:g} m outside"),
            Text("核对乡镇代码、位置与坐标系", "check township codes, places and CRS"),
            **at(frame, out),
        )


def land_of_township(county: County, layer: str) -> Iterator[Finding]:
    """Tell land that bears the code of a township it does not lie in, by a point within each."""
    frame = county.vector(layer).sort_index()
    towns = county.vector("townships").geometry
    if "township" not in frame:
        return
    most = OUT_M.get(county.sources["townships"].quality, OUT_ELSE_M)
    points = shapely.point_on_surface(np.array(frame.geometry.array, dtype=object))
    told, out = frame["township"].to_numpy(dtype=object), np.zeros(len(frame), dtype=bool)
    for code, town in towns.items():
        rows = np.flatnonzero(told == code)
        shapely.prepare(town)
        rows = rows[~shapely.contains(town, points[rows])]
        out[rows] = shapely.distance(town, points[rows]) > most
    if out.sum() > SHARE_OUT * len(frame):
        title, count = CATALOG[layer].title, int(out.sum())
        yield Finding(
            "out_of_township",
            layer,
            "doubtful",
            Text(f"{title.zh}不在所属乡镇内", f"Some {title.en} lie out of the township they name"),
            Text(f"{len(frame)} 个中 {count} 个", f"{count} of {len(frame)}"),
            Text(
                f"界外超过 {most:g} m 者不超过 {100 * SHARE_OUT:g} %",
                f"at most {100 * SHARE_OUT:g} % more than {most:g} m outside",
            ),
            Text("核对乡镇代码与坐标系", "check township codes and CRS"),
            **at(frame, out),
        )


def pilots(county: County) -> Iterator[Finding]:
    """Tell pilots that are not drawn as the township whose code they bear."""
    frame, towns = county.vector("pilots").sort_index(), county.vector("townships").geometry
    own = frame[frame.index.isin(towns.index)]
    shapes = np.array(own.geometry.array, dtype=object)
    town = np.array(towns.reindex(own.index).array, dtype=object)
    both = shapely.area(shapely.intersection(shapes, town))
    share = both / (shapely.area(shapes) + shapely.area(town) - both)
    off = share < 1 - MOST_UNLIKE
    if off.any():
        row = int(np.argmin(share))
        name, least = str(own.index[row]), f"{100 * share[row]:.3g} %"
        yield Finding(
            "not_the_township",
            "pilots",
            "doubtful",
            Text("试点范围与所属乡镇不符", "Pilots are not drawn as their townships"),
            Text(f"{name} 重合 {least}", f"{name}: {least} in common"),
            Text(
                f"重合不少于 {100 * (1 - MOST_UNLIKE):g} %",
                f"{100 * (1 - MOST_UNLIKE):g} % and more in common",
            ),
            Text("核对乡镇代码、图形与坐标系", "check codes, shapes and CRS"),
            **at(own, off),
        )


def off_the(county: County, layer: str, others: tuple[str, ...]) -> Iterator[Finding]:
    """Tell that most of a layer lies away from those it belongs to."""
    frame = county.vector(layer).sort_index()
    there = [one for one in others if one in county]
    whole = shapely.union_all([county.vector(one).union_all() for one in there])
    if not there or whole.is_empty:
        return
    away = frame.distance(whole).to_numpy()
    off = away > NEAR_M
    held = joined([CATALOG[one].title for one in there], "、", " or ")
    if off.sum() > MOST_OFF * len(frame):
        title = CATALOG[layer].title
        count, farthest = int(off.sum()), f"{away.max():,.0f} m"
        yield Finding(
            "off_others",
            layer,
            "doubtful",
            Text(f"{title.zh}不在{held.zh}处", f"The {title.en} lie away from {held.en}"),
            Text(
                f"{len(frame)} 个中 {count} 个，最远 {farthest}",
                f"{count} of {len(frame)}, at most {farthest} off",
            ),
            Text(f"半数以上相距不超过 {NEAR_M:g} m", f"most of them within {NEAR_M:g} m"),
            Text("核对坐标系与两个图层", "check CRS and both layers"),
            **at(frame, off),
        )
    elif layer in WITHIN:
        yield from _outside(layer, frame, whole, held)


def _outside(
    layer: str, frame: gpd.GeoDataFrame, whole: BaseGeometry, held: Text
) -> Iterator[Finding]:
    """Tell that much of the land of a layer lies out of the areas it belongs to."""
    out = (frame.area - frame.intersection(whole.buffer(BESIDE_M)).area).to_numpy()
    if out.sum() > MOST_OUTSIDE * frame.area.sum():
        title, share = CATALOG[layer].title, out.sum() / frame.area.sum()
        yield Finding(
            "outside_others",
            layer,
            "doubtful",
            Text(f"{title.zh}多在{held.zh}之外", f"Much of the {title.en} lies out of {held.en}"),
            Text(
                f"{out.sum() / 1e4:,.2f} 公顷（{share:.0%}）",
                f"{out.sum() / 1e4:,.2f} ha, {share:.0%}",
            ),
            Text(
                f"距其 {BESIDE_M:g} m 以外不超过 {MOST_OUTSIDE:.0%}",
                f"at most {MOST_OUTSIDE:.0%} farther than {BESIDE_M:g} m from them",
            ),
            Text("核对坐标系与两个图层", "check CRS and both layers"),
            **at(frame, out > 0.5 * frame.area.to_numpy()),
        )


def rounded(county: County, layer: str) -> Iterator[Finding]:
    """Tell points whose longitudes and latitudes are whole hundredths of a degree, or minutes."""
    frame = county.vector(layer).sort_index()
    if len(frame) < LEAST_POINTS:
        return
    xy = (frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    degrees = np.array(transformer(county.crs, CRS(county.crs).geodetic_crs).transform(*xy))
    for parts, words in STEPS.items():
        whole = np.abs(degrees * parts - np.round(degrees * parts)) <= parts * EXACT_DEG
        coarse = whole.all(axis=0)
        if coarse.mean() >= MOST_COARSE:
            title, count = CATALOG[layer].title, int(coarse.sum())
            yield Finding(
                "rounded",
                layer,
                "doubtful",
                Text(f"{title.zh}的坐标取整", f"Coordinates of the {title.en} are rounded"),
                Text(
                    f"{len(frame)} 个中 {count} 个的经纬度为整 {words.zh}",
                    f"{count} of {len(frame)} at whole {words.en}",
                ),
                Text("经纬度精确到 0.0001° 以上", "degrees to four decimals and more"),
                Text("用未取整的坐标重新导入", "import again with the coordinates in full"),
                **at(frame, coarse),
            )
            return


def stretched(county: County) -> Iterator[Finding]:
    """Tell a CRS in which things of this county are drawn too large or too small."""
    west, south, east, north = county.vector("outline").total_bounds
    corners = [(x, y) for x in (west, east) for y in (south, north)]
    scales = [scale(county.crs, float(x), float(y)) for x, y in corners]
    length, area = max(scales, key=lambda one: abs(one[1] - 1) + abs(one[0] - 1))
    off = max(abs(area - 1), abs(length - 1))
    if off <= DOUBTED_SCALE:
        return
    lengths, areas = (f"{100 * (one - 1):+.1f} %" for one in (length, area))
    name = county.crs.name
    yield Finding(
        "crs_scale",
        "outline",
        "error" if off > REFUSED_SCALE else "doubtful",
        Text("县的坐标系使图形变形", "The county's CRS stretches what is drawn"),
        Text(f"{name}：长度 {lengths}，面积 {areas}", f"{name}: lengths {lengths}, areas {areas}"),
        Text(f"相差不超过 {100 * DOUBTED_SCALE:g} %", f"within {100 * DOUBTED_SCALE:g} %"),
        Text(
            "改用本县所在带的高斯—克吕格投影新建县域",
            "make the county anew in the Gauss-Krueger zone it lies in",
        ),
    )


INSPECTIONS = (
    Inspection("outline", stretched),
    *(Inspection(one, partial(rounded, layer=one)) for one in POINTS),
    *(Inspection(one, partial(far, layer=one), beside=("outline",)) for one in WANDERING),
    *(
        Inspection(one, partial(township, layer=one), beside=("townships",))
        for one in ("seats", "settlements", "facilities")
    ),
    *(
        Inspection(one, partial(land_of_township, layer=one), beside=("townships",))
        for one in ("parcels", "basic_farmland", "forest")
    ),
    Inspection("pilots", pilots, beside=("townships",)),
    *(
        Inspection(one, partial(off_the, layer=one, others=others), also=others)
        for one, others in BELONG.items()
    ),
)
