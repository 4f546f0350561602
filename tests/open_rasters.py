"""Rasters as their publishers write them: names, CRS, kind of numbers, no data and tags."""

import numpy as np
import rasterio
from affine import Affine
from rasterio.windows import Window, from_bounds

MOLLWEIDE = "ESRI:54009"


def _written(path, values, place, transform, **profile):
    """Write some cells of a large file, whose other blocks stay empty and take no room."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        transform=transform,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
        SPARSE_OK=True,
        **profile,
    ) as sink:
        if "nodata" not in profile:
            sink.update_tags(AREA_OR_POINT="Point")
        rows, columns = values.shape
        window = from_bounds(*place, transform=transform)
        left, top = round(window.col_off), round(window.row_off)
        sink.write(values, 1, window=Window(left, top, columns, rows))
    return path


def shape_of(place, step):
    west, south, east, north = place
    return round((north - south) / step), round((east - west) / step)


def glo30(folder, place, heights, *, corner=(119, 27)):
    """Copernicus GLO-30: 3600 × 3600 float32 whose cells stand at points, no no-data value."""
    lon, lat = corner
    step = 1 / 3600
    transform = Affine(step, 0, lon - step / 2, 0, -step, lat + 1 + step / 2)
    shape = shape_of(place, step)
    rows, columns = np.indices(shape)
    values = np.asarray(heights(rows, columns), dtype=np.float32)
    name = f"Copernicus_DSM_COG_10_N{lat:02d}_00_E{lon:03d}_00_DEM.tif"
    profile = {"width": 3600, "height": 3600, "dtype": "float32", "crs": "EPSG:4326"}
    return _written(folder / name, values, place, transform, **profile)


def worldcover(folder, place, classes, *, corner=(117, 27)):
    """ESA WorldCover: 36000 × 36000 bytes, 0 where there is no data."""
    lon, lat = corner
    step = 3 / 36000
    transform = Affine(step, 0, lon, 0, -step, lat + 3)
    rows, columns = np.indices(shape_of(place, step))
    values = np.asarray(classes(rows, columns), dtype=np.uint8)
    name = f"ESA_WorldCover_10m_2021_v200_N{lat:02d}E{lon:03d}_Map.tif"
    profile = {"width": 36000, "height": 36000, "dtype": "uint8", "nodata": 0, "crs": "EPSG:4326"}
    return _written(folder / name, values, place, transform, **profile)


def worldpop(folder, place, people, *, name="chn_ppp_2020_UNadj.tif"):
    """WorldPop: float32 people a cell of 3″, -99999 where there is no data."""
    step = 1 / 1200
    west, _, _, north = place
    transform = Affine(step, 0, west, 0, -step, north)
    rows, columns = np.indices(shape_of(place, step))
    values = np.asarray(people(rows, columns), dtype=np.float32)
    profile = {
        "width": values.shape[1],
        "height": values.shape[0],
        "dtype": "float32",
        "nodata": -99999,
        "crs": "EPSG:4326",
    }
    return _written(folder / name, values, place, transform, **profile)


def ghspop(folder, corner, values):
    """GHS-POP: float64 people a cell of 100 m in Mollweide, -200 where there is no data."""
    west, north = (round(value / 100) * 100 for value in corner)
    transform = Affine(100, 0, west, 0, -100, north)
    rows, columns = values.shape
    place = (west, north - 100 * rows, west + 100 * columns, north)
    profile = {
        "width": columns,
        "height": rows,
        "dtype": "float64",
        "nodata": -200,
        "crs": MOLLWEIDE,
    }
    name = "GHS_POP_E2020_GLOBE_R2023A_54009_100_V1_0_R6_C30.tif"
    return _written(folder / name, values, place, transform, **profile)


def srtm3(folder, heights, *, name="N27E119.hgt"):
    rows, columns = np.indices((1201, 1201))
    (folder / name).write_bytes(np.asarray(heights(rows, columns)).astype(">i2").tobytes())
    return folder / name
