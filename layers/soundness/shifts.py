"""Whole layers that lie off the others, by how much, which way, and what the shift is like.

Which of two layers is off is told by the others: the layer is named that explains most of what
differs and agrees with least (`blamed`). Where two stand alone, both are named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from pyproj import CRS

from geo.words import Text, joined
from layers.catalog import CATALOG
from layers.county import County
from layers.intake.shifted import gcj02_offset
from layers.soundness.finding import Finding, Inspection
from layers.soundness.fits import LAYERS, Fit, fits

LIKE = 0.25
"""A shift is like a known one when off by less than this share of it."""
UTM_SCALE = 0.9996
DIRECTIONS = (
    Text("北", "north"),
    Text("东北", "north-east"),
    Text("东", "east"),
    Text("东南", "south-east"),
    Text("南", "south"),
    Text("西南", "south-west"),
    Text("西", "west"),
    Text("西北", "north-west"),
)


class Shift(NamedTuple):
    """A layer that lies off others, in metres: the fits that say so, and whether they are alone."""

    layer: str
    east_m: float
    north_m: float
    fits: tuple[Fit, ...]
    alone: bool

    @property
    def length_m(self) -> float:
        """How far."""
        return math.hypot(self.east_m, self.north_m)


def blamed(found: Sequence[Fit]) -> Iterator[Shift]:
    """Give the layers whose shifts explain where fits differ, the one that explains most first.

    Parameters
    ----------
    found
        Fits between layers, each sharp.

    Returns
    -------
    iterator of Shift
        A layer's merit is the number of its fits that differ by the same shift less those that
        agree. Of equal merit, the layer that comes first in `LAYERS`.
    """
    left = list(found)
    while any(fit.differs for fit in left):
        shifts = [one for layer in LAYERS for one in _explained(layer, left)]
        best = max(shifts, key=lambda one: _merit(one, left))
        yield best._replace(alone=len(_of(best.layer, found)) == 1 and _rival(best, found))
        left = [fit for fit in left if best.layer not in (fit.layer, fit.other)]


def _of(layer: str, found: Sequence[Fit]) -> list[Fit]:
    return [fit for fit in found if layer in (fit.layer, fit.other)]


def _off(fit: Fit, layer: str) -> tuple[float, float]:
    """Give how far a layer lies off if the other of a fit does not."""
    sign = 1 if layer == fit.layer else -1
    return sign * fit.off.east_m, sign * fit.off.north_m


def _explained(layer: str, found: Sequence[Fit]) -> Iterator[Shift]:
    """Give the shift of a layer that most of its fits tell."""
    differing = [fit for fit in _of(layer, found) if fit.differs]
    if not differing:
        return
    groups = [
        [
            fit
            for fit in differing
            if math.dist(_off(fit, layer), _off(one, layer)) <= max(fit.tolerance_m, 100.0)
        ]
        for one in differing
    ]
    alike = max(groups, key=len)
    east, north = np.median([_off(fit, layer) for fit in alike], axis=0)
    yield Shift(layer, float(east), float(north), tuple(alike), alone=False)


def _merit(shift: Shift, found: Sequence[Fit]) -> int:
    return len(shift.fits) - sum(not fit.differs for fit in _of(shift.layer, found))


def _rival(shift: Shift, found: Sequence[Fit]) -> bool:
    """Say whether the other layer of a single fit might be off as well."""
    [fit] = shift.fits
    other = fit.other if shift.layer == fit.layer else fit.layer
    return len(_of(other, found)) == 1


def shifted(county: County, layer: str) -> Iterator[Finding]:
    """Tell that a layer lies off the others as a whole."""
    for shift in blamed(fits(county)):
        if shift.layer == layer:
            yield _finding(county, shift)


def _finding(county: County, shift: Shift) -> Finding:
    title = CATALOG[shift.layer].title
    others = [fit.other if fit.layer == shift.layer else fit.layer for fit in shift.fits]
    held = joined([CATALOG[one].title for one in dict.fromkeys(others)], "、", " and ")
    known = _known(county, shift)
    which = (
        Text("；两者之中何者偏移无从判断", "; which of the two is off cannot be told")
        if shift.alone
        else Text("", "")
    )
    moved = _words(shift)
    allowed = f"{max(fit.tolerance_m for fit in shift.fits):g} m"
    like = known[0] if known else Text("", "")
    return Finding(
        "shifted",
        shift.layer,
        "doubtful",
        Text(f"{title.zh}整体偏移", f"The {title.en} as a whole lie off"),
        Text(
            f"相对{held.zh}{moved.zh}{like.zh}{which.zh}",
            f"{moved.en} of {held.en}{like.en}{which.en}",
        ),
        Text(f"按数据质量不超过 {allowed}", f"at most {allowed}, by the quality of the layers"),
        known[1] if known else Text("核对来源的坐标系", "check the CRS of where it comes from"),
    )


def _words(shift: Shift) -> Text:
    """Give length, direction and parts of a shift.

    >>> _words(Shift("roads", 450.0, -380.0, (), alone=False)).en
    'about 590 m south-east (+450 m E, -380 m N)'
    """
    turn = math.degrees(math.atan2(shift.east_m, shift.north_m)) % 360
    way = DIRECTIONS[round(turn / 45) % 8]
    length, east, north = (round(v, -1) for v in (shift.length_m, shift.east_m, shift.north_m))
    return Text(
        f"向{way.zh}偏约 {length:.0f} m（东 {east:+.0f} m，北 {north:+.0f} m）",
        f"about {length:.0f} m {way.en} ({east:+.0f} m E, {north:+.0f} m N)",
    )


def _known(county: County, shift: Shift) -> tuple[Text, Text] | None:
    """Give what a shift is like, and what to do about it, where it is like a known one."""
    x, y = _middle(county)
    gcj = gcj02_offset(x, y, CRS(county.crs))
    utm = (-(x - 500_000) * (1 - UTM_SCALE), -y * (1 - UTM_SCALE))
    again = Text(
        f"确认后重新导入：jingning layers import … --as {shift.layer} --crs GCJ-02",
        f"if it is, import again: jingning layers import … --as {shift.layer} --crs GCJ-02",
    )
    choices = (
        (gcj, Text("，疑为 GCJ-02（高德）", "; it looks like GCJ-02, as Amap has it"), again),
        (
            (-gcj[0], -gcj[1]),
            Text("，疑为 GCJ-02 偏移被改正了两次", "; as if the shift of GCJ-02 was undone twice"),
            Text("用未改正的原始文件重新导入", "import the file as it was before"),
        ),
        (
            utm,
            Text("，疑为 UTM 坐标当作高斯—克吕格", "; it looks like UTM taken for Gauss-Krueger"),
            Text("用 --crs 说明 UTM 坐标系后重新导入", "import again and say the UTM CRS by --crs"),
        ),
    )
    for offset, words, remedy in choices:
        if math.dist(offset, (shift.east_m, shift.north_m)) <= LIKE * math.hypot(*offset):
            return words, remedy
    return None


def _middle(county: County) -> tuple[float, float]:
    """Give the middle of a county by its outline, or by any layer that is there."""
    name = next(one for one in reversed(LAYERS) if one in county)
    if name == "dem":
        west, south, east, north = county.raster(name).grid.bounds
    else:
        west, south, east, north = county.vector(name).total_bounds
    return (west + east) / 2, (south + north) / 2


INSPECTIONS = tuple(
    Inspection(
        one, partial(shifted, layer=one), also=tuple(other for other in LAYERS if other != one)
    )
    for one in LAYERS
)
