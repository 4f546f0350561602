"""Population rasters as settlements: WorldPop, GHS-POP and others that hold people per cell.

A cell belongs to the township its centre lies in, to the nearest one where it lies in the county
but in none; a cell whose centre lies outside the county is not the county's. Cells are gathered by
the rules of `geo.gathering`; no cell is moved, split or resampled, so that the settlements hold the
people of the county's cells, and each township's hold its own. A cell without data counts for
nobody, and their number is told: in rasters constrained to buildings that is nobody by intent, in
others it is water or a gap.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.features import geometry_mask, rasterize
from rasterio.windows import Window, from_bounds
from scipy import ndimage

from geo.crs import reproject
from geo.errors import FileError, GridError, LimitError
from geo.gathering import Gathering, Places, gathered
from geo.words import Text
from layers.identify import plain_file
from layers.intake.grid import ELSEWHERE, MOST_CELLS
from layers.intake.mending import DEGREE_M
from layers.opendata.yielded import Yielded

RULE = Gathering()
FIRST = 5  # figures of an id, at least
Floats = NDArray[np.float64]


class Heads(NamedTuple):
    """People of the cells around a county, NaN without data, and where the cells lie."""

    people: Floats
    transform: Affine
    crs: CRS


def settlements(
    file: Path,
    outline: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame,
    rule: Gathering = RULE,
) -> Yielded:
    """Gather the cells of a population raster into settlements.

    Parameters
    ----------
    file
        GeoTIFF of one band, people per cell; in degrees or metres.
    outline
        The county, in its CRS.
    townships
        With their code, in the same CRS.
    rule
        The figures of gathering.

    Returns
    -------
    Yielded
        Rows id, township, population. Places are modelled and bear ids alone.

    Raises
    ------
    FileError, GridError
        If it cannot be read, or does not reach the county.
    """
    heads = _read(file, outline)
    areas = reproject(townships[["code", "geometry"]], heads.crs)
    county = reproject(outline, heads.crs)
    shape = heads.people.shape
    inside = geometry_mask(county.geometry, shape, heads.transform, invert=True)
    regions = _regions(areas, inside, heads.transform)
    places = gathered(heads.people, regions, _sides(heads), rule)
    counted = heads.people[inside]
    lacking, total = int(np.isnan(counted).sum()), float(np.nansum(counted))
    if not len(places.people):
        raise GridError(Text(f"{file.name}：县内没有人口", f"{file.name}: nobody in the county"))
    steps = _steps(rule, inside.sum(), lacking, total, places)
    warnings = []
    if lacking:
        share = lacking / int(inside.sum())
        warnings.append(
            Text(
                f"{share:.1%} 的像元无数据，按无人计",
                f"{share:.1%} of the cells have no data and count for nobody",
            )
        )
    return Yielded("settlements", _frame(places, heads, areas, outline.crs), steps, tuple(warnings))


def _read(file: Path, outline: gpd.GeoDataFrame) -> Heads:
    """Read the cells around the county as they stand."""
    path = plain_file(file)
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    try:
        with rasterio.Env(**options), rasterio.open(path, driver="GTiff") as source:
            crs = CRS.from_wkt(source.crs.to_wkt())
            bounds = reproject(outline, crs).total_bounds
            whole = Window(0, 0, source.width, source.height)
            part = from_bounds(*bounds, transform=source.transform)
            near = Window(
                math.floor(part.col_off) - 1,
                math.floor(part.row_off) - 1,
                math.ceil(part.width) + 3,
                math.ceil(part.height) + 3,
            )
            try:
                window = near.intersection(whole)
            except rasterio.errors.WindowError as error:
                raise GridError(ELSEWHERE) from error
            if window.width * window.height > MOST_CELLS:
                raise LimitError(Text(f"{file.name}：像元过多", f"{file.name}: too many cells"))
            people = source.read(1, window=window).astype(np.float64)
            missing = source.read_masks(1, window=window) == 0
            transform = source.transform @ Affine.translation(window.col_off, window.row_off)
    except (rasterio.errors.RasterioError, AttributeError) as error:
        raise FileError(
            Text(f"{file.name}：无法读取：{error}", f"{file.name}: cannot be read: {error}")
        ) from error
    # What marks no data is below 0 in these rasters (-99999, -200), declared or not.
    people[missing | ~np.isfinite(people) | (people < 0)] = np.nan
    return Heads(people, transform, crs)


def _regions(
    areas: gpd.GeoDataFrame, inside: NDArray[np.bool_], transform: Affine
) -> NDArray[np.int64]:
    """Give the number of the township of every cell, -1 outside the county."""
    pairs = [(shape, number) for number, shape in enumerate(areas.geometry)]
    numbers = rasterize(
        pairs, out_shape=inside.shape, transform=transform, fill=-1, dtype="int32"
    ).astype(np.int64)
    if (numbers >= 0).any():
        rows, columns = ndimage.distance_transform_edt(
            numbers < 0, return_distances=False, return_indices=True
        )
        numbers = numbers[rows, columns]
    return np.where(inside, numbers, -1)


def _sides(heads: Heads) -> tuple[Floats, Floats]:
    """Give the height and width of the cells of each row, m."""
    rows, transform = heads.people.shape[0], heads.transform
    if not heads.crs.is_geographic:
        return np.full(rows, -transform.e), np.full(rows, transform.a)
    latitude = transform.f + (np.arange(rows) + 0.5) * transform.e
    width = transform.a * DEGREE_M * np.cos(np.radians(latitude))
    return np.full(rows, -transform.e * DEGREE_M), width


def _frame(places: Places, heads: Heads, areas: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    x = heads.transform.c + (places.column + 0.5) * heads.transform.a
    y = heads.transform.f + (places.row + 0.5) * heads.transform.e
    figures = max(FIRST, len(str(len(places.people))))
    frame = gpd.GeoDataFrame(
        {
            "id": [f"p{number:0{figures}d}" for number in range(1, len(x) + 1)],
            "township": areas["code"].to_numpy()[places.region],
            "population": places.people,
        },
        geometry=gpd.points_from_xy(x, y),
        crs=heads.crs,
    )
    return reproject(frame, crs)


def _steps(
    rule: Gathering, cells: int, lacking: int, total: float, places: Places
) -> tuple[Text, ...]:
    count, block, kept = len(places.people), rule.block, float(places.people.sum())
    return (
        Text(
            f"县内 {cells} 个像元（中心在县界内），其中 {lacking} 个无数据；人口合计 {total:.1f}",
            f"{cells} cells with their centre in the county, {lacking} of them without data; "
            f"people: {total:.1f}",
        ),
        Text(
            f"聚为 {count} 个居民点，合计 {kept:.1f} 人：每平方千米不少于 {rule.dense_km2:g} 人"
            f"且相邻的像元为一处，其余按 {block}×{block} 像元聚合，"
            f"不足 {rule.least:g} 人并入本乡镇最近一处",
            f"gathered into {count} settlements of {kept:.1f} people: touching cells of "
            f"{rule.dense_km2:g} people/km² and more are one, others by squares of "
            f"{block} × {block} cells, fewer than {rule.least:g} join the nearest of the township",
        ),
    )
