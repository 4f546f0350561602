"""Land cover as parcels: ESA WorldCover, or the land use of OpenStreetMap, by a declared table.

`land.csv` gives each code of a source a code of the third survey (三调), and that has its class
(`layers.land.classes`). Parcels are made on cells:

1. WorldCover's classes of 10 m are brought onto square cells in the county's CRS, each the class
   that covers most of it (mode); of OpenStreetMap each cell has the smallest area that covers its
   centre.
2. A code that the table leaves open or does not hold is not taken, and counted.
3. Cells of one code and one township that touch by a side are a parcel. A cell belongs to the
   county, and to a township, by its centre.

Such parcels are no survey: they tell cropland from forest, not paddy from dry field nor who owns
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from geo.errors import FileError, GridError
from geo.grid import Grid
from geo.polygonize import polygonize
from geo.raster import Raster, rasterize
from geo.words import Text, alike, joined
from layers.identify import plain_file
from layers.intake.grid import ELSEWHERE
from layers.land.classes import code_title
from layers.opendata.declared import Tables
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

COVER_M, USE_M = 100.0, 20.0
"""Sides of cells: land cover of a whole county, and land use that covers little of it."""
NOTHING = 0
NO_SURVEY = Text("不是土地调查：不区分水田与旱地，也没有权属", "no survey: no paddy, no owners")
Whole = NDArray[np.int64]


def cover(
    file: Path, tables: Tables, outline: gpd.GeoDataFrame, townships: gpd.GeoDataFrame
) -> Yielded:
    """Give parcels of a WorldCover map: rows BSM, DLBM, DLMC, township.

    Raises
    ------
    FileError, GridError
        If it cannot be read, or does not reach the county.
    """
    codes = {
        int(row["value"]): row["code"]
        for row in tables.rows["land"]
        if row["source"] == "worldcover"
    }
    grid = Grid.from_bounds(tuple(outline.total_bounds), COVER_M, outline.crs)
    values = _mode(plain_file(file), grid)
    if not (values != NOTHING).any():
        raise GridError(ELSEWHERE)
    return _parcels(Raster(values, grid), codes, outline, townships, "wc")


def _mode(path: Path, grid: Grid) -> NDArray[np.uint8]:
    """Give the class that covers most of each cell, 0 without data. RULE 1."""
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    try:
        with (
            rasterio.Env(**options),
            rasterio.open(path, driver="GTiff") as source,
            WarpedVRT(
                source,
                crs=grid.crs.to_wkt(),
                transform=grid.transform,
                width=grid.shape[1],
                height=grid.shape[0],
                resampling=Resampling.mode,
                nodata=NOTHING,
            ) as warped,
        ):
            values: NDArray[np.uint8] = warped.read(1)
    except rasterio.errors.RasterioError as error:
        raise FileError(
            Text(f"{path.name}：无法读取：{error}", f"{path.name}: cannot be read: {error}")
        ) from error
    return values


def use(
    extract: Extract, tables: Tables, outline: gpd.GeoDataFrame, townships: gpd.GeoDataFrame
) -> Yielded:
    """Give parcels of OpenStreetMap's land use: rows BSM, DLBM, DLMC, township."""
    table = [row for row in tables.rows["land"] if row["source"] == "osm"]
    keys = {(row["key"], row["value"]): row["code"] for row in table if row["code"]}
    numbers = {code: number for number, code in enumerate(dict.fromkeys(keys.values()), 1)}
    found = [
        next((code for (key, value), code in keys.items() if tags.get(key) == value), "")
        for tags in extract.polygons["tags"]
    ]
    areas = extract.polygons.assign(n=[numbers.get(code, NOTHING) for code in found])
    areas = areas[(areas["n"] != NOTHING) & areas.intersects(outline.union_all())]
    if areas.empty:
        return Yielded("parcels", None)
    by_size = areas.assign(m2=areas.area).sort_values("m2", ascending=False, kind="stable")
    grid = Grid.from_bounds(tuple(outline.total_bounds), USE_M, outline.crs)
    values = rasterize(by_size, grid, value="n", fill=NOTHING).values.astype(np.uint8)
    codes = {number: code for code, number in numbers.items()}
    return _parcels(Raster(values, grid), codes, outline, townships, "lu")


def _parcels(
    cells: Raster,
    codes: Mapping[int, str],
    outline: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame,
    prefix: str,
) -> Yielded:
    """Make parcels of cells. RULE 3."""
    grid = cells.grid
    inside = rasterize(outline, grid).values == 1
    numbered = townships.assign(n=range(1, len(townships) + 1))
    towns = rasterize(numbered, grid, value="n").values.astype(np.int64)
    known = np.isin(cells.values, [value for value, code in codes.items() if code])
    there = inside & known
    if not there.any():
        return Yielded("parcels", None)
    marks = np.where(there, cells.values.astype(np.float64) * (len(townships) + 1) + towns, np.nan)
    regions = polygonize(Raster(marks, grid))
    value, town = np.divmod(regions["value"].astype(np.int64), len(townships) + 1)
    own = [codes[int(one)] for one in value]
    place = ["", *townships["code"]]
    frame = gpd.GeoDataFrame(
        {
            "BSM": [f"{prefix}{number:07d}" for number in range(1, len(own) + 1)],
            "DLBM": own,
            "DLMC": [code_title(code).zh for code in own],
            "township": [place[int(one)] or None for one in town],
        },
        geometry=regions.geometry.to_numpy(),
        crs=grid.crs,
    )
    left = np.unique(cells.values[inside & ~known & (cells.values != NOTHING)])
    return Yielded("parcels", frame, _steps(frame, grid, there, inside), _warnings(left))


def _steps(
    frame: gpd.GeoDataFrame, grid: Grid, there: NDArray[np.bool_], inside: NDArray[np.bool_]
) -> tuple[Text, ...]:
    side, share = grid.resolution, there.sum() / inside.sum()
    hectares = (frame.area / 1e4).groupby(frame["DLBM"]).sum()
    shares = joined(alike(f"{code} {area:,.0f} ha") for code, area in hectares.items())
    return (
        Text(
            f"像元 {side:g} m，覆盖全县 {share:.1%}",
            f"cells of {side:g} m, {share:.1%} of the county",
        ),
        Text(f"三调编码：{shares.zh}", f"codes of the third survey: {shares.en}"),
    )


def _warnings(left: Whole) -> tuple[Text, ...]:
    if not len(left):
        return (NO_SURVEY,)
    values = ", ".join(str(int(one)) for one in left)
    words = Text(f"land.csv 未列，未采用：{values}", f"not in land.csv, left out: {values}")
    return (NO_SURVEY, words)
