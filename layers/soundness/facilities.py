"""Facilities that stand twice, and places that no road leads to.

A seat and a facility lie by a road. Where one is farther from every road than `FAR_M` the roads, or
the place, are of elsewhere; of settlements, some of which lie on footpaths, half may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
import shapely

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

FAR_M = 2_000.0
"""How far from every road a place may lie (closed)."""
SHARE_FAR = {"seats": 0.0, "facilities": 0.0, "settlements": 0.5}
"""Share of the places that may be farther (closed)."""
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
    far[place[0]] = away > FAR_M
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
            Text(f"不超过 {FAR_M:g} m", f"at most {FAR_M:g} m"),
            Text(
                "核对位置，或补齐缺少的道路",
                "check the places, or bring the roads that are missing",
            ),
            **at(frame, far),
        )


INSPECTIONS = (
    Inspection("facilities", doubled),
    Inspection("facilities", nearly),
    *(Inspection(one, partial(off_road, layer=one), beside=("roads",)) for one in SHARE_FAR),
)
