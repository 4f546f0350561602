"""What a file is, told by its content and never by its name.

A `.tif`, `.shp` or `.geojson` may be a virtual data set that reads other files or addresses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

import shapely

from geo.errors import FileError, Problem
from geo.words import Text

GEOJSON = {"FeatureCollection", "Feature", "GeometryCollection"} | {
    many + shape for many in ("", "Multi") for shape in ("Point", "LineString", "Polygon")
}
GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")


def told_by_content(stream: BinaryIO) -> str:
    """Give the driver of a vector file: GPKG, ESRI Shapefile or GeoJSON.

    A plain SQLite file is no GeoPackage: its virtual tables could read other files.

    Raises
    ------
    FileError
        If the content is something else, such as a virtual data set, a web page or an archive.

    Examples
    --------
    >>> from io import BytesIO
    >>> told_by_content(BytesIO(b'{"type": "FeatureCollection", "features": []}'))
    'GeoJSON'
    """
    start = stream.read(512)
    if start.startswith(b"SQLite format 3\x00") and start[68:72] in GEOPACKAGES:
        return "GPKG"
    if start.startswith(b"\x00\x00\x27\x0a"):
        return "ESRI Shapefile"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{") and _is_geojson(start + stream.read()):
        return "GeoJSON"
    raise FileError(
        Text(
            f"不是 GeoPackage、Shapefile 或 GeoJSON：文件以 {start[:24]!r} 开头；"
            "处理：导出为 GeoPackage",
            f"not a GeoPackage, Shapefile or GeoJSON: it starts with {start[:24]!r}; remedy: "
            "export it as GeoPackage",
        )
    )


def unreadable(shapes: Iterable[bytes | None]) -> list[Problem]:
    """Name the features, counted from 1, whose shapes in well-known binary cannot be read.

    >>> [problem.row for problem in unreadable([None, shapely.to_wkb(shapely.Point(1, 2)), b"x"])]
    ['#3']
    """
    problems = []
    for number, shape in enumerate(shapes, 1):
        try:
            shapely.from_wkb(shape)
        except shapely.errors.ShapelyError as error:
            remedy = Text("在 GIS 中修复", "repair it in a GIS")
            problems.append(Problem(row=f"#{number}", found=str(error), remedy=remedy))
    return problems


def _is_geojson(content: bytes) -> bool:
    """Say whether a JSON object is a set of features and not a catalog that names other files."""
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileError(
            Text(
                f"JSON 有误：{error}；处理：重新导出",
                f"broken JSON: {error}; remedy: export it again",
            )
        ) from error
    kind = read.get("type")
    return isinstance(kind, str) and kind in GEOJSON and "stac_version" not in read
