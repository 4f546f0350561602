"""What a user's file is, told by its content and never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from geo.errors import FileError
from geo.formats import GEOPACKAGES

START = 4096
KNOWN = "GeoPackage, Shapefile, GeoJSON, GeoTIFF, .hgt, KML/KMZ, CSV, zip"
EXPORT = f"处理 remedy: 导出为以下格式之一 export it as one of {KNOWN}"
HGT_SIZES = {1201 * 1201 * 2: (1201, 1201), 3601 * 3601 * 2: (3601, 3601)}
REFUSED = {
    b"SQLite format 3\x00": "SQLite, but no GeoPackage",
    b"fgb": "FlatGeobuf",
    b"PK\x05\x06": "empty zip",
    b"Rar!": "RAR archive",
    b"7z\xbc\xaf": "7-Zip archive",
    b"\x1f\x8b": "gzip archive",
    b"%PDF": "PDF",
    b"UHL1": "DTED",
    b"\x89HDF": "HDF5",
    b"CDF": "NetCDF",
    b"\x89PNG": "PNG picture without a place",
    b"\xff\xd8\xff": "JPEG picture without a place",
    b"EHFA_HEADER_TAG": "ERDAS Imagine",
    b"AC10": "DWG",
}
TIFFS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def plain_file(path: Path) -> Path:
    """Give the absolute path of a plain local file, or say why it is none.

    Raises
    ------
    FileError
        If it is an address, a virtual path, a link, a folder, missing or empty.
    """
    name = str(path)
    if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]+:/", name) or name.startswith("/vsi"):
        raise FileError(
            f"{name}: 只读本地文件 only local files; 处理 remedy: 先下载 download it first"
        )
    if path.is_symlink():
        raise FileError(
            f"{name}: 是链接 is a link; 处理 remedy: 直接给出文件 name the file itself: "
            f"{path.resolve()}"
        )
    if path.is_dir():
        raise FileError(
            f"{name}: 是文件夹 is a folder; 处理 remedy: 给出其中的文件 name the file in it; "
            "a file geodatabase is exported as GeoPackage first"
        )
    if not path.is_file():
        raise FileError(f"{name}: 没有此文件 no such file")
    if path.stat().st_size == 0:
        raise FileError(
            f"{name}: 文件为空 the file is empty; 处理 remedy: 重新导出 export it again"
        )
    return path.resolve()


def kind(path: Path) -> str:
    """Tell what a plain local file is.

    Returns
    -------
    str
        geopackage, shapefile, geojson, kml, zip, geotiff, hgt or csv.

    Raises
    ------
    FileError
        Naming what it is instead, where known.
    """
    with path.open("rb") as stream:
        start = stream.read(START)
    if start[:16] == b"SQLite format 3\x00" and start[68:72] in GEOPACKAGES:
        return "geopackage"
    if start.startswith(b"\x00\x00\x27\x0a"):
        return "shapefile"
    if start.startswith(b"PK\x03\x04"):
        return _zip(path)
    if start.startswith(TIFFS):
        return "geotiff"
    for mark, name in REFUSED.items():
        if start.startswith(mark):
            raise FileError(f"{path}: 不支持 not supported: {name}; {EXPORT}")
    if path.stat().st_size in HGT_SIZES and min(start) < 9:
        return "hgt"
    return _text(path, start)


def _zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileError(
            f"{path}: 压缩包损坏 the zip is damaged: {error}; 处理 remedy: 重新压缩 zip it again"
        ) from error
    if any(name.startswith(("xl/", "word/", "ppt/")) for name in names):
        raise FileError(
            f"{path}: 是 Office 文件 an Office file; 处理 remedy: 另存为 CSV UTF-8 save it as CSV"
        )
    return "zip"


def _text(path: Path, start: bytes) -> str:
    """Tell text formats apart by how they begin."""
    if start.startswith(UTF16):
        return "csv"
    if b"\x00" in start:
        what = "dBase 表 a .dbf table" if start[0] in {0x03, 0x83, 0x30, 0xF5} else "二进制 binary"
        raise FileError(f"{path}: 不支持 not supported: {what}, no shapes in it; {EXPORT}")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"\x1e")):
        return "geojson"
    if text.startswith(b"["):
        raise FileError(f"{path}: JSON 数组 a JSON array, not GeoJSON; {EXPORT}")
    if text.startswith(b"<"):
        return _xml(path, text)
    if re.search(rb"[\r\n]SECTION[\r\n.]", text):
        raise FileError(f"{path}: 不支持 not supported: DXF; {EXPORT}")
    return "csv"


def _xml(path: Path, text: bytes) -> str:
    low = text.lower()
    if b"vrtdataset" in low or b"ogrvrt" in low:
        raise FileError(
            f"{path}: 虚拟数据集 a virtual data set (VRT) reads other files: refused; {EXPORT}"
        )
    if re.search(rb"<(\w+:)?kml[\s>]", low) or b"opengis.net/kml" in low or b"earth.google" in low:
        return "kml"
    what = "网页 a web page" if b"<html" in low or b"<!doctype html" in low else "XML"
    raise FileError(f"{path}: 不支持 not supported: {what}; {EXPORT}")
