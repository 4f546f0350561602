"""People: settlements that stand twice, in a lake or outside, and totals that do not fit.

Totals are held against the population that `townships` and `outline` state; a county that states
none has none that could be missed.

- A county's total may differ by 5 % (closed): two counts of one year; a township's by 20 %, since
  settlements are cut by another border. Thousands and ten thousands are told by the ratio.
- Without known totals, people who are no whole numbers and few are taken for thousands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.words import Text, joined
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

SAME_M = 1.0
"""Settlements nearer than this stand at one place."""
NEAR_M, SHARE_NEAR = 100.0, 0.1
"""So near stand two of equally many people by chance alone, and no tenth of them (closed)."""
SHARE_NOBODY = 0.5
"""Share of the settlements that may have no people (closed)."""
SHARE_REPEATED = 0.5
"""Share of the townships whose settlements may all have equally many people (closed)."""
OUTSIDE_M = 250.0
"""A settlement may lie so far outside of an outline that is generalised (closed)."""
COUNTY_TOLERANCE, TOWNSHIP_TOLERANCE = 0.05, 0.2
THOUSANDS: Mapping[float, Text] = {
    1e-3: Text("千人", "thousands"),
    1e-4: Text("万人", "ten thousands"),
}
FEW = 50.0
"""Where half the settlements have fewer, and these are no whole numbers, they are thousands."""


def standing(county: County) -> Iterator[Finding]:
    """Tell settlements at one place, and people who are no people."""
    frame = county.vector("settlements").sort_index()
    yield from _twice(frame)
    people = pd.to_numeric(frame["population"], errors="coerce").to_numpy(dtype=float)
    if not np.nansum(people) > 0:
        yield _finding(
            "nobody",
            Text("居民点均无人口", "No settlement has people"),
            Text(f"{len(frame)} 个居民点，合计 0 人", f"{len(frame)} settlements, 0 people"),
            Text("有人口", "people"),
            Text("核对人口字段（--field population=…）", "check the column (--field population=…)"),
            **at(frame, np.ones(len(frame), dtype=bool)),
        )
        return
    yield from _nobody(frame, people)
    yield from _nearly(frame, people)
    yield from _repeated(frame)
    lived = people[people > 0]
    parts = np.mean(lived != np.floor(lived)) > 0.5
    if parts and np.median(lived) < FEW:
        whole, middle = f"{np.nansum(people):,.3f}", f"{np.median(lived):.3g}"
        yield _finding(
            "people_thousands",
            Text("人口疑以千人或万人计", "People may be counted in thousands"),
            Text(
                f"多数不是整数，中位数 {middle}，合计 {whole}",
                f"most are no whole numbers, median {middle}, {whole} in all",
            ),
            Text("以人计", "people, one by one"),
            Text("换算为人后重新导入", "bring them as people, one by one"),
            **at(frame, people != np.floor(people)),
        )


def _nobody(frame: gpd.GeoDataFrame, people: NDArray[np.float64]) -> Iterator[Finding]:
    """Tell that most settlements have no people."""
    none = people == 0
    if none.mean() > SHARE_NOBODY:
        yield _finding(
            "nobody_mostly",
            Text("多数居民点无人口", "Most settlements have no people"),
            Text(f"{len(frame)} 个中 {int(none.sum())} 个", f"{int(none.sum())} of {len(frame)}"),
            Text("有人口", "people"),
            Text("核对人口字段（--field population=…）", "check the column (--field population=…)"),
            **at(frame, none),
        )


def _nearly(frame: gpd.GeoDataFrame, people: NDArray[np.float64]) -> Iterator[Finding]:
    """Tell settlements of as many people as one close by, as of two sources put together."""
    points = np.array(frame.geometry.array, dtype=object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_M)
    apart = shapely.distance(points[one], points[other]) >= SAME_M
    alike = (one < other) & apart & (people[one] == people[other]) & (people[one] > 0)
    again = np.zeros(len(frame), dtype=bool)
    again[other[alike]] = True
    if again.sum() > SHARE_NEAR * len(frame):
        count, double = int(again.sum()), f"{people[again].sum():,.0f}"
        yield _finding(
            "doubled_near",
            Text("居民点疑似重复", "Settlements may be there twice"),
            Text(
                f"{count} 个与 {NEAR_M:g} m 内另一居民点人口相同，共 {double} 人",
                f"{count} of as many people as one within {NEAR_M:g} m, {double} in all",
            ),
            Text(f"不超过 {100 * SHARE_NEAR:g} %", f"at most {100 * SHARE_NEAR:g} %"),
            Text("核对是否合并了两份来源", "see whether two sources were put together"),
            **at(frame, again),
        )


def _repeated(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Tell settlements that bear a figure of their township, each the same."""
    if frame["population"].nunique() < 2:  # told as a column of one value
        return
    towns = frame.groupby("township")["population"].agg(["size", "nunique"])
    several = towns[towns["size"] > 1]
    same = several.index[several["nunique"] == 1]
    if len(same) <= SHARE_REPEATED * len(several):
        return
    again = frame["township"].isin(same).to_numpy()
    people = f"{float(frame['population'][again].sum()):,.0f}"
    yield _finding(
        "people_repeated",
        Text("同一乡镇各居民点人口相同", "Settlements of a township have the same people"),
        Text(
            f"{len(several)} 个乡镇中 {len(same)} 个，共计 {people} 人",
            f"{len(same)} of {len(several)} townships, {people} people in all",
        ),
        Text("各居民点有自己的人口", "people of its own at each settlement"),
        Text(
            "疑为乡镇数字连接到每个居民点：改用居民点人口，或按居民点分摊",
            "a figure of the township joined to each? bring those of settlements, or share it out",
        ),
        **at(frame, again),
    )


def _twice(frame: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Tell settlements within a metre of one before them."""
    points = np.array(frame.geometry.array, dtype=object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=SAME_M)
    again = np.zeros(len(frame), dtype=bool)
    again[other[one < other]] = True
    if again.any():
        people = f"{float(frame['population'][again].sum()):,.0f}"
        count = int(again.sum())
        yield _finding(
            "doubled",
            Text("居民点重复", "Settlements stand twice"),
            Text(
                f"{count} 个与另一居民点同址，共 {people} 人可能重复计算",
                f"{count} at the place of another; {people} people may count twice",
            ),
            Text("每个居民点一次", "each settlement once"),
            Text("删除重复行，或改正位置", "remove the copies, or mend their places"),
            **at(frame, again),
        )


def water(county: County) -> Iterator[Finding]:
    """Tell settlements in a lake, at its highest surface."""
    frame = county.vector("settlements").sort_index()
    lake = county.vector("lake").union_all()
    wet = frame.within(lake).to_numpy()
    if wet.any():
        people = f"{float(frame['population'][wet].sum()):,.0f}"
        yield _finding(
            "in_water",
            Text("居民点位于水面", "Settlements lie in a lake"),
            Text(f"{int(wet.sum())} 个，{people} 人", f"{int(wet.sum())} of them, {people} people"),
            Text("在各级水面之外", "outside of every surface of the lake"),
            Text("核对位置与坐标系，已淹没者删除", "check places and CRS; remove those drowned"),
            **at(frame, wet),
        )


def outside(county: County) -> Iterator[Finding]:
    """Tell settlements outside of the county; beyond a kilometre the schema refuses them."""
    frame = county.vector("settlements").sort_index()
    away = frame.distance(county.vector("outline").union_all()).to_numpy()
    far = away > OUTSIDE_M
    if far.any():
        count, most = int(far.sum()), f"{away.max():,.0f} m"
        yield _finding(
            "outside",
            Text("居民点在县界之外", "Settlements lie outside of the county"),
            Text(f"{count} 个，最远 {most}", f"{count} of them, at most {most} off"),
            Text(f"界外不超过 {OUTSIDE_M:g} m", f"at most {OUTSIDE_M:g} m outside"),
            Text("核对位置、坐标系与县界", "check places, CRS and outline"),
            **at(frame, far),
        )


def townships(county: County) -> Iterator[Finding]:
    """Tell townships without a settlement, and totals that differ from those stated."""
    people, towns = _by_township(county), county.vector("townships").sort_index()
    lived = towns.index.isin(people.index)
    if lived.any() and not lived.all():
        empty = int((~lived).sum())
        yield _finding(
            "townships_empty",
            Text("有乡镇没有居民点", "Townships without a settlement"),
            Text(f"{len(towns)} 个乡镇中 {empty} 个", f"{empty} of {len(towns)} townships"),
            Text("每个乡镇都有居民点", "settlements in every township"),
            Text("补齐居民点，或核对乡镇代码", "bring those missing, or check the township codes"),
            **at(towns, ~lived),
        )
    if "population" in towns:
        told = towns["population"].astype(float)
        found = people.reindex(towns.index).astype(float)
        yield from _totals(towns, found, told, TOWNSHIP_TOLERANCE, "people_of_townships")


def total(county: County) -> Iterator[Finding]:
    """Tell where people do not sum up to what the county states."""
    whole = county.vector("outline")
    if "population" in whole:
        told = whole["population"].astype(float)
        people = float(county.vector("settlements")["population"].sum())
        found = pd.Series(people, index=whole.index)
        yield from _totals(whole, found, told, COUNTY_TOLERANCE, "people_of_county")


def _by_township(county: County) -> pd.Series:
    frame = county.vector("settlements")
    return frame.groupby("township")["population"].sum()


def _totals(
    places: gpd.GeoDataFrame, found: pd.Series, told: pd.Series, tolerance: float, name: str
) -> Iterator[Finding]:
    known = (told.notna() & (told > 0) & found.notna()).to_numpy()
    ratio = (found / told).to_numpy()
    slip = _slip(ratio[known])
    wrong = known & (np.abs(ratio - 1) > tolerance)
    if not wrong.any():
        return
    sums = [f"{one[known].sum():,.10g}" for one in (found, told)]
    words = [
        Text(
            f"居民点合计 {sums[0]}，公布 {sums[1]}",
            f"settlements sum up to {sums[0]}, stated are {sums[1]}",
        ),
        *(
            [Text(f"疑以{slip.zh}计", f"they may be in {slip.en}")]
            if slip
            else _worst(wrong, ratio, places)
        ),
    ]
    yield _finding(
        name,
        Text("居民点人口与公布人口不符", "People of settlements and people stated differ"),
        joined(words, "；", "; "),
        Text(f"相差不超过 {100 * tolerance:g} %", f"within {100 * tolerance:g} %"),
        Text(
            "核对人口口径（常住或户籍）、年份与单位",
            "compare what is counted (residents or registered), year and unit",
        ),
        standing="error" if slip else "doubtful",
        **at(places, wrong),
    )


def _worst(
    wrong: NDArray[np.bool_], ratio: NDArray[np.float64], places: gpd.GeoDataFrame
) -> list[Text]:
    """Name how many places differ and the one that does most; nothing where there is one alone."""
    if len(places) == 1:
        return []
    off = np.where(wrong, np.abs(np.log(np.maximum(ratio, 1e-12))), -1.0)
    place = int(np.argmax(off))
    row, most = str(places.index[place]), f"{100 * (ratio[place] - 1):+.0f} %"
    count = int(wrong.sum())
    return [
        Text(
            f"{count} 个乡镇不符，最大 {most}（{row}）", f"{count} differ, the worst {most} ({row})"
        )
    ]


def _slip(ratio: NDArray[np.float64]) -> Text | None:
    """Give the unit that people are counted in, where it is told by the ratio to those stated."""
    for factor, words in THOUSANDS.items():
        if len(ratio) and np.all(np.abs(np.log(ratio[ratio > 0] / factor)) < np.log(2)):
            return words
    return None


def _finding(name: str, *words: Text, **more: Any) -> Finding:
    title, found, expected, remedy = words
    kind = more.pop("standing", "doubtful")
    return Finding(name, "settlements", kind, title, found, expected, remedy, **more)


INSPECTIONS = (
    Inspection("settlements", standing),
    Inspection("settlements", water, beside=("lake",)),
    Inspection("settlements", outside, beside=("outline",)),
    Inspection("settlements", townships, beside=("townships",)),
    Inspection("settlements", total, beside=("outline",)),
)
