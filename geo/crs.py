"""Coordinate reference systems: required, compared, changed; and the shifted GCJ-02.

`to_crs` stands in two places only, on the way in and on the way out. PROJ applies nothing, without
a word, between Xian80 or Beijing54 and WGS 84 or CGCS2000, which leaves tens of metres: here such a
change is refused. CGCS2000 and WGS 84 are taken as one by design (centimetres to decimetres).
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

from geo.errors import CrsError

WGS84 = CRS(4326)
SAME_DATUM = (
    "World Geodetic System 1984",
    "World Geodetic System 1984 ensemble",
    "China 2000",
    "China Geodetic Coordinate System 2000",
)
"""Datums taken as one; the null transformation between them is by design."""

# Constants of the published GCJ-02 forward formula (ellipsoid Krasovsky 1940).
AXIS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323


def require_metric(crs: Any, *, what: str = "") -> CRS:
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
        If there is none, or its unit is not the metre.

    Examples
    --------
    >>> require_metric(4549).to_epsg()
    4549
    """
    if crs is None:
        raise CrsError(f"{what} 没有坐标系 has no CRS; 处理 remedy: --crs EPSG:4549")
    known = CRS(crs)
    units = {axis.unit_name for axis in known.axis_info[:2]}
    if not known.is_projected or units != {"metre"}:
        raise CrsError(
            f"{what} 坐标系须为米制投影 the CRS must be projected in metres: found {known.name} "
            f"({', '.join(sorted(units))}); 处理 remedy: reproject, for Jingning to EPSG:4549"
        )
    return known


def same(a: Any, b: Any) -> bool:
    """Say whether two CRSs are equal; both pass through pyproj, axis order aside.

    >>> same("EPSG:4549", 4549), same(4549, 4528)
    (True, False)
    """
    return CRS(a).equals(CRS(b), ignore_axis_order=True)


def require_same(a: Any, b: Any, *, what: str = "") -> None:
    """Refuse two CRSs that differ; nothing is reprojected on the quiet.

    Raises
    ------
    CrsError
        If they differ.
    """
    if not same(a, b):
        raise CrsError(
            f"{what} 坐标系不一致 the CRSs differ: {CRS(a).name} / {CRS(b).name}; "
            "处理 remedy: reproject on the way in"
        )


def transformer(source: Any, target: Any) -> Transformer:
    """Give a transformer with x before y, between equal datums or CGCS2000 and WGS 84 only.

    Raises
    ------
    CrsError
        If the datums differ otherwise: the shift is unknown and PROJ would apply none.
    """
    a, b = CRS(source), CRS(target)
    if not _one_datum(a, b):
        raise CrsError(
            f"基准面不同，缺少转换参数 datums differ and no parameters are known: {_datum(a)} → "
            f"{_datum(b)}; 处理 remedy: have the data transformed to CGCS2000 by the surveyors"
        )
    return Transformer.from_crs(a, b, always_xy=True)


def reproject(frame: gpd.GeoDataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Change a frame's CRS between datums that `transformer` allows.

    Raises
    ------
    CrsError
        If the frame has no CRS, or the datums differ.
    """
    if frame.crs is None:
        raise CrsError("没有坐标系 the frame has no CRS; 处理 remedy: --crs EPSG:xxxx")
    transformer(frame.crs, crs)
    return frame.to_crs(crs)


def zone_prefix_mixed(crs: Any, easting: float) -> bool:
    """Say whether an easting belongs to the sister CRS with (or without) the zone prefix.

    EPSG:4549 has eastings near 500,000; EPSG:4528 the same place near 40,500,000. Only projected
    CRSs with a false easting can be mixed up so.

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
    if not known.is_projected or known.coordinate_operation is None:
        return False
    params = known.coordinate_operation.params
    false_easting = next((float(p.value) for p in params if p.name == "False easting"), 0.0)
    return abs(easting - false_easting) > 1_000_000 and easting > 0


def gcj02_from_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Shift WGS 84 longitudes and latitudes (degrees) to GCJ-02, by the published formula.

    Meant for reading maps that are shifted; nothing is ever exported in GCJ-02.

    >>> [round(float(v), 6) for v in gcj02_from_wgs84(119.6332, 27.9861)]
    [119.637803, 27.982691]
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    east, north = _offsets_m(x - 105.0, y - 35.0)
    phi = np.radians(y)
    magic = 1 - ECCENTRICITY2 * np.sin(phi) ** 2
    d_lat = np.degrees(north / (AXIS_M * (1 - ECCENTRICITY2) / (magic * np.sqrt(magic))))
    d_lon = np.degrees(east / (AXIS_M / np.sqrt(magic) * np.cos(phi)))
    return x + d_lon, y + d_lat


def wgs84_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Undo `gcj02_from_wgs84` by fixed-point iteration, to well under a millimetre.

    >>> [round(float(v), 6) for v in wgs84_from_gcj02(119.637803, 27.982691)]
    [119.6332, 27.9861]
    """
    shifted_x, shifted_y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = shifted_x, shifted_y
    for _ in range(5):
        there_x, there_y = gcj02_from_wgs84(x, y)
        x, y = x + shifted_x - there_x, y + shifted_y - there_y
    return x, y


def _offsets_m(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the east and north offsets of the GCJ-02 formula, x and y from 105° E, 35° N."""
    root = np.sqrt(np.abs(x))
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        waves
        + 20 * np.sin(np.pi * x)
        + 40 * np.sin(np.pi * x / 3)
        + 150 * np.sin(np.pi * x / 12)
        + 300 * np.sin(np.pi * x / 30)
    ) * (2 / 3)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        waves
        + 20 * np.sin(np.pi * y)
        + 40 * np.sin(np.pi * y / 3)
        + 160 * np.sin(np.pi * y / 12)
        + 320 * np.sin(np.pi * y / 30)
    ) * (2 / 3)
    return east, north


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
