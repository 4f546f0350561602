"""Zip archives, unpacked safely into a folder of our own."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from geo.errors import FileError, LimitError, Problem
from geo.words import Text
from layers.identify import kind

MOST_MEMBERS = 2_000
MOST_BYTES = 2_000_000_000
MOST_RATIO = 200  # deflate reaches about 1,000 on zeros only; GIS files reach 30
RATIO_FROM = 50_000_000  # a ratio is looked at from this size on
CHUNK = 1 << 20
UNPACK_IT = Text("解压后导入", "unpack it first")
DATA = {"geopackage", "shapefile", "geojson", "kml", "geotiff", "hgt", "csv", "xlsx"}
NO_DATA = {".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".xml", ".qmd", ".qpj", ".txt"}
NO_DATA |= {".png", ".jpg", ".jpeg", ".gif", ".dae", ".html", ".pdf", ".md", ".csvt", ".tfw"}


def unpack(path: Path, folder: Path) -> list[Path]:
    """Unpack a zip into a folder and give the data files found in it.

    Parameters
    ----------
    path
        The zip, or a KMZ.
    folder
        An empty folder; every folder of the zip becomes a numbered one below it.

    Returns
    -------
    list of Path
        Files that can be read, in the order of the zip; companions lie beside them.

    Raises
    ------
    FileError
        If it is damaged, encrypted, or holds links, absolute or climbing paths; all are listed.
    LimitError
        If it would unpack to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            _refuse_unsafe(path, members)
            return [one for one in _written(path, archive, members, folder) if _is_data(one)]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        if isinstance(error, LimitError):
            raise
        raise FileError(
            Text(
                f"{path}：压缩包损坏：{error}；处理：重新压缩",
                f"{path}: the zip is damaged: {error}; remedy: zip it again",
            )
        ) from error


def _refuse_unsafe(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise LimitError(
            Text(
                f"{path}：文件过多：{len(members)} 个，至多 {MOST_MEMBERS} 个",
                f"{path}: too many files: {len(members)}, at most {MOST_MEMBERS}",
            )
        )
    problems = [
        Problem(file=str(path), row=member.filename, found=fault, remedy=UNPACK_IT)
        for member in members
        for fault in _faults(member)
    ]
    if problems:
        refused = Text(f"{path}：拒绝此压缩包", f"{path}: the zip is refused")
        raise FileError(refused, problems=problems)


def _faults(member: zipfile.ZipInfo) -> Iterator[Text]:
    name = PurePosixPath(member.filename.replace("\\", "/"))
    if member.flag_bits & 0x1:
        yield Text("已加密", "encrypted")
    if stat.S_ISLNK(member.external_attr >> 16):
        yield Text("链接", "a link")
    if name.is_absolute() or any(":" in part for part in name.parts[:1]) or ".." in name.parts:
        yield Text("路径越出压缩包", "the path leads out of the zip")


def _written(
    path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path
) -> list[Path]:
    """Write every member below numbered folders, counting the bytes that really come."""
    places: dict[str, Path] = {}
    left, packed = MOST_BYTES, path.stat().st_size
    written = []
    for member in members:
        name = PurePosixPath(_name(member).replace("\\", "/"))
        place = places.setdefault(str(name.parent), folder / str(len(places)))
        place.mkdir(exist_ok=True)
        target = place / name.name
        if target.exists():
            raise FileError(
                Text(f"{path}：文件重名：{name}", f"{path}: two files of one name: {name}")
            )
        with archive.open(member) as source, target.open("wb") as sink:
            while chunk := source.read(CHUNK):
                left -= len(chunk)
                come = MOST_BYTES - left
                if left < 0 or (come > RATIO_FROM and come > MOST_RATIO * packed):
                    shutil.rmtree(folder)
                    raise LimitError(
                        Text(
                            f"{path}：解压后过大：{name}；处理：解压后导入所需文件",
                            f"{path}: unpacks to too much: {name}; "
                            "remedy: unpack it and import the one file",
                        )
                    )
                sink.write(chunk)
        written.append(target)
    return written


def _name(member: zipfile.ZipInfo) -> str:
    """Give a member's name; without the UTF-8 mark Chinese systems write GB18030."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return member.filename


def _is_data(path: Path) -> bool:
    if path.suffix.lower() in NO_DATA or path.name.startswith(".") or path.stat().st_size == 0:
        return False
    try:
        return kind(path) in DATA
    except FileError:
        return False
