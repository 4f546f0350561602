"""Reading a user's file: what it is, in which CRS, what is wrong, repaired with a ledger."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from pyproj import CRS, Proj
from rasterio._err import CPLE_BaseError
from shapely.geometry.base import BaseGeometry

from geo.errors import FileError, GeometryError, InputError, LimitError, PlanningError, Problem
from geo.raster import Raster
from geo.words import Text, joined
from layers.identify import kind, plain_file
from layers.intake.coordinates import GCJ02, decided, faults
from layers.intake.csv import read_csv, shaped
from layers.intake.features import Features
from layers.intake.geojson import read_geojson
from layers.intake.geopackage import read_geopackage
from layers.intake.grid import Bounds, Cells, read_geotiff, read_hgt
from layers.intake.kml import read_kml
from layers.intake.mending import DEGREE_M, mended, no_repairs
from layers.intake.picking import picked
from layers.intake.shapefile import read_shapefile
from layers.intake.squaring import extent_of, squared
from layers.intake.xlsx import read_xlsx
from layers.source import Part
from layers.unpack import unpack

STRETCHED = 0.01  # a projection that draws things longer by more is told of
MOST_TEXT = 1_000_000_000  # bytes of a text format, which is held in memory
Progress = Callable[[Text], None]
FOREIGN = (
    ValueError,
    OSError,
    ArithmeticError,
    LookupError,
    RecursionError,
    struct.error,
    shapely.errors.ShapelyError,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    rasterio.errors.RasterioError,
    CPLE_BaseError,  # what GDAL says, where rasterio has no word of its own for it
)


@dataclass(frozen=True)
class Options:
    """What a user says about a file.

    Parameters
    ----------
    crs
        Its CRS, such as `EPSG:4528`; `GCJ-02` undoes the shift of Amap's coordinates.
    encoding
        Encoding of its text.
    part
        Which layer of a GeoPackage, or which file of a zip.
    nodata
        A value that marks no data in a raster that does not say so.
    resolution
        Side of raster cells, m; None for about the file's own.
    columns
        Names of a CSV's columns where it has no header row: `code,name,,lon,lat`.
    only
        Which rows are meant: `level=town`, `name!=…`, several with semicolons.
    xy
        Two columns that hold the points, in place of the file's shapes: `lon,lat`.
    how
        Resampling of rasters: `bilinear` for heights, `nearest` for classes.
    join, on
        A table (`names.csv`, `names.xlsx#sheet`) whose columns are brought to the rows, and the
        column with their code: `code`, or `XZQDM=code` where it has two names.
    skip_bad
        Take the sound rows; the others are written down with the reasons.
    further
        More files of the same raster, in order of preference after the first.
    replace
        Take new rasters alone, not over or under the layer that stands.
    quality, publisher, licence, title_zh, title_en, retrieved
        What source.toml shall say.
    """

    crs: str = ""
    encoding: str = ""
    part: str = ""
    nodata: float | None = None
    columns: str = ""
    only: str = ""
    xy: str = ""
    resolution: float | None = None
    how: Literal["bilinear", "nearest"] = "bilinear"
    join: str = ""
    on: str = ""
    skip_bad: bool = False
    further: tuple[Path, ...] = ()
    replace: bool = False
    quality: str = ""
    publisher: str = ""
    licence: str = ""
    title_zh: str = ""
    title_en: str = ""
    retrieved: str = ""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read.

    Parameters
    ----------
    data
        A frame indexed by the row's number in the file (from 1), a table, or a raster.
    format
        What the file is.
    crs
        The CRS the file's coordinates were in; None for tables.
    steps
        What was done, in order.
    warnings
        What the user should know.
    problems
        What forbids to use the file; rows concerned are not in `data`.
    ledger
        Repairs: row, problem, area_before_m2, area_after_m2, changed_m2.
    lost
        Attributes of the rows that are not in `data`.
    resolution_m
        Longer side of a raster's cells on the ground as they stand in the file, m.
    parts
        The files a raster is made of.
    extent
        What a raster's file reaches over, voids too; None for others.
    merged
        Whether the layer that stands is among the parts.
    """

    data: gpd.GeoDataFrame | pd.DataFrame | Raster
    format: str
    crs: CRS | None = None
    steps: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    problems: tuple[Problem, ...] = ()
    ledger: pd.DataFrame = field(default_factory=no_repairs)
    lost: pd.DataFrame = field(default_factory=pd.DataFrame)
    resolution_m: float | None = None
    parts: tuple[Part, ...] = ()
    extent: BaseGeometry | None = None
    merged: bool = False


def read(
    file: Path,
    options: Options | None = None,
    *,
    crs: CRS | None = None,
    bounds: Bounds | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read a file, or refuse it with one error that lists everything.

    Parameters
    ----------
    file
        GeoPackage, Shapefile, GeoJSON, GeoTIFF, .hgt, KML or KMZ, CSV, or a zip of one of them.
    options
        What the user says about it.
    crs
        The CRS to bring it into; None leaves it where it is.
    bounds
        The part of a raster that is needed, in `crs`.
    progress
        Told what is being done.

    Raises
    ------
    InputError
        FileError, CrsError, GeometryError, GridError; nothing foreign.
    LimitError
        If it is too large.
    """
    done = examine(file, options, crs=crs, bounds=bounds, progress=progress)
    if done.problems:
        raise GeometryError(
            Text(f"{file}：拒绝此文件", f"{file}: the file is refused"), problems=done.problems
        )
    return done


def examine(
    file: Path,
    options: Options | None = None,
    *,
    crs: CRS | None = None,
    bounds: Bounds | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read a file as `read` does; problems of rows and CRS are given back, not raised."""
    say = progress or (lambda _: None)
    options = options or Options()
    try:
        say(Text(f"正在读取 {file.name}", f"reading {file.name}"))
        path = plain_file(file)
        if kind(path) != "zip":
            return _one(path, options, crs, bounds, say)
        with tempfile.TemporaryDirectory() as folder:
            say(Text(f"正在解压 {file.name}", f"unpacking {file.name}"))
            inside = _chosen(file, unpack(path, Path(folder)), options.part)
            done = _one(inside, replace(options, part=""), crs, bounds, say)
        step = Text(f"取自压缩包中的 {inside.name}", f"from the zip: {inside.name}")
        return replace(done, steps=(step, *done.steps))
    except InputError as error:
        raise _with_name(error, file) from error
    except PlanningError:
        raise
    except MemoryError as error:
        raise LimitError(Text(f"{file}：内存不足", f"{file}: not enough memory")) from error
    except FOREIGN as error:
        why = f"{type(error).__name__}: {error}"
        raise FileError(
            Text(
                f"{file}：无法读取：{why}；处理：重新导出",
                f"{file}: cannot be read: {why}; remedy: export it again",
            )
        ) from error


def _with_name(error: InputError, file: Path) -> InputError:
    """Name the file in an error, and in each of its problems."""
    message = error.message
    if file.name not in str(error):
        message = joined([str(file), message], "：", ": ")
    problems = [replace(p, file=p.file or file.name) for p in error.problems]
    return type(error)(message, problems=problems)


def _chosen(file: Path, inside: list[Path], part: str) -> Path:
    named = [one for one in inside if part in {one.name, one.stem}] if part else inside
    if len(named) == 1:
        return named[0]
    if not inside:
        raise FileError(
            Text(f"{file}：压缩包中没有可读的数据", f"{file}: nothing in the zip can be read")
        )
    names, option = joined(one.name for one in inside), f"--part {inside[0].name}"
    raise FileError(
        Text(
            f"{file}：须指明其一：{names.zh}；处理：{option}",
            f"{file}: name one of: {names.en}; remedy: {option}",
        )
    )


def _one(
    path: Path, options: Options, crs: CRS | None, bounds: Bounds | None, say: Progress
) -> Reading:
    what = kind(path)
    if what in {"geotiff", "hgt"}:
        return _raster(path, what, options, crs, bounds)
    features: Features | pd.DataFrame
    if what == "geopackage":
        features = read_geopackage(path, part=options.part)
    elif what == "shapefile":
        features = read_shapefile(path, encoding=options.encoding)
    else:
        if path.stat().st_size > MOST_TEXT:
            raise LimitError(
                Text(
                    f"{path.name}：文件过大；处理：改用 GeoPackage",
                    f"{path.name}: too large; remedy: use GeoPackage",
                )
            )
        features = _text(path, what, options)
    features = picked(features, only=options.only, xy=options.xy)
    if isinstance(features, pd.DataFrame):
        warnings, problems = (tuple(features.attrs.pop(n, ())) for n in ("warnings", "problems"))
        problems = tuple(replace(one, file=path.name) for one in problems)
        return Reading(features, what, warnings=warnings, problems=problems)
    count = len(features.shapes)
    say(Text(f"正在检查 {count} 行", f"checking {count} rows"))
    return _settled(features, what, options, crs, path.name)


def _text(path: Path, what: str, options: Options) -> Features | pd.DataFrame:
    if what == "xlsx":
        return shaped(read_xlsx(path, part=options.part))
    if what == "csv":
        return read_csv(path.read_bytes(), encoding=options.encoding, columns=options.columns)
    readers = {"geojson": read_geojson, "kml": read_kml}
    return readers[what](path.read_bytes(), encoding=options.encoding)


def _raster(
    path: Path, what: str, options: Options, crs: CRS | None, bounds: Bounds | None
) -> Reading:
    name = path.name
    if GCJ02.search(options.crs):
        raise FileError(
            Text(f"{name}：栅格不按 GCJ-02 转换", f"{name}: rasters are not converted from GCJ-02")
        )
    if what == "hgt":
        cells = read_hgt(path)
    else:
        cells = read_geotiff(path, crs=crs, bounds=bounds, nodata=options.nodata)
    decision = decided(cells.crs, options.crs)
    known = decision.crs
    if known is None or decision.problems:
        raise GeometryError(
            Text(f"{name}：坐标系有误", f"{name}: the CRS is not usable"),
            problems=decision.problems,
        )
    warnings = (*cells.warnings, *decision.warnings)
    cells = Cells(cells.values, cells.transform, known, warnings)
    left, top = cells.transform @ (0, 0)
    right, bottom = cells.transform @ cells.values.shape[::-1]
    edges = np.array([min(left, right), min(top, bottom), max(left, right), max(top, bottom)])
    edges += np.array([1, 1, -1, -1]) * max(cells.size)  # world rasters reach half a cell further
    wrong = faults(edges, known)
    if wrong:
        raise GeometryError(
            Text(f"{name}：坐标有误", f"{name}: the coordinates are wrong"), problems=wrong
        )
    done = squared(
        cells, crs or known, bounds=bounds, resolution=options.resolution, how=options.how
    )
    stretch = _stretch(cells, known)
    side = _side_m(cells, known)
    warnings = cells.warnings
    if abs(stretch - 1) > STRETCHED:
        ground = round(side / stretch, 1)
        warnings += (
            Text(
                f"{known.name}：像元标称 {side:g} m，实地 {ground:g} m",
                f"{known.name}: cells of {side:g} m by name are {ground:g} m on the ground",
            ),
        )
        side = ground
    extent = extent_of(cells, crs or known)
    return Reading(
        done.raster, what, known, (done.step,), warnings, resolution_m=side, extent=extent
    )


def _side_m(cells: Cells, crs: CRS) -> float:
    """Give the longer side of a raster's cells in metres, to the decimetre."""
    unit = DEGREE_M if crs.is_geographic else float(crs.axis_info[0].unit_conversion_factor)
    return round(max(cells.size) * unit, 1)


def _stretch(cells: Cells, crs: CRS) -> float:
    """Give how much longer a projection draws things than they are, in the middle of a raster.

    Web Mercator draws them 13 % longer at 28° N; maps of a county's own system do not.
    """
    if not crs.is_projected:
        return 1.0
    rows, columns = cells.values.shape
    x, y = cells.transform @ (columns / 2, rows / 2)
    lon, lat = Proj(crs)(x, y, inverse=True)
    factors = Proj(crs).get_factors(lon, lat)
    return float(max(factors.meridional_scale, factors.parallel_scale))


def _settled(
    features: Features, what: str, options: Options, crs: CRS | None, name: str
) -> Reading:
    """Give features their CRS, bring them where they are wanted, and repair them."""
    done = mended(features, options.crs, crs, implied=what in {"geojson", "kml"})
    named = tuple(replace(problem, file=problem.file or name) for problem in done.problems)
    warnings = (*features.warnings, *done.warnings)
    return Reading(done.frame, what, done.crs, done.steps, warnings, named, done.ledger, done.lost)
