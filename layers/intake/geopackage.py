"""GeoPackages: one vector layer, feature by feature."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import FileError
from layers.intake.features import Features
from layers.intake.gdal_words import heard

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
            raise FileError(
                f"{path}: 无法读取，或没有矢量图层 cannot be read, or has no vector layer: "
                f"{str(error).split(';')[0]}; 处理 remedy: 重新导出 export it again"
            ) from error
    features = Features([], table.reindex(pd.Index(fids, dtype="int64")), _crs(meta["crs"]))
    for word in words:
        features.warn(word)
    features.decode(list(shapes))
    return features


def _layer(path: Path, part: str) -> str:
    """Choose the layer to read; layers without shapes do not count."""
    names = [str(name) for name, shape in pyogrio.list_layers(path) if shape is not None]
    if not names:
        raise FileError(
            f"{path}: 没有矢量图层 no vector layer; 处理 remedy: 栅格请用 give rasters as GeoTIFF"
        )
    if part in names:
        return part
    if part or len(names) > 1:
        raise FileError(
            f"{path}: {'没有图层 no layer ' + part if part else '有多个图层 several layers'}: "
            f"{', '.join(names)}; 处理 remedy: --part {names[0]}"
        )
    return names[0]


def _crs(text: str | None) -> CRS | None:
    try:
        crs = CRS.from_user_input(text) if text else None
    except CRSError:
        return None
    return None if crs is None or crs.name.startswith(UNKNOWN) else crs
