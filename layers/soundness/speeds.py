"""Speeds of roads that are in another unit, or of no class.

- Speeds of roads that lead through the county lie at 20 km/h and more by any standard of design;
  below, they are in metres a second.
- Speeds are whole tens of km/h, as standards and signs have them. Where they become so when they
  are multiplied by a mile's or a knot's length and are not as they stand, they are in that unit,
  rounded or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from geo.words import Text
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

THROUGH = ("expressway", "national", "provincial")
SLOWEST_KMH = 20.0
"""Least design speed of any class of road (JTG B01-2014)."""
SPEEDS_KMH: Mapping[str, tuple[float, float]] = {
    "expressway": (60.0, 120.0),
    "national": (20.0, 100.0),
    "provincial": (20.0, 100.0),
    "county": (15.0, 80.0),
    "township": (10.0, 60.0),
    "village": (5.0, 50.0),
}
"""Speeds by class (closed), from the slowest and fastest design speeds of the technical classes it
is built in (JTG B01-2014; JTG 2111-2019 for rural roads), with room for streets and tracks."""
UNITS: Mapping[float, Text] = {
    1.609344: Text("英里/小时", "miles an hour"),
    1.852: Text("节", "knots"),
}
"""Units in which a speed is still of its class, by their size in km/h."""
MOST = 0.9
"""Share of the speeds that are tens of km/h in another unit, and at most 1 − it in their own."""
LEAST_KINDS = 3
"""So many different speeds tell a unit: one or two may be tens by chance."""


def speeds_low(county: County) -> Iterator[Finding]:
    """Tell speeds that are too low for any road that leads through the county."""
    frame = county.vector("roads").sort_index()
    through = frame["class"].isin(THROUGH).to_numpy()
    told = frame["speed_kmh"].to_numpy(dtype=float)
    if not through.any() or np.median(told[through]) >= SLOWEST_KMH:
        return
    slow = through & (told < SLOWEST_KMH)
    middle = f"{np.median(told[through]):.3g} km/h"
    yield Finding(
        "speeds_low",
        "roads",
        "doubtful",
        Text("干线公路速度过低，疑以 m/s 计", "Main roads are too slow: speeds may be in m/s"),
        Text(
            f"{int(slow.sum())} 段，中位数 {middle}", f"{int(slow.sum())} sections, median {middle}"
        ),
        Text(f"不低于 {SLOWEST_KMH:g} km/h", f"{SLOWEST_KMH:g} km/h and more"),
        Text("乘以 3.6 换算为 km/h 后重新导入", "multiply by 3.6 to have km/h, and import again"),
        **at(frame, slow),
    )


def speeds_class(county: County) -> Iterator[Finding]:
    """Tell speeds that no road of its class is driven at; main roads in m/s are told elsewhere."""
    frame = county.vector("roads").sort_index()
    if frame.empty:
        return
    told = frame["speed_kmh"].to_numpy(dtype=float)
    through = frame["class"].isin(THROUGH).to_numpy()
    if through.any() and np.median(told[through]) < SLOWEST_KMH:
        return
    bounds = np.array([SPEEDS_KMH[one] for one in frame["class"]])
    off = (told < bounds[:, 0]) | (told > bounds[:, 1])
    if off.any():
        row = int(np.flatnonzero(off)[0])
        kind = str(frame["class"].iloc[row])
        low, high = SPEEDS_KMH[kind]
        yield Finding(
            "speeds_class",
            "roads",
            "doubtful",
            Text("速度与道路等级不符", "Speeds do not go with road classes"),
            Text(
                f"{int(off.sum())} 段，如 {frame.index[row]}：{kind} {told[row]:g} km/h",
                f"{int(off.sum())} roads, such as {frame.index[row]}: {kind} {told[row]:g} km/h",
            ),
            Text(f"{kind}：{low:g} … {high:g} km/h", f"{kind}: {low:g} … {high:g} km/h"),
            Text("核对速度与等级字段", "check the columns of speeds and classes"),
            **at(frame, off),
        )


def unit(county: County) -> Iterator[Finding]:
    """Tell speeds that are tens of km/h in another unit and not in their own."""
    frame = county.vector("roads").sort_index()
    told = frame["speed_kmh"].to_numpy(dtype=float)
    kinds = np.unique(told)
    if len(kinds) < LEAST_KINDS or _tens(kinds, 1.0, 0.01).mean() > 1 - MOST:
        return
    for size, words in UNITS.items():
        if _tens(kinds, size, 0.51).mean() >= MOST:
            values = ", ".join(f"{one:.4g}" for one in kinds[-3:])
            yield Finding(
                "speeds_unit",
                "roads",
                "doubtful",
                Text(f"速度疑以{words.zh}计", f"Speeds may be in {words.en}"),
                Text(
                    f"如 {values}；乘以 {size:g} 均为整十",
                    f"such as {values}; times {size:g} they are tens",
                ),
                Text("单位 km/h", "in km/h"),
                Text(
                    f"乘以 {size:g} 换算为 km/h 后重新导入",
                    f"multiply by {size:g} to have km/h, and import again",
                ),
                **at(frame, np.ones(len(frame), dtype=bool)),
            )
            return


def _tens(speeds_kmh: NDArray[np.float64], size: float, most: float) -> NDArray[np.bool_]:
    """Say which speeds in a unit are within so much of it of a whole ten of km/h."""
    tens = np.maximum(np.round(speeds_kmh * size / 10), 1) * 10
    return np.abs(speeds_kmh - tens / size) <= most


INSPECTIONS = (
    Inspection("roads", speeds_low),
    Inspection("roads", speeds_class),
    Inspection("roads", unit),
)
