"""GeoPackages of many shapes kept in a zip, which GDAL and QGIS open as they are (`.gpkg.zip`)."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import FileError
from geo.files import atomic
from geo.words import Text
from layers.unpack import unpack

ZIPPED = ".zip"
LEVEL = 9
EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(file: Path) -> Path:
    """Put a file into a zip beside it, and take the file away; same file, same bytes.

    The bytes are the same for one release of zlib, what is unpacked for every one.

    Parameters
    ----------
    file
        A file that is whole.

    Returns
    -------
    Path
        The zip, written whole or not at all.
    """
    target = file.with_name(file.name + ZIPPED)
    member = zipfile.ZipInfo(file.name, EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    with atomic(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(member, file.read_bytes(), compresslevel=LEVEL)
    file.unlink()
    return target


@contextmanager
def unpacked(file: Path) -> Iterator[Path]:
    """Give the one file of a zip, unpacked for as long as it is used; others come as they are.

    Raises
    ------
    FileError
        If the zip is damaged, unsafe, or holds something else than one data file.
    """
    if file.suffix != ZIPPED:
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(file, Path(folder))
        if len(files) != 1:
            raise FileError(
                Text(
                    f"{file}：应含一个数据文件，实有 {len(files)} 个",
                    f"{file}: expected one data file, found {len(files)}",
                )
            )
        yield files[0]
