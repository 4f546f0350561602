"""GeoPackages: one vector layer, feature by feature."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import FileError, Problem
from geo.words import Text, joined
from layers.intake.features import EXACT, Features
from layers.intake.gdal_words import heard, quoted
from layers.intake.wellknown import take_binary

ENVELOPES = (0, 32, 48, 48, 64, 0, 0, 0)  # bytes before the shape, by the mark in its head
ARCS = range(8, 13)  # CircularString to MultiSurface
LEAST = 13
UNNAMED = (-1, 0)  # numbers of no CRS in particular
UNKNOWN = ("Undefined", "undefined", "Unknown", "unknown")


def read_geopackage(path: Path, *, part: str = "") -> Features:
    """Read one vector layer of a GeoPackage.

    Parameters
    ----------
    path
        A local file.
    part
        Which layer; nothing for the only one.

    Raises
    ------
    FileError
        If it is damaged, has no vector layer, or has several and none is named.
    """
    # Where the name of a CRS is not in UTF-8, pyogrio stumbles with an UnboundLocalError.
    faults = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnboundLocalError)
    with heard() as words:
        try:
            name = _layer(path, part)
            meta, fids, shapes, _ = pyogrio.raw.read(path, layer=name, columns=[], return_fids=True)
            info = pyogrio.read_info(path, layer=name)
            table = pyogrio.read_dataframe(path, layer=name, read_geometry=False, fid_as_index=True)
        except faults as error:
            why = str(error).split(";")[0]
            raise FileError(
                Text(
                    f"{path}：无法读取，或没有矢量图层：{why}；处理：重新导出",
                    f"{path}: cannot be read, or has no vector layer: {why}; "
                    "remedy: export it again",
                )
            ) from error
    blobs = _blobs(path, name)
    shapes = [blobs.curved.get(int(fid), shape) for fid, shape in zip(fids, shapes, strict=True)]
    features = Features([], table.reindex(pd.Index(fids, dtype="int64")), _crs(meta["crs"]))
    if blobs.alien:
        features.warn(
            Text(
                f"{blobs.alien} 个图形自注的坐标系编号与图层不同，按图层读取",
                f"{blobs.alien} shapes name another CRS than their layer, whose is taken",
            )
        )
    for warning in quoted(words):
        features.warn(warning)
    _refuse_rounded(features, zip(info["fields"], info["dtypes"], strict=True))
    take_binary(features, shapes)
    return features


def _layer(path: Path, part: str) -> str:
    """Choose the layer to read; layers without shapes do not count."""
    names = [str(name) for name, shape in pyogrio.list_layers(path) if shape is not None]
    if not names:
        raise FileError(
            Text(
                f"{path}：没有矢量图层；处理：栅格请用 GeoTIFF",
                f"{path}: no vector layer; remedy: give rasters as GeoTIFF",
            )
        )
    if part in names:
        return part
    if part or len(names) > 1:
        several = Text("有多个图层", "several layers")
        why = Text(f"没有图层 {part}，现有", f"no layer {part}, there are") if part else several
        listed, option = joined(names), f"--part {names[0]}"
        raise FileError(
            Text(
                f"{path}：{why.zh}：{listed.zh}；处理：{option}",
                f"{path}: {why.en}: {listed.en}; remedy: {option}",
            )
        )
    return names[0]


def _refuse_rounded(features: Features, kinds: Iterable[tuple[str, str]]) -> None:
    """Name columns of long whole numbers that became floats, as they do beside missing values."""
    for name, kind in kinds:
        column = features.table[name]
        floats = pd.api.types.is_float_dtype(column)
        if kind.startswith("int") and floats and (column.abs() > EXACT).any():
            found = Text(
                "过长的整数会丢失位数", "whole numbers so long that they would lose digits"
            )
            remedy = Text("将字段改为文本", "make it a field of text")
            features.problems.append(Problem(field=name, found=found, remedy=remedy))


class _Blobs(NamedTuple):
    """Shapes that may hold arcs, in well-known binary by row, and how many name another CRS."""

    curved: dict[int, bytes]
    alien: int


def _blobs(path: Path, layer: str) -> _Blobs:
    """Look at shapes as they are stored: of arcs GDAL makes chords, and it does not say so."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base:
        try:
            columns = base.execute(
                "select column_name, srs_id from gpkg_geometry_columns where table_name = ?",
                [layer],
            ).fetchall()
            keys = [
                one[1] for one in base.execute(f"pragma table_info({_quoted(layer)})") if one[5]
            ]
            if len(columns) != 1 or len(keys) != 1:
                return _Blobs({}, 0)
            ((column, srs),) = columns
            names = f"{_quoted(keys[0])}, {_quoted(column)}"
            curved, alien = {}, 0
            for key, blob in base.execute(f"select {names} from {_quoted(layer)}"):  # noqa: S608 - quoted
                if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < LEAST:
                    continue
                alien += _srs(blob) not in {srs, *UNNAMED}
                if (raw := _with_arcs(blob)) is not None:
                    curved[key] = raw
        except (sqlite3.Error, OverflowError) as error:
            raise FileError(
                Text(
                    f"{path}：文件损坏：{error}；处理：重新导出",
                    f"{path}: the file is damaged: {error}; remedy: export it again",
                )
            ) from error
    return _Blobs(curved, alien)


def _srs(blob: bytes) -> int:
    """Give the number of the CRS that a blob of a GeoPackage names."""
    return int.from_bytes(blob[4:8], "little" if blob[3] & 1 else "big", signed=True)


def _quoted(name: str) -> str:
    """Write a name of SQL so that nothing in it is taken for SQL.

    >>> _quoted('a"b')
    '"a""b"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _with_arcs(blob: bytes) -> bytes | None:
    """Give the well-known binary in a blob of a GeoPackage if its kind may hold arcs."""
    raw = blob[8 + ENVELOPES[(blob[3] >> 1) & 7] :]
    if len(raw) < LEAST - 8:
        return None
    code = int.from_bytes(raw[1:5], "little" if raw[0] else "big")
    return raw if code % 1000 in ARCS else None


def _crs(text: str | None) -> CRS | None:
    try:
        crs = CRS.from_user_input(text) if text else None
    except CRSError:
        return None
    return None if crs is None or crs.name.startswith(UNKNOWN) else crs
