"""Shapefiles: shapes by GDAL, attributes by our own strict reader, the CRS from the .prj."""

from __future__ import annotations

import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import FileError, Problem
from geo.words import Text
from layers.decoding import decoded
from layers.intake.dbf import read_dbf
from layers.intake.features import Features
from layers.intake.gdal_words import heard, quoted
from layers.intake.wellknown import take_binary

MULTIPATCH = 31
BOX_SLACK = 0.01  # share of the extent by which the box of a header may be rounded
NEEDED = (".shp", ".shx")
COPY_IT = Text("一并复制", "copy it beside the .shp")


@dataclass(frozen=True)
class Shapes:
    """Shapes in well-known binary, and the number of the row each stands in."""

    rows: list[int]
    blobs: list[bytes | None]


def read_shapefile(path: Path, *, encoding: str = "") -> Features:
    """Read a Shapefile with its companions .shx, .dbf, .prj, .cpg, whatever case they are in.

    The encoding of text is what the .cpg says where that can be true, else strict UTF-8, else
    strict GB18030; what is unclear is refused.

    Parameters
    ----------
    path
        The .shp file.
    encoding
        What the user says the table is in.

    Raises
    ------
    FileError
        If companions are missing or the file is damaged.
    """
    beside = _companions(path)
    missing = [suffix for suffix in NEEDED if suffix not in beside]
    if missing:
        problems = [Problem(file=path.stem + suffix, remedy=COPY_IT) for suffix in missing]
        raise FileError(
            Text(f"{path}：Shapefile 不完整", f"{path}: files of the Shapefile are missing"),
            problems=problems,
        )
    features = Features([], pd.DataFrame())
    length = _check_header(path, features)
    count = _check_index(beside[".shx"], length, features)
    shapes = _shapes(path, beside[".shx"], features)
    _attributes(beside, shapes.rows, count, features, encoding)
    kept = set(features.table.index)
    pairs = zip(shapes.rows, shapes.blobs, strict=True)
    take_binary(features, [blob for row, blob in pairs if row in kept])
    _hold_box(path, features)
    if ".prj" in beside:
        features.crs = _prj(beside[".prj"])
    return features


def _shapes(path: Path, index: Path, features: Features) -> Shapes:
    """Let GDAL read the shapes alone: a .prj in GBK, a spatial index or a .cpg may mislead it."""
    with tempfile.TemporaryDirectory() as folder, heard() as words:
        plain = Path(folder, "shapes.shp")
        shutil.copyfile(path, plain)
        shutil.copyfile(index, plain.with_suffix(".shx"))
        try:
            _, fids, shapes, _ = pyogrio.raw.read(plain, columns=[], return_fids=True)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise FileError(
                Text(
                    f"{path}：无法读取：{error}；处理：重新导出",
                    f"{path}: cannot be read: {error}; remedy: export it again",
                )
            ) from error
    for warning in quoted(words):
        features.warn(warning)
    return Shapes([int(fid) + 1 for fid in fids], list(shapes))


def _companions(path: Path) -> dict[str, Path]:
    """Find the files of one name, by lower-case suffix; links are not followed."""
    return {
        one.suffix.lower(): one
        for one in sorted(path.parent.iterdir())
        if one.stem.lower() == path.stem.lower() and one.is_file() and not one.is_symlink()
    }


def _check_header(path: Path, features: Features) -> int:
    """Give the length that the .shp says it has."""
    with path.open("rb") as stream:
        header = stream.read(100)
    if len(header) < 100:
        raise FileError(
            Text(
                f"{path}：.shp 残缺；处理：重新复制",
                f"{path}: the file is cut short; remedy: copy it again",
            )
        )
    stated: int = struct.unpack(">i", header[24:28])[0] * 2
    kind: int = struct.unpack("<i", header[32:36])[0]
    if kind == MULTIPATCH:
        raise FileError(
            Text(
                f"{path}：不支持三维面片（multipatch）；处理：在 GIS 中转换为面",
                f"{path}: multipatch (3-D surfaces) is not supported; "
                "remedy: convert it to polygons in a GIS",
            )
        )
    size = path.stat().st_size
    if size < stated:
        raise FileError(
            Text(
                f"{path}：.shp 残缺：{size} 字节，文件头注明 {stated}；处理：重新复制",
                f"{path}: the file is cut short: {size} bytes, its header says {stated}; "
                "remedy: copy it again",
            )
        )
    if size > stated:
        features.warn(
            Text(
                f".shp 文件头注明 {stated} 字节，实有 {size}",
                f"the header of the .shp says {stated} bytes, there are {size}",
            )
        )
    return stated


def _hold_box(path: Path, features: Features) -> None:
    """Tell where shapes lie outside of the box that the header of the .shp names."""
    with path.open("rb") as stream:
        box = np.array(struct.unpack("<4d", stream.read(68)[36:]))
    shapes = np.array([*features.shapes, None], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    slack = BOX_SLACK * max(east - west, north - south, 1e-3)
    inside = (box[:2] <= [west + slack, south + slack]).all()
    if np.isfinite(west) and not (inside and (box[2:] >= [east - slack, north - slack]).all()):
        features.warn(
            Text(
                ".shp 文件头的范围与图形不符，未采用",
                "the box in the header of the .shp does not hold its shapes and is not used",
            )
        )


def _check_index(path: Path, stated: int, features: Features) -> int:
    """Give the number of shapes the .shx lists; warn when it does not account for the .shp."""
    raw = path.read_bytes()[100:]
    count = len(raw) // 8
    lengths = np.frombuffer(raw[: 8 * count], dtype=">i4").reshape(-1, 2)[:, 1]
    if lengths.sum(dtype=np.int64) * 2 + 8 * count + 100 < stated:
        features.warn(Text(".shx 未列出 .shp 的全部内容", "the .shx does not list all of the .shp"))
    return count


def _attributes(
    beside: dict[str, Path], rows: list[int], count: int, features: Features, encoding: str
) -> None:
    """Read the table and bring it into the order of the shapes; each has one record."""
    index = pd.Index(rows, dtype="int64")
    if ".dbf" not in beside:
        features.warn(Text("没有 .dbf，无属性表", "no .dbf: there are no attributes"))
        features.table = pd.DataFrame(index=index)
        return
    declared = ""
    if ".cpg" in beside:
        declared = beside[".cpg"].read_bytes()[:64].decode("latin-1").strip("\x00\r\n\t ï»¿")
    raw = beside[".dbf"].read_bytes()
    read_dbf(raw, features, declared=declared, encoding=encoding)
    records = int.from_bytes(raw[4:8], "little")
    if features.table.columns.empty:
        features.warn(Text("属性表没有字段", "the .dbf has no fields"))
        features.table = pd.DataFrame(index=index)
    elif records != count or len(rows) != count:
        name = beside[".dbf"].name
        raise FileError(
            Text(
                f"{name}：行数不符：{records} 条记录，{count} 个图形；处理：重新导出",
                f"{name}: {records} records, {count} shapes; remedy: export it again",
            )
        )


def _prj(path: Path) -> CRS:
    text = decoded(path.read_bytes()).text.strip()
    try:
        return CRS.from_wkt(text)
    except CRSError as error:
        raise FileError(
            Text(
                f"{path.name}：不是坐标系：{text[:40]!r}；"
                "处理：删除该文件，用 --crs EPSG:xxxx 说明",
                f"{path.name}: is no CRS: {text[:40]!r}; "
                "remedy: delete it and give --crs EPSG:xxxx",
            )
        ) from error
