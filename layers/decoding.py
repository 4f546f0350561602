"""Characters from bytes, strictly: text is read right or refused, never as mojibake."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from geo.errors import FileError
from geo.words import Text

CHINESE = {"936", "gbk", "gb2312", "gb18030", "cp936", "ms936"}
BIG5 = {"950", "big5", "cp950"}
GIVE = "--encoding GB18030 | UTF-8 | …"
AS_GB18030 = Text("按 GB18030 读取", "read as GB18030")
BEYOND_TWO_BYTES = "\u0800"
FEW = 20  # so few characters of a table can be UTF-8 by chance
PLAUSIBLE = 0.5  # share of GB 2312 among the characters of Chinese text; rare ones lie outside it


class Raw(NamedTuple):
    """Bytes, and the width of the place they stand in; 0 when it has none."""

    value: bytes
    width: int = 0


class Characters(NamedTuple):
    """What bytes say, and whether their end was cut off."""

    text: str
    cut: bool


@dataclass(frozen=True)
class Decoded:
    """A file's text, and what the user should know of its reading."""

    text: str
    warnings: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Encoding:
    """Python's name of an encoding, and what the user should know of its choice."""

    codec: str
    warnings: tuple[Text, ...] = ()


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


def decoded(raw: bytes, *, encoding: str = "", declared: str = "") -> Decoded:
    """Read a whole text file: by its byte order mark, then as UTF-8, then as GB18030, strictly.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        What the user says; then only that.
    declared
        What the file says of itself; it may be wrong, which is found where the bytes tell.

    Raises
    ------
    FileError
        If no reading is right beyond doubt.

    Examples
    --------
    >>> decoded("景宁".encode())
    Decoded(text='景宁', warnings=())
    >>> decoded("景宁".encode("gb18030")).warnings
    (Text(zh='按 GB18030 读取', en='read as GB18030'),)
    """
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if raw.startswith(mark):
            raw, encoding = raw[len(mark) :], codec
    encoded = chosen([Raw(raw)], declared=declared, encoding=encoding)
    return Decoded(read(Raw(raw), encoded.codec).text, encoded.warnings)


def chosen(values: Sequence[Raw], *, declared: str = "", encoding: str = "") -> Encoding:
    """Choose the encoding of values that share one.

    Parameters
    ----------
    values
        The bytes.
    declared
        What a file beside says (.cpg), or the file of itself; it may be wrong, which is found where
        the bytes tell.
    encoding
        What the user says; then only that.

    Raises
    ------
    FileError
        If no reading is right beyond doubt.
    """
    if encoding:
        return Encoding(_wanted(values, encoding))
    if all(raw.value.isascii() for raw in values):
        return Encoding("ascii")
    utf8, chinese = _texts(values, "utf-8"), _texts(values, "gb18030")
    if chinese is not None and not _plausible(chinese):
        chinese = None
    if not declared:
        return _guessed(values, utf8, chinese)
    codec = codec_named(declared)
    if not codec or codec.startswith("utf-16"):
        raise _unclear(
            Text(
                f"注明的编码不可用：{declared!r}",
                f"the encoding that is named is not usable: {declared!r}",
            )
        )
    if not _as_declared(values, codec, utf8, chinese):
        return _guessed(values, utf8, chinese, _untrue(declared))
    if codec in {"utf-8", "gb18030"}:
        return Encoding(codec)
    warning = Text(f"按注明的编码 {codec} 读取", f"read as {codec}, as is named beside it")
    return Encoding(codec, (warning,))


def _untrue(declared: str) -> Text:
    return Text(f"注明为 {declared}，与内容不符", f"said to be {declared}, the bytes are not")


def _unclear(words: Text) -> FileError:
    """Give the error of text that is not read right beyond doubt, with what to do."""
    return FileError(Text(f"{words.zh}；处理：{GIVE}", f"{words.en}; remedy: {GIVE}"))


def _two_readings(one: str, codec: str, chinese: str) -> FileError:
    first, second = f"{_shown(one)!r} ({codec})", f"{_shown(chinese)!r} (GB18030)"
    return _unclear(
        Text(f"编码不明，有两种读法：{first}、{second}", f"two readings: {first}, {second}")
    )


def _guessed(
    values: Sequence[Raw], utf8: str | None, chinese: str | None, *warnings: Text
) -> Encoding:
    """Choose UTF-8 where it can be read, else GB18030 where that makes sense."""
    if utf8 is not None:
        few = len(values) > 1 and sum(not c.isascii() for c in utf8) < FEW
        if few and chinese is not None and max(utf8) < BEYOND_TWO_BYTES:
            raise _two_readings(utf8, "UTF-8", chinese)
        return Encoding("utf-8", warnings)
    if chinese is None:
        raise _unclear(Text("编码不明，既非 UTF-8 也非 GB18030", "neither UTF-8 nor GB18030"))
    return Encoding("gb18030", (*warnings, AS_GB18030))


def read(raw: Raw, codec: str) -> Characters:
    """Decode strictly; a character cut in two by the end of a full field is left out.

    Raises
    ------
    UnicodeDecodeError
        If the bytes are something else.
    """
    value = raw.value
    try:
        return Characters(value.decode(codec), cut=False)
    except UnicodeDecodeError as error:
        full = len(value) == raw.width and error.end == len(value)
        if not full or len(value) - error.start >= 4:
            raise
        return Characters(value[: error.start].decode(codec), cut=True)


def _texts(values: Sequence[Raw], codec: str) -> str | None:
    """Give all values in one text, or None if one cannot be read."""
    try:
        text = "".join(read(raw, codec).text for raw in values)
    except UnicodeDecodeError:
        return None
    odd = any("\x7f" <= character <= "\x9f" for character in text)
    return None if odd and codec != "gb18030" else text


def _wanted(values: Sequence[Raw], encoding: str) -> str:
    codec = codec_named(encoding)
    if not codec:
        raise _unclear(Text(f"没有这种编码：{encoding!r}", f"no such encoding: {encoding!r}"))
    for raw in values:
        try:
            read(raw, codec)
        except (UnicodeDecodeError, LookupError) as error:
            raise _unclear(
                Text(f"不是 {encoding} 编码：{error}", f"not {encoding}: {error}")
            ) from error
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
        raise _two_readings(text, codec, chinese)
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
