"""Lines of sight once more, in plain Python with fractions, and GDAL's viewshed as a peer.

Nothing of the sweep is used. `least` follows the written rules of `geo.siting.viewshed` for one
target: every crossing of its line with the grid lines of cell centres, exactly. `gdal` calls the
library that pyogrio's wheel carries.
"""

import ctypes
import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import rasterio

RADIUS_M = Fraction("6371008.8")


def exact(values):
    """Heights as fractions, None where there is none."""
    return [[None if math.isnan(v) else Fraction(float(v)) for v in row] for row in values]


def least(heights, eye, target, eye_m, drop):
    """How far above its ground a target is first seen, and whether an unknown height is crossed.

    `heights` as from `exact`, `drop` the fall of a centre one cell away.
    """

    def lowered(row, column):
        height = heights[row][column]
        if height is None:
            return None
        return height - drop * ((row - eye[0]) ** 2 + (column - eye[1]) ** 2)

    def between(row, column):
        """Height at a point of a grid line, one of whose coordinates is whole."""
        r, c = math.floor(row), math.floor(column)
        part = (row - r) + (column - c)
        first = lowered(r, c)
        if part == 0:
            return first
        second = lowered(r + (row != r), c + (column != c))
        return None if None in {first, second} else first + (second - first) * part

    above = lowered(*eye) + eye_m
    ahead = [target[0] - eye[0], target[1] - eye[1]]
    shares = {Fraction(k, abs(d)) for d in ahead for k in range(1, abs(d))}
    met = [(t, between(eye[0] + ahead[0] * t, eye[1] + ahead[1] * t)) for t in shares]
    needs = [above + (height - above) / t for t, height in met if height is not None]
    foot = lowered(*target)
    unknown = foot is None or any(height is None for _, height in met)
    return max([need - (foot or 0) for need in needs] + [Fraction(0)]), unknown


def state(heights, eye, target, sight, cell_m):
    """1 seen, 0 hidden, −1 unknown, by the exact least height."""
    if target == eye:
        return 1
    apart = (target[0] - eye[0]) ** 2 + (target[1] - eye[1]) ** 2
    if apart * Fraction(cell_m) ** 2 > Fraction(min(sight.range_m, 1e9)) ** 2:
        return 0
    bend = (1 - Fraction(sight.refraction)) * sight.curved
    drop = bend * Fraction(cell_m) ** 2 / (2 * RADIUS_M)
    need, unknown = least(heights, eye, target, Fraction(sight.eye_m), drop)
    if heights[target[0]][target[1]] is None:
        return -1
    if need > Fraction(sight.target_m) + Fraction(1, 1_000_000):
        return 0
    return -1 if unknown else 1


@cache
def library():
    """GDAL of pyogrio's wheel, or None where pyogrio was built on another."""
    folder = Path(pyogrio.__file__).parent.parent / "pyogrio.libs"
    found = sorted(folder.glob("libgdal*"))
    if not found:
        return None
    lib = ctypes.CDLL(str(found[0]))
    for name in ("GDALOpen", "GDALGetRasterBand", "GDALViewshedGenerate"):
        getattr(lib, name).restype = ctypes.c_void_p
    lib.GDALVersionInfo.restype = ctypes.c_char_p
    lib.GDALAllRegister()
    return lib


def version():
    return library().GDALVersionInfo(b"RELEASE_NAME").decode()


def write(path, raster):
    """Write terrain as GDAL reads it."""
    rows, columns = raster.grid.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=1,
        dtype="float64",
        crs=raster.grid.crs.to_wkt(),
        transform=raster.grid.transform,
    ) as file:
        file.write(raster.values.astype(np.float64), 1)


def gdal(path, x, y, sight, *, heights=False):
    """GDAL's answer from one place: 1 seen, 0 not, or heights above datum; and its first cell.

    It passes the horizon on by the way it calls edge, as its command does by default. Its answer is
    cut to the square around the range; its Earth has the radius of the ellipsoid's equator.
    """
    lib = library()
    real, text = ctypes.c_double, ctypes.c_char_p
    source = ctypes.c_void_p(lib.GDALOpen(text(str(path).encode()), 0))
    band = ctypes.c_void_p(lib.GDALGetRasterBand(source, 1))
    far = 0.0 if math.isinf(sight.range_m) else sight.range_m
    bend = (1 - sight.refraction) * sight.curved
    numbers = (x, y, sight.eye_m, sight.target_m, 1.0, 0.0, 0.0, -1.0, bend)
    target = ctypes.c_void_p(
        lib.GDALViewshedGenerate(
            band,
            text(b"MEM"),
            text(b""),
            None,
            *(real(number) for number in numbers),
            ctypes.c_int(2),
            real(far),
            None,
            None,
            ctypes.c_int(2 if heights else 1),
            None,
        )
    )
    size = lib.GDALGetRasterYSize(target), lib.GDALGetRasterXSize(target)
    place = (ctypes.c_double * 6)()
    lib.GDALGetGeoTransform(target, place)
    out = np.empty(size, np.float64)
    lib.GDALRasterIO(
        ctypes.c_void_p(lib.GDALGetRasterBand(target, 1)),
        0,
        0,
        0,
        size[1],
        size[0],
        out.ctypes.data_as(ctypes.c_void_p),
        size[1],
        size[0],
        7,  # GDT_Float64
        0,
        0,
    )
    lib.GDALClose(target)
    lib.GDALClose(source)
    return out, place[0], place[3]
