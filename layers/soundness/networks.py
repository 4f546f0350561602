"""Roads and rivers as networks: ends that miss each other, parts that hang on nothing, doubles.

Where one-way roads are drawn the wrong way, or all are said to be one-way, most places can be left
or reached and not both. A county whose roads are all planned has none.

Lines join where they share a vertex, and nowhere else (`geo.travel.network`): an end a metre off
another line, or on it without a vertex, is a dead end to every way that is sought.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from geo.travel.network import ROUNDED_M, components, graph, matrix
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import MOST_PLACES, Finding, Inspection, at, placed

NEAR_M = 5.0
"""An end so near to another line (closed) was meant to meet it."""
SHORT_M = 0.1
"""Lines of up to this length (closed) are none."""
SHARE_APART = 0.05
"""Share of the length that may hang on nothing (closed): the county's border cuts some off."""
SHARE_ONE_WAY = 0.2
"""Share of the length that may lie on no way there and back (closed): ramps, and ends cut off."""
BESIDE_M = 1.0
"""Lines nearer than this run on each other: carriageways lie 10 m apart."""
STEP_M, STEPS = 25.0, 4
"""Lines are compared so far apart, and run on each other where so many places in a row do."""


def ends(county: County, layer: str) -> Iterator[Finding]:
    """Tell loose ends that lie within a few metres of another line and do not meet it."""
    frame = _lines(county, layer)
    if frame.empty:
        return
    points, owner = _loose(frame)
    missed, other = _missed(frame, points, owner)
    if not len(missed):
        return
    ids = frame.index.astype(str)
    pairs = [f"{ids[owner[m]]}/{ids[o]}" for m, o in zip(missed, other, strict=True)]
    gaps = shapely.distance(points[missed], np.array(frame.geometry.array, dtype=object)[other])
    title = CATALOG[layer].title
    farthest, count = f"{gaps.max():.2f} m", len(missed)
    yield Finding(
        "ends_missing",
        layer,
        "doubtful",
        Text(f"{title.zh}端点未衔接", f"Ends of {title.en} miss other lines"),
        Text(
            f"{count} 个端点与邻线相距不足 {NEAR_M:g} m 而无公共顶点，最大间隙 {farthest}",
            f"{count} ends within {NEAR_M:g} m of another line without a common vertex, the "
            f"widest gap {farthest}",
        ),
        Text("端点与所接线共用顶点", "ends share a vertex with the line they meet"),
        Text("在制图软件中捕捉端点并打断", "snap the ends in the GIS and split the lines there"),
        places=placed(pairs[:MOST_PLACES], points[missed][:MOST_PLACES]),
        count=count,
    )


def _lines(county: County, layer: str) -> gpd.GeoDataFrame:
    """Give the single lines of a layer, those of no length left out."""
    frame = county.vector(layer).sort_index()[["geometry"]].explode()
    return frame[frame.length > SHORT_M]


def _loose(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give the ends of lines that no other vertex meets, and the place of the line of each."""
    shapes = np.array(frame.geometry.array, dtype=object)
    vertices, line = shapely.get_coordinates(shapes, return_index=True)
    keys = np.round(vertices / ROUNDED_M).astype(np.int64)
    _, node, times = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    last = np.r_[first[1:] - 1, len(line) - 1]
    outer = np.concatenate([first, last])
    loose = outer[times[node.reshape(-1)[outer]] == 1]
    return shapely.points(vertices[loose]), line[loose]


def _missed(
    frame: gpd.GeoDataFrame, points: NDArray[np.object_], owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the loose ends near another line, and the nearest such line by its place."""
    shapes = np.array(frame.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    end, line = tree.query(points, predicate="dwithin", distance=NEAR_M)
    others = owner[end] != line
    end, line = end[others], line[others]
    order = np.lexsort((line, shapely.distance(points[end], shapes[line]), end))
    _, first = np.unique(end[order], return_index=True)
    return end[order][first], line[order][first]


def parts(county: County) -> Iterator[Finding]:
    """Tell roads that do not hang together with the most of them."""
    frame = _lines(county, "roads")
    if frame.empty:
        return
    network = graph(frame, cost_per_m=1.0)
    part = components(network)[network.edges[:, 0]]
    length = np.bincount(part, weights=network.forward)
    share = 1 - length.max() / length.sum()
    if share <= SHARE_APART:
        return
    rows = network.line[part != length.argmax()]
    apart = county.vector("roads").sort_index()
    away, count = f"{(length.sum() - length.max()) / 1000:,.1f} km", len(length) - 1
    yield Finding(
        "parts_apart",
        "roads",
        "doubtful",
        Text("部分道路与路网不连通", "Some roads hang on no others"),
        Text(
            f"{count} 片，共 {away}（{100 * share:.3g} %）",
            f"{count} parts, {away} in all ({100 * share:.3g} %)",
        ),
        Text(f"不超过 {100 * SHARE_APART:g} %", f"at most {100 * SHARE_APART:g} %"),
        Text(
            "在交点处打断道路并共用顶点；立交除外",
            "split roads where they meet, with a common vertex; bridges aside",
        ),
        **at(apart, apart.index.isin(rows)),
    )


def oneways(county: County) -> Iterator[Finding]:
    """Tell roads that lie on no way there and back, for roads that are said to be one-way."""
    frame = county.vector("roads").sort_index()
    if "oneway" not in frame:
        return
    frame = frame[frame.length > SHORT_M]
    single = frame["oneway"].eq("yes").to_numpy(dtype=bool)
    if not single.any():
        return
    network = graph(frame, cost_per_m=1.0, oneway=single)
    both = connected_components(matrix(network), directed=True, connection="strong")[1]
    part = components(network)[network.edges[:, 0]]
    length = np.minimum(network.forward, network.backward)
    start, end = both[network.edges.T]
    back = start == end
    most = np.bincount(part, weights=length).argmax()
    lost = length[(part == most) & ~back].sum() / length[part == most].sum()
    if lost <= SHARE_ONE_WAY:
        return
    rows = frame.index.isin(network.line[(part == most) & ~back])
    share, count = f"{100 * lost:.3g} %", int(rows.sum())
    yield Finding(
        "oneways",
        "roads",
        "doubtful",
        Text("单行道路有去无回", "One-way roads lead away and not back"),
        Text(f"{count} 段，占路网长度 {share}", f"{count} roads, {share} of the length"),
        Text(f"不超过 {100 * SHARE_ONE_WAY:g} %", f"at most {100 * SHARE_ONE_WAY:g} %"),
        Text("核对单行字段与画线方向", "check the column oneway and the way lines are drawn"),
        **at(frame, rows),
    )


def existing(county: County) -> Iterator[Finding]:
    """Tell roads none of which is there yet."""
    frame = county.vector("roads").sort_index()
    if len(frame) and not frame["status"].eq("existing").any():
        yield Finding(
            "none_existing",
            "roads",
            "doubtful",
            Text("没有现状道路", "No road exists"),
            Text(f"{len(frame)} 段均为规划", f"all {len(frame)} are planned"),
            Text("有现状道路（existing）", "roads that exist"),
            Text("核对状态字段（--field status=…）", "check the column (--field status=…)"),
            **at(frame, np.ones(len(frame), dtype=bool)),
        )


def overlaps(county: County, layer: str) -> Iterator[Finding]:
    """Tell lines that run on others; a shape that is there twice is told as such elsewhere."""
    frame = _lines(county, layer)
    if frame.empty:
        return
    shapes = np.array(frame.geometry.array, dtype=object)
    length, on = _on_others(shapes)
    if not len(on):
        return
    ids = frame.index.astype(str)
    names = [f"{ids[one]}/{ids[other]}" for one, other in on]
    order = np.argsort(-length, kind="stable")
    title, whole = CATALOG[layer].title, f"{length.sum() / 1000:,.2f} km"
    worst = [names[n] for n in order[:MOST_PLACES]]
    yield Finding(
        "overlapping",
        layer,
        "doubtful",
        Text(f"{title.zh}重叠", f"Some {title.en} run on each other"),
        Text(
            f"{len(on)} 对，共 {whole}，最长 {length.max():,.0f} m（{worst[0]}）",
            f"{len(on)} pairs, {whole} in all, the longest {length.max():,.0f} m ({worst[0]})",
        ),
        Text("每段一次", "each stretch once"),
        Text("删除重叠部分后重新导入", "remove what is there twice and import again"),
        places=placed(worst, shapes[on[order[:MOST_PLACES], 0]]),
        count=len(on),
    )


def _on_others(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give how long pairs of lines run on each other, m, and the pairs by place, each once."""
    copies = _copies(shapes)
    count = np.maximum(np.ceil(shapely.length(shapes) / STEP_M), STEPS).astype(int)
    line = np.repeat(np.arange(len(shapes)), count)
    step = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    spots = shapely.line_interpolate_point(
        shapes[line], (step + 0.5) / count[line], normalized=True
    )
    spot, other = shapely.STRtree(shapes).query(spots, predicate="dwithin", distance=BESIDE_M)
    keep = (line[spot] != other) & (copies[line[spot]] != copies[other])
    spot, other = spot[keep], other[keep]
    order = np.lexsort((spot, other))
    spot, other = spot[order], other[order]
    fresh = np.r_[True, (np.diff(spot) != 1) | (np.diff(other) != 0) | (np.diff(line[spot]) != 0)]
    run = np.cumsum(fresh[: len(spot)]) - 1
    times = np.bincount(run) if len(run) else np.zeros(0, dtype=int)
    long = times[run] >= STEPS if len(run) else np.zeros(0, dtype=bool)
    spacing = shapely.length(shapes) / count
    pairs = np.column_stack([line[spot[long]], other[long]])
    if not len(pairs):
        return np.zeros(0), np.zeros((0, 2), dtype=np.int64)
    both, place = np.unique(pairs, axis=0, return_inverse=True)
    length = np.bincount(place.reshape(-1), weights=spacing[pairs[:, 0]]).astype(np.float64)
    low, high = np.minimum(*both.T), np.maximum(*both.T)
    best = np.lexsort((-length, high, low))
    once, first = np.unique(np.column_stack([low, high])[best], axis=0, return_index=True)
    return length[best][first], once.astype(np.int64)


def _copies(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Give shapes numbers, equal ones the same from whichever end they are drawn."""
    kept = shapely.to_wkb(shapely.normalize(shapes))
    return np.unique(kept.astype(object), return_inverse=True)[1].reshape(-1)


def short(county: County, layer: str) -> Iterator[Finding]:
    """Tell lines of no length."""
    frame = county.vector(layer).sort_index()
    none = (frame.length <= SHORT_M).to_numpy()
    if none.any():
        title = CATALOG[layer].title
        yield Finding(
            "no_length",
            layer,
            "doubtful",
            Text(f"{title.zh}长度为零", f"Some {title.en} have no length"),
            Text(f"{int(none.sum())} 条", f"{int(none.sum())} of them"),
            Text(f"长于 {SHORT_M:g} m", f"longer than {SHORT_M:g} m"),
            Text("删除后重新导入", "remove them and import again"),
            **at(frame, none),
        )


INSPECTIONS = (
    *(Inspection(one, partial(ends, layer=one)) for one in ("roads", "rivers")),
    Inspection("roads", parts),
    Inspection("roads", oneways),
    Inspection("roads", existing),
    *(Inspection(one, partial(overlaps, layer=one)) for one in ("roads", "rivers")),
    *(Inspection(one, partial(short, layer=one)) for one in ("roads", "rivers")),
)
