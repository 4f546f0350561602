"""What a user's file is, told by its content and never by its name."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from geo.errors import FileError
from geo.formats import GEOPACKAGES
from geo.words import Text, said

START = 4096
KNOWN = "GeoPackage, Shapefile, GeoJSON, GeoTIFF, .hgt, KML/KMZ, CSV, XLSX, zip"
HGT_SIZES = {1201 * 1201 * 2: (1201, 1201), 3601 * 3601 * 2: (3601, 3601)}
REFUSED: Mapping[bytes, Text | str] = {
    b"SQLite format 3\x00": Text("SQLite 数据库，但不是 GeoPackage", "SQLite, but no GeoPackage"),
    b"fgb": "FlatGeobuf",
    b"PK\x05\x06": Text("空的 zip 压缩包", "empty zip"),
    b"Rar!": Text("RAR 压缩包", "RAR archive"),
    b"7z\xbc\xaf": Text("7-Zip 压缩包", "7-Zip archive"),
    b"\x1f\x8b": Text("gzip 压缩包", "gzip archive"),
    b"%PDF": "PDF",
    b"UHL1": "DTED",
    b"\x89HDF": "HDF5",
    b"CDF": "NetCDF",
    b"\x89PNG": Text("没有位置的 PNG 图片", "PNG picture without a place"),
    b"\xff\xd8\xff": Text("没有位置的 JPEG 图片", "JPEG picture without a place"),
    b"EHFA_HEADER_TAG": "ERDAS Imagine",
    b"AC10": "DWG",
}
DBASE = (0x03, 0x83, 0x30, 0xF5)
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
            Text(
                f"{name}：只读取本地文件；处理：先下载",
                f"{name}: only local files; remedy: download it first",
            )
        )
    if path.is_symlink():
        target = path.resolve()
        raise FileError(
            Text(
                f"{name}：是链接；处理：直接给出文件 {target}",
                f"{name}: is a link; remedy: name the file itself: {target}",
            )
        )
    if path.is_dir():
        raise FileError(
            Text(
                f"{name}：是文件夹；处理：给出其中的文件，文件地理数据库先导出为 GeoPackage",
                f"{name}: is a folder; remedy: name the file in it; "
                "a file geodatabase is exported as GeoPackage first",
            )
        )
    if not path.is_file():
        raise FileError(Text(f"{name}：没有此文件", f"{name}: no such file"))
    if path.stat().st_size == 0:
        raise FileError(
            Text(
                f"{name}：文件为空；处理：重新导出",
                f"{name}: the file is empty; remedy: export it again",
            )
        )
    return path.resolve()


def kind(path: Path) -> str:
    """Tell what a plain local file is.

    Returns
    -------
    str
        geopackage, shapefile, geojson, kml, zip, geotiff, hgt, csv or xlsx.

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
            raise _unsupported(path, name)
    if path.stat().st_size in HGT_SIZES and min(start) < 9:
        return "hgt"
    return _text(path, start)


def _unsupported(path: Path, what: Text | str) -> FileError:
    return _refused(path, Text(f"不支持：{said(what, 'zh')}", f"not supported: {said(what, 'en')}"))


def _refused(path: Path, why: Text) -> FileError:
    """Give the error of a file of a wrong kind, with the kinds that are read."""
    return FileError(
        Text(
            f"{path}：{why.zh}；处理：导出为以下格式之一：{KNOWN}",
            f"{path}: {why.en}; remedy: export it as one of {KNOWN}",
        )
    )


def _zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileError(
            Text(
                f"{path}：压缩包损坏：{error}；处理：重新压缩",
                f"{path}: the zip is damaged: {error}; remedy: zip it again",
            )
        ) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(name.startswith(("xl/", "word/", "ppt/")) for name in names):
        raise FileError(
            Text(
                f"{path}：是 Office 文件；处理：另存为 CSV（UTF-8）",
                f"{path}: an Office file; remedy: save it as CSV (UTF-8)",
            )
        )
    return "zip"


def _text(path: Path, start: bytes) -> str:
    """Tell text formats apart by how they begin."""
    if start.startswith(UTF16):
        start = start[: len(start) // 2 * 2].decode("utf-16", "ignore").encode()
    if b"\x00" in start:
        table = Text("dBase 表，其中没有图形", "a .dbf table, no shapes in it")
        binary = Text("二进制文件，其中没有图形", "binary, no shapes in it")
        raise _unsupported(path, table if start[0] in DBASE else binary)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"\x1e")):
        return "geojson"
    if text.startswith(b"["):
        raise _refused(path, Text("是 JSON 数组，不是 GeoJSON", "a JSON array, not GeoJSON"))
    if text.startswith(b"<"):
        return _xml(path, text)
    if re.search(rb"[\r\n]SECTION[\r\n.]", text):
        raise _unsupported(path, "DXF")
    return "csv"


def _xml(path: Path, text: bytes) -> str:
    low = text.lower()
    if b"vrtdataset" in low or b"ogrvrt" in low:
        raise _refused(
            path,
            Text(
                "拒绝虚拟数据集（VRT），它会读取其他文件",
                "a virtual data set (VRT) reads other files: refused",
            ),
        )
    if re.search(rb"<(\w+:)?kml[\s>]", low) or b"opengis.net/kml" in low or b"earth.google" in low:
        return "kml"
    page = b"<html" in low or b"<!doctype html" in low
    raise _unsupported(path, Text("网页", "a web page") if page else "XML")
