"""Land that is there twice, and land that is missing.

- Polygons of one layer lie side by side. Where parcels or plots lie over each other their areas
  count twice: no plan over them can be proven, and from `OVERLAP_M2` on it is an error. Of other
  layers an overlap is doubtful: most questions take them as one.
- A shape that is there twice, vertex by vertex, is told as such and no more as an overlap.
- Parcels fill the pilots, townships the county. Outlines are often generalised: of the county only
  what is missing over `BROAD_M` across counts, or more than `SHARE_MISSING` of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage import coverage_problems, covered
from geo.words import Text, joined
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import MOST_PLACES, Finding, Inspection, Spot, Standing, at, placed

SLIVER_M2 = 0.01
"""Smaller overlaps come of rounding."""
OVERLAP_M2 = 10.0
"""From this overlap of two parcels on (closed), their land is there twice."""
DOUBTED_M2 = 100.0
"""The same of other layers, whose borders are drawn more loosely."""
SHARE_MISSING = 0.01
"""Share of a county or a pilot that may be missing (closed)."""
BROAD_M = 1_000.0
"""A part of the county that is broader than this is missing: no outline is generalised so far."""
FEW = 2_000
"""Up to so many shapes (closed) are held against each other pair by pair."""
HA_M2 = 1e4
COUNTED_TWICE = ("parcels", "industrial_plots")
"""Layers whose areas questions sum up shape by shape."""
SIDE_BY_SIDE = (
    *COUNTED_TWICE,
    "townships",
    "pilots",
    "park",
    "forest",
    "basic_farmland",
    "redline",
    "development_boundary",
    "levelled_land",
)
"""Layers whose shapes lie side by side; surfaces of a lake and grades of zones may be nested."""
ONCE = tuple(
    name
    for name, schema in CATALOG.items()
    if schema.kind == "vector" and name not in ("settlements", "facilities")
)
"""Layers in which no shape is there twice; of people and facilities `people` asks with more."""
MEND = Text("在制图软件中消除重叠后重新导入", "mend it in the GIS and import again")


def overlaps(county: County, layer: str) -> Iterator[Finding]:
    """Tell where shapes of a layer lie over each other, those that are equal left to `doubled`."""
    frame = county.vector(layer).sort_index()
    found = _overlapping(frame[~_copies(frame)])
    counted = layer in COUNTED_TWICE
    most = OVERLAP_M2 if counted else DOUBTED_M2
    if counted and 0 < found["area_m2"].max() < most:
        yield _overlap(found, frame, layer, "doubtful")
    found = found[found["area_m2"] >= most]
    if len(found):
        yield _overlap(found, frame, layer, "error" if counted else "doubtful")


def _overlapping(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give pairs of shapes that lie over each other: left, right, area_m2, geometry.

    A few shapes are held against each other pair by pair; of many the edges that cancel go first.
    """
    if len(frame) > FEW:
        found = coverage_problems(frame, smallest_m2=SLIVER_M2)
        return found[found["problem"] == "overlap"]
    shapes = np.array(frame.geometry.array, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    names = {"left": frame.index[one], "right": frame.index[other]}
    shared = shapely.intersection(shapes[one], shapes[other])
    found = gpd.GeoDataFrame(names, geometry=shared, crs=frame.crs)
    found.insert(2, "area_m2", found.area)
    return found[found["area_m2"] >= SLIVER_M2].sort_values(["left", "right"])


def _overlap(
    found: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, layer: str, standing: Standing
) -> Finding:
    whole, count = float(found["area_m2"].sum()), len(found)
    share = 100 * whole / float(frame.area.sum())
    worst = found.sort_values("area_m2", ascending=False, kind="stable").head(MOST_PLACES)
    pairs = [f"{one}/{other}" for one, other in zip(worst["left"], worst["right"], strict=True)]
    most = OVERLAP_M2 if layer in COUNTED_TWICE else DOUBTED_M2
    largest, title = f"{worst['area_m2'].iloc[0]:,.2f} m²", CATALOG[layer].title
    return Finding(
        "overlaps",
        layer,
        standing,
        Text(f"{title.zh}相互重叠", f"The {title.en} lie over each other"),
        Text(
            f"{count} 处，共 {whole:,.2f} m²（占 {share:.3g} %）；最大 {largest}",
            f"{count} overlaps, {whole:,.2f} m² in all ({share:.3g} %); the largest {largest}",
        ),
        Text(
            f"互不重叠；单处 {most:g} m² 以下可忽略",
            f"side by side; less than {most:g} m² of two may be passed over",
        ),
        MEND,
        places=placed(pairs, np.array(worst.geometry.array, dtype=object)),
        count=count,
    )


def doubled(county: County, layer: str) -> Iterator[Finding]:
    """Tell shapes that are there twice, whatever their order of vertices."""
    frame = county.vector(layer).sort_index()
    copies = _copies(frame)
    if copies.any():
        title = CATALOG[layer].title
        area = float(frame.area[copies].sum())
        land = (
            Text(f"，多计 {area:,.0f} m²", f", {area:,.0f} m² too many") if area else Text("", "")
        )
        yield Finding(
            "doubled",
            layer,
            "error" if layer in COUNTED_TWICE else "doubtful",
            Text(f"{title.zh}有重复图形", f"Shapes of the {title.en} are there twice"),
            Text(f"{int(copies.sum())} 个{land.zh}", f"{int(copies.sum())} of them{land.en}"),
            Text("每个图形一次", "each shape once"),
            Text("删除重复行后重新导入", "remove the copies and import again"),
            **at(frame, copies),
        )


def _copies(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say which rows have the shape of a row before them."""
    shapes = np.array(frame.geometry.array, dtype=object)
    again = np.zeros(len(shapes), dtype=bool)
    alike = pd.DataFrame(shapely.bounds(shapes)).duplicated(keep=False).to_numpy()
    normal = shapely.to_wkb(shapely.normalize(shapes[alike]))
    again[alike] = pd.Series(normal, dtype=object).duplicated()
    return again


def pilots(county: County) -> Iterator[Finding]:
    """Tell how much of the pilots no parcel covers."""
    ground = covered(county.vector("parcels"))
    frame = county.vector("pilots").sort_index()
    spots: list[Spot] = []
    words: list[Text] = []
    for name, pilot in frame.geometry.items():
        bare = shapely.difference(pilot, ground)
        share = bare.area / pilot.area
        if share > SHARE_MISSING:
            spots += placed([str(name)], np.array([bare], dtype=object))
            words.append(_missing(str(name), bare.area, share))
    if spots:
        yield Finding(
            "pilots_covered",
            "parcels",
            "doubtful",
            Text("图斑未铺满试点乡镇", "Parcels do not fill the pilots"),
            joined(words, "；", "; "),
            _allowed(),
            Text("补齐缺少的图斑", "bring the parcels that are missing"),
            places=tuple(spots),
            count=len(spots),
        )


def _missing(name: str, area_m2: float, share: float) -> Text:
    hectares = f"{area_m2 / HA_M2:,.1f}"
    return Text(
        f"{name} 缺 {hectares} 公顷（{100 * share:.3g} %）",
        f"{name}: {hectares} ha missing ({100 * share:.3g} %)",
    )


def _allowed() -> Text:
    percent = f"{100 * SHARE_MISSING:g} %"
    return Text(f"缺口不超过 {percent}", f"at most {percent} missing")


def townships(county: County) -> Iterator[Finding]:
    """Tell which parts of the county lie in no township, and of townships outside of the county."""
    towns = county.vector("townships").union_all()
    whole = county.vector("outline").union_all()
    yield from _part(
        whole.difference(towns),
        whole.area,
        "county_covered",
        Text("乡镇未铺满县域", "Townships do not fill the county"),
        Text("县域内无乡镇的土地", "of the county in no township"),
    )
    yield from _part(
        towns.difference(whole),
        whole.area,
        "beyond_county",
        Text("乡镇超出县界", "Townships reach beyond the county"),
        Text("县界外的乡镇土地", "of townships outside of the county"),
    )


def _part(
    rest: BaseGeometry, whole_m2: float, name: str, title: Text, words: Text
) -> Iterator[Finding]:
    parts = shapely.get_parts(rest)
    parts = parts[np.argsort(-shapely.area(parts), kind="stable")]
    broad = ~shapely.is_empty(shapely.buffer(parts, -BROAD_M / 2))
    share = rest.area / whole_m2
    if not broad.any() and share <= SHARE_MISSING:
        return
    shown = (parts[broad] if broad.any() else parts[:1])[:MOST_PLACES]
    area, largest = (f"{one / 1e6:,.2f} km²" for one in (rest.area, shapely.area(shown)[0]))
    yield Finding(
        name,
        "townships",
        "doubtful",
        title,
        Text(
            f"{words.zh} {area}（占县域 {100 * share:.3g} %），最大一处 {largest}",
            f"{area} {words.en} ({100 * share:.3g} % of it), the largest part {largest}",
        ),
        Text(
            f"不超过县域 {100 * SHARE_MISSING:g} %，且宽不足 {BROAD_M:g} m",
            f"at most {100 * SHARE_MISSING:g} % of the county, and no part {BROAD_M:g} m broad",
        ),
        Text("核对县界与乡镇界的来源与坐标系", "compare sources and CRS of outline and townships"),
        places=placed([f"part_{n}" for n in range(1, len(shown) + 1)], shown),
        count=len(shown),
    )


def holes(county: County) -> Iterator[Finding]:
    """Tell ground that townships enclose and none of them has."""
    frame = county.vector("townships").sort_index()
    found = coverage_problems(frame, smallest_m2=HA_M2)
    found = found[found["problem"] == "gap"]
    if len(found):
        area = float(found["area_m2"].sum()) / HA_M2
        spots = placed(found["left"].astype(str), np.array(found.geometry.array, dtype=object))
        yield Finding(
            "holes",
            "townships",
            "doubtful",
            Text("乡镇之间有空隙", "Gaps between townships"),
            Text(
                f"{len(found)} 处，共 {area:,.1f} 公顷", f"{len(found)} gaps, {area:,.1f} ha in all"
            ),
            Text("1 公顷以下的空隙可忽略", "less than 1 ha may be passed over"),
            Text("补齐乡镇界", "close the borders of the townships"),
            places=spots[:MOST_PLACES],
            count=len(found),
        )


INSPECTIONS = (
    *(Inspection(layer, partial(overlaps, layer=layer)) for layer in SIDE_BY_SIDE),
    *(Inspection(layer, partial(doubled, layer=layer)) for layer in ONCE),
    Inspection("parcels", pilots, beside=("pilots",)),
    Inspection("townships", townships, beside=("outline",)),
    Inspection("townships", holes),
)
