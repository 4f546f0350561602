"""Features of an OpenStreetMap file, as GDAL's OSM driver reads `.osm.pbf` and `.osm`.

Each geometry is one pass over the file by SQL, in which the driver keeps nothing of the other
layers: read layer by layer without it, features of a large file pile up in memory. What does not
fit into memory the driver writes into a temporary folder, which is ours and goes away; left to
itself it would write into the working folder.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from geo.crs import WGS84, transformer
from geo.errors import FileError
from geo.files import gdal_options
from geo.words import Text
from layers.identify import plain_file
from layers.intake.features import Features
from layers.intake.grid import Bounds
from layers.intake.mending import mended

CONFIG = Path(__file__).with_name("osmconf.ini")
START = 4096
PBF = b"\x0a\x09OSMHeader"
VIRTUAL = (b"vrtdataset", b"ogrvrt")
MOST_NAMED = 10
WHERE = {
    "points": "place IS NOT NULL OR amenity IS NOT NULL OR healthcare IS NOT NULL",
    "lines": "highway IS NOT NULL OR waterway IS NOT NULL",
    "multipolygons": "boundary IS NOT NULL OR amenity IS NOT NULL OR healthcare IS NOT NULL "
    'OR "natural" IS NOT NULL OR landuse IS NOT NULL OR leisure IS NOT NULL',
}
"""What is read of each geometry."""


@dataclass(frozen=True, eq=False)
class Extract:
    """Features of an OpenStreetMap file around a county, in its CRS.

    Parameters
    ----------
    points, lines, polygons
        Frames indexed by the feature's id (`n`, `w`, `r` and the number) in its order, with a
        column `tags` of mappings. Shapes are whole, not cut.
    warnings
        What was left out or repaired.
    """

    points: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    polygons: gpd.GeoDataFrame
    warnings: tuple[Text, ...]


def is_osm(path: Path) -> bool:
    """Say whether a plain file is an OpenStreetMap one, by how it begins.

    A text that could be taken for a virtual data set, which reads other files, is none.
    """
    with path.open("rb") as stream:
        start = stream.read(START)
    if start[4:].startswith(PBF):
        return True
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    told = text.startswith(b"<") and b"<osm" in text
    return told and not any(mark in text for mark in VIRTUAL)


def extract(file: Path, crs: CRS, bounds: Bounds) -> Extract:
    """Read the features that touch bounds.

    Parameters
    ----------
    file
        `.osm.pbf` or `.osm`.
    crs
        The CRS to bring them into; its datum is WGS 84 or CGCS2000.
    bounds
        West, south, east, north in `crs`.

    Raises
    ------
    FileError
        If it is no such file, or is damaged.
    """
    path = plain_file(file)
    if not is_osm(path):
        raise FileError(Text(f"{file}：不是 OpenStreetMap 文件", f"{file}: not OpenStreetMap"))
    around = transformer(crs, WGS84).transform_bounds(*bounds)
    warnings: list[Text] = []
    read = {layer: _frame(path, layer, crs, around, warnings) for layer in WHERE}
    told = tuple(dict.fromkeys(warnings))
    return Extract(read["points"], read["lines"], read["multipolygons"], told)


def _frame(
    path: Path, layer: str, crs: CRS, around: Bounds, warnings: list[Text]
) -> gpd.GeoDataFrame:
    """Read one geometry, reprojected and repaired; what cannot be is named and left out."""
    features = _features(path, layer, around)
    if features.table.empty:
        none = pd.Index([], name="id", dtype=object)
        return gpd.GeoDataFrame({"tags": []}, geometry=[], index=none, crs=crs)
    done = mended(features, "", crs, implied=False)
    warnings += [*features.warnings, *done.warnings]
    ids = features.table["id"]
    lost = ids[~ids.index.isin(done.frame.index)]
    if len(lost):
        names = ", ".join(lost[:MOST_NAMED]) + (" …" if len(lost) > MOST_NAMED else "")
        warnings.append(
            Text(
                f"{len(lost)} 个要素的图形无法读取，未采用：{names}",
                f"{len(lost)} features without a readable shape left out: {names}",
            )
        )
    if len(done.ledger):
        count = done.ledger["row"].nunique()
        warnings.append(Text(f"修复了 {count} 个图形", f"{count} shapes repaired"))
    frame = done.frame if done.frame.crs == crs else done.frame.set_crs(crs, allow_override=True)
    return frame.set_index("id").sort_index()


def _features(path: Path, layer: str, around: Bounds) -> Features:
    """Read the features of one geometry with their tags."""
    sql = f"SELECT * FROM {layer} WHERE {WHERE[layer]}"  # noqa: S608 - constants of this file
    with tempfile.TemporaryDirectory() as folder, gdal_options(CPL_TMPDIR=folder), _told(path):
        found = pyogrio.raw.read(path, sql=sql, bbox=around, CONFIG_FILE=str(CONFIG))
    meta, _, shapes, columns = found
    cells = dict(zip(map(str, meta["fields"]), columns, strict=True))
    ids = list(_ids(layer, cells))
    own = [name for name in cells if name not in {"osm_id", "osm_way_id", "other_tags"}]
    tags = [
        {**json.loads(more or "{}"), **{k: v for k, v in zip(own, values, strict=True) if v}}
        for more, *values in zip(cells["other_tags"], *(cells[name] for name in own), strict=True)
    ]
    # In the order of ids, so that nothing depends on how a file was put together.
    order = sorted(range(len(ids)), key=lambda place: (ids[place][0], int(ids[place][1:])))
    table = pd.DataFrame(
        {"id": [ids[one] for one in order], "tags": [tags[one] for one in order]},
        index=np.arange(1, len(ids) + 1),
    )
    table = table[~table["id"].duplicated()]
    blobs = np.array([shapes[order[row - 1]] for row in table.index], dtype=object)
    # A shape that cannot be read, such as a ring of two points, is none.
    return Features(list(shapely.from_wkb(blobs, on_invalid="ignore")), table, WGS84)


def _ids(layer: str, cells: dict[str, np.ndarray]) -> Iterator[str]:
    """Give the ids: polygons are of ways or of relations."""
    if layer != "multipolygons":
        kind = "n" if layer == "points" else "w"
        yield from (f"{kind}{one}" for one in cells["osm_id"])
        return
    for relation, way in zip(cells["osm_id"], cells["osm_way_id"], strict=True):
        yield f"w{way}" if way is not None else f"r{relation}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Name the file in what GDAL says of it."""
    try:
        yield
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise FileError(
            Text(
                f"{path}：无法读取：{error}；处理：重新下载",
                f"{path}: cannot be read: {error}; remedy: get it again",
            )
        ) from error
