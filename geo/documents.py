"""Small files that people write, such as TOML and JSON: bounded, plain, refused in our own words.

What is no file is never opened: a pipe would wait, a device may answer without end. What a refused
document holds is not repeated, only where it is wrong: it may be a file nobody meant to show.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geo.errors import FileError
from geo.words import Text, alike

MOST = 1_000_000
"""Bytes of a document unless more is said; the longest script shipped has under 10 kB."""
DEEPEST = 64
"""Levels of lists and tables within each other; a GeoJSON of many polygons has ten."""
NO_FILES = (
    (stat.S_ISDIR, Text("是文件夹，应为文件", "a folder, not a file")),
    (stat.S_ISFIFO, Text("是管道，应为文件", "a pipe, not a file")),
    (stat.S_ISSOCK, Text("是套接字，应为文件", "a socket, not a file")),
    (stat.S_ISCHR, Text("是设备，应为文件", "a device, not a file")),
    (stat.S_ISBLK, Text("是设备，应为文件", "a device, not a file")),
)
FAULTS: tuple[tuple[type[OSError], Text], ...] = (
    (FileNotFoundError, Text("没有此文件", "no such file")),
    (NotADirectoryError, Text("没有此文件", "no such file")),
    (PermissionError, Text("无权读取", "may not be read")),
)
PLACE = re.compile(r"line (\d+),? column (\d+)")


def content(path: Path, *, most: int = MOST) -> bytes:
    """Read a file's bytes, no more than so many.

    Parameters
    ----------
    path
        A file; links to files are followed.
    most
        Bytes it may have.

    Raises
    ------
    FileError
        If there is none, it is a folder, pipe, socket or device, larger, or cannot be read.
    """
    try:
        _require_file(path.stat().st_mode)
        # Should it have become a pipe meanwhile, it does not wait for a writer.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            _require_file(os.fstat(stream.fileno()).st_mode)
            raw = stream.read(most + 1)
    except FileError:
        raise
    except (OSError, ValueError) as error:
        raise FileError(_fault(error)) from error
    if len(raw) > most:
        size = f"{most / 1_000_000:g} MB"
        raise FileError(Text(f"文件过大，超过 {size}", f"larger than {size}"))
    return raw


def _require_file(mode: int) -> None:
    for is_so, words in NO_FILES:
        if is_so(mode):
            raise FileError(words)


def _fault(error: OSError | ValueError) -> Text:
    """Say why a file could not be read; a path with a null character is no path."""
    for kind, words in FAULTS:
        if isinstance(error, kind):
            return words
    return alike(getattr(error, "strerror", "") or type(error).__name__)


def text(path: Path, *, most: int = MOST) -> str:
    """Read a file's text in UTF-8, a byte order mark left out.

    Raises
    ------
    FileError
        As `content`, or if it is not UTF-8.
    """
    try:
        return content(path, most=most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = error.start
        raise FileError(
            Text(f"不是 UTF-8 文字（第 {place} 字节）", f"not text in UTF-8 (byte {place})")
        ) from error


def toml_file(path: Path) -> dict[str, Any]:
    """Read a file of TOML.

    Raises
    ------
    FileError
        As `text` and `toml`, with the file.
    """
    try:
        return toml(text(path))
    except FileError as error:
        raise unread(path, error) from error


def unread(path: Path, error: FileError) -> FileError:
    """Name the file that cannot be read."""
    zh, en = (error.said(lang) for lang in ("zh", "en"))
    return FileError(Text(f"{path}：无法读取：{zh}", f"{path}: cannot be read: {en}"))


def toml(words: str) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    FileError
        If it is none, with the place, is nested deeper than `DEEPEST`, or has a number too long.

    Examples
    --------
    >>> toml("a = [1, 2]")
    {'a': [1, 2]}
    >>> toml("a = 1" + chr(10) + "b = secret")
    Traceback (most recent call last):
    geo.errors.FileError: not TOML: line 2, column 5
    """
    found: dict[str, Any] = _read(words, tomllib.loads, "TOML")
    return found


def json_of(words: str, *, kind: str = "JSON") -> Any:
    """Read JSON; NaN and infinities are none.

    Raises
    ------
    FileError
        As `toml`.

    Examples
    --------
    >>> json_of('{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    return _read(words, lambda one: json.loads(one, parse_constant=_no_number), kind)


def _read(words: str, read: Callable[[str], Any], kind: str) -> Any:
    try:
        found = read(words)
        require_shallow(found)
    except FileError:
        raise
    except RecursionError as error:
        raise FileError(TOO_DEEP) from error
    except ValueError as error:
        raise FileError(_misplaced(error, kind)) from error
    return found


def _misplaced(error: ValueError, kind: str) -> Text:
    """Say where a document stops being one; the parser's own words could repeat what it holds."""
    place = PLACE.search(str(error))
    if place:
        line, column = place.groups()
        return Text(
            f"不是 {kind}：第 {line} 行第 {column} 列", f"not {kind}: line {line}, column {column}"
        )
    if "digits" in str(error):
        return Text("数字过长", "a number is too long")
    return Text(f"不是 {kind}：至文件末尾", f"not {kind}: up to its end")


def require_shallow(found: Any) -> None:
    """Refuse lists and tables nested deeper than `DEEPEST`: what walks them would not come back.

    Raises
    ------
    FileError
        If they are.
    """
    level, depth = [found], 0
    while level:
        inner = [one for one in level if isinstance(one, list | dict)]
        depth += bool(inner)
        if depth > DEEPEST:
            raise FileError(TOO_DEEP)
        level = [part for one in inner for part in (one.values() if isinstance(one, dict) else one)]


def _no_number(words: str) -> float:
    raise FileError(Text(f"{words} 不是 JSON 数字", f"{words} is no JSON number"))


TOO_DEEP = Text(f"嵌套超过 {DEEPEST} 层", f"nested deeper than {DEEPEST} levels")
