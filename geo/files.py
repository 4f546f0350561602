"""Reading and writing files: atomic, driver named, same bytes for the same input."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.io import MemoryFile

from geo.errors import FileError, GridError
from geo.grid import Grid
from geo.raster import Raster

SQLITE = b"SQLite format 3\x00"
# GeoPackages carry the day of their making; a fixed one makes equal content equal bytes.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
NODATA_INT16 = -32768


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block ends well.

    The content is flushed to disk before the rename and the folder after it; when the block fails,
    or the process is killed, or the disk is full, what stood at `path` stays.

    Parameters
    ----------
    path
        Where the file shall stand; its folder is made when missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        temporary.unlink()  # some writers refuse a file that is there
        yield temporary
        temporary.chmod(0o644)
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    finally:
        for rest in path.parent.glob(f"{temporary.name}*"):
            rest.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Push a file, or on systems that allow it a folder, to the disk."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes atomically."""
    with atomic(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str, *, encoding: str = "utf-8") -> None:
    """Write text atomically, line ends as they are."""
    write_bytes(path, content.encode(encoding))


def write_layers(frames: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write frames as layers of one GeoPackage 1.2; same frames, same bytes.

    The frames' indexes are not written: make an identity a column first.

    Parameters
    ----------
    frames
        Frames by layer name, each with a CRS.
    path
        Where the GeoPackage shall stand.
    """
    options = {"OGR_CURRENT_DATE": FIXED_DATE, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        with atomic(path) as temporary:
            for place, (layer, frame) in enumerate(frames.items()):
                frame.to_file(
                    temporary,
                    layer=layer,
                    driver="GPKG",
                    engine="pyogrio",
                    index=False,
                    mode="a" if place else "w",
                    VERSION="1.2",
                )
    finally:
        pyogrio.set_gdal_config_options(before)


def write_vector(frame: gpd.GeoDataFrame, path: Path, *, layer: str) -> None:
    """Write one frame as a GeoPackage 1.2 with one layer; see `write_layers`."""
    write_layers({layer: frame}, path)


def read_vector(path: Path, *, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read one layer of a GeoPackage, known by its content and not by its name.

    Raises
    ------
    FileError
        If there is no such file, it is not a GeoPackage, or it cannot be read.
    """
    if not path.is_file():
        raise FileError(f"{path}: 没有此文件 no such file")
    with path.open("rb") as stream:
        if stream.read(len(SQLITE)) != SQLITE:
            raise FileError(f"{path}: 不是 GeoPackage not a GeoPackage; 处理 remedy: import it")
    try:
        frame: gpd.GeoDataFrame = gpd.read_file(path, layer=layer, engine="pyogrio")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise FileError(f"{path}: 无法读取 cannot be read: {error}") from error
    return frame


def write_raster(raster: Raster, path: Path, *, scale: float | None = None) -> None:
    """Write a cloud-optimised GeoTIFF with overviews; same raster, same bytes.

    Parameters
    ----------
    raster
        What to write.
    path
        Where the file shall stand.
    scale
        For floating values: store them as 16-bit integers times this unit (0.1 for heights in
        decimetres), which readers undo; the values must fit. Without it they stay as they are.

    Raises
    ------
    GridError
        If scaled values do not fit 16 bits.
    """
    values, nodata = _stored(raster, scale)
    rows, columns = raster.grid.shape
    profile = {
        "width": columns,
        "height": rows,
        "count": 1,
        "dtype": values.dtype,
        "crs": rasterio.CRS.from_wkt(raster.grid.crs.to_wkt("WKT2_2019")),
        "transform": raster.grid.transform,
        "nodata": nodata,
    }
    resampling = "AVERAGE" if np.issubdtype(raster.values.dtype, np.floating) else "NEAREST"
    predictor = "YES" if values.dtype.itemsize > 1 else "NO"
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", **profile) as plain:
            plain.write(values, 1)
            if scale is not None:
                plain.scales = (scale,)
        with atomic(path) as temporary, memory.open() as plain:
            rasterio.shutil.copy(
                plain,
                str(temporary),
                driver="COG",
                compress="DEFLATE",
                level=9,
                predictor=predictor,
                resampling=resampling,
                num_threads=1,
            )


def _stored(raster: Raster, scale: float | None) -> tuple[NDArray[np.generic], float | None]:
    """Give the values as they are stored, and what marks no data among them."""
    if scale is None:
        if raster.values.dtype == np.bool_:
            return raster.values.astype(np.uint8), raster.nodata
        floating = np.issubdtype(raster.values.dtype, np.floating)
        return raster.values, float("nan") if floating else raster.nodata
    steps = np.round(raster.values.astype(np.float64) / scale)
    if np.nanmax(np.abs(steps), initial=0) > np.iinfo(np.int16).max:
        raise GridError(f"数值超出 16 位 values do not fit 16 bits at a scale of {scale}")
    return np.where(np.isnan(steps), NODATA_INT16, steps).astype(np.int16), NODATA_INT16


def read_raster(path: Path) -> Raster:
    """Read a one-band GeoTIFF; scale and offset are applied, floating no data becomes NaN.

    Scaled integers come back as 32-bit floats.

    Raises
    ------
    FileError
        If it is no GeoTIFF, or is damaged.
    GridError
        If it has several bands, complex values, a rotated grid or no CRS.
    """
    if not path.is_file():
        raise FileError(f"{path}: 没有此文件 no such file")
    try:
        with rasterio.open(path, driver="GTiff") as source:
            if source.count != 1 or np.issubdtype(source.dtypes[0], np.complexfloating):
                raise GridError(
                    f"{path}: 应为单波段实数 one real band expected: found {source.count} × "
                    f"{source.dtypes[0]}; 处理 remedy: extract one band"
                )
            if source.crs is None:
                raise GridError(f"{path}: 没有坐标系 no CRS; 处理 remedy: import it with --crs")
            grid = Grid(source.shape, source.transform, CRS.from_wkt(source.crs.to_wkt()))
            return _read_values(source.read(1), grid, source)
    except rasterio.errors.RasterioError as error:
        raise FileError(f"{path}: 无法读取 cannot be read: {error}") from error


def _read_values(values: NDArray[np.generic], grid: Grid, source: rasterio.DatasetReader) -> Raster:
    """Undo scale and offset and mark what has no data."""
    nodata, scale, offset = source.nodata, source.scales[0], source.offsets[0]
    missing = np.zeros(values.shape, bool) if nodata is None else values == nodata
    if (scale, offset) != (1.0, 0.0):
        values = (values.astype(np.float64) * scale + offset).astype(np.float32)
    if np.issubdtype(values.dtype, np.floating):
        return Raster(np.where(missing, np.float32("nan"), values).astype(values.dtype), grid)
    return Raster(values, grid, None if nodata is None else int(nodata))
