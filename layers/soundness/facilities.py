"""Facilities that stand twice or are of another kind, and places that no road leads to.

Points of interest (POI) name what a facility is, and much that is none: its bus stop, its car park,
hospitals for animals. A county has each kind of facility, and fewer high schools than primary ones.

A seat and a facility lie by a road. Where one is farther from every road than `FAR_M` the roads, or
the place, are of elsewhere. Of settlements some lie on footpaths; where more do, roads are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
import shapely

from geo.words import Text
from layers.catalog import CATALOG, FACILITY_KINDS
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

FAR_M = {"seats": 2_000.0, "facilities": 2_000.0, "settlements": 1_000.0}
"""How far from every road a place may lie (closed)."""
SHARE_FAR = {"seats": 0.0, "facilities": 0.0, "settlements": 0.15}
"""Share of the places that may be farther (closed)."""
SAID = {
    "小学": ("primary_school",),
    "中学|初中|高中": ("middle_school", "high_school"),
    "医院|卫生院|卫生室|诊所|卫生服务": ("hospital", "clinic"),
}
"""What a name says a facility is, and the kinds it may be of; of several, any."""
NONE = (
    r"宠物|兽医|动物医院|幼儿园|托儿|驾校|药店|药房|停车场|公交站|公交车|(?:车站|食堂|宿舍)$"
    r"|[东西南北大正侧后]门$"
)
"""Names of what is no facility of any kind."""
SHARE_BARE = 0.25
"""Share of the townships that may have no facility (closed)."""
FEW = 10
"""From so many facilities on (closed) each kind is looked for."""
NEAR_M, SHARE_NEAR = 100.0, 0.1
"""So near stand two of a kind and a name by chance alone, and no tenth of them (closed)."""


def doubled(county: County) -> Iterator[Finding]:
    """Tell facilities of one kind at one place."""
    frame = county.vector("facilities").sort_index()
    shapes = shapely.to_wkb(np.array(frame.geometry.array, dtype=object))
    pairs = pd.DataFrame(
        {"shape": pd.Series(shapes, dtype=object).to_numpy(), "kind": frame["kind"].to_numpy()}
    )
    again = pairs.duplicated().to_numpy()
    if again.any():
        yield Finding(
            "doubled",
            "facilities",
            "doubtful",
            Text("公共服务设施重复", "Facilities stand twice"),
            Text(
                f"{int(again.sum())} 个与同类设施同址",
                f"{int(again.sum())} at the place of one of their kind",
            ),
            Text("每处设施一次", "each facility once"),
            Text("删除重复行后重新导入", "remove the copies and import again"),
            **at(frame, again),
        )


def nearly(county: County) -> Iterator[Finding]:
    """Tell facilities that stand close to one of their kind and name, as of two sources."""
    frame = county.vector("facilities").sort_index()
    points = np.array(frame.geometry.array, dtype=object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_M)
    unlike = shapely.distance(points[one], points[other]) > 0
    alike = (one < other) & unlike
    for field in ("kind", "name"):
        if field in frame:
            told = frame[field].astype(object).where(frame[field].notna(), "").to_numpy()
            alike &= told[one] == told[other]
    again = np.zeros(len(frame), dtype=bool)
    again[other[alike]] = True
    if again.sum() > SHARE_NEAR * len(frame):
        count = int(again.sum())
        yield Finding(
            "doubled_near",
            "facilities",
            "doubtful",
            Text("公共服务设施疑似重复", "Facilities may be there twice"),
            Text(
                f"{count} 个在 {NEAR_M:g} m 内有同类同名设施",
                f"{count} within {NEAR_M:g} m of one of their kind and name",
            ),
            Text(f"不超过 {100 * SHARE_NEAR:g} %", f"at most {100 * SHARE_NEAR:g} %"),
            Text("核对是否合并了两份来源", "see whether two sources were put together"),
            **at(frame, again),
        )


def named(county: County) -> Iterator[Finding]:
    """Tell facilities whose names say that they are of another kind, or of none."""
    frame = county.vector("facilities").sort_index()
    if "name" not in frame:
        return
    told = frame["name"].astype(object).where(frame["name"].notna(), "").astype(str)
    says, fits = np.zeros((2, len(frame)), dtype=bool)
    for words, kinds in SAID.items():
        there = told.str.contains(words).to_numpy(dtype=bool)
        says |= there
        fits |= there & frame["kind"].isin(kinds).to_numpy()
    wrong = (says & ~fits) | told.str.contains(NONE).to_numpy(dtype=bool)
    if wrong.any():
        row, count = int(np.flatnonzero(wrong)[0]), int(wrong.sum())
        first = f"{told.iloc[row]} → {frame['kind'].iloc[row]}"
        yield Finding(
            "kinds_named",
            "facilities",
            "doubtful",
            Text("设施名称与类别不符", "Names of facilities are of another kind, or of none"),
            Text(f"{count} 个，如 {first}", f"{count} of them, such as {first}"),
            Text("名称与类别一致", "names of their kind"),
            Text(
                "改正类别；幼儿园、宠物医院、车站等非本类设施者删除",
                "mend the kinds; remove what is none, as nurseries, clinics for animals, bus stops",
            ),
            **at(frame, wrong),
        )


def kinds(county: County) -> Iterator[Finding]:
    """Tell kinds of facilities none of which is there, and more high schools than primary ones."""
    frame = county.vector("facilities").sort_index()
    counts = frame["kind"].value_counts().reindex(list(FACILITY_KINDS), fill_value=0)
    lacking = [*counts.index[counts == 0]]
    if len(frame) >= FEW and 0 < len(lacking) < len(counts) - 1:  # one kind is told as one value
        names = ", ".join(lacking)
        yield Finding(
            "kinds_missing",
            "facilities",
            "doubtful",
            Text("缺少某类公共服务设施", "A kind of facility is missing"),
            Text(names, names),
            Text("县域内各类设施至少一处", "one of each kind in a county"),
            Text("补齐该类设施，或核对类别字段", "bring those missing, or check the kinds"),
        )
    high, primary, middle = counts[["high_school", "primary_school", "middle_school"]]
    if primary and (high > primary or (middle and high > 2 * middle)):
        yield Finding(
            "kinds_turned",
            "facilities",
            "doubtful",
            Text("高中多于小学或初中", "More high schools than primary or middle schools"),
            Text(
                f"高中 {high}，初中 {middle}，小学 {primary}",
                f"{high} high, {middle} middle, {primary} primary schools",
            ),
            Text("高中不多于小学，不超过初中的两倍", "at most as many, twice as many as middle"),
            Text("核对类别的对应", "check how kinds were read"),
            **at(frame, frame["kind"].eq("high_school")),
        )


def without(county: County) -> Iterator[Finding]:
    """Tell townships in which no facility stands, as where a part of them was brought."""
    towns = county.vector("townships").sort_index()
    points = np.array(county.vector("facilities").geometry.array, dtype=object)
    tree = shapely.STRtree(np.array(towns.geometry.array, dtype=object))
    bare = np.ones(len(towns), dtype=bool)
    bare[tree.query(points, predicate="intersects")[1]] = False
    if bare.sum() > SHARE_BARE * len(towns):
        first, count = towns.index[bare][0], int(bare.sum())
        yield Finding(
            "townships_without",
            "facilities",
            "doubtful",
            Text("有乡镇没有公共服务设施", "Townships without a facility"),
            Text(
                f"{len(towns)} 个乡镇中 {count} 个，如 {first}",
                f"{count} of {len(towns)} townships, such as {first}",
            ),
            Text(
                f"不超过 {100 * SHARE_BARE:g} %：乡镇一般有卫生院和小学",
                f"at most {100 * SHARE_BARE:g} %: most have a clinic and a primary school",
            ),
            Text("补齐公共服务设施", "bring the facilities that are missing"),
            **at(towns, bare),
        )


def off_road(county: County, layer: str) -> Iterator[Finding]:
    """Tell places that lie far from every road."""
    frame = county.vector(layer).sort_index()
    roads = np.array(county.vector("roads").geometry.array, dtype=object)
    points = np.array(frame.geometry.array, dtype=object)
    if not len(roads) or not len(points):
        return
    place, away = shapely.STRtree(roads).query_nearest(
        points, return_distance=True, all_matches=False
    )
    far = np.zeros(len(frame), dtype=bool)
    far[place[0]] = away > FAR_M[layer]
    if far.sum() > SHARE_FAR[layer] * len(frame):
        title, count, most = CATALOG[layer].title, int(far.sum()), f"{away.max():,.0f} m"
        yield Finding(
            "off_road",
            layer,
            "doubtful",
            Text(f"{title.zh}远离所有道路", f"Some {title.en} lie far from every road"),
            Text(
                f"{len(frame)} 个中 {count} 个，最远 {most}",
                f"{count} of {len(frame)}, at most {most} off",
            ),
            Text(
                f"超过 {FAR_M[layer]:g} m 者不多于 {100 * SHARE_FAR[layer]:g} %",
                f"at most {100 * SHARE_FAR[layer]:g} % farther than {FAR_M[layer]:g} m",
            ),
            Text(
                "核对位置，或补齐缺少的道路",
                "check the places, or bring the roads that are missing",
            ),
            **at(frame, far),
        )


INSPECTIONS = (
    Inspection("facilities", doubled),
    Inspection("facilities", nearly),
    Inspection("facilities", named),
    Inspection("facilities", kinds),
    Inspection("facilities", without, beside=("townships",)),
    *(Inspection(one, partial(off_road, layer=one), beside=("roads",)) for one in SHARE_FAR),
)
