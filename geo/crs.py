"""Coordinate reference systems: required, compared and changed.

`to_crs` stands in two places only, on the way in and on the way out. PROJ applies nothing, without
a word, between Xian80 or Beijing54 and WGS 84 or CGCS2000, which leaves tens of metres: here such a
change is refused. CGCS2000 and WGS 84 are taken as one by design (centimetres to decimetres).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.crs import BoundCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation
from pyproj.exceptions import CRSError

from geo.errors import CrsError, Problem
from geo.gcj02 import gcj02_from_wgs84, wgs84_from_gcj02
from geo.words import Text, joined

__all__ = [
    "WGS84",
    "check_easting",
    "gauss_krueger",
    "gcj02_from_wgs84",
    "reproject",
    "require_metric",
    "require_same",
    "require_survey",
    "same",
    "transformer",
    "wgs84_from_gcj02",
    "zone_prefix_mixed",
]

WGS84 = CRS(4326)
ZONED = "Transverse Mercator"
OF_THE_WORLD = (
    "Popular Visualisation Pseudo Mercator",
    "Mercator",
    "Equidistant Cylindrical",
    "Equirectangular",
    "Plate",
    "Miller",
)
"""How the names of projections begin whose metres are metres on the equator only."""
SAME_DATUM = (
    "World Geodetic System 1984",
    "World Geodetic System 1984 ensemble",
    "China 2000",
    "China Geodetic Coordinate System 2000",
)
"""Datums taken as one; the null transformation between them is by design."""


def require_metric(crs: Any, *, what: Text | str = "") -> CRS:
    """Give a CRS if it is projected in metres, and refuse it otherwise.

    Parameters
    ----------
    crs
        Anything pyproj understands, or None.
    what
        The thing it belongs to, named in the error.

    Raises
    ------
    CrsError
        If there is none, it is unknown, or its unit is not the metre.

    Examples
    --------
    >>> require_metric(4549).to_epsg()
    4549
    """
    if crs is None:
        raise _refused(
            what, Text("没有坐标系；处理：--crs EPSG:xxxx", "has no CRS; remedy: --crs EPSG:xxxx")
        )
    try:
        known = CRS(crs)
    except CRSError as error:  # what is meant, not what PROJ says of it
        named = repr(crs)[:80]
        raise _refused(
            what,
            Text(
                f"没有此坐标系：{named}；处理：例如 EPSG:4549",
                f"there is no such CRS: {named}; remedy: such as EPSG:4549",
            ),
        ) from error
    units = {axis.unit_name for axis in known.axis_info[:2]}
    if not known.is_projected or units != {"metre"}:
        here = f"{known.name} ({', '.join(sorted(units))})"
        raise _refused(
            what,
            Text(
                f"坐标系须为以米为单位的投影坐标系：发现 {here}；处理：转换到高斯—克吕格投影",
                f"the CRS must be projected in metres: found {here}; remedy: reproject, such as "
                "to Gauss-Krueger",
            ),
        )
    return known


def require_survey(crs: Any, *, what: Text | str = "") -> CRS:
    """Give a CRS if a county can be measured in it, and refuse it otherwise.

    Parameters
    ----------
    crs
        Anything pyproj understands, or None.
    what
        The thing it belongs to, named in the error.

    Raises
    ------
    CrsError
        If it is not projected in metres, or its metres are none away from the equator, as those of
        Web Mercator: at 28° N areas come out 29 % too large.

    Examples
    --------
    >>> require_survey(4549).to_epsg()
    4549
    """
    known = require_metric(crs, what=what)
    operation = known.coordinate_operation
    if operation is not None and operation.method_name.startswith(OF_THE_WORLD):
        raise _refused(
            what,
            Text(
                f"{known.name} 只在赤道上保持长度，面积随纬度放大；"
                "处理：改用高斯—克吕格投影（如 EPSG:4549）",
                f"{known.name} keeps lengths on the equator alone, areas grow with latitude; "
                "remedy: choose a Gauss-Krueger CRS (such as EPSG:4549)",
            ),
        )
    return known


def same(a: Any, b: Any) -> bool:
    """Say whether two CRSs are equal, whatever their names and the order of their axes.

    Both pass through pyproj. A .prj file of ArcGIS names the same CRS in other words.

    >>> same("EPSG:4549", 4549), same(4549, 4528)
    (True, False)
    >>> same(CRS(4549).to_wkt("WKT1_ESRI"), 4549)
    True
    """
    first, second = CRS(a), CRS(b)
    if first.equals(second, ignore_axis_order=True):
        return True
    plain = first.is_projected and second.is_projected
    if not plain or first.is_bound or second.is_bound:
        return False
    units = [{axis.unit_conversion_factor for axis in one.axis_info} for one in (first, second)]
    return bool(
        first.coordinate_operation == second.coordinate_operation
        and _datum(first) == _datum(second)
        and units[0] == units[1]
    )


def require_same(a: Any, b: Any, *, what: Text | str = "") -> None:
    """Refuse two CRSs that differ; nothing is reprojected on the quiet.

    Raises
    ------
    CrsError
        If they differ.
    """
    if not same(a, b):
        names = f"{CRS(a).name} / {CRS(b).name}"
        raise _refused(
            what,
            Text(
                f"坐标系不一致：{names}；处理：导入时转换",
                f"the CRSs differ: {names}; remedy: reproject on the way in",
            ),
        )


def _refused(what: Text | str, words: Text) -> CrsError:
    """Say what is wrong, and with what where that is known."""
    return CrsError(joined([what, words], " ", ": ") if what else words)


def transformer(
    source: Any, target: Any, *, towgs84: tuple[float, ...] | None = None
) -> Transformer:
    """Give a transformer with x before y, between equal datums or CGCS2000 and WGS 84 only.

    Parameters
    ----------
    source, target
        Anything pyproj understands.
    towgs84
        Three or seven parameters that carry the source's datum to WGS 84, as the surveyors know
        them (m, arc seconds, parts per million; position vector). They hold for a region; none
        are kept here. A source that states its own (+towgs84) is taken at its word.

    Raises
    ------
    CrsError
        If the datums differ otherwise: the shift is unknown and PROJ would apply none.

    Examples
    --------
    >>> x, y = transformer(4490, 4549).transform(120, 28)
    >>> round(x), round(y)
    (500000, 3098442)
    """
    a, b = CRS(source), CRS(target)
    if towgs84 is not None:
        a = _bound(a, towgs84)
    if a.is_bound:
        # PROJ forgets the parameters when the target is CGCS2000: tie that to WGS 84 by a null.
        return _kept(a, _bound(b, (0.0,) * 7))
    if not (a.equals(b) or _one_datum(a, b)):
        raise CrsError(
            Text(
                f"基准面不同，缺少转换参数：{_datum(a)} → {_datum(b)}；处理：给出参数（towgs84），"
                "或请测绘部门将数据转换到 CGCS2000",
                f"datums differ and no parameters are known: {_datum(a)} → {_datum(b)}; remedy: "
                "name the parameters (towgs84), or have the surveyors transform the data to "
                "CGCS2000",
            )
        )
    return _kept(a, b)


@lru_cache(maxsize=32)
def _kept(source: CRS, target: CRS) -> Transformer:
    """Give a transformer, kept because PROJ takes long to find one."""
    return Transformer.from_crs(source, target, always_xy=True)


def reproject(
    frame: gpd.GeoDataFrame, crs: Any, *, towgs84: tuple[float, ...] | None = None
) -> gpd.GeoDataFrame:
    """Change a frame's CRS between datums that `transformer` allows; heights stay as they are.

    Parameters
    ----------
    frame
        Shapes of any kind; missing and empty ones stay so.
    crs
        The CRS to give.
    towgs84
        See `transformer`.

    Raises
    ------
    CrsError
        If the frame has no CRS, the datums differ, or shapes lie where the CRS has no coordinates.
    """
    if frame.crs is None:
        raise CrsError(
            Text(
                "数据没有坐标系；处理：--crs EPSG:xxxx",
                "the frame has no CRS; remedy: --crs EPSG:xxxx",
            )
        )
    target = CRS(crs)
    change = transformer(frame.crs, target, towgs84=towgs84)
    shapes = np.array(frame.geometry.array, dtype=object)
    flat = ~shapely.has_z(shapes)
    xyz = shapely.get_coordinates(shapes, include_z=True)
    xyz[:, 0], xyz[:, 1] = change.transform(xyz[:, 0], xyz[:, 1])
    moved = shapely.set_coordinates(shapes, xyz)
    moved[flat] = shapely.force_2d(moved[flat])
    _refuse_lost(frame, moved, target)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=target))


def _refuse_lost(frame: gpd.GeoDataFrame, shapes: Any, target: CRS) -> None:
    """Refuse shapes that have got coordinates that are no numbers."""
    there = ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    lost = there & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if lost.any():
        problems = [Problem(row=str(label)) for label in frame.index[lost][:20]]
        raise CrsError(
            Text(
                f"{int(lost.sum())} 个图形超出 {target.name} 的适用范围；"
                "处理：核对坐标系，以及 x 是否在 y 之前",
                f"{int(lost.sum())} shapes lie outside of where {target.name} has coordinates; "
                "remedy: check the CRS, and that x stands before y",
            ),
            problems=problems,
        )


def zone_prefix_mixed(crs: Any, easting: float) -> bool:
    """Say whether an easting belongs to the sister CRS with (or without) the zone prefix.

    EPSG:4549 has eastings near 500,000; EPSG:4528 the same place near 40,500,000. Only Transverse
    Mercator (Gauss-Krueger, UTM) has such zones; in all of them eastings without prefix lie between
    100 and 900 km. Other numbers, such as those of a made-up place, are not of another zone.

    Parameters
    ----------
    crs
        What the data are said to be in.
    easting
        A typical x of the data, m.

    Examples
    --------
    >>> zone_prefix_mixed(4549, 40_512_000), zone_prefix_mixed(4549, 512_000)
    (True, False)
    """
    known = CRS(crs)
    operation = known.coordinate_operation
    if not known.is_projected or operation is None or operation.method_name != ZONED:
        return False
    prefix, rest = divmod(easting, 1_000_000)
    return bool(prefix != _false_easting(known) // 1_000_000 and 100_000 <= rest <= 900_000)


def check_easting(frame: gpd.GeoDataFrame) -> None:
    """Refuse a frame whose eastings carry a zone prefix that its CRS lacks, or the other way.

    Raises
    ------
    CrsError
        Naming the CGCS2000 CRS that fits the eastings, where there is one.
    """
    shapes = frame.geometry[~(frame.geometry.is_empty | frame.geometry.isna())]
    if frame.crs is None or len(shapes) == 0:
        return
    bounds = shapes.total_bounds
    easting = float(bounds[0] + bounds[2]) / 2
    if zone_prefix_mixed(frame.crs, easting):
        fits = sister(frame.crs, easting)
        middle = _false_easting(CRS(frame.crs))
        name, right = CRS(frame.crs).name, f"EPSG:{fits}"
        raise CrsError(
            Text(
                f"带号不符：{name} 的横坐标在 {middle:,.0f} m 附近，发现 {easting:,.0f} m；"
                f"处理：改为{f' {right}' if fits else '横坐标所属的坐标系'}",
                f"the zone prefix does not fit: {name} has eastings near {middle:,.0f} m; found "
                f"{easting:,.0f} m; remedy: assign "
                + (right if fits else "the CRS that the eastings belong to"),
            )
        )


def sister(crs: Any, easting: float) -> int | None:
    """Give the EPSG code of the CGCS2000 Gauss-Krueger CRS that an easting belongs to.

    EPSG:4513-4533 are the 3-degree zones 25-45 with prefix, 4534-4554 the same without; 4491-4501
    are the 6-degree zones 13-23 with prefix, 4502-4512 the same without.

    Parameters
    ----------
    crs
        The CRS the data are said to be in.
    easting
        A typical x of the data, m.

    Returns
    -------
    int or None
        None when the data's CRS is none of these, or no zone has such an easting.

    Examples
    --------
    >>> sister(4549, 40_512_000), sister(4528, 512_000), sister(4549, 39_400_000)
    (4528, 4549, 4527)
    """
    code = next((c for c in range(4491, 4555) if same(c, crs)), 0)
    zone = int(easting // 1_000_000)
    if 4513 <= code <= 4554:
        return 4488 + zone if 25 <= zone <= 45 else code + 21 if zone == 0 and code < 4534 else None
    if 4491 <= code <= 4512:
        return 4478 + zone if 13 <= zone <= 23 else code + 11 if zone == 0 and code < 4502 else None
    return None


def gauss_krueger(longitude: float) -> CRS:
    """Give the CGCS2000 3-degree Gauss-Krueger CRS, without zone prefix, of a longitude.

    EPSG:4534 to 4554 have their central meridians at 75, 78 … 135 degrees east. A longitude midway
    between two of them belongs to the eastern one.

    Parameters
    ----------
    longitude
        Degrees east, such as the middle of a county.

    Raises
    ------
    CrsError
        If it is not from 73.5 up to, but without, 136.5 degrees: none of these zones has it.

    Examples
    --------
    >>> [gauss_krueger(longitude).to_epsg() for longitude in (73.5, 118.49, 118.5, 119.6, 135)]
    [4534, 4548, 4549, 4549, 4554]
    """
    zone = math.floor((longitude + 1.5) / 3)
    if not 25 <= zone <= 45:
        raise CrsError(
            Text(
                f"东经 {longitude:.4f}° 不在 CGCS2000 三度带（75°–135°）内；处理：--crs EPSG:xxxx",
                f"{longitude:.4f} degrees east lies in none of the 3-degree zones of CGCS2000 "
                "(75 to 135); remedy: --crs EPSG:xxxx",
            )
        )
    return CRS(4509 + zone)


def _false_easting(crs: CRS) -> float:
    """Give the false easting of a projected CRS, m; 0 when it has none."""
    params = crs.coordinate_operation.params if crs.coordinate_operation else ()
    return next((float(p.value) for p in params if p.name == "False easting"), 0.0)


def _bound(crs: CRS, towgs84: tuple[float, ...]) -> CRS:
    """Tie a CRS to WGS 84 by three or seven parameters."""
    if len(towgs84) not in {3, 7}:
        raise CrsError(
            Text(
                f"转换参数须为 3 个或 7 个：发现 {len(towgs84)} 个",
                f"three or seven parameters: found {len(towgs84)}",
            )
        )
    seven = (*towgs84, *(0.0,) * (7 - len(towgs84)))
    shift = ToWGS84Transformation(crs.geodetic_crs, *seven)
    return BoundCRS(source_crs=crs, target_crs=WGS84, transformation=shift)


def _datum(crs: CRS) -> str:
    """Name the datum of a CRS."""
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return crs.name
    return str(geodetic.datum.name)


def _one_datum(a: CRS, b: CRS) -> bool:
    """Say whether the null transformation between two CRSs is right by design."""
    first, second = _datum(a), _datum(b)
    return first == second or (first in SAME_DATUM and second in SAME_DATUM)
