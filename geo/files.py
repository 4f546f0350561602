"""Reading and writing files: atomic, driver named, same bytes for the same input.

What a file is, is told by its content and never by its name: a `.tif`, `.shp` or `.geojson` may be
a virtual data set that reads other files or addresses. Only local files are opened.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import rasterio.shutil
import shapely
from pyproj import CRS
from rasterio.io import MemoryFile

from geo.errors import FileError, GridError, LimitError, PlanningError, Problem
from geo.formats import told_by_content, unreadable
from geo.packing import packed, unpacked
from geo.raster import Raster
from geo.words import Text, joined

# GeoPackages carry the day of their making; a fixed one makes equal content equal bytes.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
NO_FILE = Text("没有此文件", "no such file")
LOSSES = ("NULL geometry", "converted correctly")  # in GDAL's warnings
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
ROOM = 1_000_000  # bytes; with less left, whatever failed failed for want of room
DRAFT = re.compile(r"\..*-(\d+)-[^-]*\.part(\..*)?")
"""A temporary name of `atomic`, with the number of the process that writes it."""
FLUSHERS = 8  # threads: a journal that is asked by several writes once
_LATER = ContextVar("_LATER", default=False)


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block ends well.

    The content is flushed to disk before the rename and the folder after it; when the block fails,
    or the process is killed, or the disk is full, what stood at `path` stays. What a killed process
    leaves is hidden and ends in `.part`, or in `.part.gpkg` for a GeoPackage, whose driver asks for
    its own ending; `swept` clears it away.

    Parameters
    ----------
    path
        Where the file shall stand; its folder is made when missing.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic(Path(folder, "a.txt")) as temporary:
    ...         _ = temporary.write_text("whole")
    ...     os.listdir(folder)
    ['a.txt']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    ending = ".part.gpkg" if path.suffix == ".gpkg" else ".part"
    prefix = f".{path.stem}-{os.getpid()}-"
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=ending, dir=path.parent)
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
        for rest in path.parent.iterdir():
            if rest.name.startswith(temporary.name):
                rest.unlink(missing_ok=True)


@contextmanager
def unflushed() -> Iterator[None]:
    """Let `atomic` push nothing to the disk in this block; `flush_all` does it for many files."""
    token = _LATER.set(True)
    try:
        yield
    finally:
        _LATER.reset(token)


def flush_all(folder: Path) -> None:
    """Push all that is in a folder to the disk at once, which is faster than one by one."""
    if _LATER.get():
        return
    with ThreadPoolExecutor(FLUSHERS) as pool:
        list(pool.map(_flush, (folder, *folder.rglob("*"))))


def swept(folder: Path) -> None:
    """Clear away what `atomic` left in a folder in processes that were killed, and folders alike.

    Files of a process that lives stay, also of one that has got the number of a dead one.
    """
    for path in folder.glob(".*.part*"):
        told = DRAFT.fullmatch(path.name)
        if told and not _alive(int(told[1])):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    """Say whether a process runs; Windows does not tell, so there all do."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def whole(place: Path) -> Iterator[None]:
    """Say in plain words that files could not be written whole: a limit, not a mistake.

    Parameters
    ----------
    place
        The folder they are written into, which is named.

    Raises
    ------
    LimitError
        If the disk is full, a quota or the size a file may have is reached, or what was written
        cannot be read, for GDAL does not always tell.
    """
    try:
        yield
    except FileError as error:
        words = Text(
            f"{place}：无法完整写出，磁盘可能已满：{error.said('zh')}",
            f"{place}: cannot be written whole, the disk may be full: {error}",
        )
        raise LimitError(words) from error
    except PlanningError:
        raise
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in NO_ROOM
        if not full and shutil.disk_usage(place).free >= ROOM:
            raise
        words = Text(f"{place}：磁盘已满或超出限额：{error}", f"{place}: no room left: {error}")
        raise LimitError(words) from error


def _flush(path: Path) -> None:
    """Push a file, or on systems that allow it a folder, to the disk; nothing if `unflushed`."""
    if _LATER.get() or (path.is_dir() and os.name == "nt"):
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

    Raises
    ------
    FileError
        If a frame has no CRS, cannot be stored as it is, or the disk is full.
    """
    fixed = gdal_options(OGR_CURRENT_DATE=FIXED_DATE, OGR_SQLITE_SYNCHRONOUS="OFF")
    with fixed, atomic(path) as temporary:
        for layer, frame in frames.items():
            _write_layer(frame, temporary, layer)


def _write_layer(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write one more layer into a GeoPackage."""
    if frame.crs is None:
        raise _refused(
            layer,
            Text(
                "没有坐标系；处理：先设定数据的坐标系", "no CRS; remedy: set the frame's CRS first"
            ),
        )
    fresh = not path.exists()
    columns = {str(name).lower() for name in frame.columns}
    try:
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer,
            driver="GPKG",
            append=not fresh,
            dataset_options={"VERSION": "1.2"} if fresh else None,
            layer_options={"FID": _free("fid", columns), "GEOMETRY_NAME": _free("geom", columns)},
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        words = Text(f"无法写入：{error}", f"cannot be written: {error}")
        raise _refused(f"{path}: {layer}", words) from error


def _free(name: str, taken: set[str]) -> str:
    """Give a name no column has: a column called fid would silently become the feature number.

    >>> _free("fid", {"fid", "geom"})
    'fid_'
    """
    while name in taken:
        name += "_"
    return name


@contextmanager
def gdal_options(**options: str) -> Iterator[None]:
    """Set options of pyogrio's GDAL, which are global, and put back what was there."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def write_vector(frame: gpd.GeoDataFrame, path: Path, *, layer: str) -> None:
    """Write one frame as a GeoPackage 1.2 with one layer; see `write_layers`."""
    write_layers({layer: frame}, path)


def vector_driver(path: Path) -> str:
    """Tell from a file's content which driver reads it: GPKG, ESRI Shapefile or GeoJSON.

    Raises
    ------
    FileError
        If there is no such local file, or its content is something else.
    """
    if not path.is_file():
        raise _refused(path, NO_FILE)
    try:
        with path.open("rb") as stream:
            return told_by_content(stream)
    except FileError as error:
        raise _refused(path, error.message) from error


def read_vector(
    path: Path,
    *,
    layer: str | None = None,
    drivers: Sequence[str] = ("GPKG",),
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read one layer of a vector file.

    Parameters
    ----------
    path
        A local file.
    layer
        Which layer; None for the only one.
    drivers
        What the file may be, of those `vector_driver` tells apart.
    encoding
        Character encoding of a Shapefile's table; None leaves it to the file.

    Raises
    ------
    FileError
        If there is no such file, it is something else, it cannot be read, it has no such layer or
        no geometry, or it has several layers and none is named.
    """
    driver = vector_driver(path)
    if driver not in drivers:
        wanted = " | ".join(drivers)
        raise _refused(
            path, Text(f"应为 {wanted}，发现 {driver}", f"expected {wanted}, found {driver}")
        )
    place = path.resolve()  # an absolute path is never taken for an address
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            names = [layer] if layer else [str(name) for name in pyogrio.list_layers(place)[:, 0]]
            chosen = layer or next(iter(names), "")
            frame = pyogrio.read_dataframe(place, layer=chosen, encoding=encoding)
    except shapely.errors.GEOSException as error:
        problems = unreadable(_shapes(place, chosen))
        words = Text("图形无法读取", "shapes cannot be read")
        raise _refused(path, words, problems=problems) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise _unreadable(path, error) from error
    lost = {str(one.message) for one in said if any(loss in str(one.message) for loss in LOSSES)}
    if lost:
        raise _refused(
            path,
            Text(
                f"读取会丢失内容：{', '.join(lost)}",
                f"reading would lose content: {', '.join(lost)}",
            ),
        )
    if layer is None and len(names) != 1:
        layers = ", ".join(names)
        raise _refused(path, Text(f"须指明图层：{layers}", f"name one of its layers: {layers}"))
    if not isinstance(frame, gpd.GeoDataFrame):
        raise _refused(path, Text("图层没有图形", "the layer has no geometry"))
    return frame


def _shapes(path: Path, layer: str) -> list[bytes | None]:
    """Read a layer's shapes as well-known binary."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong is told by whoever reads the shapes
        return list(pyogrio.raw.read(path, layer=layer, columns=[])[2])


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
    values, nodata = packed(raster, scale)
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
    with MemoryFile() as memory, MemoryFile() as optimised:
        with memory.open(driver="GTiff", **profile) as plain:
            plain.write(values, 1)
            if scale is not None:
                plain.scales = (scale,)
        with memory.open() as plain:
            rasterio.shutil.copy(
                plain,
                optimised.name,
                driver="COG",
                compress="DEFLATE",
                level=9,
                predictor="YES" if values.dtype.itemsize > 1 else "NO",
                resampling=resampling,
                num_threads=1,
            )
        write_bytes(path, optimised.read())


def read_raster(path: Path, *, driver: str = "GTiff", crs: CRS | None = None) -> Raster:
    """Read a one-band raster; scale and offset are applied, floating no data becomes NaN.

    Scaled integers come back as 32-bit floats. Files beside it (.aux.xml, .ovr, .tfw) are not
    looked at: they could change what a checked file says.

    Parameters
    ----------
    path
        A local file.
    driver
        The driver that reads it, by GDAL's short name, such as GTiff or SRTMHGT.
    crs
        The CRS of a file that names none.

    Raises
    ------
    FileError
        If the driver does not know it, or it is damaged.
    GridError
        If it has several bands, complex values, a mask that no value stands for, a rotated, upside
        down or missing grid, or no CRS.
    LimitError
        If it has more than `geo.packing.MOST_CELLS` cells.
    """
    if not path.is_file():
        raise _refused(path, NO_FILE)
    try:
        with (
            warnings.catch_warnings(),
            rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"),
        ):
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path.resolve(), driver=driver) as source:
                return unpacked(source, crs=crs)
    except (GridError, LimitError) as error:
        words = joined([str(path), error.message], "：", ": ")
        raise type(error)(words, problems=error.problems) from error
    except rasterio.errors.RasterioError as error:
        raise _unreadable(path, error) from error


def _refused(
    place: Path | str, words: Text | str, *, problems: Sequence[Problem] = ()
) -> FileError:
    """Say what is wrong with a file, or a layer in it."""
    return FileError(joined([str(place), words], "：", ": "), problems=problems)


def _unreadable(path: Path, error: Exception) -> FileError:
    return _refused(path, Text(f"无法读取：{error}", f"cannot be read: {error}"))
