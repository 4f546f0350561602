"""Roads whose number, structure or level says something else than what they are.

Numbers begin with a letter of the class (GB/T 917-2017); of an expressway with that of the nation
or the province. Roads keep numbers and streets change classes: a tenth may differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import shapely

from geo.raster import sample
from geo.words import Text
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

LETTERS: Mapping[str, tuple[str, ...]] = {
    "G": ("national", "expressway"),
    "S": ("provincial", "expressway"),
    "X": ("county",),
    "Y": ("township",),
    "C": ("village",),
}
MOST_ALIEN = 0.1
"""Share of the numbered length that may bear the number of another class (closed)."""
MOST_BUILT = 0.5
"""Share of all length that bridges, or tunnels, may have (closed)."""
OFF_M, PLACES = 30.0, 11
"""How far the level of a road may lie beyond the ground along it, where half of them do."""


def numbers(county: County) -> Iterator[Finding]:
    """Tell roads whose number is that of another class."""
    frame = county.vector("roads").sort_index()
    if "ref" not in frame:
        return
    told = frame["ref"].astype(object).where(frame["ref"].notna(), "").astype(str)
    known, fits = np.zeros((2, len(frame)), dtype=bool)
    for letter, classes in LETTERS.items():
        there = told.str.contains(rf"(?:^|[;,/，；\s]){letter}\d").to_numpy(dtype=bool)
        known |= there
        fits |= there & frame["class"].isin(classes).to_numpy()
    wrong, length = known & ~fits, frame.length.to_numpy()
    if length[wrong].sum() > MOST_ALIEN * length[known].sum():
        row, count = int(np.flatnonzero(wrong)[0]), int(wrong.sum())
        first = f"{told.iloc[row]} {frame['class'].iloc[row]}"
        yield Finding(
            "numbers_class",
            "roads",
            "doubtful",
            Text("路线编号与道路等级不符", "Road numbers are those of other classes"),
            Text(f"{count} 段，如 {first}", f"{count} roads, such as {first}"),
            Text(
                "G 国道，S 省道，X 县道，Y 乡道，C 村道",
                "G national, S provincial, X county, Y township, C village",
            ),
            Text(
                "核对编号与等级是否属于同一路段",
                "see whether numbers and classes are of the same roads",
            ),
            **at(frame, wrong),
        )


def structures(county: County) -> Iterator[Finding]:
    """Tell roads most of which are said to be bridges, or tunnels."""
    frame = county.vector("roads").sort_index()
    if "structure" not in frame or frame.empty:
        return
    for one, title in (("bridge", Text("桥梁", "bridges")), ("tunnel", Text("隧道", "tunnels"))):
        built = frame["structure"].eq(one).to_numpy()
        share = float(frame.length[built].sum() / frame.length.sum())
        if share > MOST_BUILT:
            part = f"{100 * share:.3g} %"
            yield Finding(
                "structures",
                "roads",
                "doubtful",
                Text(f"道路多为{title.zh}", f"Most roads are {title.en}"),
                Text(f"占长度 {part}", f"{part} of the length"),
                Text(f"不超过 {100 * MOST_BUILT:g} %", f"at most {100 * MOST_BUILT:g} %"),
                Text("核对结构类型字段", "check the column of structures"),
                **at(frame, built),
            )


def levels(county: County) -> Iterator[Finding]:
    """Tell levels of roads on the ground that lie above or below all ground along them."""
    frame = county.vector("roads").sort_index()
    if "level_m" not in frame:
        return
    plain = frame["structure"].isin(["bridge", "tunnel"]) if "structure" in frame else False
    frame = frame[frame["level_m"].notna() & ~np.asarray(plain)]
    lines = np.array(frame.geometry.array, dtype=object)[:, None]
    spots = shapely.line_interpolate_point(lines, np.linspace(0, 1, PLACES), normalized=True)
    x, y = shapely.get_x(spots).ravel(), shapely.get_y(spots).ravel()
    ground = sample(county.raster("dem"), x, y, how="nearest").reshape(spots.shape)
    known = np.isfinite(ground).all(axis=1)
    frame, ground = frame[known], ground[known]
    told = frame["level_m"].to_numpy(dtype=float)
    if frame.empty:
        return
    off = np.maximum(ground.min(axis=1) - told, told - ground.max(axis=1))
    if np.median(off) > OFF_M:
        middle, count = f"{np.median(off):,.0f} m", int((off > OFF_M).sum())
        yield Finding(
            "levels_off",
            "roads",
            "doubtful",
            Text("路面高程与地形不符", "Levels of roads are not the terrain's"),
            Text(
                f"{len(frame)} 段中 {count} 段，中位数相差 {middle}",
                f"{count} of {len(frame)}, the median {middle} off",
            ),
            Text(f"半数以上相差不超过 {OFF_M:g} m", f"most within {OFF_M:g} m"),
            Text(
                "核对单位与高程基准，未知者留空", "check unit and datum, leave unknown ones empty"
            ),
            **at(frame, off > OFF_M),
        )


INSPECTIONS = (
    Inspection("roads", numbers),
    Inspection("roads", structures),
    Inspection("roads", levels, beside=("dem",)),
)
