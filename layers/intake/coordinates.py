"""Which CRS a file's coordinates are in, and whether they can be in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.crs import WGS84, same, sister, transformer, zone_prefix_mixed
from geo.errors import CrsError, Problem
from geo.words import Text

GCJ02 = re.compile(r"gcj[-_ ]?0?2|火星", re.IGNORECASE)
BD09 = re.compile(r"bd[-_ ]?0?9", re.IGNORECASE)
OLD_DATUMS = re.compile(r"xian|beijing|西安|北京", re.IGNORECASE)
NAME_ONE = Text(
    "用 --crs EPSG:xxxx 说明（CGCS2000：经纬度 EPSG:4490，中央经线 120° 投影 EPSG:4549；"
    "WGS 84：EPSG:4326；高德：GCJ-02）",
    "name it with --crs EPSG:xxxx (CGCS2000: EPSG:4490 degrees, EPSG:4549 metres at 120° E; "
    "WGS 84: EPSG:4326; Amap: GCJ-02)",
)
CHINA_X, CHINA_Y = (73.0, 136.0), (3.0, 54.0)


@dataclass(frozen=True)
class Decision:
    """The CRS coordinates are in, what the user should know of it, and what forbids to go on."""

    crs: CRS | None
    warnings: tuple[Text, ...] = ()
    problems: tuple[Problem, ...] = ()


def named(text: str) -> CRS:
    """Give the CRS of a text such as `EPSG:4549`.

    Raises
    ------
    CrsError
        If there is none of that name.
    """
    if BD09.search(text):
        raise CrsError(
            Text(
                f"不支持 {text}；处理：由来源重新导出为 WGS 84",
                f"{text} is not supported; remedy: export it in WGS 84",
            )
        )
    try:
        crs = CRS.from_user_input(int(text) if text.isdigit() else text)
    except CRSError as error:
        raise CrsError(
            Text(
                f"没有坐标系 {text!r}；处理：{NAME_ONE.zh}",
                f"no CRS {text!r}; remedy: {NAME_ONE.en}",
            )
        ) from error
    return flat(crs)


def flat(crs: CRS) -> CRS:
    """Leave the vertical part of a CRS out."""
    if crs.is_compound:
        return crs.sub_crs_list[0]
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def decided(stated: CRS | None, wanted: str, *, implied: bool = False) -> Decision:
    """Decide which CRS coordinates are in.

    Parameters
    ----------
    stated
        What the file says, or None.
    wanted
        What the user says, or nothing; `GCJ-02` stands for degrees in WGS 84 that are shifted.
    implied
        The file says nothing itself, its format does (GeoJSON, KML: WGS 84).
    """
    if not wanted:
        if stated is None:
            unnamed = Text("文件未注明坐标系", "the file names none")
            return Decision(None, (), (Problem(field="CRS", found=unnamed, remedy=NAME_ONE),))
        crs = flat(stated)
        return Decision(crs, (), _old(crs))
    if GCJ02.search(wanted):
        if stated is not None and not stated.is_geographic:
            degrees = Text("GCJ-02 为经纬度", "GCJ-02: longitude and latitude")
            projected = Problem(field="CRS", found=f"{stated.name}", expected=degrees)
            return Decision(stated, (), (projected,))
        return Decision(WGS84)
    crs = named(wanted)
    if stated is None or implied or same(flat(stated), crs):
        return Decision(crs, (), _old(crs))
    warning = Text(
        f"文件注明 {stated.name}，--crs 为 {crs.name}，以 --crs 为准",
        f"the file says {stated.name}, --crs says {crs.name}: --crs is taken",
    )
    return Decision(crs, (warning,), _old(crs))


def _old(crs: CRS) -> tuple[Problem, ...]:
    """Refuse the old Chinese datums: no parameters are known, PROJ would apply none."""
    datum = crs.geodetic_crs.datum if crs.geodetic_crs is not None else None
    if crs.is_bound or datum is None or not OLD_DATUMS.search(f"{datum.name} {crs.name}"):
        return ()
    try:
        transformer(crs, 4490)
    except CrsError:
        remedy = Text("由测绘部门转换为 CGCS2000", "have the surveyors transform it to CGCS2000")
        return (Problem(field="CRS", found=crs.name, expected="CGCS2000 | WGS 84", remedy=remedy),)
    return ()


def faults(bounds: NDArray[np.float64], crs: CRS) -> list[Problem]:
    """Say what tells that coordinates are not in a CRS.

    Parameters
    ----------
    bounds
        West, south, east, north.
    crs
        The CRS they are said to be in.

    Examples
    --------
    >>> faults(np.array([119.2, 27.6, 119.9, 28.1]), CRS(4326))
    []
    >>> faults(np.array([420_000, 3_060_000, 500_000, 3_110_000]), CRS(4326))[0].found.en
    'metres, not degrees: 420000, 3060000 … 500000, 3110000'
    """
    if not np.isfinite(bounds).all():
        return []
    west, south, east, north = (float(value) for value in bounds)
    span = f"{west:.9g}, {south:.9g} … {east:.9g}, {north:.9g}"
    fault = _degree_fault(bounds, span) if crs.is_geographic else _metre_fault(bounds, span)
    if fault is not None:
        return [replace(fault, expected=crs.name)]
    easting = (west + east) / 2
    if zone_prefix_mixed(crs, easting):
        code = sister(crs, easting)
        named_one = Text("用 --crs 说明正确的坐标系", "name the right CRS by --crs")
        misfit = Text(f"带号或分带不符：{span}", f"the zone or its prefix does not fit: {span}")
        remedy = f"--crs EPSG:{code}" if code else named_one
        return [Problem(field="CRS", found=misfit, expected=crs.name, remedy=remedy)]
    return []


def _fault(found: Text, remedy: Text | str) -> Problem:
    return Problem(field="CRS", found=found, remedy=remedy)


def _degree_fault(bounds: NDArray[np.float64], span: str) -> Problem | None:
    west, south, east, north = bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return None
    swapped = (
        CHINA_Y[0] <= west <= east <= CHINA_Y[1] and CHINA_X[0] <= south <= north <= CHINA_X[1]
    )
    if swapped:
        found = Text(f"经纬度颠倒：{span}", f"latitude stands before longitude: {span}")
        return _fault(found, Text("交换两列", "swap them"))
    if max(abs(bounds)) > 1_000:
        return _fault(
            Text(f"单位是米，不是度：{span}", f"metres, not degrees: {span}"), "--crs EPSG:xxxx"
        )
    found = Text(f"经纬度超出范围：{span}", f"longitude or latitude out of range: {span}")
    if south >= -90 and north <= 90 and max(abs(west), abs(east)) <= 540:
        turned = Text(
            "越过日期变更线：经度加减 360°，使其在 ±180° 之内",
            "they go on over the date line: add or take 360° so that they lie within ±180°",
        )
        return _fault(found, turned)
    return _fault(found, Text("改正坐标", "correct them"))


def _metre_fault(bounds: NDArray[np.float64], span: str) -> Problem | None:
    west, south, east, north = bounds
    in_degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    if in_degrees and (west, south, east, north) != (0, 0, 0, 0):
        found = Text(f"单位是度，不是米：{span}", f"degrees, not metres: {span}")
        return _fault(found, "--crs EPSG:4490 | EPSG:4326")
    if west > 1_500_000 and east < 7_000_000 and south > 0 and north < 1_000_000:
        found = Text(f"纵横坐标颠倒：{span}", f"northing stands before easting: {span}")
        return _fault(found, Text("交换两列", "swap x and y"))
    return None
