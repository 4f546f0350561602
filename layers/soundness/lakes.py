"""The lake: surfaces against each other and the terrain, levels and storage against surfaces.

- A shore lies on the terrain at its level; half of it may be off by `SHORE_M`.
- The storage gained between two levels is a surface times their distance. The lake that is drawn
  may be a part of the reservoir, as a county's border cuts it: the surface by the curve may be
  larger by `MOST_LARGER`, but not smaller than half.
- That surface grows with the level: a third less than below is a figure mistyped.
- Characteristic levels lie on the curve of storage, and rise from the dead level to the flood's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import shapely

from geo.raster import sample
from geo.words import Text
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

SHORE_M, PLACES = 30.0, 200
MOST_LARGER, LEAST_LARGER = 20.0, 0.5
MOST_SHRUNK = 0.3
"""By what share the surface by the curve may be smaller than below (closed): over short steps
rounded storage makes up to a sixth."""
BEYOND_M = 1.0
"""How far a level may lie beyond the curve (closed)."""
RISING: Mapping[str, str] = {
    "dead": "死水位",
    "typhoon": "限制水位|汛限水位",
    "normal": "正常蓄水位",
    "flood_high": "防洪高水位",
    "design_flood": "设计洪水位",
    "check_flood": "校核洪水位",
}
"""Levels by id, and by what their Chinese titles hold where ids are others; none above the next."""


def storage(county: County) -> Iterator[Finding]:
    """Tell a storage curve that does not rise with the level."""
    curve = county.table("lake_storage").sort_values("level_m")
    falls = (curve["storage_hm3"].diff() <= 0) | (curve["level_m"].diff() <= 0)
    if falls.any():
        level = f"{curve['level_m'][falls].iloc[0]:g} m"
        yield Finding(
            "storage_falls",
            "lake_storage",
            "doubtful",
            Text("库容不随水位上升", "Storage does not rise with the level"),
            Text(
                f"{int(falls.sum())} 处，首先在 {level}",
                f"{int(falls.sum())} times, first at {level}",
            ),
            Text("水位越高库容越大，每个水位一行", "more storage at a higher level, a row each"),
            Text(
                "核对两列是否互换、单位是否为百万 m³",
                "see whether columns were turned, and the unit: million m³",
            ),
        )


def bends(county: County) -> Iterator[Finding]:
    """Tell a storage curve that rises and yet bends back, as by digits that changed places."""
    curve = county.table("lake_storage").sort_values("level_m").astype(float)
    area_km2 = (curve["storage_hm3"].diff() / curve["level_m"].diff()).to_numpy()[1:]
    if not (np.isfinite(area_km2) & (area_km2 > 0)).all():  # told as a curve that falls
        return
    shrunk = area_km2[1:] < (1 - MOST_SHRUNK) * area_km2[:-1]
    if shrunk.any():
        row = int(np.flatnonzero(shrunk)[0]) + 1
        level = f"{curve['level_m'].iloc[row]:g} m"
        below, above = (f"{one:,.3g} km²" for one in area_km2[row - 1 : row + 1])
        yield Finding(
            "storage_bends",
            "lake_storage",
            "doubtful",
            Text("库容曲线回折", "The storage curve bends back"),
            Text(
                f"{level} 以下水面约 {below}，以上约 {above}",
                f"at {level}, a surface of about {below} below and {above} above",
            ),
            Text(
                f"水面随水位增大；减小不超过 {100 * MOST_SHRUNK:g} %",
                f"a surface that grows, or is at most {100 * MOST_SHRUNK:g} % smaller",
            ),
            Text("核对该水位前后的库容数字", "check the figures of storage around this level"),
        )


def surfaces(county: County) -> Iterator[Finding]:
    """Tell surfaces of a lake that are smaller at a higher level."""
    frame = county.vector("lake").sort_values("level_m", kind="stable")
    for name, rows in frame.groupby("name") if "name" in frame else [("", frame)]:
        falls = (rows.area.diff() < 0).to_numpy()
        if falls.any():
            first = str(rows.index[falls][0])
            yield Finding(
                "surfaces_fall",
                "lake",
                "doubtful",
                Text("水位较高的水面反而较小", "A surface at a higher level is smaller"),
                Text(f"{name} {first}".strip(), f"{name} {first}".strip()),
                Text("水位越高水面越大", "a larger surface at a higher level"),
                Text(
                    "核对水位字段（--field level_m=…）",
                    "check the column of levels (--field level_m=…)",
                ),
                **at(rows, falls),
            )
            return


def shore(county: County) -> Iterator[Finding]:
    """Tell surfaces whose shore does not lie on the terrain at their level."""
    frame, dem = county.vector("lake").sort_index(), county.raster("dem")
    share = (np.arange(PLACES) + 0.5) / PLACES
    lines = np.array(frame.boundary.array, dtype=object)
    spots = shapely.line_interpolate_point(lines[:, None], share[None, :], normalized=True)
    ground = sample(dem, shapely.get_x(spots).ravel(), shapely.get_y(spots).ravel(), how="nearest")
    away = np.abs(ground.reshape(spots.shape) - frame["level_m"].to_numpy(dtype=float)[:, None])
    known = np.isfinite(away).any(axis=1)
    middle = np.zeros(len(frame))
    middle[known] = np.nanmedian(away[known], axis=1)
    if (middle > SHORE_M).any():
        row = int(np.argmax(middle))
        name, most = str(frame.index[row]), f"{middle[row]:,.0f} m"
        yield Finding(
            "shore_off",
            "lake",
            "doubtful",
            Text("水位与岸线处地形不符", "Levels are not the terrain's along the shore"),
            Text(f"{name} 相差 {most}（中位数）", f"{name}: {most} off (median)"),
            Text(f"不超过 {SHORE_M:g} m", f"within {SHORE_M:g} m"),
            Text(
                "核对水位的单位与高程基准，以及水面、地形的位置",
                "check unit and datum of the levels, and places of lake and terrain",
            ),
            **at(frame, middle > SHORE_M),
        )


def gained(county: County) -> Iterator[Finding]:
    """Tell a storage curve in another unit: what it gains is no surface times a height."""
    curve = county.table("lake_storage").sort_values("level_m")
    level, stored = (curve[name].to_numpy(dtype=float) for name in ("level_m", "storage_hm3"))
    lake = county.vector("lake")
    rise = np.diff(level)
    if not len(rise) or (rise <= 0).any() or lake.empty:
        return
    area_km2 = np.diff(stored) / rise  # hm³ a metre are km²
    drawn = lake.assign(km2=lake.area / 1e6).groupby("level_m")["km2"].sum()
    place = np.searchsorted(level, drawn.index.to_numpy(dtype=float), side="left") - 1
    ratio = area_km2[np.clip(place, 0, len(rise) - 1)] / drawn.to_numpy()
    middle = float(np.median(ratio))
    if LEAST_LARGER <= middle <= MOST_LARGER:
        return
    times = f"{middle:.3g}"
    yield Finding(
        "storage_unit",
        "lake_storage",
        "doubtful",
        Text("库容与水面面积不符", "Storage does not go with the surfaces of the lake"),
        Text(
            f"由库容推得的水面为图形的 {times} 倍（中位数）",
            f"by the storage surfaces are {times} times those drawn (median)",
        ),
        Text(f"{LEAST_LARGER:g} … {MOST_LARGER:g} 倍", f"{LEAST_LARGER:g} … {MOST_LARGER:g} times"),
        Text("核对库容单位（百万 m³）与水位", "check the unit, million m³, and the levels"),
    )


def levels(county: County) -> Iterator[Finding]:
    """Tell characteristic levels that fall, and levels beyond the curve of storage."""
    frame = county.table("lake_levels")
    told = frame["level_m"].astype(float)
    rank = frame["title_zh"].astype(str).map(_rank)
    rank[frame.index.isin(RISING)] = [
        list(RISING).index(one) for one in frame.index if one in RISING
    ]
    known = told[rank.dropna().sort_values(kind="stable").index]
    falls = known.diff() < 0
    if falls.any():
        name = str(known.index[falls][0])
        yield _level("levels_order", Text("特征水位次序颠倒", "Levels are out of order"), name)
    if "lake_storage" in county:
        curve = county.table("lake_storage")["level_m"]
        low, high = float(curve.min()) - BEYOND_M, float(curve.max()) + BEYOND_M
        beyond = ~told.between(low, high)
        if beyond.any():
            name = ", ".join(map(str, told.index[beyond][:5]))
            words = Text("特征水位超出库容曲线", "Levels lie beyond the storage curve")
            yield _level("levels_beyond", words, name)


def _rank(title_zh: str) -> float:
    """Give the place of a level among those that rise, by its title; NaN where it is none."""
    places = [place for place, words in enumerate(RISING.values()) if re.search(words, title_zh)]
    return float(places[0]) if places else np.nan


def _level(name: str, title: Text, rows: str) -> Finding:
    return Finding(
        name,
        "lake_levels",
        "doubtful",
        title,
        Text(rows, rows),
        Text(
            "由死水位至校核洪水位逐级升高，且在库容曲线之内",
            "rising from the dead level to the flood's, within the storage curve",
        ),
        Text("核对水位、单位与高程基准", "check levels, unit and datum"),
    )


INSPECTIONS = (
    Inspection("lake_storage", storage),
    Inspection("lake_storage", bends),
    Inspection("lake_storage", gained, beside=("lake",)),
    Inspection("lake", surfaces),
    Inspection("lake", shore, beside=("dem",)),
    Inspection("lake_levels", levels, also=("lake_storage",)),
)
