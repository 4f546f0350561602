"""GeoPackages: one vector layer, feature by feature."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import FileError
from geo.words import Text, joined
from layers.intake.features import Features
from layers.intake.gdal_words import heard, quoted

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
    features = Features([], table.reindex(pd.Index(fids, dtype="int64")), _crs(meta["crs"]))
    for warning in quoted(words):
        features.warn(warning)
    features.decode(list(shapes))
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


def _crs(text: str | None) -> CRS | None:
    try:
        crs = CRS.from_user_input(text) if text else None
    except CRSError:
        return None
    return None if crs is None or crs.name.startswith(UNKNOWN) else crs
