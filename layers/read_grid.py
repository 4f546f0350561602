"""Rasters as users have them (GeoTIFF, SRTM .hgt), brought onto a square grid."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp, Resampling
from rasterio.warp import reproject, transform_bounds
from rasterio.windows import Window, from_bounds

from geo.crs import WGS84, same, transformer
from geo.errors import FileError, GridError, LimitError
from geo.grid import Grid
from geo.raster import Raster
from layers.gdal_words import heard
from layers.identify import HGT_SIZES

MOST_CELLS = 120_000_000
VOID = -32767.0  # this and below mark voids in height models, declared or not
DAMAGED = re.compile(r"corrupt|IO error|Discarding|Not enough data|Read error", re.IGNORECASE)
HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
HALO_CELLS = 4
HEIGHTS = (-500.0, 9000.0)
Bounds: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Cells:
    """A raster as it stands in a file: 32-bit floats with NaN, any grid."""

    values: NDArray[np.float32]
    transform: Affine
    crs: CRS | None
    warnings: tuple[str, ...] = ()

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
            f"{path}: .hgt 由文件名定位 the name gives the place, such as N27E119.hgt; "
            "处理 remedy: 改回原名 give it its name back"
        )
    rows, columns = HGT_SIZES[path.stat().st_size]
    values = np.fromfile(path, dtype=">i2").reshape(rows, columns).astype(np.float32)
    values[values <= VOID] = np.nan
    if np.isnan(values).all() or not _like_terrain(values):
        raise FileError(f"{path}: 不是地形 not terrain; 处理 remedy: 重新下载 get it again")
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
        except rasterio.errors.RasterioError as error:
            raise FileError(
                f"{path}: 文件损坏 the file is damaged: {'; '.join([str(error), *words])[:300]}; "
                "处理 remedy: 重新导出 export it again"
            ) from error
    words[:] = [word for word in words if "no geotransform" not in word]
    if any(DAMAGED.search(word) for word in words):
        raise FileError(
            f"{path}: 文件损坏 the file is damaged: {'; '.join(words)[:300]}; "
            "处理 remedy: 重新导出 export it again"
        )
    moved = place @ Affine.translation(window.col_off, window.row_off)
    return Cells(values, moved, known, tuple(words + _void_words(values, declared)))


def _void_words(values: NDArray[np.float32], nodata: float | None) -> list[str]:
    """Mark undeclared voids; warn of a no-data value that a height could have."""
    voids = values <= VOID
    if nodata is not None and HEIGHTS[0] <= nodata <= HEIGHTS[1]:
        return [
            f"无数据值为 {nodata:g}，同值的真实数据也会丢失 no data is {nodata:g}: so is real data"
        ]
    if not voids.any():
        return []
    values[voids] = np.nan
    return [
        f"未声明的空洞按无数据处理 {int(voids.sum())} cells of {VOID:g} or less are taken as voids"
    ]


def _band(source: rasterio.DatasetReader, path: Path) -> int:
    real = [n for n, what in enumerate(source.colorinterp, 1) if what != ColorInterp.alpha]
    if len(real) != 1 or source.dtypes[real[0] - 1].startswith("complex"):
        raise GridError(
            f"{path}: 应为单波段实数 one real band is expected: found {len(real)} × "
            f"{source.dtypes[0]}; 处理 remedy: 提取一个波段 extract one band"
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
    what = "只有控制点 only ground control points" if source.gcps[0] else "没有位置 no place"
    raise FileError(f"{path}: {what}; 处理 remedy: 在 GIS 中配准后导出 georeference and export it")


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
            raise GridError(
                "栅格不在县域内 the raster lies outside of the county; 处理 remedy: check its CRS"
            ) from error
    if window.width * window.height > MOST_CELLS:
        raise LimitError(
            f"栅格过大 too many cells: {source.height} × {source.width}, at most {MOST_CELLS:,}; "
            "处理 remedy: 先导入县界，或裁剪 import the outline first, or cut out the county"
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


def squared(
    cells: Cells,
    crs: CRS,
    *,
    bounds: Bounds | None = None,
    resolution: float | None = None,
    how: Literal["bilinear", "nearest"] = "bilinear",
) -> tuple[Raster, str]:
    """Bring cells onto a square, north-up grid.

    Parameters
    ----------
    cells
        Their CRS is known.
    crs
        The grid's CRS.
    bounds
        What the grid covers; None for all of the cells.
    resolution
        Side of the new cells in units of `crs`; None for the old ones' mean side, rounded.
    how
        `bilinear` for heights (the average onto cells twice as wide or more), `nearest` for
        classes.

    Returns
    -------
    (Raster, str)
        32-bit floats, NaN where there is no data, and what was done. Cells that already lie
        squarely in the CRS are cut, not resampled.

    Raises
    ------
    CrsError
        If the datums differ.
    LimitError
        If there were too many cells.
    """
    if cells.crs is None:
        raise GridError("没有坐标系 no CRS")
    transformer(cells.crs, crs)
    t = cells.transform
    square = not (t.b or t.d) and t.a > 0 and math.isclose(t.a, -t.e, rel_tol=1e-6)
    if square and same(cells.crs, crs) and (resolution is None or math.isclose(resolution, t.a)):
        return _cut(cells, crs, bounds), f"{t.a:g} m 原格网 grid as it was"
    rows, columns = cells.values.shape
    corners = [t @ (x, y) for x in (0, columns) for y in (0, rows)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    old, new = cells.crs.to_wkt(), crs.to_wkt()
    whole = transform_bounds(old, new, min(xs), min(ys), max(xs), max(ys))
    native = math.sqrt((whole[2] - whole[0]) * (whole[3] - whole[1]) / (rows * columns))
    side = resolution or _rounded(native)
    here = whole if bounds is None else _common(whole, bounds)
    if (here[2] - here[0]) * (here[3] - here[1]) / side**2 > MOST_CELLS:
        raise LimitError(f"栅格过大 too many cells at {side:g}; 处理 remedy: --resolution")
    grid = Grid.from_bounds(here, side, crs)
    ways = {"nearest": Resampling.nearest, "bilinear": Resampling.bilinear}
    way = Resampling.average if how == "bilinear" and side >= 2 * native else ways[how]
    out = np.full(grid.shape, np.nan, dtype=np.float32)
    reproject(
        cells.values, out, src_transform=t, src_crs=old, src_nodata=np.nan,
        dst_transform=grid.transform, dst_crs=new, dst_nodata=np.nan, resampling=way,
    )  # fmt: skip
    done = f"{cells.crs.name} → {crs.name}, {side:g} m, {way.name}"
    return Raster(out, grid), done


def _common(a: Bounds, b: Bounds) -> Bounds:
    west, south, east, north = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    if west >= east or south >= north:
        raise GridError(
            "栅格不在县域内 the raster lies outside of the county; 处理 remedy: check the CRS"
        )
    return west, south, east, north


def _rounded(side: float) -> float:
    """Round a cell's side to one figure: 87 to 90.

    >>> _rounded(87.1), _rounded(28.8), _rounded(0.0008333)
    (90.0, 30.0, 0.0008)
    """
    power = 10.0 ** math.floor(math.log10(side))
    return float(f"{round(side / power) * power:.12g}")


def _cut(cells: Cells, crs: CRS, bounds: Bounds | None) -> Raster:
    grid = Grid(cells.values.shape, cells.transform, crs)
    if bounds is None:
        return Raster(cells.values, grid)
    west, south, east, north = _common(grid.bounds, bounds)
    side = grid.resolution
    left, top = int((west - grid.bounds[0]) // side), int((grid.bounds[3] - north) // side)
    right = min(grid.shape[1], math.ceil((east - grid.bounds[0]) / side))
    bottom = min(grid.shape[0], math.ceil((grid.bounds[3] - south) / side))
    moved = cells.transform @ Affine.translation(left, top)
    part = np.ascontiguousarray(cells.values[top:bottom, left:right])
    return Raster(part, Grid(part.shape, moved, crs))
