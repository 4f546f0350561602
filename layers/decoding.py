"""Characters from bytes, strictly: text is read right or refused, never as mojibake."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import TypeAlias

from geo.errors import FileError

Raw: TypeAlias = tuple[bytes, int]
"""Bytes and the width of the place they stand in; 0 when it has none."""

CHINESE = {"936", "gbk", "gb2312", "gb18030", "cp936", "ms936"}
BIG5 = {"950", "big5", "cp950"}
GIVE = "处理 remedy: --encoding GB18030 | UTF-8 | …"
BEYOND_TWO_BYTES = "\u0800"
FEW = 20  # so few characters of a table can be UTF-8 by chance
PLAUSIBLE = 0.5  # share of GB 2312 among the characters of Chinese text; rare ones lie outside it


def codec_named(label: str) -> str:
    """Give Python's name of an encoding as .cpg files and people name it, or nothing.

    >>> codec_named("ANSI 936"), codec_named("UTF-8"), codec_named("88591"), codec_named("what")
    ('gb18030', 'utf-8', 'iso8859-1', '')
    """
    name = re.sub(r"^(ansi|oem|windows|cp)[ _-]+", "", label.strip().lower())
    name = name.replace("big-5", "big5")
    if name in CHINESE:
        return "gb18030"
    if name in BIG5:
        return "big5hkscs"
    if name == "65001":
        return "utf-8"
    part = re.fullmatch(r"8859[ _-]?(\d+)", name)
    if part:
        name = f"iso8859-{part[1]}"
    if re.fullmatch(r"\d{3,4}", name):
        name = f"cp{name}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def decoded(raw: bytes, *, encoding: str = "") -> tuple[str, list[str]]:
    """Read a whole text file: by its byte order mark, then as UTF-8, then as GB18030, strictly.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        What the user or the file itself says; then only that.

    Returns
    -------
    (str, list of str)
        The text and warnings.

    Raises
    ------
    FileError
        If no reading is right beyond doubt.

    Examples
    --------
    >>> decoded("景宁".encode())
    ('景宁', [])
    >>> decoded("景宁".encode("gb18030"))
    ('景宁', ['按 GB18030 读取 read as GB18030'])
    """
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if raw.startswith(mark):
            raw, encoding = raw[len(mark) :], codec
    codec, warnings = chosen([(raw, 0)], encoding=encoding)
    return read(raw, 0, codec)[0], warnings


def chosen(
    values: Sequence[Raw], *, declared: str = "", encoding: str = ""
) -> tuple[str, list[str]]:
    """Choose the encoding of values that share one.

    Parameters
    ----------
    values
        The bytes.
    declared
        What a file beside says (.cpg); it may be wrong, which is found where the bytes tell.
    encoding
        What the user says; then only that.

    Returns
    -------
    (str, list of str)
        Python's name of the encoding, and warnings.

    Raises
    ------
    FileError
        If no reading is right beyond doubt.
    """
    if encoding:
        return _wanted(values, encoding), []
    if all(value.isascii() for value, _ in values):
        return "ascii", []
    utf8, chinese = _texts(values, "utf-8"), _texts(values, "gb18030")
    if chinese is not None and not _plausible(chinese):
        chinese = None
    warnings = []
    if declared:
        codec = codec_named(declared)
        if not codec or codec.startswith("utf-16"):
            raise FileError(
                f".cpg 的编码不明 the .cpg names no usable encoding: {declared!r}; {GIVE}"
            )
        if _as_declared(values, codec, utf8, chinese):
            plain = codec in {"utf-8", "gb18030"}
            return codec, [] if plain else [f"按 .cpg 以 {codec} 读取 read as .cpg says"]
        warnings = [f".cpg 有误 the .cpg says {declared}, the bytes are not"]
    return _guessed(values, utf8, chinese, warnings)


def _guessed(
    values: Sequence[Raw], utf8: str | None, chinese: str | None, warnings: list[str]
) -> tuple[str, list[str]]:
    """Choose UTF-8 where it can be read, else GB18030 where that makes sense."""
    if utf8 is not None:
        few = len(values) > 1 and sum(not c.isascii() for c in utf8) < FEW
        if few and chinese is not None and max(utf8) < BEYOND_TWO_BYTES:
            raise FileError(
                f"编码不明 two readings: {_shown(utf8)!r} (UTF-8), "
                f"{_shown(chinese)!r} (GB18030); {GIVE}"
            )
        return "utf-8", warnings
    if chinese is None:
        raise FileError(f"编码不明 neither UTF-8 nor GB18030; {GIVE}")
    return "gb18030", [*warnings, "按 GB18030 读取 read as GB18030"]


def read(value: bytes, width: int, codec: str) -> tuple[str, bool]:
    """Decode strictly; a character cut in two by the end of a full field is left out.

    Returns
    -------
    (str, bool)
        The text, and whether something was cut.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are something else.
    """
    try:
        return value.decode(codec), False
    except UnicodeDecodeError as error:
        cut = len(value) == width and error.end == len(value) and len(value) - error.start < 4
        if not cut:
            raise
        return value[: error.start].decode(codec), True


def _texts(values: Sequence[Raw], codec: str) -> str | None:
    """Give all values in one text, or None if one cannot be read."""
    try:
        text = "".join(read(value, width, codec)[0] for value, width in values)
    except UnicodeDecodeError:
        return None
    odd = any("\x7f" <= character <= "\x9f" for character in text)
    return None if odd and codec != "gb18030" else text


def _wanted(values: Sequence[Raw], encoding: str) -> str:
    codec = codec_named(encoding)
    if not codec:
        raise FileError(f"没有这种编码 no such encoding: {encoding!r}; {GIVE}")
    for value, width in values:
        try:
            read(value, width, codec)
        except (UnicodeDecodeError, LookupError) as error:
            raise FileError(f"不是 not {encoding}: {error}; {GIVE}") from error
    return codec


def _as_declared(values: Sequence[Raw], codec: str, utf8: str | None, chinese: str | None) -> bool:
    """Say whether the declared encoding can be believed."""
    if codec == "utf-8":
        return utf8 is not None
    if utf8 is not None and max(utf8) >= BEYOND_TWO_BYTES:
        return False  # three-byte UTF-8 does not come about by chance
    text = _texts(values, codec)
    if codec in {"gb18030", "big5hkscs"}:
        return text is not None
    if text is not None and chinese is not None:
        raise FileError(
            f"编码不明 two readings: {_shown(text)!r} ({codec}), "
            f"{_shown(chinese)!r} (GB18030); {GIVE}"
        )
    return text is not None


def _plausible(text: str) -> bool:
    """Say whether a text is Chinese as people write it, and not bytes of something else."""
    foreign = [character for character in text if not character.isascii()]
    if any("\x80" <= c <= "\x9f" or "\ue000" <= c <= "\uf8ff" for c in foreign):
        return False
    known = sum(_in_gb2312(character) for character in foreign)
    return known >= PLAUSIBLE * len(foreign)


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _shown(text: str) -> str:
    """Give the first characters that tell readings apart."""
    return "".join(character for character in text if not character.isascii())[:8]
