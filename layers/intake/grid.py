"""Rasters as users have them: GeoTIFF and SRTM .hgt, on whatever grid they lie."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp
from rasterio.warp import transform_bounds
from rasterio.windows import Window, from_bounds

from geo.crs import WGS84
from geo.errors import FileError, GridError, LimitError
from geo.words import Text
from layers.identify import HGT_SIZES
from layers.intake.gdal_words import heard, quoted

MOST_CELLS = 120_000_000
VOID = -32767.0  # this and below mark voids in height models, declared or not
DAMAGED = re.compile(r"corrupt|IO error|Discarding|Not enough data|Read error", re.IGNORECASE)
HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
HALO_CELLS = 4
HEIGHTS = (-500.0, 9000.0)
ELSEWHERE = Text(
    "栅格不在县域内；处理：检查其坐标系",
    "the raster lies outside of the county; remedy: check its CRS",
)
COLOURED = Text(
    "值为色表编号：是分类，不是高程，须用 --how nearest",
    "the values are numbers of colours: classes and no heights, for --how nearest",
)
Bounds: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Cells:
    """A raster as it stands in a file: 32-bit floats with NaN, any grid."""

    values: NDArray[np.float32]
    transform: Affine
    crs: CRS | None
    warnings: tuple[Text, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a cell in units of the CRS."""
        t = self.transform
        return math.hypot(t.a, t.d), math.hypot(t.b, t.e)


def read_hgt(path: Path) -> Cells:
    """Read an SRTM tile: big-endian 16-bit heights in m, voids -32768, placed by its name.

    Raises
    ------
    FileError
        If the name is not like N27E119.hgt, or the content is no terrain.
    """
    corner = HGT_NAME.match(path.stem)
    if corner is None:
        raise FileError(
            Text(
                f"{path}：.hgt 由文件名定位，如 N27E119.hgt；处理：改回原名",
                f"{path}: the name of a .hgt gives its place, such as N27E119.hgt; "
                "remedy: give it its name back",
            )
        )
    rows, columns = HGT_SIZES[path.stat().st_size]
    values = np.fromfile(path, dtype=">i2").reshape(rows, columns).astype(np.float32)
    values[values <= VOID] = np.nan
    if np.isnan(values).all() or not _like_terrain(values):
        raise FileError(
            Text(f"{path}：不是地形；处理：重新下载", f"{path}: not terrain; remedy: get it again")
        )
    south = int(corner[2]) * (1 if corner[1].upper() == "N" else -1)
    west = int(corner[4]) * (1 if corner[3].upper() == "E" else -1)
    step = 1 / (rows - 1)
    transform = Affine(step, 0, west - step / 2, 0, -step, south + 1 + step / 2)
    return Cells(values, transform, WGS84)


def _like_terrain(values: NDArray[np.float32]) -> bool:
    return bool(HEIGHTS[0] <= np.nanmin(values) and np.nanmax(values) <= HEIGHTS[1])


def read_geotiff(
    path: Path, *, crs: CRS | None = None, bounds: Bounds | None = None, nodata: float | None = None
) -> Cells:
    """Read the one band of a GeoTIFF, or the part of it that is needed.

    Parameters
    ----------
    path
        A local file; files beside it are not looked at, but for a world file (.tfw) when it has no
        place of its own.
    crs
        CRS of `bounds`.
    bounds
        What is needed; None for all.
    nodata
        A further value that marks no data.

    Raises
    ------
    FileError
        If it is damaged or has no place.
    GridError
        If it has several bands or complex values.
    LimitError
        If it has too many cells.
    """
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    with heard() as words:
        try:
            with rasterio.Env(**options), rasterio.open(path, driver="GTiff") as source:
                band = _band(source, path)
                place = _place(source, path)
                known = _crs(source)
                window = _window(source, place, known, crs, bounds)
                values = _values(source, band, window, nodata)
                declared = source.nodatavals[band - 1]
                coloured = source.colorinterp[band - 1] == ColorInterp.palette
        except rasterio.errors.RasterioError as error:
            raise _damaged(path, [str(error), *words]) from error
    words[:] = [word for word in words if "no geotransform" not in word]
    if any(DAMAGED.search(word) for word in words):
        raise _damaged(path, words)
    moved = place @ Affine.translation(window.col_off, window.row_off)
    warnings = (*quoted(words), *_void_words(values, declared), *(COLOURED,) * coloured)
    return Cells(values, moved, known, warnings)


def _damaged(path: Path, words: Sequence[str]) -> FileError:
    why = "; ".join(words)[:300]
    return FileError(
        Text(
            f"{path}：文件损坏：{why}；处理：重新导出",
            f"{path}: the file is damaged: {why}; remedy: export it again",
        )
    )


def _void_words(values: NDArray[np.float32], nodata: float | None) -> list[Text]:
    """Mark undeclared voids; warn of a no-data value that a height could have."""
    voids = values <= VOID
    if nodata is not None and HEIGHTS[0] <= nodata <= HEIGHTS[1]:
        return [
            Text(
                f"无数据值为 {nodata:g}，同值的真实数据也会丢失",
                f"no data is {nodata:g}: real data of that value are lost, too",
            )
        ]
    if not voids.any():
        return []
    values[voids] = np.nan
    count = int(voids.sum())
    return [
        Text(
            f"{count} 个像元不大于 {VOID:g}，按未声明的空洞处理",
            f"{count} cells of {VOID:g} or less are taken as voids",
        )
    ]


def _band(source: rasterio.DatasetReader, path: Path) -> int:
    real = [n for n, what in enumerate(source.colorinterp, 1) if what != ColorInterp.alpha]
    if len(real) != 1 or source.dtypes[real[0] - 1].startswith("complex"):
        bands = f"{len(real)} × {source.dtypes[0]}"
        raise GridError(
            Text(
                f"{path}：应为单波段实数，实为 {bands}；处理：提取一个波段",
                f"{path}: one real band is expected: found {bands}; remedy: extract one band",
            )
        )
    return real[0]


def _place(source: rasterio.DatasetReader, path: Path) -> Affine:
    if not source.transform.is_identity:
        own: Affine = source.transform
        return own
    world = next(
        (w for w in (path.with_suffix(".tfw"), path.with_suffix(".TFW")) if w.is_file()), None
    )
    if world is not None:
        numbers = [float(word) for word in world.read_text(encoding="ascii").split()]
        if len(numbers) == 6:
            a, d, b, e, c, f = numbers
            return Affine(a, b, c, d, e, f) @ Affine.translation(-0.5, -0.5)
    points, nothing = Text("只有控制点", "only ground control points"), Text("没有位置", "no place")
    why = points if source.gcps[0] else nothing
    raise FileError(
        Text(
            f"{path}：{why.zh}；处理：在 GIS 中配准后导出",
            f"{path}: {why.en}; remedy: georeference it in a GIS and export it",
        )
    )


def _crs(source: rasterio.DatasetReader) -> CRS | None:
    try:
        return CRS.from_wkt(source.crs.to_wkt()) if source.crs else None
    except (CRSError, rasterio.errors.CRSError):
        return None


def _window(
    source: rasterio.DatasetReader,
    place: Affine,
    known: CRS | None,
    crs: CRS | None,
    bounds: Bounds | None,
) -> Window:
    """Give the part of a file to read."""
    whole = Window(0, 0, source.width, source.height)
    window = whole
    if bounds is not None and crs is not None and known is not None and not (place.b or place.d):
        there = transform_bounds(crs.to_wkt(), known.to_wkt(), *bounds)
        part = from_bounds(*there, transform=place) if place.e < 0 else whole
        wide = Window(
            math.floor(part.col_off) - HALO_CELLS,
            math.floor(part.row_off) - HALO_CELLS,
            math.ceil(part.width) + 2 * HALO_CELLS + 1,
            math.ceil(part.height) + 2 * HALO_CELLS + 1,
        )
        try:
            window = wide.intersection(whole)
        except rasterio.errors.WindowError as error:
            raise GridError(ELSEWHERE) from error
    if window.width * window.height > MOST_CELLS:
        size = f"{source.height} × {source.width}"
        raise LimitError(
            Text(
                f"栅格过大：{size} 个像元，至多 {MOST_CELLS:,} 个；处理：先导入县界，或裁剪出县域",
                f"too many cells: {size}, at most {MOST_CELLS:,}; "
                "remedy: import the outline first, or cut out the county",
            )
        )
    return window


def _values(
    source: rasterio.DatasetReader, band: int, window: Window, nodata: float | None
) -> NDArray[np.float32]:
    raw = source.read(band, window=window)
    missing = source.read_masks(band, window=window) == 0
    if nodata is not None:
        missing |= raw == nodata
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    values: NDArray[np.float32]
    with np.errstate(over="ignore"):
        values = (raw.astype(np.float64) * scale + offset).astype(np.float32)
    values[missing | ~np.isfinite(values)] = np.nan
    return values
