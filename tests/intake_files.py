"""Files as users send them, good and broken, made byte by byte."""

import json
import re
import struct
import warnings
import zipfile

import numpy as np
import rasterio
from affine import Affine

SQUARE = [[119.5, 27.9], [119.6, 27.9], [119.6, 28.0], [119.5, 28.0], [119.5, 27.9]]
BOW_TIE = [[119.5, 27.9], [119.6, 28.0], [119.6, 27.9], [119.5, 28.0], [119.5, 27.9]]
NOWHERE = Affine.identity()
WGS84_PRJ = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
XIAN80_PRJ = WGS84_PRJ.replace("WGS_1984", "Xian_1980").replace("298.257223563", "298.257")


HAN = re.compile("[\u4e00-\u9fff]")
QUOTED = re.compile(r"'[^']*'|/\S*")


def told_twice(error):
    """Hold that an error speaks Chinese and English, each alone, but for what it quotes."""
    assert HAN.search(error.said("zh").split("\n", 1)[0]), error.said("zh")
    assert not HAN.search(QUOTED.sub("", error.said("en"))), error.said("en")
    for problem in error.problems:
        assert HAN.search(problem.said("zh")), problem
    return error


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(x, y):
    return {"type": "Point", "coordinates": [x, y]}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def geojson(path, *features, **members):
    content = {"type": "FeatureCollection", "features": list(features), **members}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def dbf(columns, records, *, count=None, language=0):
    """Give a .dbf: columns of (name, type, width), records of byte strings."""
    length = 1 + sum(width for _, _, width in columns)
    header = 32 + 32 * len(columns) + 1
    out = bytearray(
        struct.pack(
            "<B3BIHH17xB2x",
            3,
            125,
            1,
            1,
            len(records) if count is None else count,
            header,
            length,
            language,
        )
    )
    for name, kind, width in columns:
        raw = name if isinstance(name, bytes) else name.encode()
        out += struct.pack("<11sc4xBB14x", raw, kind.encode(), width, 0)
    out += b"\r"
    for record in records:
        deleted = record is None
        cells = [b""] * len(columns) if deleted else record
        out += b"*" if deleted else b" "
        out += b"".join(
            cell.ljust(width)[:width] for cell, (_, _, width) in zip(cells, columns, strict=True)
        )
    return bytes(out + b"\x1a")


def shapefile(folder, points, table, *, cpg=None, prj=WGS84_PRJ, stem="places"):
    """Write a Shapefile of points."""
    records = b"".join(
        struct.pack(">ii", number, 10) + struct.pack("<idd", 1, x, y)
        for number, (x, y) in enumerate(points, 1)
    )
    index = b"".join(struct.pack(">ii", 50 + 14 * n, 10) for n in range(len(points)))

    def header(length):
        return struct.pack(">i20xi", 9994, (100 + length) // 2) + struct.pack(
            "<ii8d", 1000, 1, 119, 27, 120, 29, 0, 0, 0, 0
        )

    path = folder / f"{stem}.shp"
    path.write_bytes(header(len(records)) + records)
    path.with_suffix(".shx").write_bytes(header(len(index)) + index)
    if table is not None:
        path.with_suffix(".dbf").write_bytes(table)
    for suffix, text in ((".cpg", cpg), (".prj", prj)):
        if text is not None:
            path.with_suffix(suffix).write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def names(*words, codec, width=30):
    """Give a table of one column of words in an encoding."""
    return dbf([("NAME", "C", width)], [[word.encode(codec)] for word in words])


def geotiff(path, values, *, crs="EPSG:4549", transform=None, nodata=None, **options):
    """Write a GeoTIFF of one or more bands."""
    bands = values if values.ndim == 3 else values[None]
    place = transform or Affine(30, 0, 460_000, 0, -30, 3_100_000)
    options |= {} if place == NOWHERE else {"transform": place}
    options |= {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    options |= {"dtype": bands.dtype, "crs": crs, "nodata": nodata}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", driver="GTiff", **options) as sink:
            sink.write(bands)
    return path


def hgt(path, *, voids=0):
    """Write an SRTM tile of 1201 × 1201: a plane that rises by a metre a row southwards."""
    values = np.repeat(np.arange(1201, dtype=">i2")[:, None], 1201, axis=1)
    values[:, :voids] = -32768
    path.write_bytes(values.tobytes())
    return path


def zipped(path, *files, **texts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"data/{file.name}")
        for name, text in texts.items():
            archive.writestr(name, text)
    return path
